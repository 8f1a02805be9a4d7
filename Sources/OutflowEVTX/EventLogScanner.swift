// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Finds the chunks of event logs in a stream, and records that stand outside of them: in files of which the header or
/// some chunks' headers are lost, and in images of disks and memory.
///
/// A chunk counts from its mark to its size, or to the next chunk that begins on one of its sectors. Outside of chunks a
/// record is its mark, a possible size, and the same size at its end; records that follow each other are one stretch.
/// Each step looks at ``lookAhead`` bytes at most, so that where a stream is cut into blocks makes no difference.
public struct EventLogScanner: Sendable {
    /// What a step found.
    public enum Step: Equatable, Sendable {
        /// A chunk or a stretch of records, of so many bytes, for ``EventLogReader/read(_:at:event:damaged:)``.
        case stretch(Int)
        /// So many bytes that are neither.
        case gap(Int)
    }

    /// As many bytes as a step wants to see, unless the stream ends before.
    public static let lookAhead = EVTXFormat.chunkSize

    /// A scanner.
    public init() {}

    /// Whether an event log begins here: a file, a chunk, or a record.
    public static func begins(_ head: Bytes) -> Bool {
        head.hasPrefix(EVTXFormat.fileMark) || head.hasPrefix(EVTXFormat.chunkMark)
            || EVTXFormat.record(ChunkBytes(head), at: 0) != nil
    }

    /// Whether a chunk or a record begins anywhere in `head`, as they do in images.
    public static func holdsAny(_ head: Bytes) -> Bool {
        !head.isEmpty && EventLogScanner().step(head, isLast: true) != .gap(head.count)
    }

    /// Bytes that a file's header takes up, of which 128 are used.
    public static let fileHeaderSize = EVTXFormat.fileHeaderSize

    /// The length of the file's header at the beginning of `head`, and whether its checksum is right; nil if there is none.
    public static func fileHeader(_ head: Bytes) -> (length: Int, isSound: Bool)? {
        guard head.hasPrefix(EVTXFormat.fileMark) else { return nil }
        let bytes = ChunkBytes(head)
        guard bytes.has(128, at: 0) else { return (head.count, false) }
        // A block of 4096 bytes, of which 128 are used. The checksum is of the first 120.
        let isSound = EVTXFormat.checksum(head.prefix(upTo: 120)) == bytes.load(124)
        let length = Int(bytes.load(40, as: UInt16.self))
        return (min(length >= 128 && isSound ? length : EVTXFormat.fileHeaderSize, head.count), isSound)
    }

    /// What stands at the beginning of `bytes`, which are not empty.
    ///
    /// - Parameters:
    ///   - bytes: what comes next in the stream: at least ``lookAhead`` bytes, fewer only at the end.
    ///   - isLast: whether the stream ends with them.
    public func step(_ bytes: Bytes, isLast: Bool) -> Step {
        if let count = chunk(bytes) { return .stretch(count) }
        if let count = records(bytes) { return .stretch(count) }
        // A gap ends where something may begin that can be seen whole.
        let end = isLast ? bytes.count : max(1, bytes.count - Self.lookAhead + 1)
        // The search for a chunk goes no further than the next record: each byte is looked at once.
        let record = nextRecord(bytes, before: end) ?? end
        let before = bytes.prefix(upTo: min(bytes.count, record + EVTXFormat.chunkMark.utf8CodeUnitCount - 1))
        var from = 1
        while let hit = before.firstIndex(of: EVTXFormat.chunkMark, from: from) {
            if bytes.count - hit >= EVTXFormat.chunkHeaderSize { return .gap(hit) }
            from = hit + 1
        }
        return .gap(record)
    }

    private func nextRecord(_ bytes: Bytes, before end: Int) -> Int? {
        let whole = ChunkBytes(bytes)
        var from = 1
        while let hit = bytes.firstIndex(of: "**\0\0", from: from), hit < end {
            if EVTXFormat.record(whole, at: hit) != nil { return hit }
            from = hit + 1
        }
        return nil
    }

    /// Size of the chunk that begins here.
    private func chunk(_ bytes: Bytes) -> Int? {
        guard bytes.hasPrefix(EVTXFormat.chunkMark), bytes.count >= EVTXFormat.chunkHeaderSize else { return nil }
        let count = min(bytes.count, EVTXFormat.chunkSize)
        for sector in stride(from: EVTXFormat.chunkHeaderSize, to: count - 64, by: 512) {
            let next = bytes.suffix(from: sector)
            // 128 is the size of the header's fixed part.
            if next.hasPrefix(EVTXFormat.chunkMark), next[40] == 128, next[41] == 0 { return sector }
        }
        return count
    }

    /// Size of the stretch of records that begins here.
    private func records(_ bytes: Bytes) -> Int? {
        let limit = EVTXFormat.chunkSize - EVTXFormat.chunkHeaderSize
        let whole = ChunkBytes(bytes.prefix(upTo: min(bytes.count, limit)))
        var end = 0
        while let size = EVTXFormat.record(whole, at: end) { end += size }
        return end > 0 ? end : nil
    }
}
