// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A rule's condition: how its search identifiers are joined.
public indirect enum Condition: Hashable, Sendable, Codable {
    /// A search identifier, by name.
    case identifier(String)
    /// All of them.
    case all([Condition])
    /// At least one of them.
    case any([Condition])
    /// The opposite.
    case not(Condition)
}

/// Reads a condition. Precedence, least binding first: or, and, not, `x of`, brackets.
///
/// Source: Sigma Rules Specification 2.1, section "Condition".
struct ConditionParser {
    private let tokens: [String]
    private let names: Names
    private let limits: RuleLimits
    private let budget: TestBudget
    private var at = 0

    /// The search identifiers of a detection, in order, and how many tests each comes to.
    struct Names {
        fileprivate let ordered: [String]
        fileprivate let tests: [String: Int]

        init(_ names: [(name: String, tests: Int)]) {
            ordered = names.map(\.name)
            tests = Dictionary(names.map { ($0.name, $0.tests) }) { first, _ in first }
        }

        fileprivate func contains(_ name: String) -> Bool { tests[name] != nil }
    }

    /// The condition that `text` means for a detection with these search identifiers.
    static func parse(
        _ text: String, names: Names, limits: RuleLimits, budget: TestBudget
    ) throws(RuleProblem) -> Condition {
        guard text.utf8.count <= limits.conditionLength else {
            throw .limit("a condition of \(text.utf8.count) bytes; at most \(limits.conditionLength) are read")
        }
        var parser = ConditionParser(tokens: try tokens(text), names: names, limits: limits, budget: budget)
        guard !parser.tokens.isEmpty else { throw .condition("is empty") }
        let condition = try parser.or(limits.conditionDepth)
        guard parser.at == parser.tokens.count else {
            throw .condition("'\(parser.tokens[parser.at])' where 'and', 'or' or the end belongs")
        }
        return condition
    }

    private init(tokens: [String], names: Names, limits: RuleLimits, budget: TestBudget) {
        self.tokens = tokens
        self.names = names
        self.limits = limits
        self.budget = budget
    }

    private static func tokens(_ text: String) throws(RuleProblem) -> [String] {
        var tokens: [String] = []
        var word = ""
        for character in text {
            if character == "|" {
                throw .condition("aggregation behind '|' is no longer part of Sigma; write a correlation rule")
            }
            if character == "(" || character == ")" || character.isWhitespace {
                if !word.isEmpty { tokens.append(word) }
                word = ""
                if !character.isWhitespace { tokens.append(String(character)) }
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { tokens.append(word) }
        return tokens
    }

    /// Whether the next token is this operator. Operators are taken in any case (`AND` is common in old rules), unless a
    /// search identifier has that very name.
    private func isNext(_ operatorName: String) -> Bool {
        guard at < tokens.count else { return false }
        return tokens[at] == operatorName || (tokens[at].lowercased() == operatorName && !names.contains(tokens[at]))
    }

    private mutating func or(_ depth: Int) throws(RuleProblem) -> Condition {
        var parts = [try and(depth)]
        while isNext("or") {
            at += 1
            parts.append(try and(depth))
        }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func and(_ depth: Int) throws(RuleProblem) -> Condition {
        var parts = [try not(depth)]
        while isNext("and") {
            at += 1
            parts.append(try not(depth))
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func not(_ depth: Int) throws(RuleProblem) -> Condition {
        guard depth > 0 else { throw .limit("the condition is nested more than \(limits.conditionDepth) deep") }
        guard isNext("not") else { return try primary(depth) }
        at += 1
        return .not(try not(depth - 1))
    }

    private mutating func primary(_ depth: Int) throws(RuleProblem) -> Condition {
        guard at < tokens.count else { throw .condition("ends where a search identifier belongs") }
        let token = tokens[at]
        at += 1
        if token == "(" {
            let inner = try or(depth - 1)
            guard at < tokens.count, tokens[at] == ")" else { throw .condition("a bracket is not closed") }
            at += 1
            return inner
        }
        if token == ")" { throw .condition("')' where a search identifier belongs") }
        if isNext("of"), !names.contains(token) { return try several(token) }
        if ["and", "or", "of"].contains(token), !names.contains(token) {
            throw .condition("'\(token)' where a search identifier belongs")
        }
        guard let tests = names.tests[token] else { throw .condition("there is no search identifier '\(token)'") }
        try budget.take(tests)
        return .identifier(token)
    }

    /// `1 of ...` and `all of ...`; `any of` is another way to write `1 of`.
    private mutating func several(_ quantity: String) throws(RuleProblem) -> Condition {
        at += 1
        let isAll = quantity.lowercased() == "all"
        guard isAll || quantity == "1" || quantity.lowercased() == "any" else {
            throw .condition("'\(quantity) of': only '1 of' and 'all of' exist")
        }
        guard at < tokens.count, tokens[at] != "(", tokens[at] != ")" else {
            throw .condition("'\(quantity) of' is followed by 'them' or a pattern of names")
        }
        let pattern = tokens[at]
        at += 1
        let isThem = pattern.lowercased() == "them" && !names.contains(pattern)
        let glob = Pattern(
            parts: pattern.split(separator: "*", omittingEmptySubsequences: false).enumerated()
                .flatMap { index, text -> [Pattern.Part] in
                    (index > 0 ? [.any] : []) + [.literal(Array(text.utf8))]
                }, isCased: true)
        try budget.take(names.ordered.count)
        let found = names.ordered.filter { name in
            isThem ? !name.hasPrefix("_") : Array(name.utf8).withUnsafeBytes { glob.matches(.init($0)) }
        }
        guard !found.isEmpty else { throw .condition("no search identifier is meant by '\(quantity) of \(pattern)'") }
        try budget.take(found.reduce(0) { $0 + (names.tests[$1] ?? 0) })
        let parts = found.map { Condition.identifier($0) }
        return parts.count == 1 ? parts[0] : isAll ? .all(parts) : .any(parts)
    }
}
