// SPDX-License-Identifier: Apache-2.0

/// What a site keeps out of the matches of some rules.
///
/// Source: Sigma Filters Specification 2.1, which says that filters suppress matches, and whose example has the condition
/// `selection`; pySigma's have `not selection` for the same. So a condition that holds when none of its identifiers does
/// says what is kept, and any other one says what is suppressed: both spellings mean what their authors mean.
struct RuleFilter: Sendable {
    var path: String
    var id: String?
    var title = ""
    var logSource: RuleLogSource
    /// Ids or names of rules; nil for all of the log source.
    var rules: [String]?
    /// What must hold for a match to stay.
    var kept: Expression

    init(_ document: RuleNode, _ reader: RuleReader) throws(RuleProblem) {
        guard let title = document["title"]?.text, !title.isEmpty else { throw .malformed("no title") }
        path = reader.path
        self.title = title
        id = document["id"]?.text
        logSource = try reader.logSource(document)
        guard let filter = document["filter"], case .map(let members) = filter else {
            throw .malformed("filter: is a map")
        }
        switch filter["rules"] {
        case .scalar(.string(let word))? where word.lowercased() == "any": rules = nil
        case nil: rules = nil
        case .some(let node):
            guard let names = node.texts else { throw .malformed("filter: rules is a list of ids or names, or any") }
            rules = names
        }
        reader.budget.beginRule()
        let detection = RuleNode.map(members.filter { $0.key != "rules" })
        let (_, condition, expression) = try reader.detection(detection)
        kept = condition.holdsOfNothing ? expression : .not(expression)
    }

    /// Whether the filter is for a rule.
    func isFor(_ rule: Rule) -> Bool {
        guard logSource.includes(rule.logSource) else { return false }
        guard let rules else { return true }
        return rules.contains { $0 == rule.header.id || $0 == rule.header.name }
    }
}

extension Condition {
    /// Whether it holds when none of its identifiers does.
    var holdsOfNothing: Bool {
        switch self {
        case .identifier: false
        case .all(let parts): parts.allSatisfy(\.holdsOfNothing)
        case .any(let parts): parts.contains(where: \.holdsOfNothing)
        case .not(let part): !part.holdsOfNothing
        }
    }
}
