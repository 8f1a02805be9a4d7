// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Cuts a stream of JSON into blocks of whole records, see ``ElementScanner``.
///
/// A record longer than the limit is passed over in bounded memory and told; so is one that the stream's end cuts off.
struct ElementFramer {
    private var refill: Refill
    private let blockBytes: Int
    private let maxRecordBytes: Int
    private var scanner = ElementScanner()
    private var carry = Carry()
    private var offset: UInt64  // Of the first byte in `carry`.
    private var isDone = false
    private var lastStray: UInt64?
    /// Why the stream ended early.
    var failure: StreamFailure? { refill.failure }
    /// What was passed over.
    private(set) var rejections = Rejections()

    init(_ stream: PeekableBytes, offset: UInt64, limits: ReadLimits) {
        refill = Refill(stream)
        self.offset = offset
        maxRecordBytes = max(1, limits.maxRecordBytes)
        blockBytes = max(1, limits.blockBytes)
    }

    /// The next block, nil at the end.
    mutating func next(into buffer: BlockBuffer) -> RecordBlock? {
        buffer.elements.removeAll(keepingCapacity: true)
        var count = carry.move(to: buffer)
        while !isDone {
            let fresh = count
            count = refill.fill(buffer, from: count, to: count + blockBytes)
            scan(buffer, fresh..<count)
            if refill.isAtEnd { finish(buffer, count: count) }
            // What is kept: the record that is still open, unless it is too long already.
            if scanner.isOpen, !scanner.isDropped, count - scanner.start > maxRecordBytes {
                rejectLong(offset + UInt64(scanner.start))
                scanner.isDropped = true
            }
            let kept = scanner.isOpen && !scanner.isDropped ? scanner.start : count
            if !buffer.elements.isEmpty {
                let block = RecordBlock(
                    bytes: buffer.view(0..<kept), offset: offset, framing: .jsonElements, elements: buffer.elements)
                carry.set(UnsafeRawBufferPointer(rebasing: buffer.bytes[kept..<count]))
                offset += UInt64(kept)
                scanner.start = 0
                return block
            }
            if kept > 0 {
                // Nothing found so far, and nothing before `kept` is needed.
                buffer.settle()
                buffer.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer.bytes[kept..<count]))
                offset += UInt64(kept)
                count -= kept
                scanner.start = 0
            }
        }
        return nil
    }

    private mutating func scan(_ buffer: BlockBuffer, _ range: Range<Int>) {
        var found = buffer.elements
        buffer.elements = []  // So that there is one owner, and appending copies nothing.
        let bytes = buffer.view(0..<range.upperBound)
        var long: [Int] = []
        var strays: [Int] = []
        var passedOver: [Int] = []
        scanner.scan(bytes, range) { event in
            switch event {
            case .record(let place):
                if place.count <= maxRecordBytes { found.append(place) } else { long.append(place.lowerBound) }
            case .stray(let at): strays.append(at)
            case .passedOver(let at): passedOver.append(at)
            }
        }
        buffer.elements = found
        for at in long { rejectLong(offset + UInt64(at)) }
        for at in strays { rejectStray(offset + UInt64(at)) }
        for at in passedOver {
            rejections.add(
                Rejection(
                    offset: offset + UInt64(at),
                    reason: "what stands here is not where records stand in this JSON, and is passed over"))
        }
    }

    private mutating func finish(_ buffer: BlockBuffer, count: Int) {
        isDone = true
        if let failure {
            guard !failure.isCancelled else { return }
            let lost = scanner.isOpen ? "; the unfinished record before it is not counted" : ""
            rejections.add(Rejection(offset: offset + UInt64(count), reason: failure.reason + lost))
            return
        }
        scanner.finish(at: count) { event in
            if case .record(let place) = event { buffer.elements.append(place) }
        }
        if scanner.isOpen, !scanner.isDropped {
            rejections.add(
                Rejection(offset: offset + UInt64(scanner.start), reason: "the stream ends within this JSON value"))
        } else if !scanner.isBalanced {
            rejections.add(Rejection(offset: offset + UInt64(count), reason: "the stream ends before its JSON does"))
        }
    }

    private mutating func rejectLong(_ at: UInt64) {
        rejections.add(Rejection(offset: at, reason: "a JSON value longer than the limit of \(maxRecordBytes) bytes"))
    }

    /// Brackets that nothing opened; a run of them is one stretch.
    private mutating func rejectStray(_ at: UInt64) {
        if lastStray.map({ $0 + 1 == at }) != true {
            rejections.add(Rejection(offset: at, reason: "a bracket that is out of place"))
        }
        lastStray = at
    }
}
