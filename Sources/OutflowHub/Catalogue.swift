// SPDX-License-Identifier: Apache-2.0

/// What the hub offers to whom: discovery, API roots with their collections, accounts. A snapshot of the database.
struct Catalogue: Sendable {
    /// Counts changes; a snapshot with the database's number is fresh.
    var generation: Int64 = 0
    /// Discovery as it was loaded.
    var discovery = Discovery()
    /// By path, without slashes at the ends.
    var roots: [String: APIRoot] = [:]
    /// By name.
    var accounts: [String: Account] = [:]
    /// By hash of the token.
    var tokens: [[UInt8]: Token] = [:]
    /// Names of accounts by the SHA-256 of their client certificates, in hexadecimal digits.
    var certificates: [String: String] = [:]

    /// The API roots in which `account` has any right, in order of their paths.
    func roots(for account: Account) -> [APIRoot] {
        roots.values.filter { root in account.isAdmin || root.collections.contains { account.hasAnyRight(in: $0) } }
            .sorted { $0.path < $1.path }
    }
}

/// The words of the discovery resource (TAXII 2.1, section 4.1.1).
struct Discovery: Sendable {
    var title = "Outflow hub"
    var description: String?
    var contact: String?
    /// Path of the default API root; nil if there is none.
    var defaultRoot: String?
}

/// An API root (TAXII 2.1, section 4.2.1): one group of members who share collections.
struct APIRoot: Sendable {
    /// Longest body that is read unless the root says otherwise.
    static let defaultContentLength = 100 << 20

    var key: Int64
    var path: String
    var title: String
    var description: String?
    var maxContentLength: Int
    /// In the order in which they were made.
    var collections: [TAXIICollection] = []
}

/// A collection (TAXII 2.1, section 5.2.1).
struct TAXIICollection: Sendable {
    var key: Int64
    /// A UUID.
    var id: String
    var title: String
    var description: String?
    var alias: String?
    /// Whether anybody may read, write: what an account may is this and its own right.
    var canRead: Bool
    var canWrite: Bool
    var mediaTypes: [String]

    /// Whether a URL that names a collection so means this one: by its id, whatever the case of its letters, or alias.
    func isCalled(_ name: String) -> Bool { id.lowercased() == name.lowercased() || alias == name }

    /// Whether objects of the specification version may be added: one of the media types names it, or none is for STIX.
    func takes(spec: Int) -> Bool {
        let stix = mediaTypes.filter { $0.hasPrefix("application/stix+json") }
        return stix.isEmpty
            || stix.contains { !$0.contains("version=") || $0.hasSuffix("version=\(SpecVersion.format(spec))") }
    }
}

/// What one may do in a collection.
struct Rights: Equatable, Sendable {
    var canRead: Bool
    var canWrite: Bool

    static let none = Rights(canRead: false, canWrite: false)
    static let all = Rights(canRead: true, canWrite: true)
}

/// Somebody who may sign in.
struct Account: Sendable {
    var key: Int64
    var name: String
    /// As ``PasswordHash`` writes it.
    var passwordHash: String
    /// Whether the account may see the pages for people, and what all others did.
    var isAdmin: Bool
    /// By collection id; `*` stands for all.
    var grants: [String: Rights]
    /// SHA-256 of the client certificate that signs the account in, in hexadecimal digits.
    var certificate: String?
    /// What a token leaves of the grants; nil if it is no token that was shown.
    var scope: [String: Rights]?

    /// What the account may do in the collection: its grant, as far as the collection allows it at all.
    func rights(in collection: TAXIICollection) -> Rights {
        let own = Self.find(collection, in: grants)
        let left = scope.map { Self.find(collection, in: $0) } ?? .all
        return Rights(
            canRead: collection.canRead && own.canRead && left.canRead,
            canWrite: collection.canWrite && own.canWrite && left.canWrite)
    }

    private static func find(_ collection: TAXIICollection, in grants: [String: Rights]) -> Rights {
        let each = grants[collection.id] ?? .none
        let every = grants["*"] ?? .none
        return Rights(canRead: each.canRead || every.canRead, canWrite: each.canWrite || every.canWrite)
    }

    /// Whether the account was granted anything in the collection, be the collection closed or not.
    func hasAnyRight(in collection: TAXIICollection) -> Bool {
        let left = scope.map { Self.find(collection, in: $0) } ?? .all
        return Self.find(collection, in: grants) != .none && left != .none
    }
}

/// A secret that signs an account in for a program, with no more rights than it names, until it expires.
struct Token: Sendable {
    var account: String
    var grants: [String: Rights]
    var expires: Int64
    /// What it is for.
    var label = ""
}
