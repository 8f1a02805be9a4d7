// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Memory that blocks are read into, with 64 padding bytes behind. One belongs to each thread and is used again for every
/// block: what ``InputReader/next(into:)`` handed out dies with the next call on the same buffer.
public final class BlockBuffer {
    private(set) var bytes: UnsafeMutableRawBufferPointer
    /// Where elements stand; kept here so that the array's memory is used again.
    var elements: [Range<Int>] = []

    /// What still has to hash bytes of it, and under which number.
    private(set) var hashing: (hash: FileHash, number: Int)?

    /// An empty buffer, which grows as blocks need it.
    public init() { bytes = .allocate(byteCount: 0, alignment: 64) }

    deinit {
        settle()
        bytes.deallocate()
    }

    /// Has `hash` add bytes of it some time before they change.
    func hash(_ part: UnsafeRawBufferPointer, with hash: FileHash) {
        settle()
        hashing = (hash, hash.note(part))
    }

    /// Returns when nobody else needs its bytes any more: comes before all that changes them.
    func settle() {
        if let (hash, number) = hashing { hash.settle(number) }
        hashing = nil
    }

    /// Makes room for `count` bytes and the padding, keeping the first `used` ones.
    func reserve(_ count: Int, keeping used: Int = 0) {
        settle()
        guard bytes.count < count + 64 else { return }
        // Growing by half at least keeps the copying for one huge record linear.
        let size = max(count, used == 0 ? 0 : bytes.count + bytes.count / 2) + 64
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
        if used > 0 { larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[0..<used])) }
        UnsafeMutableRawBufferPointer(rebasing: larger[(size - 64)...]).initializeMemory(as: UInt8.self, repeating: 0)
        bytes.deallocate()
        bytes = larger
    }

    /// Whether `part` lies in it.
    func contains(_ part: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress, let first = part.baseAddress else { return false }
        return first >= UnsafeRawPointer(start) && first + part.count <= UnsafeRawPointer(start) + bytes.count
    }

    /// A view of the bytes in `range`.
    func view(_ range: Range<Int>) -> Bytes { Bytes(UnsafeRawBufferPointer(rebasing: bytes[range])) }
}

/// Bytes of a stream that were read but belong to a later block.
struct Carry {
    private let store = BlockBuffer()
    private(set) var low = 0
    private(set) var high = 0
    /// End of the whole lines in it: what lies behind is the beginning of a line.
    private(set) var linesEnd = 0

    var count: Int { high - low }
    var hasLines: Bool { low < linesEnd }
    /// All bytes in it. The view dies with the next change.
    var view: Bytes { store.view(low..<high) }
    /// The whole lines in it.
    var lines: Bytes { store.view(low..<max(low, linesEnd)) }

    /// Makes `bytes` its only content.
    mutating func set(_ bytes: UnsafeRawBufferPointer) {
        (low, high, linesEnd) = (0, 0, 0)
        append(bytes)
    }

    /// Adds `bytes` at the end.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if low > 0, low >= count {
            store.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: store.bytes[low..<high]))
            (low, high, linesEnd) = (0, high - low, max(0, linesEnd - low))
        }
        let fresh = high
        store.reserve(high + bytes.count, keeping: high)
        UnsafeMutableRawBufferPointer(rebasing: store.bytes[high...]).copyMemory(from: bytes)
        high += bytes.count
        var end = high
        while end > fresh, store.bytes[end - 1] != 0x0A { end -= 1 }
        if end > fresh { linesEnd = end }
    }

    /// Gives up its first `count` bytes.
    mutating func drop(_ count: Int) { low = min(low + count, high) }

    /// Moves everything to the front of `buffer`, and returns how many bytes that were.
    mutating func move(to buffer: BlockBuffer) -> Int {
        let moved = count
        buffer.reserve(moved)
        if moved > 0 { buffer.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: store.bytes[low..<high])) }
        (low, high, linesEnd) = (0, 0, 0)
        return moved
    }
}
