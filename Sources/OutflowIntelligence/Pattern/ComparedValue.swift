// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// A value of an observation, as comparisons see it (STIX 2.1 section 9.6.1).
enum ComparedValue {
    case integer(Int64)
    case float(Double)
    case bool(Bool)
    case string(String)
    case binary([UInt8])
    /// Null, a list or an object: unequal to every constant, and without order.
    case other

    init(_ value: JSONTree) {
        switch value {
        case .integer(let number): self = .integer(number)
        case .float(let number): self = .float(number)
        case .bool(let truth): self = .bool(truth)
        case .string(let text): self = .string(text)
        case .null, .list, .object: self = .other
        }
    }

    /// Whether the value equals a constant; values of types that do not compare are unequal.
    ///
    /// - Throws: when a string is to be a time, and is none.
    func equals(_ literal: PatternLiteral) throws(PatternError) -> Bool {
        switch (self, literal) {
        case (.bool(let one), .bool(let other)): return one == other
        default: return try order(to: literal) == 0
        }
    }

    /// Below 0, 0, above 0 as the value comes before, is, or comes after the constant; nil when they have no order.
    ///
    /// - Throws: when a string is to be a time, and is none.
    func order(to literal: PatternLiteral) throws(PatternError) -> Int? {
        func sign<Value: Comparable>(_ one: Value, _ other: Value) -> Int? {
            one < other ? -1 : one > other ? 1 : one == other ? 0 : nil
        }
        switch (self, literal) {
        case (.integer(let one), .integer(let other)): return sign(one, other)
        case (.integer(let one), .float(let other)): return sign(Double(one), other)
        case (.float(let one), .integer(let other)): return sign(one, Double(other))
        case (.float(let one), .float(let other)): return sign(one, other)
        case (.string(let one), .string(let other)): return Self.order(one.utf8, other.utf8)
        case (.binary(let one), .binary(let other)): return Self.order(one, other)
        case (.string(let one), .binary(let other)): return Self.latin1(one).flatMap { Self.order($0, other) }
        case (.binary(let one), .string(let other)): return Self.latin1(other).flatMap { Self.order(one, $0) }
        case (.string(let text), .timestamp(let other)):
            return sign(try Self.time(text), other)
        default: return nil
        }
    }

    /// The time that a string tells.
    static func time(_ text: String) throws(PatternError) -> Timestamp {
        guard let time = PatternTime.parse(text) else {
            throw .observation("no time such as 2016-06-01T00:00:00Z: '\(text.prefix(80))'")
        }
        return time
    }

    /// Whether text cannot be compared with the other side's bytes, because it has characters that no byte is.
    func isBeyondBytes(_ literal: PatternLiteral) -> Bool {
        switch (self, literal) {
        case (.string(let text), .binary), (.binary, .string(let text)): Self.latin1(text) == nil
        default: false
        }
    }

    /// By code points for text (in UTF-8 that is the order of bytes), by bytes for bytes.
    private static func order(_ one: some Sequence<UInt8>, _ other: some Sequence<UInt8>) -> Int {
        if one.lexicographicallyPrecedes(other) { return -1 }
        return other.lexicographicallyPrecedes(one) ? 1 : 0
    }

    /// Text as bytes, one a character; nil when a character is beyond U+00FF (STIX 2.1 section 9.6.1).
    static func latin1(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
