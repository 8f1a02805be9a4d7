// SPDX-License-Identifier: Apache-2.0

import Dispatch
import OutflowRecords

/// Matches records against the rules of a set. It belongs to one thread.
///
/// For each record its reader fills in `fields`; then `match(format:keywords:)` finds the rules whose conditions hold.
public final class RuleMatcher {
    let set: RuleSet
    let fields: RecordFields
    private var json: JSONFields
    private let names: DottedNames

    /// Facts that are marked: a bit each, and in order of marking.
    private let marks: UnsafeMutablePointer<UInt64>
    private let markWords: Int
    private var marked: [AtomNumber] = []
    /// What is known of lazy facts: 0 nothing, 1 no, 2 yes, 3 no as the search was given up.
    private let lazyStates: UnsafeMutablePointer<UInt8>
    private var asked: [Int] = []
    /// The record in which a rule was last asked.
    private let stamps: UnsafeMutablePointer<UInt32>
    private var stamp: UInt32 = 0
    private var groups: [String: GroupTable] = [:]
    private var groupsOf = ("", GroupTable())
    private var key: [UInt64] = []
    /// For each token of ``key`` a value that it stands for, -1 for none.
    private var examples: [Int32] = []
    private let known = ValueCache()
    private var found: [AtomNumber] = []

    /// Numbers of the rules that matched the last record, in order.
    public private(set) var matches: [Int] = []
    /// Rules that could have matched the last record, going by its log source.
    public private(set) var candidates = 0
    /// For each rule, by number: how many records so far it was not decided on, as searches or comparisons that it asks for
    /// were given up at a limit of steps. They count as not found.
    public private(set) var undecided: [Int: UInt64] = [:]
    private var isUndecided = false
    /// Whether a string of the last record, of those that may hold JSON, begins an object and is broken.
    public var hasBrokenPart: Bool { json.hasBrokenPart }
    /// Log sources of the last record.
    public var sources: [RuleLogSource] { group?.sources ?? [] }
    private var group: RecordGroup?

    /// Nanoseconds spent on finding matches, once records were taken apart; 0 unless it measures.
    public private(set) var matchingTime: UInt64 = 0
    private let measures: Bool

    /// A matcher for a set.
    ///
    /// - Parameters:
    ///   - set: the rules.
    ///   - measures: whether ``matchingTime`` is measured, which costs two looks at the clock for each record.
    public init(_ set: RuleSet, measures: Bool = false) {
        self.set = set
        self.measures = measures
        fields = RecordFields(slots: set.slotCount)
        names = DottedNames(table: set.table)
        json = JSONFields(table: set.table, names: names)
        markWords = (set.factSlot.count + 63) / 64 + 1
        marks = .allocate(capacity: markWords)
        marks.initialize(repeating: 0, count: markWords)
        lazyStates = .allocate(capacity: set.lazies.count + 1)
        lazyStates.initialize(repeating: 0, count: set.lazies.count + 1)
        stamps = .allocate(capacity: set.rules.count + 1)
        stamps.initialize(repeating: 0, count: set.rules.count + 1)
    }

    deinit {
        marks.deallocate()
        lazyStates.deallocate()
        stamps.deallocate()
    }

    /// Matches a JSON object. Of which log it is a record, its members tell. 34 readable bytes must follow it.
    ///
    /// - Returns: the place where it is no JSON object; nil when it is one. Then ``matches`` holds.
    public func match(json text: Bytes) -> Int? {
        begin()
        fields.allow(bytes: text.count)
        if let broken = json.read(text, .fields, into: fields) { return broken }
        let began = measures ? Self.now : 0
        defer { if measures { matchingTime &+= Self.now &- began } }
        let group = findGroup(LogSourceMapping.json)
        if group.needsKeywords,
            group.keywords?.mayBe(inJSON: text, hasUnicodeEscapes: json.hasUnicodeEscapes) ?? true
        {
            _ = json.read(text, .all(slot: 0), into: fields)
        }
        run(group)
        return nil
    }

    /// Matches a record whose reader has taken it apart. 34 readable bytes must follow each value.
    public func match(_ record: EventFields, format: String) {
        let began = measures ? Self.now : 0
        defer { if measures { matchingTime &+= Self.now &- began } }
        begin()
        var size = 0
        record.fields.withUnsafeBufferPointer { all in
            for field in all {
                size &+= field.value.count
                guard let entry = names.find(field.name).entry else { continue }
                let kind = RecordFields.Kind(field.kind)
                for index in 0..<Int(entry.slotCount) {
                    fields.add(Int(set.table.targets[Int(entry.firstSlot) &+ index]), field.value, kind)
                }
            }
        }
        fields.allow(bytes: size)
        let group = findGroup(format)
        if group.needsKeywords,
            group.keywords.map({ keywords in record.fields.contains { keywords.mayBe(in: $0.value) } }) ?? true
        {
            for field in record.fields { fields.add(0, field.value, RecordFields.Kind(field.kind)) }
        }
        run(group)
    }

