// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A JSON value that stands on its own: to be kept, changed, compared and written. For reading a lot of JSON fast there is
/// ``JSONParser``.
public indirect enum JSONTree: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// Any other number; never infinite or NaN when it comes from a text.
    case float(Double)
    /// A string.
    case string(String)
    /// An array.
    case list([JSONTree])
    /// An object, its members in order of writing.
    case object([Member])

    /// A member of an object.
    public struct Member: Sendable, Hashable {
        /// Its name.
        public var key: String
        /// Its value.
        public var value: JSONTree

        /// A member of its parts.
        public init(_ key: String, _ value: JSONTree) {
            self.key = key
            self.value = value
        }
    }

    /// A copy of a parser's value; it nests no deeper than the parser allows.
    public init(_ value: JSONValue) {
        switch value.kind {
        case .null: self = .null
        case .bool: self = .bool(value.bool ?? false)
        case .number:
            if let whole = value.signed { self = .integer(whole) } else { self = .float(value.double ?? 0) }
        case .string: self = .string((value.string ?? .empty).string)
        case .array: self = .list(value.elements.map { JSONTree($0.value) })
        case .object: self = .object(value.members.map { Member($0.key.string, JSONTree($0.value)) })
        }
    }

    /// Parses a text; `limit` is the longest that is taken, in bytes.
    public init(parsing text: [UInt8], limit: Int = 64 << 20) throws(JSONParser.Failure) {
        let parser = JSONParser(limit: limit)
        // The parser reads up to 64 bytes beyond a document.
        let padded = text + [UInt8](repeating: 0x20, count: 64)
        let result = padded.withUnsafeBytes { buffer -> Result<JSONTree, JSONParser.Failure> in
            do throws(JSONParser.Failure) {
                return .success(
                    JSONTree(try parser.parse(Bytes(UnsafeRawBufferPointer(rebasing: buffer[0..<text.count])))))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    /// The member called `key`, of those of one name the last; nil if there is none, or this is no object. Setting nil takes
    /// it away; setting a member of anything but an object does nothing.
    public subscript(key: String) -> JSONTree? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.last { $0.key.isSameText(as: key) }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            let at = members.lastIndex { $0.key.isSameText(as: key) }
            if let newValue {
                if let at { members[at].value = newValue } else { members.append(Member(key, newValue)) }
            } else {
                members.removeAll { $0.key.isSameText(as: key) }
            }
            self = .object(members)
        }
    }

    /// The string; nil if this is none.
    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The whole number; nil if this is none.
    public var integer: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    /// The elements; none if this is no array.
    public var list: [JSONTree] {
        guard case .list(let elements) = self else { return [] }
        return elements
    }

    /// The members; none if this is no object.
    public var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// Whether some object in it, at any depth, has two members of one name: parsers disagree which of them counts, so that a
    /// signature over such a text would not say what is signed (RFC 8785 section 3.1, RFC 7493 section 2.3).
    public var hasRepeatedNames: Bool {
        switch self {
        case .list(let elements): return elements.contains(where: \.hasRepeatedNames)
        case .object(let members):
            let names = members.map(\.key.utf8).sorted { $0.lexicographicallyPrecedes($1) }
            return zip(names, names.dropFirst()).contains { $0.elementsEqual($1) }
                || members.contains(where: \.value.hasRepeatedNames)
        default: return false
        }
    }

    /// The strings among the elements.
    public var strings: [String] { list.compactMap(\.string) }
}

extension String {
    /// Whether both are the same code points. (`==` takes canonically equivalent strings for equal.)
    public func isSameText(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: JSONTree...) { self = .list(elements) }
    /// An object.
    public init(dictionaryLiteral elements: (String, JSONTree)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
