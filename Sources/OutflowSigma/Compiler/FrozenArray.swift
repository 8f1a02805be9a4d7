// SPDX-License-Identifier: Apache-2.0

/// Elements that never change again, shared by threads and read without bounds checks or reference counting of elements
/// that are plain data: what tables on the hot path are made of.
final class FrozenArray<Element: Sendable>: @unchecked Sendable {  // Never written after init.
    /// The first element; one past-the-end place is allocated for empty arrays.
    let base: UnsafeMutablePointer<Element>
    /// How many elements there are.
    let count: Int

    init(_ elements: [Element]) {
        count = elements.count
        base = .allocate(capacity: max(elements.count, 1))
        for (index, element) in elements.enumerated() { (base + index).initialize(to: element) }
    }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    /// The element at `index`; the caller keeps it within bounds (checked in debug builds).
    @inline(__always)
    subscript(index: Int) -> Element {
        assert(index >= 0 && index < count)
        return base[index]
    }

    /// All elements.
    var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }
}
