// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The compressed side of a layer: a buffer that is filled from the stream below when it runs empty, and the counts by
/// which the layer's ratio is judged.
struct LayerInput {
    private let base: any ByteStream
    private let budget: DecodingBudget
    private let buffer = LayerBuffer(64 << 10)
    private var low = 0
    private var high = 0
    private(set) var isAtEnd = false
    private var taken: UInt64 = 0
    private var yielded: UInt64 = 0

    init(_ base: any ByteStream, budget: DecodingBudget) {
        self.base = base
        self.budget = budget
    }

    /// Bytes not taken yet; never empty before the end. The buffer below is valid until the next call.
    mutating func available() throws(StreamFailure) -> UnsafeRawBufferPointer {
        if low == high, !isAtEnd {
            low = 0
            high = try base.read(into: buffer.bytes)
            isAtEnd = high == 0
        }
        return UnsafeRawBufferPointer(rebasing: buffer.bytes[low..<high])
    }

    /// At least `count` bytes not taken yet, fewer only at the end of the stream; `count` is small.
    mutating func available(atLeast count: Int) throws(StreamFailure) -> UnsafeRawBufferPointer {
        while high - low < count, !isAtEnd {
            buffer.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer.bytes[low..<high]))
            (low, high) = (0, high - low)
            let more = try base.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[high...]))
            isAtEnd = more == 0
            high += more
        }
        return UnsafeRawBufferPointer(rebasing: buffer.bytes[low..<high])
    }

    /// Takes `count` bytes of those available, out of which `produced` were made.
    mutating func take(_ count: Int, produced: Int) throws(StreamFailure) {
        low += count
        taken &+= UInt64(count)
        yielded &+= UInt64(produced)
        if produced > 0 { try budget.spend(produced, input: taken, output: yielded) }
    }
}

/// Memory of a layer, freed with it.
final class LayerBuffer {
    let bytes: UnsafeMutableRawBufferPointer
    init(_ count: Int) { bytes = .allocate(byteCount: count, alignment: 64) }
    deinit { bytes.deallocate() }
}
