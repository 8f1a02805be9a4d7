// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A part of a date, as the time modifiers name it.
///
/// Source: Sigma Modifiers Appendix 2.1, "Time Modifiers": a number is taken out of a date; zones are not converted.
public enum DatePart: String, Hashable, Sendable, CaseIterable {
    /// 0 to 59.
    case minute
    /// 0 to 23.
    case hour
    /// 1 to 31.
    case day
    /// Week of the year as in ISO 8601, 1 to 53.
    case week
    /// 1 to 12.
    case month
    /// The year.
    case year

    /// What it may be.
    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .week: 1...53
        case .month: 1...12
        case .year: 1...9999
        }
    }

    /// This part of a date as it is written, `2024-08-02T13:05:00Z` or with a space for the `T`; or of seconds since the
    /// epoch, in UTC. Nil for anything else, and for the hour of a date without time.
    func value(in text: Bytes) -> Int? {
        guard text.count >= 10, text[4] == UInt8(ascii: "-") else { return epoch(text) }
        guard text[7] == UInt8(ascii: "-"), let year = text[0..<4].unsigned, let month = text[5..<7].unsigned,
            let day = text[8..<10].unsigned,
            let date = Timestamp(year: Int(year), month: Int(month), day: Int(day), hour: 0, minute: 0, second: 0)
        else { return nil }
        switch self {
        case .year: return Int(year)
        case .month: return Int(month)
        case .day: return Int(day)
        case .week: return Self.week(year: Int(year), days: Int(date.microseconds / 86_400_000_000))
        case .hour: return Self.clock(text, from: 11, below: 24)
        case .minute: return Self.clock(text, from: 14, below: 60)
        }
    }

    /// The two digits at `from` of a time behind a date, `13:05`.
    private static func clock(_ text: Bytes, from: Int, below limit: UInt64) -> Int? {
        guard text.count >= 16, text[10] == UInt8(ascii: "T") || text[10] == 0x20, text[13] == UInt8(ascii: ":"),
            let value = text[from..<from + 2].unsigned, value < limit
        else { return nil }
        return Int(value)
    }

    private func epoch(_ text: Bytes) -> Int? {
        guard let moment = Timestamp(epochSeconds: text) else { return nil }
        let days = Int((Double(moment.microseconds) / 86_400_000_000).rounded(.down))
        let seconds = Int(moment.microseconds / 1_000_000) - days * 86_400
        // The year, then the month: by trying, as dates are few and this is off the hot path.
        var year = 1970 + days / 366
        while Timestamp.days(year: year + 1, month: 1, day: 1) <= days { year += 1 }
        while Timestamp.days(year: year, month: 1, day: 1) > days { year -= 1 }
        var month = 12
        while Timestamp.days(year: year, month: month, day: 1) > days { month -= 1 }
        switch self {
        case .year: return year
        case .month: return month
        case .day: return days - Timestamp.days(year: year, month: month, day: 1) + 1
        case .week: return Self.week(year: year, days: days)
        case .hour: return seconds / 3600
        case .minute: return seconds / 60 % 60
        }
    }

    /// ISO 8601 week of a day: that of its Thursday, counted from the first Thursday of that Thursday's year.
    private static func week(year: Int, days: Int) -> Int {
        let weekday = ((days + 3) % 7 + 7) % 7  // Monday is 0: 1970-01-01 was a Thursday.
        let thursday = days - weekday + 3
        var own = year
        if thursday < Timestamp.days(year: year, month: 1, day: 1) { own -= 1 }
        if thursday >= Timestamp.days(year: year + 1, month: 1, day: 1) { own += 1 }
        return (thursday - Timestamp.days(year: own, month: 1, day: 1)) / 7 + 1
    }
}
