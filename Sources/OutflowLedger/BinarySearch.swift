// SPDX-License-Identifier: Apache-2.0

extension Array {
    /// Index of the first element of which `isSecond` is true, in an array in which it is true of all behind one of which it is;
    /// the number of elements if there is none. Binary search.
    func partitioningIndex(where isSecond: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
