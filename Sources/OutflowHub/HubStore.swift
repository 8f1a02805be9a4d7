// SPDX-License-Identifier: Apache-2.0

import Dispatch
import OutflowRecords
import Synchronization

/// The hub's database, for many callers at once: one writer, a few readers, each with a connection and a thread of its
/// own. What callers write at the same time shares one transaction, and thereby one sync of the disk.
public final class HubStore: Sendable {
    let index: ObjectIndex
    var hash: KeyedHash { index.hash }
    private let writer: Worker
    private let readers: [Worker]
    private let turn = Atomic<Int>(0)
    private let waiting = Mutex<[Job]>([])
    private let known: Mutex<(catalogue: Catalogue, checked: DispatchTime)>
    private let unlogged = Mutex<[AuditEntry]>([])
    private let complaints = RateLimit(rate: 1, burst: 10)
    private let untold = Atomic<Int>(0)

    /// Opens the database at `path`, and makes it if `creates`.
    public init(path: String, creates: Bool = true, readers count: Int = 4) throws {
        guard Random.isReady else { throw HubFailure("libsodium does not start") }
        let connection = try HubSchema.open(path, creates: creates)
        try HubSchema.migrate(connection)
        index = ObjectIndex(hash: KeyedHash(secret: try Self.secret(connection)), names: ObjectNames())
        try index.names.catchUp(connection)
        known = Mutex((try Catalogue(connection), .now()))
        writer = Worker("outflow.hub.writer", connection)
        var readers: [Worker] = []
        for index in 0..<count {
            readers.append(Worker("outflow.hub.reader.\(index)", try HubSchema.open(path, creates: false)))
        }
        self.readers = readers
    }

    private static func secret(_ database: SQLiteConnection) throws -> [UInt8] {
        try database.transaction {
            try database.statement("INSERT OR IGNORE INTO setting VALUES ('secret', ?1)")
                .bind(.bytes(Random.bytes(KeyedHash.secretLength))).run()
            let secret =
                try database.statement("SELECT value FROM setting WHERE name = 'secret'").bind([])
                .first { Array($0.bytes(0)) } ?? []
            guard secret.count == KeyedHash.secretLength else { throw HubFailure("the database lost its secret") }
            return secret
        }
    }

    /// The catalogue, at most a fifth of a second old: another process may have changed it.
    func catalogue() async throws -> Catalogue {
        let (catalogue, isFresh) = known.withLock { known in
            let now = DispatchTime.now()
            let isFresh = now.uptimeNanoseconds &- known.checked.uptimeNanoseconds < 200_000_000
            if !isFresh { known.checked = now }
            return (known.catalogue, isFresh)
        }
        if isFresh { return catalogue }
        let generation = catalogue.generation
        guard let newer = try await read({ try Catalogue.generation($0) == generation ? nil : Catalogue($0) }) else {
            return catalogue
        }
        known.withLock { if newer.generation > $0.catalogue.generation { $0.catalogue = newer } }
        return newer
    }

    /// Makes the next ``catalogue()`` look at the database.
    func forgetCatalogue() { known.withLock { $0.checked = DispatchTime(uptimeNanoseconds: 1) } }

    /// Runs `body` on a reader's thread.
    func read<Result: Sendable>(_ body: @escaping @Sendable (SQLiteConnection) throws -> Result) async throws -> Result
    {
        let index = turn.add(1, ordering: .relaxed).newValue
        return try await readers[Int(UInt(bitPattern: index) % UInt(readers.count))].run(body)
    }

