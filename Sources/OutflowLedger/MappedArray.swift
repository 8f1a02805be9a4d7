// SPDX-License-Identifier: Apache-2.0

import COutflowScan

/// A growing array of trivial elements in pages of its own: growing moves no bytes, shrinking gives memory back at once.
/// The tables of the hot path stand in these. Zeroed where new.
struct MappedArray<Element: BitwiseCopyable>: ~Copyable {
    private(set) var base: UnsafeMutablePointer<Element>
    /// Number of elements that there is room for.
    private(set) var capacity: Int

    init(capacity: Int) {
        self.capacity = Self.rounded(capacity, to: 4096)
        self.base = Self.map(self.capacity)
    }

    /// Capacity that fills its pages. Elements are powers of two in size.
    private static func rounded(_ capacity: Int, to page: Int) -> Int {
        let stride = MemoryLayout<Element>.stride
        return (capacity * stride + page - 1) / page * page / stride
    }

    deinit { outflow_unmap(base, capacity * MemoryLayout<Element>.stride) }

    private static func map(_ capacity: Int) -> UnsafeMutablePointer<Element> {
        guard let memory = outflow_map(max(capacity, 1) * MemoryLayout<Element>.stride) else {
            fatalError("out of memory: \(capacity) elements of \(MemoryLayout<Element>.stride) bytes")
        }
        return memory.assumingMemoryBound(to: Element.self)
    }

    /// Makes room for at least `capacity` elements; what is there stays.
    mutating func grow(to capacity: Int) {
        let stride = MemoryLayout<Element>.stride
        // What grows in place does so by huge pages, once it is large, or it would stand in small ones.
        let capacity = Self.rounded(capacity, to: capacity * stride >= 4 << 20 ? 2 << 20 : 4096)
        guard let memory = outflow_remap(base, self.capacity * stride, capacity * stride) else {
            fatalError("out of memory: \(capacity) elements of \(stride) bytes")
        }
        base = memory.assumingMemoryBound(to: Element.self)
        self.capacity = capacity
    }
}
