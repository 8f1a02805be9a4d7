// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

#if canImport(Glibc)
    import Glibc
#endif

/// What an operator does with a hub's database, the server running or not.
public struct HubAdministration {
    private let database: SQLiteConnection
    private let hash: KeyedHash
    /// What hashing a password costs.
    public var cost = PasswordHash.Cost.interactive

    /// Opens the database at `path`, and makes it if `creates`.
    ///
    /// - Throws: ``HubFailure`` or ``SQLiteFailure`` if it cannot be opened.
    public init(path: String, creates: Bool) throws {
        // The store brings the schema up to date, and makes the secret.
        hash = try HubStore(path: path, creates: creates, readers: 0).hash
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
        var file = HubFile(database: database, hash: hash)
        file.cost = cost
        try file.load(Bytes(text))
        return file.summary
    }

    /// Writes the hub, as it is at one moment, as JSON text, in pieces.
    public func dump(into sink: (borrowing [UInt8]) throws -> Void) throws { try HubFile.dump(database, into: sink) }

    /// Counts of what a load brought.
    public typealias LoadSummary = HubFile.Summary
}
