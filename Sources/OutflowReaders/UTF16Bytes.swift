// SPDX-License-Identifier: Apache-2.0

import OutflowEVTX
import OutflowRecords

/// UTF-16 text turned into UTF-8. Half surrogate pairs and an odd last byte become U+FFFD and are counted.
final class UTF16Bytes: ByteStream {
    /// Which byte of a unit comes first.
    enum Order { case little, big }

    private let base: any ByteStream
    private let order: Order
    private let input = LayerBuffer(32 << 10)
    // Three bytes of UTF-8 for two of UTF-16 at most, and room for what was left over.
    private let output = LayerBuffer(52 << 10)
    private var kept = 0  // Bytes at the front of `input` that are half a unit.
    private var low = 0
    private var high = 0
    private var written: UInt64 = 0
    private var pending: UInt16?  // A high surrogate whose other half comes next.
    private var isAtEnd = false
    /// What could not be turned, by offset in the UTF-8 stream.
    private(set) var rejections = Rejections()

    init(_ base: any ByteStream, _ order: Order) {
        self.base = base
        self.order = order
    }

    /// The byte order of a stream that begins with `head`, if it is UTF-16: by its mark, or because of the first bytes
    /// nearly every second one is 0 (the text of logs is mostly ASCII). Also how long the mark is.
    static func order(of head: Bytes) -> (order: Order, mark: Int)? {
        guard head.count >= 2 else { return nil }
        if head[0] == 0xFF, head[1] == 0xFE { return (.little, 2) }
        if head[0] == 0xFE, head[1] == 0xFF { return (.big, 2) }
        let pairs = min(head.count, 256) / 2
        guard pairs >= 4 else { return nil }
        var little = 0
        var big = 0
        for pair in 0..<pairs {
            let (first, second) = (head[2 * pair], head[2 * pair + 1])
            if first != 0, second == 0 { little += 1 }
            if first == 0, second != 0 { big += 1 }
        }
        if little * 10 >= pairs * 8 { return (.little, 0) }
        if big * 10 >= pairs * 8 { return (.big, 0) }
        return nil
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int {
        while low == high {
            if isAtEnd { return 0 }
            try convert()
        }
        let count = min(buffer.count, high - low)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: output.bytes[low..<low + count]))
        low += count
        return count
    }

    private func convert() throws(StreamFailure) {
        (low, high) = (0, 0)
        let count = try base.read(into: UnsafeMutableRawBufferPointer(rebasing: input.bytes[kept...]))
        guard count > 0 else {
            isAtEnd = true
            if kept > 0 || pending != nil { reject("UTF-16 text ends within a character") }
            return
        }
        let available = kept + count
        var at = 0
        while at + 1 < available {
            let (first, second) = (UInt16(input.bytes[at]), UInt16(input.bytes[at + 1]))
            take(order == .little ? second << 8 | first : first << 8 | second)
            at += 2
        }
        kept = available - at
        if kept == 1 { input.bytes[0] = input.bytes[at] }
    }

    private func take(_ unit: UInt16) {
        if let first = pending {
            pending = nil
            if (0xDC00...0xDFFF).contains(unit) {
                append(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(unit) - 0xDC00))
                return
            }
            reject("half a surrogate pair in UTF-16 text")
        }
        switch unit {
        case 0xD800...0xDBFF: pending = unit
        case 0xDC00...0xDFFF: reject("half a surrogate pair in UTF-16 text")
        default: append(UInt32(unit))
        }
    }

    private func reject(_ reason: String) {
        rejections.add(Rejection(offset: written, reason: reason))
        append(0xFFFD)
    }

    private func append(_ scalar: UInt32) {
        // Three bytes of room for each unit, and so four for a pair, are there from the start.
        guard let base = output.bytes.baseAddress else { return }
        let count = UTF8Encoding.write(scalar, to: base.assumingMemoryBound(to: UInt8.self) + high)
        high += count
        written += UInt64(count)
    }
}

/// A stream of text, and where in it the text begins.
struct TextStream {
    /// UTF-8, if the text was Unicode at all.
    let bytes: PeekableBytes
    /// Length of a byte order mark that was passed over.
    let offset: UInt64
    /// What turned the text into UTF-8, if something had to.
    let converter: UTF16Bytes?

    /// The text of `raw`: byte order marks are passed over, UTF-16 becomes UTF-8.
    init(_ raw: PeekableBytes) {
        let head = raw.peek(256)
        if EventLogScanner.begins(head) {
            // Much of an event log is UTF-16, but it is not text.
            converter = nil
            bytes = raw
            offset = 0
        } else if let (order, mark) = UTF16Bytes.order(of: head) {
            raw.skip(mark)
            let converter = UTF16Bytes(raw, order)
            self.converter = converter
            bytes = PeekableBytes(converter)
            offset = 0
        } else {
            let hasMark = head.count >= 3 && head[0] == 0xEF && head[1] == 0xBB && head[2] == 0xBF
            if hasMark { raw.skip(3) }
            converter = nil
            bytes = raw
            offset = hasMark ? 3 : 0
        }
    }
}
