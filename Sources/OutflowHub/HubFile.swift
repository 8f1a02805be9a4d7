// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// A whole hub as one JSON file: what `load` reads and `dump` writes.
///
/// ```
/// {"discovery": {...}, "api_roots": [{"path", "title", "max_content_length", "collections": [{"id", "title", "can_read",
///  "can_write", "media_types", "objects": [{"date_added", "object"}]}]}], "users": [{"name", "password", "read": [...],
///  "write": [...]}]}
/// ```
///
/// Also read and written: `description`, `alias`, `contact`; `deleted` of a collection, its tombstones; `password_hash`
/// of a user in place of `password`, which a hub does not know; `admin`; `certificate`, the SHA-256 of a client
/// certificate; `tokens`, of which a hub knows hashes. `read` and `write` list collection ids, or `*`.
public struct HubFile {
    let database: SQLiteConnection
    let index: ObjectIndex
    /// What hashing a password costs.
    var cost = PasswordHash.Cost.interactive
    /// What was loaded.
    private(set) var summary = Summary()

    private let parser = JSONParser(limit: 64 << 20)

    init(database: SQLiteConnection, index: ObjectIndex) {
        self.database = database
        self.index = index
    }

    /// Counts of what a load brought.
    public struct Summary: Sendable, Equatable {
        /// API roots, collections, users and objects in the file.
        public var roots = 0, collections = 0, users = 0, objects = 0
        /// Tokens of these users.
        public var tokens = 0
        /// Objects that the hub had already.
        public var present = 0
        /// Objects that had been deleted there, and stay so.
        public var deleted = 0
    }

    /// Loads a file's text into the database, beside what is there; all of it or, if it throws, nothing.
    mutating func load(_ text: Bytes, _ note: (Summary) throws -> Void = { _ in }) throws {
        try database.run("BEGIN IMMEDIATE")
        do {
            try index.names.catchUp(database)
            try read(text)
            try Catalogue.touch(database)
            try note(summary)
            try database.run("COMMIT")
        } catch {
            try? database.run("ROLLBACK")
            throw error
        }
    }

    private mutating func read(_ text: Bytes) throws {
        let file = try Node(text, "the file", .object)
        let members = try file.members(known: ["discovery", "api_roots", "users"])
        if let node = members["discovery"] { try discovery(node) }
        try members["api_roots"]?.elements { try root($0) }
        // Behind the collections that they may use.
        if let users = members["users"] {
            let accounts = HubAccounts(database: database)
            // Two users may change certificates with each other.
            try users.elements {
                let members = try $0.members(known: ["name"])
                try accounts.forgetCertificate(of: try $0.need("name", members).string(parser))
            }
            try users.elements { try user($0) }
        }
        try resolveDefault()
    }

    private func discovery(_ node: Node) throws {
        let set = try database.statement(
            "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        for (name, node) in try node.members(known: ["title", "description", "contact", "default"]) {
            if let text = try node.optionalString(parser) {
                try set.bind(.text("discovery.\(name)"), .text(text)).run()
            }
        }
    }

    /// The file names the default root by a URL of the server that it comes from: what counts is its path.
    private func resolveDefault() throws {
        guard
            let url = try database.statement("SELECT value FROM setting WHERE name = 'discovery.default'").bind([])
                .first({ $0.text(0) })
        else { return }
        let path = url.split(separator: "/").dropFirst(url.contains("://") ? 2 : 0).joined(separator: "/")
        try database.statement("UPDATE setting SET value = ?1 WHERE name = 'discovery.default'").bind(.text(path)).run()
    }

    private mutating func root(_ node: Node) throws {
        let members = try node.members(known: ["path", "title", "description", "max_content_length", "collections"])
        let pathNode = try node.need("path", members)
        let path: String
        do { path = try RootPath.normalise(try pathNode.string(parser)) } catch let problem as RootPath.Refusal {
            throw pathNode.failure(problem.reason)
        }
        let title = try members["title"]?.string(parser) ?? path
        let length = try members["max_content_length"]?.count(parser) ?? APIRoot.defaultContentLength
        guard length > 0 else { throw node.failure("max_content_length must be above zero") }
        try database.statement(
            """
            INSERT INTO root (path, title, description, max_content_length) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (path) DO UPDATE SET title = excluded.title, description = excluded.description,
                max_content_length = excluded.max_content_length
            """
        ).bind(.text(path), .text(title), .text(try members["description"]?.optionalString(parser)), .integer(length))
            .run()
        let key = try database.statement("SELECT root FROM root WHERE path = ?1").bind(.text(path)).first {
            $0.integer(0)
        }
        summary.roots += 1
        try members["collections"]?.elements { try collection($0, root: key ?? 0) }
    }

