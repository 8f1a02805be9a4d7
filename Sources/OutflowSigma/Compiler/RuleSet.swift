// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Rules ready to be matched: immutable, shared by all threads.
public final class RuleSet: Sendable {
    /// The rules, by number.
    public let rules: [Rule]
    /// Rules that could not be compiled.
    public let rejected: [RejectedRule]
    let mapping: LogSourceMapping

    /// The memory of all regular expressions, see ``RuleLimits/regexTotalMemory``.
    let regexMemory: Int

    let table: FieldTable
    let slotCount: Int
    let slotNames: [String]
    let matchers: FrozenArray<FieldMatcher>
    let factSlot: [Int]
    let lazyIndex: FrozenArray<Int>
    let isEqualityOnly: [Bool]
    let lazies: [LazyFact]
    let branches: FrozenArray<Branch>
    /// For facts about all values: texts of which one must be there, see ``RuleCompiler/keywordTexts()``.
    let keywordTexts: [AtomNumber: [[UInt8]]]
    /// Facts about all values that each rule's condition, or what guards it, asks.
    let ruleKeywords: [Int: [AtomNumber]]
    /// Where each rule's condition begins, and its first branch.
    let entries: FrozenArray<Int32>
    let firstBranches: [Int32]
    /// Rules that each fact triggers: those of fact f are from `triggerStart[f]` to `triggerStart[f + 1]`.
    let triggerStart: FrozenArray<UInt32>
    let triggerRules: FrozenArray<UInt32>
    /// Whether a rule has triggers.
    let hasTriggers: [Bool]
    let ruleSlots: [[Int]]
    /// The slots whose values choose the group of a record.
    let keySlots: FrozenArray<KeySlot>
    let keySlotNumbers: FrozenArray<Int32>
    /// For each kind of record of the mapping: slots of its conditions, and where its fields belong.
    let sourcePlans: [SourcePlan]
    let timeSlots: [Int]
    /// Fields that have another one's values where they have none, whatever the record is of.
    let fallbacks: [FieldAlias]
    /// The correlations, and what is kept of records for them.
    public let correlations: CorrelationPlan
    /// For rules that correlations are about: the number of the plan's base, and the slots of its fields.
    let correlationSlots: [Int: (base: Int, slots: [Int])]
    /// Rules that are only there for correlations, and not reported themselves.
    private let isSilent: [Bool]
    /// Slots of fields that name hosts, accounts and so on.
    let entitySlots: [(kind: String, slot: Int)]
    /// Rules by log source.
    let rulesBySource: [RuleLogSource: [Int]]

    /// A field whose values choose the group of a record.
    final class KeySlot: Sendable {
        let slot: Int
        /// Whole texts that rules or the mapping name: their token is their number.
        let named: AffixTable
        /// Patterns of the mapping.
        let patterns: [Pattern]
        /// Facts about the field that tables mark.
        let facts: [AtomNumber]

        init(slot: Int, named: AffixTable, patterns: [Pattern], facts: [AtomNumber]) {
            self.slot = slot
            self.named = named
            self.patterns = patterns
            self.facts = facts
        }
    }

    /// A kind of record, in slots.
    struct SourcePlan: Sendable {
        var source: LogSourceMapping.Source
        var conditions: [(slot: Int, patterns: [Pattern])]
        var exceptions: [(slot: Int, patterns: [Pattern])]
        var aliases: [FieldAlias]
    }

