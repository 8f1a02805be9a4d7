// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The records of a chunk, one after the other, also where its header or some of its records are damaged.
struct ChunkWalk {
    /// The chunk.
    let bytes: ChunkBytes
    /// What there is to say of the chunk as a whole.
    private(set) var remarks: [EventLogDamage] = []
    /// Where the first record stands.
    private let first: Int
    /// Where the records end, as the header says.
    private var end: Int
    /// Identifier of the last record, as the header says; nil if there is no header to trust.
    private var lastRecord: UInt64?
    /// Identifier of the first record less one, as the header says.
    private var beforeFirst: UInt64 = 0

    /// A chunk with its header.
    init(chunk: Bytes) {
        bytes = ChunkBytes(chunk)
        first = EVTXFormat.chunkHeaderSize
        end = bytes.high
        if bytes.high < EVTXFormat.chunkSize { remarks.append(.chunkCutOff) }
        // Flag 4 says that the checksums were not kept (seen in exported logs).
        let hasChecksums = bytes.load(120, as: UInt32.self) & 4 == 0
        let header = EVTXFormat.checksum(chunk[128..<512], after: EVTXFormat.checksum(chunk.prefix(upTo: 120)))
        let headerIsSound = !hasChecksums || header == bytes.load(124)
        if !headerIsSound { remarks.append(.headerChecksum) }
        let free = Int(bytes.load(48, as: UInt32.self))
        guard headerIsSound, free >= first, free <= bytes.high else { return }
        end = free
        lastRecord = bytes.load(32)
        beforeFirst = bytes.load(24, as: UInt64.self) &- 1
        if hasChecksums, EVTXFormat.checksum(chunk[first..<free]) != bytes.load(52) { remarks.append(.recordsChecksum) }
    }

    /// Records that stand outside of any chunk, the first of them at the beginning. Where in their chunk they stood is
    /// known if one of them holds the definition of its template, which says at which offset it stands.
    init(records: Bytes) {
        let raw = ChunkBytes(records)
        // Without that, no name or template can be found: they are looked for where none can be.
        var low = Self.nowhere
        var at = 0
        while let size = EVTXFormat.record(raw, at: at) {
            if let base = Self.base(of: at, size, in: raw) {
                low = base
                break
            }
            at &+= size
        }
        bytes = ChunkBytes(records, low: low)
        first = low
        end = bytes.high
        remarks.append(.chunkHeaderMissing)
    }

    /// An offset that is beyond all that names and templates are looked for at.
    private static let nowhere = 1 << 40

    /// The chunk offset at which `records` begin, if the record at `at` tells.
    private static func base(of at: Int, _ size: Int, in records: ChunkBytes) -> Int? {
        var token = at &+ 24
        if records.byte(token) == Token.fragment { token &+= 4 }
        guard records.has(34, at: token), records.byte(token) == Token.instance else { return nil }
        // The definition that follows begins with that of a fragment, behind its own head.
        let definition = Int(records.load(token &+ 6, as: UInt32.self))
        let base = definition &- (token &+ 10)
        guard records.has(1, at: token &+ 34), records.byte(token &+ 34) == Token.fragment,
            base >= EVTXFormat.chunkHeaderSize, base &+ records.high <= EVTXFormat.chunkSize
        else { return nil }
        return base
    }

    /// Calls `body` with offset and size of every record, and `damaged` with every stretch that is none.
    func forEachRecord(
        _ body: (_ at: Int, _ size: Int) -> Void, damaged: (_ at: Int, _ damage: EventLogDamage) -> Void
    ) {
        var at = first
        var end = end
        var last: UInt64?
        var isTold = false
        while at < bytes.high, bytes.high &- at >= EVTXFormat.leastRecord {
            if at >= end {
                // A log that was not closed has records that its header does not know of. They go on where it ends, and in
                // number; all else is what the chunk held before it was used again.
                guard let size = EVTXFormat.record(bytes, at: at), bytes.load(at &+ 8) == (last ?? beforeFirst) &+ 1
                else {
                    break
                }
                last = bytes.load(at &+ 8)
                if !isTold { damaged(at, .headerOutOfDate) }
                isTold = true
                body(at, size)
                at &+= size
                continue
            }
            let size = Int(bytes.load(at &+ 4, as: UInt32.self))
            let isRecord = bytes.load(at, as: UInt32.self) == EVTXFormat.recordMark
            if isRecord, size >= EVTXFormat.leastRecord, bytes.has(size, at: at) {
                last = bytes.load(at &+ 8)
                body(at, size)
                at &+= size
                if last == lastRecord { end = at }
                continue
            }
            // Exported logs fill the rest of a chunk with zeros, and say that all of it is used.
            if !isRecord, isZero(at) { return }
            damaged(at, isRecord ? .recordSize : .noRecord)
            guard let next = nextRecord(from: at &+ 1) else { return }
            at = next
        }
    }

    private func isZero(_ from: Int) -> Bool {
        let rest = bytes.view(from, bytes.high &- from)
        for index in 0..<rest.count where rest[index] != 0 { return false }
        return true
    }

    /// Where the next whole record stands.
    private func nextRecord(from: Int) -> Int? {
        guard from < bytes.high else { return nil }
        let rest = bytes.view(from, bytes.high &- from)
        var at = 0
        while let hit = rest.firstIndex(of: "**\0\0", from: at) {
            if EVTXFormat.record(bytes, at: from &+ hit) != nil { return from &+ hit }
            at = hit &+ 1
        }
        return nil
    }
}
