// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Splits one line of comma-separated values into fields (RFC 4180): fields may be quoted, quotes inside are doubled.
///
/// A record with a line break inside quotes is refused, not joined: streams are cut into blocks at line ends, so a
/// join would succeed or fail by where the cut falls, and the same log would give different ledgers.
struct CSVReader: Sendable {
    /// One field as it stands in the line.
    struct Field {
        /// The field without its outer quotes; inner quotes are still doubled.
        var raw: Bytes
        /// Whether there are doubled quotes to undo.
        var hasEscapes: Bool

        /// The field's text; a copy in `arena`, with 64 readable bytes behind it, if quotes had to be undone.
        func text(in arena: Arena) -> Bytes {
            guard hasEscapes else { return raw }
            let start = arena.allocate(raw.count + 64)
            var length = 0
            var index = 0
            while index < raw.count {
                let byte = raw.start[index]
                start[length] = byte
                length += 1
                index += byte == UInt8(ascii: "\"") && index + 1 < raw.count && raw.start[index + 1] == byte ? 2 : 1
            }
            return Bytes(start: start, count: length)
        }
    }

    /// Why a line is no record.
    enum Failure: Error, Equatable {
        /// A quoted field does not end on the line.
        case openQuote
        /// Something other than a separator follows a closing quote.
        case afterQuote
    }

    /// The byte between fields: `,`, or `;` and tab as spreadsheets write them in some languages.
    let separator: UInt8

    /// Calls `body` with the index and the content of every field of `line`.
    func forEachField(of line: Bytes, _ body: (Int, Field) -> Void) throws(Failure) {
        let quote = UInt8(ascii: "\"")
        var at = 0
        var column = 0
        while true {
            if at < line.count, line.start[at] == quote {
                var hasEscapes = false
                var end = at + 1
                while true {
                    guard let hit = line.firstIndex(of: quote, from: end) else { throw .openQuote }
                    end = hit
                    guard end + 1 < line.count, line.start[end + 1] == quote else { break }
                    hasEscapes = true
                    end += 2
                }
                guard end + 1 == line.count || line.start[end + 1] == separator else { throw .afterQuote }
                body(column, Field(raw: line[at + 1..<end], hasEscapes: hasEscapes))
                at = end + 1
            } else {
                let end = line.firstIndex(of: separator, from: at) ?? line.count
                body(column, Field(raw: line[at..<end], hasEscapes: false))
                at = end
            }
            guard at < line.count else { return }
            at += 1
            column += 1
        }
    }

    /// Index of the column called `name`, whatever its case; nil if there is none.
    func column(_ name: StaticString, in header: Bytes) -> Int? {
        var found: Int? = nil
        try? forEachField(of: header) { index, field in
            if found == nil, field.raw.trimmed.equalsIgnoringCase(name) { found = index }
        }
        return found
    }
}

extension Bytes {
    /// Whether the view shows the ASCII text `literal`, A to Z being a to z.
    func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        for index in 0..<count where Bytes.lower(start[index]) != Bytes.lower(literal.utf8Start[index]) { return false }
        return true
    }

    /// Whether `literal` stands somewhere in the view, A to Z being a to z. Quadratic: for short fields.
    func containsIgnoringCase(_ literal: StaticString) -> Bool {
        let length = literal.utf8CodeUnitCount
        guard length <= count else { return false }
        for from in 0...(count - length) where self[from..<from + length].equalsIgnoringCase(literal) { return true }
        return false
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