    /// Compiles rules for records as the mapping describes them. Rules that cannot be compiled are in ``rejected``.
    public init(_ collection: RuleCollection, mapping: LogSourceMapping, limits: RuleLimits = RuleLimits()) {
        let transparent = TransparentObjects(mapping.transparent)
        var compiler = RuleCompiler(limits: limits, transparent: transparent)
        let collection = collection.filtered()
        var problems = collection.rejected
        var kept: [Rule] = []
        var compiled: [RuleCompiler.Compiled] = []
        var keyFields: [String] = mapping.keys
        for source in mapping.sources {
            for condition in source.conditions + source.exceptions where !keyFields.contains(condition.field) {
                keyFields.append(condition.field)
            }
        }
        let keySet = Set(keyFields.map { compiler.slot($0) })
        for rule in collection.rules {
            do throws(RuleProblem) {
                compiled.append(try compiler.compile(rule.expression, keySlots: keySet))
                kept.append(rule)
            } catch {
                problems.append(RejectedRule(path: rule.header.path, id: rule.header.id, problem: error))
            }
        }
        rules = kept
        var ruleOf: [Int] = []
        let plan = CorrelationPlan(collection.correlations, rules: kept, problems: &problems, ruleOf: &ruleOf)
        correlations = plan
        let silent = Set(plan.silent.bases.map { ruleOf[$0] })
        let loud = Set(
            plan.steps.filter(\.rule.generates).flatMap(\.inputs).filter { !$0.isStep }.map { ruleOf[$0.number] })
        let silenced = silent.union(Self.silenced(by: problems, among: kept).subtracting(loud))
        isSilent = kept.indices.map { silenced.contains($0) }
        var correlationSlots: [Int: (base: Int, slots: [Int])] = [:]
        for (base, rule) in ruleOf.enumerated() {
            correlationSlots[rule] = (base, plan.bases[base].fields.map { compiler.slot($0) })
        }
        self.correlationSlots = correlationSlots
        entitySlots = mapping.entities.flatMap { entity in
            entity.records.map { (kind: entity.rule, slot: compiler.slot($0)) }
        }
        rejected = problems.sorted { ($0.path, $0.id ?? "") < ($1.path, $1.id ?? "") }
        self.mapping = mapping

        // Names that matter: those of rules, of conditions, of times, and those that stand for one of them.
        timeSlots = mapping.times.map { compiler.slot($0) }
        fallbacks = mapping.fallbacks.filter { compiler.knownSlot($0.rule) != nil }.flatMap { field in
            field.records.map { FieldAlias(slot: compiler.slot(field.rule), from: compiler.slot($0)) }
        }
        var targets: [String: [Int]] = [:]
        var plans: [SourcePlan] = []
        let ruleNames = Set(compiler.slots.keys)
        for source in mapping.sources {
            var aliases: [FieldAlias] = []
            for field in source.fields where ruleNames.contains(transparent.stripped(field.rule)) {
                for record in field.records {
                    aliases.append(
                        FieldAlias(
                            slot: compiler.slot(field.rule), from: compiler.slot(record),
                            values: field.values[record].map { ValueMap($0) }))
                }
            }
            plans.append(
                SourcePlan(
                    source: source,
                    conditions: source.conditions.map { (compiler.slot($0.field), $0.patterns) },
                    exceptions: source.exceptions.map { (compiler.slot($0.field), $0.patterns) }, aliases: aliases))
        }
        sourcePlans = plans
        for (name, slot) in compiler.slots { targets[name] = [slot] }
        for field in mapping.names {
            guard let slot = compiler.knownSlot(field.rule) else { continue }
            for record in field.records.map(transparent.stripped) where !targets[record, default: []].contains(slot) {
                targets[record, default: []].append(slot)
            }
        }
        table = FieldTable(
            targets, transparent: transparent, scalars: Set(keyFields.map(transparent.stripped)),
            embedded: Set(mapping.embedded.map(transparent.stripped)),
            lists: mapping.lists.map { list in
                var list = list
                list.field = transparent.stripped(list.field)
                return list
            })
        slotCount = compiler.slotTotal
        var names = [String](repeating: "", count: compiler.slotTotal)
        for (name, slot) in compiler.slots { names[slot] = name }
        slotNames = names

        regexMemory = compiler.regexMemory
        matchers = FrozenArray(compiler.matchers())
        factSlot = compiler.factSlot
        lazyIndex = FrozenArray(compiler.lazyIndex)
        isEqualityOnly = compiler.isEqualityOnly
        lazies = compiler.lazies
        branches = FrozenArray(compiler.branches)
        entries = FrozenArray(compiled.map(\.entry))
        firstBranches = compiled.map(\.firstBranch)
        ruleSlots = compiled.enumerated().map { Set($1.slots + (correlationSlots[$0]?.slots ?? [])).sorted() }
        keywordTexts = compiler.keywordTexts()
        var keywords: [Int: [AtomNumber]] = [:]
        for (rule, part) in compiled.enumerated() where part.slots.contains(0) {
            var facts: Set<AtomNumber> = []
            let end = rule + 1 < compiled.count ? Int(compiled[rule + 1].firstBranch) : compiler.branches.count
            for branch in compiler.branches[Int(part.firstBranch)..<end] {
                let lazy = compiler.lazyIndex[Int(branch.atom)]
                facts.formUnion(lazy < 0 ? [branch.atom] : compiler.lazies[lazy].guards)
            }
            keywords[rule] = facts.filter { compiler.factSlot[Int($0)] == 0 }.sorted()
        }
        ruleKeywords = keywords
        hasTriggers = compiled.map { $0.triggers != nil }
        var lists = [[UInt32]](repeating: [], count: factSlot.count)
        for (rule, part) in compiled.enumerated() {
            for fact in part.triggers ?? [] { lists[Int(fact)].append(UInt32(rule)) }
        }
        var starts: [UInt32] = [0]
        var flat: [UInt32] = []
        for list in lists {
            flat += list
            starts.append(UInt32(flat.count))
        }
        triggerStart = FrozenArray(starts)
        triggerRules = FrozenArray(flat)

        var factsBySlot: [Int: [AtomNumber]] = [:]
        for (fact, slot) in factSlot.enumerated() where compiler.lazyIndex[fact] < 0 {
            factsBySlot[slot, default: []].append(AtomNumber(fact))
        }
        keySlots = FrozenArray(
            keyFields.map { name in
                let slot = compiler.slot(name)
                var texts = Set(compiler.wholeTexts(slot))
                var patterns: [Pattern] = []
                for plan in plans {
                    for condition in plan.conditions + plan.exceptions where condition.slot == slot {
                        for pattern in condition.patterns {
                            if let literal = pattern.literal {
                                texts.insert(literal)
                            } else if !patterns.contains(pattern) {
                                patterns.append(pattern)
                            }
                        }
                    }
                }
                let ordered = texts.sorted { $0.lexicographicallyPrecedes($1) }
                return KeySlot(
                    slot: slot, named: AffixTable(ordered.enumerated().map { ($1, $0) }, suffixes: false),
                    patterns: patterns, facts: factsBySlot[slot] ?? [])
            })
        keySlotNumbers = FrozenArray(keySlots.elements.map { Int32($0.slot) })
        rulesBySource = Dictionary(grouping: kept.indices) { kept[$0].logSource }
    }

