// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Cuts a stream of Windows event XML into blocks of whole events, see ``EventXMLScanner``.
struct EventXMLFramer {
    private var refill: Refill
    private let blockBytes: Int
    private let maxRecordBytes: Int
    private var scanner: EventXMLScanner
    private var carry = Carry()
    private var offset: UInt64  // Of the first byte in `carry`.
    private var isDone = false
    /// Why the stream ended early.
    var failure: StreamFailure? { refill.failure }
    /// What was passed over.
    private(set) var rejections = Rejections()

    init(_ stream: PeekableBytes, offset: UInt64, limits: ReadLimits) {
        refill = Refill(stream)
        self.offset = offset
        maxRecordBytes = max(1, limits.maxRecordBytes)
        blockBytes = max(1, limits.blockBytes)
        scanner = EventXMLScanner(maxRecordBytes: maxRecordBytes)
    }

    /// The next block, nil at the end.
    mutating func next(into buffer: BlockBuffer) -> RecordBlock? {
        buffer.elements.removeAll(keepingCapacity: true)
        var count = carry.move(to: buffer)
        while !isDone {
            count = refill.fill(buffer, from: count, to: count + blockBytes)
            scan(buffer, count)
            if refill.isAtEnd { finish(count) }
            let kept = refill.isAtEnd ? count : scanner.kept
            if !buffer.elements.isEmpty {
                carry.set(UnsafeRawBufferPointer(rebasing: buffer.bytes[kept..<count]))
                scanner.drop(kept)
                defer { offset += UInt64(kept) }
                return RecordBlock(
                    bytes: buffer.view(0..<kept), offset: offset, framing: .eventXML, elements: buffer.elements)
            }
            if kept > 0 {
                buffer.settle()
                buffer.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer.bytes[kept..<count]))
                offset += UInt64(kept)
                count -= kept
                scanner.drop(kept)
            }
        }
        return nil
    }

    private mutating func scan(_ buffer: BlockBuffer, _ count: Int) {
        var found = buffer.elements
        buffer.elements = []  // So that there is one owner, and appending copies nothing.
        var told: [(at: Int, reason: String)] = []
        scanner.scan(buffer.view(0..<count), isLast: refill.isAtEnd && failure == nil) { event in
            switch event {
            case .record(let place): found.append(place)
            case .stray(let at): told.append((at, "no <Event> begins here; reading goes on with the next one"))
            case .unclosed(let at): told.append((at, "the event is not closed before the next one begins"))
            case .long(let at): told.append((at, "an event longer than the limit of \(maxRecordBytes) bytes"))
            }
        }
        buffer.elements = found
        for (at, reason) in told { rejections.add(Rejection(offset: offset + UInt64(at), reason: reason)) }
    }

    private mutating func finish(_ count: Int) {
        isDone = true
        if let failure {
            guard !failure.isCancelled else { return }
            let lost = scanner.isOpen ? "; the unfinished event before it is not counted" : ""
            rejections.add(Rejection(offset: offset + UInt64(count), reason: failure.reason + lost))
        } else if scanner.isOpen {
            let at = scanner.start ?? count
            let what = scanner.start == nil ? "markup that is not closed" : "this event"
            rejections.add(Rejection(offset: offset + UInt64(at), reason: "the stream ends within \(what)"))
        }
    }
}
