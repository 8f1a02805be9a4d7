// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger

#if canImport(Glibc)
    import Glibc
#endif

/// Finds the smallest theft that would have been caught: probes are judged beside the entities whose days they borrow, with
/// what they would have stolen added to one figure, and are never learned.
///
/// A probe takes its whole loot on one day, or the same on each of 30 days on which its entity was seen. What a probe
/// catches grows with its size but for the width of a bucket, so that the smallest size of one day is found by bisection,
/// and of 30 days by letting sizes run, each twice the last, until they are caught. A minute and an hour are probes of their
/// own where a feature tells them from a day; else the three are one, as figures are sums over days, and a theft that does
/// not pass midnight is all of one.
struct LimitProbe {
    /// Share of probes that must be caught.
    static let recall = 0.9
    /// Probes of one day, spread over ``lastDays``, and of 30 days.
    static let dayProbes = 60
    static let monthProbes = 10...20
    static let month: Int32 = 30
    /// With fewer probes nothing is said.
    static let probesNeeded = 10
    /// Probes are put into so many days at the end of the logs: what was caught then will be caught tomorrow.
    static let lastDays = 20

    /// Figures that a theft raises: of the first, what is stolen is the largest or all; the others are sums.
    private let raised: [Int]
    /// What a theft within a day raises besides, whatever its size, by duration: features and figures.
    private let durations: [(over: String, raises: [(Int, UInt64)])]
    private let feature: Feature
    private let days: EntityDays
    /// From the feature's floor on, in steps of √2.
    private let sizes: [UInt64]
    private let firstDayOfMonth: Int32?
    private let probeDays: Set<Int32>
    /// Of each probe, the index of the smallest size that was caught; the number of sizes if none was.
    private var ofDay: [[Int]]
    private var ofMonth: [Int] = []
    private var runners: [Runner] = []

    private struct Runner {
        var probe: Int
        var size: Int
        var entity: UInt32
        var state: Judge.State
    }

    /// Probes of a feature; nil where nothing was measured of it, so that no figure could be told.
    ///
    /// - Parameters:
    ///   - sums: features that what is stolen adds to besides.
    ///   - durations: what else is raised by a theft that lasts so long, within a day; nothing else for those of a day.
    init?(
        _ number: Int, sums: [Int] = [], durations: [(over: String, raises: [(Int, UInt64)])] = [], in days: EntityDays
    ) {
        let width = days.features.count
        guard number < width, days.dayCount > 0, let last = days.day.last, let first = days.day.first,
            days.values.indices.contains(where: { $0 % width == number && days.values[$0] > 0 })
        else { return nil }
        raised = [number] + sums
        self.durations = durations.isEmpty ? [("1 day", [])] : durations
        ofDay = .init(repeating: [], count: self.durations.count)
        feature = days.features[number]
        let floor = days.features[number].floor
        self.days = days
        sizes = (0...80).map { UInt64((Double(max(1, floor)) * pow(2, Double($0) / 2)).rounded()) }
        let begin = last - Self.month + 1
        firstDayOfMonth = begin - first >= Int32(Judge.historyNeeded) ? begin : nil
        var chosen: Set<Int32> = []
        for index in max(0, days.dayCount - Self.lastDays)..<days.dayCount {
            let start = days.dayStarts[index]
            if start < days.rowCount { chosen.insert(days.day[start]) }
        }
        probeDays = chosen
    }

