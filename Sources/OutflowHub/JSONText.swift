// SPDX-License-Identifier: Apache-2.0

/// JSON text being written, piece by piece, into a byte array.
struct JSONText {
    /// What has been written.
    private(set) var bytes: [UInt8] = []

    init(reserving count: Int = 256) { bytes.reserveCapacity(count) }

    /// Adds text that is JSON, or a piece of it, already.
    mutating func raw(_ literal: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Adds bytes that are JSON already.
    mutating func raw(_ text: UnsafeRawBufferPointer) { bytes.append(contentsOf: text) }

    /// Adds bytes that are JSON already.
    mutating func raw(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    mutating func number(_ value: Int) { bytes.append(contentsOf: String(value).utf8) }

    mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

    /// Adds a string in quotes; quotes, backslashes and control characters are escaped (RFC 8259, section 7).
    mutating func string(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        // Most strings need no escape.
        guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C || $0 == 0x7F }) else {
            bytes.append(contentsOf: value.utf8)
            bytes.append(UInt8(ascii: "\""))
            return
        }
        for byte in value.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, byte])
            case 0x0A: raw("\\n")
            case 0..<0x20, 0x7F:
                raw("\\u00")
                let digits = (byte >> 4, byte & 0xF)
                bytes.append(digits.0 + 0x30)
                bytes.append(digits.1 < 10 ? digits.1 + 0x30 : digits.1 + 0x57)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Adds `"key":`, with a comma before it unless it is the first member.
    mutating func key(_ name: StaticString) {
        if let last = bytes.last, last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        raw("\"")
        raw(name)
        raw("\":")
    }

    /// Adds a member that is a string.
    mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    /// Adds `[a,b]`.
    mutating func list<Items: Sequence>(_ items: Items, _ body: (inout JSONText, Items.Element) -> Void) {
        raw("[")
        var isFirst = true
        for item in items {
            if !isFirst { raw(",") }
            isFirst = false
            body(&self, item)
        }
        raw("]")
    }
}
