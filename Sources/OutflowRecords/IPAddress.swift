// SPDX-License-Identifier: Apache-2.0

/// An IPv4 or IPv6 address as 128 bits; IPv4 is kept in its mapped form (::ffff:a.b.c.d, RFC 4291 section 2.5.5.2), so
/// that the same host written in both ways is one address.
public struct IPAddress: Hashable, Comparable, Sendable {
    /// The first eight bytes, in network order.
    public let high: UInt64
    /// The last eight bytes, in network order.
    public let low: UInt64

    /// An address of its 128 bits.
    @inlinable public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The IPv4 address whose 32 bits, in network order, are `v4`.
    @inlinable public init(v4: UInt32) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(v4))
    }

    /// The 32 bits of an IPv4 (or IPv4-mapped) address; nil for other IPv6 addresses.
    @inlinable public var v4: UInt32? {
        high == 0 && low >> 32 == 0xFFFF ? UInt32(truncatingIfNeeded: low) : nil
    }

    /// Order by value; IPv4 addresses come together.
    @inlinable public static func < (left: IPAddress, right: IPAddress) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    /// Parses dotted IPv4 (`192.0.2.1`, no leading zeros beyond one digit, RFC 6943 section 3.1.1) or IPv6 text
    /// (RFC 4291 section 2.2, with `::`, an IPv4 tail, and a zone `%eth0`, which is dropped). Nil for anything else.
    @inlinable public init?(_ text: Bytes) {
        if let v4 = IPAddress.parseV4(text) {
            self.init(v4: v4)
        } else if let v6 = IPAddress.parseV6(text) {
            self = v6
        } else {
            return nil
        }
    }

    /// Parses as ``init(_:)-(Bytes)`` does.
    public init?(_ text: String) {
        guard let value = withBytes(of: text, { IPAddress($0) }) else { return nil }
        self = value
    }

    /// The 32 bits of a dotted IPv4 address; nil for anything else. For the hot path.
    @inlinable @inline(__always) public static func parseV4(_ text: Bytes) -> UInt32? {
        guard text.count >= 7, text.count <= 15 else { return nil }
        var value: UInt32 = 0
        var at = text.start
        let end = at + text.count
        for part in 0..<4 {
            guard at < end else { return nil }
            var number = UInt32(at.pointee &- 0x30)
            guard number <= 9 else { return nil }
            at += 1
            if at < end, at.pointee &- 0x30 <= 9 {
                if number == 0 { return nil }
                number = number &* 10 &+ UInt32(at.pointee &- 0x30)
                at += 1
                if at < end, at.pointee &- 0x30 <= 9 {
                    number = number &* 10 &+ UInt32(at.pointee &- 0x30)
                    at += 1
                    if number > 255 { return nil }
                }
            }
            value = value << 8 | number
            if part < 3 {
                guard at < end, at.pointee == UInt8(ascii: ".") else { return nil }
                at += 1
            }
        }
        return at == end ? value : nil
    }

    @usableFromInline static func parseV6(_ whole: Bytes) -> IPAddress? {
        var text = whole
        if let zone = text.firstIndex(of: UInt8(ascii: "%")) { text = text.prefix(upTo: zone) }
        guard text.count >= 2, text.count <= 45 else { return nil }
        var groups: (UInt64, UInt64) = (0, 0)
        var filled = 0
        var gapAt: Int? = nil
        func push(_ group: UInt64) -> Bool {
            guard filled < 8 else { return false }
            if filled < 4 {
                groups.0 |= group << UInt64(48 - 16 * filled)
            } else {
                groups.1 |= group << UInt64(48 - 16 * (filled - 4))
            }
            filled += 1
            return true
        }
        var index = 0
        if text[0] == UInt8(ascii: ":") {
            guard text[1] == UInt8(ascii: ":") else { return nil }
            gapAt = 0
            index = 2
        }
        while index < text.count {
            var end = index
            while end < text.count, text[end] != UInt8(ascii: ":") { end += 1 }
            let part = text[index..<end]
            if part.firstIndex(of: UInt8(ascii: ".")) != nil {
                guard end == text.count, let v4 = parseV4(part), push(UInt64(v4 >> 16)), push(UInt64(v4 & 0xFFFF))
                else { return nil }
                index = end
                break
            }
            guard part.count >= 1, part.count <= 4 else { return nil }
            var group: UInt64 = 0
            for position in 0..<part.count {
                let byte = part[position]
                let digit: UInt8
                switch byte {
                case 0x30...0x39: digit = byte - 0x30
                case 0x41...0x46: digit = byte - 0x41 + 10
                case 0x61...0x66: digit = byte - 0x61 + 10
                default: return nil
                }
                group = group << 4 | UInt64(digit)
            }
            guard push(group) else { return nil }
            index = end
            if index < text.count {
                index += 1
                if index == text.count { return nil }
                if text[index] == UInt8(ascii: ":") {
                    guard gapAt == nil else { return nil }
                    gapAt = filled
                    index += 1
                }
            }
        }
        if let gapAt {
            guard filled < 8 else { return nil }
            // Move the groups behind the gap to the end.
            var all = [UInt64](repeating: 0, count: 8)
            for position in 0..<filled {
                let word =
                    position < 4 ? groups.0 >> UInt64(48 - 16 * position) : groups.1 >> UInt64(112 - 16 * position)
                all[position < gapAt ? position : position + 8 - filled] = word & 0xFFFF
            }
            groups = (0, 0)
            for position in 0..<4 {
                groups.0 |= all[position] << UInt64(48 - 16 * position)
                groups.1 |= all[position + 4] << UInt64(48 - 16 * position)
            }
        } else if filled != 8 {
            return nil
        }
        return IPAddress(high: groups.0, low: groups.1)
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted IPv4, or IPv6 in the canonical form of RFC 5952.
    public var description: String {
        if let v4 {
            // At most 15 bytes, which a string holds without allocation.
            return String(unsafeUninitializedCapacity: 15) { text in
                var count = 0
                func put(_ byte: UInt32) {
                    text[count] = UInt8(truncatingIfNeeded: byte)
                    count += 1
                }
                for shift: UInt32 in [24, 16, 8, 0] {
                    let part = v4 >> shift & 255
                    if shift < 24 { put(0x2E) }
                    if part >= 100 { put(0x30 + part / 100) }
                    if part >= 10 { put(0x30 + part / 10 % 10) }
                    put(0x30 + part % 10)
                }
                return count
            }
        }
        var groups: [UInt64] = []
        for shift in stride(from: 48, through: 0, by: -16) { groups.append(high >> UInt64(shift) & 0xFFFF) }
        for shift in stride(from: 48, through: 0, by: -16) { groups.append(low >> UInt64(shift) & 0xFFFF) }
        var best = 0..<0
        var index = 0
        while index < 8 {
            var end = index
            while end < 8, groups[end] == 0 { end += 1 }
            if end - index > best.count, end - index > 1 { best = index..<end }
            index = max(end, index + 1)
        }
        func join(_ part: ArraySlice<UInt64>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
        if best.isEmpty { return join(groups[...]) }
        return join(groups[..<best.lowerBound]) + "::" + join(groups[best.upperBound...])
    }
}
