// SPDX-License-Identifier: Apache-2.0

/// How much a shared entity tells: little when many share it.
///
/// The weight of an entity (800, names of files 200) is divided by the number of hosts and accounts that share it, and
/// again by 1, 2 or 4 when what shares it lies up to a day, a week or 30 days apart. What is left must be at least 100.
/// So an address that two hosts share joins what lies a month apart, one that eight share what lies a day apart, and a
/// resolver, a NAT gateway or a content delivery network nothing at all.
enum Rarity {
    static let threshold = 100
    static let day: Int64 = 86_400_000_000
    /// The farthest that two things may lie apart and still be joined, in microseconds.
    static let farthest = 30 * day

    /// How far apart, in microseconds, two things may lie that share an entity; nil if it joins nothing.
    static func reach(weight: Int, sharedBy count: Int) -> Int64? {
        let weight = weight / max(count, 1)
        if weight >= 4 * threshold { return farthest }
        if weight >= 2 * threshold { return 7 * day }
        return weight >= threshold ? day : nil
    }

    /// The most that may share an entity of full weight which joins anything.
    static let most = 8
}

/// From when to when something lasted, in microseconds.
struct Stretch {
    var first: Int64
    var last: Int64

    init(_ first: Int64, _ last: Int64) {
        self.first = min(first, last)
        self.last = max(first, last)
    }

    /// Microseconds between two; none when they overlap.
    func gap(to other: Stretch) -> Int64 {
        let (distance, overflow) = max(first, other.first).subtractingReportingOverflow(min(last, other.last))
        return overflow ? .max : max(0, distance)
    }
}
