// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension RuleMatcher {
    /// The last record's time: of the first of the mapping's time fields that holds one. Text is ISO 8601 (without zone:
    /// UTC); numbers are seconds since the epoch, from 10^11 on milliseconds, from 10^14 on microseconds.
    public var time: Timestamp? {
        for slot in set.timeSlots {
            // An object around the time is a value too: {"TimeCreated": {"#attributes": {"SystemTime": ...}}}.
            var index = fields.heads[slot]
            while index >= 0 {
                let value = fields.values[Int(index)]
                if value.kind != .object, let time = fields.text(Int(index)).flatMap({ Self.time($0.trimmed) }) {
                    return time
                }
                index = value.next
            }
        }
        return nil
    }

    private static func time(_ text: Bytes) -> Timestamp? {
        if let time = Timestamp(iso8601: text) { return time }
        guard let number = text.number, number > 0, number < 1e18 else { return nil }
        let time: Timestamp? =
            if number < 1e11 {
                Timestamp(epochSeconds: text)
            } else {
                Timestamp(microseconds: Int64(number) * (number < 1e14 ? 1000 : 1))
            }
        guard let time, time >= .earliest, time <= .latest else { return nil }
        return time
    }
}
