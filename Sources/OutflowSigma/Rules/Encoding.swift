// SPDX-License-Identifier: Apache-2.0

/// The encodings that value modifiers apply.
///
/// Source: Sigma Modifiers Appendix 2.1, section "Encoding"; RFC 4648 section 4 (Base64).
enum Encoding {
    /// UTF-16 of UTF-8 text, with or without byte order mark, low or high byte first. Bytes that are no UTF-8 become
    /// U+FFFD.
    static func utf16(_ bytes: [UInt8], bigEndian: Bool, mark: Bool) -> [UInt8] {
        let units = (mark ? [0xFEFF] : []) + Array(String(decoding: bytes, as: UTF8.self).utf16)
        return units.flatMap { unit -> [UInt8] in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
            return bigEndian ? [high, low] : [low, high]
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Base64 with padding.
    static func base64(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var at = 0
        while at < bytes.count {
            let rest = bytes.count - at
            let group =
                UInt32(bytes[at]) << 16 | (rest > 1 ? UInt32(bytes[at + 1]) << 8 : 0)
                | (rest > 2 ? UInt32(bytes[at + 2]) : 0)
            out.append(alphabet[Int(group >> 18)])
            out.append(alphabet[Int(group >> 12 & 63)])
            out.append(rest > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
            out.append(rest > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "="))
            at += 3
        }
        return out
    }

    /// The parts of Base64 text that are the same wherever `bytes` stand in what was encoded: one for each of the three
    /// places in a group of three. Characters that neighbours share are cut off.
    static func base64Offsets(_ bytes: [UInt8]) -> [[UInt8]] {
        (0..<3).map { shift in
            let encoded = base64([UInt8](repeating: 0x20, count: shift) + bytes)
            // The first characters hold bits of the bytes before, the last ones bits of those behind.
            let from = [0, 2, 3][shift]
            let cut = [0, 3, 2][(bytes.count + shift) % 3]
            return Array(encoded[min(from, encoded.count)..<max(min(from, encoded.count), encoded.count - cut)])
        }
    }
}
