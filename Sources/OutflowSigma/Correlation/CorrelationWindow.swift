// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Slides a window over records in order of time, and finds where a correlation begins to hold.
///
/// At each moment the window holds the records from `timespan` before up to then, both ends within it. What it holds
/// changes when a record comes, and, between records, when one drops out: ``Moments`` are all of these. A match is where a
/// record comes and the condition holds, unless it has held at every moment since the last match: a condition that goes on
/// holding is one match. Of an empty window nothing holds.
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

    /// A moment at which a window's records change.
    struct Moment {
        /// When the window ends, in microseconds.
        var now: Int64
        /// The records in the window.
        var window: Range<Int>
        /// How many records dropped out, and how many came, both next to ``window``.
        var dropped: Int
        var came: Int
    }

    /// All moments for records in order of time.
    struct Moments: Sequence, IteratorProtocol {
        private let records: [Record]
        private let span: Int64
        private var low = 0
        private var high = 0

        init(_ records: [Record], span: Int64) {
            self.records = records
            self.span = span
        }

        mutating func next() -> Moment? {
            // The first microsecond in which the oldest record is too old.
            let end = low < high ? records[low].time &+ span &+ 1 : Int64.max
            let begin = high < records.count ? records[high].time : Int64.max
            guard low < records.count else { return nil }
            var moment = Moment(now: Swift.min(begin, end), window: low..<high, dropped: 0, came: 0)
            while high < records.count, records[high].time == moment.now {
                high += 1
                moment.came += 1
            }
            while low < high, records[low].time < moment.now &- span {
                low += 1
                moment.dropped += 1
            }
            moment.window = low..<high
            return moment
        }
    }

    /// All places for records in order of time.
    static func hits(_ records: [Record], _ rule: CorrelationRule, inputs: Int) -> [Hit] {
        if rule.kind == .temporalOrdered { return OrderedWindow(records, rule, inputs: inputs).hits() }
        if rule.hasNegation { return hitsOfAlternatives(records, rule, inputs: inputs) }
        var measure = WindowMeasure(records, rule, inputs: inputs)
        var hits: [Hit] = []
        var isTold = false
        for moment in Moments(records, span: rule.timespan) {
            for index in moment.window.upperBound - moment.came..<moment.window.upperBound { measure.add(index) }
            for index in moment.window.lowerBound - moment.dropped..<moment.window.lowerBound { measure.remove(index) }
            guard !moment.window.isEmpty, let figure = measure.figure, measure.holds(figure) else {
                isTold = false
                continue
            }
            if moment.came > 0, !isTold {
                hits.append(
                    Hit(first: moment.window.lowerBound, last: moment.window.upperBound - 1, figure: figure))
                isTold = true
            }
        }
        return hits
    }

    /// The places for an expression with `not`, which looks beyond the record with which it begins to hold.
    private static func hitsOfAlternatives(_ records: [Record], _ rule: CorrelationRule, inputs: Int) -> [Hit] {
        let alternatives = CorrelationAlternative.all(rule)
        var times = RecordTimes(records, span: rule.timespan, inputs: inputs)
        var hits: [Hit] = []
        var isTold = false
        for moment in Moments(records, span: rule.timespan) {
            times.move(to: moment.now)
            guard alternatives.contains(where: { times.hold($0) }) else {
                isTold = false
                continue
            }
            if moment.came > 0, !isTold {
                hits.append(
                    Hit(
                        first: moment.window.lowerBound, last: moment.window.upperBound - 1,
                        figure: Double(times.count)))
                isTold = true
            }
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
    /// Millionths, exact.
    private var sizes: [Int128] = []
    private var counts: [Int] = []
    private var distinct = 0
    private var total = 0
    private var sum: Int128 = 0
    /// Bounds in millionths; nil where they are not whole ones.
    private let bounds: [Int128?]
    private var tree: RankTree
    private let names: [String: Int]

    init(_ records: [CorrelationWindow.Record], _ rule: CorrelationRule, inputs: Int) {
        self.records = records
        self.rule = rule
        var names: [String: Int] = [:]
        for (index, name) in rule.rules.enumerated() where names[name] == nil { names[name] = index }
        self.names = names
        bounds = rule.bounds.map { bound in
            let text = bound.exact ?? "\(bound.value)"
            return DecimalNumber(text.utf8).flatMap { $0.millionths(roundsDown: false) }
        }
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
            let figures = records.map { record in
                record.value.flatMap { text in
                    Array(text.utf8).withUnsafeBytes {
                        DecimalNumber(Bytes($0).trimmed)?.millionths(roundsDown: true)
                    }
                }
            }
            sizes = Set(figures.compactMap(\.self)).sorted()
            var numbers: [Int128: Int] = [:]
            for (number, size) in sizes.enumerated() { numbers[size] = number }
            codes = figures.map { $0.flatMap { numbers[$0] } ?? -1 }
            tree = RankTree(count: sizes.count)
        }
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
            sum += Int128(step) * sizes[codes[index]]
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
        return (Double(low) + Double(high - low) * (place - Double(below))) / 1_000_000
    }

    func holds(_ figure: Double) -> Bool {
        if let expression = rule.expression {
            return expression.holds { name in names[name].map { counts[$0] > 0 } ?? false }
        }
        if rule.bounds.isEmpty { return distinct == counts.count }
        return zip(rule.bounds, bounds).allSatisfy { bound, millionths in
            // Sums are exact beyond what a Double holds.
            if rule.kind == .valueSum, let millionths { return bound.comparison.holds(sum, millionths) }
            return bound.comparison.holds(figure, bound.value)
        }
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
