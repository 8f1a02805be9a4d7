// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What the compiled condition of a rule looks at: a fact about the record that is either marked while its fields are
/// scanned (``eager``), or found out when a rule asks (``lazy``).
typealias AtomNumber = UInt32

/// The facts about one field that a scan of its values marks.
struct FieldMatcher: Sendable {
    /// Literals that a value begins with or is, and those that it ends with.
    var prefixes = AffixTable([], suffixes: false)
    var suffixes = AffixTable([], suffixes: true)
    /// Literals that a value contains: those of ASCII, and others (thousands of emoji in a handful of rules), for which
    /// a value without such characters is not even looked at.
    var contained: AhoCorasick?
    var containedOther: AhoCorasick?
    /// For each literal of the four, which facts it marks.
    var prefixFacts = FactLists()
    var equalFacts = FactLists()
    var suffixFacts = FactLists()
    var containedFacts = FactLists()
    var containedOtherFacts = FactLists()
    /// Facts that hold when the field is there, when it is null, when it has text, and when that is not all ASCII.
    var presence: [AtomNumber] = []
    var null: [AtomNumber] = []
    var text: [AtomNumber] = []
    var other: [AtomNumber] = []
    /// Whether any of the tables has to look at values.
    var needsText: Bool {
        !prefixes.isEmpty || !suffixes.isEmpty || contained != nil || containedOther != nil || !other.isEmpty
    }
}

/// Facts by literal number.
struct FactLists: Sendable {
    private(set) var starts: [UInt32] = [0]
    private(set) var facts: [AtomNumber] = []

    /// Adds the list of the next literal.
    mutating func append(_ list: [AtomNumber]) {
        facts += list
        starts.append(UInt32(facts.count))
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
        case number(Predicate.Comparison, Double)
        case field(slot: Int, Predicate.Relation, isCased: Bool)
        case date(DatePart, Predicate.Comparison, Int)
    }

    /// The field it is about.
    var slot: Int
    var test: Test
    /// Facts of which one must hold, else this one does not; empty when nothing is known.
    var guards: [AtomNumber]
}
