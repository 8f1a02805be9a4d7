// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension JSONValue {
    /// Takes what indicators name out of a record of any kind.
    ///
    /// - Parameters:
    ///   - record: its text.
    ///   - time: when it happened; nil if it does not say.
    func observe(_ record: Bytes, offset: UInt64, time: @autoclosure () -> Timestamp?, _ batch: ActivityBatch) {
        let found = RecordObservables(batch)
        found.add(self)
        found.settle(
            offset: offset, length: record.count, time: time(), identity: ContentHash.of(record), host: recordHost)
    }

    /// The computer that wrote the record, by the names that shippers give it; empty if it does not say. `host` alone is not among
    /// them: web servers write there what clients asked for.
    private var recordHost: Bytes {
        let candidates: [JSONValue?] = [
            self["winlog"]?["computer_name"], self["winlog.computer_name"], self["computer_name"],
            self["Event"]?["System"]?["Computer"], self["Computer"], self["ComputerName"], self["Hostname"],
            self["hostname"], self["host"]?["name"], self["host.name"], self["host"]?["hostname"], self["_HOSTNAME"],
            self["agent"]?["hostname"], self["beat"]?["hostname"], self["DeviceName"], self["device"]?["hostname"],
        ]
        for candidate in candidates {
            if let name = candidate?.string?.trimmed, !name.isEmpty, name.count <= 255 { return name }
        }
        return .empty
    }

    /// When it happened, by the names that are usual; nil if it does not say so in a form that leaves no doubt.
    var recordTime: Timestamp? {
        let candidates: [JSONValue?] = [
            self["TimeCreated"], self["SystemTime"], self["@timestamp"], self["eventTime"], self["CreationTime"],
            self["ts"], self["UtcTime"], self["EventTime"], self["TimeGenerated"], self["published"],
            self["createdDateTime"], self["activityDateTime"], self["eventTimestamp"], self["timestamp"], self["time"],
            self["created_at"], self["event"]?["created"], self["__REALTIME_TIMESTAMP"],
        ]
        for candidate in candidates {
            guard let candidate else { continue }
            if let text = candidate.string, let time = Timestamp(iso8601: text.trimmed) { return time }
            if let number = candidate.double ?? candidate.string.flatMap({ $0.trimmed.unsigned }).map(Double.init),
                let time = Self.moment(number)
            {
                return time
            }
        }
        return nil
    }

    /// Seconds since the epoch, from 10^11 on milliseconds, from 10^14 on microseconds.
    private static func moment(_ number: Double) -> Timestamp? {
        guard number > 0, number < 1e18 else { return nil }
        let scale: Double = number < 1e11 ? 1_000_000 : number < 1e14 ? 1_000 : 1
        let time = Timestamp(microseconds: Int64((number * scale).rounded()))
        return time >= .earliest && time <= .latest ? time : nil
    }
}
