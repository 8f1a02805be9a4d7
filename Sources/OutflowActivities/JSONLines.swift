// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// JSON objects of no format that is known here: no activities come of them, but rules can look at them.
///
/// Source: RFC 8259 (JSON), jsonlines.org (one value a line).
public struct JSONLines: LogSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "json-lines", title: "Other JSON records", routes: [],
        recognisedBy: "objects, in lines or one after the other, that no other source recognises",
        activities: "none: rules (outflow match) look at the fields as they are", bytes: "no", switchOn: "",
        reference: "RFC 8259")

    /// 50 when all of the first records are objects that parse, else 0: any other source is surer. A record that is longer
    /// than the head is not there to be looked at.
    public static func recognise(_ head: StreamHead) -> Int {
        let parser = JSONParser()
        let areObjects = head.records.allSatisfy { isObject($0.trimmed, parser) }
        return !head.records.isEmpty && areObjects ? 50 : 0
    }

    /// Looks at the ends first, because most of what is no JSON does not begin like it.
    private static func isObject(_ text: Bytes, _ parser: JSONParser) -> Bool {
        guard text.count >= 2, text[0] == UInt8(ascii: "{"), text[text.count - 1] == UInt8(ascii: "}") else {
            return false
        }
        return (try? parser.parse(copying: text))?.kind == .object
    }

    /// A reader; never nil, as each record says itself what it is.
    public init?(_ head: StreamHead) {}

    /// Passes each object on, as it may be of a kind that is known after all; what is no object is rejected.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        block.forEachRecord { record, offset in
            let text = record.trimmed
            if text.isEmpty { return }
            if text.hasPrefix("{") { return batch.passOn(text, offset: offset) }
            do {
                if try batch.json.parse(text).kind != .object { batch.reject(offset: offset, "not a JSON object") }
            } catch {
                batch.reject(offset: offset, "not JSON: \(error)")
            }
        }
    }
}