    /// Runs `body` inside a transaction on the writer's thread; returns when the disk has it. If `body` throws, what it
    /// changed is undone, and nothing else.
    func write<Result: Sendable>(_ body: @escaping @Sendable (SQLiteConnection) throws -> Result) async throws -> Result
    {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(
                body: { database in
                    do {
                        try database.run("SAVEPOINT job")
                        let result = try body(database)
                        try database.run("RELEASE job")
                        return { failure in
                            if let failure {
                                continuation.resume(throwing: failure)
                            } else {
                                continuation.resume(returning: result)
                            }
                        }
                    } catch {
                        try? database.run("ROLLBACK TO job; RELEASE job")
                        return { failure in continuation.resume(throwing: failure ?? error) }
                    }
                }, refuse: { continuation.resume(throwing: $0) })
            let isFirst = waiting.withLock {
                $0.append(job)
                return $0.count == 1
            }
            if isFirst { writer.later { [self] in writeAll($0) } }
        }
    }

    /// Runs all waiting jobs in one transaction, and answers them once it is on disk.
    private func writeAll(_ database: SQLiteConnection) {
        let jobs = waiting.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        var answers: [(Error?) -> Void] = []
        do {
            try database.transaction {
                try writeLog(database)
                for job in jobs { answers.append(job.body(database)) }
            }
            for answer in answers { answer(nil) }
        } catch {
            for answer in answers { answer(error) }
            // BEGIN failed, or the log: these did not run, and must hear of it.
            for job in jobs[answers.count...] { job.refuse(error) }
            if jobs.isEmpty { report(error) }
        }
    }

    /// Entries that may wait for the log.
    private static let mostUnlogged = 10_000

    /// Notes an entry that belongs to no change: it is written with the next change, or within a second. When so many
    /// wait that memory would grow, the caller waits too.
    func log(_ entry: AuditEntry) async {
        let count = unlogged.withLock {
            $0.append(entry)
            return $0.count
        }
        if count == 1 { writer.later(after: .seconds(1)) { [self] in writeAll($0) } }
        if count > Self.mostUnlogged { try? await write { _ in } }
    }

    /// Writes what waits for the log; part of a transaction.
    private func writeLog(_ database: SQLiteConnection) throws {
        let entries = unlogged.withLock { entries in
            defer { entries = [] }
            return entries
        }
        do { try AuditLog.append(entries, to: database) } catch {
            unlogged.withLock { $0 = entries + $0 }
            throw error
        }
    }

    /// Writes the log before the hub ends.
    public func finish() async { try? await write { _ in } }

    private struct Job: Sendable {
        /// Does the work, and returns what to do once the transaction was committed, or failed.
        let body: @Sendable (SQLiteConnection) -> (Error?) -> Void
        /// Says that the work was not even begun.
        let refuse: @Sendable (Error) -> Void
    }
}

/// A thread with a connection.
private final class Worker: @unchecked Sendable {  // The connection is only touched on the queue.
    private let queue: DispatchQueue
    private let connection: SQLiteConnection

    init(_ name: String, _ connection: SQLiteConnection) {
        queue = DispatchQueue(label: name)
        self.connection = connection
    }

    func later(_ body: @escaping @Sendable (SQLiteConnection) -> Void) { queue.async { body(self.connection) } }

    func later(after time: DispatchTimeInterval, _ body: @escaping @Sendable (SQLiteConnection) -> Void) {
        queue.asyncAfter(deadline: .now() + time) { body(self.connection) }
    }

    func run<Result: Sendable>(_ body: @escaping @Sendable (SQLiteConnection) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            later { connection in continuation.resume(with: Swift.Result { try body(connection) }) }
        }
    }
}

/// The wall clock.
enum Clock {
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}

#if canImport(Glibc)
    import Glibc
#endif

extension HubStore {
    /// Tells the operator of a failure, on standard error: ten at once, then one a second, with how many were left out.
    func report(_ error: Error) {
        guard complaints.allows("") else {
            untold.add(1, ordering: .relaxed)
            return
        }
        let left = untold.exchange(0, ordering: .relaxed)
        let words = String(describing: error).unicodeScalars.map {
            $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0)
        }
        let more = left == 0 ? "" : " (and \(left) before it)"
        let line = Array("outflow hub: \(words.joined())\(more)\n".utf8)
        _ = Glibc.write(2, line, line.count)
    }
}
