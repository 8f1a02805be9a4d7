// SPDX-License-Identifier: Apache-2.0

import OutflowEVTX
import OutflowRecords

/// Windows events as XML text: exports of the event viewer and `wevtutil`, and what collectors forward.
///
/// Its records mean nothing to the ledger by themselves: rules look at their fields, see `EventXMLReader`.
public struct WindowsEventXML: LogSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "windows-xml", title: "Windows event XML", routes: [],
        recognisedBy: "Event elements with a System part, in Events or one after the other; UTF-8 or UTF-16",
        activities: "none: fields of events, for rules", bytes: "no",
        switchOn: WindowsEventLog.card.switchOn,
        reference: "https://learn.microsoft.com/windows/win32/wes/eventschema-schema")

    /// 95 when one of the first events can be read; 60 when none ends, but it has the namespace of Windows' events.
    public static func recognise(_ head: StreamHead) -> Int {
        guard head.framing == .eventXML else { return 0 }
        let reader = EventXMLReader()
        for record in head.records {
            // What came before the damage is enough.
            do throws(EventLogDamage) { try reader.read(record) } catch {}
            if !reader.system.eventID.isEmpty || !reader.system.provider.isEmpty { return 95 }
        }
        guard head.isWhole else { return 0 }
        return head.bytes.firstIndex(of: "http://schemas.microsoft.com/win/2004/08/events/event") == nil ? 0 : 60
    }

    /// A reader for the stream with this head.
    public init?(_ head: StreamHead) { guard head.framing == .eventXML else { return nil } }

    /// Adds what the block's records mean; see ``LogSource/read(_:into:)``.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        let reader = batch.eventXML
        block.forEachRecord { record, offset in
            do throws(EventLogDamage) {
                try reader.read(record)
                batch.records += 1
                batch.irrelevant += 1
                if let time = reader.system.time { batch.saw(time) }
                if batch.wantsObservables {
                    reader.fields.observe(
                        reader.system, reader.system.time, offset: offset, length: record.count, batch)
                }
            } catch {
                batch.reject(offset: offset, misfit(error, reader))
            }
        }
    }

    /// The fields of one event, of a damaged one those before the damage; see `EventXMLReader`.
    public func fields(of record: Bytes, into fields: EventFields, _ batch: ActivityBatch) -> FieldReading {
        let reader = batch.eventXML
        var damage: String?
        do throws(EventLogDamage) { try reader.read(record) } catch { damage = misfit(error, reader) }
        for field in reader.fields.fields { fields.add(field.name, field.value, field.kind) }
        guard let damage else { return reader.fields.fields.isEmpty ? .textOnly : .read }
        return reader.fields.fields.isEmpty ? .unreadable(damage) : .damaged(damage)
    }

    private func misfit(_ damage: EventLogDamage, _ reader: EventXMLReader) -> String {
        "\(damage), at byte \(reader.place) of the event"
    }
}
