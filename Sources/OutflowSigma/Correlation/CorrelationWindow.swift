// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Slides a window over records in order of time, and finds where a correlation begins to hold.
///
/// At each time at which there is a record, the window holds the records from `timespan` before up to that time, both ends
/// within it. A match is where the condition holds and did not at the time before: a condition that goes on holding is one
/// match.
enum CorrelationWindow {
    /// A record as the condition sees it.
    struct Record {
        var time: Int64
        /// Which of the correlation's rules matched it.
        var input: Int
        /// The same for records that are the same.
        var identity: UInt64
        /// The value of the correlation's field; nil if there is none.
        var value: String?
    }

    /// A place where the condition begins to hold: first and last record of the window, and the figure that was compared.
    struct Hit: Hashable {
        var first: Int
        var last: Int
        var figure: Double
    }

    /// All places for records in order of time.
    static func hits(_ records: [Record], _ rule: CorrelationRule, inputs: Int) -> [Hit] {
        if rule.kind == .temporalOrdered { return OrderedWindow(records, rule, inputs: inputs).hits() }
        if rule.hasNegation { return hitsOfAlternatives(records, rule, inputs: inputs) }
        var measure = WindowMeasure(records, rule, inputs: inputs)
        var hits: [Hit] = []
        var low = 0
        var index = 0
        var held = false
        while index < records.count {
            let now = records[index].time
            var end = index
            while end < records.count, records[end].time == now {
                measure.add(end)
                end += 1
            }
            while records[low].time < now &- rule.timespan {
                measure.remove(low)
                low += 1
            }
            let figure = measure.figure
            let holds = figure.map { measure.holds($0) } ?? false
            if holds, !held { hits.append(Hit(first: low, last: end - 1, figure: figure ?? 0)) }
            held = holds
            index = end
        }
        return hits
    }

    /// The places for an expression with `not`, which looks beyond the record with which it begins to hold.
    private static func hitsOfAlternatives(_ records: [Record], _ rule: CorrelationRule, inputs: Int) -> [Hit] {
        let alternatives = CorrelationAlternative.all(rule)
        var times = RecordTimes(records, span: rule.timespan, inputs: inputs)
        var hits: [Hit] = []
        var low = 0
        var index = 0
        var held = false
        while index < records.count {
            let now = records[index].time
            while index < records.count, records[index].time == now { index += 1 }
            while records[low].time < now &- rule.timespan { low += 1 }
            times.move(to: now)
            let holds = alternatives.contains { times.hold($0) }
            if holds, !held { hits.append(Hit(first: low, last: index - 1, figure: Double(times.count))) }
            held = holds
        }
        return hits
    }
}

/// What a correlation measures of the records in its window, brought up to date record by record.
private struct WindowMeasure {
    private let records: [CorrelationWindow.Record]
    private let rule: CorrelationRule
    /// Numbers of the records' values: of texts in order of appearance, of figures in order of size.
    private var codes: [Int] = []
    private var sizes: [Double] = []
    private var counts: [Int] = []
    private var distinct = 0
    private var total = 0
    /// Millionths, exact.
    private var sum: Int128 = 0
    private var parts: [Int128] = []
    private var tree: RankTree
    private let names: [String: Int]

    init(_ records: [CorrelationWindow.Record], _ rule: CorrelationRule, inputs: Int) {
        self.records = records
        self.rule = rule
        var names: [String: Int] = [:]
        for (index, name) in rule.rules.enumerated() where names[name] == nil { names[name] = index }
        self.names = names
        tree = RankTree(count: 0)
        switch rule.kind {
        case .eventCount: counts = [0]
        case .temporal, .temporalOrdered: counts = Array(repeating: 0, count: inputs)
        case .valueCount:
            var numbers: [String: Int] = [:]
            codes = records.map { record in
                guard let value = record.value else { return -1 }
                let number = numbers[value] ?? numbers.count
                numbers[value] = number
                return number
            }
            counts = Array(repeating: 0, count: numbers.count)
        case .valueSum, .valueAvg, .valuePercentile, .valueMedian:
            let figures = records.map { record in record.value.flatMap { Self.figure($0) } }
            sizes = Set(figures.compactMap(\.self)).sorted()
            var numbers: [Double: Int] = [:]
            for (number, size) in sizes.enumerated() { numbers[size] = number }
            codes = figures.map { $0.flatMap { numbers[$0] } ?? -1 }
            parts = sizes.map { Int128(($0 * 1_000_000).rounded()) }
            tree = RankTree(count: sizes.count)
        }
    }

