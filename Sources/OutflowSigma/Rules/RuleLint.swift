// SPDX-License-Identifier: Apache-2.0

/// Finds what is likely a mistake in rules that load all the same.
public enum RuleLint {
    /// Remarks on a rule, in sentences.
    public static func remarks(_ rule: Rule, mapping: LogSourceMapping) -> [String] {
        var remarks: [String] = []
        if rule.header.id == nil { remarks.append("no id: matches are told by name or title, which others may share") }
        if rule.header.level == nil { remarks.append("no level") }
        if !mapping.sources.contains(where: { rule.logSource.includes($0.source) }) {
            remarks.append("no record is of its log source (\(rule.logSource)), see outflow rules mappings")
        }
        let used = rule.condition.identifiers
        for identifier in rule.identifiers where !used.contains(identifier.name) && !identifier.name.hasPrefix("_") {
            remarks.append("the condition does not use '\(identifier.name)'")
        }
        if rule.expression.holdsOfNothing {
            remarks.append("it matches records that have none of its fields: the condition asks only what is not there")
        }
        remarks += rule.remarks
        for case .date(let part, _, let number) in rule.expression.tests.map(\.predicate)
        where !part.range.contains(number) {
            remarks.append("no date has \(part.rawValue) \(number)")
        }
        for tag in rule.header.tags where tag.lowercased().hasPrefix("attack.t") {
            let digits = tag.dropFirst("attack.t".count)
            if digits.first?.isNumber == true, !isTechnique(digits) {
                remarks.append("tag '\(tag)' is no ATT&CK technique such as attack.t1048.002")
            }
        }
        return remarks
    }

    private static func isTechnique(_ digits: Substring) -> Bool {
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return false
        }
        return parts[0].count == 4 && (parts.count == 1 || parts[1].count == 3)
    }
}

extension RuleLogSource: CustomStringConvertible {
    /// `product windows, category process_creation`.
    public var description: String {
        [product.map { "product \($0)" }, category.map { "category \($0)" }, service.map { "service \($0)" }]
            .compactMap(\.self).joined(separator: ", ")
    }
}

extension Condition {
    /// Names of the identifiers in it.
    var identifiers: Set<String> {
        switch self {
        case .identifier(let name): [name]
        case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.identifiers) }
        case .not(let part): part.identifiers
        }
    }
}

extension Expression {
    /// Whether it holds when no test does.
    var holdsOfNothing: Bool {
        switch self {
        case .test: false
        case .all(let parts): parts.allSatisfy(\.holdsOfNothing)
        case .any(let parts): parts.contains(where: \.holdsOfNothing)
        case .not(let part): !part.holdsOfNothing
        }
    }
}
