// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Walks the members of one JSON object in place: keys and raw values, nothing unescaped, nothing allocated.
///
/// Nested arrays and objects are passed over as one raw value, by brackets and strings, without recursion. The walk is
/// strict about the object's own structure (RFC 8259), so that a damaged line is told from a good one; it does not
/// validate UTF-8, nor what stands inside nested values beyond their brackets and strings.
struct FlatJSON {
    /// What the walk met.
    enum Step {
        /// A member: `value` is the raw token; a string without its quotes.
        case member
        /// The closing brace, with nothing but blanks behind it.
        case end
        /// No JSON object, at ``at``.
        case broken
    }

    let text: Bytes
    private(set) var at = 0
    /// The current member's key, raw.
    private(set) var key = Bytes.empty
    /// The current member's value, raw; a string without its quotes.
    private(set) var value = Bytes.empty
    /// Whether the value is a string.
    private(set) var isString = false
    /// Whether the value is a string with escapes, which whoever needs its text must undo.
    private(set) var hasEscapes = false
    private var started = false

    init(_ text: Bytes) { self.text = text }

    /// Moves to the next member.
    @inline(__always)
    mutating func next() -> Step {
        skipBlanks()
        if started {
            guard at < text.count else { return .broken }
            if text.start[at] == UInt8(ascii: ",") {
                at &+= 1
                skipBlanks()
            } else if text.start[at] == UInt8(ascii: "}") {
                return close()
            } else {
                return .broken
            }
        } else {
            guard at < text.count, text.start[at] == UInt8(ascii: "{") else { return .broken }
            started = true
            at &+= 1
            skipBlanks()
            if at < text.count, text.start[at] == UInt8(ascii: "}") { return close() }
        }
        guard at < text.count, text.start[at] == UInt8(ascii: "\"") else { return .broken }
        guard let keyEnd = endOfString(at &+ 1) else { return .broken }
        key = Bytes(start: text.start + at + 1, count: keyEnd &- at &- 1)
        at = keyEnd &+ 1
        skipBlanks()
        guard at < text.count, text.start[at] == UInt8(ascii: ":") else { return .broken }
        at &+= 1
        return readValue()
    }

    /// Takes the next member on trust that its key is written exactly as `"expected":` right here (with the comma before
    /// it): true when it is, and the walk then stands behind the value. False leaves the walk where it was.
    @inline(__always)
    mutating func take(_ expected: Bytes) -> Bool {
        guard at &+ expected.count < text.count else { return false }
        // A brace stands before the first member and nowhere else: half a row is no row.
        guard expected.start[0] == (started ? UInt8(ascii: ",") : UInt8(ascii: "{")) else { return false }
        if !FlatJSON.equal(text.start + at, expected.start, expected.count) { return false }
        let (before, wasStarted) = (at, started)
        at &+= expected.count
        started = true
        if readValue() == .member { return true }
        (at, started) = (before, wasStarted)
        return false
    }

    /// Whether `count` bytes are the same, eight at a time; the last eight overlap those before.
    @inline(__always)
    static func equal(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let left = UnsafeRawPointer(a)
        let right = UnsafeRawPointer(b)
        guard count >= 8 else {
            for index in 0..<count where a[index] != b[index] { return false }
            return true
        }
        var index = 0
        while index &+ 8 <= count {
            if left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                != right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            {
                return false
            }
            index &+= 8
        }
        return left.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            == right.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    }

    private mutating func close() -> Step {
        at &+= 1
        skipBlanks()
        return at == text.count ? .end : .broken
    }

