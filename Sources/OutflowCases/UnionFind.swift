// SPDX-License-Identifier: Apache-2.0

/// Disjoint sets of small numbers. Which number stands for a set depends on nothing but the set: it is its least.
struct UnionFind {
    private var parents: [Int]

    /// So many sets of one number each.
    init(_ count: Int) { parents = Array(0..<count) }

    /// The least number of the set that `member` is in.
    mutating func find(_ member: Int) -> Int {
        var at = member
        while parents[at] != at {
            // Halves the path for the next time (Tarjan, van Leeuwen 1984).
            parents[at] = parents[parents[at]]
            at = parents[at]
        }
        return at
    }

    /// Makes the sets of both one.
    mutating func union(_ one: Int, _ other: Int) {
        let (a, b) = (find(one), find(other))
        if a != b { parents[max(a, b)] = min(a, b) }
    }
}
