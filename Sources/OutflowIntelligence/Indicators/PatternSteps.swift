// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// A pattern as its source wrote it.
public struct PatternText: Sendable, Hashable {
    /// The pattern.
    public var text: String
    /// The version of STIX whose rules it follows.
    public var version: STIXPattern.Version

    /// A pattern of its parts.
    public init(text: String, version: STIXPattern.Version) {
        self.text = text
        self.version = version
    }
}

/// A pattern over several observations (AND and OR between them, FOLLOWEDBY, REPEATS, WITHIN, START and STOP), as records are
/// put to it: each of its `[ … ]` is a step that one record can meet, found by a value and then tested.
///
/// Which steps a record meets does not depend on other records. Whether what was seen meets the pattern together is decided
/// in the end (``PatternSightings``).
struct PatternSteps: Sendable {
    /// A value by which a record is found.
    struct Value: Hashable, Sendable {
        var kind: Indicator.Kind
        var bytes: [UInt8]
    }

    /// One way to meet a step, for records that have a certain value.
    private struct Way: Sendable {
        var step: Int
        var tests: [FlowTest]
    }

    /// Most steps of a pattern.
    static let stepLimit = 64
    /// Longest pattern that records are put to, in bytes.
    static let textLimit = 64 << 10

    let pattern: STIXPattern
    /// Number of steps.
    private(set) var count = 0
    private var ways: [Value: [Way]] = [:]
    /// When each step can be met: in all of these stretches of time, whose ends do not belong to them; nil for never.
    private var stretches: [[(start: Timestamp, stop: Timestamp)]?] = []

    /// Values by which records are found, in no order.
    var values: some Collection<Value> { ways.keys }

    /// The steps of a pattern; nil when it is none, when logs do not show all that it asks for, or when it is too large.
    init?(_ source: PatternText) {
        guard source.text.utf8.count <= Self.textLimit,
            let pattern = try? STIXPattern(source.text, version: source.version)
        else { return nil }
        self.pattern = pattern
        guard add(pattern.expression, []), count <= Self.stepLimit else { return nil }
    }

    private mutating func add(
        _ expression: ObservationExpression, _ within: [(start: Timestamp, stop: Timestamp)]?
    ) -> Bool {
        switch expression {
        case .one(let comparison):
            let alone = STIXPattern(version: pattern.version, expression: .one(comparison))
            guard count < Self.stepLimit, let conjunctions = alone.conjunctions else { return false }
            for conjunction in conjunctions {
                for (kind, bytes) in conjunction.values {
                    ways[Value(kind: kind, bytes: bytes), default: []].append(
                        Way(step: count, tests: conjunction.tests))
                }
            }
            stretches.append(within)
            count += 1
            return true
        case .and(let parts), .or(let parts): return parts.allSatisfy { add($0, within) }
        case .followedBy(let one, let other): return add(one, within) && add(other, within)
        case .within(let inner, _), .repeats(let inner, _): return add(inner, within)
        case .during(let inner, let start, let stop):
            return add(inner, start < stop ? within.map { $0 + [(start, stop)] } : nil)
        }
    }

    /// The steps that a record meets which has the value: bit n for step n. `flow` is the record if it is of a connection.
    func met(_ kind: Indicator.Kind, _ bytes: Bytes, _ flow: Flow?, _ first: Timestamp, _ last: Timestamp) -> UInt64 {
        var met: UInt64 = 0
        for way in ways[Value(kind: kind, bytes: bytes.array)] ?? [] where met >> UInt64(way.step) & 1 == 0 {
            guard let stretches = stretches[way.step], stretches.allSatisfy({ first < $0.stop && last >= $0.start })
            else { continue }
            if !way.tests.isEmpty {
                guard let flow, way.tests.allSatisfy({ $0.meets(flow) }) else { continue }
            }
            met |= 1 << UInt64(way.step)
        }
        return met
    }

    /// The fewest observations that the pattern needs; saturating.
    var least: UInt64 { Self.least(pattern.expression) }

    private static func least(_ expression: ObservationExpression) -> UInt64 {
        switch expression {
        case .one: 1
        case .and(let parts): parts.reduce(0) { $0.saturatingAdd(least($1)) }
        case .or(let parts): parts.map(least).min() ?? .max
        case .followedBy(let one, let other): least(one).saturatingAdd(least(other))
        case .within(let inner, _), .during(let inner, _, _): least(inner)
        case .repeats(let inner, let times): least(inner).saturatingMultiply(times)
        }
    }
}
