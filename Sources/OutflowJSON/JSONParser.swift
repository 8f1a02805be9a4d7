// SPDX-License-Identifier: Apache-2.0

import CSimdjson
import OutflowRecords

/// Parses JSON values one at a time with simdjson, and keeps its buffers between them.
///
/// UTF-8, escapes and numbers are validated; nesting beyond 1,024 and documents beyond the limit are errors. One parser
/// belongs to one thread.
public final class JSONParser {
    /// What is wrong with a text that is not JSON.
    public struct Failure: Error, CustomStringConvertible {
        /// simdjson's words.
        public let description: String
    }

    private let parser: OpaquePointer

    /// A parser for documents of up to `limit` bytes.
    public init(limit: Int = 64 << 20) {
        guard let parser = csj_parser_new(limit) else { fatalError("out of memory") }
        self.parser = parser
    }

    deinit {
        csj_parser_free(parser)
        scratch.deallocate()
    }

    /// Parses one document.
    ///
    /// - Parameter text: the document; 64 readable bytes must follow it, as they do in a block of records.
    /// - Returns: the root, valid until the next parse.
    /// - Throws: ``Failure``.
    public func parse(_ text: Bytes) throws(Failure) -> JSONValue {
        var root = csj_value()
        let code = csj_parse(parser, text.start, text.count, &root)
        guard code == 0 else { throw Failure(description: String(cString: csj_error_message(code))) }
        return JSONValue(root)
    }

    /// Parses a document that stands inside a string of another one: it is copied to where 64 readable bytes follow it.
    public func parse(copying text: Bytes) throws(Failure) -> JSONValue {
        if scratch.count < text.count + 64 {
            scratch.deallocate()
            scratch = .allocate(capacity: text.count * 2 + 64)
        }
        scratch.baseAddress!.update(from: text.start, count: text.count)
        return try parse(Bytes(start: UnsafePointer(scratch.baseAddress!), count: text.count))
    }

    private var scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 4096)
}

/// A value inside a parser's current document: dies with the next parse. Two words.
public struct JSONValue {
    @usableFromInline let raw: csj_value
    @usableFromInline init(_ raw: csj_value) { self.raw = raw }

    /// What a value is.
    public enum Kind: Sendable { case null, bool, number, string, array, object }

    /// What the value is.
    public var kind: Kind {
        switch csj_type_of(raw) {
        case CSJ_NULL: .null
        case CSJ_BOOL: .bool
        case CSJ_STRING: .string
        case CSJ_ARRAY: .array
        case CSJ_OBJECT: .object
        default: .number
        }
    }

    /// The member called `key`; nil if there is none or this is no object. A linear search.
    public subscript(key: StaticString) -> JSONValue? {
        var found = csj_value()
        let hit = key.withUTF8Buffer { utf8 in
            csj_member(raw, UnsafeRawPointer(utf8.baseAddress!).assumingMemoryBound(to: CChar.self), utf8.count, &found)
        }
        return hit ? JSONValue(found) : nil
    }

    /// The member called `key`, if it is not null.
    public func present(_ key: StaticString) -> JSONValue? {
        guard let value = self[key], value.kind != .null else { return nil }
        return value
    }

    /// The unescaped string; nil if this is no string.
    public var string: Bytes? {
        guard csj_type_of(raw) == CSJ_STRING else { return nil }
        var length = 0
        let start = csj_string(raw, &length)!
        return length == 0
            ? .empty : Bytes(start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: length)
    }

    /// The member `key` as a string; the empty view if there is none, or it is no string.
    public func string(_ key: StaticString) -> Bytes { self[key]?.string ?? .empty }

    /// A whole number of bytes or items: a non-negative integer, a float without fraction (`89.0`), or a string of
    /// either; at most 2^63 - 1. Nil for anything else.
    public var count: UInt64? {
        switch csj_type_of(raw) {
        case CSJ_INT64:
            let value = csj_int64(raw)
            return value >= 0 ? UInt64(value) : nil
        case CSJ_DOUBLE:
            let value = csj_double(raw)
            guard value >= 0, value < 9_007_199_254_740_992, value == value.rounded(.down) else { return nil }
            return UInt64(value)
        case CSJ_STRING:
            return string.flatMap { $0.byteCount }
        default:
            return nil
        }
    }

    /// The non-negative integer, up to 2^64 - 1; nil if this is anything else, a float or a string among them.
    public var unsigned: UInt64? {
        switch csj_type_of(raw) {
        case CSJ_INT64: UInt64(exactly: csj_int64(raw))
        case CSJ_UINT64: csj_uint64(raw)
        default: nil
        }
    }

    /// The integer, up to 2^63 - 1; nil if this is anything else, a float or a string among them.
    public var signed: Int64? { csj_type_of(raw) == CSJ_INT64 ? csj_int64(raw) : nil }

    /// The number as a double; nil if this is no number.
    public var double: Double? {
        switch csj_type_of(raw) {
        case CSJ_INT64: Double(csj_int64(raw))
        case CSJ_UINT64: Double(csj_uint64(raw))
        case CSJ_DOUBLE: csj_double(raw)
        default: nil
        }
    }

    /// The truth value; also of the strings `true`, `True`, `false`, `False`. Nil for anything else.
    public var bool: Bool? {
        switch csj_type_of(raw) {
        case CSJ_BOOL: return csj_bool(raw)
        case CSJ_STRING:
            guard let text = string else { return nil }
            if text == "true" || text == "True" { return true }
            if text == "false" || text == "False" { return false }
            return nil
        default: return nil
        }
    }

    /// The elements of an array; none if this is no array.
    public var elements: Children { Children(raw, CSJ_ARRAY) }
    /// The members of an object; none if this is no object. `key` is empty for elements.
    public var members: Children { Children(raw, CSJ_OBJECT) }

    /// Elements or members, one after the other.
    public struct Children: Sequence, IteratorProtocol {
        var iterator = csj_iterator()
        let isUsable: Bool

        /// None at all: what a missing array or object has.
        public static var none: Children { Children() }

        private init() { isUsable = false }

        init(_ value: csj_value, _ wanted: csj_type) {
            isUsable = csj_type_of(value) == wanted && csj_iterate(value, &iterator)
        }

        /// The next child.
        public mutating func next() -> (key: Bytes, value: JSONValue)? {
            guard isUsable else { return nil }
            var key: UnsafePointer<CChar>? = nil
            var length = 0
            var value = csj_value()
            guard csj_next(&iterator, &key, &length, &value) else { return nil }
            let name = key.map { Bytes(start: UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self), count: length) }
            return (name ?? .empty, JSONValue(value))
        }
    }
}
