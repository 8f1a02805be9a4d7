// SPDX-License-Identifier: Apache-2.0

import CCodecs
import OutflowRecords

/// Sizes and marks of Windows event logs. Source: libyal, "Windows XML Event Log (EVTX) format".
public enum EVTXFormat {
    /// Bytes of a chunk, its header among them.
    public static let chunkSize = 65_536
    /// Bytes of a chunk's header.
    static let chunkHeaderSize = 512
    /// Bytes of the file's header.
    static let fileHeaderSize = 4096
    /// Least bytes of a record: mark, size, identifier, time, size again.
    static let leastRecord = 28

    /// The first bytes of a file.
    static let fileMark: StaticString = "ElfFile\0"
    /// The first bytes of a chunk.
    static let chunkMark: StaticString = "ElfChnk\0"
    /// The first bytes of a record, `**` and two NULs, as a little-endian number.
    static let recordMark: UInt32 = 0x2A2A

    /// Size of the record that begins at `offset`: its mark is there, its size possible, and the copy of the size at its end
    /// the same. Nil otherwise.
    static func record(_ bytes: ChunkBytes, at offset: Int) -> Int? {
        guard bytes.has(leastRecord, at: offset), bytes.load(offset, as: UInt32.self) == recordMark else { return nil }
        let size = Int(bytes.load(offset &+ 4, as: UInt32.self))
        guard size >= leastRecord, size <= chunkSize &- chunkHeaderSize, bytes.has(size, at: offset),
            Int(bytes.load(offset &+ size &- 4, as: UInt32.self)) == size
        else { return nil }
        return size
    }

    /// The CRC-32 of RFC 1952, which chunks and files are sealed with.
    static func checksum(_ bytes: Bytes, after before: UInt32 = 0) -> UInt32 {
        crc32_gzip_refl(before, bytes.start, UInt64(bytes.count))
    }
}