    private mutating func collection(_ node: Node, root: Int64) throws {
        let members = try node.members(known: [
            "id", "title", "description", "alias", "can_read", "can_write", "media_types", "objects", "deleted",
        ])
        let id = try node.need("id", members).string(parser)
        guard !id.isEmpty, !id.contains("/") else { throw node.failure("the id is empty or has a slash") }
        var types: [String] = []
        try members["media_types"]?.elements { types.append(try $0.string(parser)) }
        try database.statement(
            """
            INSERT INTO collection (root, id, title, description, alias, can_read, can_write, media_types)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (root, id) DO UPDATE SET title = excluded.title, description = excluded.description,
                alias = excluded.alias, can_read = excluded.can_read, can_write = excluded.can_write,
                media_types = excluded.media_types
            """
        ).bind(
            .integer(root), .text(id), .text(try members["title"]?.string(parser) ?? id),
            .text(try members["description"]?.optionalString(parser)),
            .text(try members["alias"]?.optionalString(parser)),
            .flag(try members["can_read"]?.flag(parser) ?? true), .flag(try members["can_write"]?.flag(parser) ?? true),
            .text(types.filter { !$0.contains("\n") }.joined(separator: "\n"))
        ).run()
        let find = try database.statement("SELECT collection FROM collection WHERE root = ?1 AND id = ?2")
        let key = try find.bind(.integer(root), .text(id)).first { $0.integer(0) } ?? 0
        summary.collections += 1
        let writer = ObjectWriter(database: database, index: index)
        try members["deleted"]?.elements { try tombstone($0, key, writer) }
        let heedsTombstones = try writer.hasTombstones(key)
        var date = try writer.nextDate(key, now: Clock.now())
        try members["objects"]?.elements { try object($0, key, writer, heedsTombstones, &date) }
    }

    private mutating func object(
        _ node: Node, _ collection: Int64, _ writer: ObjectWriter, _ heedsTombstones: Bool, _ date: inout Int64
    ) throws {
        let members = try node.members(known: ["date_added", "object"])
        let text = try node.need("object", members)
        var added = date
        if let given = try members["date_added"]?.optionalString(parser) {
            guard let time = withBytes(of: given, { Timestamp(iso8601: $0) }) else {
                throw node.failure("date_added is not a time in RFC 3339")
            }
            added = time.microseconds
        } else {
            date += 1
        }
        let facts: ObjectFacts
        do { facts = try ObjectFacts(try text.parsed(parser)) } catch let refusal as ObjectFacts.Refusal {
            throw text.failure(refusal.reason)
        }
        let outcome = try writer.add(
            facts, text: UnsafeRawBufferPointer(start: text.text.start, count: text.text.count), collection: collection,
            kind: try writer.kind(facts.id.type), date: added, heedsTombstones: heedsTombstones)
        summary.objects += 1
        switch outcome {
        case .added: break
        case .present: summary.present += 1
        case .deleted: summary.deleted += 1
        }
    }

    private func tombstone(_ node: Node, _ collection: Int64, _ writer: ObjectWriter) throws {
        let members = try node.members(known: ["id", "version", "spec_version", "older", "date_deleted"])
        let idText = try node.need("id", members).string(parser)
        let version = try members["version"]?.optionalString(parser) ?? ""
        let spec = try members["spec_version"]?.string(parser) ?? "2.1"
        guard let id = withBytes(of: idText, { ObjectID($0) }), let spec = SpecVersion.parse(Substring(spec)),
            let version = version.isEmpty ? "" : withBytes(of: version, { VersionText.canonical($0) }),
            let date = withBytes(of: try node.need("date_deleted", members).string(parser), { Timestamp(iso8601: $0) })
        else { throw node.failure("not a tombstone: id, version, spec_version, older, date_deleted") }
        try database.statement("INSERT OR IGNORE INTO tombstone VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)").bind(
            .integer(collection), .integer(try writer.kind(id.type)), .bytes(id.uuid), .integer(spec), .text(version),
            .flag(try members["older"]?.flag(parser) ?? false), .integer(date.microseconds)
        ).run()
    }

