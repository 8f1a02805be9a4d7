// SPDX-License-Identifier: Apache-2.0

/// A piece of a pattern's text.
struct PatternToken: Sendable {
    enum Kind: Sendable, Hashable {
        case integer, float, hex, binary, string, timestamp
        /// A name; with a hyphen in it only the type of an object.
        case name, hyphenName
        /// A keyword (all are in capitals but `true` and `false`) or an operator: its text tells which.
        case keyword, symbol
        case end
    }

    var kind: Kind
    /// Bytes of the text.
    var range: Range<Int>
}

/// Cuts a pattern into tokens, as the grammar of OASIS does (`STIXPattern.g4`, cti-stix2-json-schemas): the longest token
/// wins, blanks and comments separate.
struct PatternLexer {
    let text: [UInt8]
    private var at = 0

    private static let keywords: Set<String> = [
        "AND", "OR", "NOT", "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUPERSET", "ISSUBSET", "EXISTS", "LAST", "IN", "START",
        "STOP", "SECONDS", "true", "false", "WITHIN", "REPEATS", "TIMES",
    ]

    init(_ text: [UInt8]) { self.text = text }

    /// Line and column of a byte.
    func position(_ offset: Int) -> PatternError.Position {
        var line = 1
        var column = 1
        for byte in text.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return .init(line: line, column: column)
    }

