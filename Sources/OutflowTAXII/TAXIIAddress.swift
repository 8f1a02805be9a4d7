// SPDX-License-Identifier: Apache-2.0

/// An address that the user gave for a server: `https://host:port/path/`.
public struct TAXIIAddress: Sendable, Hashable, CustomStringConvertible {
    /// `https`, or `http` if that was allowed.
    public let scheme: String
    /// Host and port as they stand in the URL.
    public let authority: String
    /// The path, with a slash at both ends.
    public let path: String

    /// Reads an address.
    ///
    /// - Parameters:
    ///   - text: a URL.
    ///   - mayBePlain: whether passwords and objects may go over the network unencrypted. This machine's own
    ///     addresses are no network.
    /// - Throws: ``TAXIIFailure`` for anything that is not plainly an address.
    public init(_ text: String, mayBePlain: Bool = false) throws {
        func refuse(_ why: String) -> TAXIIFailure { TAXIIFailure("'\(text.prefix(200))' cannot be used: \(why)") }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw refuse("an address looks like https://hub.example.org/taxii2/")
        }
        scheme = text[..<colon].lowercased()
        let rest = text[colon...].dropFirst(3)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        authority = String(rest[..<slash]).lowercased()
        var path = slash == rest.endIndex ? "/" : String(rest[slash...])
        if !path.hasSuffix("/") { path += "/" }
        self.path = path
        guard text.utf8.count <= 2_000, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C })
        else { throw refuse("it holds what no address holds") }
        guard !authority.contains("@") else { throw refuse("leave name and password out of it: --user NAME") }
        guard !path.contains("?"), !path.contains("#") else { throw refuse("leave out what follows the path") }
        guard !authority.isEmpty, !authority.hasPrefix(":") else { throw refuse("it names no host") }
        guard scheme == "https" || scheme == "http" else { throw refuse("only https and http are spoken") }
        guard scheme == "https" || mayBePlain || isLoopback else {
            throw refuse("without TLS others can read along; use https, or --insecure")
        }
    }

    private init(scheme: String, authority: String, path: String) {
        self.scheme = scheme
        self.authority = authority
        self.path = path
    }

    private var isLoopback: Bool {
        let host = authority.hasPrefix("[") ? authority : String(authority.prefix { $0 != ":" })
        return host == "localhost" || host == "[::1]" || host.hasPrefix("[::1]:")
            || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
    }

    /// The address as text.
    public var description: String { "\(scheme)://\(authority)\(path)" }

    /// The address of a resource below this one.
    public func appending(_ parts: String...) -> TAXIIAddress {
        let path = parts.reduce(path) { $0 + TAXIIQuery.encode($1) + "/" }
        return TAXIIAddress(scheme: scheme, authority: authority, path: path)
    }

    /// The API root of a collection's address (TAXII 2.1, section 1.6.3: `{api-root}/collections/{id}/`).
    public func root() throws -> TAXIIAddress {
        let parts = path.split(separator: "/")
        guard parts.count >= 3, parts[parts.count - 2] == "collections" else {
            throw TAXIIFailure(
                "\(self) is no collection's address; `outflow taxii collections` lists those that look like "
                    + "https://host/root/collections/ID/")
        }
        let root = parts.dropLast(2).map { "/\($0)" }.joined() + "/"
        return TAXIIAddress(scheme: scheme, authority: authority, path: root)
    }

    /// Whether another address is at the same server: what we prove who we are to.
    public func hasSameOrigin(as other: TAXIIAddress) -> Bool { scheme == other.scheme && authority == other.authority }
}

/// The query of a request.
struct TAXIIQuery {
    private(set) var text = ""

    mutating func add(_ name: String, _ value: String) {
        text += "\(text.isEmpty ? "?" : "&")\(Self.encode(name))=\(Self.encode(value))"
    }

    /// Percent-encodes all but unreserved characters (RFC 3986, section 2.3).
    static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default:
                bytes.append(contentsOf: "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
