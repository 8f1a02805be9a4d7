// SPDX-License-Identifier: Apache-2.0

/// Finds records that follow each other in a given order within a window: each later in time than the one before, as two
/// records of one time have no order.
///
/// An expression is taken apart into alternatives, each a sequence in the order of the text and rules that must not match
/// between its first and last record.
struct OrderedWindow {
    /// Most alternatives of an expression.
    static let alternativeLimit = 64

    private struct Sequence {
        var steps: [Int]
        var absent: [Int]
    }

    private let records: [CorrelationWindow.Record]
    private let rule: CorrelationRule
    private var sequences: [Sequence] = []
    private var times: [[Int64]]

    init(_ records: [CorrelationWindow.Record], _ rule: CorrelationRule, inputs: Int) {
        self.records = records
        self.rule = rule
        times = Array(repeating: [], count: inputs)
        for record in records { times[record.input].append(record.time) }
        guard let expression = rule.expression else {
            sequences = [Sequence(steps: Array(0..<inputs), absent: [])]
            return
        }
        var names: [String: Int] = [:]
        for (index, name) in rule.rules.enumerated() where names[name] == nil { names[name] = index }
        for alternative in Self.alternatives(expression, isNegated: false) ?? [] {
            let steps = alternative.filter { !$0.isAbsent }.compactMap { names[$0.name] }
            if !steps.isEmpty {
                sequences.append(
                    Sequence(steps: steps, absent: alternative.filter(\.isAbsent).compactMap { names[$0.name] }))
            }
        }
    }

    private typealias Literal = (name: String, isAbsent: Bool)

    /// Whether an expression has no more alternatives than are searched.
    static func isWithinLimits(_ expression: Condition) -> Bool { alternatives(expression, isNegated: false) != nil }

    private static func alternatives(_ expression: Condition, isNegated: Bool) -> [[Literal]]? {
        func either(_ parts: [Condition]) -> [[Literal]]? {
            var all: [[Literal]] = []
            for part in parts {
                guard let found = alternatives(part, isNegated: isNegated) else { return nil }
                all += found
                guard all.count <= alternativeLimit else { return nil }
            }
            return all
        }
        func both(_ parts: [Condition]) -> [[Literal]]? {
            var all: [[Literal]] = [[]]
            for part in parts {
                guard let found = alternatives(part, isNegated: isNegated),
                    all.count * found.count <= alternativeLimit
                else { return nil }
                all = all.flatMap { before in found.map { before + $0 } }
            }
            return all
        }
        switch expression {
        case .identifier(let name): return [[(name, isNegated)]]
        case .not(let part): return alternatives(part, isNegated: !isNegated)
        case .all(let parts): return isNegated ? either(parts) : both(parts)
        case .any(let parts): return isNegated ? both(parts) : either(parts)
        }
    }

    func hits() -> [CorrelationWindow.Hit] {
        var found: [CorrelationWindow.Hit] = []
        for sequence in sequences { found += hits(sequence) }
        // Alternatives that end at one record are one match.
        found.sort { ($0.last, -$0.first) < ($1.last, -$1.first) }
        var last = -1
        return found.filter { hit in
            defer { last = hit.last }
            return hit.last != last
        }
    }

    /// For each step the latest beginning of a sequence that has come so far: later ones fit wherever earlier ones do.
    private func hits(_ sequence: Sequence) -> [CorrelationWindow.Hit] {
        let steps = sequence.steps
        var begun: [Int?] = Array(repeating: nil, count: steps.count)
        var hits: [CorrelationWindow.Hit] = []
        var index = 0
        var held = false
        while index < records.count {
            let now = records[index].time
            var end = index
            while end < records.count, records[end].time == now { end += 1 }
            // From the last step back: a record of this time can follow only what was there before it.
            var completed: Int?
            for step in steps.indices.reversed() {
                guard let at = (index..<end).first(where: { records[$0].input == steps[step] }) else { continue }
                let first = step == 0 ? at : begun[step - 1]
                guard let first, records[first].time >= now &- rule.timespan else { continue }
                if begun[step].map({ records[first].time > records[$0].time }) ?? true { begun[step] = first }
                if step == steps.count - 1 { completed = first }
            }
            let isCompleted =
                completed.map { first in
                    !sequence.absent.contains { hasAny($0, from: records[first].time, to: now) }
                } ?? false
            if let completed, isCompleted, !held {
                hits.append(CorrelationWindow.Hit(first: completed, last: end - 1, figure: Double(steps.count)))
            }
            held = isCompleted
            index = end
        }
        return hits
    }

    private func hasAny(_ input: Int, from: Int64, to: Int64) -> Bool {
        var low = 0
        var high = times[input].count
        while low < high {
            let middle = (low + high) / 2
            if times[input][middle] < from { low = middle + 1 } else { high = middle }
        }
        return low < times[input].count && times[input][low] <= to
    }
}
