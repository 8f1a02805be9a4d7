// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Shows which parts of a rule hold for a record: each part is compiled as a rule of its own, so that what is shown is what
/// the matcher does.
public final class RuleExplanation {
    /// A part of a rule.
    public struct Part: Sendable {
        /// What it is, in words.
        public var text: String
        /// How deep it stands in the rule: 0 an identifier or the condition, 1 and more its tests.
        public var depth: Int
    }

    /// The parts in the order of the rule; the condition comes last.
    public let parts: [Part]
    /// For each part whether it held for the last record.
    public private(set) var answers: [Bool] = []
    /// Whether the last record is of the rule's log source.
    public private(set) var isOfLogSource = false
    /// Matches the parts; callers hand it the record, then ask ``explain()``.
    public let matcher: RuleMatcher
    private let rule: Rule

    /// An explanation of a rule for records as the mapping describes them.
    public init(_ rule: Rule, mapping: LogSourceMapping, limits: RuleLimits = RuleLimits()) throws(RuleProblem) {
        self.rule = rule
        var parts: [(part: Part, expression: Expression)] = []
        func add(_ expression: Expression, _ depth: Int) {
            guard parts.count < 2000 else { return }
            switch expression {
            case .test(let test): parts.append((Part(text: test.description, depth: depth), expression))
            case .not(let inner):
                parts.append((Part(text: "not", depth: depth), expression))
                add(inner, depth + 1)
            case .all(let inner):
                parts.append((Part(text: "all of", depth: depth), expression))
                for part in inner { add(part, depth + 1) }
            case .any(let inner):
                parts.append((Part(text: "any of", depth: depth), expression))
                for part in inner { add(part, depth + 1) }
            }
        }
        for identifier in rule.identifiers {
            parts.append((Part(text: identifier.name, depth: 0), identifier.expression))
            add(identifier.expression, 1)
        }
        if !rule.filters.isEmpty {
            let identifiers = Dictionary(rule.identifiers.map { ($0.name, $0.expression) }) { first, _ in first }
            parts.append(
                (Part(text: "condition", depth: 0), RuleReader.expression(rule.condition, identifiers)))
            for filter in rule.filters {
                parts.append((Part(text: "kept by filter '\(filter.name)'", depth: 0), filter.expression))
                add(filter.expression, 1)
            }
        }
        parts.append(
            (
                Part(text: rule.filters.isEmpty ? "condition" : "condition and filters", depth: 0),
                rule.expression
            ))
        self.parts = parts.map(\.part)
        var collection = RuleCollection(limits: limits)
        for (number, part) in parts.enumerated() {
            var copy = rule
            copy.expression = part.expression
            copy.header.id = "\(number)"
            collection.add(copy)
        }
        // Whatever the record is of, the parts are shown.
        var everywhere = mapping
        everywhere.sources.append(
            LogSourceMapping.Source(formats: [], conditions: [], source: rule.logSource, fields: []))
        let set = RuleSet(collection, mapping: everywhere, limits: limits)
        if let problem = set.rejected.first?.problem { throw problem }
        matcher = RuleMatcher(set)
    }

    /// Answers for the record that ``matcher`` has just matched.
    public func explain() {
        let found = Set(matcher.matches)
        answers = parts.indices.map { found.contains($0) }
        // The last of the sources is the one that holds for all.
        isOfLogSource = matcher.sources.dropLast().contains { rule.logSource.includes($0) }
    }
}
