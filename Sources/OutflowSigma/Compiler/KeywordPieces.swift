// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// Tells of most records, by one quick look at their text, that no keyword is in any of their values.
///
/// Of each keyword the longest run of letters, digits and the like is looked for, in either case. JSON might hide it in two
/// ways, and then the record is looked at in full: as `\u0041`, and as the Kelvin sign, the one character outside ASCII that
/// folds into it (K).
final class KeywordPieces: @unchecked Sendable {  // Never changed after init.
    private let pieces: OpaquePointer

    /// Pieces of texts of which one must be in a value; nil when one of them has no run of three such characters.
    init?(_ texts: [[UInt8]]) {
        var bytes: [UInt8] = []
        var starts: [UInt32] = [0]
        for text in Set(texts).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let run = Self.longestRun(text), run.count >= 3 else { return nil }
            bytes += run
            starts.append(UInt32(bytes.count))
        }
        guard starts.count > 1, let made = outflow_pieces_new(bytes, starts, starts.count - 1) else { return nil }
        pieces = made
    }

    deinit { outflow_pieces_free(pieces) }

    /// Whether a keyword may be in a value of a JSON record. 34 readable bytes must follow it.
    func mayBe(inJSON text: Bytes, hasUnicodeEscapes: Bool) -> Bool {
        var hasOther = false
        if outflow_pieces_find(pieces, text.start, text.count, &hasOther) { return true }
        return (hasOther && Self.hasKelvin(text)) || (hasUnicodeEscapes && Self.hidesPlainText(text))
    }

    /// Whether a keyword may be in a text.
    func mayBe(in text: Bytes) -> Bool {
        var hasOther = false
        if outflow_pieces_find(pieces, text.start, text.count, &hasOther) { return true }
        return hasOther && Self.hasKelvin(text)
    }

    private static func hasKelvin(_ text: Bytes) -> Bool { text.firstIndex(of: "\u{212A}") != nil }

    /// Whether a letter, a digit or the like is written `\u00XX`, or the Kelvin sign `\u212A`.
    private static func hidesPlainText(_ text: Bytes) -> Bool {
        var at = 0
        while let hit = text.firstIndex(of: "\\u", from: at) {
            at = hit + 2
            guard at + 4 <= text.count, let code = UInt32(text[at..<at + 4].string, radix: 16) else { continue }
            if code == 0x212A || (code < 0x80 && isPlain(UInt8(code))) { return true }
        }
        return false
    }

    /// What pieces are made of.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || byte == 0x20
            || [UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
    }

    private static func longestRun(_ text: [UInt8]) -> ArraySlice<UInt8>? {
        text.split { !isPlain($0) }.max { $0.count < $1.count }
    }
}
