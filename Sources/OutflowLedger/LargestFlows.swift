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
    private(set) var rest: [Route: Report.Total] = [:]
    private var codes = [Report.Total](repeating: .init(), count: Route.allCases.count)

    init(limit: Int) { self.limit = limit }

    mutating func add(
        lower: UInt64, upper: UInt64?, route: Route, records: UInt64, shard: Int, number: Int, answered: Bool
    ) {
        let candidate = Candidate(
            lower: lower, upper: upper ?? .max, isUnbounded: upper == nil, route: route, records: records, shard: shard,
            number: number, answered: answered)
        if let floor, (lower, candidate.upper) < floor {
            drop(candidate)
            return
        }
        kept.append(candidate)
        if kept.count >= 4 * limit + 1024 { trim() }
    }

    /// Adds another part's.
    mutating func add(_ other: LargestFlows) {
        for (code, total) in other.codes.enumerated() { codes[code].add(total) }
        for candidate in other.kept {
            add(
                lower: candidate.lower, upper: candidate.isUnbounded ? nil : candidate.upper, route: candidate.route,
                records: candidate.records, shard: candidate.shard, number: candidate.number,
                answered: candidate.answered)
        }
    }

    private mutating func drop(_ candidate: Candidate) {
        let code = Int(candidate.route.code)
        codes[code].transfers += 1
        codes[code].bytes += ByteBounds(
            atLeast: candidate.lower, atMost: candidate.isUnbounded ? nil : candidate.upper)
        codes[code].onWire &+= candidate.isUnbounded ? 0 : candidate.upper
        codes[code].reads += 0
        codes[code].records += candidate.records
    }

    /// Drops what is smaller than the limit-th largest; equals of it stay, however many.
    private mutating func trim() {
        guard kept.count > limit else { return }
        kept.sort(by: Candidate.isLarger)
        let border = kept[limit - 1]
        floor = (border.lower, border.upper)
        while let last = kept.last, (last.lower, last.upper) < (border.lower, border.upper) {
            drop(last)
            kept.removeLast()
        }
    }

    /// The largest, at least `limit` of them if there are so many, with all equals of the smallest.
    mutating func taken() -> [Candidate] {
        trim()
        for (code, total) in codes.enumerated() where total.transfers > 0 { rest[Route.allCases[code]] = total }
        return kept
    }
}
