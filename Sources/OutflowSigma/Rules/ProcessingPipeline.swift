// SPDX-License-Identifier: Apache-2.0

/// Changes rules before they are compiled, so that they fit a site's own field names and values: a subset of pySigma's
/// processing pipelines, in the same YAML.
///
/// Source: pySigma documentation, "Processing Pipelines". `transformationNames` and `conditionNames` tell what there is;
/// anything else is an error, never passed over.
public struct ProcessingPipeline: Sendable {
    /// Transformations that exist.
    static let transformationNames = [
        "field_name_mapping", "field_name_prefix", "field_name_suffix", "add_condition", "drop_detection_item",
        "change_logsource", "value_placeholders", "wildcard_placeholders", "rule_failure",
    ]
    /// Conditions on rules that exist.
    static let conditionNames = ["logsource", "contains_field", "tag", "is_sigma_rule"]

    /// What it was made from.
    let text: String
    /// Order among pipelines: lower ones first.
    public var priority: Int
    /// Values of placeholders.
    var placeholders = Placeholders()
    private var items: [Item] = []

    fileprivate struct Item: Sendable {
        var change: Change
        var conditions: [Condition] = []
        var isAnyEnough = false
        var isNegated = false
        var fieldConditions: [(isIncluded: Bool, fields: Set<String>)] = []
    }

    fileprivate enum Change: Sendable {
        case mapping([String: [String]])
        case prefix(String)
        case suffix(String)
        case add(Expression)
        case drop
        case logSource(RuleLogSource)
        case placeholders
        case failure(String)
    }

    fileprivate enum Condition: Sendable {
        case logSource(RuleLogSource)
        case containsField(String)
        case tag(String)
        case always
    }

    /// The pipeline that a YAML text describes.
    public init(_ text: String, limits: RuleLimits = RuleLimits()) throws(RuleProblem) {
        self.text = text
        let documents = try RuleYAML.documents(Array(text.utf8), limits: limits)
        guard documents.count == 1, let root = documents.first, case .map = root else {
            throw .malformed("a pipeline is one map with transformations")
        }
        priority = root["priority"]?.text.flatMap { Int($0) } ?? 0
        if case .map(let members)? = root["vars"] {
            for member in members {
                guard let texts = member.value.texts else {
                    throw .malformed("vars: \(member.key) is a value or a list of values")
                }
                placeholders.values[member.key] = texts
            }
        }
        guard case .list(let nodes)? = root["transformations"] else {
            throw .malformed("transformations is a list")
        }
        for (index, node) in nodes.enumerated() {
            let place = "transformations[\(index)]"
            var item = Item(change: try Self.change(node, place, limits))
            if node["type"]?.text == "wildcard_placeholders" { placeholders.unknownMatchAll = true }
            item.conditions = try Self.list(node["rule_conditions"]).map { node throws(RuleProblem) in
                try Self.condition(node, place)
            }
            item.isAnyEnough = node["rule_cond_op"]?.text == "or"
            item.isNegated = node["rule_cond_not"]?.text == "true"
            for condition in Self.list(node["field_name_conditions"]) {
                guard let type = condition["type"]?.text, type == "include_fields" || type == "exclude_fields",
                    let fields = condition["fields"]?.texts
                else {
                    throw .malformed("\(place): field_name_conditions are include_fields or exclude_fields with fields")
                }
                item.fieldConditions.append((type == "include_fields", Set(fields)))
            }
            for key in ["detection_item_conditions", "rule_cond_expression", "field_name_cond_expression"]
            where node[key] != nil {
                throw .malformed("\(place): \(key) is not supported")
            }
            items.append(item)
        }
    }

    private static func list(_ node: RuleNode?) -> [RuleNode] {
        if case .list(let nodes)? = node { return nodes }
        return node.map { [$0] } ?? []
    }

