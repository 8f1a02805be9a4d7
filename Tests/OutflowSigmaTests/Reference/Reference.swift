// SPDX-License-Identifier: Apache-2.0

import Foundation
import Yams

/// The Sigma specification, written down as plainly as possible: walks the rule's YAML for every record, knows no index
/// and no table. It shares no code with the matcher.
///
/// Source: Sigma Rules Specification 2.1, Modifiers Appendix 2.1.
struct Reference {
    let detection: Node.Mapping

    init(_ rule: String) throws {
        guard let node = try Yams.compose(yaml: rule, .basic), let detection = node["detection"]?.mapping else {
            throw Failure(description: "no detection")
        }
        self.detection = detection
    }

    struct Failure: Error { var description: String }

    func matches(_ event: Event) throws -> Bool {
        let conditions = detection["condition"]?.sequence.map { $0.compactMap(\.string) }
        return try (conditions ?? [detection["condition"]?.string ?? ""]).contains { try condition($0, event) }
    }

    // MARK: Conditions, by recursive descent; each level looks for its operator outside brackets.

    private func condition(_ text: String, _ event: Event) throws -> Bool {
        let spaced = text.replacingOccurrences(of: "(", with: " ( ").replacingOccurrences(of: ")", with: " ) ")
        return try evaluate(spaced.split(separator: " ").map(String.init), event)
    }

    private func evaluate(_ tokens: [String], _ event: Event) throws -> Bool {
        let alternatives = split(tokens, at: "or")
        if alternatives.count > 1 { return try alternatives.map { try evaluate($0, event) }.contains(true) }
        let parts = split(tokens, at: "and")
        if parts.count > 1 { return try parts.map { try evaluate($0, event) }.allSatisfy { $0 } }
        if tokens.first == "not" { return try !evaluate(Array(tokens.dropFirst()), event) }
        if tokens.first == "(" { return try evaluate(Array(tokens.dropFirst().dropLast()), event) }
        if tokens.count == 3, tokens[1] == "of" {
            let names = detection.keys.compactMap(\.string).filter { $0 != "condition" }.filter { name in
                tokens[2] == "them" ? !name.hasPrefix("_") : glob(Array(tokens[2]), Array(name))
            }
            let answers = try names.map { try identifier($0, event) }
            return tokens[0] == "all" ? answers.allSatisfy { $0 } : answers.contains(true)
        }
        return try identifier(tokens[0], event)
    }

    private func split(_ tokens: [String], at word: String) -> [[String]] {
        var parts: [[String]] = [[]]
        var depth = 0
        for token in tokens {
            if token == "(" { depth += 1 }
            if token == ")" { depth -= 1 }
            if token == word, depth == 0 { parts.append([]) } else { parts[parts.count - 1].append(token) }
        }
        return parts
    }

    private func glob(_ pattern: [Character], _ name: [Character]) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return (0...name.count).contains { glob(Array(pattern.dropFirst()), Array(name.dropFirst($0))) }
        }
        return name.first == first && glob(Array(pattern.dropFirst()), Array(name.dropFirst()))
    }

    // MARK: Search identifiers

    private func identifier(_ name: String, _ event: Event) throws -> Bool {
        guard let node = detection[name] else { throw Failure(description: "no \(name)") }
        return try search(node, event)
    }

    private func search(_ node: Node, _ event: Event) throws -> Bool {
        switch node {
        case .mapping(let mapping):
            return try mapping.allSatisfy { try item($0.key.string ?? "", $0.value, event) }
        case .sequence(let sequence):
            return try sequence.contains { try search($0, event) }
        default:
            return try item("", node, event)
        }
    }

    private func item(_ key: String, _ node: Node, _ event: Event) throws -> Bool {
        var modifiers = key.components(separatedBy: "|")
        let field = modifiers.removeFirst()
        let found = field.isEmpty ? event.scalars : event.values(field)
        if modifiers.first == "exists" { return (node.string == "true") != found.isEmpty }
        let isNegated = modifiers.contains("neq")
        let isAll = modifiers.contains("all")
        modifiers.removeAll { $0 == "neq" || $0 == "all" }
        let nodes = node.sequence.map { Array($0) } ?? [node]
        let answers = try nodes.map { node in
            try found.contains { try ReferenceValue(node, modifiers, isKeyword: field.isEmpty).holds($0, event) }
        }
        return (isAll ? answers.allSatisfy { $0 } : answers.contains(true)) != isNegated
    }
}
