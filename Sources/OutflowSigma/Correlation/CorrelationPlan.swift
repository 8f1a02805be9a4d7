// SPDX-License-Identifier: Apache-2.0

/// Correlations ready to be searched for: each after those whose matches it is about, with what must be kept of single
/// records for it. It holds no compiled rule, so that a partial can carry it.
public struct CorrelationPlan: Hashable, Sendable, Codable {
    /// A rule for single records that correlations are about.
    public struct Base: Hashable, Sendable, Codable {
        /// ``RuleHeader/key`` of the rule.
        public var key: String
        /// Fields that are kept of each record.
        public var fields: [String]
    }

    /// A correlation and what it is about.
    public struct Step: Hashable, Sendable, Codable {
        /// The correlation.
        public var rule: CorrelationRule
        /// What each of its rules is, in their order.
        public var inputs: [Input]
        /// Deepest chain of correlations below it, itself among them.
        public var depth: Int
    }

    /// One of a correlation's rules.
    public struct Input: Hashable, Sendable, Codable {
        /// The number of a ``Base``, or of a ``Step`` before this one.
        public var number: Int
        /// Which of both.
        public var isStep: Bool
        /// What it is called: by the correlation, by its name, by its id.
        public var names: [String]
    }

    /// Rules for single records.
    public var bases: [Base] = []
    /// Correlations; those that others are about come first.
    public var steps: [Step] = []

    /// Deepest chain of correlations.
    static let depthLimit = 8
    /// Most fields that are kept of a record.
    static let fieldLimit = 64

    /// A plan of nothing.
    public init() {}

    /// The plan for the correlations of some rules.
    ///
    /// - Parameters:
    ///   - problems: gets the correlations that cannot be searched for.
    ///   - ruleOf: gets the number of each base's rule.
    init(
        _ correlations: [CorrelationRule], rules: [Rule], problems: inout [RejectedRule], ruleOf: inout [Int]
    ) {
        var builder = Builder(correlations: correlations, rules: rules)
        for index in correlations.indices {
            do throws(RuleProblem) { _ = try builder.step(index, within: []) } catch {
                let header = correlations[index].header
                problems.append(
                    RejectedRule(
                        path: header.path, id: header.id, problem: error,
                        silenced: correlations[index].generates ? [] : correlations[index].rules))
            }
        }
        self = builder.plan
        ruleOf = builder.ruleOf
        for step in steps.indices {
            for field in steps[step].rule.groupBy + steps[step].rule.fields {
                for input in steps[step].inputs { need(field, of: input, in: steps[step].rule) }
            }
        }
    }

    private enum Target {
        case rule(Int)
        case correlation(Int)
    }

    private struct Builder {
        let correlations: [CorrelationRule]
        let rules: [Rule]
        /// By name and by id: several may have one name.
        private var byName: [String: [(target: Target, path: String)]] = [:]
        var plan = CorrelationPlan()
        private var stepOf: [Int: Int] = [:]
        private var baseOf: [Int: Int] = [:]
        /// The number of each base's rule.
        private(set) var ruleOf: [Int] = []

        init(correlations: [CorrelationRule], rules: [Rule]) {
            self.correlations = correlations
            self.rules = rules
            for (index, rule) in rules.enumerated() { enter(.rule(index), rule.header) }
            for (index, rule) in correlations.enumerated() { enter(.correlation(index), rule.header) }
        }

        private mutating func enter(_ target: Target, _ header: RuleHeader) {
            for name in Set([header.name, header.id].compactMap(\.self)) {
                byName[name, default: []].append((target, header.path))
            }
        }

        /// What a reference means in a file: what the file itself has under that name, else what any other has.
        ///
        /// Source: Sigma Correlation Rules Specification 2.1, "Related rules": a name is unique for a correlation, so other
        /// files may use it for another rule.
        private func target(_ reference: String, in path: String) throws(RuleProblem) -> Target {
            let all = byName[reference] ?? []
            let near = all.filter { $0.path == path }
            let meant = near.isEmpty ? all : near
            guard let first = meant.first else {
                throw .reference("the rule '\(reference)' that it is about was not loaded")
            }
            guard meant.count == 1 else {
                let files = Set(meant.map(\.path)).sorted()
                throw .reference(
                    "'\(reference)' is the name of \(meant.count) rules, in "
                        + files.prefix(4).joined(separator: " and ") + (files.count > 4 ? " and more" : "")
                        + "; name the one that is meant by its id")
            }
            return first.target
        }

