// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A pattern over observations: observation expressions with operators and qualifiers (STIX 2.1 section 9.4).
indirect enum ObservationExpression: Sendable {
    /// `[ … ]`: one observation.
    case one(ComparisonExpression)
    /// All of them, each by observations of its own.
    case and([ObservationExpression])
    /// One of them.
    case or([ObservationExpression])
    /// The first, and after it the second.
    case followedBy(ObservationExpression, ObservationExpression)
    /// All observations of it lie within so many microseconds.
    case within(ObservationExpression, microseconds: Int64)
    /// All observations of it lie in a stretch of time; its end does not belong to it.
    case during(ObservationExpression, start: Timestamp, stop: Timestamp)
    /// So many times, each by observations of its own.
    case repeats(ObservationExpression, UInt64)
}

/// What one observation must be: tests of properties, all about the same object (STIX 2.1 section 9.6).
indirect enum ComparisonExpression: Sendable {
    case test(PropertyTest)
    case and([ComparisonExpression])
    case or([ComparisonExpression])
}

/// One test: `file:hashes.'SHA-256' = '…'`.
struct PropertyTest: Sendable {
    enum Order: Sendable { case less, lessOrEqual, greater, greaterOrEqual }

    enum Operation: Sendable {
        case equal(PatternLiteral)
        case notEqual(PatternLiteral)
        case order(Order, PatternLiteral)
        case oneOf(LiteralSet)
        case like(LikePattern)
        case matches(PatternRegex)
        case isSubset(of: Network)
        case isSuperset(of: Network)
        case exists
    }

    var path: ObjectPath
    var isNegated: Bool
    var operation: Operation
}

/// Where in an object a value lies: `network-traffic:dst_ref.value`, `file:extensions.'x'[0].y`.
struct ObjectPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case key(String)
        case index(Int)
        case anyIndex
    }

    var type: String
    var steps: [Step]
}

/// A constant of a pattern.
enum PatternLiteral: Sendable, Hashable {
    case integer(Int64)
    case float(Double)
    case bool(Bool)
    case string(String)
    case binary([UInt8])
    case timestamp(Timestamp)

    /// Whether two constants may stand in one list: of one type, or both numbers.
    func isLike(_ other: PatternLiteral) -> Bool {
        switch (self, other) {
        case (.integer, .integer), (.integer, .float), (.float, .integer), (.float, .float), (.bool, .bool),
            (.string, .string), (.binary, .binary), (.timestamp, .timestamp):
            true
        default: false
        }
    }
}
