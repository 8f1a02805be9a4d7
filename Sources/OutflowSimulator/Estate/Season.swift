// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// How busy the days of a year are: weekends, public holidays, terms and breaks.
///
/// Holidays are those of Germany as a whole; terms are those of a German university (lectures from mid-October to
/// mid-February and from mid-April to mid-July).
struct Season: Sendable {
    /// What a day is like.
    enum Day: Sendable { case work, weekend, holiday }

    /// What each recorded day is like.
    let days: [Day]
    /// Thousandths of a usual day's activity, by role and day.
    private let activity: [[Int]]
    /// Whether makers of software publish their updates on the day: the second Tuesday of a month.
    let hasUpdates: [Bool]

    init(_ kind: EstateKind, _ calendar: Calendar) {
        days = (0..<calendar.days).map { index in
            let date = calendar.date(index)
            if Self.isHoliday(date) { return .holiday }
            return calendar.isWeekend(index) ? .weekend : .work
        }
        hasUpdates = (0..<calendar.days).map {
            calendar.weekday($0) == 1 && (8...14).contains(calendar.date($0).day)
        }
        activity = Role.allCases.map { role in
            (0..<calendar.days).map { Self.activity(of: role, kind, calendar.date($0)) }
        }
    }

    /// Thousandths of a usual day's activity; weekends and holidays not yet taken into account.
    func activity(of role: Role, on day: Int) -> Int { activity[role.rawValue][day] }

    /// How many in a thousand of the people come on the day.
    func presence(of role: Role, on day: Int) -> Int {
        switch (days[day], role) {
        case (_, .server), (_, .machine): 1000
        case (.work, _): 860
        case (.weekend, .desk): 90
        case (.weekend, _): 420
        case (.holiday, .desk): 50
        case (.holiday, _): 300
        }
    }

    private static func activity(of role: Role, _ kind: EstateKind, _ date: (year: Int, month: Int, day: Int)) -> Int {
        let place = date.month * 100 + date.day
        let isYearsEnd = place >= 1223 || place <= 106
        switch role {
        case .machine: return 1000
        case .server: return isYearsEnd ? 850 : 1000
        case .student:
            if isYearsEnd { return 180 }
            return (place >= 1014 || place <= 214 || (414...719).contains(place)) ? 1000 : 350
        case .desk:
            if isYearsEnd { return kind == .university ? 120 : kind == .operator ? 450 : 200 }
            if date.month == 8 { return kind == .operator ? 850 : 680 }
            return kind == .university && (215...413).contains(place) ? 850 : 1000
        }
    }

    /// New Year, Labour Day, Unity Day, Christmas; Good Friday, Easter Monday, Ascension, Whit Monday.
    private static func isHoliday(_ date: (year: Int, month: Int, day: Int)) -> Bool {
        switch (date.month, date.day) {
        case (1, 1), (5, 1), (10, 3), (12, 25), (12, 26): return true
        default: break
        }
        let day = Timestamp.days(year: date.year, month: date.month, day: date.day)
        return [-2, 1, 39, 50].contains(day - easter(date.year))
    }

    /// Easter Sunday of a year, as days since 1970-01-01 (anonymous Gregorian algorithm; Meeus, "Astronomical
    /// Algorithms", 1991, chapter 8).
    static func easter(_ year: Int) -> Int {
        let a = year % 19
        let (b, c) = (year / 100, year % 100)
        let g = (8 * b + 13) / 25
        let h = (19 * a + b - b / 4 - g + 15) % 30
        let m = (a + 11 * h) / 319
        let r = (2 * (b % 4) + 2 * (c / 4) - c % 4 - h + m + 32) % 7
        let n = h - m + r
        return Timestamp.days(year: year, month: (n + 90) / 25, day: (n + (n + 90) / 25 + 19) % 32)
    }
}

/// The hours of one local day as moments, and which of them a rhythm makes likely, ready for quick draws.
struct DayClock: Sendable {
    private let hours: [Int64]

    /// The clock of day `index`.
    init(_ calendar: Calendar, day index: Int) {
        hours = (0..<24).map { calendar.at(day: index, $0).microseconds }
    }

    /// A moment of the day, hours as likely as `table` says.
    func time(_ table: HourTable, _ random: inout Random) -> Timestamp {
        let bits = random.bits()
        let within = Int64(((bits >> 32) &* UInt64(Calendar.hour)) >> 32)
        return Timestamp(microseconds: hours[Int(table.hours[Int(bits & 1023)])] + within)
    }
}

/// A rhythm's hours, each as often as it is likely, among 1,024.
struct HourTable: Sendable {
    let hours: [UInt8]

    init(_ weights: [Int]) {
        let sum = weights.reduce(0, +)
        var hours: [UInt8] = []
        var seen = 0
        for (hour, weight) in weights.enumerated() {
            seen += weight
            while hours.count < 1024 * seen / sum { hours.append(UInt8(hour)) }
        }
        self.hours = hours
    }
}
