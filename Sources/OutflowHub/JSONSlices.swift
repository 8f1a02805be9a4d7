// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Cuts JSON text into the texts of its members or elements without parsing them.
///
/// Only the punctuation between children is checked, so that one bad child can be refused alone, and the text of a good
/// one kept as it came: each child must still be parsed before it is believed. No recursion; depth is bounded.
struct JSONSlices {
    /// Why text cannot be cut, and where.
    struct Failure: Error, CustomStringConvertible {
        /// What was expected there.
        let reason: String
        /// Offset in the text.
        let offset: Int

        var description: String { "\(reason) at byte \(offset)" }
    }

    /// Levels of nesting that a child may have.
    static let deepest = 128

    private let text: Bytes
    private var at = 0
    private let isObject: Bool
    private var count = 0

    /// A cutter for the array or object that `text` is, spaces around it allowed.
    init(_ text: Bytes, _ kind: Kind) throws(Failure) {
        self.text = text
        isObject = kind == .object
        skipSpace()
        guard at < text.count, text.start[at] == (isObject ? UInt8(ascii: "{") : UInt8(ascii: "[")) else {
            throw Failure(reason: isObject ? "expected an object" : "expected a list", offset: at)
        }
        at += 1
    }

    /// What is cut.
    enum Kind { case object, array }

    /// A child: its key (raw, without quotes, escapes untouched; empty in arrays) and its text.
    struct Child {
        let key: Bytes
        let value: Bytes
        /// Whether the child is nested too deeply to be taken.
        let isTooDeep: Bool
    }

    /// The next child, or nil after the last; then nothing but spaces may follow the closing bracket.
    mutating func next() throws(Failure) -> Child? {
        skipSpace()
        let end = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        guard at < text.count else { throw Failure(reason: "the text ends early", offset: at) }
        if text.start[at] == end {
            at += 1
            skipSpace()
            guard at == text.count else { throw Failure(reason: "text after the end", offset: at) }
            return nil
        }
        if count > 0 {
            guard text.start[at] == UInt8(ascii: ",") else { throw Failure(reason: "expected a comma", offset: at) }
            at += 1
            skipSpace()
        }
        count += 1
        var key = Bytes.empty
        if isObject {
            let start = at
            try skipString()
            key = text[start + 1..<at - 1]
            skipSpace()
            guard at < text.count, text.start[at] == UInt8(ascii: ":") else {
                throw Failure(reason: "expected a colon", offset: at)
            }
            at += 1
            skipSpace()
        }
        let start = at
        let isTooDeep = try skipValue()
        return Child(key: key, value: text[start..<at], isTooDeep: isTooDeep)
    }

    private mutating func skipSpace() {
        while at < text.count, Self.isSpace(text.start[at]) { at += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    /// Moves behind the string that begins here.
    private mutating func skipString() throws(Failure) {
        guard at < text.count, text.start[at] == 0x22 else { throw Failure(reason: "expected a string", offset: at) }
        let start = at
        at += 1
        while at < text.count {
            let byte = text.start[at]
            if byte == 0x22 {
                at += 1
                return
            }
            at += byte == 0x5C ? 2 : 1
        }
        throw Failure(reason: "a string does not end", offset: start)
    }

    /// Moves behind the value that begins here; says whether it is nested beyond ``deepest``.
    private mutating func skipValue() throws(Failure) -> Bool {
        let start = at
        var depth = 0
        var highest = 0
        while at < text.count {
            switch text.start[at] {
            case UInt8(ascii: "\""):
                try skipString()
                if depth == 0 { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                highest = max(highest, depth)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // At depth 0 this closes the parent: a number or literal ends here.
                if depth == 0 { return try ended(start) }
                depth -= 1
                if depth == 0 {
                    at += 1
                    return highest > Self.deepest
                }
            case UInt8(ascii: ","):
                if depth == 0 { return try ended(start) }
            case 0x20, 0x0A, 0x0D, 0x09:
                if depth == 0 { return try ended(start) }
            default: break
            }
            at += 1
        }
        guard depth == 0 else { throw Failure(reason: "a value does not end", offset: start) }
        return try ended(start)
    }

    private func ended(_ start: Int) throws(Failure) -> Bool {
        guard at > start else { throw Failure(reason: "expected a value", offset: at) }
        return false
    }
}
