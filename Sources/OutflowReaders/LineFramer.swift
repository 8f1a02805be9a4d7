// SPDX-License-Identifier: Apache-2.0

import Glibc
import OutflowActivities
import OutflowRecords

/// What a framer makes of a stream.
enum Piece {
    /// Whole records.
    case block(RecordBlock)
    /// Header lines; the view dies with the next call.
    case header(Bytes)
}

/// Cuts a stream of text into blocks of whole lines, and apart from them its header lines, if it has any.
///
/// A line longer than the limit is passed over in bounded memory and told. So is the last line of a stream that fails: a
/// number cut in half would be a wrong figure.
struct LineFramer {
    private var refill: Refill
    private let blockBytes: Int
    private let maxLineBytes: Int
    private let mark: HeaderMark?
    /// Where the last event begins in whole lines; nil when each line stands for itself.
    private let lastEvent: (@Sendable (Bytes) -> Int)?
    private var carry = Carry()
    private var offset: UInt64  // Of the first byte in `carry`.
    /// Why the stream ended early.
    var failure: StreamFailure? { refill.failure }
    private var isFailureTold = false
    /// What was passed over.
    private(set) var rejections = Rejections()

    /// Header lines that come one after the other are handed out together up to this size.
    private static let maxHeaderBytes = 1 << 20

    init(
        _ stream: PeekableBytes, offset: UInt64, limits: ReadLimits, mark: HeaderMark?,
        lastEvent: (@Sendable (Bytes) -> Int)? = nil
    ) {
        refill = Refill(stream)
        self.lastEvent = lastEvent
        self.offset = offset
        self.mark = mark
        maxLineBytes = max(1, limits.maxRecordBytes)
        blockBytes = min(max(1, limits.blockBytes), maxLineBytes)
    }

    /// The next piece, nil at the end.
    mutating func next(into buffer: BlockBuffer) -> Piece? {
        while true {
            // Lines of an event that may go on wait for more.
            if carry.hasLines, lastEvent == nil || refill.isAtEnd { return pieceOfCarry(buffer) }
            if refill.isAtEnd, carry.count == 0 { return lastLine(buffer, count: 0) }

            // The beginning of a line, then fresh bytes until a line ends in them.
            var count = carry.move(to: buffer)
            var linesEnd = 0
            while linesEnd == 0, !refill.isAtEnd, count <= maxLineBytes {
                let fresh = count
                count = refill.fill(buffer, from: count, to: count + blockBytes)
                linesEnd = count
                while linesEnd > fresh, buffer.bytes[linesEnd - 1] != 0x0A { linesEnd -= 1 }
                if linesEnd == fresh { linesEnd = 0 }
            }

            if linesEnd == 0, lastEvent != nil {
                // No line ended in fresh bytes: those that were held back are all that there is.
                linesEnd = count
                while linesEnd > 0, buffer.bytes[linesEnd - 1] != 0x0A { linesEnd -= 1 }
            }

            if count > maxLineBytes {
                let end = linesEnd > 0 ? buffer.view(0..<count).firstIndex(of: 0x0A) : nil
                if let end, end <= maxLineBytes {
                    // The first line is short enough, and so are those that lie wholly in the fresh bytes.
                } else {
                    passOverLine(buffer, count: count, end: end)
                    continue
                }
            }
            if linesEnd == 0 { return lastLine(buffer, count: count) }
            let rest = UnsafeRawBufferPointer(rebasing: buffer.bytes[0..<count])
            if let mark {
                let headerAt = mark.firstHeader(in: buffer.view(0..<linesEnd)) ?? linesEnd
                carry.set(UnsafeRawBufferPointer(rebasing: rest[headerAt...]))
                if headerAt == 0 { continue }
                linesEnd = headerAt
            } else {
                if let lastEvent, !refill.isAtEnd { linesEnd = lastEvent(buffer.view(0..<linesEnd)) }
                carry.set(UnsafeRawBufferPointer(rebasing: rest[linesEnd...]))
            }
            return block(buffer, count: linesEnd)
        }
    }

    /// Reads up to a block's worth of bytes behind the first `count` ones, and returns how many there are then.

    private mutating func block(_ buffer: BlockBuffer, count: Int) -> Piece {
        defer { offset += UInt64(count) }
        return .block(RecordBlock(bytes: buffer.view(0..<count), offset: offset))
    }

    /// The line at the end of the stream that no line end follows.
    private mutating func lastLine(_ buffer: BlockBuffer, count: Int) -> Piece? {
        if let failure {
            if !isFailureTold, !failure.isCancelled {
                let lost = count == 0 ? "" : "; the unfinished record of \(count) bytes before it is not counted"
                rejections.add(Rejection(offset: offset + UInt64(count), reason: failure.reason + lost))
            }
            isFailureTold = true
            return nil
        }
        if count == 0 { return nil }
        if let mark, mark.marks(buffer.view(0..<count)) { return .header(buffer.view(0..<count)) }
        return block(buffer, count: count)
    }

    /// Passes over a line of which the first `count` bytes are in `buffer`, or all of them, if `end` is known.
    private mutating func passOverLine(_ buffer: BlockBuffer, count: Int, end: Int?) {
        var length = UInt64(count)
        if let end {
            length = UInt64(end)
            carry.set(UnsafeRawBufferPointer(rebasing: buffer.bytes[end + 1..<count]))
        }
        var isOpen = end == nil
        while isOpen, !refill.isAtEnd {
            let got = refill.fill(buffer, from: 0, to: blockBytes)
            if let end = buffer.view(0..<got).firstIndex(of: 0x0A) {
                length += UInt64(end)
                carry.set(UnsafeRawBufferPointer(rebasing: buffer.bytes[end + 1..<got]))
                isOpen = false
            } else {
                length += UInt64(got)
            }
        }
        rejections.add(
            Rejection(offset: offset, reason: "a line of \(length) bytes is longer than the limit of \(maxLineBytes)"))
        offset += length + (isOpen ? 0 : 1)
    }

    /// The next piece of the whole lines in the carry.
    private mutating func pieceOfCarry(_ buffer: BlockBuffer) -> Piece {
        var count = carry.lines.count
        if let mark {
            if mark.marks(carry.lines) { return header(mark, buffer) }
            count = mark.firstHeader(in: carry.lines) ?? count
        }
        buffer.reserve(count)
        let lines = carry.lines
        buffer.bytes.copyMemory(from: UnsafeRawBufferPointer(start: lines.start, count: count))
        carry.drop(count)
        return block(buffer, count: count)
    }

    /// The header lines at the front of the carry, all of them, if there are not too many.
    private mutating func header(_ mark: HeaderMark, _ buffer: BlockBuffer) -> Piece {
        var end = 0
        while true {
            let lines = carry.lines
            while end < lines.count, mark.marks(lines.suffix(from: end)) {
                end = (lines.firstIndex(of: 0x0A, from: end) ?? lines.count - 1) + 1
            }
            guard end == lines.count, !refill.isAtEnd, carry.count < Self.maxHeaderBytes else { break }
            let got = refill.fill(buffer, from: 0, to: blockBytes)
            carry.append(UnsafeRawBufferPointer(rebasing: buffer.bytes[0..<got]))
        }
        let header = carry.view.prefix(upTo: end)
        carry.drop(end)
        offset += UInt64(end)
        return .header(header)
    }
}
