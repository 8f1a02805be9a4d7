// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Times as tables write them: RFC 3339, a date alone, `2025-01-01 00:00` with or without seconds and `UTC`, seconds or
/// milliseconds since 1970.
enum ListTime {
    /// Whether a cell stands for no time.
    static func saysNothing(_ text: String) -> Bool {
        ["-", "none", "null", "n/a", "na", "nan", "never"].contains(text.lowercased())
    }

    /// The time; nil when it is none of the above.
    static func read(_ text: String) -> Timestamp? {
        if text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let number = Int64(text) {
            switch text.utf8.count {
            // From 2001 on, so that a year or a day is no time.
            case 10: return Timestamp(microseconds: number * 1_000_000)
            case 13: return Timestamp(microseconds: number * 1_000)
            default: return nil
            }
        }
        var words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        if let zone = words.last?.uppercased(), words.count > 1, ["UTC", "GMT", "Z"].contains(zone) {
            words.removeLast()
            words[words.count - 1] += words.count > 1 || words[0].contains("T") ? "Z" : ""
        }
        guard (1...2).contains(words.count) else { return nil }
        var whole = words.joined(separator: "T")
        if !whole.contains("T") { whole += "T00:00:00Z" }
        let time = whole.drop { $0 != "T" }.dropFirst()
        let clock = time.prefix { $0.isNumber || $0 == ":" || $0 == "." }
        var zone = String(time[clock.endIndex...])
        if zone.isEmpty { zone = "Z" }
        let seconds = clock.count(where: { $0 == ":" }) == 1 ? ":00" : ""
        let mended = whole.prefix { $0 != "T" } + "T" + clock + seconds + zone
        return withBytes(of: String(mended)) { Timestamp(iso8601: $0) }
    }

    /// Why a text is no time.
    static func reason(_ text: String) -> String {
        text.contains("/") || text.contains(".") && text.first?.isNumber == true
            ? "a date of which it is not clear what is the day and what the month; write 2025-01-31" : "no time"
    }
}
