// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Windows events as JSON, one object each, as a collector writes them.
///
/// They mean nothing to the ledger by themselves: rules look at their fields. Here they are told from other JSON, counted
/// and placed in time; what is no JSON is rejected.
public struct WindowsEventJSON<Shape: WindowsEventShape>: JSONRecordSource {
    /// Its row in the table of sources.
    public static var card: SourceCard { Shape.card }

    private let zoneOffsetMinutes: Int

    /// How sure the head is of this shape.
    public static func recognise(_ head: StreamHead) -> Int {
        guard head.framing == .lines || head.framing == .jsonElements else { return 0 }
        let parser = JSONParser()
        for record in head.records.prefix(5) {
            guard record.trimmed.hasPrefix("{"), let root = try? parser.parse(copying: record) else { continue }
            if Shape.fits(root) { return Shape.certainty }
        }
        return 0
    }

    /// Whether an object is such an event.
    public static func owns(_ object: JSONValue) -> Bool { Shape.fits(object) }

    /// A reader for the stream with this head.
    public init?(_ head: StreamHead) { zoneOffsetMinutes = head.options.zoneOffsetMinutes }

    /// Adds what the block's records mean; see ``LogSource/read(_:into:)``.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        block.forEachRecord { line, offset in
            let record = line.trimmed
            if record.isEmpty { return }
            do throws(JSONParser.Failure) {
                let root = try batch.json.parse(record)
                guard root.kind == .object else { return batch.reject(offset: offset, "no JSON object") }
                guard Shape.fits(root) else { return batch.passOn(record, offset: offset) }
                batch.records += 1
                batch.irrelevant += 1
                let time = time(root)
                if let time { batch.saw(time) }
                if batch.wantsObservables { root.observe(record, offset: offset, time: time, batch) }
            } catch {
                batch.reject(offset: offset, "not JSON: \(error)")
            }
        }
    }

    private func time(_ root: JSONValue) -> Timestamp? {
        for candidate in Shape.times(root) {
            guard let text = candidate?.string, let time = Timestamp(iso8601: text) else { continue }
            return Shape.isLocal(text)
                ? Timestamp(microseconds: time.microseconds - Int64(zoneOffsetMinutes) * 60_000_000) : time
        }
        return nil
    }
}

/// How a collector writes Windows events as JSON.
public protocol WindowsEventShape: Sendable {
    /// The row in the table of sources.
    static var card: SourceCard { get }
    /// How sure it is when a record fits.
    static var certainty: Int { get }
    /// Whether an object is such an event.
    static func fits(_ root: JSONValue) -> Bool
    /// Where the time of an event stands, first choice first.
    static func times(_ root: JSONValue) -> [JSONValue?]
}

extension WindowsEventShape {
    /// Whether a time carries no zone: `2020-05-01 22:55:58`. Then it is that of the machine, which only the estate knows.
    static func isLocal(_ time: Bytes) -> Bool {
        guard time.count >= 19, time[time.count - 1] | 0x20 != UInt8(ascii: "z") else { return false }
        let rest = time.suffix(from: 19)
        return rest.firstIndex(of: UInt8(ascii: "+")) == nil && rest.firstIndex(of: UInt8(ascii: "-")) == nil
    }

    static func row(_ format: String, _ title: String, by recognisedBy: String, _ reference: String) -> SourceCard {
        SourceCard(
            format: format, title: title, routes: [], recognisedBy: recognisedBy,
            activities: "none: fields of events, for rules", bytes: "no", switchOn: WindowsEventLog.card.switchOn,
            reference: reference)
    }
}

/// Elastic's Winlogbeat and Elastic Agent.
public enum Winlogbeat: WindowsEventShape {
    /// Its row in the table of sources.
    public static let card: SourceCard = row(
        "winlogbeat-json", "Winlogbeat JSON",
        by: "JSON with winlog.channel or winlog.event_id; before version 7, log_name and event_data",
        "https://www.elastic.co/guide/en/beats/winlogbeat/current/exported-fields-winlog.html")
    /// Nobody else has an object `winlog`.
    public static let certainty = 95

