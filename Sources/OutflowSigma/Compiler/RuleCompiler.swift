// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Turns rules into facts about fields, tables that mark them, and branches that ask them.
///
/// The law of everything here that saves work: it may only let too much through. What decides is always the branches.
struct RuleCompiler {
    private let limits: RuleLimits
    /// Slots by field name; slot 0 holds all values, for keywords.
    private(set) var slots: [String: Int] = [:]
    private var slotCount = 1

    /// What is known of each fact: which field, whether lazy, and how likely it is to hold, by a rule of thumb.
    private(set) var factSlot: [Int] = []
    private(set) var lazyIndex: [Int] = []  // -1 for eager facts
    private var weight: [Double] = []
    /// For eager facts: whether they are about whole values only.
    private(set) var isEqualityOnly: [Bool] = []
    private(set) var lazies: [LazyFact] = []

    private var eagerByKey: [EagerKey: AtomNumber] = [:]
    private var lazyByTest: [FieldTest: AtomNumber] = [:]
    private var regexes: [RegexSource: CompiledRegex] = [:]
    /// The memory of all regular expressions so far, those of rules that were rejected with them: they took their time.
    private(set) var regexMemory = 0
    /// Bytes that are left for what searches build and keep.
    private var searchMemory: Int64 = 1 << 30
    private var literals: [Int: [Literal: [AtomNumber]]] = [:]
    private(set) var branches: [Branch] = []

    /// A text in one of the shapes that tables find.
    private struct Literal: Hashable, Comparable {
        enum Shape: Int { case equals, prefix, suffix, contains, text, presence, null, other }
        var shape: Shape
        var bytes: [UInt8]
        static func < (one: Literal, other: Literal) -> Bool {
            (one.shape.rawValue, one.bytes.count) != (other.shape.rawValue, other.bytes.count)
                ? (one.shape.rawValue, one.bytes.count) < (other.shape.rawValue, other.bytes.count)
                : one.bytes.lexicographicallyPrecedes(other.bytes)
        }

        /// About how many values in one it is there; only the order matters.
        var likelihood: Double {
            var length = min(bytes.count, 24)
            // `.exe` and `c:\` are everywhere.
            if shape == .suffix { length = max(1, length - 3) }
            return switch shape {
            case .presence, .text: 1
            case .null: 0.1
            case .other: 0.05
            case .equals: 0.5 / Double(length + 4)
            case .prefix, .suffix, .contains: 1 / Double(1 << min(length, 12)) + 0.0005
            }
        }
    }

    private struct EagerKey: Hashable {
        var slot: Int
        var literals: [Literal]
    }

    private let transparent: TransparentObjects

    init(limits: RuleLimits, transparent: TransparentObjects) {
        self.limits = limits
        self.transparent = transparent
    }

    /// The slot of a field that somebody has named before; nil for others.
    func knownSlot(_ field: String) -> Int? { slots[transparent.stripped(field)] }

    /// The slot of a field. One that is named with the objects around it which are looked through is the one without.
    mutating func slot(_ field: String?) -> Int {
        guard let field = field.map(transparent.stripped) else { return 0 }
        if let known = slots[field] { return known }
        slots[field] = slotCount
        slotCount += 1
        return slotCount - 1
    }

    private mutating func compile(_ source: RegexSource) throws(RuleProblem) -> CompiledRegex {
        guard regexMemory < limits.regexTotalMemory else {
            throw .limit(
                "the regular expressions of all rules together come to more than \(limits.regexTotalMemory >> 20) MiB "
                    + "once compiled; give fewer rules at once, or repeat less in expressions ({100})")
        }
        // What is refused in the end was mostly compiled.
        regexMemory += 2 * source.pattern.utf8.count
        do throws(RuleProblem) {
            // Each gets a part of what is left, so that thousands do not take gigabytes while they search.
            let part = min(limits.regexMemory, max(128 << 10, searchMemory / 128))
            searchMemory -= min(part, searchMemory)
            let regex = try CompiledRegex(source, limits: limits, searchMemory: part)
            regexMemory += regex.size
            regexes[source] = regex
            return regex
        } catch {
            regexMemory += Int(limits.regexMemory / 64)
            throw error
        }
    }