    @inline(__always)
    private mutating func skipBlanks() {
        while at < text.count {
            let byte = text.start[at]
            if byte > 0x20 { return }
            guard byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return }
            at &+= 1
        }
    }

    @inline(__always)
    private mutating func readValue() -> Step {
        skipBlanks()
        guard at < text.count else { return .broken }
        isString = false
        hasEscapes = false
        let first = text.start[at]
        if first == UInt8(ascii: "\"") {
            guard let end = endOfString(at &+ 1) else { return .broken }
            value = Bytes(start: text.start + at + 1, count: end &- at &- 1)
            isString = true
            at = end &+ 1
            return .member
        }
        if first == UInt8(ascii: "[") || first == UInt8(ascii: "{") { return nested() }
        let from = at
        // A number, nearly always: NaN and Infinity are not JSON.
        if first &- 0x30 <= 9 || first == UInt8(ascii: "-") {
            at &+= 1
            while at < text.count, FlatJSON.isNumeric(text.start[at]) { at &+= 1 }
            value = Bytes(start: text.start + from, count: at &- from)
            return value.count > 1 || first != UInt8(ascii: "-") ? ended() : .broken
        }
        while at < text.count, (text.start[at] | 0x20) &- 0x61 < 26 { at &+= 1 }
        value = Bytes(start: text.start + from, count: at &- from)
        return value == "true" || value == "false" || value == "null" ? ended() : .broken
    }

    /// Digits, and what else numbers are written with.
    @inline(__always)
    private static func isNumeric(_ byte: UInt8) -> Bool {
        byte &- 0x30 <= 9 || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") || byte == UInt8(ascii: "+")
            || byte == UInt8(ascii: "-")
    }

    /// A bare word must be followed by what may follow a value.
    @inline(__always)
    private func ended() -> Step {
        guard at < text.count else { return .broken }
        let byte = text.start[at]
        return byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte <= 0x20 ? .member : .broken
    }

    /// Index of the quote that ends the string whose content begins at `from`.
    @inline(__always)
    private mutating func endOfString(_ from: Int) -> Int? {
        var index = from
        let raw = UnsafeRawPointer(text.start)
        while true {
            // Eight bytes at a time: which are a quote, a backslash or a control character? (Mycroft's test: the lowest
            // mark is always right, and only that is used.)
            while index &+ 8 <= text.count {
                let x = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let quote = x ^ 0x2222_2222_2222_2222
                let slash = x ^ 0x5C5C_5C5C_5C5C_5C5C
                let ones: UInt64 = 0x0101_0101_0101_0101
                let marks =
                    ((quote &- ones) & ~quote | (slash &- ones) & ~slash | (x &- 0x2020_2020_2020_2020) & ~x)
                    & 0x8080_8080_8080_8080
                if marks != 0 {
                    index &+= marks.trailingZeroBitCount >> 3
                    break
                }
                index &+= 8
            }
            guard index < text.count else { return nil }
            let byte = text.start[index]
            if byte == UInt8(ascii: "\"") { return index }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                index &+= 2
            } else if byte < 0x20 {
                return nil
            } else {
                index &+= 1
            }
        }
    }

    private mutating func nested() -> Step {
        let from = at
        var depth = 0
        while at < text.count {
            switch text.start[at] {
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth &+= 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth &-= 1
                if depth == 0 {
                    at &+= 1
                    value = Bytes(start: text.start + from, count: at &- from)
                    return .member
                }
            case UInt8(ascii: "\""):
                guard let end = endOfString(at &+ 1) else { return .broken }
                at = end
            default: break
            }
            at &+= 1
        }
        return .broken
    }

    /// The text of a raw JSON string, its escapes undone (RFC 8259 section 7), in `arena`'s memory; lone surrogates become
    /// U+FFFD. A view of the raw bytes themselves when there is no escape.
    static func unescape(_ raw: Bytes, _ arena: Arena) -> Bytes {
        guard raw.firstIndex(of: UInt8(ascii: "\\")) != nil else { return raw }
        let out = arena.allocate(raw.count)  // Undoing escapes never lengthens: \uXXXX is 6 bytes, its UTF-8 at most 3.
        var length = 0
        var index = 0
        func hex(_ from: Int) -> UInt32? {
            guard from + 4 <= raw.count else { return nil }
            var value: UInt32 = 0
            for position in from..<from + 4 {
                let byte = raw[position]
                switch byte {
                case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
                case 0x41...0x46, 0x61...0x66: value = value << 4 | UInt32((byte | 0x20) - 0x61 + 10)
                default: return nil
                }
            }
            return value
        }
        while index < raw.count {
            let byte = raw[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < raw.count else {
                out[length] = byte
                length += 1
                index += 1
                continue
            }
            let code = raw[index + 1]
            index += 2
            switch code {
            case UInt8(ascii: "n"): out[length] = 0x0A
            case UInt8(ascii: "t"): out[length] = 0x09
            case UInt8(ascii: "r"): out[length] = 0x0D
            case UInt8(ascii: "b"): out[length] = 0x08
            case UInt8(ascii: "f"): out[length] = 0x0C
            case UInt8(ascii: "u"):
                guard var scalar = hex(index) else {
                    out[length] = code
                    break
                }
                index += 4
                if scalar >> 10 == 0x36, index + 6 <= raw.count, raw[index] == UInt8(ascii: "\\"),
                    raw[index + 1] == UInt8(ascii: "u"), let low = hex(index + 2), low >> 10 == 0x37
                {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
                    index += 6
                }
                for unit in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}")! {
                    out[length] = unit
                    length += 1
                }
                continue
            default: out[length] = code
            }
            length += 1
        }
        return Bytes(start: UnsafePointer(out), count: length)
    }
}
