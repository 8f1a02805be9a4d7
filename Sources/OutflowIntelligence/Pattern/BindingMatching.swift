// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Which observations are given to which parts of a pattern: no observation to two of them, unless it was made so often.
///
/// A bipartite matching with numbers, found by augmenting paths (Ford and Fulkerson 1956). It is kept while windows of time
/// get narrower, and mended where that breaks it.
struct BindingMatching {
    /// A part of a pattern that takes observations.
    struct Slot {
        var demand: UInt64
        var candidates: BindingCandidates
        var window = BindingWindow()
        var isActive = false
        /// What it has been given.
        var given: [Int: UInt64] = [:]
        var have: UInt64 = 0
    }

    private let observations: [Observation]
    private(set) var slots: [Slot] = []
    /// How often each observation is still free.
    private var free: [UInt64]

    init(_ observations: [Observation]) {
        self.observations = observations
        free = observations.map(\.count)
    }

    /// The observations in use, in order.
    var bound: [Int] { Set(slots.flatMap(\.given.keys)).sorted() }

    mutating func add(_ slot: Slot) -> Int {
        slots.append(slot)
        return slots.count - 1
    }

    mutating func activate(_ numbers: [Int]) { for number in numbers { slots[number].isActive = true } }

    /// Narrows the windows of some slots.
    mutating func narrow(_ numbers: Range<Int>, earliestLast: Int64, latestFirst: Int64) {
        for number in numbers {
            slots[number].window.earliestLast = max(slots[number].window.earliestLast, earliestLast)
            slots[number].window.latestFirst = min(slots[number].window.latestFirst, latestFirst)
        }
    }

    /// Whether each active slot of a range alone finds enough observations: quick, and never wrong when it says no.
    func mayFit(_ numbers: Range<Int>) -> Bool {
        numbers.allSatisfy { !slots[$0].isActive || slots[$0].candidates.count(slots[$0].window) >= slots[$0].demand }
    }

    /// Gives every active slot what it asks for; false if that cannot be done.
    mutating func settle(_ budget: inout PatternBudget) throws(PatternError) -> Bool {
        try budget.spend(slots.count)
        for number in slots.indices where slots[number].isActive {
            for (index, amount) in slots[number].given where !slots[number].window.contains(observations[index]) {
                slots[number].given[index] = nil
                slots[number].have -= amount
                free[index] += amount
            }
        }
        guard mayFit(0..<slots.count) else { return false }
        for number in slots.indices where slots[number].isActive {
            try fillDirectly(number, &budget)
            while slots[number].have < slots[number].demand {
                guard try augment(number, &budget) else { return false }
            }
        }
        return true
    }

    private mutating func give(_ index: Int, to number: Int, _ amount: UInt64) {
        slots[number].given[index, default: 0] += amount
        slots[number].have += amount
        free[index] -= amount
    }

    private mutating func fillDirectly(_ number: Int, _ budget: inout PatternBudget) throws(PatternError) {
        var missing = slots[number].demand - slots[number].have
        if missing == 0 { return }
        let candidates = slots[number].candidates
        for position in candidates.range(slots[number].window) {
            try budget.spend(1)
            let index = candidates.order[position]
            if free[index] == 0 || !slots[number].window.contains(observations[index]) { continue }
            let amount = min(missing, free[index])
            give(index, to: number, amount)
            missing -= amount
            if missing == 0 { return }
        }
    }

    /// Makes room for a slot: finds, breadth first, a chain of slots each of which takes over an observation from the one
    /// before, up to one that finds a free observation.
    private mutating func augment(_ start: Int, _ budget: inout PatternBudget) throws(PatternError) -> Bool {
        var holders: [Int: [Int]] = [:]
        for (number, slot) in slots.enumerated() where slot.isActive {
            for index in slot.given.keys { holders[index, default: []].append(number) }
        }
        // By which observation, held by this slot, and for which other slot it was reached.
        var reached: [Int: (index: Int, from: Int)] = [:]
        var seen: Set<Int> = []
        var queue = [start]
        var next = 0
        while next < queue.count {
            let number = queue[next]
            next += 1
            let candidates = slots[number].candidates
            for position in candidates.range(slots[number].window) {
                try budget.spend(1)
                let index = candidates.order[position]
                guard slots[number].window.contains(observations[index]) else { continue }
                if free[index] > 0 {
                    shift(index, to: number, start, reached)
                    return true
                }
                guard seen.insert(index).inserted else { continue }
                for holder in holders[index] ?? [] where holder != start && reached[holder] == nil {
                    reached[holder] = (index, number)
                    queue.append(holder)
                }
            }
        }
        return false
    }

    private mutating func shift(
        _ index: Int, to last: Int, _ start: Int, _ reached: [Int: (index: Int, from: Int)]
    ) {
        // The most that all along the chain can hand over.
        var amount = min(free[index], slots[start].demand - slots[start].have)
        var number = last
        while number != start, let step = reached[number] {
            amount = min(amount, slots[number].given[step.index] ?? 0)
            number = step.from
        }
        give(index, to: last, amount)
        number = last
        while number != start, let step = reached[number] {
            let rest = (slots[number].given[step.index] ?? 0) - amount
            slots[number].given[step.index] = rest == 0 ? nil : rest
            slots[number].have -= amount
            free[step.index] += amount
            give(step.index, to: step.from, amount)
            number = step.from
        }
    }
}
