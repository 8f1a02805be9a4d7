// SPDX-License-Identifier: Apache-2.0

/// A rule about several records: how many, how many different values, or which together, within a time.
///
/// Source: Sigma Correlation Rules Specification 2.1.
public struct CorrelationRule: Hashable, Sendable, Codable {
    /// What is asked of the records in a window of time.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// How many records.
        case eventCount = "event_count"
        /// How many different values of a field.
        case valueCount = "value_count"
        /// Whether records of all rules are there.
        case temporal
        /// Whether they are there in the order of the list.
        case temporalOrdered = "temporal_ordered"
        /// The sum of a field.
        case valueSum = "value_sum"
        /// The mean of a field.
        case valueAvg = "value_avg"
        /// A percentile of a field.
        case valuePercentile = "value_percentile"
        /// The median of a field.
        case valueMedian = "value_median"

        /// Whether it asks which rules matched, not for a figure.
        var isTemporal: Bool { self == .temporal || self == .temporalOrdered }
        /// Whether it is about a field.
        var needsField: Bool { !isTemporal && self != .eventCount }
    }

    /// A figure and what it is compared with.
    public struct Bound: Hashable, Sendable, Codable {
        /// How.
        public var comparison: Predicate.Comparison
        /// With what.
        public var value: Double
        /// The same to the last digit, as decimal text; nil where it is not known.
        public var exact: String?
    }

    /// What it says of itself.
    public var header: RuleHeader
    /// What it asks.
    public var kind: Kind
    /// Ids or names of the rules whose records it is about; correlations among them stand for their matches.
    public var rules: [String]
    /// Fields whose values the records must share.
    public var groupBy: [String]
    /// Names that `group-by` uses for fields that each rule calls otherwise: by alias, then by rule.
    public var aliases: [String: [String: String]]
    /// Length of the window in microseconds, both ends within it.
    public var timespan: Int64
    /// All of these hold.
    public var bounds: [Bound]
    /// Fields that ``kind`` is about; several count by their values together.
    public var fields: [String]
    /// Which percentile, 0 to 100.
    public var percentile: Double
    /// Which rules must have matched, and which not; nil for all of them.
    public var expression: Condition?
    /// Whether the rules that it is about are reported for themselves too.
    public var generates: Bool

    /// Whether rules must not match for it to hold.
    var hasNegation: Bool { expression?.hasNegation ?? false }
}

/// Turns a document with `correlation` into a rule.
struct CorrelationReader {
    let reader: RuleReader

    func rule(_ document: RuleNode) throws(RuleProblem) -> CorrelationRule {
        let header = try reader.header(document)
        guard let node = document["correlation"], case .map = node else { throw .malformed("correlation: is a map") }
        guard let name = node["type"]?.text, let kind = CorrelationRule.Kind(rawValue: name) else {
            let known = CorrelationRule.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .malformed("correlation: type '\(node["type"]?.text ?? "")' is none of \(known)")
        }
        var rule = CorrelationRule(
            header: header, kind: kind, rules: try texts(node, "rules"), groupBy: try texts(node, "group-by"),
            aliases: try aliases(node["aliases"]), timespan: try timespan(node["timespan"]?.text), bounds: [],
            fields: [], percentile: 50, expression: nil, generates: false)
        if case .scalar(.bool(true))? = node["generate"] { rule.generates = true }
        if case .scalar(.bool(true))? = document["generate"] { rule.generates = true }
        switch node["condition"] {
        case .map(let members)?: try condition(members, &rule)
        case .scalar(.string(let text))?:
            guard kind.isTemporal else {
                throw .condition("\(kind.rawValue): a comparison belongs here, such as gte: 10")
            }
            if rule.rules.isEmpty { rule.rules = Self.names(in: text) }
            reader.budget.beginRule()
            let expression = try ConditionParser.parse(
                text, names: ConditionParser.Names(rule.rules.map { ($0, 1) }), limits: reader.limits,
                budget: reader.budget)
            if let problem = expression.problem(for: kind) { throw problem }
            rule.expression = expression
        case nil: break
        default: throw .condition("a map such as gte: 10, or for temporal types an expression of rules")
        }
        guard !rule.rules.isEmpty else { throw .malformed("correlation: names no rules") }
        guard rule.rules.count <= 64 else {
            throw .limit("correlation: \(rule.rules.count) rules; at most 64 are read")
        }
        guard kind.isTemporal || !rule.bounds.isEmpty else {
            throw .condition("\(kind.rawValue): a condition is missing")
        }
        guard !kind.needsField || !rule.fields.isEmpty else {
            throw .condition("\(kind.rawValue): condition names no field")
        }
        return rule
    }

