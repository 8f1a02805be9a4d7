// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// The hub's tables, as steps from one version of the schema to the next.
enum HubSchema {
    /// Opens the hub's database for one user of it: durable on commit, readers beside one writer.
    ///
    /// WAL with synchronous=FULL syncs the log before a commit returns (sqlite.org/pragma.html#pragma_synchronous).
    static func open(_ path: String, creates: Bool) throws -> SQLiteConnection {
        let connection = try SQLiteConnection(path: path, creates: creates)
        try connection.run(
            """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;
            PRAGMA cache_size=-65536; PRAGMA mmap_size=1073741824; PRAGMA wal_autocheckpoint=32768;
            PRAGMA journal_size_limit=268435456;
            """)
        return connection
    }

    /// Brings the schema up to date.
    static func migrate(_ connection: SQLiteConnection) throws {
        try connection.transaction {
            let version = try connection.statement("PRAGMA user_version").first { $0.integer(0) } ?? 0
            guard version <= Int64(steps.count) else {
                throw HubFailure("this database was written by a later version of outflow; use that version")
            }
            for index in Int(version)..<steps.count {
                try connection.run(steps[index])
                try connection.run("PRAGMA user_version=\(index + 1)")
            }
        }
    }

    // object.name is a keyed 64-bit hash of collection and id, so that nobody outside can aim at collisions; every hit is
    // checked against type and uuid (``ObjectNames``).
    // object.spelled is the version as the object spells it, where ``VersionText/format(_:)`` would spell it otherwise.
    // object.siblings is 1 where the collection holds, or held, several versions of the id: all others pass any choice
    // of versions without a look at their neighbours.
    private static let steps = [
        """
        CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE root (
            root INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, title TEXT NOT NULL, description TEXT,
            max_content_length INTEGER NOT NULL);
        CREATE TABLE collection (
            collection INTEGER PRIMARY KEY, root INTEGER NOT NULL REFERENCES root, id TEXT NOT NULL, title TEXT NOT NULL,
            description TEXT, alias TEXT, can_read INTEGER NOT NULL, can_write INTEGER NOT NULL,
            media_types TEXT NOT NULL, UNIQUE (root, id));
        CREATE TABLE kind (kind INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE object (
            object INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, date_added INTEGER NOT NULL,
            kind INTEGER NOT NULL, uuid BLOB NOT NULL, spec INTEGER NOT NULL, version TEXT NOT NULL, spelled TEXT, name INTEGER NOT NULL,
            siblings INTEGER NOT NULL, text BLOB NOT NULL);
        CREATE INDEX object_by_date ON object (collection, date_added);
        CREATE INDEX object_by_kind ON object (collection, kind, date_added);
        CREATE INDEX object_names ON object (object, name) WHERE siblings = 0;
        CREATE INDEX object_versions ON object (name, spec, version) WHERE siblings = 1;
        CREATE TABLE tombstone (
            collection INTEGER NOT NULL, kind INTEGER NOT NULL, uuid BLOB NOT NULL, spec INTEGER NOT NULL,
            version TEXT NOT NULL, older INTEGER NOT NULL, date_deleted INTEGER NOT NULL,
            PRIMARY KEY (collection, kind, uuid, spec, version)) WITHOUT ROWID;
        CREATE TABLE account (
            account INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, password TEXT NOT NULL, is_admin INTEGER NOT NULL,
            certificate TEXT UNIQUE);
        CREATE TABLE grant_ (
            account INTEGER NOT NULL REFERENCES account, subject TEXT NOT NULL, can_read INTEGER NOT NULL,
            can_write INTEGER NOT NULL, PRIMARY KEY (account, subject)) WITHOUT ROWID;
        CREATE TABLE token (
            token BLOB PRIMARY KEY, account INTEGER NOT NULL REFERENCES account, label TEXT NOT NULL,
            expires INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE token_grant (
            token BLOB NOT NULL REFERENCES token ON DELETE CASCADE, subject TEXT NOT NULL, can_read INTEGER NOT NULL,
            can_write INTEGER NOT NULL, PRIMARY KEY (token, subject)) WITHOUT ROWID;
        CREATE TABLE status (
            status TEXT PRIMARY KEY, root INTEGER NOT NULL, account INTEGER NOT NULL, at INTEGER NOT NULL,
            text BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX status_by_time ON status (at);
        CREATE TABLE audit (
            entry INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, peer TEXT NOT NULL,
            action TEXT NOT NULL, subject TEXT NOT NULL, status INTEGER NOT NULL, count INTEGER NOT NULL,
            hash BLOB NOT NULL);
        CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
        CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
        """,
        // Reports: report.json as it is, and of its cases what lists and filters need. `told.place` is the case's place in
        // the report, the most suspicious first; `words` is what a search looks through.
        """
        CREATE TABLE report (
            report INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, added INTEGER NOT NULL,
            transfers INTEGER NOT NULL, text BLOB NOT NULL);
        CREATE TABLE told (
            report INTEGER NOT NULL REFERENCES report, place INTEGER NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL,
            suspicion TEXT NOT NULL, first INTEGER, last INTEGER, at_least TEXT NOT NULL, at_most TEXT,
            transfers INTEGER NOT NULL, findings INTEGER NOT NULL, words TEXT NOT NULL,
            PRIMARY KEY (report, place)) WITHOUT ROWID;
        CREATE TABLE record (
            report INTEGER NOT NULL REFERENCES report, input INTEGER NOT NULL, offset TEXT NOT NULL,
            length INTEGER NOT NULL, is_sound INTEGER NOT NULL, text BLOB NOT NULL,
            PRIMARY KEY (report, input, offset)) WITHOUT ROWID;
        """,
    ]
}

/// Something that keeps the hub from working: in words for its operator, with what to do.
public struct HubFailure: Error, CustomStringConvertible {
    /// What was wrong, where, and what to do.
    public let description: String

    /// A failure in these words.
    public init(_ description: String) { self.description = description }
}