    /// How many slots there are.
    var slotTotal: Int { slotCount }

    /// What a rule became.
    struct Compiled {
        /// Where a run of its condition begins.
        var entry: Int32
        /// First of its branches.
        var firstBranch: Int32
        /// Facts of which one must hold for the condition to hold; nil when there are none such.
        var triggers: [AtomNumber]?
        /// Fields that it looks at.
        var slots: [Int]
    }

    /// Compiles a rule's expression.
    mutating func compile(_ expression: Expression, keySlots: Set<Int>) throws(RuleProblem) -> Compiled {
        let facts = try lower(expression)
        let first = branches.count
        let entry = branches.append(facts, ifTrue: Branch.accept, ifFalse: Branch.reject)
        guard branches.count - first <= limits.branches else {
            branches.removeLast(branches.count - first)
            throw .limit("the condition asks more than \(limits.branches) facts")
        }
        var used: Set<Int> = []
        for branch in branches[first...] {
            used.insert(factSlot[Int(branch.atom)])
            let lazy = lazyIndex[Int(branch.atom)]
            if lazy >= 0, case .field(let other, _, _) = lazies[lazy].test { used.insert(other) }
        }
        return Compiled(
            entry: entry, firstBranch: Int32(first), triggers: necessary(facts, false, keySlots)?.facts,
            slots: used.sorted())
    }

    // MARK: Facts

    private mutating func lower(_ expression: Expression) throws(RuleProblem) -> FactExpression {
        switch expression {
        case .not(let part): return .not(try lower(part))
        case .all(let parts):
            var facts: [FactExpression] = []
            for part in parts { facts.append(try lower(part)) }
            return .all(facts)
        case .test: return try lower(alternatives: [expression])
        case .any(let parts): return try lower(alternatives: parts)
        }
    }

    /// Alternatives about one field that tables find become one fact.
    private mutating func lower(alternatives parts: [Expression]) throws(RuleProblem) -> FactExpression {
        var flat: [Expression] = []
        func flatten(_ parts: [Expression]) {
            for part in parts { if case .any(let inner) = part { flatten(inner) } else { flat.append(part) } }
        }
        flatten(parts)
        var bySlot: [(slot: Int, literals: Set<Literal>)] = []
        var others: [FactExpression] = []
        for part in flat {
            guard case .test(let test) = part, let literals = Self.literals(test.predicate) else {
                if case .test(let test) = part {
                    others.append(.fact(try lazyFact(test)))
                } else {
                    others.append(try lower(part))
                }
                continue
            }
            let slot = slot(test.field)
            if let index = bySlot.firstIndex(where: { $0.slot == slot }) {
                bySlot[index].literals.formUnion(literals)
            } else {
                bySlot.append((slot, Set(literals)))
            }
        }
        let facts = bySlot.map { FactExpression.fact(eagerFact($0.slot, $0.literals)) } + others
        return facts.count == 1 ? facts[0] : .any(facts)
    }

    /// The texts that tables can find instead of asking the predicate; nil when they cannot.
    private static func literals(_ predicate: Predicate) -> [Literal]? {
        switch predicate {
        case .exists: return [Literal(shape: .presence, bytes: [])]
        case .null: return [Literal(shape: .null, bytes: [])]
        case .text(let pattern):
            guard !pattern.isCased else { return nil }
            let dashes = pattern.parts.count { $0 == .dash }
            if dashes > 0 {
                // Five kinds of dash: two of them are 25 texts.
                guard dashes <= 2 else { return nil }
                var found: [Literal] = []
                for choice in 0..<(dashes == 1 ? 5 : 25) {
                    var rest = choice
                    let written = Pattern(
                        parts: pattern.parts.map { part in
                            guard part == .dash else { return part }
                            defer { rest /= 5 }
                            return .literal(Dash.all[rest % 5])
                        })
                    guard let literal = self.literal(written) else { return nil }
                    found.append(literal)
                }
                return found
            }
            return literal(pattern).map { [$0] }
        default: return nil
        }
    }

