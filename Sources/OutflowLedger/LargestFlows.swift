// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Finds the largest of very many sums without putting any into words.
struct LargestFlows {
    struct Candidate {
        var lower: UInt64
        var upper: UInt64
        var isUnbounded: Bool
        var route: Route
        var records: UInt64
        var shard: Int
        var number: Int
        var answered: Bool

        /// Larger first; equal ones are told apart by what does not depend on order of input.
        static func isLarger(_ a: Candidate, _ b: Candidate) -> Bool {
            a.lower != b.lower ? a.lower > b.lower : a.upper > b.upper
        }
    }

    let limit: Int
    private var kept: [Candidate] = []
    private var floor: (UInt64, UInt64)?
    /// Those that were left out, added up.
    private(set) var rest: [Route: UnlistedFlows] = [:]
    private var codes = [UnlistedFlows](repeating: .init(), count: Route.allCases.count)

    init(limit: Int) { self.limit = limit }

    /// How many are kept until the smallest are dropped.
    private var roomForAll: Int { 2 * limit + 1024 }

    mutating func add(_ candidate: Candidate) {
        if let floor, (candidate.lower, candidate.upper) < floor {
            drop(candidate)
            return
        }
        kept.append(candidate)
        if kept.count >= roomForAll { trim() }
    }

    /// Adds another part's.
    mutating func add(_ other: LargestFlows) {
        for (code, total) in other.codes.enumerated() { codes[code].add(total) }
        for candidate in other.kept { add(candidate) }
    }

    private mutating func drop(_ candidate: Candidate) { codes[Int(candidate.route.code)].add(candidate) }

    /// Drops what is smaller than the limit-th largest; equals of it stay, however many.
    private mutating func trim() {
        guard kept.count > limit else { return }
        var sizes = kept.map { ($0.lower, $0.upper) }
        let border = selected(limit - 1, of: &sizes) { $0 > $1 }
        floor = border
        var large: [Candidate] = []
        large.reserveCapacity(roomForAll)
        for candidate in kept {
            if (candidate.lower, candidate.upper) < border { drop(candidate) } else { large.append(candidate) }
        }
        kept = large
    }

    /// The largest, at least `limit` of them if there are so many, with all equals of the smallest.
    mutating func taken() -> [Candidate] {
        trim()
        for (code, total) in codes.enumerated() where total.transfers > 0 { rest[Route.allCases[code]] = total }
        return kept
    }
}

/// Sums that are too small for a line of their own, added up. Whole numbers without limit, so that one that gets its line
/// after all can be taken out again.
struct UnlistedFlows: Equatable {
    var transfers: UInt64 = 0
    private var lower: UInt128 = 0
    private var upper: UInt128 = 0
    private var unbounded: UInt64 = 0
    private var records: UInt64 = 0

    mutating func add(_ candidate: LargestFlows.Candidate) {
        transfers &+= 1
        lower &+= UInt128(candidate.lower)
        if candidate.isUnbounded { unbounded &+= 1 } else { upper &+= UInt128(candidate.upper) }
        records &+= candidate.records
    }

    mutating func remove(_ candidate: LargestFlows.Candidate) {
        transfers &-= 1
        lower &-= UInt128(candidate.lower)
        if candidate.isUnbounded { unbounded &-= 1 } else { upper &-= UInt128(candidate.upper) }
        records &-= candidate.records
    }

    mutating func add(_ other: UnlistedFlows) {
        transfers &+= other.transfers
        lower &+= other.lower
        upper &+= other.upper
        unbounded &+= other.unbounded
        records &+= other.records
    }

    /// As the report has it: no upper bound as soon as one has none.
    var total: Report.Total {
        var total = Report.Total()
        total.transfers = transfers
        total.bytes = ByteBounds(
            atLeast: UInt64(clamping: lower), atMost: unbounded > 0 ? nil : UInt64(exactly: upper))
        total.onWire = unbounded == 0 && lower == upper ? UInt64(exactly: upper) : nil
        total.records = records
        return total
    }
}
