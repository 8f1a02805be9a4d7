// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// How an access log writes the time: a strftime(3) pattern, with a fast way for the common one.
struct LogTimeFormat: Hashable, Sendable {
    /// `%d/%b/%Y:%H:%M:%S`, then ` %z` if the log writes it: what `%t` means in EZproxy, Apache and nginx.
    private let isCommon: Bool
    private let pattern: [UInt8]

    /// A pattern that can be read back to one moment.
    init(_ pattern: [UInt8]) throws(LogFormatError) {
        self.pattern = pattern
        self.isCommon = pattern == Array("%d/%b/%Y:%H:%M:%S %z".utf8)
        var codes: Set<UInt8> = []
        for index in pattern.indices.dropLast() where pattern[index] == UInt8(ascii: "%") {
            codes.insert(pattern[index + 1])
        }
        func has(_ all: String) -> Bool { all.utf8.allSatisfy { codes.contains($0) } }
        let date = has("F") || has("D") || (has("Y") && (has("md") || has("bd") || has("me") || has("be")))
        let clock = has("T") || has("HM")
        guard has("s") || has("~") || has("^") || (date && clock) else {
            throw .time(String(decoding: pattern, as: UTF8.self))
        }
    }

    /// Whether every time so written begins with a digit.
    var beginsWithDigit: Bool {
        guard pattern.count >= 2, pattern[0] == UInt8(ascii: "%") else { return false }
        return "dYymHMSsTFD~^".utf8.contains(pattern[1])
    }

    /// How often `text` stands in a time so written.
    func count(of text: ArraySlice<UInt8>) -> Int {
        guard !text.isEmpty, pattern.count >= text.count else { return 0 }
        return (0...(pattern.count - text.count)).filter { pattern[$0..<$0 + text.count] == text }.count
    }

    /// The moment that the text shows; nil for anything else. `zoneOffsetMinutes` is for texts without a zone.
    func moment(_ text: Bytes, zoneOffsetMinutes: Int) -> Timestamp? {
        isCommon
            ? Self.common(text, zoneOffsetMinutes: zoneOffsetMinutes)
            : interpreted(text, zoneOffsetMinutes: zoneOffsetMinutes)
    }

    /// `05/Mar/2012:00:07:21 +0100`, or the same without the zone.
    private static func common(_ text: Bytes, zoneOffsetMinutes: Int) -> Timestamp? {
        guard text.count == 26 || text.count == 20 else { return nil }
        let byte = text.start
        guard byte[2] == 0x2F, byte[6] == 0x2F, byte[11] == 0x3A, byte[14] == 0x3A, byte[17] == 0x3A else { return nil }
        var parts = Parts()
        guard let day = two(byte), let month = month(byte + 3), let century = two(byte + 7), let year = two(byte + 9),
            let hour = two(byte + 12), let minute = two(byte + 15), let second = two(byte + 18)
        else { return nil }
        parts.year = century * 100 + year
        parts.month = month
        parts.day = day
        parts.seconds = clock(hour, minute, second)
        if text.count == 26 {
            guard byte[20] == 0x20, let zone = zone(byte + 21) else { return nil }
            parts.zone = zone
        }
        return parts.moment(zoneOffsetMinutes: zoneOffsetMinutes)
    }

    /// What the parts of a time text say.
    private struct Parts {
        var year = 0
        var month = 0
        var day = 0
        /// Seconds since midnight; negative when out of range.
        var seconds = 0
        var zone: Int?
        var microsecond = 0
        var epoch: Int64?

        func moment(zoneOffsetMinutes: Int) -> Timestamp? {
            let value: Int64
            if let epoch {
                value = epoch &* 1_000_000 &+ Int64(microsecond)
            } else {
                guard (1...9999).contains(year), (1...12).contains(month), day >= 1, seconds >= 0 else { return nil }
                let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
                let length =
                    month == 2 ? (isLeap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
                guard day <= length else { return nil }
                let offset = (zone ?? zoneOffsetMinutes) * 60
                let total = Timestamp.days(year: year, month: month, day: day) * 86_400 + seconds - offset
                value = Int64(total) * 1_000_000 + Int64(microsecond)
            }
            let time = Timestamp(microseconds: value)
            return time >= .earliest && time <= .latest ? time : nil
        }
    }