    private static func literal(_ pattern: Pattern) -> Literal? {
        let parts = pattern.parts
        switch parts.count {
        case 0: return Literal(shape: .equals, bytes: [])
        case 1:
            if case .literal(let bytes) = parts[0] { return Literal(shape: .equals, bytes: bytes) }
            return parts[0] == .any ? Literal(shape: .text, bytes: []) : nil
        case 2:
            if case .literal(let bytes) = parts[0], parts[1] == .any { return Literal(shape: .prefix, bytes: bytes) }
            if case .literal(let bytes) = parts[1], parts[0] == .any { return Literal(shape: .suffix, bytes: bytes) }
            return nil
        case 3:
            guard parts[0] == .any, parts[2] == .any, case .literal(let bytes) = parts[1],
                bytes.count <= AhoCorasick.cut
            else { return nil }
            return Literal(shape: .contains, bytes: bytes)
        default: return nil
        }
    }

    private mutating func eagerFact(_ slot: Int, _ texts: Set<Literal>) -> AtomNumber {
        let key = EagerKey(slot: slot, literals: texts.sorted())
        if let known = eagerByKey[key] { return known }
        let fact = newFact(
            slot, lazy: -1, weight: min(1, texts.reduce(0) { $0 + $1.likelihood }),
            isEqualityOnly: texts.allSatisfy { $0.shape == .equals })
        eagerByKey[key] = fact
        for literal in key.literals { literals[slot, default: [:]][literal, default: []].append(fact) }
        return fact
    }

    private mutating func newFact(_ slot: Int, lazy: Int, weight: Double, isEqualityOnly: Bool) -> AtomNumber {
        factSlot.append(slot)
        lazyIndex.append(lazy)
        self.weight.append(weight)
        self.isEqualityOnly.append(isEqualityOnly)
        return AtomNumber(factSlot.count - 1)
    }

    private mutating func lazyFact(_ test: FieldTest) throws(RuleProblem) -> AtomNumber {
        if let known = lazyByTest[test] { return known }
        let slot = slot(test.field)
        var guards: [AtomNumber] = []
        let how: LazyFact.Test
        switch test.predicate {
        case .text(let pattern):
            how = pattern.isCased ? .casedPattern(pattern) : .pattern(pattern)
            if let literal = longestLiteral(pattern) { guards = [contains(slot, literal)] }
        case .regex(let source):
            let regex: CompiledRegex
            if let known = regexes[source] { regex = known } else { regex = try compile(source) }
            how = .regex(regex)
            if !regex.literals.isEmpty {
                // In other scripts, case folding might hide a literal: then the regex is asked.
                guards = regex.literals.map { contains(slot, Array($0.prefix(AhoCorasick.cut))) }
                guards.append(eagerFact(slot, [Literal(shape: .other, bytes: [])]))
            }
        case .network(let network): how = .network(network)
        case .number(let comparison, let number): how = .number(comparison, number)
        case .field(let name, let relation, let isCased):
            how = .field(slot: self.slot(name), relation, isCased: isCased)
        case .date(let part, let comparison, let number): how = .date(part, comparison, number)
        case .exists, .null: how = .pattern(Pattern(parts: []))  // Always eager.
        }
        if guards.isEmpty { guards = [eagerFact(slot, [Literal(shape: .presence, bytes: [])])] }
        lazies.append(LazyFact(slot: slot, test: how, guards: guards))
        let fact = newFact(
            slot, lazy: lazies.count - 1, weight: min(1, guards.reduce(0) { $0 + weight[Int($1)] }),
            isEqualityOnly: false)
        lazyByTest[test] = fact
        return fact
    }

    private mutating func contains(_ slot: Int, _ bytes: [UInt8]) -> AtomNumber {
        eagerFact(slot, [Literal(shape: .contains, bytes: bytes)])
    }

    /// The longest literal of a pattern, folded and cut: what a value that matches must contain.
    private func longestLiteral(_ pattern: Pattern) -> [UInt8]? {
        let found = pattern.parts.compactMap { part -> [UInt8]? in
            guard case .literal(let bytes) = part else { return nil }
            // A cased literal that is not UTF-8 may fold otherwise within a value.
            if pattern.isCased, !bytes.allSatisfy({ $0 < 0x80 }) { return nil }
            return Array((pattern.isCased ? CaseFolding.fold(bytes) : bytes).prefix(AhoCorasick.cut))
        }
        return found.max { $0.count < $1.count }
    }

