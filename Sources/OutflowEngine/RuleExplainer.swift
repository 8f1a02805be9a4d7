// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowReaders
import OutflowRecords
import OutflowSigma

/// Shows records of a log to the parts of a rule.
public enum RuleExplainer {
    /// Writes what holds for the first records of a log, or for a JSON object that is given as text.
    ///
    /// - Returns: how many records were shown.
    public static func explain(
        _ rule: Rule, _ explanation: RuleExplanation, event: String, limit: Int, write: (String) -> Void
    ) -> Int {
        var shown = 0
        func show(_ place: String) {
            guard shown < limit else { return }
            shown += 1
            explanation.explain()
            var text = "\(rule.header.title)\(rule.header.id.map { " (\($0))" } ?? ""): \(place)\n"
            text +=
                explanation.isOfLogSource
                ? "  log source: \(rule.logSource)\n"
                : "  log source: the record is not of \(rule.logSource): the rule does not look at it\n"
            for (part, answer) in zip(explanation.parts, explanation.answers) {
                let indent = String(repeating: "  ", count: min(part.depth, 20) + 1)
                text += "\(indent)\(answer ? "yes" : "no ") \(part.text)\n"
            }
            let matches = explanation.isOfLogSource && explanation.answers.last == true
            write(text + "  the rule \(matches ? "matches" : "does not match")\n")
        }
        if event.hasPrefix("{") {
            let bytes = Array(event.utf8) + [UInt8](repeating: 0, count: 64)
            bytes.withUnsafeBytes { raw in
                let record = Bytes(UnsafeRawBufferPointer(rebasing: raw[..<(raw.count - 64)]))
                if explanation.matcher.match(json: record) == nil { show("the event") }
            }
            return shown
        }
        let reader = InputReader(paths: [event])
        let buffer = BlockBuffer()
        let batch = ActivityBatch()
        let observer = RuleObserver(explanation.matcher)
        while shown < limit, let next = reader.next(into: buffer) {
            let path = reader.inputs[Int(next.input)].path
            observer.observe(next, batch) { record, _ in show("\(path), byte \(record.offset)") }
            batch.clear()
        }
        reader.cancel()
        return shown
    }
}
