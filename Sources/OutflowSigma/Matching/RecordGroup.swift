// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What the records that look alike in their key fields (channel, event id) have in common: the rules that can match at
/// all, and the fields that those look at.
final class RecordGroup {
    /// What tells groups apart: tokens of the key fields' values.
    let key: [UInt64]
    /// Log sources of such records.
    let sources: [RuleLogSource]
    /// Bit set of the rules that can match.
    let rules: [UInt64]
    let ruleCount: Int
    /// Of these, rules without triggers, which are always asked.
    let always: [UInt32]
    /// Fields that the rules look at.
    let slots: [Int32]
    /// Fields that take another one's values when they have none.
    let aliases: [FieldAlias]
    /// By category: what its rules see otherwise than the others.
    let views: [View]
    /// Whether rules look at all values.
    let needsKeywords: Bool
    /// What tells quickly that no value holds a keyword; nil when nothing does.
    let keywords: KeywordPieces?

    /// The record as the rules of one category see it: a category has names of its own, and what the mapping says they are
    /// in such records wins over a field of the record that happens to be called so. Security 4688 calls `ProcessId` what
    /// `process_creation` calls `ParentProcessId`.
    struct View {
        /// Names of the category that may be other ones of the record.
        var wins: [FieldAlias]
        /// Bit set of the rules.
        var rules: [UInt64]
        /// Of these, rules that are always asked.
        var always: [UInt32]

        /// Whether the rule is one of the category.
        func has(_ rule: Int) -> Bool { rules[rule >> 6] & (1 << UInt64(rule & 63)) != 0 }
    }

    init(
        key: [UInt64], sources: [RuleLogSource], rules: Set<Int>, aliases: [FieldAlias],
        wins: [String: [FieldAlias]], of set: RuleSet
    ) {
        self.key = key
        self.sources = sources
        var bits = [UInt64](repeating: 0, count: (set.rules.count + 63) / 64)
        var always: [UInt32] = []
        var slots: Set<Int> = []
        for rule in rules.sorted() {
            bits[rule >> 6] |= 1 << UInt64(rule & 63)
            if !set.hasTriggers[rule] { always.append(UInt32(rule)) }
            slots.formUnion(set.ruleSlots[rule])
        }
        self.rules = bits
        views = wins.sorted { $0.key < $1.key }.compactMap { category, wins in
            let own = rules.filter { set.rules[$0].logSource.category == category }
            let looked = Set(own.flatMap { set.ruleSlots[$0] })
            let wins = wins.filter { looked.contains($0.slot) }
            guard !wins.isEmpty else { return nil }
            var bits = [UInt64](repeating: 0, count: bits.count)
            for rule in own { bits[rule >> 6] |= 1 << UInt64(rule & 63) }
            return View(wins: wins, rules: bits, always: always.filter { own.contains(Int($0)) })
        }
        ruleCount = rules.count
        self.always = always
        needsKeywords = slots.contains(0)
        let texts = rules.flatMap { set.ruleKeywords[$0] ?? [] }.map { set.keywordTexts[$0] ?? [] }
        keywords = texts.isEmpty || texts.contains(where: \.isEmpty) ? nil : KeywordPieces(texts.flatMap { $0 })
        self.slots = slots.sorted().map { Int32($0) }
        self.aliases = aliases.filter { slots.contains($0.slot) }
    }

    /// The group of a record whose fields are filled in.
    ///
    /// - Parameters:
    ///   - key: tokens of the key fields' values, each field's own ones once and in ascending order.
    ///   - examples: for each token a value that it stands for.
    static func make(
        _ key: [UInt64], _ examples: [Int32], format: String, _ fields: RecordFields, _ set: RuleSet
    ) -> RecordGroup {
        let values = KeyValues(key, examples, set)
        var sources: [RuleLogSource] = []
        var aliases: [FieldAlias] = []
        var wins: [String: [FieldAlias]] = [:]
        let plans = set.sourcePlans.filter { plan in
            set.mapping.mayBe(plan.source, format: format)
                && plan.conditions.allSatisfy { values.hasText(fields, $0.slot, $0.patterns) }
                && !plan.exceptions.contains { values.hasText(fields, $0.slot, $0.patterns) }
        }
        let products = Set(plans.filter(\.source.source.isWholeProduct).map(\.source.source.product))
        for plan in plans {
            let source = plan.source.source
            if let product = source.product, !plan.conditions.isEmpty, !products.contains(product),
                set.mapping.wholeProducts.contains(product)
            {
                continue
            }
            sources.append(plan.source.source)
            aliases += plan.aliases
            if let category = plan.source.source.category, !plan.aliases.isEmpty {
                wins[category, default: []] += plan.aliases
            }
        }
        var candidates: Set<Int> = []
        for (source, rules) in set.rulesBySource where sources.contains(where: { source.includes($0) }) {
            candidates.formUnion(rules)
        }
        let known = KnownFacts(fields, values, aliased: Set(aliases.map(\.slot)), set)
        let possible = candidates.filter { known.canHold($0, set) }
        return RecordGroup(key: key, sources: sources, rules: possible, aliases: aliases, wins: wins, of: set)
    }
}

