// SPDX-License-Identifier: Apache-2.0

/// The element that has `rank` others before it in the order, in linear time on average, without sorting the rest.
///
/// Hoare's selection with the median of three as pivot (C. A. R. Hoare, Algorithm 65: Find, CACM 4(7), 1961). After as many
/// rounds as a bad order of the input could ask for, the part that is left is sorted instead, so that nobody who chooses
/// the input makes it slow.
///
/// - Precondition: `rank` is an index of `elements`, which are in another order afterwards.
@inline(__always)
func selected<Element>(
    _ rank: Int, of elements: inout [Element], by isBefore: (Element, Element) -> Bool
) -> Element {
    elements.withUnsafeMutableBufferPointer { elements in
        var (low, high) = (0, elements.count - 1)
        var rounds = 2 * (Int.bitWidth - elements.count.leadingZeroBitCount)
        while low < high {
            if rounds == 0 {
                elements[low...high].sort(by: isBefore)
                break
            }
            rounds -= 1
            let middle = low + (high - low) / 2
            if isBefore(elements[middle], elements[low]) { elements.swapAt(middle, low) }
            if isBefore(elements[high], elements[low]) { elements.swapAt(high, low) }
            if isBefore(elements[high], elements[middle]) { elements.swapAt(high, middle) }
            let pivot = elements[middle]
            var (left, right) = (low, high)
            while left <= right {
                while isBefore(elements[left], pivot) { left += 1 }
                while isBefore(pivot, elements[right]) { right -= 1 }
                if left <= right {
                    elements.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if rank <= right { high = right } else if rank >= left { low = left } else { break }
        }
        return elements[rank]
    }
}
