// SPDX-License-Identifier: Apache-2.0

import OutflowSketches

#if canImport(Glibc)
    import Glibc
#endif

/// The scores of all entities on the days of the window, in one lane of one feature: what a score is ranked among.
///
/// Integer counts in buckets; a day that leaves the window is taken away again. Scores are kept apart by stratum, so that
/// an entity that does something now and then is not compared with those that do it daily, or never.
struct Reference: Sendable {
    /// Where a score lies.
    struct Place: Sendable, Equatable {
        var bucket: UInt16
        /// Among scores of its kind; ``none`` for a score that was not taken.
        var stratum: UInt16
        static let none = Place(bucket: 0, stratum: .max)
    }

    static let strata = 2
    private var all = [LogHistogram](repeating: LogHistogram(), count: Self.strata)
    /// Today's scores.
    private var today = [LogHistogram](repeating: LogHistogram(), count: Self.strata)
    private var days: [(day: Int32, places: [Place])] = []
    /// How much higher today's scores are than usual all over the estate.
    private(set) var commonShock = [Double](repeating: 1, count: Self.strata)

    /// Adds the scores of a day and forgets days before `first`.
    mutating func add(day: Int32, _ places: [Place], forgettingBefore first: Int32) {
        var gone = 0
        while gone < days.count, days[gone].day < first {
            for place in days[gone].places { all[Int(place.stratum)].add(bucket: Int(place.bucket), times: -1) }
            gone += 1
        }
        if gone > 0 { days.removeFirst(gone) }
        let usual = all.map { $0.count > 0 ? $0.quantile(0.9) : 0 }
        for stratum in today.indices where today[stratum].count > 0 { today[stratum] = LogHistogram() }
        for place in places {
            all[Int(place.stratum)].add(bucket: Int(place.bucket))
            today[Int(place.stratum)].add(bucket: Int(place.bucket))
        }
        for stratum in today.indices {
            let now = today[stratum].count >= Judge.peersNeeded ? today[stratum].quantile(0.9) : 0
            commonShock[stratum] = usual[stratum] > 0 && now > usual[stratum] ? now / usual[stratum] : 1
        }
        days.append((day, places))
    }

    /// A score among the others.
    struct Rank: Sendable {
        /// How many scores of other entities there are.
        var among = 0
        /// How many of them are as high or higher.
        var higher = 0
        /// For how many of them the score itself stands: one, less if it lies far beyond all others.
        var selfWeight = 1.0
        /// Share of today's scores that are as high.
        var today = 0.0
    }

    /// Ranks a score.
    ///
    /// - Parameters:
    ///   - own: calls its argument with the place of each score of the same entity, today's as well if it was added.
    ///   - isLearned: whether today's score was added.
    func rank(score: Double, stratum: Int, isLearned: Bool, own: ((Place) -> Void) -> Void) -> Rank {
        let shocked = score / commonShock[stratum]
        let bucket = LogHistogram.bucket(of: shocked)
        let everyone = all[stratum]
        var mine = 0
        var mineAbove = 0
        var mineHighest = -1
        own { place in
            guard place.stratum == UInt16(stratum) else { return }
            mine += 1
            if Int(place.bucket) >= bucket { mineAbove += 1 }
            mineHighest = max(mineHighest, Int(place.bucket))
        }
        var rank = Rank()
        rank.among = max(0, everyone.count - mine)
        rank.higher = max(0, everyone.count(from: bucket) - mineAbove)
        if rank.higher == 0 { rank.selfWeight = tailWeight(shocked, bucket, rank.among, stratum, own) }
        if today[stratum].count >= Judge.peersNeeded {
            let known = isLearned && LogHistogram.bucket(of: score) >= bucket ? 1 : 0
            rank.today = Double(max(0, today[stratum].count(from: bucket) - known)) / Double(today[stratum].count)
        }
        return rank
    }

    /// The chance, in scores, of lying so far beyond all others: a Pareto law from the highest of them on, its index
    /// estimated from the √n highest, at most 50 (Hill 1975), and kept between 0.8 and 3.
    private func tailWeight(
        _ score: Double, _ bucket: Int, _ among: Int, _ stratum: Int, _ own: ((Place) -> Void) -> Void
    ) -> Double {
        guard among > 0 else { return 1 }
        var mine: [Int: Int] = [:]
        own { if $0.stratum == UInt16(stratum) { mine[Int($0.bucket), default: 0] += 1 } }
        let everyone = all[stratum]
        let wanted = max(1, min(50, Int(Double(among).squareRoot())))
        var found: [Int] = []
        var above = 0
        while above < everyone.count, found.count < wanted {
            let at = everyone.bucket(rank: everyone.count - above)
            let here = everyone.count(from: at) - above
            above += here
            let others = max(0, here - (mine[at] ?? 0))
            for _ in 0..<min(others, wanted - found.count) { found.append(at) }
        }
        guard let top = found.first, top < bucket else { return 1 }
        var index = 1.0
        if found.count >= 10, let last = found.last {
            let low = LogHistogram.value(of: last)
            var sum = 0.0
            for at in found.dropLast() { sum += log(LogHistogram.value(of: at + 1) / low) }
            index = min(3, max(0.8, Double(found.count - 1) / max(sum, 1e-6)))
        }
        let edge = LogHistogram.value(of: top + 1)
        return score > edge ? pow(edge / score, index) : 1
    }
}
