// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Writes JSON text into a byte array: no Foundation, no tree, no reflection. The caller gives keys in order.
struct JSONWriter {
    /// What has been written.
    var bytes: [UInt8] = []

    /// Adds a literal as it stands.
    mutating func raw(_ literal: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Adds a number.
    mutating func number(_ value: UInt64) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)  // 20 digits at most, the last one first
        withUnsafeMutableBytes(of: &digits) { buffer in
            var rest = value
            var count = 0
            repeat {
                buffer[count] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
                count += 1
            } while rest > 0
            for index in stride(from: count - 1, through: 0, by: -1) { bytes.append(buffer[index]) }
        }
    }

    /// Adds a number or `null`.
    mutating func number(_ value: UInt64?) {
        if let value { number(value) } else { raw("null") }
    }

    /// Adds a time in quotes as RFC 3339 in UTC with six digits of fraction (``Timestamp/description``), or `null`.
    mutating func time(_ value: Timestamp?) {
        guard let value, value != .unknown else { return raw("null") }
        guard value >= .earliest, value <= .latest else { return string(value.description) }
        let parts = value.parts
        raw("\"")
        digits(parts.year, from: 1_000)
        raw("-")
        digits(parts.month, from: 10)
        raw("-")
        digits(parts.day, from: 10)
        raw("T")
        digits(parts.hour, from: 10)
        raw(":")
        digits(parts.minute, from: 10)
        raw(":")
        digits(parts.second, from: 10)
        raw(".")
        digits(parts.microsecond, from: 100_000)
        raw("Z\"")
    }

    private mutating func digits(_ value: Int, from highest: Int) {
        var place = highest
        while place > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / place % 10))
            place /= 10
        }
    }

    /// Adds a string or `null`.
    mutating func string(_ value: String?) {
        guard var text = value else { return raw("null") }
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { escape($0) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Adds `[a,b]`.
    mutating func list<Items: Sequence>(_ items: Items, _ body: (inout JSONWriter, Items.Element) -> Void) {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for item in items {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            body(&self, item)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Adds a list with one element a line, so that text tools can work on it.
    mutating func lines<Items: Collection>(
        _ items: Items, indent: StaticString, _ body: (inout JSONWriter, Items.Element) -> Void
    ) {
        guard !items.isEmpty else { return raw("[]") }
        raw("[\n")
        var isFirst = true
        for item in items {
            if !isFirst { raw(",\n") }
            isFirst = false
            raw(indent)
            raw("  ")
            body(&self, item)
        }
        raw("\n")
        raw(indent)
        raw("]")
    }

    /// Quotes, backslashes and control characters are escaped as RFC 8259 section 7 demands; DEL, C1 controls, line
    /// separators and bidirectional or zero-width formatting too, so that the file is safe to look at and to paste.
    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
        var index = 0
        var plain = 0  // where the stretch that needs no escape begins
        func following(_ distance: Int) -> UInt8 { index + distance < text.count ? text[index + distance] : 0 }
        while index < text.count {
            let byte = text[index]
            var length = 0
            var code: UInt32 = 0
            switch byte {
            case 0..<0x20, 0x22, 0x5C, 0x7F:
                (length, code) = (1, UInt32(byte))
            case 0xC2 where following(1) < 0xA0:  // U+0080...U+009F
                (length, code) = (2, UInt32(following(1)))
            case 0xD8 where following(1) == 0x9C:  // U+061C
                (length, code) = (2, 0x61C)
            case 0xE2 where following(1) == 0x80 || following(1) == 0x81:
                let value = 0x2000 | UInt32(following(1) & 1) << 6 | UInt32(following(2) & 0x3F)
                switch value {
                case 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F: (length, code) = (3, value)
                default: break
                }
            case 0xEF where following(1) == 0xBB && following(2) == 0xBF:  // U+FEFF
                (length, code) = (3, 0xFEFF)
            default: break
            }
            if length == 0 {
                index += 1
                continue
            }
            bytes.append(contentsOf: text[plain..<index])
            index += length
            plain = index
            bytes.append(UInt8(ascii: "\\"))
            switch code {
            case 0x22, 0x5C: bytes.append(byte)
            case 0x08: bytes.append(UInt8(ascii: "b"))
            case 0x09: bytes.append(UInt8(ascii: "t"))
            case 0x0A: bytes.append(UInt8(ascii: "n"))
            case 0x0C: bytes.append(UInt8(ascii: "f"))
            case 0x0D: bytes.append(UInt8(ascii: "r"))
            default:
                bytes.append(UInt8(ascii: "u"))
                for shift in [12, 8, 4, 0] as [UInt32] {
                    let digit = UInt8(truncatingIfNeeded: code >> shift & 0xF)
                    bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
                }
            }
        }
        bytes.append(contentsOf: text[plain..<text.count])
    }
}
