// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension Catalogue {
    /// Reads the catalogue as one snapshot.
    init(_ database: SQLiteConnection) throws {
        self = try database.transaction("BEGIN") { try Catalogue(inside: database) }
    }

    /// The number that counts changes of the catalogue.
    static func generation(_ database: SQLiteConnection) throws -> Int64 {
        try database.statement("SELECT value FROM setting WHERE name = 'generation'").first { $0.integer(0) } ?? 0
    }

    /// Notes that the catalogue changed; part of the transaction that changes it.
    static func touch(_ database: SQLiteConnection) throws {
        try database.statement(
            "INSERT INTO setting VALUES ('generation', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
        ).bind([]).run()
    }

    /// Reads the catalogue inside a transaction that has begun.
    init(inside database: SQLiteConnection) throws {
        generation = try Catalogue.generation(database)
        let settings = try database.statement("SELECT value FROM setting WHERE name = ?1")
        func setting(_ name: String) throws -> String? { try settings.bind(.text(name)).first { $0.text(0) } }
        discovery = Discovery(
            title: try setting("discovery.title") ?? Discovery().title,
            description: try setting("discovery.description"), contact: try setting("discovery.contact"),
            defaultRoot: try setting("discovery.default"))
        var pathOfRoot: [Int64: String] = [:]
        try database.statement("SELECT root, path, title, description, max_content_length FROM root").bind([]).each {
            let path = $0.text(1)
            pathOfRoot[$0.integer(0)] = path
            roots[path] = APIRoot(
                key: $0.integer(0), path: path, title: $0.text(2), description: $0.optionalText(3),
                maxContentLength: Int($0.integer(4)))
        }
        try database.statement(
            """
            SELECT collection, root, id, title, description, alias, can_read, can_write, media_types
            FROM collection ORDER BY collection
            """
        ).bind([]).each {
            guard let path = pathOfRoot[$0.integer(1)] else { return }
            roots[path]?.collections.append(
                TAXIICollection(
                    key: $0.integer(0), id: $0.text(2), title: $0.text(3), description: $0.optionalText(4),
                    alias: $0.optionalText(5), canRead: $0.integer(6) != 0, canWrite: $0.integer(7) != 0,
                    mediaTypes: $0.text(8).split(separator: "\n").map(String.init)))
        }
        var nameOfAccount: [Int64: String] = [:]
        try database.statement("SELECT account, name, password, is_admin, certificate FROM account").bind([]).each {
            let name = $0.text(1)
            nameOfAccount[$0.integer(0)] = name
            accounts[name] = Account(
                key: $0.integer(0), name: name, passwordHash: $0.text(2), isAdmin: $0.integer(3) != 0, grants: [:],
                certificate: $0.optionalText(4))
            if let certificate = $0.optionalText(4) { certificates[certificate] = name }
        }
        try database.statement("SELECT account, subject, can_read, can_write FROM grant_").bind([]).each {
            guard let name = nameOfAccount[$0.integer(0)] else { return }
            accounts[name]?.grants[$0.text(1)] = Rights(canRead: $0.integer(2) != 0, canWrite: $0.integer(3) != 0)
        }
        try database.statement("SELECT token, account, expires, label FROM token").bind([]).each {
            guard let name = nameOfAccount[$0.integer(1)] else { return }
            tokens[Array($0.bytes(0))] = Token(
                account: name, grants: [:], expires: $0.integer(2), label: $0.text(3))
        }
        try database.statement("SELECT token, subject, can_read, can_write FROM token_grant").bind([]).each {
            tokens[Array($0.bytes(0))]?.grants[$0.text(1)] = Rights(
                canRead: $0.integer(2) != 0, canWrite: $0.integer(3) != 0)
        }
    }
}