    /// Judges the probes of a day.
    mutating func judge(_ judge: Judge, _ day: Int32, _ rows: Range<Int>, _ states: [Judge.State]) {
        if probeDays.contains(day) {
            let count = max(1, Self.dayProbes / probeDays.count)
            for row in Self.spread(count, over: rows) {
                let state = states[Int(days.entity[row])]
                // Who is in alarm already says nothing about a theft.
                var real = state
                if Self.step(judge, days, nil, &real, day: day, row: row, loot: 0, keeps: false) { continue }
                for (number, duration) in durations.enumerated() {
                    var low = 0
                    var high = sizes.count
                    while low < high {
                        let middle = (low + high) / 2
                        var copy = state
                        let isCaught = Self.step(
                            judge, days, raised, besides: duration.raises, &copy, day: day, row: row,
                            loot: sizes[middle], keeps: false)
                        if isCaught { high = middle } else { low = middle + 1 }
                    }
                    ofDay[number].append(low)
                }
            }
        }
        guard let first = firstDayOfMonth, day >= first else { return }
        if runners.isEmpty && ofMonth.isEmpty {
            let wanted = min(Self.monthProbes.upperBound, max(Self.monthProbes.lowerBound, days.rowCount / 2000))
            for row in Self.spread(wanted, over: rows) {
                for size in stride(from: 0, to: sizes.count, by: 2) {
                    runners.append(
                        Runner(
                            probe: ofMonth.count, size: size, entity: days.entity[row],
                            state: states[Int(days.entity[row])]))
                }
                ofMonth.append(sizes.count)
            }
        }
        var kept = 0
        for index in runners.indices {
            let (probe, size) = (runners[index].probe, runners[index].size)
            if size >= ofMonth[probe] { continue }
            if let row = days.row(runners[index].entity, day),
                Self.step(
                    judge, days, raised, &runners[index].state, day: day, row: row,
                    loot: max(1, sizes[size] / UInt64(Self.month)), keeps: true)
            {
                ofMonth[probe] = size
                continue
            }
            runners.swapAt(kept, index)
            kept += 1
        }
        runners.removeSubrange(kept...)
    }

    /// One day of a probe; whether it was caught for what it took, or, with nothing raised, whether there is an alarm anyway.
    private static func step(
        _ judge: Judge, _ days: EntityDays, _ raised: [Int]?, besides: [(Int, UInt64)] = [],
        _ state: inout Judge.State, day: Int32, row: Int, loot: UInt64, keeps: Bool
    ) -> Bool {
        let width = days.features.count
        var values = Array(days.values[row * width..<(row + 1) * width])
        for number in raised ?? [] {
            let (sum, overflow) = values[number].addingReportingOverflow(loot)
            values[number] = overflow ? .max : sum
        }
        for (number, value) in besides { values[number] = max(values[number], value) }
        let figures = values.indices.map { judge.figure(values[$0], $0, state, day) }
        let verdict = judge.verdict(&state, day: day, values: values[...], figures: figures[...], isLearned: false)
        if verdict.statistic >= judge.threshold.value,
            raised?.contains(verdict.feature) ?? true || besides.contains(where: { $0.0 == verdict.feature })
        {
            return true
        }
        if keeps {
            // Scores of a probe are in no reference: they have no place that could be taken for its own there.
            let places = [Reference.Place](repeating: .none, count: width * Judge.laneCount)
            state.history.forget(before: day - Judge.window)
            state.history.add(day: day, values[...], places: places[...], suspicious: verdict.suspicious)
        }
        return false
    }

    /// Rows at equal distances.
    private static func spread(_ count: Int, over rows: Range<Int>) -> [Int] {
        let count = min(count, rows.count)
        return (0..<count).map { rows.lowerBound + (2 * $0 + 1) * rows.count / (2 * count) }
    }

    /// What the probes came to.
    func limits(_ budget: AlarmBudget) -> [Report.Limit] {
        var limits: [Report.Limit] = []
        let own = zip(durations.map(\.over), ofDay).reduce(into: [:]) { $0[$1.0] = $1.1 }
        for (over, found) in ["1 minute", "1 hour", "1 day"].map({ ($0, own[$0] ?? own["1 day"] ?? []) })
            + [("30 days", ofMonth)]
        where found.count >= Self.probesNeeded {
            let sorted = found.sorted()
            let needed = Int((Self.recall * Double(sorted.count)).rounded(.up))
            let index = sorted[needed - 1]
            limits.append(
                Report.Limit(
                    route: feature.route, over: over, smallest: index < sizes.count ? sizes[index] : nil,
                    unit: feature.unit, recallPerMille: UInt64(Self.recall * 1000), alarms: budget.description))
        }
        return limits
    }
}