    private static func change(_ node: RuleNode, _ place: String, _ limits: RuleLimits) throws(RuleProblem) -> Change {
        let type = node["type"]?.text ?? ""
        switch type {
        case "field_name_mapping":
            guard case .map(let members)? = node["mapping"] else { throw .malformed("\(place): mapping is a map") }
            var mapping: [String: [String]] = [:]
            for member in members {
                guard let names = member.value.texts, !names.isEmpty else {
                    throw .malformed("\(place): \(member.key) maps to a name or a list of names")
                }
                mapping[member.key] = names
            }
            return .mapping(mapping)
        case "field_name_prefix": return .prefix(node["prefix"]?.text ?? "")
        case "field_name_suffix": return .suffix(node["suffix"]?.text ?? "")
        case "add_condition":
            guard case .map(let members)? = node["conditions"], !members.isEmpty else {
                throw .malformed("\(place): conditions is a map of fields and values")
            }
            let parts = try members.map { member throws(RuleProblem) in
                try ItemReader(member.key, placeholders: Placeholders(), limits: limits).expression(member.value)
            }
            let added: Expression = parts.count == 1 ? parts[0] : .all(parts)
            return .add(node["negated"]?.text == "true" ? .not(added) : added)
        case "drop_detection_item": return .drop
        case "change_logsource":
            return .logSource(source(node))
        case "value_placeholders", "wildcard_placeholders": return .placeholders
        case "rule_failure": return .failure(node["message"]?.text ?? "a pipeline refuses it")
        default:
            throw .malformed(
                "\(place): '\(type)' is not supported; there are \(transformationNames.joined(separator: ", "))")
        }
    }

    private static func source(_ node: RuleNode) -> RuleLogSource {
        RuleLogSource(
            category: node["category"]?.text?.lowercased(), product: node["product"]?.text?.lowercased(),
            service: node["service"]?.text?.lowercased())
    }

    private static func condition(_ node: RuleNode, _ place: String) throws(RuleProblem) -> Condition {
        switch node["type"]?.text ?? "" {
        case "logsource": return .logSource(source(node))
        case "contains_field":
            guard let field = node["field"]?.text else { throw .malformed("\(place): contains_field names a field") }
            return .containsField(field)
        case "tag":
            guard let tag = node["tag"]?.text else { throw .malformed("\(place): tag names a tag") }
            return .tag(tag)
        case "is_sigma_rule": return .always
        case let type:
            throw .malformed(
                "\(place): condition '\(type)' is not supported; there are \(conditionNames.joined(separator: ", "))")
        }
    }

    // MARK: Applying

    /// A rule as it is after all transformations that are for it.
    func applied(to rule: Rule) throws(RuleProblem) -> Rule {
        var rule = rule
        for item in items where item.isFor(rule) {
            switch item.change {
            case .mapping, .prefix, .suffix, .drop:
                guard let changed = item.changed(rule.expression) else {
                    throw .malformed("a pipeline drops all that the rule asks")
                }
                rule.expression = changed
            case .add(let expression): rule.expression = .all([expression, rule.expression])
            case .logSource(let source): rule.logSource = source
            case .placeholders: break  // Resolved while rules are read.
            case .failure(let message): throw .status(message)
            }
        }
        return rule
    }
}

extension ProcessingPipeline.Item {
    fileprivate func isFor(_ rule: Rule) -> Bool {
        if conditions.isEmpty { return true }
        func holds(_ condition: ProcessingPipeline.Condition) -> Bool {
            switch condition {
            case .logSource(let source): source.includes(rule.logSource)
            case .containsField(let field): rule.expression.tests.contains { $0.field == field }
            case .tag(let tag): rule.header.tags.contains(tag)
            case .always: true
            }
        }
        return (isAnyEnough ? conditions.contains(where: holds) : conditions.allSatisfy(holds)) != isNegated
    }

    private func isFor(_ field: String) -> Bool {
        fieldConditions.allSatisfy { $0.fields.contains(field) == $0.isIncluded }
    }

    /// The expression with its fields changed; nil when nothing is left of it.
    fileprivate func changed(_ expression: Expression) -> Expression? {
        switch expression {
        case .not(let part): return changed(part).map { .not($0) }
        case .all(let parts):
            let left = parts.compactMap(changed)
            return left.isEmpty && !parts.isEmpty ? nil : .all(left)
        case .any(let parts):
            let left = parts.compactMap(changed)
            return left.isEmpty && !parts.isEmpty ? nil : .any(left)
        case .test(var test):
            guard let field = test.field, isFor(field) else { return expression }
            switch change {
            case .mapping(let mapping):
                guard let names = mapping[field] else { return expression }
                let tests = names.map { Expression.test(FieldTest($0, test.predicate)) }
                return tests.count == 1 ? tests[0] : .any(tests)
            case .prefix(let prefix): test.field = prefix + field
            case .suffix(let suffix): test.field = field + suffix
            case .drop: return fieldConditions.isEmpty ? expression : nil
            default: break
            }
            return .test(test)
        }
    }
}
