// SPDX-License-Identifier: Apache-2.0

/// Characters as bytes of UTF-8, where there is room for them already.
public enum UTF8Encoding {
    /// Writes a scalar value (below 0x110000, no surrogate) to `place`, which has room for four bytes.
    ///
    /// - Returns: how many bytes it took.
    @inlinable
    public static func write(_ scalar: UInt32, to place: UnsafeMutablePointer<UInt8>) -> Int {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | scalar >> shift & 0x3F) }
        switch scalar {
        case 0..<0x80:
            place[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        case 0x80..<0x800:
            place[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
            place[1] = tail(0)
            return 2
        case 0x800..<0x10000:
            place[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
            place[1] = tail(6)
            place[2] = tail(0)
            return 3
        default:
            place[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
            place[1] = tail(12)
            place[2] = tail(6)
            place[3] = tail(0)
            return 4
        }
    }
}
