// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEVTX
import OutflowReaders
import OutflowRecords
import OutflowSigma

/// Shows the records of blocks to the rules: in whatever way a record is written, its fields reach the matcher. It
/// belongs to one thread.
final class RuleObserver {
    /// A record that rules have looked at.
    struct Record {
        /// The record as its source wrote it; of a Windows event that matched its fields as JSON, of others nothing.
        var text: Bytes
        /// Offset in the stream.
        var offset: UInt64
        /// Length in the stream.
        var length: UInt32
    }

    let matcher: RuleMatcher
    private let fields = EventFields()
    private var text: [UInt8] = []

    init(_ matcher: RuleMatcher) { self.matcher = matcher }

    /// Matches each record of a block and calls `body` with it.
    ///
    /// - Parameter batch: counts the records, and rejects those that cannot be read; its reader of event logs is used.
    func observe(
        _ sourced: SourcedBlock, _ batch: ActivityBatch, _ body: (_ record: Record, _ matcher: RuleMatcher) -> Void
    ) {
        let format = type(of: sourced.source).card.format
        if sourced.block.framing == .eventLog {
            observe(events: sourced.block, format, batch, body)
            return
        }
        sourced.block.forEachRecord { record, offset in
            if record[0] == UInt8(ascii: "{") {
                if let broken = matcher.match(json: record) {
                    batch.reject(offset: offset, "not a whole JSON object: broken at byte \(broken) of the record")
                    return
                }
                if matcher.hasBrokenPart {
                    batch.reject(
                        offset: offset, "the JSON object in a string is broken; the rest is looked at all the same")
                }
            } else if let json = sourced.source.json(of: record, batch) {
                if json.isEmpty { return }
                if let broken = matcher.match(json: json) {
                    batch.reject(offset: offset, "the row's JSON object is broken at byte \(broken) of it")
                    return
                }
            } else {
                fields.clear()
                switch sourced.source.fields(of: record, into: fields, batch) {
                case .read: matcher.match(fields, format: format)
                case .damaged(let reason):
                    batch.reject(offset: offset, "\(reason); the rest is looked at all the same")
                    matcher.match(fields, format: format)
                case .textOnly: matcher.match(line: record, format: format)
                case .noRecord: return
                case .unreadable(let reason):
                    // Rules that say what must not be there would hit a record of which nothing is known.
                    batch.reject(offset: offset, reason)
                    return
                }
            }
            batch.records += 1
            body(Record(text: record, offset: offset, length: UInt32(clamping: record.count)), matcher)
        }
    }

    /// Whether no rule can look at any record of a block, as its first one shows: lines of a log whose records are of one log
    /// source, and flows. Spares logs of millions of flows that no rule is for.
    ///
    /// - Parameter read: what the block's source has made of it.
    func canSkip(_ sourced: SourcedBlock, _ read: ActivityBatch, _ batch: ActivityBatch) -> Bool {
        let format = type(of: sourced.source).card.format
        let bytes = sourced.block.bytes
        guard sourced.block.framing == .lines, bytes.count > 0, bytes[0] != UInt8(ascii: "#"), bytes[0] > 0x20 else {
            return false
        }
        let first = bytes.prefix(upTo: bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count)
        if bytes[0] == UInt8(ascii: "{") {
            // What is a flow is a row of a log of flows, and of that all rows are of one log source.
            guard !read.flows.isEmpty, UInt64(read.flows.count) == read.records, read.rejections.count == 0 else {
                return false
            }
            return matcher.match(json: first) == nil && matcher.candidates == 0
        }
        guard matcher.recordsLookAlike(format: format) else { return false }
        fields.clear()
        switch sourced.source.fields(of: first, into: fields, batch) {
        case .read: matcher.match(fields, format: format)
        case .textOnly: matcher.match(line: first, format: format)
        case .damaged, .noRecord, .unreadable: return false
        }
        return matcher.candidates == 0
    }

    private func observe(
        events block: RecordBlock, _ format: String, _ batch: ActivityBatch, _ body: (Record, RuleMatcher) -> Void
    ) {
        let reader = batch.eventLog
        block.forEachRecord { stretch, offset in
            reader.read(stretch, at: offset) { event in
                matcher.match(event.fields, format: format)
                batch.records += 1
                if let time = event.time { batch.saw(time) }
                guard !matcher.matches.isEmpty else {
                    return body(Record(text: .empty, offset: event.offset, length: event.length), matcher)
                }
                // Binary XML is no text: the record is shown by its fields.
                text.removeAll(keepingCapacity: true)
                MatchLine.append(event.fields, to: &text)
                text.withUnsafeBytes {
                    body(Record(text: Bytes($0), offset: event.offset, length: event.length), matcher)
                }
            } damaged: { offset, damage in
                batch.reject(offset: offset, damage.description)
            }
        }
    }
}
