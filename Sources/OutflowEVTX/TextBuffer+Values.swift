// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Numbers, identifiers and times as text, in the forms that the `evtx` tool gives them.
extension TextBuffer {
    /// Adds decimal digits.
    @inline(__always) mutating func append(decimal value: UInt64) throws(EventLogDamage) {
        try reserve(20)
        var digits = 1
        var rest = value / 10
        while rest > 0 {
            digits &+= 1
            rest /= 10
        }
        putDigits(value, digits)
    }

    /// Adds decimal digits, with a minus sign where there must be one.
    mutating func append(decimal value: Int64) throws(EventLogDamage) {
        if value < 0 { try append(UInt8(ascii: "-")) }
        try append(decimal: value.magnitude)
    }

    /// Adds `0x` and small hexadecimal digits without zeros in front.
    mutating func append(hex value: UInt64) throws(EventLogDamage) {
        try reserve(18)
        put(0x30)
        put(0x78)
        var shift = value == 0 ? 0 : (63 &- value.leadingZeroBitCount) & ~3
        while shift >= 0 {
            let digit = UInt32(truncatingIfNeeded: value >> UInt64(shift)) & 15
            put(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
            shift &-= 4
        }
    }

    /// Adds two capital hexadecimal digits a byte.
    mutating func append(hexOf bytes: Bytes) throws(EventLogDamage) {
        try reserve(bytes.count &* 2)
        for index in 0..<bytes.count { putHex(bytes.start[index]) }
    }

    @inline(__always) private mutating func putHex(_ byte: UInt8) {
        let (high, low) = (UInt32(byte >> 4), UInt32(byte & 15))
        put(high < 10 ? 0x30 &+ high : 0x37 &+ high)
        put(low < 10 ? 0x30 &+ low : 0x37 &+ low)
    }

    /// Adds the 16 bytes at `guid` in the usual form, without braces. Source: [MS-DTYP] section 2.3.4.
    mutating func append(guid: UnsafeRawPointer) throws(EventLogDamage) {
        try reserve(36)
        func byte(_ index: Int) -> UInt8 { guid.load(fromByteOffset: index, as: UInt8.self) }
        for index in 0..<4 { putHex(byte(3 &- index)) }
        put(0x2D)
        putHex(byte(5))
        putHex(byte(4))
        put(0x2D)
        putHex(byte(7))
        putHex(byte(6))
        put(0x2D)
        putHex(byte(8))
        putHex(byte(9))
        put(0x2D)
        for index in 10..<16 { putHex(byte(index)) }
    }

    /// Adds a security identifier, `S-1-5-18`; false if the bytes are none. Source: [MS-DTYP] sections 2.4.2.1 and 2.4.2.2.
    mutating func append(sid: Bytes) throws(EventLogDamage) -> Bool {
        guard sid.count >= 8, sid.count >= 8 &+ 4 &* Int(sid[1]) else { return false }
        try append(Bytes("S-"))
        try append(decimal: UInt64(sid[0]))
        try append(UInt8(ascii: "-"))
        var authority: UInt64 = 0
        for index in 2..<8 { authority = authority << 8 | UInt64(sid[index]) }
        if authority >> 32 == 0 { try append(decimal: authority) } else { try append(hex: authority) }
        for index in 0..<Int(sid[1]) {
            try append(UInt8(ascii: "-"))
            let part = UnsafeRawPointer(sid.start).loadUnaligned(fromByteOffset: 8 &+ 4 &* index, as: UInt32.self)
            try append(decimal: UInt64(UInt32(littleEndian: part)))
        }
        return true
    }

    /// Adds a moment with six digits of fraction, `2020-04-30T00:08:02.361000Z`.
    mutating func append(_ time: Timestamp) throws(EventLogDamage) {
        try reserve(27)
        let parts = time.parts
        putDigits(UInt64(clamping: parts.year), 4)
        put(0x2D)
        putDigits(UInt64(clamping: parts.month), 2)
        put(0x2D)
        putDigits(UInt64(clamping: parts.day), 2)
        put(0x54)
        putDigits(UInt64(clamping: parts.hour), 2)
        put(0x3A)
        putDigits(UInt64(clamping: parts.minute), 2)
        put(0x3A)
        putDigits(UInt64(clamping: parts.second), 2)
        put(0x2E)
        putDigits(UInt64(clamping: parts.microsecond), 6)
        put(0x5A)
    }
}

extension Timestamp {
    /// The moment of a FILETIME, 100 ns since 1601, cut to microseconds; nil behind the year 9999.
    /// Source: [MS-DTYP] section 2.3.3.
    @inline(__always) init?(fileTime: UInt64) {
        // 11,644,473,600 s lie between 1601 and 1970.
        let microseconds = Int64(bitPattern: fileTime / 10) &- 11_644_473_600_000_000
        self.init(microseconds: microseconds)
        guard microseconds <= Timestamp.latest.microseconds else { return nil }
    }

    /// The moment of the 16 bytes of a SYSTEMTIME; nil if they are no time. Source: [MS-DTYP] section 2.3.13.
    init?(systemTime: UnsafeRawPointer) {
        func part(_ index: Int) -> Int {
            Int(UInt16(littleEndian: systemTime.loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self)))
        }
        guard part(7) < 1000 else { return nil }
        self.init(
            year: part(0), month: part(1), day: part(3), hour: part(4), minute: part(5), second: part(6),
            microsecond: part(7) &* 1000)
    }
}
