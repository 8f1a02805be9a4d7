// SPDX-License-Identifier: Apache-2.0

/// Finds records that follow each other in a given order within a window: each later in time than the one before, as two
/// records of one time have no order.
///
/// An expression is taken apart into alternatives, each a sequence in the order of the text.
struct OrderedWindow {
    private let records: [CorrelationWindow.Record]
    private let rule: CorrelationRule
    private let alternatives: [CorrelationAlternative]
    private let times: RecordTimes

    init(_ records: [CorrelationWindow.Record], _ rule: CorrelationRule, inputs: Int) {
        self.records = records
        self.rule = rule
        alternatives = CorrelationAlternative.all(rule)
        times = RecordTimes(records, span: rule.timespan, inputs: inputs)
    }

    func hits() -> [CorrelationWindow.Hit] {
        var found: [CorrelationWindow.Hit] = []
        for alternative in alternatives { found += hits(alternative) }
        // Alternatives that end at one record are one match.
        found.sort { ($0.last, -$0.first) < ($1.last, -$1.first) }
        var last = -1
        return found.filter { hit in
            defer { last = hit.last }
            return hit.last != last
        }
    }

    /// For each step the latest beginning of a sequence that has come so far: later ones fit wherever earlier ones do.
    private func hits(_ alternative: CorrelationAlternative) -> [CorrelationWindow.Hit] {
        let steps = alternative.present
        var times = times
        var begun: [Int?] = Array(repeating: nil, count: steps.count)
        var hits: [CorrelationWindow.Hit] = []
        var index = 0
        var held = false
        while index < records.count {
            let now = records[index].time
            var end = index
            while end < records.count, records[end].time == now { end += 1 }
            times.move(to: now)
            // From the last step back: a record of this time can follow only what was there before it.
            var completed: Int?
            for step in steps.indices.reversed() {
                guard let at = (index..<end).first(where: { records[$0].input == steps[step] }) else { continue }
                let first = step == 0 ? at : begun[step - 1]
                guard let first, records[first].time >= now &- rule.timespan else { continue }
                if begun[step].map({ records[first].time > records[$0].time }) ?? true { begun[step] = first }
                if step == steps.count - 1 { completed = first }
            }
            let isCompleted = completed != nil && times.hold(alternative)
            if let completed, isCompleted, !held {
                hits.append(CorrelationWindow.Hit(first: completed, last: end - 1, figure: Double(steps.count)))
            }
            held = isCompleted
            index = end
        }
        return hits
    }
}
