// SPDX-License-Identifier: Apache-2.0

/// A pattern in the language of STIX (STIX 2.0 part 5; STIX 2.1 section 9), ready to be matched against observations.
///
/// ```swift
/// let pattern = try STIXPattern("[ipv4-addr:value = '198.51.100.7'] REPEATS 5 TIMES WITHIN 60 SECONDS")
/// let matched = try pattern.match(observations)
/// ```
public struct STIXPattern: Sendable {
    /// The versions of STIX, which write `START` and `STOP` differently and name different objects.
    public enum Version: String, Sendable, CaseIterable {
        /// STIX 2.0: times of `START` and `STOP` are strings.
        case v20 = "2.0"
        /// STIX 2.1: they are timestamps, `t'…'`.
        case v21 = "2.1"
    }

    /// How deep brackets and qualifiers may nest.
    static let depthLimit = 100
    /// The longest text that is taken for a pattern, in bytes.
    static let lengthLimit = 1 << 20

    /// The version whose rules it follows.
    public let version: Version
    let expression: ObservationExpression

    /// Parses a pattern.
    ///
    /// - Throws: ``PatternError`` with the place and what is expected there.
    public init(_ text: String, version: Version = .v21) throws(PatternError) {
        self.version = version
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.lengthLimit else {
            throw .syntax(
                .init(line: 1, column: 1), "a pattern of \(bytes.count) bytes; \(Self.lengthLimit) are allowed")
        }
        var parser = try PatternParser(bytes, version)
        expression = try parser.pattern()
    }
}

extension STIXPattern {
    /// Indices of observations, in order, that meet the pattern together; nil when none do. Of several choices one is
    /// returned, always the same.
    ///
    /// - Throws: ``PatternError/observation(_:)`` when a value cannot be compared with what the pattern asks for;
    ///   ``PatternError/tooCostly(_:)`` when finding out would take too long.
    public func match(_ observations: [Observation]) throws(PatternError) -> [Int]? {
        var budget = PatternBudget()
        return try match(observations, budget: &budget)
    }

    /// The same with a given budget, and with `found` where it is known before which observations each `[ … ]` is met by, in
    /// the order in which they stand in the pattern.
    func match(
        _ observations: [Observation], found: [[Int]]? = nil, budget: inout PatternBudget
    ) throws(PatternError) -> [Int]? {
        var planner = BindingPlanner(
            observations: observations, isVersion21: version == .v21, found: found, budget: budget)
        defer { budget = planner.budget }
        guard let plan = try planner.plan(expression) else { return nil }
        var search = BindingSearch(observations, planner.budget)
        defer { planner.budget = search.budget }
        return try search.find(plan)
    }
}
