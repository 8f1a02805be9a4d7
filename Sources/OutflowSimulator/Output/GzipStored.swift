// SPDX-License-Identifier: Apache-2.0

/// Gzip without compression: stored blocks (RFC 1951 section 3.2.4) in a gzip member (RFC 1952).
///
/// Rotated logs come gzipped, and a scan must be shown some; no compressor is needed for that, and stored blocks are
/// the same bytes on every machine.
struct GzipStored: Sendable {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    private var checksum: UInt32 = 0xFFFF_FFFF
    private var length: UInt32 = 0
    private var hasBegun = false

    /// The compressed stream's next bytes, for the next `bytes` of the text.
    mutating func block(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        // Magic, deflate, no flags, no time, no extra flags, unknown operating system.
        var out: [UInt8] = hasBegun ? [] : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        hasBegun = true
        for byte in bytes { checksum = Self.table[Int((checksum ^ UInt32(byte)) & 255)] ^ (checksum >> 8) }
        length &+= UInt32(truncatingIfNeeded: bytes.count)
        var rest = bytes
        while !rest.isEmpty {
            let part = rest.prefix(65535)
            let count = UInt16(part.count)
            out += [0, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
            out += part
            rest = rest.dropFirst(65535)
        }
        return out
    }

    /// The stream's end: an empty last block, checksum and length.
    mutating func end() -> [UInt8] {
        var out = block([])
        out += [1, 0, 0, 255, 255]
        for value in [~checksum, length] {
            for shift: UInt32 in [0, 8, 16, 24] { out.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        return out
    }
}
