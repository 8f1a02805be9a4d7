// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Looks for observations that meet a plan.
///
/// What lies in time becomes few decisions: for FOLLOWEDBY the latest beginning on its left, for WITHIN the earliest end
/// inside, for OR the alternative. Once they are made, what is left is a matching without times, which takes polynomial
/// work. After each decision the matching of everything, with the decisions still to come left out, must exist, so that
/// most wrong ones are noticed at once. The decisions are tried in order of time within a budget: beyond it the search gives
/// up with an error, and never with a wrong answer.
struct BindingSearch {
    private enum Decision {
        case any([Part])
        case before(Part, Part)
        case within(Part, Int64)
    }

    private struct Node {
        var decision: Decision
        /// The same part of the copy before this one: copies may be taken in order of time.
        var twin: Int?
    }

    /// Part of a plan: the slots that are active when it is, the decisions to make in it, and all slots below it.
    private struct Part {
        var slots: [Int]
        var nodes: [Int]
        var cover: Range<Int>
    }

    private let observations: [Observation]
    private var nodes: [Node] = []
    /// What is left of the work that the search may be.
    private(set) var budget: PatternBudget

    init(_ observations: [Observation], _ budget: PatternBudget) {
        self.observations = observations
        self.budget = budget
    }

    /// Indices of observations that meet the plan, in order; nil if there are none.
    mutating func find(_ plan: BindingPlan) throws(PatternError) -> [Int]? {
        var matching = BindingMatching(observations)
        let root = write(plan, &matching)
        matching.activate(root.slots)
        guard try matching.settle(&budget) else { return nil }
        return try decide(root.nodes[...], matching, [:])
    }

    // MARK: Writing the plan out

    private mutating func write(_ plan: BindingPlan, _ matching: inout BindingMatching) -> Part {
        let first = matching.slots.count
        switch plan {
        case .take(let demand, let candidates):
            let slot = matching.add(.init(demand: demand, candidates: candidates))
            return Part(slots: [slot], nodes: [], cover: slot..<slot + 1)
        case .all(let parts):
            return joined(parts.map { write($0, &matching) }, from: first, matching)
        case .copies(let plan, let times):
            var copies: [Part] = []
            for _ in 0..<times {
                let copy = write(plan, &matching)
                if let before = copies.last {
                    for (node, twin) in zip(copy.nodes, before.nodes).prefix(1) { nodes[node].twin = twin }
                }
                copies.append(copy)
            }
            return joined(copies, from: first, matching)
        case .any(let options):
            let parts = options.map { write($0, &matching) }
            return Part(slots: [], nodes: [add(.any(parts))], cover: first..<matching.slots.count)
        case .before(let one, let other):
            let (before, after) = (write(one, &matching), write(other, &matching))
            return Part(
                slots: before.slots + after.slots, nodes: [add(.before(before, after))],
                cover: first..<matching.slots.count)
        case .within(let plan, let microseconds):
            let part = write(plan, &matching)
            return Part(slots: part.slots, nodes: [add(.within(part, microseconds))], cover: part.cover)
        }
    }

    private mutating func add(_ decision: Decision) -> Int {
        nodes.append(Node(decision: decision))
        return nodes.count - 1
    }

    private func joined(_ parts: [Part], from first: Int, _ matching: BindingMatching) -> Part {
        Part(slots: parts.flatMap(\.slots), nodes: parts.flatMap(\.nodes), cover: first..<matching.slots.count)
    }

    // MARK: Deciding

    private mutating func decide(
        _ pending: ArraySlice<Int>, _ matching: BindingMatching, _ made: [Int: Int64]
    ) throws(PatternError) -> [Int]? {
        guard let number = pending.first else { return matching.bound }
        let rest = pending.dropFirst()
        let node = nodes[number]
        let earliest = node.twin.flatMap { made[$0] } ?? .min
        switch node.decision {
        case .any(let parts):
            for part in parts {
                var next = matching
                next.activate(part.slots)
                guard try next.settle(&budget) else { continue }
                if let found = try decide(ArraySlice(part.nodes + rest), next, made) { return found }
            }
        case .within(let part, let microseconds):
            for moment in try moments(part, matching, from: earliest, ofEnds: true) {
                try budget.spend(part.cover.count)
                let (end, overflow) = moment.addingReportingOverflow(microseconds)
                var next = matching
                next.narrow(part.cover, earliestLast: moment, latestFirst: overflow ? .max : end)
                guard next.mayFit(part.cover), try next.settle(&budget) else { continue }
                var made = made
                made[number] = moment
                if let found = try decide(ArraySlice(part.nodes + rest), next, made) { return found }
            }
        case .before(let one, let other):
            let moments = try moments(one, matching, from: earliest, ofEnds: false)
            for moment in moments[try firstFit(moments, one, matching)...] {
                try budget.spend(one.cover.count + other.cover.count)
                var next = matching
                next.narrow(other.cover, earliestLast: moment, latestFirst: .max)
                // Later moments leave even less for what follows.
                guard next.mayFit(other.cover), try next.settle(&budget) else { break }
                next.narrow(one.cover, earliestLast: .min, latestFirst: moment)
                guard try next.settle(&budget) else { continue }
                var made = made
                made[number] = moment
                if let found = try decide(ArraySlice(one.nodes + other.nodes + rest), next, made) { return found }
            }
        }
        return nil
    }

    /// First or last moments of all observations that a part may be given, in order, each once.
    private mutating func moments(
        _ part: Part, _ matching: BindingMatching, from earliest: Int64, ofEnds: Bool
    ) throws(PatternError) -> [Int64] {
        var found: Set<Int64> = []
        // Copies share their candidates: each set is looked at once for each window.
        var seen: [(BindingCandidates, BindingWindow)] = []
        for slot in matching.slots[part.cover] {
            if seen.contains(where: { $0.0 === slot.candidates && $0.1 == slot.window }) { continue }
            seen.append((slot.candidates, slot.window))
            for position in slot.candidates.range(slot.window) {
                try budget.spend(1)
                let observation = observations[slot.candidates.order[position]]
                guard slot.window.contains(observation) else { continue }
                let moment = (ofEnds ? observation.last : observation.first).microseconds
                if moment >= earliest { found.insert(moment) }
            }
        }
        return found.sorted()
    }

    /// Index of the first moment up to which a part finds what it needs; later ones leave it no less.
    private mutating func firstFit(
        _ moments: [Int64], _ part: Part, _ matching: BindingMatching
    ) throws(PatternError) -> Int {
        var low = 0
        var high = moments.count
        while low < high {
            let middle = (low + high) / 2
            var next = matching
            next.narrow(part.cover, earliestLast: .min, latestFirst: moments[middle])
            let fits = next.mayFit(part.cover) ? try next.settle(&budget) : false
            if fits { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
