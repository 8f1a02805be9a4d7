// SPDX-License-Identifier: Apache-2.0

/// What a document of a rule file is.
enum RulePart: Sendable {
    case rule(Rule)
    case correlation(CorrelationRule)
    case filter(RuleFilter)
    /// None of these: the document's id, if it has one, why, and what it silences (``RejectedRule/silenced``).
    case problem(String?, RuleProblem, silenced: [String] = [])

    /// Its id.
    var id: String? {
        switch self {
        case .rule(let rule): rule.header.id
        case .correlation(let rule): rule.header.id
        case .filter(let filter): filter.id
        case .problem(let id, _, _): id
        }
    }
}

extension RulePart {
    /// How many tests of fields it comes to.
    var testCount: Int {
        switch self {
        case .rule(let rule): rule.expression.testCount
        case .filter(let filter): filter.kept.testCount
        case .correlation, .problem: 0
        }
    }

    /// What stays silent when it is rejected.
    var silenced: [String] {
        switch self {
        case .correlation(let rule): rule.generates ? [] : rule.rules
        case .problem(_, _, let silenced): silenced
        case .rule, .filter: []
        }
    }
}

/// Reads the documents of rule files, each file by itself.
struct RulePartReader: Sendable {
    let placeholders: Placeholders
    let pipelines: [ProcessingPipeline]
    let limits: RuleLimits

    /// What the documents of a file are, and last what cannot be read of it.
    func parts(_ bytes: [UInt8], path: String) -> [RulePart] {
        do throws(RuleProblem) {
            let (documents, problem) = try RuleYAML.readable(bytes, limits: limits)
            if problem == nil, documents.allSatisfy({ $0 == .scalar(.null) }) { throw .malformed("the file is empty") }
            return parts(documents, path: path) + (problem.map { [.problem(nil, $0)] } ?? [])
        } catch {
            return [.problem(nil, error)]
        }
    }

    /// `action: global` holds for all documents behind it, `reset` ends that, `repeat` builds on the one before.
    ///
    /// Source: Sigma Rules Specification 2.1 (rule collections), as in 1.0.
    private func parts(_ documents: [RuleNode], path: String) -> [RulePart] {
        let budget = TestBudget(limits: limits)
        var global: RuleNode?
        var previous: RuleNode?
        var parts: [RulePart] = []
        var (globalNodes, previousNodes, nodes) = (0, 0, 0)
        for document in documents {
            // Behind a last `---` there is nothing.
            if document == .scalar(.null) { continue }
            var whole = document
            // What documents take over counts with each of them: a small file could come to gigabytes.
            let action = document["action"]?.text
            let own = document.nodes + (action == "repeat" ? previousNodes : action == nil ? globalNodes : 0)
            nodes += own
            guard nodes <= limits.expandedNodes else {
                parts.append(.problem(document["id"]?.text, .malformed(Self.tooLarge(limits))))
                continue
            }
            switch action {
            case "global":
                global = RuleNode.merged(document.without("action"), over: global)
                globalNodes += document.nodes
                continue
            case "reset":
                global = nil
                globalNodes = 0
                whole = document.without("action")
                if case .map(let members) = whole, members.isEmpty { continue }
            case "repeat":
                whole = RuleNode.merged(document.without("action"), over: previous)
            case nil:
                whole = RuleNode.merged(document, over: global)
            case .some(let action):
                parts.append(.problem(document["id"]?.text, .malformed("action '\(action)' is not known")))
                continue
            }
            previous = whole
            previousNodes = own
            parts.append(part(whole, path: path, budget))
        }
        return parts
    }

    private static func tooLarge(_ limits: RuleLimits) -> String {
        "with what its documents take over by 'action', the file comes to more than \(limits.expandedNodes) values"
    }

    private func part(_ document: RuleNode, path: String, _ budget: TestBudget) -> RulePart {
        let reader = RuleReader(path: path, placeholders: placeholders, limits: limits, budget: budget)
        do throws(RuleProblem) {
            if document["correlation"] != nil {
                return .correlation(try CorrelationReader(reader: reader).rule(document))
            }
            if document["filter"] != nil { return .filter(try RuleFilter(document, reader)) }
            var rule = try reader.rule(document)
            for pipeline in pipelines { rule = try pipeline.applied(to: rule) }
            return .rule(rule)
        } catch {
            return .problem(document["id"]?.text, error, silenced: CorrelationReader.silenced(document))
        }
    }
}

extension RuleNode {
    /// How many scalars, lists and maps it holds, itself among them.
    fileprivate var nodes: Int {
        switch self {
        case .map(let members): 1 + members.reduce(0) { $0 + $1.value.nodes }
        case .list(let nodes): 1 + nodes.reduce(0) { $0 + $1.nodes }
        default: 1
        }
    }

    /// The map without one of its keys.
    func without(_ key: String) -> RuleNode {
        guard case .map(let members) = self else { return self }
        return .map(members.filter { $0.key != key })
    }

    /// A map over another: maps under the same key are merged, all else of `node` replaces what is below.
    static func merged(_ node: RuleNode, over base: RuleNode?) -> RuleNode {
        guard case .map(let members) = node, case .map(var result)? = base else { return node }
        for member in members {
            if let at = result.firstIndex(where: { $0.key == member.key }) {
                result[at].value = merged(member.value, over: result[at].value)
            } else {
                result.append(member)
            }
        }
        return .map(result)
    }
}
