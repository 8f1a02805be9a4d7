// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The observations that one `[ … ]` of a pattern may be bound to, in order of time, with what it takes to count those in a
/// window of time without looking at each.
final class BindingCandidates: Sendable {
    /// Indices of observations, by first moment, then index.
    let order: [Int]
    /// First moment of each, in that order.
    private let firsts: [Int64]
    /// Last moments, sorted.
    private let lasts: [Int64]
    /// How many observations the first n by first moment, and by last moment, stand for; saturating.
    private let countsByFirst: [UInt64]
    private let countsByLast: [UInt64]
    /// The longest of them.
    private let longest: Int64

    init(_ indices: [Int], _ observations: [Observation]) {
        func key(_ index: Int) -> (Int64, Int) { (observations[index].first.microseconds, index) }
        let byFirst = indices.sorted { key($0) < key($1) }
        let byLast = indices.sorted { observations[$0].last < observations[$1].last }
        func sums(_ indices: [Int]) -> [UInt64] {
            var sum: UInt64 = 0
            return [0]
                + indices.map {
                    sum = sum.saturatingAdd(observations[$0].count)
                    return sum
                }
        }
        order = byFirst
        firsts = byFirst.map { observations[$0].first.microseconds }
        lasts = byLast.map { observations[$0].last.microseconds }
        countsByFirst = sums(byFirst)
        countsByLast = sums(byLast)
        longest = indices.map { observations[$0].last.microseconds - observations[$0].first.microseconds }.max() ?? 0
    }

    /// Number of values below, or not above, a limit in a sorted array.
    private static func count(_ values: [Int64], below limit: Int64, inclusive: Bool) -> Int {
        var low = 0
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < limit || (inclusive && values[middle] == limit) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// How many observations begin at or before `latestFirst` and end at or after `earliestLast`, each as often as it was
    /// made. Exact but when saturated: one that ends before a window also begins before its end.
    func count(_ window: BindingWindow) -> UInt64 {
        let begun = countsByFirst[Self.count(firsts, below: window.latestFirst, inclusive: true)]
        if begun == .max { return .max }
        let over = countsByLast[Self.count(lasts, below: window.earliestLast, inclusive: false)]
        return begun > over ? begun - over : 0
    }

    /// Positions in ``order`` among which all observations of the window are.
    func range(_ window: BindingWindow) -> Range<Int> {
        let end = Self.count(firsts, below: window.latestFirst, inclusive: true)
        // One that begins earlier than the longest lasts is over before the window.
        let (low, overflow) = window.earliestLast.subtractingReportingOverflow(longest)
        let start = overflow ? 0 : Self.count(firsts, below: low, inclusive: false)
        return min(start, end)..<end
    }
}

/// Observations that begin at or before one moment and end at or after another.
struct BindingWindow: Equatable {
    var earliestLast = Int64.min
    var latestFirst = Int64.max

    func contains(_ observation: Observation) -> Bool {
        observation.first.microseconds <= latestFirst && observation.last.microseconds >= earliestLast
    }
}
