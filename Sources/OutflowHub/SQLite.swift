// SPDX-License-Identifier: Apache-2.0

import CSQLite
import OutflowRecords

/// What SQLite said, and where.
public struct SQLiteFailure: Error, CustomStringConvertible {
    /// SQLite's extended result code (sqlite.org/rescode.html).
    public let code: Int32
    /// The file or the statement, and SQLite's words.
    public let description: String
}

/// A connection to an SQLite database, with its prepared statements. Used by one thread at a time.
final class SQLiteConnection {
    private var handle: OpaquePointer
    private var prepared: [String: SQLiteStatement] = [:]

    /// Opens the file at `path`; makes it, readable by its owner only, when `creates`.
    init(path: String, creates: Bool) throws(SQLiteFailure) {
        _ = Self.isPrepared
        Self.closeToOthers(path, creates: creates)
        let access = creates ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let words = String(cString: sqlite3_errstr(code))
            sqlite3_close_v2(opened)
            throw SQLiteFailure(code: code, description: "\(path): \(words)")
        }
        handle = opened
        csqlite_harden(handle)
        sqlite3_busy_timeout(handle, 30_000)
    }

    /// Only the owner may read and write the file, and its log, which gets the file's permissions: what other versions
    /// made is mended. Where that is not allowed, opening it says what is wrong.
    private static func closeToOthers(_ path: String, creates: Bool) {
        if creates {
            let file = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            if file >= 0 { Glibc.close(file) }
        }
        for name in [path, path + "-wal", path + "-shm"] {
            var status = stat()
            guard stat(name, &status) == 0, status.st_mode & 0o077 != 0 else { continue }
            chmod(name, status.st_mode & 0o700)
        }
    }

    private static let isPrepared: Void = csqlite_prepare()

    deinit {
        prepared.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Runs statements that take no values and whose rows do not matter.
    func run(_ script: String) throws(SQLiteFailure) {
        let code = sqlite3_exec(handle, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, script) }
    }

    /// The statement for `sql`, prepared once and kept. `sql` holds no value from outside: those are bound.
    func statement(_ sql: String) throws(SQLiteFailure) -> SQLiteStatement {
        if let known = prepared[sql] { return known }
        var pointer: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK, let pointer else { throw failure(code, sql) }
        let statement = SQLiteStatement(pointer, self)
        // Filters make few different texts; the bound only keeps a surprise from growing.
        if prepared.count > 200 { prepared.removeAll() }
        prepared[sql] = statement
        return statement
    }

    /// Runs `body` inside a transaction: committed when it returns, rolled back when it throws.
    func transaction<Result>(_ begin: String = "BEGIN IMMEDIATE", _ body: () throws -> Result) throws -> Result {
        try run(begin)
        do {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
            throw error
        }
    }

    /// Rows changed by the last statement.
    var changes: Int { Int(sqlite3_changes64(handle)) }

    /// Key of the last row inserted.
    var lastRow: Int64 { sqlite3_last_insert_rowid(handle) }

    func failure(_ code: Int32, _ sql: String) -> SQLiteFailure {
        SQLiteFailure(code: code, description: "\(String(cString: sqlite3_errmsg(handle))) in: \(sql.prefix(200))")
    }
}

/// A prepared statement: bind values, step through rows, reset.
final class SQLiteStatement {
    private let pointer: OpaquePointer
    private unowned let connection: SQLiteConnection

    init(_ pointer: OpaquePointer, _ connection: SQLiteConnection) {
        self.pointer = pointer
        self.connection = connection
    }

    deinit { sqlite3_finalize(pointer) }

    /// Binds values to the parameters ?1, ?2, and so on, after a reset.
    @discardableResult
    func bind(_ values: SQLiteValue...) -> SQLiteStatement { bind(values) }

    @discardableResult
    func bind(_ values: [SQLiteValue]) -> SQLiteStatement {
        sqlite3_reset(pointer)
        for (index, value) in values.enumerated() { bind(value, at: Int32(index + 1)) }
        return self
    }

    func bind(_ value: SQLiteValue, at index: Int32) {
        switch value {
        case .null: sqlite3_bind_null(pointer, index)
        case .integer(let value): sqlite3_bind_int64(pointer, index, value)
        case .text(let text):
            let utf8 = text.utf8CString
            utf8.withUnsafeBufferPointer { text in
                _ = text.baseAddress.map { csqlite_bind_text_copy(pointer, index, $0, UInt64(text.count - 1)) }
            }
        case .bytes(let bytes):
            _ = bytes.withUnsafeBytes { bytes in
                if let start = bytes.baseAddress, !bytes.isEmpty {
                    csqlite_bind_blob_copy(pointer, index, start, UInt64(bytes.count))
                } else {
                    sqlite3_bind_zeroblob(pointer, index, 0)
                }
            }
        }
    }

    /// Binds bytes without copying them; they must stay until the next reset.
    func bindHere(_ bytes: UnsafeRawBufferPointer, at index: Int32) {
        if let base = bytes.baseAddress, !bytes.isEmpty {
            csqlite_bind_blob_here(pointer, index, base, UInt64(bytes.count))
        } else {
            sqlite3_bind_zeroblob(pointer, index, 0)
        }
    }

    func reset() { sqlite3_reset(pointer) }

    /// Steps to the next row; false when there is none, and the statement is then reset.
    func step() throws(SQLiteFailure) -> Bool {
        let code = sqlite3_step(pointer)
        if code == SQLITE_ROW { return true }
        sqlite3_reset(pointer)
        guard code == SQLITE_DONE else { throw connection.failure(code, String(cString: sqlite3_sql(pointer))) }
        return false
    }

    /// Runs a statement that yields no rows.
    func run() throws(SQLiteFailure) { while try step() {} }

    /// Calls `body` for each row.
    func each(_ body: (SQLiteStatement) throws -> Void) throws {
        defer { sqlite3_reset(pointer) }
        while try step() { try body(self) }
    }

    /// What `body` makes of the first row; nil if there is none.
    func first<Result>(_ body: (SQLiteStatement) -> Result) throws(SQLiteFailure) -> Result? {
        defer { sqlite3_reset(pointer) }
        return try step() ? body(self) : nil
    }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }
    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// The bytes of a text or blob, valid until the next step.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(pointer, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column)))
    }
}

/// A value for a parameter of a statement.
enum SQLiteValue {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    static func integer(_ value: Int) -> SQLiteValue { .integer(Int64(value)) }
    static func flag(_ value: Bool) -> SQLiteValue { .integer(value ? 1 : 0) }
    static func text(_ value: String?) -> SQLiteValue { value.map { .text($0) } ?? .null }
}

#if canImport(Glibc)
    import Glibc
#endif