/// The distinct values of a record's key fields, as far as the mapping and tables tell them apart.
private struct KeyValues {
    private var bySlot: [Int: [(token: UInt64, value: Int)]] = [:]

    init(_ key: [UInt64], _ examples: [Int32], _ set: RuleSet) {
        var slot = 0
        for (token, example) in zip(key, examples) {
            if example < 0 {
                slot = set.keySlots[Int(token & ~KeySlotToken.slot)].slot
                bySlot[slot] = []
            } else {
                bySlot[slot]?.append((token, Int(example)))
            }
        }
    }

    /// Whether one of a field's texts is one of the (folded) patterns.
    func hasText(_ fields: RecordFields, _ slot: Int, _ patterns: [Pattern]) -> Bool {
        bySlot[slot]?.contains { _, value in
            fields.folded(value).map { text in patterns.contains { $0.matches(text.text) } } ?? false
        } ?? false
    }

    /// Whether the field is there at all.
    func has(_ slot: Int) -> Bool { bySlot[slot] != nil }

    /// What stands for the field's texts, and one of them; nil if it has none, null, or several that are told apart.
    func single(_ slot: Int) -> (token: UInt64, value: Int)? {
        guard let values = bySlot[slot]?.filter({ $0.token != KeySlotToken.bare }), values.count == 1,
            values[0].token != KeySlotToken.null
        else { return nil }
        return values[0]
    }
}

/// What the key fields alone tell of facts: with it, rules that cannot match are left out of a group.
private struct KnownFacts {
    private var facts: [AtomNumber: Bool] = [:]

    /// - Parameter aliased: slots that may get another one's values.
    init(_ fields: RecordFields, _ values: KeyValues, aliased: Set<Int>, _ set: RuleSet) {
        for keySlot in set.keySlots.elements {
            if aliased.contains(keySlot.slot) { continue }
            guard values.has(keySlot.slot) else {
                for fact in keySlot.facts { facts[fact] = false }
                continue
            }
            // Of several texts nothing is known, nor of null.
            guard let (token, value) = values.single(keySlot.slot), let (text, isASCII) = fields.folded(value) else {
                continue
            }
            let isNamed = token & KeySlotToken.named != 0
            var marked: Set<AtomNumber> = []
            set.matchers[keySlot.slot].mark(text, isASCII: isASCII) { marked.insert($0) }
            // Of a text that no rule names, only equality is known to fail: the group stands for other texts too.
            for fact in keySlot.facts {
                if isNamed, !set.isPresenceLike(fact, keySlot.slot) {
                    facts[fact] = marked.contains(fact)
                } else if set.isEqualityOnly[Int(fact)] {
                    facts[fact] = isNamed && marked.contains(fact)
                }
            }
        }
    }

    /// Whether a rule's condition can hold.
    func canHold(_ rule: Int, _ set: RuleSet) -> Bool {
        let entry = set.entries[rule]
        if entry == Branch.accept { return true }
        if entry == Branch.reject { return false }
        let first = Int(set.firstBranches[rule])
        var isReached = [Bool](repeating: false, count: Int(entry) - first + 1)
        isReached[Int(entry) - first] = true
        for at in stride(from: Int(entry), through: first, by: -1) where isReached[at - first] {
            let branch = set.branches[at]
            let known = facts[branch.atom]
            for (target, answer) in [(branch.ifTrue, true), (branch.ifFalse, false)] where known != !answer {
                if target == Branch.accept { return true }
                if target >= 0 { isReached[Int(target) - first] = true }
            }
        }
        return false
    }
}

/// Tokens of key fields' values.
enum KeySlotToken {
    /// The token is the number of a text that rules or the mapping name.
    static let named: UInt64 = 1 << 63
    /// The field is null.
    static let null: UInt64 = 1 << 62
    /// What follows are the values of the field with this number.
    static let slot: UInt64 = 1 << 61
    /// The field is there without a text.
    static let bare: UInt64 = 1 << 60
    /// The rest of the token is a hash of the text, where the mapping has more patterns than a token has bits.
    static let hashed: UInt64 = 1 << 59
    /// Most patterns of a field that a token tells apart.
    static let patternLimit = 56
}

extension RuleSet.KeySlot {
    /// What stands for a (folded) text in the key of a group.
    func token(_ text: Bytes) -> UInt64 {
        var token: UInt64 = 0
        named.scan(text) { literal, length in
            if length == text.count { token = KeySlotToken.named | UInt64(literal) }
        }
        if token != 0 { return token }
        if patterns.count > KeySlotToken.patternLimit {
            return KeySlotToken.hashed | ContentHash.of(text) & (KeySlotToken.hashed - 1)
        }
        for (index, pattern) in patterns.enumerated() where pattern.matches(text) { token |= 1 << UInt64(index) }
        return token
    }
}

extension RuleSet {
    /// Whether a fact is about being there, which tables of texts do not mark.
    func isPresenceLike(_ fact: AtomNumber, _ slot: Int) -> Bool {
        let matcher = matchers[slot]
        return matcher.presence.contains(fact) || matcher.null.contains(fact) || matcher.text.contains(fact)
            || matcher.other.contains(fact)
    }
}