    /// Matches a record that is a line of text without fields: only keywords can match.
    public func match(line text: Bytes, format: String) {
        begin()
        fields.allow(bytes: text.count)
        fields.add(0, text, .string)
        run(findGroup(format))
    }

    /// Whether the records of one log of lines in this format are all of one log source, going by the mapping: nothing but the
    /// name of the log chooses it.
    public func recordsLookAlike(format: String) -> Bool {
        set.mapping.sources.allSatisfy { source in
            !set.mapping.mayBe(source, format: format)
                || (source.conditions + source.exceptions).allSatisfy { $0.field == "_path" }
        }
    }

    private static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }

    private func begin() {
        fields.clear()
        matches.removeAll(keepingCapacity: true)
        candidates = 0
        group = nil
    }

    // MARK: Groups

    /// Groups that were seen, by key.
    private final class GroupTable {
        var byHash: [UInt64: RecordGroup] = [:]
        var last: RecordGroup?
    }

    /// Most groups that are remembered; a log with more forgets all and begins anew.
    private static let groupLimit = 4096

    private func findGroup(_ format: String) -> RecordGroup {
        for alias in set.fallbacks { fields.adopt(alias) }
        key.removeAll(keepingCapacity: true)
        examples.removeAll(keepingCapacity: true)
        for number in 0..<set.keySlots.count {
            var index = fields.heads[Int(set.keySlotNumbers[number])]
            // Most records have few of them: what is not there is not in the key.
            if index < 0 { continue }
            key.append(KeySlotToken.slot | UInt64(number))
            examples.append(-1)
            // Which values there are, not how often nor in which order: what is found must depend on neither.
            let first = key.count
            while index >= 0 {
                let token = token(set.keySlots[number], number, Int(index))
                let place = key[first...].firstPlace(of: token)
                if place == key.count || key[place] != token {
                    key.insert(token, at: place)
                    examples.insert(index, at: place)
                }
                index = fields.values[Int(index)].next
            }
        }
        if groupsOf.0 != format {
            let table = groups[format] ?? GroupTable()
            groups[format] = table
            groupsOf = (format, table)
        }
        let table = groupsOf.1
        if let last = table.last, last.key == key {
            group = last
            return last
        }
        var hash = ContentHash()
        for token in key { hash.combine(token) }
        if let known = table.byHash[hash.value], known.key == key {
            table.last = known
            group = known
            return known
        }
        let made = RecordGroup.make(key, examples, format: format, fields, set)
        if table.byHash.count >= Self.groupLimit { table.byHash.removeAll() }
        table.byHash[hash.value] = made
        table.last = made
        group = made
        return made
    }

    /// What stands for a value in the key of a group.
    @inline(__always)
    private func token(_ keySlot: RuleSet.KeySlot, _ number: Int, _ index: Int) -> UInt64 {
        let (raw, kind) = (fields.values[index].raw, fields.values[index].kind)
        if kind == .bare { return KeySlotToken.bare }
        // Beside the tables of fields, whose numbers are slots.
        let table = -2 &- number
        guard raw.count <= ValueCache.longest, kind != .object else {
            return fields.folded(index).map { keySlot.token($0.text) } ?? KeySlotToken.null
        }
        let hash = ValueCache.hash(table, kind.rawValue, raw)
        if let known = known.find(hash, table, kind.rawValue, raw) { return UInt64(known[0]) << 32 | UInt64(known[1]) }
        let token = fields.folded(index).map { keySlot.token($0.text) } ?? KeySlotToken.null
        known.keep(
            hash, table, kind.rawValue, raw, [UInt32(token >> 32), UInt32(truncatingIfNeeded: token)])
        return token
    }

    // MARK: Facts

    @inline(__always)
    private func mark(_ fact: AtomNumber) {
        let word = Int(fact >> 6)
        let bit = UInt64(1) << UInt64(fact & 63)
        if marks[word] & bit == 0 {
            marks[word] |= bit
            marked.append(fact)
        }
    }

    private func run(_ group: RecordGroup) {
        candidates = group.ruleCount
        if group.ruleCount == 0 { return }
        // Most records have no two fields for one name.
        let apart = group.views.filter { $0.wins.contains(where: fields.hasBoth) }
        for view in apart {
            fields.show(group.aliases, wins: view.wins)
            ask(group, view.rules, view.always)
        }
        fields.show(group.aliases)
        if apart.isEmpty {
            ask(group, group.rules, group.always)
        } else {
            var rest = group.rules
            for view in apart { for word in rest.indices { rest[word] &= ~view.rules[word] } }
            ask(group, rest, group.always.filter { rule in !apart.contains { $0.has(Int(rule)) } })
        }
        if matches.count > 1 { matches.sort() }
    }

    /// Lets fields be called as a rule that matched the last record calls them; nil for as most do.
    func show(for rule: Int?) {
        guard let group, !group.views.isEmpty else { return }
        fields.undoAliases()
        let view = group.views.first { view in
            rule.map { view.has($0) } ?? false && view.wins.contains(where: fields.hasBoth)
        }
        fields.show(group.aliases, wins: view?.wins ?? [])
    }

    /// Asks rules of a group, under the names that fields have now.
    private func ask(_ group: RecordGroup, _ rules: [UInt64], _ always: [UInt32]) {
        for slot in group.slots { scan(Int(slot)) }
        stamp &+= 1
        if stamp == 0 {
            stamps.update(repeating: 0, count: set.rules.count)
            stamp = 1
        }
        for rule in always where ask(Int(rule)) { matches.append(Int(rule)) }
        // Asking marks no fact, so the list stays as it is.
        for index in marked.indices {
            let fact = Int(marked[index])
            for place in Int(set.triggerStart[fact])..<Int(set.triggerStart[fact &+ 1]) {
                let rule = Int(set.triggerRules[place])
                if rules[rule >> 6] & (1 << UInt64(rule & 63)) == 0 || stamps[rule] == stamp { continue }
                stamps[rule] = stamp
                if ask(rule) { matches.append(rule) }
            }
        }
        for fact in marked { marks[Int(fact >> 6)] = 0 }
        marked.removeAll(keepingCapacity: true)
        for lazy in asked { lazyStates[lazy] = 0 }
        asked.removeAll(keepingCapacity: true)
    }

    /// Marks the facts of a field.
    private func scan(_ slot: Int) {
        var index = fields.heads[slot]
        if index < 0 { return }
        let matcher = set.matchers[slot]
        for fact in matcher.presence { mark(fact) }
        while index >= 0 {
            if fields.values[Int(index)].kind == .null {
                for fact in matcher.null { mark(fact) }
            } else if fields.values[Int(index)].kind != .bare {
                for fact in matcher.text { mark(fact) }
                if matcher.needsText { scan(slot, Int(index), matcher) }
            }
            index = fields.values[Int(index)].next
        }
    }

    /// Marks the facts of a field that tables find in one of its values.
    private func scan(_ slot: Int, _ index: Int, _ matcher: FieldMatcher) {
        let (raw, kind) = (fields.values[index].raw, fields.values[index].kind)
        let mayBeKnown = raw.count <= ValueCache.longest
        let hash = mayBeKnown ? ValueCache.hash(slot, kind.rawValue, raw) : 0
        if mayBeKnown, let facts = known.find(hash, slot, kind.rawValue, raw) {
            for fact in facts { mark(fact) }
            return
        }
        guard let (text, isASCII) = fields.folded(index) else { return }
        found.removeAll(keepingCapacity: true)
        matcher.mark(text, isASCII: isASCII) { found.append($0) }
        for fact in found { mark(fact) }
        if mayBeKnown { known.keep(hash, slot, kind.rawValue, raw, found) }
    }

    // MARK: Conditions

    /// Whether a rule's condition holds.
    private func ask(_ rule: Int) -> Bool {
        var at = set.entries[rule]
        isUndecided = false
        while at >= 0 {
            let branch = set.branches[Int(at)]
            at = holds(branch.atom) ? branch.ifTrue : branch.ifFalse
        }
        if isUndecided { undecided[rule, default: 0] += 1 }
        return at == Branch.accept
    }

    @inline(__always)
    private func isMarked(_ fact: AtomNumber) -> Bool { marks[Int(fact >> 6)] & (1 << UInt64(fact & 63)) != 0 }

    private func holds(_ fact: AtomNumber) -> Bool {
        let lazy = set.lazyIndex[Int(fact)]
        if lazy < 0 { return isMarked(fact) }
        if lazyStates[lazy] != 0 {
            if lazyStates[lazy] == 3 { isUndecided = true }
            return lazyStates[lazy] == 2
        }
        let abandoned = fields.abandonedSearches
        let answer = set.lazies[lazy].guards.contains(where: isMarked) && set.lazies[lazy].holds(fields)
        // One of several values may have been found all the same.
        let isGivenUp = !answer && fields.abandonedSearches != abandoned
        if isGivenUp { isUndecided = true }
        lazyStates[lazy] = answer ? 2 : isGivenUp ? 3 : 1
        asked.append(lazy)
        return answer
    }
}

extension ArraySlice<UInt64> {
    /// The first place in this ascending part whose number is no smaller.
    fileprivate func firstPlace(of number: UInt64) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
