// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What a rule asks of a record: tests of fields, joined by and, or, not.
public indirect enum Expression: Hashable, Sendable {
    /// All of them; true when there are none.
    case all([Expression])
    /// At least one of them; false when there are none.
    case any([Expression])
    /// The opposite.
    case not(Expression)
    /// A test of one field.
    case test(FieldTest)

    /// The tests in it, in order.
    var tests: [FieldTest] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.tests)
        case .not(let part): part.tests
        case .test(let test): [test]
        }
    }
}

/// A question about one field, or about all values of the record (keywords). A field with several values (a list)
/// passes when one of them does.
public struct FieldTest: Hashable, Sendable {
    /// The field's name as the rule has it; nil asks all values of the record.
    public var field: String?
    /// The question.
    public var predicate: Predicate

    /// A question about a field.
    public init(_ field: String?, _ predicate: Predicate) {
        self.field = field
        self.predicate = predicate
    }
}

/// A question about a value.
public enum Predicate: Hashable, Sendable {
    /// The whole value is what the pattern stands for. Null is no text.
    case text(Pattern)
    /// The value is null: neither an empty string nor a missing field.
    case null
    /// The field is there, whatever its value.
    case exists
    /// The regular expression matches somewhere in the value.
    case regex(RegexSource)
    /// The value is an address in the network.
    case network(Network)
    /// The value is a number that compares so with the given one.
    case number(Comparison, DecimalNumber)
    /// The value stands so to the value of another field.
    case field(String, Relation, isCased: Bool)
    /// A part of the date that the value is compares so with the given number.
    case date(DatePart, Comparison, Int)

    /// How numbers compare.
    public enum Comparison: String, Hashable, Sendable, Codable, CaseIterable {
        /// Less than.
        case lt
        /// Less than or equal.
        case lte
        /// Greater than.
        case gt
        /// Greater than or equal.
        case gte
        /// Equal.
        case eq

        /// Whether `value` compares so with `bound`.
        @inlinable public func holds<Value: Comparable>(_ value: Value, _ bound: Value) -> Bool {
            switch self {
            case .lt: value < bound
            case .lte: value <= bound
            case .gt: value > bound
            case .gte: value >= bound
            case .eq: value == bound
            }
        }
    }

    /// How two texts stand to each other.
    public enum Relation: Hashable, Sendable { case equals, startsWith, endsWith, contains }
}

/// A regular expression as a rule gives it.
public struct RegexSource: Hashable, Sendable {
    /// The expression, PCRE flavour.
    public var pattern: String
    /// Modifier `i`: case does not matter.
    public var ignoresCase = false
    /// Modifier `m`: `^` and `$` match at line ends too.
    public var isMultiline = false
    /// Modifier `s`: a dot matches a line end too.
    public var dotMatchesNewline = false

    /// An expression for which case matters, without other flags.
    public init(_ pattern: String) { self.pattern = pattern }
}
