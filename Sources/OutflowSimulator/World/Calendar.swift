// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The recorded days: where they begin, and which hour it is where the people live.
struct Calendar: Sendable {
    /// Microseconds in a second.
    static let second: Int64 = 1_000_000
    /// Microseconds in a minute.
    static let minute = 60 * second
    /// Microseconds in an hour.
    static let hour = 3600 * second
    /// Microseconds in a day.
    static let day = 24 * hour

    /// The first day recorded, as days since 1970-01-01.
    let firstDay: Int
    /// Number of days recorded.
    let days: Int
    /// Whether clocks are an hour ahead in summer, by the rule of the European Union (Directive 2000/84/EC): from the last
    /// Sunday of March to that of October, changed at 01:00 UTC.
    private let hasSummerTime: Bool

    /// `days` days from the date `firstDay` on, where clocks are an hour ahead of UTC, in summer two.
    init(firstDay: Int, days: Int) {
        self.firstDay = firstDay
        self.days = days
        hasSummerTime = true
    }

    /// The demonstration's days, from Monday 2026-03-02 on, without summer time.
    init(days: Int) {
        firstDay = Timestamp.days(year: 2026, month: 3, day: 2)
        self.days = days
        hasSummerTime = false
    }

    /// Local midnight of the first day.
    var start: Timestamp { midnight(0) }

    /// End of the recording; nothing is written at or after it.
    var end: Timestamp { midnight(days) }

    /// Hours that local clocks are ahead of UTC at `time`.
    func zone(at time: Timestamp) -> Int64 {
        guard hasSummerTime else { return 1 }
        let parts = time.parts
        guard (3...10).contains(parts.month) else { return 1 }
        guard parts.month == 3 || parts.month == 10 else { return 2 }
        let last = Timestamp.days(year: parts.year, month: parts.month, day: 31)
        // 1970-01-04 was a Sunday.
        let change = Timestamp(microseconds: Int64(last - (last - 3) % 7) * Self.day + Self.hour)
        return (time >= change) == (parts.month == 3) ? 2 : 1
    }

    /// Local midnight at which day `index` begins.
    func midnight(_ index: Int) -> Timestamp { at(day: index, 0) }

    /// Year, month and day of month of day `index`.
    func date(_ index: Int) -> (year: Int, month: Int, day: Int) {
        let parts = Timestamp(microseconds: Int64(firstDay + index) * Self.day).parts
        return (parts.year, parts.month, parts.day)
    }

    /// Day of the week of day `index`, Monday being 0.
    func weekday(_ index: Int) -> Int { (firstDay + index + 3) % 7 }

    /// `hour`:`minute` local time of day `index`.
    func at(day index: Int, _ hour: Int, _ minute: Int = 0) -> Timestamp {
        let wall = Int64(firstDay + index) * Self.day + Int64(hour) * Self.hour + Int64(minute) * Self.minute
        // Clocks change at 02:00 or 03:00 local time, so what holds an hour before holds then; an hour that does not
        // exist is taken as the one after it.
        let zone = zone(at: Timestamp(microseconds: wall - (hour < 2 ? 1 : 2) * Self.hour))
        return Timestamp(microseconds: wall - zone * Self.hour)
    }

    /// Whether day `index` is a Saturday or a Sunday.
    func isWeekend(_ index: Int) -> Bool { weekday(index) >= 5 }

    /// The day on which something planned for day `planned` of seven happens in a recording of another length.
    func planned(_ planned: Int) -> Int { planned * days / 7 }

    /// A time of `day`, hours as likely as `rhythm` says.
    func time(on day: Int, rhythm: Rhythm, _ random: inout Random) -> Timestamp {
        let hour = random.index(weights: isWeekend(day) ? rhythm.weekend : rhythm.workday)
        return at(day: day, hour) + Int64(random.below(Int(Calendar.hour)))
    }
}

/// How activity spreads over the hours of a day, in weights.
///
/// The shapes follow the diurnal curves of campus networks: a rise from seven to ten, a dip at noon, a slow fall in the
/// afternoon, little at night (Fukuda, Cho, Esaki, "The impact of residential broadband traffic on Japanese ISP
/// backbones", 2005, for evenings at home; Henderson, Kotz, Abyzov, "The changing usage of a mature campus-wide
/// wireless network", 2004, for the campus).
struct Rhythm: Sendable {
    let workday: [Int]
    let weekend: [Int]

    /// People in their offices.
    static let office = Rhythm(
        workday: [0, 0, 0, 0, 0, 1, 6, 40, 95, 120, 115, 100, 60, 85, 105, 100, 85, 55, 22, 10, 6, 4, 2, 0],
        weekend: [0, 0, 0, 0, 0, 0, 0, 2, 8, 20, 28, 25, 18, 22, 28, 26, 20, 14, 8, 6, 4, 2, 0, 0])
    /// Reading at home and on campus, into the night.
    static let reading = Rhythm(
        workday: [8, 4, 2, 1, 1, 2, 6, 18, 45, 80, 95, 90, 70, 80, 95, 95, 85, 60, 45, 50, 60, 55, 35, 18],
        weekend: [10, 6, 3, 1, 1, 1, 3, 8, 22, 45, 60, 60, 50, 55, 65, 70, 60, 50, 45, 50, 55, 50, 35, 20])
    /// Visitors from all over the world.
    static let world = Rhythm(
        workday: [30, 26, 24, 22, 22, 24, 30, 42, 58, 66, 68, 66, 62, 66, 68, 66, 62, 58, 54, 52, 50, 46, 40, 34],
        weekend: [28, 24, 22, 20, 20, 20, 24, 30, 36, 42, 46, 46, 46, 48, 50, 50, 50, 48, 48, 48, 46, 42, 36, 32])
    /// Machines, which never sleep.
    static let even = Rhythm(workday: Array(repeating: 1, count: 24), weekend: Array(repeating: 1, count: 24))
}

extension Timestamp {
    /// The time `microseconds` later.
    static func + (time: Timestamp, microseconds: Int64) -> Timestamp {
        Timestamp(microseconds: time.microseconds + microseconds)
    }

    /// Microseconds from `earlier` to `time`.
    static func - (time: Timestamp, earlier: Timestamp) -> Int64 { time.microseconds - earlier.microseconds }
}