    /// The rules that are only there for correlations which were rejected: of each name, those of the correlation's file, else
    /// any other's.
    private static func silenced(by problems: [RejectedRule], among rules: [Rule]) -> Set<Int> {
        guard problems.contains(where: { !$0.silenced.isEmpty }) else { return [] }
        var byName: [String: [Int]] = [:]
        for (index, rule) in rules.enumerated() {
            for name in Set([rule.header.name, rule.header.id].compactMap(\.self)) {
                byName[name, default: []].append(index)
            }
        }
        var silenced: Set<Int> = []
        for (path, problems) in Dictionary(grouping: problems, by: \.path) {
            for name in Set(problems.flatMap(\.silenced)) {
                let all = byName[name] ?? []
                let near = all.filter { rules[$0].header.path == path }
                silenced.formUnion(near.isEmpty ? all : near)
            }
        }
        return silenced
    }

    /// Whether matches of a rule are to be told: those of rules that are only there for correlations are not.
    public func isReported(_ rule: Int) -> Bool { !isSilent[rule] }

    /// Whether records of logs of a format may be of a log source that some rule is for.
    public func concerns(format: String) -> Bool {
        mapping.sources.contains { source in
            mapping.mayBe(source, format: format) && rulesBySource.keys.contains { $0.includes(source.source) }
        }
    }
}
