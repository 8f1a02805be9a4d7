// SPDX-License-Identifier: Apache-2.0

import CSodium
import OutflowRecords

/// Who did what, when, from where, and how the hub answered.
public struct AuditEntry: Sendable, Equatable {
    /// When.
    public var at: Timestamp
    /// Name of the account; of a failed sign-in the name that was tried; empty if there was none.
    public var actor: String
    /// Address that it came from; empty for what an operator does on the machine itself.
    public var peer: String
    /// What was done: `objects.read`, `objects.add`, `object.delete`, `hub.load` and so on.
    public var action: String
    /// To what: path of an API root, id of a collection, of an object.
    public var subject: String
    /// HTTP status of the answer; 0 for what an operator does.
    public var status: Int
    /// Objects that were read, added or deleted.
    public var count: Int
}

/// The audit log: a table to which rows are only added, each sealed with a hash of all before it.
///
/// A row's hash is BLAKE2b-256 over the hash of the row before and the row's own values, each with its length. Whoever
/// changes, removes or inserts a row must change all later hashes too: keep the last one elsewhere, and that shows.
enum AuditLog {
    static let hashLength = 32

    /// Adds rows, inside a transaction.
    static func append(_ entries: [AuditEntry], to database: SQLiteConnection) throws {
        guard !entries.isEmpty else { return }
        var last =
            try database.statement("SELECT hash FROM audit ORDER BY entry DESC LIMIT 1").bind([])
            .first { Array($0.bytes(0)) } ?? Array(repeating: 0, count: hashLength)
        let insert = try database.statement("INSERT INTO audit VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
        for entry in entries {
            last = hash(entry, after: last)
            try insert.bind(
                .integer(entry.at.microseconds), .text(entry.actor), .text(entry.peer), .text(entry.action),
                .text(entry.subject), .integer(entry.status), .integer(entry.count), .bytes(last)
            ).run()
        }
    }

    static func hash(_ entry: AuditEntry, after last: [UInt8]) -> [UInt8] {
        var input = last
        let values = [
            String(entry.at.microseconds), entry.actor, entry.peer, entry.action, entry.subject, String(entry.status),
            String(entry.count),
        ]
        for value in values {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: value.utf8.count).littleEndian) {
                input.append(contentsOf: $0)
            }
            input.append(contentsOf: value.utf8)
        }
        var output = [UInt8](repeating: 0, count: hashLength)
        crypto_generichash(&output, output.count, input, UInt64(input.count), nil, 0)
        return output
    }

    /// Reads the rows behind `entry` in order, and checks the chain.
    ///
    /// - Returns: the number of rows, and the last hash.
    /// - Throws: ``HubFailure`` that names the first row that does not fit.
    static func verify(
        _ database: SQLiteConnection, _ body: (Int64, AuditEntry) throws -> Void
    ) throws -> (count: Int, last: [UInt8]) {
        var last = [UInt8](repeating: 0, count: hashLength)
        var count = 0
        let rows = try database.statement("SELECT \(columns), hash FROM audit ORDER BY entry")
        try rows.bind([]).each { row in
            count += 1
            let entry = AuditEntry(row)
            let expected = hash(entry, after: last)
            guard row.integer(0) == Int64(count), Array(row.bytes(8)) == expected else {
                throw HubFailure(
                    "the audit log was changed: its row \(row.integer(0)) does not follow from the one before")
            }
            last = expected
            try body(row.integer(0), entry)
        }
        return (count, last)
    }

    /// The last rows, the latest first.
    static func latest(_ database: SQLiteConnection, count: Int, before: Int64 = .max) throws -> [(Int64, AuditEntry)] {
        var entries: [(Int64, AuditEntry)] = []
        let rows = try database.statement("SELECT \(columns) FROM audit WHERE entry < ?1 ORDER BY entry DESC LIMIT ?2")
        try rows.bind(.integer(before), .integer(count)).each { entries.append(($0.integer(0), AuditEntry($0))) }
        return entries
    }

    private static let columns = "entry, at, actor, peer, action, subject, status, count"
}

extension AuditEntry {
    /// The entry as one line of JSON in ASCII: nothing from outside can end the line, move a cursor or hide itself.
    public func line(_ number: Int64) -> String {
        var text = JSONText()
        text.raw("{")
        text.key("entry")
        text.number(Int(number))
        text.member("at", at.description)
        for (name, value) in [
            ("actor", actor), ("peer", peer), ("action", action), ("subject", subject),
        ] as [(StaticString, String)] { text.member(name, value) }
        text.key("status")
        text.number(status)
        text.key("count")
        text.number(count)
        text.raw("}")
        var line = ""
        for unit in String(decoding: text.bytes, as: UTF8.self).utf16 {
            if unit < 0x7F, let scalar = Unicode.Scalar(unit) {
                line.unicodeScalars.append(scalar)
            } else {
                let digits = String(unit, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return line
    }

    fileprivate init(_ row: SQLiteStatement) {
        self.init(
            at: Timestamp(microseconds: row.integer(1)), actor: row.text(2), peer: row.text(3), action: row.text(4),
            subject: row.text(5), status: Int(row.integer(6)), count: Int(row.integer(7)))
    }
}