    /// Reads `text` by the pattern: one number or name after the other.
    private func interpreted(_ text: Bytes, zoneOffsetMinutes: Int) -> Timestamp? {
        var parts = Parts()
        var (hour, minute, second) = (0, 0, 0)
        var at = 0
        func number(_ least: Int, _ most: Int) -> Int64? {
            var value: Int64 = 0
            let first = at
            while at < text.count, at - first < most, text[at] &- 0x30 <= 9 {
                value = value * 10 + Int64(text[at] - 0x30)
                at += 1
            }
            return at - first >= least ? value : nil
        }
        func read(_ code: UInt8) -> Bool {
            switch code {
            case UInt8(ascii: "Y"): guard let n = number(4, 4) else { return false }; parts.year = Int(n)
            case UInt8(ascii: "y"):
                guard let n = number(2, 2) else { return false }; parts.year = Int(n < 69 ? 2000 + n : 1900 + n)
            case UInt8(ascii: "m"): guard let n = number(1, 2) else { return false }; parts.month = Int(n)
            case UInt8(ascii: "d"), UInt8(ascii: "e"):
                if at < text.count, text[at] == 0x20 { at += 1 }
                guard let n = number(1, 2) else { return false }
                parts.day = Int(n)
            case UInt8(ascii: "H"): guard let n = number(2, 2) else { return false }; hour = Int(n)
            case UInt8(ascii: "M"): guard let n = number(2, 2) else { return false }; minute = Int(n)
            case UInt8(ascii: "S"): guard let n = number(2, 2) else { return false }; second = Int(n)
            case UInt8(ascii: "b"), UInt8(ascii: "h"):
                guard at + 3 <= text.count, let month = Self.month(text.start + at) else { return false }
                parts.month = month
                at += 3
            case UInt8(ascii: "s"): guard let n = number(1, 12) else { return false }; parts.epoch = n
            case UInt8(ascii: "~"):
                guard let n = number(1, 15) else { return false }
                parts.epoch = n / 1000
                parts.microsecond = Int(n % 1000) * 1000
            case UInt8(ascii: "^"):
                guard let n = number(1, 18) else { return false }
                parts.epoch = n / 1_000_000
                parts.microsecond = Int(n % 1_000_000)
            case UInt8(ascii: "f"):
                let first = at
                guard let n = number(1, 6) else { return false }
                parts.microsecond = Int(n)
                for _ in (at - first)..<6 { parts.microsecond *= 10 }
            case UInt8(ascii: "z"):
                if at < text.count, text[at] == UInt8(ascii: "Z") {
                    parts.zone = 0
                    at += 1
                    return true
                }
                guard at + 5 <= text.count else { return false }
                let length = text[at + 3] == 0x3A ? 6 : 5
                guard at + length <= text.count, let zone = Timestamp.zone(text[at..<at + length]) else { return false }
                parts.zone = zone
                at += length
            default: return false
            }
            return true
        }
        var index = 0
        while index < pattern.count {
            let byte = pattern[index]
            index += 1
            guard byte == UInt8(ascii: "%"), index < pattern.count else {
                guard at < text.count, text[at] == byte else { return nil }
                at += 1
                continue
            }
            let code = pattern[index]
            index += 1
            let isRead: Bool
            switch code {
            case UInt8(ascii: "T"): isRead = read(0x48) && skip(0x3A) && read(0x4D) && skip(0x3A) && read(0x53)
            case UInt8(ascii: "F"): isRead = read(0x59) && skip(0x2D) && read(0x6D) && skip(0x2D) && read(0x64)
            case UInt8(ascii: "D"): isRead = read(0x6D) && skip(0x2F) && read(0x64) && skip(0x2F) && read(0x79)
            default: isRead = read(code)
            }
            guard isRead else { return nil }
        }
        func skip(_ byte: UInt8) -> Bool {
            guard at < text.count, text[at] == byte else { return false }
            at += 1
            return true
        }
        guard at == text.count else { return nil }
        parts.seconds = Self.clock(hour, minute, second)
        return parts.moment(zoneOffsetMinutes: zoneOffsetMinutes)
    }

    private static func two(_ byte: UnsafePointer<UInt8>) -> Int? {
        let (tens, ones) = (byte[0] &- 0x30, byte[1] &- 0x30)
        return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
    }

    /// Seconds since midnight, -1 when out of range. A leap second is the first of the next minute.
    private static func clock(_ hour: Int, _ minute: Int, _ second: Int) -> Int {
        hour < 24 && minute < 60 && second <= 60 ? hour * 3600 + minute * 60 + second : -1
    }

    /// `+0100` in minutes.
    private static func zone(_ byte: UnsafePointer<UInt8>) -> Int? {
        guard byte[0] == 0x2B || byte[0] == 0x2D, let hours = two(byte + 1), let minutes = two(byte + 3), hours <= 14,
            minutes < 60
        else { return nil }
        return byte[0] == 0x2D ? -(hours * 60 + minutes) : hours * 60 + minutes
    }

    /// The English short name of a month, in any case.
    private static func month(_ byte: UnsafePointer<UInt8>) -> Int? {
        let name = UInt32(byte[0] | 0x20) << 16 | UInt32(byte[1] | 0x20) << 8 | UInt32(byte[2] | 0x20)
        switch name {
        case 0x6A616E: return 1
        case 0x666562: return 2
        case 0x6D6172: return 3
        case 0x617072: return 4
        case 0x6D6179: return 5
        case 0x6A756E: return 6
        case 0x6A756C: return 7
        case 0x617567: return 8
        case 0x736570: return 9
        case 0x6F6374: return 10
        case 0x6E6F76: return 11
        case 0x646563: return 12
        default: return nil
        }
    }
}
