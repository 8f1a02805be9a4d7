// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Text under construction, as UTF-8 bytes: what log writers append to. No `String` is made on the way.
struct ByteText: Sendable {
    private(set) var bytes: [UInt8] = []

    /// Number of bytes so far.
    var count: Int { bytes.count }

    /// Forgets the text but keeps the memory.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Appends one byte.
    mutating func add(byte: UInt8) { bytes.append(byte) }

    /// Appends a literal.
    mutating func add(_ literal: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends text.
    mutating func add(text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends bytes.
    mutating func add(_ slice: ArraySlice<UInt8>) { bytes.append(contentsOf: slice) }

    /// Appends a decimal number, with leading zeros up to `width` digits.
    mutating func add(_ number: Int, width: Int = 1) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var left = number.magnitude
        if left < 10, width <= 1 { return bytes.append(0x30 + UInt8(truncatingIfNeeded: left)) }
        // 20 digits are the most that 64 bits need; nothing is written wider.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var at = 20
            repeat {
                at -= 1
                let (quotient, digit) = left.quotientAndRemainder(dividingBy: 10)
                digits[at] = 0x30 + UInt8(truncatingIfNeeded: digit)
                left = quotient
            } while left > 0
            while 20 - at < min(width, 20) {
                at -= 1
                digits[at] = 0x30
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[at...]))
        }
    }

    /// Appends the lowest `digits` hex digits of `value`, in lower case.
    mutating func add(hex value: UInt64, digits: Int) {
        for place in stride(from: digits - 1, through: 0, by: -1) {
            let digit = UInt8(truncatingIfNeeded: (value >> UInt64(4 * place)) & 15)
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }

    /// Appends an address in dotted form.
    mutating func add(_ address: IPv4) {
        for shift: UInt32 in [24, 16, 8, 0] {
            add(Int(address.bits >> shift & 255))
            if shift > 0 { bytes.append(UInt8(ascii: ".")) }
        }
    }

    /// Appends an address in dotted form, or the IPv6 address of the same machine: 2001:db8::/32 is for examples (RFC
    /// 3849).
    mutating func add(_ address: IPv4, asIPv6: Bool) {
        guard asIPv6 else { return add(address) }
        func part(_ value: UInt32) { add(hex: UInt64(value), digits: value < 16 ? 1 : value < 256 ? 2 : 4) }
        let isInside = address.bits >> 24 == 10
        add(isInside ? "2001:db8:20:" : "2001:db8:")
        if !isInside {
            part(0xF000 | address.bits >> 16 & 255)
            add(":")
        }
        part(address.bits >> 8 & 255)
        add("::")
        part(address.bits & 255)
    }

    /// Appends microseconds as seconds with six decimals, as Zeek writes times and intervals.
    mutating func add(seconds microseconds: Int64) {
        add(Int(microseconds / 1_000_000))
        bytes.append(UInt8(ascii: "."))
        add(Int(microseconds % 1_000_000), width: 6)
    }

    /// Appends `2026-03-02T09:00:00` in UTC.
    mutating func add(iso time: Timestamp) {
        let parts = time.parts
        add(parts.year, width: 4)
        add("-")
        add(parts.month, width: 2)
        add("-")
        add(parts.day, width: 2)
        add("T")
        add(parts.hour, width: 2)
        add(":")
        add(parts.minute, width: 2)
        add(":")
        add(parts.second, width: 2)
    }

    /// Appends a random GUID (version 4, RFC 9562 section 5.4).
    mutating func add(_ guid: GUID) {
        add(hex: guid.high >> 32, digits: 8)
        add("-")
        add(hex: guid.high >> 16, digits: 4)
        add("-")
        add(hex: guid.high & 0x0FFF | 0x4000, digits: 4)
        add("-")
        add(hex: guid.low >> 48 & 0x3FFF | 0x8000, digits: 4)
        add("-")
        add(hex: guid.low, digits: 12)
    }

    /// The text as a `String`.
    var string: String { String(decoding: bytes, as: UTF8.self) }
}

/// An IPv4 address.
struct IPv4: Hashable, Sendable {
    var bits: UInt32

    /// An address of its four numbers.
    init(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
        bits = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// The IPv6 address of the same machine.
    var asIPv6: String {
        var text = ByteText()
        text.add(self, asIPv6: true)
        return text.string
    }

    /// The address in dotted form.
    var string: String {
        var text = ByteText()
        text.add(self)
        return text.string
    }
}

/// A random identifier of 128 bits.
struct GUID: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    /// The next identifier of `random`.
    init(_ random: inout Random) {
        high = random.bits()
        low = random.bits()
    }

    /// The identifier as text.
    var string: String {
        var text = ByteText()
        text.add(self)
        return text.string
    }
}
