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
        var times = times
        // For each step of each alternative the latest beginning of a sequence that has come so far: later ones fit wherever
        // earlier ones do.
        var begun = alternatives.map { [Int?](repeating: nil, count: $0.present.count) }
        var hits: [CorrelationWindow.Hit] = []
        var isTold = false
        for moment in CorrelationWindow.Moments(records, span: rule.timespan) {
            times.move(to: moment.now)
            let new = moment.window.upperBound - moment.came..<moment.window.upperBound
            var held: (first: Int, steps: Int)?
            for (number, alternative) in alternatives.enumerated() {
                advance(&begun[number], alternative.present, new)
                guard let first = begun[number].last ?? nil, moment.window.contains(first), times.hold(alternative),
                    first > held?.first ?? -1
                else { continue }
                held = (first, alternative.present.count)
            }
            guard let held else {
                isTold = false
                continue
            }
            if moment.came > 0, !isTold {
                hits.append(
                    CorrelationWindow.Hit(
                        first: held.first, last: moment.window.upperBound - 1, figure: Double(held.steps)))
                isTold = true
            }
        }
        return hits
    }

    /// Takes the records of one time into account, from the last step back: a record can follow only what was there before
    /// its time.
    private func advance(_ begun: inout [Int?], _ steps: [Int], _ new: Range<Int>) {
        for step in steps.indices.reversed() {
            guard let at = new.first(where: { records[$0].input == steps[step] }) else { continue }
            guard let first = step == 0 ? at : begun[step - 1] else { continue }
            if begun[step].map({ records[first].time > records[$0].time }) ?? true { begun[step] = first }
        }
    }
}
