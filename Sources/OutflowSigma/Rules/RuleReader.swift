// SPDX-License-Identifier: Apache-2.0

/// Turns a document of a rule file into a rule, or says why it is none.
struct RuleReader {
    let path: String
    let placeholders: Placeholders
    let limits: RuleLimits
    /// What the rules of the file may still come to.
    let budget: TestBudget

    /// The rule that a document with `detection` is.
    func rule(_ document: RuleNode) throws(RuleProblem) -> Rule {
        let header = try self.header(document)
        let logSource = try self.logSource(document)
        budget.beginRule()
        guard let detection = document["detection"] else { throw .malformed("no detection") }
        let (identifiers, condition, expression) = try self.detection(detection)
        var rule = Rule(
            header: header, logSource: logSource, identifiers: identifiers, condition: condition, expression: expression
        )
        rule.remarks = Self.keys(of: detection).compactMap { Modifier.remark(on: $0) }
        return rule
    }

    /// The keys of the maps of a detection that was read, which is not deep.
    private static func keys(of node: RuleNode) -> [String] {
        switch node {
        case .scalar: []
        case .list(let nodes): nodes.flatMap { keys(of: $0) }
        case .map(let members): members.flatMap { [$0.key] + keys(of: $0.value) }
        }
    }

    /// What a document says of itself.
    func header(_ document: RuleNode) throws(RuleProblem) -> RuleHeader {
        guard case .map = document else { throw .malformed("a rule is a map with title, logsource and detection") }
        guard let title = document["title"]?.text, !title.isEmpty else { throw .malformed("no title") }
        if let status = document["status"]?.text, status == "deprecated" || status == "unsupported" {
            throw .status("its status is \(status)")
        }
        let levels = ["informational", "low", "medium", "high", "critical"]
        if let level = document["level"]?.text, !levels.contains(level) {
            throw .malformed("level '\(level)' is none of \(levels.joined(separator: ", "))")
        }
        if let taxonomy = document["taxonomy"]?.text, taxonomy != "sigma" {
            throw .malformed("taxonomy '\(taxonomy)' is not the default one; translate the rule to it")
        }
        return RuleHeader(
            path: path, id: document["id"]?.text, name: document["name"]?.text, title: title,
            level: document["level"]?.text, tags: document["tags"]?.texts ?? [])
    }

    /// Which records the document is for.
    func logSource(_ document: RuleNode) throws(RuleProblem) -> RuleLogSource {
        guard let node = document["logsource"], case .map = node else { throw .malformed("no logsource") }
        // The specification has lower case; some rules do not.
        func part(_ name: String) -> String? { node[name]?.text?.lowercased() }
        let source = RuleLogSource(category: part("category"), product: part("product"), service: part("service"))
        guard source != RuleLogSource() else {
            throw .malformed("the logsource names neither category, product nor service")
        }
        return source
    }

    /// The parts of a detection, its condition, and both as one.
    func detection(_ node: RuleNode) throws(RuleProblem) -> ([Rule.Identifier], Condition, Expression) {
        guard case .map(let members) = node else { throw .malformed("detection is a map of search identifiers") }
        var identifiers: [Rule.Identifier] = []
        for member in members where member.key != "condition" {
            // What old aggregations counted in; without one it says nothing.
            if member.key == "timeframe", case .scalar = member.value { continue }
            identifiers.append(
                Rule.Identifier(name: member.key, expression: try search(member.key, member.value, limits.depth)))
        }
        guard !identifiers.isEmpty else { throw .malformed("detection has no search identifier") }
        guard let texts = node["condition"]?.texts, !texts.isEmpty else { throw .condition("is missing") }
        let names = ConditionParser.Names(identifiers.map { ($0.name, $0.expression.testCount) })
        let conditions = try texts.map { text throws(RuleProblem) in
            try ConditionParser.parse(text, names: names, limits: limits, budget: budget)
        }
        let condition = conditions.count == 1 ? conditions[0] : .any(conditions)
        let byName = Dictionary(identifiers.map { ($0.name, $0.expression) }) { first, _ in first }
        return (identifiers, condition, Self.expression(condition, byName))
    }

    /// What a search identifier asks: a map (all of its items), a list of maps (any), or keywords (any).
    private func search(_ name: String, _ node: RuleNode, _ depth: Int) throws(RuleProblem) -> Expression {
        guard depth > 0 else { throw .limit("\(name): nested more than \(limits.depth) deep") }
        switch node {
        case .map(let members):
            guard !members.isEmpty else { throw .malformed("\(name): an empty map") }
            let items = try members.map { member throws(RuleProblem) in
                try counted(
                    ItemReader(member.key, placeholders: placeholders, limits: limits).expression(member.value))
            }
            return items.count == 1 ? items[0] : .all(items)
        case .list(let nodes):
            guard !nodes.isEmpty else { throw .malformed("\(name): an empty list") }
            let parts = try nodes.map { node throws(RuleProblem) in try search(name, node, depth - 1) }
            return parts.count == 1 ? parts[0] : .any(parts)
        case .scalar(.null): throw .malformed("\(name): empty")
        case .scalar:
            return try counted(ItemReader(keywords: placeholders, limits: limits).expression(node))
        }
    }

    /// The expression, its tests counted.
    private func counted(_ expression: Expression) throws(RuleProblem) -> Expression {
        try budget.take(expression.testCount)
        return expression
    }

    /// The condition with its identifiers replaced by what they ask.
    static func expression(_ condition: Condition, _ identifiers: [String: Expression]) -> Expression {
        switch condition {
        case .identifier(let name): identifiers[name] ?? .any([])
        case .all(let parts): .all(parts.map { expression($0, identifiers) })
        case .any(let parts): .any(parts.map { expression($0, identifiers) })
        case .not(let part): .not(expression(part, identifiers))
        }
    }
}
