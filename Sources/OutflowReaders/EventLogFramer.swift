// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEVTX
import OutflowRecords

/// Cuts a Windows event log, or an image with some in it, into blocks of chunks and stretches of records, see
/// ``EventLogScanner``.
///
/// In a file, bytes that are neither are told unless they are zero. In an image they are what else it holds.
struct EventLogFramer {
    private var refill: Refill
    private let blockBytes: Int
    private let scanner = EventLogScanner()
    private var carry = Carry()
    private var offset: UInt64  // Of the first byte in `carry`.
    private var isAtStart = true
    private var isFile = false
    private var gap: (offset: UInt64, count: UInt64)?
    private var gapIsZero = true
    /// Whether there was a chunk or a record.
    private(set) var foundAny = false
    /// Why the stream ended early.
    var failure: StreamFailure? { refill.failure }
    /// What was passed over.
    private(set) var rejections = Rejections()

    init(_ stream: PeekableBytes, offset: UInt64, limits: ReadLimits) {
        refill = Refill(stream)
        self.offset = offset
        // A chunk is handed out when all of it is there. Less than one is kept from block to block.
        blockBytes = max(limits.blockBytes, 4 * EventLogScanner.lookAhead)
    }

    /// The next block, nil at the end.
    mutating func next(into buffer: BlockBuffer) -> RecordBlock? {
        buffer.elements.removeAll(keepingCapacity: true)
        while true {
            let carried = carry.move(to: buffer)
            let count = refill.fill(buffer, from: carried, to: max(blockBytes, carried))
            let bytes = buffer.view(0..<count)
            var at = isAtStart ? passFileHeader(bytes) : 0
            while at < count, refill.isAtEnd || count - at >= EventLogScanner.lookAhead {
                switch scanner.step(bytes.suffix(from: at), isLast: refill.isAtEnd) {
                case .stretch(let size):
                    endGap()
                    foundAny = true
                    buffer.elements.append(at..<at + size)
                    at += size
                case .gap(let size):
                    addGap(bytes[at..<at + size], offset + UInt64(at))
                    at += size
                }
            }
            carry.set(UnsafeRawBufferPointer(rebasing: buffer.bytes[at..<count]))
            let start = offset
            offset += UInt64(at)
            if refill.isAtEnd { finish() }
            if !buffer.elements.isEmpty {
                return RecordBlock(
                    bytes: buffer.view(0..<at), offset: start, framing: .eventLog, elements: buffer.elements)
            }
            if refill.isAtEnd { return nil }
        }
    }

    private mutating func passFileHeader(_ bytes: Bytes) -> Int {
        isAtStart = false
        guard let header = EventLogScanner.fileHeader(bytes) else { return 0 }
        isFile = true
        if refill.isAtEnd, header.length == bytes.count, header.length < EventLogScanner.fileHeaderSize {
            rejections.add(
                Rejection(
                    offset: offset,
                    reason: "the file ends within its header, after \(bytes.count) of "
                        + "\(EventLogScanner.fileHeaderSize) bytes: it holds no events"))
        } else if !header.isSound {
            rejections.add(
                Rejection(
                    offset: offset,
                    reason: "the checksum of the file's header is wrong; its chunks are read all the same"))
        }
        return header.length
    }

    private mutating func addGap(_ bytes: Bytes, _ at: UInt64) {
        guard isFile else { return }
        gap = (gap?.offset ?? at, (gap?.count ?? 0) + UInt64(bytes.count))
        guard gapIsZero else { return }
        for index in 0..<bytes.count where bytes.start[index] != 0 {
            gapIsZero = false
            return
        }
    }

    private mutating func endGap() {
        if let gap, !gapIsZero {
            rejections.add(
                Rejection(offset: gap.offset, reason: "\(gap.count) bytes that are neither a chunk nor a record"))
        }
        gap = nil
        gapIsZero = true
    }

    private mutating func finish() {
        endGap()
        guard let failure, !failure.isCancelled else { return }
        rejections.add(Rejection(offset: offset, reason: failure.reason))
        refill.failure = nil
    }
}