        /// The step for a correlation, and for those that it is about.
        mutating func step(_ index: Int, within chain: Set<Int>) throws(RuleProblem) -> Int {
            if let known = stepOf[index] { return known }
            guard !chain.contains(index) else { throw .reference("the correlation is about itself") }
            guard chain.count < CorrelationPlan.depthLimit else {
                throw .limit("a chain of more than \(CorrelationPlan.depthLimit) correlations")
            }
            let correlation = correlations[index]
            var inputs: [Input] = []
            var depth = 1
            for reference in correlation.rules {
                switch try target(reference, in: correlation.header.path) {
                case .rule(let rule):
                    let header = rules[rule].header
                    if baseOf[rule] == nil {
                        baseOf[rule] = plan.bases.count
                        plan.bases.append(Base(key: header.key, fields: []))
                        ruleOf.append(rule)
                    }
                    inputs.append(
                        Input(
                            number: baseOf[rule] ?? 0, isStep: false,
                            names: [reference] + [header.name, header.id].compactMap(\.self)))
                case .correlation(let other):
                    let number = try step(other, within: chain.union([index]))
                    let header = correlations[other].header
                    depth = max(depth, plan.steps[number].depth + 1)
                    inputs.append(
                        Input(
                            number: number, isStep: true,
                            names: [reference] + [header.name, header.id].compactMap(\.self)))
                }
            }
            plan.steps.append(Step(rule: correlation, inputs: inputs, depth: depth))
            stepOf[index] = plan.steps.count - 1
            return plan.steps.count - 1
        }
    }

    /// What a rule's field is called in records of an input.
    static func name(_ field: String, of input: Input, in rule: CorrelationRule) -> String {
        guard let alias = rule.aliases[field] else { return field }
        return input.names.lazy.compactMap { alias[$0] }.first ?? field
    }

    private mutating func need(_ field: String, of input: Input, in rule: CorrelationRule) {
        let name = Self.name(field, of: input, in: rule)
        if input.isStep {
            let inner = steps[input.number]
            for deeper in inner.inputs { need(name, of: deeper, in: inner.rule) }
        } else if !bases[input.number].fields.contains(name), bases[input.number].fields.count < Self.fieldLimit {
            bases[input.number].fields.append(name)
        }
    }

    /// What is only there for correlations, and not told for itself: numbers of bases, and of steps.
    var silent: (bases: Set<Int>, steps: Set<Int>) {
        let inputs = steps.flatMap { step in step.inputs.map { (input: $0, isLoud: step.rule.generates) } }
        func numbers(isStep: Bool) -> Set<Int> {
            let all = inputs.filter { $0.input.isStep == isStep }
            return Set(all.map(\.input.number)).subtracting(all.filter(\.isLoud).map(\.input.number))
        }
        return (numbers(isStep: false), numbers(isStep: true))
    }

    /// Whether a plan that was read from a file refers only to what is there, and stays within the limits.
    public var isSound: Bool {
        guard bases.allSatisfy({ $0.fields.count <= Self.fieldLimit }) else { return false }
        for (number, step) in steps.enumerated() {
            let rule = step.rule
            guard rule.timespan > 0, rule.timespan <= Self.longestTimespan, (0...100).contains(rule.percentile),
                !step.inputs.isEmpty, step.inputs.count <= 64, rule.rules.count == step.inputs.count,
                step.depth <= Self.depthLimit + 1
            else { return false }
            for input in step.inputs {
                guard input.number >= 0, input.number < (input.isStep ? number : bases.count) else { return false }
                if input.isStep, steps[input.number].depth >= step.depth { return false }
            }
        }
        return true
    }

    /// Ten years, in microseconds.
    private static let longestTimespan: Int64 = 3660 * 86_400_000_000
}
