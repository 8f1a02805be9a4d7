// SPDX-License-Identifier: Apache-2.0

import COutflowScan

/// A growing array of trivial elements in pages of its own: growing moves no bytes, shrinking gives memory back at once.
/// The tables of the hot path stand in these. Zeroed where new.
struct MappedArray<Element: BitwiseCopyable>: ~Copyable {
    private(set) var base: UnsafeMutablePointer<Element>
    /// Number of elements that there is room for.
    private(set) var capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        self.base = Self.map(capacity)
    }

    deinit { outflow_unmap(base, capacity * MemoryLayout<Element>.stride) }

    private static func map(_ capacity: Int) -> UnsafeMutablePointer<Element> {
        guard let memory = outflow_map(max(capacity, 1) * MemoryLayout<Element>.stride) else {
            fatalError("out of memory: \(capacity) elements of \(MemoryLayout<Element>.stride) bytes")
        }
        return memory.assumingMemoryBound(to: Element.self)
    }

    /// Makes room for `capacity` elements; what is there stays.
    mutating func grow(to capacity: Int) {
        let stride = MemoryLayout<Element>.stride
        guard let memory = outflow_remap(base, self.capacity * stride, capacity * stride) else {
            fatalError("out of memory: \(capacity) elements of \(stride) bytes")
        }
        base = memory.assumingMemoryBound(to: Element.self)
        self.capacity = capacity
    }
}
