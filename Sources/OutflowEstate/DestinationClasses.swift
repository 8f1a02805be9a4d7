// SPDX-License-Identifier: Apache-2.0

/// What kind of service a destination is. Raw values are those of reports and of `outflow.yaml`.
public enum DestinationClass: String, Sendable, Hashable, CaseIterable {
    /// Keeps files for their owner: drives and object stores.
    case cloudStorage = "cloud-storage"
    /// Passes single files to others, most often without an account.
    case fileSharing = "file-sharing"
    case mail, messaging
    case videoCall = "video-call"
    /// Office, notes and project boards shared by a group.
    case collaboration
    case socialMedia = "social-media"
    case codeHosting = "code-hosting"
    /// Shows pasted text to whoever knows its address.
    case paste
    /// Lets somebody see or steer a machine from afar.
    case remoteAccess = "remote-access"
    /// Makes a machine inside reachable from outside, or calls back whoever asks.
    case tunnel
    case vpn
    /// Answers DNS queries over HTTPS or TLS, past the organisation's own resolver.
    case encryptedDNS = "encrypted-dns"
    case contentDelivery = "content-delivery"
    /// Rented machines and web sites of anyone.
    case cloudHosting = "cloud-hosting"
    case softwareUpdate = "software-update"
    /// Answers prompts; what is asked goes there too.
    case assistant
    case unknown
}

/// Which domains belong to which kind of service: the project's own table, and rows that users add.
public struct DestinationClasses: Sendable, Hashable {
    /// A row of the table.
    public struct Row: Sendable, Hashable {
        /// The domain in lower case; its subdomains belong to it, unless they have rows of their own.
        public var domain: String
        /// What kind of service it is.
        public var kind: DestinationClass
        /// What people call the service.
        public var service: String

        /// A row of its cells.
        public init(_ domain: String, _ kind: DestinationClass, _ service: String) {
            self.domain = domain
            self.kind = kind
            self.service = service
        }
    }

    private static let standardRows = Dictionary(standard.map { ($0.domain, $0) }, uniquingKeysWith: { $1 })
    private var added: [String: Row] = [:]

    /// The project's own table.
    public init() {}

    /// Adds a row, which goes before one for the same domain that was there.
    public mutating func add(_ row: Row) {
        added[DomainName.normalised(row.domain)] = row
    }

    /// The row with the longest domain that is `name` or a parent of it; nil if there is none.
    public func row(of name: String) -> Row? {
        let name = DomainName.normalised(name)
        var rest = Substring(name)
        while true {
            let domain = String(rest)
            if let row = added[domain] ?? Self.standardRows[domain] { return row }
            guard let dot = rest.firstIndex(of: ".") else { return nil }
            rest = rest[rest.index(after: dot)...]
        }
    }

    /// The class of a destination's name: ``DestinationClass/unknown`` where the table has nothing.
    public func kind(of name: String) -> DestinationClass { row(of: name)?.kind ?? .unknown }
}
