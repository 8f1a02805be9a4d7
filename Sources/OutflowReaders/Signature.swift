// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// How a stream is packed, by its first bytes. Names play no part.
enum Signature: Equatable {
    case plain, gzip, zstd, lz4, xz
    /// A compressed stream that libarchive decompresses.
    case filter(ArchiveHandle.Kind)
    /// An archive with members.
    case archive(ArchiveHandle.Kind)

    /// As many bytes as are looked at.
    static let length = 512

    /// The signature of a stream that begins with `head`.
    ///
    /// Sources: RFC 1952 (gzip), RFC 8878 (zstd, with skippable frames), the format descriptions of LZ4 frames, xz, bzip2,
    /// 7z, compress(1), PKWARE's APPNOTE (zip), POSIX.1-1988 ustar and the older tar checksum.
    init(of head: Bytes) {
        func starts(_ magic: [UInt8]) -> Bool {
            head.count >= magic.count && magic.indices.allSatisfy { head[$0] == magic[$0] }
        }
        if starts([0x1F, 0x8B, 0x08]) {
            self = .gzip
        } else if starts([0x28, 0xB5, 0x2F, 0xFD])
            || (head.count >= 8 && head[0] & 0xF0 == 0x50 && head[1] == 0x2A && head[2] == 0x4D && head[3] == 0x18)
        {
            self = .zstd
        } else if starts([0x04, 0x22, 0x4D, 0x18]) {
            self = .lz4
        } else if starts([0x42, 0x5A, 0x68]), head.count >= 10, (0x31...0x39).contains(head[3]),
            head[4..<10] == Bytes("1AY&SY") || head[4] == 0x17
        {
            self = .filter(.bzip2)
        } else if starts([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            self = .xz
        } else if starts([0x1F, 0x9D]) {
            self = .filter(.compress)
        } else if starts([0x50, 0x4B, 0x03, 0x04]) || starts([0x50, 0x4B, 0x05, 0x06])
            || starts([0x50, 0x4B, 0x07, 0x08, 0x50, 0x4B])
        {
            self = .archive(.zip)
        } else if starts([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) {
            self = .archive(.sevenZip)
        } else if Self.isTar(head) {
            self = .archive(.tar)
        } else {
            self = .plain
        }
    }

    /// Whether a tar header with the right checksum (octal at 148, taken with itself as blanks) stands at the start.
    private static func isTar(_ head: Bytes) -> Bool {
        guard head.count >= 512, head[0] != 0 else { return false }
        var sum: UInt64 = 0
        for index in 0..<512 { sum += (148..<156).contains(index) ? 0x20 : UInt64(head[index]) }
        var stored: UInt64 = 0
        var digits = 0
        for index in 148..<156 {
            switch head[index] {
            case 0x30...0x37:
                stored = stored * 8 + UInt64(head[index] - 0x30)
                digits += 1
            case 0x20 where digits == 0: continue
            default: return digits > 0 && stored == sum
            }
        }
        return digits > 0 && stored == sum
    }
}
