// SPDX-License-Identifier: Apache-2.0

/// Writes parsed rules as compact bytes: numbers as LEB128, texts behind their length.
struct CacheWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func write(count: Int) { write(UInt64(count)) }
    mutating func write(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    mutating func write(_ data: [UInt8]) {
        write(count: data.count)
        bytes += data
    }

    mutating func write(_ text: String) {
        write(count: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func write(_ text: String?) {
        write(text != nil)
        if let text { write(text) }
    }

    mutating func write<Element>(list: [Element], _ each: (Element, inout CacheWriter) -> Void) {
        write(count: list.count)
        for element in list { each(element, &self) }
    }
}

/// What was read is no cache of this program: whoever reads it goes on as if there were none.
struct CacheDamage: Error {}

/// Reads what ``CacheWriter`` wrote. Whatever the bytes are, it reads within them, and no list is longer than they are.
struct CacheReader {
    private let bytes: [UInt8]
    private var at: Int
    /// Levels of nesting that are still allowed.
    private var depth = 1000

    init(_ bytes: [UInt8], from start: Int = 0) {
        self.bytes = bytes
        at = start
    }

    /// Whether everything was read.
    var isAtEnd: Bool { at == bytes.count }

    mutating func byte() throws(CacheDamage) -> UInt8 {
        guard at < bytes.count else { throw CacheDamage() }
        defer { at += 1 }
        return bytes[at]
    }

    mutating func number() throws(CacheDamage) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let next = try byte()
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
        throw CacheDamage()
    }

    /// A number of things that take a byte each at least.
    mutating func count() throws(CacheDamage) -> Int {
        let value = try number()
        guard value <= UInt64(bytes.count - at) else { throw CacheDamage() }
        return Int(value)
    }

    mutating func flag() throws(CacheDamage) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw CacheDamage()
        }
    }

    mutating func data() throws(CacheDamage) -> [UInt8] {
        let count = try count()
        defer { at += count }
        return Array(bytes[at..<at + count])
    }

    mutating func text() throws(CacheDamage) -> String {
        let count = try count()
        guard let text = String(validating: bytes[at..<at + count], as: UTF8.self) else { throw CacheDamage() }
        at += count
        return text
    }

    mutating func optionalText() throws(CacheDamage) -> String? { try flag() ? try text() : nil }

    mutating func list<Element>(
        _ each: (inout CacheReader) throws(CacheDamage) -> Element
    ) throws(CacheDamage) -> [Element] {
        var elements: [Element] = []
        for _ in 0..<(try count()) { elements.append(try each(&self)) }
        return elements
    }

    /// One of an enumeration's cases by its raw value.
    mutating func named<Case: RawRepresentable>(_ type: Case.Type) throws(CacheDamage) -> Case
    where Case.RawValue == String {
        guard let value = Case(rawValue: try text()) else { throw CacheDamage() }
        return value
    }

    /// Reads something that may hold more of its kind.
    mutating func nested<Element>(
        _ body: (inout CacheReader) throws(CacheDamage) -> Element
    ) throws(CacheDamage) -> Element {
        guard depth > 0 else { throw CacheDamage() }
        depth -= 1
        defer { depth += 1 }
        return try body(&self)
    }
}
