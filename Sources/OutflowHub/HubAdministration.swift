// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

#if canImport(Glibc)
    import Glibc
#endif

/// What an operator does with a hub's database, the server running or not.
public struct HubAdministration {
    let database: SQLiteConnection
    private let index: ObjectIndex
    /// What hashing a password costs.
    public var cost = PasswordHash.Cost.interactive

    /// Opens the database at `path`, and makes it if `creates`.
    ///
    /// - Throws: ``HubFailure`` or ``SQLiteFailure`` if it cannot be opened.
    public init(path: String, creates: Bool) throws {
        // The store brings the schema up to date, and makes the secret.
        index = try HubStore(path: path, creates: creates, readers: 0).index
        database = try HubSchema.open(path, creates: false)
    }

    /// Loads a hub from the file at `path`, beside what is there; all of it, or nothing.
    ///
    /// - Throws: ``HubFailure`` that says what was wrong, and where in the file.
    public func load(file path: String) throws -> LoadSummary {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HubFailure("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
            throw HubFailure("\(path): not a file with something in it")
        }
        guard let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
        else {
            throw HubFailure("\(path): \(String(cString: strerror(errno)))")
        }
        defer { munmap(start, Int(status.st_size)) }
        do { return try load(UnsafeRawBufferPointer(start: start, count: Int(status.st_size))) } catch let error
            as HubFailure
        {
            throw HubFailure("\(path): \(error)")
        }
    }

    /// Loads a hub from JSON text.
    public func load(_ text: UnsafeRawBufferPointer) throws -> LoadSummary {
        var file = HubFile(database: database, index: index)
        file.cost = cost
        try file.load(Bytes(text)) { summary in
            try AuditLog.append([note("hub.load", count: summary.objects)], to: database)
        }
        return file.summary
    }

    /// Writes the hub, as it is at one moment, as JSON text, in pieces.
    ///
    /// - Returns: what the text does not carry.
    @discardableResult
    public func dump(into sink: (borrowing [UInt8]) throws -> Void) throws -> LeftOut {
        let grants = try HubFile.dump(database, into: sink)
        func count(_ table: String) throws -> Int {
            try database.statement("SELECT count(*) FROM \(table)").bind([]).first { Int($0.integer(0)) } ?? 0
        }
        let left = LeftOut(
            reports: try count("report"), statuses: try count("status"), auditRows: try count("audit"), grants: grants)
        try database.transaction { try AuditLog.append([note("hub.dump", count: 0)], to: database) }
        return left
    }

    /// An entry of what an operator does.
    func note(_ action: String, count: Int, subject: String = "") -> AuditEntry {
        let name = getpwuid(getuid()).flatMap { $0.pointee.pw_name.map { String(cString: $0) } } ?? "\(getuid())"
        return AuditEntry(
            at: Clock.now(), actor: name, peer: "", action: action, subject: subject, status: 0, count: count)
    }

    /// Counts of what is in a hub and not in its dump.
    public struct LeftOut: Sendable, Equatable {
        /// Reports that were added; answers about requests; rows of the audit log; rights of accounts and tokens in collections
        /// that there are not.
        public let reports, statuses, auditRows, grants: Int
    }

    /// Counts of what a load brought.
    public typealias LoadSummary = HubFile.Summary
}

extension HubAdministration {
    /// Reads the audit log from its beginning, and checks that nothing in it was changed.
    ///
    /// - Parameter body: called with each row's number and entry.
    /// - Returns: how many rows there are, and the last hash in hexadecimal digits: kept elsewhere, it proves later that
    ///   nothing up to here was changed.
    /// - Throws: ``HubFailure`` that names the first row that does not follow from the one before.
    public func audit(_ body: (Int64, AuditEntry) throws -> Void = { _, _ in }) throws -> (count: Int, last: String) {
        let (count, last) = try AuditLog.verify(database, body)
        let digits = last.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return (count, digits.joined())
    }
}

extension HubAdministration {
    /// Makes a token for an account: it may read and write what the account may, of these collections (`*` for all).
    ///
    /// - Returns: the token, which the hub does not keep and cannot show again.
    /// - Throws: ``HubFailure`` if there is no such account, or no such collection.
    public func makeToken(account name: String, label: String, read: [String], write: [String], days: Int) throws
        -> String
    {
        let token = AccessToken.make()
        let hash = AccessToken.hash(token)
        let expires = Clock.now().microseconds + Int64(days) * 86_400_000_000
        try database.transaction {
            let account = try database.statement("SELECT account FROM account WHERE name = ?1").bind(.text(name))
                .first { $0.integer(0) }
            guard let account else { throw HubFailure("there is no account '\(name)'") }
            let accounts = HubAccounts(database: database)
            var grants: [String: Rights] = [:]
            for (names, right) in [(read, \Rights.canRead), (write, \Rights.canWrite)] {
                for name in names {
                    guard let subject = try accounts.subject(name) else {
                        throw HubFailure("there is no collection '\(name)': name one by its id, or * for all")
                    }
                    grants[subject, default: .none][keyPath: right] = true
                }
            }
            _ = try accounts.put(token: hash, of: account, label: label, expires: expires, grants: grants)
            try Catalogue.touch(database)
            try AuditLog.append([note("token.make", count: 1, subject: "\(name) \(label)")], to: database)
        }
        return token
    }

    /// Takes all tokens of an account with this label back.
    ///
    /// - Returns: how many there were.
    public func revokeTokens(account name: String, label: String) throws -> Int {
        try database.transaction {
            try database.statement(
                "DELETE FROM token WHERE label = ?2 AND account = (SELECT account FROM account WHERE name = ?1)"
            ).bind(.text(name), .text(label)).run()
            let count = database.changes
            try Catalogue.touch(database)
            try AuditLog.append([note("token.revoke", count: count, subject: "\(name) \(label)")], to: database)
            return count
        }
    }
}
