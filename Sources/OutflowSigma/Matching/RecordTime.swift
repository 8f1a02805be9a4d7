// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension RuleMatcher {
    /// The last record's time: of the first of the mapping's time fields that holds one. Text is ISO 8601 (without zone:
    /// UTC); numbers are seconds since the epoch, from 10^11 on milliseconds, from 10^14 on microseconds.
    public var time: Timestamp? {
        for slot in set.timeSlots {
            let index = fields.heads[slot]
            guard index >= 0, let text = fields.text(Int(index))?.trimmed else { continue }
            if let time = Timestamp(iso8601: text) { return time }
            guard let number = text.number, number > 0, number < 1e18 else { continue }
            let time: Timestamp? =
                if number < 1e11 {
                    Timestamp(epochSeconds: text)
                } else {
                    Timestamp(microseconds: Int64(number) * (number < 1e14 ? 1000 : 1))
                }
            if let time, time >= .earliest, time <= .latest { return time }
        }
        return nil
    }
}
