// SPDX-License-Identifier: Apache-2.0

/// A gzip member (RFC 1952): compressed, or in stored blocks (RFC 1951 section 3.2.4), of which rotated logs of the
/// demonstration are made.
struct GzipStream: Sendable {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    private var checksum: UInt32 = 0xFFFF_FFFF
    private var length: UInt32 = 0
    private var hasBegun = false
    private var deflate: Deflate?

    /// A member that is compressed or not.
    init(isCompressed: Bool) { if isCompressed { deflate = Deflate() } }

    /// The compressed stream's next bytes, for the next `bytes` of the text.
    mutating func block(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        // Magic, deflate, no flags, no time, no extra flags, unknown operating system.
        var out: [UInt8] = hasBegun ? [] : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        hasBegun = true
        var sum = checksum
        Self.table.withUnsafeBufferPointer { table in
            for byte in bytes { sum = table[Int((sum ^ UInt32(byte)) & 255)] ^ (sum >> 8) }
        }
        checksum = sum
        length &+= UInt32(truncatingIfNeeded: bytes.count)
        if deflate != nil {
            if !bytes.isEmpty { bytes.withUnsafeBufferPointer { deflate?.block($0, to: &out) } }
            return out
        }
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

    /// The stream's end: its last block, checksum and length.
    mutating func end() -> [UInt8] {
        var out = block([])
        if deflate == nil { out += [1, 0, 0, 255, 255] } else { deflate?.end(&out) }
        for value in [~checksum, length] {
            for shift: UInt32 in [0, 8, 16, 24] { out.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        return out
    }
}