    private mutating func user(_ node: Node) throws {
        let members = try node.members(known: [
            "name", "password", "password_hash", "read", "write", "admin", "certificate", "tokens",
        ])
        let name = try node.need("name", members).string(parser)
        guard !name.isEmpty, !name.contains(":") else { throw node.failure("the name is empty or has a colon") }
        let stored: String
        if let given = members["password"], let password = try given.optionalString(parser) {
            guard !password.isEmpty else { throw given.failure("the password is empty: anybody could sign in") }
            stored = try PasswordHash.make(password, cost: cost)
        } else {
            let given = try node.need("password_hash", members, or: "password")
            stored = try given.string(parser)
            guard PasswordHash.isHash(stored) else { throw given.failure("password_hash is not of Argon2id") }
        }
        let accounts = HubAccounts(database: database)
        var certificate: String?
        if let given = members["certificate"], let text = try given.optionalString(parser) {
            guard let fingerprint = Fingerprint.normalise(text) else {
                throw given.failure(
                    "not the SHA-256 of a certificate, which has 64 hexadecimal digits, with colons or without; "
                        + "openssl x509 -noout -fingerprint -sha256 -in FILE prints it")
            }
            if let other = try accounts.owner(ofCertificate: fingerprint), other != name {
                throw given.failure("user '\(other)' has this certificate: it can sign in one only")
            }
            certificate = fingerprint
        }
        let account = try accounts.put(
            name: name, passwordHash: stored, isAdmin: try members["admin"]?.flag(parser) ?? false,
            grants: try grants(members), certificate: certificate)
        summary.users += 1
        try members["tokens"]?.elements { try token($0, account) }
    }

    private mutating func token(_ node: Node, _ account: Int64) throws {
        let members = try node.members(known: ["token_hash", "label", "expires", "read", "write"])
        guard let hash = Base64.decode(try node.need("token_hash", members).string(parser)), hash.count == 32,
            let expires = withBytes(
                of: try node.need("expires", members).string(parser), { Timestamp(iso8601: $0) })
        else { throw node.failure("not a token: token_hash, label, expires, read, write") }
        let isTaken = try HubAccounts(database: database).put(
            token: hash, of: account, label: try members["label"]?.string(parser) ?? "", expires: expires.microseconds,
            grants: try grants(members))
        guard !isTaken else { throw node.failure("another account has this token") }
        summary.tokens += 1
    }

    /// What `read` and `write` name, which must exist.
    private func grants(_ members: [String: Node]) throws -> [String: Rights] {
        let accounts = HubAccounts(database: database)
        var grants: [String: Rights] = [:]
        for (name, right) in [("read", \Rights.canRead), ("write", \Rights.canWrite)] {
            try members[name]?.elements { node in
                let text = try node.string(parser)
                guard let subject = try accounts.subject(text) else {
                    throw node.failure("there is no collection '\(text)': name one by its id, or * for all")
                }
                grants[subject, default: .none][keyPath: right] = true
            }
        }
        return grants
    }
}

/// Paths of API roots: parts between slashes, none of which the hub keeps for itself.
enum RootPath {
    private static let reserved: Set<String> = ["taxii2", "hub", "health", "metrics", "web"]

    /// Why a path cannot be used.
    struct Refusal: Error { let reason: String }

    static func normalise(_ path: String) throws(Refusal) -> String {
        let parts = path.split(separator: "/").map(String.init)
        guard !parts.isEmpty, !parts.contains("."), !parts.contains("..") else {
            throw Refusal(reason: "'\(path)' is no path for an API root: name one such as api1")
        }
        guard parts.count > 1 || !reserved.contains(parts[0]) else {
            throw Refusal(reason: "the hub keeps the path '\(path)' for itself: name another")
        }
        return parts.joined(separator: "/")
    }
}