    /// Whether an object is such an event.
    public static func fits(_ root: JSONValue) -> Bool {
        if let winlog = root["winlog"] { return winlog["channel"] != nil || winlog["event_id"] != nil }
        if root["winlog.channel"] != nil || root["winlog.event_id"] != nil { return true }
        return root["log_name"] != nil && root["event_id"] != nil
            && (root["event_data"] != nil || root["record_number"] != nil)
    }

    /// Where the time of an event stands.
    public static func times(_ root: JSONValue) -> [JSONValue?] { [root["@timestamp"], root["event"]?["created"]] }
}

/// The JSON of the `evtx` tools: `evtx_dump -o jsonl` and what is made with their libraries.
public enum EvtxDump: WindowsEventShape {
    /// Its row in the table of sources.
    public static let card: SourceCard = row(
        "evtx-json", "EVTX as JSON (evtx_dump)", by: "JSON with Event.System",
        "https://github.com/omerbenamram/evtx")
    /// Event and System may come together elsewhere, but hardly with the rest.
    public static let certainty = 95

    /// Whether an object is such an event.
    public static func fits(_ root: JSONValue) -> Bool {
        guard let system = root["Event"]?["System"] else { return false }
        return system["EventID"] != nil && (system["Channel"] != nil || system["Provider"] != nil)
    }

    /// Where the time of an event stands.
    public static func times(_ root: JSONValue) -> [JSONValue?] {
        let created = root["Event"]?["System"]?["TimeCreated"]
        return [
            created?["#attributes"]?["SystemTime"], created?["SystemTime"], created?["@SystemTime"],
            root["Event"]?["System"]?["TimeCreated_attributes"]?["SystemTime"],
        ]
    }
}

/// NXLog's `im_msvistalog` with `to_json()`. Its times are local unless it is told otherwise.
public enum NXLog: WindowsEventShape {
    /// Its row in the table of sources.
    public static let card: SourceCard = row(
        "nxlog-json", "NXLog JSON (Windows)",
        by: "JSON with EventID, Channel and SourceModuleType im_msvistalog or EventReceivedTime",
        "https://docs.nxlog.co/refman/current/im/msvistalog.html")
    /// More than the flat shape, which it is too.
    public static let certainty = 90

    /// Whether an object is such an event.
    public static func fits(_ root: JSONValue) -> Bool {
        guard root["EventID"] != nil, root["Channel"] != nil else { return false }
        return root.string("SourceModuleType") == "im_msvistalog" || root["EventReceivedTime"] != nil
    }

    /// Where the time of an event stands.
    public static func times(_ root: JSONValue) -> [JSONValue?] {
        [root["EventTime"], root["EventReceivedTime"], root["@timestamp"]]
    }
}

/// Windows events as flat JSON, with the fields of the event beside those of its `System` part.
public enum FlatWindowsJSON: WindowsEventShape {
    /// Its row in the table of sources.
    public static let card: SourceCard = row(
        "windows-json", "Windows events as flat JSON",
        by: "JSON with EventID, Channel and one of TimeCreated, EventTime, SystemTime, @timestamp, TimeGenerated",
        "https://securitydatasets.com")
    /// Less than those that say who wrote them.
    public static let certainty = 80

    /// Whether an object is such an event.
    public static func fits(_ root: JSONValue) -> Bool {
        guard root["EventID"] != nil, root["Channel"] != nil else { return false }
        return times(root).contains { $0 != nil }
    }

    /// Where the time of an event stands.
    public static func times(_ root: JSONValue) -> [JSONValue?] {
        [
            root["TimeCreated"], root["SystemTime"], root["@timestamp"], root["EventTime"], root["TimeGenerated"],
        ]
    }
}
