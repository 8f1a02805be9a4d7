// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What a pattern asks of observations, once each `[ … ]` has been matched against each of them: how many observations of
/// which kinds, and how they must lie in time.
///
/// It is simplified by rules that change nothing about what meets it: nested AND is flattened; an OR of single observations
/// is one kind of observation; START and STOP narrow the kinds; repetitions multiply, and move inside of AND.
indirect enum BindingPlan {
    /// So many observations out of a set.
    case take(UInt64, BindingCandidates)
    case all([BindingPlan])
    case any([BindingPlan])
    /// The observations of the first may come before those of the second.
    case before(BindingPlan, BindingPlan)
    /// Moments of all its observations may lie within so many microseconds.
    case within(BindingPlan, Int64)
    /// So many times.
    case copies(BindingPlan, Int)

    /// The fewest observations that meet it; saturating.
    var least: UInt64 {
        switch self {
        case .take(let count, _): count
        case .all(let parts): parts.reduce(0) { $0.saturatingAdd($1.least) }
        case .any(let parts): parts.map(\.least).min() ?? .max
        case .before(let one, let other): one.least.saturatingAdd(other.least)
        case .within(let part, _): part.least
        case .copies(let part, let times): part.least.saturatingMultiply(UInt64(times))
        }
    }

    /// How many parts it has when all copies are written out.
    var size: Int {
        switch self {
        case .take: 1
        case .all(let parts), .any(let parts): parts.reduce(1) { $0 + $1.size }
        case .before(let one, let other): 1 + one.size + other.size
        case .within(let part, _): 1 + part.size
        case .copies(let part, let times): part.size * times
        }
    }
}

extension UInt64 {
    func saturatingAdd(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    func saturatingMultiply(_ other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}

/// Makes plans of patterns.
struct BindingPlanner {
    /// At most so many parts are written out.
    static let partLimit = 1024

    let observations: [Observation]
    let isVersion21: Bool
    /// Which observations meet each `[ … ]`, in the order of the pattern; nil when that is still to be found out.
    var found: [[Int]]?
    var budget: PatternBudget
    /// How many `[ … ]` have been planned.
    private var planned = 0

    init(observations: [Observation], isVersion21: Bool, found: [[Int]]?, budget: PatternBudget) {
        self.observations = observations
        self.isVersion21 = isVersion21
        self.found = found
        self.budget = budget
    }

    /// How many observations there are, each as often as it was made.
    private var total: UInt64 { observations.reduce(0) { $0.saturatingAdd($1.count) } }

    /// The plan of an expression; nil when no observations can meet it. All of it is looked at in any case: what cannot be
    /// compared is an error wherever it stands.
    mutating func plan(
        _ expression: ObservationExpression, times: UInt64 = 1, stretches: [Range<Timestamp>] = []
    ) throws(PatternError) -> BindingPlan? {
        switch expression {
        case .one(let comparison):
            // Some moment of each must lie in each of the stretches.
            let indices = try met(by: comparison).filter { index in
                stretches.allSatisfy {
                    observations[index].first < $0.upperBound && observations[index].last >= $0.lowerBound
                }
            }
            return indices.isEmpty ? nil : .take(times, BindingCandidates(indices, observations))
        case .and(let parts):
            var plans: [BindingPlan] = []
            var isPossible = true
            for part in parts {
                switch try plan(part, times: times, stretches: stretches) {
                case nil: isPossible = false
                case .all(let inner)?: plans += inner
                case let plan?: plans.append(plan)
                }
            }
            return isPossible ? .all(plans) : nil
        case .or(let parts):
            return try either(parts, times: times, stretches)
        case .followedBy(let one, let other):
            let before = try plan(one, stretches: stretches)
            let after = try plan(other, stretches: stretches)
            guard let before, let after else { return nil }
            return try repeated(.before(before, after), times)
        case .within(let inner, let microseconds):
            guard let plan = try plan(inner, stretches: stretches) else { return nil }
            // One observation alone is always within.
            if case .take(1, _) = plan { return try repeated(plan, times) }
            return try repeated(.within(plan, microseconds), times)
        case .during(let inner, let start, let stop):
            guard start < stop else {
                _ = try plan(inner, times: times, stretches: stretches)
                return nil
            }
            return try plan(inner, times: times, stretches: stretches + [start..<stop])
        case .repeats(let inner, let count):
            return try plan(inner, times: times.saturatingMultiply(count), stretches: stretches)
        }
    }

    /// Indices of the observations that meet the next `[ … ]`.
    private mutating func met(by comparison: ComparisonExpression) throws(PatternError) -> [Int] {
        defer { planned += 1 }
        if let found { return planned < found.count ? found[planned] : [] }
        var indices: [Int] = []
        for (index, observation) in observations.enumerated() {
            let matcher = PropertyMatcher(observation: observation, isVersion21: isVersion21)
            if try matcher.matches(comparison, &budget) { indices.append(index) }
        }
        return indices
    }

    private mutating func either(
        _ parts: [ObservationExpression], times: UInt64, _ stretches: [Range<Timestamp>]
    ) throws(PatternError) -> BindingPlan? {
        var single: Set<Int> = []
        var others: [BindingPlan] = []
        for part in parts {
            switch try plan(part, stretches: stretches) {
            case nil: continue
            case .take(1, let candidates)?: single.formUnion(candidates.order)
            case let plan?: others.append(plan)
            }
        }
        if !single.isEmpty { others.insert(.take(1, BindingCandidates(single.sorted(), observations)), at: 0) }
        guard let first = others.first else { return nil }
        return try repeated(others.count == 1 ? first : .any(others), times)
    }

    private func repeated(_ plan: BindingPlan, _ times: UInt64) throws(PatternError) -> BindingPlan? {
        if times == 1 { return plan }
        if case .take(let count, let candidates) = plan { return .take(count.saturatingMultiply(times), candidates) }
        // More than there can be: no need to write it out.
        guard plan.least.saturatingMultiply(times) <= total else { return nil }
        guard UInt64(plan.size).saturatingMultiply(times) <= UInt64(Self.partLimit) else {
            throw .tooCostly("REPEATS \(times) TIMES of something with several observations")
        }
        return .copies(plan, Int(times))
    }
}
