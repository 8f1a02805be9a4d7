// SPDX-License-Identifier: Apache-2.0

/// One way in which an expression over rules can hold: some of them match, and others do not.
struct CorrelationAlternative {
    /// Most alternatives of an expression.
    static let limit = 64

    /// Numbers of the rules that must match, in the order of the text.
    var present: [Int]
    /// Numbers of the rules that must not.
    var absent: [Int]

    /// The alternatives of a rule's expression; without one, that all of its rules match.
    static func all(_ rule: CorrelationRule) -> [CorrelationAlternative] {
        guard let expression = rule.expression else {
            return [CorrelationAlternative(present: Array(rule.rules.indices), absent: [])]
        }
        var names: [String: Int] = [:]
        for (index, name) in rule.rules.enumerated() where names[name] == nil { names[name] = index }
        return (expression.alternatives(isNegated: false) ?? []).map { literals in
            CorrelationAlternative(
                present: literals.filter { !$0.isAbsent }.compactMap { names[$0.name] },
                absent: literals.filter(\.isAbsent).compactMap { names[$0.name] })
        }.filter { !$0.present.isEmpty }
    }
}

extension Condition {
    fileprivate typealias Literal = (name: String, isAbsent: Bool)

    /// Whether there is a `not` in it.
    var hasNegation: Bool {
        switch self {
        case .identifier: false
        case .not: true
        case .all(let parts), .any(let parts): parts.contains(where: \.hasNegation)
        }
    }

    /// Why a correlation of a kind cannot ask this; nil when it can.
    func problem(for kind: CorrelationRule.Kind) -> RuleProblem? {
        guard kind == .temporalOrdered || hasNegation else { return nil }
        guard let alternatives = alternatives(isNegated: false) else {
            return .limit(
                "condition: more than \(CorrelationAlternative.limit) alternatives of what matches and what not")
        }
        // What did not happen has no time, and would hold for groups that no record is of.
        guard alternatives.allSatisfy({ $0.contains { !$0.isAbsent } }) else {
            return .condition(
                "it holds where no rule matches: beside 'not' a rule is needed that does, as in 'a and not b'")
        }
        return nil
    }

    /// Disjunctive normal form; nil beyond ``CorrelationAlternative/limit``.
    fileprivate func alternatives(isNegated: Bool) -> [[Literal]]? {
        func either(_ parts: [Condition]) -> [[Literal]]? {
            var all: [[Literal]] = []
            for part in parts {
                guard let found = part.alternatives(isNegated: isNegated) else { return nil }
                all += found
                guard all.count <= CorrelationAlternative.limit else { return nil }
            }
            return all
        }
        func both(_ parts: [Condition]) -> [[Literal]]? {
            var all: [[Literal]] = [[]]
            for part in parts {
                guard let found = part.alternatives(isNegated: isNegated),
                    all.count * found.count <= CorrelationAlternative.limit
                else { return nil }
                all = all.flatMap { before in found.map { before + $0 } }
            }
            return all
        }
        switch self {
        case .identifier(let name): return [[(name, isNegated)]]
        case .not(let part): return part.alternatives(isNegated: !isNegated)
        case .all(let parts): return isNegated ? either(parts) : both(parts)
        case .any(let parts): return isNegated ? both(parts) : either(parts)
        }
    }
}

/// Times of records by rule, while a window slides over them.
///
/// What must not match must be missing from every window, wherever it begins, that holds all records that did match:
/// from a window's length before the last of them to a window's length after the first.
struct RecordTimes {
    private let times: [[Int64]]
    private let span: Int64
    /// By rule: its first record in the window, and its first behind it.
    private var low: [Int]
    private var high: [Int]

    init(_ records: [CorrelationWindow.Record], span: Int64, inputs: Int) {
        var times = [[Int64]](repeating: [], count: inputs)
        for record in records { times[record.input].append(record.time) }
        self.times = times
        self.span = span
        low = Array(repeating: 0, count: inputs)
        high = low
    }

    /// Moves the window on: it ends with `now`, both ends within it.
    mutating func move(to now: Int64) {
        for input in times.indices {
            while high[input] < times[input].count, times[input][high[input]] <= now { high[input] += 1 }
            while low[input] < high[input], times[input][low[input]] < now &- span { low[input] += 1 }
        }
    }

    /// Of how many rules there are records in the window.
    var count: Int { low.indices.count { low[$0] < high[$0] } }

    /// Whether all rules that must match have a record in the window, and the others none too near to those.
    func hold(_ alternative: CorrelationAlternative) -> Bool {
        guard alternative.present.allSatisfy({ low[$0] < high[$0] }),
            let first = alternative.present.map({ times[$0][low[$0]] }).min(),
            let last = alternative.present.map({ times[$0][high[$0] - 1] }).max()
        else { return false }
        return !alternative.absent.contains { hasAny($0, from: last &- span, to: first &+ span) }
    }

    private func hasAny(_ input: Int, from: Int64, to: Int64) -> Bool {
        var low = 0
        var high = times[input].count
        while low < high {
            let middle = (low + high) / 2
            if times[input][middle] < from { low = middle + 1 } else { high = middle }
        }
        return low < times[input].count && times[input][low] <= to
    }
}