    private func byte(_ offset: Int) -> UInt8 { offset < text.count ? text[offset] : 0 }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }
    private static func isNameStart(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") }

    /// The next token.
    mutating func next() throws(PatternError) -> PatternToken {
        try skipBlanks()
        let start = at
        func token(_ kind: PatternToken.Kind, _ end: Int) -> PatternToken {
            at = end
            return PatternToken(kind: kind, range: start..<end)
        }
        guard at < text.count else { return token(.end, at) }
        let first = text[at]
        if byte(at + 1) == UInt8(ascii: "'") {
            switch first {
            case UInt8(ascii: "h"): if let end = hexEnd(at + 2) { return token(.hex, end) }
            case UInt8(ascii: "b"): if let end = base64End(at + 2) { return token(.binary, end) }
            case UInt8(ascii: "t"): if let end = timestampEnd(at + 2) { return token(.timestamp, end) }
            default: break
            }
            if [UInt8(ascii: "h"), UInt8(ascii: "b"), UInt8(ascii: "t")].contains(first) {
                throw .syntax(position(at), Self.badConstant(first))
            }
        }
        if Self.isNameStart(first) {
            var end = at + 1
            var hasHyphen = false
            while Self.isNameStart(byte(end)) || Self.isDigit(byte(end)) || byte(end) == UInt8(ascii: "-") {
                if byte(end) == UInt8(ascii: "-") { hasHyphen = true }
                end += 1
            }
            let word = String(decoding: text[start..<end], as: UTF8.self)
            return token(Self.keywords.contains(word) ? .keyword : hasHyphen ? .hyphenName : .name, end)
        }
        if first == UInt8(ascii: "'") {
            guard let end = stringEnd(at + 1) else {
                throw .syntax(position(at), "a string that does not end, or has a \\ before anything but ' and \\")
            }
            return token(.string, end)
        }
        if let (kind, end) = number() { return token(kind, end) }
        let two = String(decoding: text[start..<min(start + 2, text.count)], as: UTF8.self)
        if ["==", "!=", "<>", "<=", ">="].contains(two) { return token(.symbol, at + 2) }
        if "=<>:.,()[]*".utf8.contains(first) { return token(.symbol, at + 1) }
        throw .syntax(position(at), "a character that no pattern has here")
    }

    private static func badConstant(_ mark: UInt8) -> String {
        switch mark {
        case UInt8(ascii: "h"): "h'…' takes an even number of hexadecimal digits"
        case UInt8(ascii: "b"): "b'…' takes base64 in groups of four"
        default: "t'…' takes a time such as 2016-06-01T00:00:00.123Z"
        }
    }

    private func number() -> (PatternToken.Kind, Int)? {
        var end = at
        if byte(end) == UInt8(ascii: "+") || byte(end) == UInt8(ascii: "-") { end += 1 }
        let digits = end
        while Self.isDigit(byte(end)) { end += 1 }
        if byte(end) == UInt8(ascii: "."), Self.isDigit(byte(end + 1)) {
            end += 1
            while Self.isDigit(byte(end)) { end += 1 }
            return (.float, end)
        }
        guard end > digits else { return nil }
        // A zero stands alone: 05 is two numbers, which no place in a pattern takes.
        return (.integer, byte(digits) == UInt8(ascii: "0") ? digits + 1 : end)
    }

    private func stringEnd(_ from: Int) -> Int? {
        var end = from
        while end < text.count {
            switch text[end] {
            case UInt8(ascii: "'"): return end + 1
            case UInt8(ascii: "\\"):
                guard byte(end + 1) == UInt8(ascii: "'") || byte(end + 1) == UInt8(ascii: "\\") else { return nil }
                end += 2
            default: end += 1
            }
        }
        return nil
    }

    private func hexEnd(_ from: Int) -> Int? {
        var end = from
        while HexText.value(byte(end)) != nil { end += 1 }
        return byte(end) == UInt8(ascii: "'") && (end - from) % 2 == 0 ? end + 1 : nil
    }

    private func base64End(_ from: Int) -> Int? {
        var end = from
        while Base64Text.value(byte(end)) != nil { end += 1 }
        let letters = end - from
        while byte(end) == UInt8(ascii: "="), end - from - letters < 2 { end += 1 }
        let padding = end - from - letters
        guard letters > 0, byte(end) == UInt8(ascii: "'"), (letters + padding) % 4 == 0 else { return nil }
        return end + 1
    }

    private func timestampEnd(_ from: Int) -> Int? {
        var end = from
        while end < text.count, text[end] != UInt8(ascii: "'"), end - from < 64 { end += 1 }
        guard byte(end) == UInt8(ascii: "'"), PatternTime.isWellFormed(text[from..<end]) else { return nil }
        return end + 1
    }

    private mutating func skipBlanks() throws(PatternError) {
        while at < text.count {
            if let width = Self.blank(text[at...].prefix(3)) {
                at += width
            } else if text[at] == UInt8(ascii: "/"), byte(at + 1) == UInt8(ascii: "/") {
                while at < text.count, text[at] != UInt8(ascii: "\n"), text[at] != UInt8(ascii: "\r") { at += 1 }
            } else if text[at] == UInt8(ascii: "/"), byte(at + 1) == UInt8(ascii: "*") {
                let start = at
                at += 2
                while at < text.count, !(text[at] == UInt8(ascii: "*") && byte(at + 1) == UInt8(ascii: "/")) { at += 1 }
                guard at < text.count else { throw .syntax(position(start), "a comment that does not end") }
                at += 2
            } else {
                return
            }
        }
    }

    /// Number of bytes of the blank that `bytes` begin with.
    private static func blank(_ bytes: ArraySlice<UInt8>) -> Int? {
        let first = bytes[bytes.startIndex]
        if first == 0x20 || (0x09...0x0D).contains(first) { return 1 }
        guard first >= 0xC2, bytes.count >= 2 else { return nil }
        let second = bytes[bytes.startIndex + 1]
        if first == 0xC2 { return second == 0x85 || second == 0xA0 ? 2 : nil }
        guard bytes.count == 3 else { return nil }
        let code = UInt32(first) << 16 | UInt32(second) << 8 | UInt32(bytes[bytes.startIndex + 2])
        switch code {
        // U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000.
        case 0xE19A80, 0xE28080...0xE2808A, 0xE280A8, 0xE280A9, 0xE280AF, 0xE2819F, 0xE38080: return 3
        default: return nil
        }
    }
}
