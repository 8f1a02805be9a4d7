// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Text with wildcards, as rules write it: a sequence of literals, `*`, `?`, and dashes of any kind (`windash`).
///
/// Source: Sigma Rules Specification 2.1, sections "String Wildcard" and "Escaping".
public struct Pattern: Hashable, Sendable {
    /// A piece of a pattern.
    public enum Part: Hashable, Sendable {
        /// These bytes; folded (`CaseFolding`) unless the pattern is cased.
        case literal([UInt8])
        /// Any number of characters, none among them.
        case any
        /// Exactly one character.
        case one
        /// One of the five dashes of `Dash`.
        case dash
        /// A placeholder by name, which must be gone before matching.
        case placeholder(String)
    }

    /// The pieces. Literals are not empty and never follow each other, nor do `any`s.
    public private(set) var parts: [Part]
    /// Whether case matters.
    public private(set) var isCased = false

    /// A pattern of pieces, which are joined where they can be.
    public init(parts: [Part], isCased: Bool = false) {
        self.parts = []
        self.isCased = isCased
        for part in parts { append(part) }
    }

    /// The pattern that a rule's text stands for.
    ///
    /// A backslash escapes `*`, `?` and a backslash; before anything else it is itself. So `\\*` is a backslash and a
    /// wildcard, `\*` a star, and `\\\\` two backslashes.
    public init(_ text: String) {
        self.init(text, escapes: [UInt8(ascii: "*"), UInt8(ascii: "?")], placeholders: false)
    }

    /// The same, with `%name%` as placeholders (modifier `expand`): `\%` is a percent sign.
    public init(expanding text: String) {
        self.init(text, escapes: [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "%")], placeholders: true)
    }

    private init(_ text: String, escapes: [UInt8], placeholders: Bool) {
        let bytes = Array(text.utf8)
        var parts: [Part] = []
        var literal: [UInt8] = []
        func flush() {
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal.removeAll()
        }
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\\"), at + 1 < bytes.count,
                bytes[at + 1] == UInt8(ascii: "\\") || escapes.contains(bytes[at + 1])
            {
                literal.append(bytes[at + 1])
                at += 2
                continue
            }
            if byte == UInt8(ascii: "*") {
                flush()
                parts.append(.any)
            } else if byte == UInt8(ascii: "?") {
                flush()
                parts.append(.one)
            } else if placeholders, byte == UInt8(ascii: "%"),
                let end = bytes[(at + 1)...].firstIndex(of: UInt8(ascii: "%")), end > at + 1,
                bytes[at + 1..<end].allSatisfy(Self.isName)
            {
                flush()
                parts.append(.placeholder(String(decoding: bytes[at + 1..<end], as: UTF8.self)))
                at = end
            } else {
                literal.append(byte)
            }
            at += 1
        }
        flush()
        self.init(parts: parts)
    }

    /// A text in which nothing is special but placeholders.
    init(placeholdersOf text: [UInt8]) {
        var parts: [Part] = []
        var start = 0
        var at = 0
        while at < text.count {
            if text[at] == UInt8(ascii: "%"), let end = text[(at + 1)...].firstIndex(of: UInt8(ascii: "%")),
                end > at + 1, text[at + 1..<end].allSatisfy(Self.isName)
            {
                parts.append(.literal(Array(text[start..<at])))
                parts.append(.placeholder(String(decoding: text[at + 1..<end], as: UTF8.self)))
                at = end
                start = end + 1
            }
            at += 1
        }
        self.init(parts: parts + [.literal(Array(text[start...]))])
    }

    /// Characters of a placeholder's name: word characters, as pySigma and the specification's examples have them.
    private static func isName(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte >= 0x80
    }

    private mutating func append(_ part: Part) {
        switch (parts.last, part) {
        case (_, .literal(let bytes)) where bytes.isEmpty: break
        case (.literal(let before), .literal(let bytes)):
            parts[parts.count - 1] = .literal(before + bytes)
        case (.any, .any): break
        default: parts.append(part)
        }
    }

    /// Whether there is no wildcard.
    public var isLiteral: Bool { literal != nil }

    /// The bytes of a pattern without wildcards; nil with them.
    public var literal: [UInt8]? {
        switch parts.count {
        case 0: return []
        case 1: if case .literal(let bytes) = parts[0] { return bytes } else { return nil }
        default: return nil
        }
    }

    /// Names of the placeholders in it.
    public var placeholders: [String] {
        parts.compactMap { if case .placeholder(let name) = $0 { name } else { nil } }
    }

    /// The pattern with `*` before or behind it.
    public func padded(before: Bool, behind: Bool) -> Pattern {
        Pattern(parts: (before ? [.any] : []) + parts + (behind ? [.any] : []), isCased: isCased)
    }

    /// The pattern with each literal run through `transform`.
    func mapLiterals(_ transform: ([UInt8]) -> [Part]) -> Pattern {
        Pattern(
            parts: parts.flatMap { part -> [Part] in
                if case .literal(let bytes) = part { transform(bytes) } else { [part] }
            }, isCased: isCased)
    }

    /// The pattern with every dash standing for all five (modifier `windash`).
    func withAnyDash() -> Pattern {
        mapLiterals { bytes in
            var parts: [Part] = []
            var run: [UInt8] = []
            var at = 0
            while at < bytes.count {
                let length = bytes.withUnsafeBytes { Dash.length(Bytes($0), at) }
                if length > 0 {
                    parts.append(.literal(run))
                    parts.append(.dash)
                    run.removeAll()
                    at += length
                } else {
                    run.append(bytes[at])
                    at += 1
                }
            }
            return parts + [.literal(run)]
        }
    }

    /// The pattern ready for matching: literals folded, unless it is cased.
    func folded() -> Pattern { isCased ? self : mapLiterals { [.literal(CaseFolding.fold($0))] } }

    /// The same pattern, for which case matters.
    func cased() -> Pattern { Pattern(parts: parts, isCased: true) }
}

/// The characters that command lines take for a dash.
///
/// Source: Sigma Modifiers Appendix 2.1, `windash`: `-`, `/`, en dash, em dash, horizontal bar.
enum Dash {
    /// All of them in UTF-8.
    static let all: [[UInt8]] = [[0x2D], [0x2F], [0xE2, 0x80, 0x93], [0xE2, 0x80, 0x94], [0xE2, 0x80, 0x95]]

    /// Number of bytes of the dash at `at`; 0 when there is none.
    static func length(_ text: Bytes, _ at: Int) -> Int {
        switch text[at] {
        case 0x2D, 0x2F: 1
        case 0xE2:
            at + 2 < text.count && text[at + 1] == 0x80 && (0x93...0x95).contains(text[at + 2]) ? 3 : 0
        default: 0
        }
    }
}
