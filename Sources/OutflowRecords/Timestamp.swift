// SPDX-License-Identifier: Apache-2.0

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z (no leap seconds, as in POSIX).
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since the epoch; negative before 1970.
    public let microseconds: Int64

    /// The moment `microseconds` after the epoch.
    @inlinable public init(microseconds: Int64) { self.microseconds = microseconds }

    /// Order in time.
    @inlinable public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The first moment that is accepted from a log: 0001-01-01T00:00:00Z.
    public static let earliest = Timestamp(microseconds: -62_135_596_800_000_000)
    /// Stands where there has to be a moment, and no record tells any: before ``earliest``. Reports write null.
    public static let unknown = Timestamp(microseconds: earliest.microseconds - 1)
    /// The last moment that is accepted from a log: 9999-12-31T23:59:59.999999Z.
    public static let latest = Timestamp(microseconds: 253_402_300_799_999_999)

    /// Days since the epoch of a date in the proleptic Gregorian calendar.
    /// Source: Howard Hinnant, chrono-compatible low-level date algorithms (days_from_civil).
    @inlinable public static func days(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The moment of a calendar date and time at `offsetMinutes` east of UTC; nil if a part is out of range. A second
    /// of 60 (a leap second) is taken as the first moment of the next minute.
    public init?(
        year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, microsecond: Int = 0,
        offsetMinutes: Int = 0
    ) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second), (0...999_999).contains(microsecond),
            abs(offsetMinutes) <= 14 * 60
        else { return nil }
        let lengths = [
            31, year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
        ]
        guard day <= lengths[month - 1] else { return nil }
        let seconds = (Timestamp.days(year: year, month: month, day: day) * 24 + hour) * 3600 + minute * 60 + second
        self.init(microseconds: Int64(seconds - offsetMinutes * 60) * 1_000_000 + Int64(microsecond))
    }

    /// Parses RFC 3339 / ISO 8601 text: `2020-04-30T00:08:02.361Z`, `+01:00`, `+0100`, a space for the `T`, up to nine
    /// digits of fraction (cut to microseconds), no zone meaning UTC. Nil for anything else.
    public init?(iso8601 text: Bytes) {
        func number(_ from: Int, _ length: Int) -> Int? {
            guard from + length <= text.count else { return nil }
            return text[from..<from + length].unsigned.map { Int($0) }
        }
        guard text.count >= 19, let year = number(0, 4), text[4] == UInt8(ascii: "-"), let month = number(5, 2),
            text[7] == UInt8(ascii: "-"), let day = number(8, 2),
            text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " ") || text[10] == UInt8(ascii: "t"),
            let hour = number(11, 2), text[13] == UInt8(ascii: ":"), let minute = number(14, 2),
            text[16] == UInt8(ascii: ":"), let second = number(17, 2)
        else { return nil }
        var index = 19
        var microsecond = 0
        if index < text.count, text[index] == UInt8(ascii: ".") || text[index] == UInt8(ascii: ",") {
            index += 1
            var scale = 100_000
            let first = index
            while index < text.count, (0x30...0x39).contains(text[index]) {
                microsecond += Int(text[index] - 0x30) * scale
                scale /= 10
                index += 1
            }
            guard index > first, index - first <= 9 else { return nil }
        }
        var offset = 0
        if index < text.count {
            switch text[index] {
            case UInt8(ascii: "Z"), UInt8(ascii: "z"):
                index += 1
            case UInt8(ascii: "+"), UInt8(ascii: "-"):
                guard let zone = Timestamp.zone(text.suffix(from: index)) else { return nil }
                offset = zone
                index = text.count
            default:
                return nil
            }
        }
        guard index == text.count else { return nil }
        self.init(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second, microsecond: microsecond,
            offsetMinutes: offset)
    }

    /// Minutes east of UTC of `+0100`, `-05:30` or `+01`; nil for anything else.
    public static func zone(_ text: Bytes) -> Int? {
        guard text.count >= 3, text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-"),
            let hours = text[1..<3].unsigned, hours <= 14
        else { return nil }
        var minutes: UInt64 = 0
        switch text.count {
        case 3: break
        case 5: guard let value = text[3..<5].unsigned else { return nil }; minutes = value
        case 6:
            guard text[3] == UInt8(ascii: ":"), let value = text[4..<6].unsigned else { return nil }
            minutes = value
        default: return nil
        }
        guard minutes < 60 else { return nil }
        let total = Int(hours * 60 + minutes)
        return text[0] == UInt8(ascii: "-") ? -total : total
    }

    /// Parses seconds since the epoch with an optional fraction (`1588205199.824370`), as Zeek, Squid and VPC Flow Logs
    /// write them; digits beyond microseconds are cut. Nil for anything else, and outside years 1 to 9999.
    @inlinable @inline(__always) public init?(epochSeconds text: Bytes) {
        // Zeek's own way to write it, 1588205199.824370, is nearly all that comes.
        if text.count == 17, text.start[10] == UInt8(ascii: ".") {
            var value: Int64 = 0
            var bad: UInt8 = 0
            for index in 0..<17 where index != 10 {
                let digit = text.start[index] &- 0x30
                bad |= digit > 9 ? 1 : 0
                value = value &* 10 &+ Int64(digit)
            }
            if bad == 0 {
                self.init(microseconds: value)
                return
            }
        }
        self.init(anyEpochSeconds: text)
    }

    @usableFromInline init?(anyEpochSeconds text: Bytes) {
        var index = 0
        var negative = false
        if text.count > 0, text.start[0] == UInt8(ascii: "-") {
            negative = true
            index = 1
        }
        var seconds: Int64 = 0
        let first = index
        while index < text.count {
            let digit = text.start[index] &- 0x30
            if digit > 9 { break }
            seconds = seconds &* 10 &+ Int64(digit)
            index += 1
            if index - first > 12 { return nil }
        }
        guard index > first else { return nil }
        var fraction: Int64 = 0
        if index < text.count {
            guard text.start[index] == UInt8(ascii: ".") else { return nil }
            index += 1
            var scale: Int64 = 100_000
            let from = index
            while index < text.count {
                let digit = text.start[index] &- 0x30
                guard digit <= 9 else { return nil }
                fraction = fraction &+ Int64(digit) &* scale
                scale /= 10
                index += 1
            }
            guard index > from else { return nil }
        }
        let value = seconds &* 1_000_000 &+ fraction
        self.init(microseconds: negative ? -value : value)
        guard self >= .earliest, self <= .latest else { return nil }
    }

    /// Year, month, day, hour, minute, second and microsecond in UTC.
    /// Source: Howard Hinnant, chrono-compatible low-level date algorithms (civil_from_days).
    public var parts: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, microsecond: Int) {
        // What ends after year 9999 is told as its last moment: RFC 3339 has no later one.
        let moment = min(max(self, .earliest), .latest).microseconds
        var days = Int(moment / 86_400_000_000)
        var rest = Int(moment % 86_400_000_000)
        if rest < 0 {
            rest += 86_400_000_000
            days -= 1
        }
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let mp = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * mp + 2) / 5 + 1
        let month = mp < 10 ? mp + 3 : mp - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let seconds = rest / 1_000_000
        return (year, month, day, seconds / 3600, seconds / 60 % 60, seconds % 60, rest % 1_000_000)
    }
}

extension Sequence<Timestamp> {
    /// From the earliest to the latest of those that are known; nil where none is.
    public var reach: ClosedRange<Timestamp>? {
        var reach: ClosedRange<Timestamp>?
        for time in self where time != .unknown {
            reach = reach.map { Swift.min($0.lowerBound, time)...Swift.max($0.upperBound, time) } ?? time...time
        }
        return reach
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with six digits of fraction: `2020-04-30T00:08:02.361000Z`.
    public var description: String {
        let p = parts
        func pad(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        return "\(pad(p.year, 4))-\(pad(p.month, 2))-\(pad(p.day, 2))T\(pad(p.hour, 2)):\(pad(p.minute, 2)):"
            + "\(pad(p.second, 2)).\(pad(p.microsecond, 6))Z"
    }
}
