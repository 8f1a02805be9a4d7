// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Writes a sensor's logs as files that rotate at local midnight, as a site's log rotation leaves them.
struct ZeekFiles {
    let calendar: Calendar
    var writing = EstatePlan.ZeekWriting.tsv
    var isGzipped = false

    /// Writes all records that day `day` left, those of sessions that went on past midnight too, in files of that day.
    /// Logs without records are left out.
    func writeWhole(day: Int, of sensor: inout Sensor, to folder: inout OutputFolder) throws {
        for log in ZeekLog.allCases where !sensor.isEmpty(log) {
            let name = "zeek/\(log.path).\(stamp(calendar.midnight(day))).log" + (isGzipped ? ".gz" : "")
            var file = try folder.file(name)
            switch writing {
            case .tsv:
                file.text = log.header(opened: stamp(calendar.midnight(day)))
                try sensor.drain(log, before: .latest) { try file.add(line: $0) }
                file.text.add("#close\t")
                file.text.add(text: stamp(calendar.midnight(day + 1)))
                file.text.add("\n")
            case .json:
                let json = ZeekJSONRow(log)
                try sensor.drain(log, before: .latest) { row in
                    json.add(row, to: &file.text)
                    try file.flushIfLarge()
                }
            }
            try file.close()
        }
    }

    /// Writes and forgets all records of day `day`. The first day's files are gzipped, as old logs are.
    func write(day: Int, of sensor: inout Sensor, to folder: inout OutputFolder) throws {
        for log in ZeekLog.allCases {
            let name = "zeek/\(log.path).\(stamp(calendar.midnight(day))).log" + (day == 0 ? ".gz" : "")
            var file = try folder.file(name)
            file.text = log.header(opened: stamp(calendar.midnight(day)))
            try sensor.drain(log, before: calendar.midnight(day + 1)) { row in
                try file.add(line: row)
            }
            file.text.add("#close\t")
            file.text.add(text: stamp(calendar.midnight(day + 1)))
            file.text.add("\n")
            try file.close()
        }
    }

    /// `2026-03-02-00-00-00`, in local time.
    private func stamp(_ time: Timestamp) -> String {
        var text = ByteText()
        text.add(iso: time + calendar.zone(at: time) * Calendar.hour)
        return text.string.map { $0 == "T" || $0 == ":" ? "-" : String($0) }.joined()
    }
}
