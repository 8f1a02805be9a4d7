// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A decimal number, exact: records and rules hold counters and identifiers beyond 2^53, which a `Double` would round.
public struct DecimalNumber: Hashable, Sendable {
    /// Whether it is below zero.
    let isNegative: Bool
    /// Digits, 0 to 9, without zeros before and behind; none for zero.
    let digits: [UInt8]
    /// The number is 0.digits times ten to the power of this.
    let point: Int

    /// Most bytes of a number; what is longer is text.
    static let longest = 64

    /// The number that a text is: sign, digits, fraction, exponent; nil for anything else.
    init?(_ text: some Sequence<UInt8>, longest: Int = Self.longest) {
        var (isNegative, isExponentNegative) = (false, false)
        var digits: [UInt8] = []
        var (whole, exponent, length) = (0, 0, 0)
        var (hasDigits, hasFraction, hasExponent, hasExponentDigits) = (false, false, false, false)
        var last: UInt8 = 0
        for byte in text {
            length += 1
            guard length <= longest else { return nil }
            switch byte {
            case 0x30...0x39 where hasExponent:
                hasExponentDigits = true
                // Beyond this no two numbers differ that 64 bytes can hold.
                exponent = min(exponent * 10 + Int(byte - 0x30), 1_000_000_000)
            case 0x30...0x39:
                hasDigits = true
                digits.append(byte - 0x30)
                if !hasFraction { whole += 1 }
            case UInt8(ascii: "-") where length == 1: isNegative = true
            case UInt8(ascii: "+") where length == 1: break
            case UInt8(ascii: "-") where last | 0x20 == UInt8(ascii: "e"): isExponentNegative = true
            case UInt8(ascii: "+") where last | 0x20 == UInt8(ascii: "e"): break
            case UInt8(ascii: ".") where !hasFraction && !hasExponent: hasFraction = true
            case UInt8(ascii: "e") where hasDigits && !hasExponent, UInt8(ascii: "E") where hasDigits && !hasExponent:
                hasExponent = true
            default: return nil
            }
            last = byte
        }
        guard hasDigits, hasExponent == hasExponentDigits else { return nil }
        while digits.last == 0 { digits.removeLast() }
        let zeros = digits.prefix { $0 == 0 }.count
        digits.removeFirst(zeros)
        self.digits = digits
        self.isNegative = isNegative && !digits.isEmpty
        point = digits.isEmpty ? 0 : whole - zeros + (isExponentNegative ? -exponent : exponent)
    }

    /// The number that a record's text is.
    init?(_ text: Bytes) { self.init(UnsafeBufferPointer(start: text.start, count: text.count)) }

    /// The number as text, the same for equal numbers: without exponent where 64 digits are enough.
    var text: String {
        func text(_ digits: some Collection<UInt8>) -> String {
            String(decoding: digits.lazy.map { $0 + 0x30 }, as: UTF8.self)
        }
        func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
        let sign = isNegative ? "-" : ""
        if digits.isEmpty { return "0" }
        if point > Self.longest || point < -Self.longest {
            let rest = digits.dropFirst()
            return sign + text(digits.prefix(1)) + (rest.isEmpty ? "" : "." + text(rest)) + "e\(point - 1)"
        }
        if point <= 0 { return sign + "0." + zeros(-point) + text(digits) }
        if point >= digits.count { return sign + text(digits) + zeros(point - digits.count) }
        return sign + text(digits.prefix(point)) + "." + text(digits.dropFirst(point))
    }

    /// The number in millionths; nil beyond 10^24. Smaller parts are cut off, or make it nil too.
    func millionths(roundsDown: Bool) -> Int128? {
        guard point <= 24 else { return nil }
        var value: Int128 = 0
        let places = point + 6
        if digits.count > places, !roundsDown { return nil }
        for place in 0..<max(places, 0) { value = value * 10 + Int128(place < digits.count ? digits[place] : 0) }
        return isNegative ? -value : value
    }

    /// The number if it is whole and fits.
    var integer: Int? { Int(text) }
}

extension DecimalNumber: Comparable {
    /// By value.
    public static func < (one: DecimalNumber, other: DecimalNumber) -> Bool {
        if one.sign != other.sign { return one.sign < other.sign }
        let (small, large) = one.isNegative ? (other, one) : (one, other)
        if small.point != large.point { return small.point < large.point }
        return small.digits.lexicographicallyPrecedes(large.digits)
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }
}
