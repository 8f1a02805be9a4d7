// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What tells header lines, which may come anywhere in a stream, from records.
public enum HeaderMark: Sendable {
    /// They begin with a byte, as no record does: `#` for Zeek TSV.
    case firstByte(UInt8)
    /// They hold a word, and are what `isHeader` says of such a line, without its line end.
    case word(StaticString, isHeader: @Sendable (_ line: Bytes) -> Bool)

    /// Whether a line is a header.
    public func marks(_ line: Bytes) -> Bool {
        switch self {
        case .firstByte(let byte): return line.count > 0 && line[0] == byte
        case .word(let word, let isHeader):
            let end = line.firstIndex(of: 0x0A) ?? line.count
            let text = line.prefix(upTo: end)
            return text.firstIndex(of: word) != nil && isHeader(text.trimmed)
        }
    }

    /// Where the first header begins in whole lines; nil if none does. Headers are rare, so memchr passes over most of the text.
    public func firstHeader(in lines: Bytes) -> Int? {
        var at = 0
        switch self {
        case .firstByte(let byte):
            while let hit = lines.firstIndex(of: byte, from: at) {
                if hit == 0 || lines[hit - 1] == 0x0A { return hit }
                at = hit + 1
            }
        case .word(let word, _):
            while let hit = lines.firstIndex(of: word, from: at) {
                var start = hit
                while start > 0, lines[start - 1] != 0x0A { start -= 1 }
                if marks(lines.suffix(from: start)) { return start }
                at = lines.firstIndex(of: 0x0A, from: hit) ?? lines.count
            }
        }
        return nil
    }
}
