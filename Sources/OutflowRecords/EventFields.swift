// SPDX-License-Identifier: Apache-2.0

/// The fields of one record by name, as rules and patterns look at them: one list, whatever the format of the record.
///
/// A reader fills it, matchers read it, then it is cleared and used again; it allocates nothing once it has grown to the
/// widest record. Names and values are views into the record's block or into an arena, and die with it.
/// Nested objects have dotted names (`winlog.event_data.Image`); a list gives one field for each of its elements, all of the
/// same name.
public final class EventFields {
    /// What kind of value a field holds: rules tell null, an empty string and a missing field apart.
    public enum Kind: UInt8, Sendable {
        /// Explicitly nothing, which is neither an empty string nor a missing field.
        case null
        /// `true` or `false`, as text.
        case bool
        /// A number, as it is written in the record.
        case number
        /// A string, as it is meant.
        case string
        /// A string with JSON escapes (`\n`, `\u0041`) still in it: matchers that need its meaning take them out.
        case escapedString
    }

    /// One field.
    public struct Field {
        /// Dotted name as the source writes it.
        public var name: Bytes
        /// The value's text.
        public var value: Bytes
        /// What the value is.
        public var kind: Kind

        /// A field of its parts.
        @inlinable public init(name: Bytes, value: Bytes, kind: Kind) {
            self.name = name
            self.value = value
            self.kind = kind
        }
    }

    /// In the record's order.
    public private(set) var fields: [Field] = []

    /// No fields.
    public init() { fields.reserveCapacity(64) }

    /// Adds a field.
    public func add(_ name: Bytes, _ value: Bytes, _ kind: Kind) {
        fields.append(Field(name: name, value: value, kind: kind))
    }

    /// Forgets all fields and keeps the memory.
    public func clear() { fields.removeAll(keepingCapacity: true) }

    /// The first field called `name`; nil if there is none. Linear in the number of fields: not for hot paths.
    public func first(_ name: Bytes) -> Field? { fields.first { $0.name == name } }
}
