// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// AWS CloudTrail: who called which AWS operation, from where, and for object reads how many bytes went out.
///
/// It reads the files that CloudTrail delivers (`{"Records":[...]}`), one event a line, what Logstash makes of events
/// (`@timestamp` for `eventTime`, whole numbers as `89.0`), arrays of events, events inside an EventBridge envelope
/// (`detail`), a CloudWatch Logs export (`message`) and the answer of `aws cloudtrail lookup-events`.
///
/// Of successful object reads alone it takes bytes. A listing, a refused call, and a service reading on behalf of the
/// account itself (log delivery, a query engine) move nothing out of the account.
public struct CloudTrail: JSONRecordSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "cloudtrail", title: "AWS CloudTrail", routes: [.cloudObject, .snapshot],
        recognisedBy: "JSON events with eventSource, eventName and userIdentity",
        activities:
            "object reads; reads of secrets, parameters, tables and images without their size; sharing and un-sharing of "
            + "snapshots, images and buckets, replication and exports; use of shared snapshots by others",
        bytes: "sometimes: S3 object reads (bytesTransferredOut); never for copies, secrets, tables and snapshots",
        switchOn:
            "data events for all S3 buckets (off by default: without them no read of an object is logged), and for DynamoDB "
            + "tables and EBS direct APIs where you use them; management events, reads too; a trail for all regions and "
            + "accounts",
        reference:
            "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"
    )

    /// 95 when the first records have the members of an event, 70 when they hold one in a string.
    public static func recognise(_ head: StreamHead) -> Int {
        let start = head.bytes.trimmed
        guard start.count > 0, start[0] == UInt8(ascii: "{") || start[0] == UInt8(ascii: "[") else { return 0 }
        let samples = head.records.isEmpty ? [head.bytes] : Array(head.records.prefix(5))
        var best = 0
        for sample in samples {
            if sample.firstIndex(of: "\"eventSource\"") != nil, sample.firstIndex(of: "\"eventName\"") != nil,
                sample.firstIndex(of: "\"userIdentity\"") != nil || sample.firstIndex(of: "\"awsRegion\"") != nil
            {
                best = max(best, 95)
            } else if sample.firstIndex(of: "\\\"eventSource\\\"") != nil,
                sample.firstIndex(of: "\\\"eventName\\\"") != nil, sample.firstIndex(of: ".amazonaws.com") != nil
            {
                best = max(best, 70)
            }
        }
        return best
    }

    /// A reader; it needs nothing of the head.
    public init?(_ head: StreamHead) {}

    /// Adds what the block's events mean to `batch`.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        block.forEachRecord { line, offset in
            let record = line.trimmed
            if record.isEmpty { return }
            let place = Place(
                offset: offset, length: UInt32(truncatingIfNeeded: min(record.count, Int(UInt32.max))), record: record)
            do {
                let root = try batch.json.parse(record)
                if root.kind == .object, !Self.owns(root) { return batch.passOn(record, offset: offset) }
                unwrap(root, place, batch)
            } catch {
                batch.reject(offset: offset, "not JSON: \(error)")
            }
        }
    }

    /// Where a record stands, for all events in it.
    struct Place {
        let offset: UInt64
        let length: UInt32
        let record: Bytes
    }

    /// Finds the events in one record's JSON, whatever they are wrapped in.
    private func unwrap(_ root: JSONValue, _ place: Place, _ batch: ActivityBatch) {
        var texts: [Bytes] = []
        var index = 0
        func visit(_ value: JSONValue) {
            if Self.isEvent(value) {
                read(value, place, index, batch)
            } else if let detail = value.present("detail"), Self.isEvent(detail) {
                read(detail, place, index, batch)
            } else if let text = (value["CloudTrailEvent"] ?? value["message"])?.string, text.hasPrefix("{") {
                // The text dies when it is itself parsed.
                texts.append(batch.arena.copy(text))
                return
            } else {
                batch.reject(offset: place.offset, "no CloudTrail event in it: eventName is missing")
            }
            index += 1
        }
        if let list = [root, root["Records"], root["Events"], root["logEvents"]].first(where: { $0?.kind == .array }) {
            for (_, element) in list!.elements { visit(element) }
        } else {
            visit(root)
        }
        for text in texts {
            do {
                let value = try batch.json.parse(copying: text)
                if Self.isEvent(value) {
                    read(value, place, index, batch)
                } else {
                    batch.reject(offset: place.offset, "no CloudTrail event in its text: eventName is missing")
                }
            } catch {
                batch.reject(offset: place.offset, "the text in it is not JSON: \(error)")
            }
            index += 1
        }
    }

    /// Whether a value is an event; those of CloudTrail Insights name their operation elsewhere.
    private static func isEvent(_ value: JSONValue) -> Bool { value["eventName"] != nil || value["eventType"] != nil }

    /// Whether an object is an event, or holds some in one of the wrappings.
    public static func owns(_ object: JSONValue) -> Bool {
        func isOne(_ value: JSONValue?) -> Bool {
            guard let value, isEvent(value) else { return false }
            return value["eventSource"] != nil || value["eventTime"] != nil || value["eventID"] != nil
        }
        if isOne(object) || isOne(object.present("detail")) { return true }
        let text = (object["CloudTrailEvent"] ?? object["message"])?.string
        if let text, text.hasPrefix("{"), text.firstIndex(of: "\"eventName\"") != nil { return true }
        guard
            let list = [object["Records"], object["Events"], object["logEvents"]].first(where: { $0?.kind == .array })
        else { return false }
        for (_, element) in list!.elements {
            let text = (element["CloudTrailEvent"] ?? element["message"])?.string
            return isOne(element) || text?.firstIndex(of: "\"eventName\"") != nil
        }
        return true
    }

    /// Reads the `index`-th event of a record.
    private func read(_ json: JSONValue, _ place: Place, _ index: Int, _ batch: ActivityBatch) {
        guard let time = Timestamp(iso8601: json.string("eventTime")) ?? Timestamp(iso8601: json.string("@timestamp"))
        else {
            batch.reject(offset: place.offset, "neither eventTime nor @timestamp is a time")
            return
        }
        let event = CloudTrailEvent(json, place, index, time, batch)
        batch.records += 1
        batch.saw(time)
        if !event.emit() {
            // Of no meaning for the ledger; detectors look at some of them.
            event.noteForDetectors()
            event.noteForIndicators()
            batch.irrelevant += 1
        }
    }
}