    /// A value as a number; beyond 10^15 none is taken for one.
    private static func figure(_ text: String) -> Double? {
        let number = Array(text.utf8).withUnsafeBytes { Bytes($0).trimmed.number }
        return number.flatMap { abs($0) <= 1e15 ? $0 : nil }
    }

    mutating func add(_ index: Int) { change(index, by: 1) }
    mutating func remove(_ index: Int) { change(index, by: -1) }

    private mutating func change(_ index: Int, by step: Int) {
        switch rule.kind {
        case .eventCount: total += step
        case .temporal, .temporalOrdered: count(records[index].input, step)
        case .valueCount: if codes[index] >= 0 { count(codes[index], step) }
        case .valueSum, .valueAvg, .valuePercentile, .valueMedian:
            guard codes[index] >= 0 else { return }
            total += step
            sum += Int128(step) * parts[codes[index]]
            tree.add(codes[index], step)
        }
    }

    private mutating func count(_ code: Int, _ step: Int) {
        if counts[code] == 0 { distinct += 1 }
        counts[code] += step
        if counts[code] == 0 { distinct -= 1 }
    }

    /// What is compared; nil when there is nothing to measure.
    var figure: Double? {
        switch rule.kind {
        case .eventCount: Double(total)
        case .valueCount, .temporal, .temporalOrdered: Double(distinct)
        case .valueSum: total > 0 ? Double(sum) / 1_000_000 : nil
        case .valueAvg: total > 0 ? Double(sum) / 1_000_000 / Double(total) : nil
        case .valuePercentile: percentile(rule.percentile)
        case .valueMedian: percentile(50)
        }
    }

    /// Between the two values that it lies between, by linear interpolation (Hyndman and Fan 1996, type 7).
    private func percentile(_ share: Double) -> Double? {
        guard total > 0 else { return nil }
        let place = share / 100 * Double(total - 1)
        let below = Int(place.rounded(.down))
        let low = sizes[tree.value(ofRank: below)]
        let high = sizes[tree.value(ofRank: min(below + 1, total - 1))]
        return low + (high - low) * (place - Double(below))
    }

    func holds(_ figure: Double) -> Bool {
        if let expression = rule.expression {
            return expression.holds { name in names[name].map { counts[$0] > 0 } ?? false }
        }
        if rule.bounds.isEmpty { return distinct == counts.count }
        return rule.bounds.allSatisfy { $0.comparison.holds(figure, $0.value) }
    }
}

extension Condition {
    /// Whether it holds, given which identifiers do.
    func holds(_ identifier: (String) -> Bool) -> Bool {
        switch self {
        case .identifier(let name): identifier(name)
        case .all(let parts): parts.allSatisfy { $0.holds(identifier) }
        case .any(let parts): parts.contains { $0.holds(identifier) }
        case .not(let part): !part.holds(identifier)
        }
    }
}

/// How many there are of each of some ordered values, with the value of any rank in logarithmic time (Fenwick 1994).
private struct RankTree {
    private var sums: [Int]
    private let top: Int

    init(count: Int) {
        sums = Array(repeating: 0, count: count + 1)
        var top = 1
        while top * 2 <= count { top *= 2 }
        self.top = top
    }

    mutating func add(_ value: Int, _ step: Int) {
        var at = value + 1
        while at < sums.count {
            sums[at] += step
            at += at & -at
        }
    }

    /// The value that `rank` others stand before.
    func value(ofRank rank: Int) -> Int {
        var rest = rank
        var at = 0
        var stride = top
        while stride > 0 {
            if at + stride < sums.count, sums[at + stride] <= rest {
                at += stride
                rest -= sums[at]
            }
            stride /= 2
        }
        return min(at, max(sums.count - 2, 0))
    }
}
