// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Numbers and amounts in words for people. SI units (1 kB = 1,000 B), three significant digits, and never rounded in
/// the direction that would make a bound untrue: lower bounds go down, upper bounds go up.
enum Amounts {
    /// Which way to round.
    enum Direction { case down, up }

    /// Amounts of fewer bytes than these are written out to the byte.
    static let writtenOut: UInt64 = 1_000_000

    private static let units: [(name: String, size: UInt64)] = [
        ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("PB", 1_000_000_000_000_000), ("EB", 1_000_000_000_000_000_000),
    ]

    /// All bytes: `1,082,089 B`.
    static func exact(_ bytes: UInt64) -> String { Wording.grouped(bytes) + " B" }

    /// Three significant digits with a unit: `1.08 MB`, `70.0 kB`, `524 kB`; under 1,000 all bytes.
    static func short(_ bytes: UInt64, _ direction: Direction) -> String {
        guard bytes >= 1_000 else { return "\(bytes) B" }
        var unit = (units.lastIndex { $0.size <= bytes }) ?? 0
        while true {
            let size = units[unit].size
            let whole = bytes / size
            // The step is a whole number of bytes: the smallest unit is 1,000 and it is divided by at most 100.
            let digits = whole < 10 ? 2 : whole < 100 ? 1 : 0
            let step = size / (digits == 2 ? 100 : digits == 1 ? 10 : 1)
            let (quotient, rest) = bytes.quotientAndRemainder(dividingBy: step)
            let steps = direction == .up && rest > 0 ? quotient + 1 : quotient
            // Rounding up may need one digit more (9.996 -> 10.00) or the next unit (999.5 kB -> 1.00 MB).
            let limit: UInt64 = 1_000
            if steps < limit { return decimal(steps, digits) + " " + units[unit].name }
            if digits > 0 { return decimal(steps / 10, digits - 1) + " " + units[unit].name }
            guard unit + 1 < units.count else { return decimal(steps, 0) + " " + units[unit].name }
            unit += 1
            return "1.00 " + units[unit].name
        }
    }

    private static func decimal(_ value: UInt64, _ digits: Int) -> String {
        switch digits {
        case 0: return "\(value)"
        case 1: return "\(value / 10).\(value % 10)"
        default: return "\(value / 100).\(value % 100 < 10 ? "0" : "")\(value % 100)"
        }
    }

    /// A lower bound: to the byte while that is short, else rounded down.
    static func lower(_ bytes: UInt64) -> String { bytes < writtenOut ? exact(bytes) : short(bytes, .down) }

    /// An upper bound: to the byte while that is short, else rounded up.
    static func upper(_ bytes: UInt64) -> String { bytes < writtenOut ? exact(bytes) : short(bytes, .up) }

    /// Bounds in a few characters (at most 17): `524,836 B`, `1.08 MB`, `0 B – 70.0 kB`, `≥ 89 B`, `unknown`.
    ///
    /// An exact amount is rounded down, so that "1.08 MB left" stays true; ``precise(_:)`` has its bytes.
    static func brief(_ bounds: ByteBounds) -> String {
        switch (bounds.atLeast, bounds.atMost) {
        case (0, nil): return "unknown"
        case (let low, nil): return "≥ " + lower(low)
        case (let low, let high?) where low == high: return lower(low)
        case (let low, let high?):
            return "\(short(low, .down)) – \(short(high, .up))"
        }
    }

    /// Bounds to the byte, in words: `exactly 1,082,089 B`, `0 B to 70,000 B`, `at least 89 B, no upper limit`,
    /// `size not known`.
    static func precise(_ bounds: ByteBounds) -> String {
        switch (bounds.atLeast, bounds.atMost) {
        case (0, nil): return "size not known"
        case (let low, nil): return "at least \(exact(low)), no upper limit"
        case (let low, let high?) where low == high: return "exactly \(exact(low))"
        case (let low, let high?): return "\(exact(low)) to \(exact(high))"
        }
    }

    /// `2020-05-01 22:54`: the minute in UTC in which a moment lies.
    static func minute(_ time: Timestamp) -> String {
        if time == .unknown { return unknownTime }
        let text = time.description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
    }

    /// The minute, or only the day of a moment at which a day begins: who judges whole days says no time.
    static func minuteOrDay(_ time: Timestamp) -> String {
        isMidnight(time) ? String(time.description.prefix(10)) : minute(time)
    }

    /// The second, or only the day of a moment at which a day begins.
    static func secondOrDay(_ time: Timestamp) -> String {
        isMidnight(time) ? String(time.description.prefix(10)) : second(time)
    }

    private static let unknownTime = "time not known"

    private static func isMidnight(_ time: Timestamp) -> Bool { time.microseconds % 86_400_000_000 == 0 }

    /// From when to when a finding reaches: whole days without times, their last one included.
    static func reach(_ first: Timestamp, _ last: Timestamp) -> String {
        guard isMidnight(first), isMidnight(last), first < last else { return span(first, last) }
        let end = Timestamp(microseconds: last.microseconds - 1)
        let (a, b) = (first.description.prefix(10), end.description.prefix(10))
        return a == b ? String(a) : "\(a) – \(b)"
    }

    /// `2020-05-01 22:54:03 UTC`: the second in which a moment lies.
    static func second(_ time: Timestamp) -> String {
        if time == .unknown { return unknownTime }
        let text = time.description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }

    /// A span in minutes, the second date left out when it is the same: `2020-05-01 22:54 – 23:10`.
    static func span(_ first: Timestamp, _ last: Timestamp) -> String {
        let a = minute(first)
        let b = minute(last)
        if a == b { return a }
        return a.prefix(10) == b.prefix(10) ? "\(a) – \(b.dropFirst(11))" : "\(a) – \(b)"
    }
}
