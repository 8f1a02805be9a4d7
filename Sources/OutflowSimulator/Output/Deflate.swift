// SPDX-License-Identifier: Apache-2.0

/// Deflate (RFC 1951) with the fixed codes and one look back for each place: plain, quick, and the same bytes on every
/// machine and for ever, which no system's library promises.
struct Deflate: Sendable {
    private static let hashBits = 15
    private static let window = 32_768
    private static let longestMatch = 258

    /// Where a sequence of four bytes with a hash was seen last, in the block at hand.
    private var seen = [Int32](repeating: -1, count: 1 << Deflate.hashBits)
    private var held: UInt64 = 0
    private var heldBits: UInt64 = 0

    /// Compresses `bytes` as one more block, and appends what is whole bytes of it to `out`.
    mutating func block(_ bytes: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        for index in seen.indices { seen[index] = -1 }
        put(0b010, 3, &out)  // Not the last block; fixed codes.
        var at = 0
        while at < bytes.count {
            let match = find(bytes, at)
            if match.length >= 4 {
                put(length: match.length, &out)
                put(distance: match.distance, &out)
                at += match.length
            } else {
                put(literal: bytes[at], &out)
                at += 1
            }
        }
        put(0, 7, &out)  // End of the block: symbol 256.
    }

    /// The stream's end: an empty last block, and zero bits up to a whole byte.
    mutating func end(_ out: inout [UInt8]) {
        put(0b011, 3, &out)
        put(0, 7, &out)
        if heldBits > 0 { put(0, 8 - heldBits, &out) }
    }

    private mutating func find(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> (length: Int, distance: Int) {
        guard at + 4 <= bytes.count else { return (0, 0) }
        let word = UnsafeRawPointer(bytes.baseAddress! + at).loadUnaligned(as: UInt32.self).littleEndian
        let hash = Int(truncatingIfNeeded: (word &* 2_654_435_761) >> UInt32(32 - Self.hashBits))
        let before = Int(seen[hash])
        seen[hash] = Int32(truncatingIfNeeded: at)
        guard before >= 0, at - before <= Self.window else { return (0, 0) }
        let most = min(Self.longestMatch, bytes.count - at)
        var length = 0
        while length < most, bytes[before + length] == bytes[at + length] { length += 1 }
        return (length, at - before)
    }

    /// Appends bits, lowest first.
    private mutating func put(_ bits: UInt64, _ count: UInt64, _ out: inout [UInt8]) {
        held |= bits << heldBits
        heldBits += count
        while heldBits >= 8 {
            out.append(UInt8(truncatingIfNeeded: held))
            held >>= 8
            heldBits -= 8
        }
    }

    /// Codes of the fixed tree begin with their highest bit (section 3.1.1).
    private mutating func put(code: Int, _ count: Int, _ out: inout [UInt8]) {
        var reversed: UInt64 = 0
        for bit in 0..<count { reversed |= UInt64(code >> bit & 1) << UInt64(count - 1 - bit) }
        put(reversed, UInt64(count), &out)
    }

    /// Section 3.2.6: literals to 143 have 8 bits, those above 9.
    private mutating func put(literal: UInt8, _ out: inout [UInt8]) {
        if literal < 144 {
            put(code: 0x30 + Int(literal), 8, &out)
        } else {
            put(code: 0x190 + Int(literal) - 144, 9, &out)
        }
    }

    /// Section 3.2.5: four lengths of each power of two share their extra bits; 258 has a code of its own.
    private mutating func put(length: Int, _ out: inout [UInt8]) {
        let symbol: Int
        var extra = 0
        var extraBits = 0
        if length == 258 {
            symbol = 285
        } else if length <= 10 {
            symbol = 254 + length
        } else {
            let value = length - 3
            extraBits = Int.bitWidth - 1 - value.leadingZeroBitCount - 2
            symbol = 257 + extraBits * 4 + (value >> extraBits)
            extra = value & ((1 << extraBits) - 1)
        }
        if symbol < 280 { put(code: symbol - 256, 7, &out) } else { put(code: 0xC0 + symbol - 280, 8, &out) }
        put(UInt64(extra), UInt64(extraBits), &out)
    }

    /// Section 3.2.5: two distances of each power of two share their extra bits. Codes have 5 bits.
    private mutating func put(distance: Int, _ out: inout [UInt8]) {
        let value = distance - 1
        guard value >= 4 else { return put(code: value, 5, &out) }
        let extraBits = Int.bitWidth - 1 - value.leadingZeroBitCount - 1
        put(code: extraBits * 2 + (value >> extraBits), 5, &out)
        put(UInt64(value & ((1 << extraBits) - 1)), UInt64(extraBits), &out)
    }
}
