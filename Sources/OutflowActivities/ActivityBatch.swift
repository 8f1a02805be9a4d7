// SPDX-License-Identifier: Apache-2.0

import OutflowEVTX
import OutflowJSON
import OutflowRecords

/// What one block of records means. A source fills it, the ledger reads it, then it is cleared and used again: its
/// buffers keep their size, so that the hot path allocates nothing.
///
/// One batch belongs to one thread at a time.
public final class ActivityBatch {
    /// Connections of network logs.
    public var flows: [Flow] = []
    /// Reads of objects, files, documents and pages.
    public var objects: [ObjectAccess] = []
    /// Objects that got new content.
    public var writes: [ObjectWrite] = []
    /// Reads of mailboxes; what each lists is in ``messages``.
    public var mail: [MailAccess] = []
    /// Messages of all of ``mail``, in order.
    public var messages: [MailAccess.Message] = []
    /// Changes of who can reach something from outside.
    public var exposures: [ExposureChange] = []
    /// HTTP requests with a body, seen on the wire.
    public var uploads: [WebUpload] = []
    /// Files that a sensor saw pass.
    public var files: [FileSeen] = []
    /// Names of addresses.
    public var names: [NameSeen] = []
    /// DNS questions.
    public var queries: [DNSQuery] = []
    /// Answers that a name does not exist, for detectors.
    public var failures: [DNSFailure] = []
    /// Values that indicators are compared with, where no other activity holds them; only if ``wantsObservables``.
    public var observables: [Observable] = []
    /// Whether somebody looks at ``observables``: sources leave them out otherwise.
    public var wantsObservables = false
    /// Sign-ins and consents, for detectors.
    public var identities: [IdentityEvent] = []
    /// Listings of stores, for detectors.
    public var listings: [StoreListing] = []
    /// Pages of publishers' platforms that are no documents, for detectors.
    public var pages: [LibraryPage] = []
    /// What sources admit to have missed.
    public var losses: [LossSeen] = []
    /// JSON objects that the source has found to be of another kind, with their offsets: ``OtherRecords`` reads them.
    public var others: [(record: Bytes, offset: UInt64)] = []
    /// Number of records that the block held, counted ones and those without meaning for the ledger.
    public var records: UInt64 = 0
    /// Of these, records without any meaning for the ledger (a listing, a sign-in), so that nothing vanishes in silence.
    public var irrelevant: UInt64 = 0
    /// First time of any record; nil when there was none.
    public var first: Timestamp?
    /// Last time of any record; nil when there was none.
    public var last: Timestamp?
    /// The hours of the records.
    public var hours = ActiveHours()
    /// What could not be read.
    public var rejections = Rejections()
    /// What the last records of an audit log say of those behind them.
    var audit = LinuxAuditContext()
    /// Memory for bytes that do not stand in the block as such: unescaped strings, joined ids.
    public let arena = Arena()
    /// The batch's own JSON parser: sources are shared between threads and hold none.
    public let json = JSONParser()
    /// A second one, for JSON that stands inside strings of what ``json`` parsed.
    public let innerJSON = JSONParser()
    /// The batch's own reader of Windows event logs, made when there is one to read.
    public private(set) lazy var eventLog = EventLogReader()
    /// The same for events as XML text.
    public private(set) lazy var eventXML = EventXMLReader()

    /// An empty batch.
    public init() {
        flows.reserveCapacity(4096)
    }

    /// Forgets all activities; their views die here.
    public func clear() {
        flows.removeAll(keepingCapacity: true)
        objects.removeAll(keepingCapacity: true)
        writes.removeAll(keepingCapacity: true)
        mail.removeAll(keepingCapacity: true)
        messages.removeAll(keepingCapacity: true)
        exposures.removeAll(keepingCapacity: true)
        uploads.removeAll(keepingCapacity: true)
        files.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        queries.removeAll(keepingCapacity: true)
        failures.removeAll(keepingCapacity: true)
        observables.removeAll(keepingCapacity: true)
        identities.removeAll(keepingCapacity: true)
        listings.removeAll(keepingCapacity: true)
        pages.removeAll(keepingCapacity: true)
        losses.removeAll(keepingCapacity: true)
        others.removeAll(keepingCapacity: true)
        records = 0
        irrelevant = 0
        first = nil
        last = nil
        hours.removeAll()
        rejections = Rejections()
        audit.clear()
        arena.clear()
    }

    /// Widens ``first`` and ``last`` by `time`, and notes its hour.
    @inlinable public func saw(_ time: Timestamp) {
        hours.insert(time.microseconds)
        widen(time)
    }

    /// Widens ``first`` and ``last`` by the time of a record that says nothing about whether the log was kept.
    @inlinable public func widen(_ time: Timestamp) {
        if let known = first { if time < known { first = time } } else { first = time }
        if let known = last { if time > known { last = time } } else { last = time }
    }

    /// Leaves a JSON object to the source that owns it. The view must live as long as the block.
    public func passOn(_ record: Bytes, offset: UInt64) { others.append((record, offset)) }

    /// Counts and keeps a record that could not be read.
    public func reject(offset: UInt64, _ reason: String) {
        rejections.add(Rejection(offset: offset, reason: reason))
    }
}

/// Memory that is handed out piece by piece and taken back all at once.
public final class Arena {
    private var chunks: [UnsafeMutableRawBufferPointer] = []
    private var current = 0
    private var used = 0
    private static let chunkSize = 64 * 1024

    /// An empty arena.
    public init() {}

    deinit { for chunk in chunks { chunk.deallocate() } }

    /// `count` bytes of memory, uninitialised, valid until ``clear()``. At least 64 readable bytes follow them.
    public func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        while current < chunks.count, chunks[current].count - used < count + 64 {
            current += 1
            used = 0
        }
        if current == chunks.count {
            chunks.append(.allocate(byteCount: max(count + 64, Self.chunkSize), alignment: 16))
            used = 0
        }
        let start = chunks[current].baseAddress!.advanced(by: used).assumingMemoryBound(to: UInt8.self)
        used += count
        return start
    }

    /// A copy of `bytes`, valid until ``clear()``.
    public func copy(_ bytes: Bytes) -> Bytes {
        let start = allocate(bytes.count)
        start.update(from: bytes.start, count: bytes.count)
        return Bytes(start: start, count: bytes.count)
    }

    /// A copy of a string's UTF-8 bytes, valid until ``clear()``.
    public func copy(_ text: String) -> Bytes { withBytes(of: text) { copy($0) } }

    /// The parts one after the other, valid until ``clear()``.
    public func join(_ parts: Bytes...) -> Bytes {
        let start = allocate(parts.reduce(0) { $0 + $1.count })
        var at = start
        for part in parts {
            at.update(from: part.start, count: part.count)
            at += part.count
        }
        return Bytes(start: start, count: at - start)
    }

    /// The bytes with A to Z made small; the same view when there are none.
    public func lowercased(_ bytes: Bytes) -> Bytes {
        var index = 0
        while index < bytes.count, !(0x41...0x5A).contains(bytes.start[index]) { index += 1 }
        if index == bytes.count { return bytes }
        let start = allocate(bytes.count)
        for index in 0..<bytes.count {
            let byte = bytes.start[index]
            start[index] = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
        }
        return Bytes(start: start, count: bytes.count)
    }

    /// Takes everything back. A chunk that one huge string needed is given up, so that one record does not hold memory for ever.
    public func clear() {
        if chunks.contains(where: { $0.count > Self.chunkSize }) || chunks.count > 64 {
            for chunk in chunks { chunk.deallocate() }
            chunks.removeAll()
        }
        current = 0
        used = 0
    }
}
