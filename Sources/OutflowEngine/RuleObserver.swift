// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEVTX
import OutflowReaders
import OutflowRecords
import OutflowSigma

/// Shows the records of blocks to the rules: in whatever way a record is written, its fields reach the matcher. It
/// belongs to one thread.
final class RuleObserver {
    private let matcher: RuleMatcher
    private var text: [UInt8] = []

    init(_ rules: RuleSet) { matcher = RuleMatcher(rules) }

    /// Matches each record of a block and calls `body` with it. Records that cannot be read are rejected in `batch`,
    /// those that can are counted there.
    func observe(
        _ sourced: SourcedBlock, _ batch: ActivityBatch,
        _ body: (_ record: Bytes, _ offset: UInt64, _ matcher: RuleMatcher) -> Void
    ) {
        let format = type(of: sourced.source).card.format
        if sourced.block.framing == .eventLog {
            observe(events: sourced.block, format, batch, body)
            return
        }
        sourced.block.forEachRecord { record, offset in
            if record[0] == UInt8(ascii: "{") {
                if let broken = matcher.match(json: record, format: format) {
                    batch.reject(offset: offset, "not a whole JSON object: broken at byte \(broken) of the record")
                    return
                }
            } else {
                matcher.match(line: record, format: format)
            }
            batch.records += 1
            body(record, offset, matcher)
        }
    }

    private func observe(
        events block: RecordBlock, _ format: String, _ batch: ActivityBatch,
        _ body: (_ record: Bytes, _ offset: UInt64, _ matcher: RuleMatcher) -> Void
    ) {
        let reader = batch.eventLog
        block.forEachRecord { stretch, offset in
            reader.read(stretch, at: offset) { event in
                matcher.match(event.fields, format: format)
                batch.records += 1
                if let time = event.time { batch.saw(time) }
                guard !matcher.matches.isEmpty else { return body(.empty, event.offset, matcher) }
                // Binary XML is no text: the record is shown by its fields.
                text.removeAll(keepingCapacity: true)
                MatchLine.append(event.fields, to: &text)
                text.withUnsafeBytes { body(Bytes($0), event.offset, matcher) }
            } damaged: { offset, damage in
                batch.reject(offset: offset, damage.description)
            }
        }
    }
}