    // MARK: Triggers

    private func necessary(
        _ expression: FactExpression, _ isNegated: Bool, _ keySlots: Set<Int>
    ) -> (facts: [AtomNumber], weight: Double)? {
        func best(_ parts: [FactExpression]) -> (facts: [AtomNumber], weight: Double)? {
            parts.compactMap { necessary($0, isNegated, keySlots) }.min { $0.weight < $1.weight }
        }
        func union(_ parts: [FactExpression]) -> (facts: [AtomNumber], weight: Double)? {
            var facts: Set<AtomNumber> = []
            var weight = 0.0
            for part in parts {
                guard let found = necessary(part, isNegated, keySlots) else { return nil }
                facts.formUnion(found.facts)
                weight += found.weight
            }
            return (facts.sorted(), weight)
        }
        switch expression {
        case .not(let part): return necessary(part, !isNegated, keySlots)
        case .all(let parts): return isNegated ? union(parts) : best(parts)
        case .any(let parts): return isNegated ? best(parts) : union(parts)
        case .fact(let fact):
            guard !isNegated else { return nil }
            let lazy = lazyIndex[Int(fact)]
            // What the group of a record is chosen by holds for all of the group.
            let penalty = keySlots.contains(factSlot[Int(fact)]) ? 2.0 : 0
            return (lazy < 0 ? [fact] : lazies[lazy].guards, weight[Int(fact)] + penalty)
        }
    }

    // MARK: Tables

    /// The texts that a field is compared with as a whole.
    func wholeTexts(_ slot: Int) -> [[UInt8]] {
        (literals[slot] ?? [:]).keys.filter { $0.shape == .equals }.sorted().map(\.bytes)
    }

    /// For each fact about all values that tables mark: the texts of which one must be in a value; none when the fact may hold
    /// of values without any.
    func keywordTexts() -> [AtomNumber: [[UInt8]]] {
        var texts: [AtomNumber: [[UInt8]]] = [:]
        var others: Set<AtomNumber> = []
        for (literal, facts) in literals[0] ?? [:] {
            for fact in facts {
                switch literal.shape {
                case .contains, .equals, .prefix, .suffix: texts[fact, default: []].append(literal.bytes)
                case .text, .presence, .null, .other: others.insert(fact)
                }
            }
        }
        for fact in others { texts[fact] = [] }
        return texts
    }

    /// The tables of all fields, by slot.
    func matchers() -> [FieldMatcher] {
        // A field or two have most of the texts: the others are done beside them.
        let bySize = (0..<slotCount).map { (slot: $0, size: literals[$0]?.count ?? 0) }
            .sorted { ($1.size, $0.slot) < ($0.size, $1.slot) }.map(\.slot)
        let made = Parallel.map(slotCount, threads: 2) { matcher(bySize[$0]) }
        return zip(bySize, made).sorted { $0.0 < $1.0 }.map(\.1)
    }

    private func matcher(_ slot: Int) -> FieldMatcher {
        let ordered = (literals[slot] ?? [:]).sorted { $0.key < $1.key }
        func all(_ shape: Literal.Shape) -> [FieldMatcher.Marking] {
            ordered.filter { $0.key.shape == shape }.map { ($0.key.bytes, $0.value) }
        }
        var fronts: [[UInt8]: (prefix: [AtomNumber], equals: [AtomNumber])] = [:]
        for (literal, facts) in all(.prefix) { fronts[literal, default: ([], [])].prefix = facts }
        for (literal, facts) in all(.equals) { fronts[literal, default: ([], [])].equals = facts }
        return FieldMatcher(
            fronts: fronts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
                ($0.key, $0.value.prefix, $0.value.equals)
            },
            suffixes: all(.suffix), contained: all(.contains), presence: all(.presence).flatMap(\.facts),
            null: all(.null).flatMap(\.facts), text: all(.text).flatMap(\.facts),
            other: all(.other).flatMap(\.facts))
    }
}
