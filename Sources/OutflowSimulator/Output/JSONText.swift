// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

// JSON is written straight into the text: `key` and `value` calls in the order of the file. A comma is set where the
// byte before is neither an opening bracket nor a colon.
extension ByteText {
    private mutating func comma() {
        if let last = bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "["), last != UInt8(ascii: ":"),
            last != UInt8(ascii: "\n")
        {
            add(",")
        }
    }

    /// `{`, what `body` adds, `}`; as the value of `key`, or as an element.
    mutating func object(_ key: StaticString? = nil, _ body: (inout ByteText) -> Void) {
        name(key)
        add("{")
        body(&self)
        add("}")
    }

    /// `[`, what `body` adds, `]`.
    mutating func array(_ key: StaticString? = nil, _ body: (inout ByteText) -> Void) {
        name(key)
        add("[")
        body(&self)
        add("]")
    }

    private mutating func name(_ key: StaticString?) {
        comma()
        guard let key else { return }
        add("\"")
        add(key)
        add("\":")
    }

    /// A member, or an element, that is a string.
    mutating func field(_ key: StaticString?, _ value: String) {
        name(key)
        add("\"")
        escape(value)
        add("\"")
    }

    /// A member that is a string without anything to escape.
    mutating func field(_ key: StaticString, literal value: StaticString) {
        name(key)
        add("\"")
        add(value)
        add("\"")
    }

    /// A member that is a whole number.
    mutating func field(_ key: StaticString?, _ value: Int) {
        name(key)
        add(value)
    }

    /// A member whose name is made at run time; nothing in it needs escaping.
    mutating func field(name: String, _ value: Int) {
        comma()
        add("\"")
        add(text: name)
        add("\":")
        add(value)
    }

    /// A member that is a truth value.
    mutating func field(_ key: StaticString, _ value: Bool) {
        name(key)
        if value { add("true") } else { add("false") }
    }

    /// A member that is null.
    mutating func null(_ key: StaticString) {
        name(key)
        add("null")
    }

    /// A member that is a GUID.
    mutating func field(_ key: StaticString, _ value: GUID) {
        name(key)
        add("\"")
        add(value)
        add("\"")
    }

    /// A member that is an address.
    mutating func field(_ key: StaticString, _ value: IPv4) {
        name(key)
        add("\"")
        add(value)
        add("\"")
    }

    /// A member that is a time: `2026-03-02T09:00:00`, and `Z` if `zoned`.
    mutating func field(_ key: StaticString, _ value: Timestamp, zoned: Bool) {
        name(key)
        add("\"")
        add(iso: value)
        if zoned { add("Z") }
        add("\"")
    }

    /// A member that is `digits` hex digits.
    mutating func field(_ key: StaticString, hex value: UInt64, digits: Int) {
        name(key)
        add("\"")
        add(hex: value, digits: digits)
        add("\"")
    }

    private mutating func escape(_ value: String) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                add("\\")
                add(byte: byte)
            case 0x0A: add("\\n")
            case 0x0D: add("\\r")
            case 0..<0x20:
                add("\\u")
                add(hex: UInt64(byte), digits: 4)
            default: add(byte: byte)
            }
        }
    }
}