    /// The rules that a correlation which is rejected names, unless it says that they are told for themselves too.
    static func silenced(_ document: RuleNode) -> [String] {
        guard let node = document["correlation"], case .map = node else { return [] }
        let generates = [node["generate"], document["generate"]].contains(.scalar(.bool(true)))
        return generates ? [] : node["rules"]?.texts ?? node["condition"]?.text.map { names(in: $0) } ?? []
    }

    private func texts(_ node: RuleNode, _ key: String) throws(RuleProblem) -> [String] {
        guard let value = node[key] else { return [] }
        guard let texts = value.texts else { throw .malformed("correlation: \(key) is a name or a list of names") }
        return texts
    }

    private func aliases(_ node: RuleNode?) throws(RuleProblem) -> [String: [String: String]] {
        guard let node else { return [:] }
        guard case .map(let members) = node else { throw .malformed("correlation: aliases is a map") }
        var aliases: [String: [String: String]] = [:]
        for member in members {
            guard case .map(let fields) = member.value else {
                throw .malformed("correlation: alias \(member.key) is a map of rules to fields")
            }
            for field in fields {
                guard let name = field.value.text else {
                    throw .malformed("correlation: alias \(member.key): a field's name belongs behind \(field.key)")
                }
                aliases[member.key, default: [:]][field.key] = name
            }
        }
        return aliases
    }

    /// `10m` in microseconds.
    private func timespan(_ text: String?) throws(RuleProblem) -> Int64 {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let text, let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count > 0,
            count <= 366 * 86_400 / unit * 10
        else {
            throw .malformed(
                "correlation: timespan '\(text ?? "")' is no number with s, m, h, d or w behind it, ten years at most")
        }
        return count * unit * 1_000_000
    }

    private func condition(_ members: [RuleNode.Member], _ rule: inout CorrelationRule) throws(RuleProblem) {
        for member in members {
            if member.key == "field" {
                guard let fields = member.value.texts, !fields.isEmpty else {
                    throw .condition("field is a name or a list of names")
                }
                rule.fields = fields
                continue
            }
            guard let number = member.value.text.flatMap({ Double($0) }), number.isFinite else {
                throw .condition("\(member.key): a number belongs here")
            }
            if member.key == "percentile" {
                guard (0...100).contains(number) else { throw .condition("percentile: is 0 to 100") }
                rule.percentile = number
            } else if member.key == "neq" {
                throw .condition("'neq' is no comparison of correlations")
            } else if let comparison = Predicate.Comparison(rawValue: member.key) {
                rule.bounds.append(
                    CorrelationRule.Bound(comparison: comparison, value: number, exact: member.value.text))
            } else {
                throw .condition("'\(member.key)' is none of gt, gte, lt, lte, eq, field, percentile")
            }
        }
    }

    /// The rules that an expression names.
    private static func names(in text: String) -> [String] {
        var seen: Set<String> = ["and", "or", "not"]
        return text.split { $0 == "(" || $0 == ")" || $0.isWhitespace }.map(String.init).filter {
            seen.insert($0).inserted
        }
    }
}
