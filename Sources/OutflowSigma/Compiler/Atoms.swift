// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What the compiled condition of a rule looks at: a fact about the record that is either marked while its fields are
/// scanned (``eager``), or found out when a rule asks (``lazy``).
typealias AtomNumber = UInt32

/// The facts about one field that a scan of its values marks.
final class FieldMatcher: Sendable {
    /// Literals that a value begins with or is, and those that it ends with.
    let prefixes: AffixTable
    let suffixes: AffixTable
    /// Literals that a value contains: those of ASCII, and others (thousands of emoji in a handful of rules), for which
    /// a value without such characters is not even looked at.
    let contained: AhoCorasick?
    let containedOther: AhoCorasick?
    /// For each literal of the four, which facts it marks.
    let prefixFacts: FactLists
    let equalFacts: FactLists
    let suffixFacts: FactLists
    let containedFacts: FactLists
    let containedOtherFacts: FactLists
    /// Facts that hold when the field is there, when it is null, when it has text, and when that is not all ASCII.
    let presence: [AtomNumber]
    let null: [AtomNumber]
    let text: [AtomNumber]
    let other: [AtomNumber]
    /// Whether any of the tables has to look at values.
    let needsText: Bool

    /// A literal, with the facts that it marks.
    typealias Marking = (literal: [UInt8], facts: [AtomNumber])

    /// The tables of one field.
    init(
        fronts: [(literal: [UInt8], prefix: [AtomNumber], equals: [AtomNumber])], suffixes: [Marking],
        contained: [Marking], presence: [AtomNumber], null: [AtomNumber], text: [AtomNumber], other: [AtomNumber]
    ) {
        prefixes = AffixTable(fronts.enumerated().map { ($1.literal, $0) }, suffixes: false)
        prefixFacts = FactLists(fronts.map(\.prefix))
        equalFacts = FactLists(fronts.map(\.equals))
        self.suffixes = AffixTable(suffixes.enumerated().map { ($1.literal, $0) }, suffixes: true)
        suffixFacts = FactLists(suffixes.map(\.facts))
        let plain = contained.filter { $0.literal.allSatisfy { $0 < 0x80 } }
        let rest = contained.filter { !$0.literal.allSatisfy { $0 < 0x80 } }
        self.contained = plain.isEmpty ? nil : AhoCorasick(plain.map(\.literal))
        containedOther = rest.isEmpty ? nil : AhoCorasick(rest.map(\.literal))
        containedFacts = FactLists(plain.map(\.facts))
        containedOtherFacts = FactLists(rest.map(\.facts))
        self.presence = presence
        self.null = null
        self.text = text
        self.other = other
        needsText = !fronts.isEmpty || !suffixes.isEmpty || !contained.isEmpty || !other.isEmpty
    }

    /// Calls `body` for each fact that the tables find in a folded text; the same one may come more than once.
    @inline(__always)
    func mark(_ text: Bytes, isASCII: Bool, _ body: (AtomNumber) -> Void) {
        prefixes.scan(text) { literal, length in
            prefixFacts.forEach(literal, body)
            if length == text.count { equalFacts.forEach(literal, body) }
        }
        suffixes.scan(text) { literal, _ in suffixFacts.forEach(literal, body) }
        contained?.scan(text) { literal, _ in containedFacts.forEach(literal, body) }
        if !isASCII {
            for fact in other { body(fact) }
            containedOther?.scan(text) { literal, _ in containedOtherFacts.forEach(literal, body) }
        }
    }
}

/// Facts by literal number.
struct FactLists: Sendable {
    private let starts: FrozenArray<UInt32>
    private let facts: FrozenArray<AtomNumber>

    init(_ lists: [[AtomNumber]]) {
        var starts: [UInt32] = [0]
        for list in lists { starts.append((starts.last ?? 0) + UInt32(list.count)) }
        self.starts = FrozenArray(starts)
        facts = FrozenArray(lists.flatMap { $0 })
    }

    /// Calls `body` for each fact of a literal.
    @inline(__always)
    func forEach(_ literal: Int, _ body: (AtomNumber) -> Void) {
        for index in Int(starts[literal])..<Int(starts[literal &+ 1]) { body(facts[index]) }
    }
}

/// A fact that is found out only when a rule asks.
struct LazyFact: Sendable {
    /// How it is found out.
    enum Test: Sendable {
        /// A folded value is what the pattern stands for.
        case pattern(Pattern)
        /// A value as it is written is what the pattern stands for.
        case casedPattern(Pattern)
        case regex(CompiledRegex)
        case network(Network)
        case number(Predicate.Comparison, DecimalNumber)
        case field(slot: Int, Predicate.Relation, isCased: Bool)
        case date(DatePart, Predicate.Comparison, Int)
    }

    /// The field it is about.
    var slot: Int
    var test: Test
    /// Facts of which one must hold, else this one does not; empty when nothing is known.
    var guards: [AtomNumber]
}
