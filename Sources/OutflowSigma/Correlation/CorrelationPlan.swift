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
    /// - Parameter problems: gets the correlations that cannot be searched for.
    init(_ correlations: [CorrelationRule], rules: [Rule], problems: inout [RejectedRule]) {
        var byName: [String: Target] = [:]
        for (index, correlation) in correlations.enumerated() {
            for name in [correlation.header.name, correlation.header.id].compactMap(\.self) {
                byName[name] = .correlation(index)
            }
        }
        for (index, rule) in rules.enumerated() {
            for name in [rule.header.name, rule.header.id].compactMap(\.self) { byName[name] = .rule(index) }
        }
        var builder = Builder(correlations: correlations, rules: rules, byName: byName)
        for index in correlations.indices {
            do throws(RuleProblem) { _ = try builder.step(index, within: []) } catch {
                let header = correlations[index].header
                problems.append(RejectedRule(path: header.path, id: header.id, problem: error))
            }
        }
        self = builder.plan
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
        let byName: [String: Target]
        var plan = CorrelationPlan()
        var stepOf: [Int: Int] = [:]
        var baseOf: [Int: Int] = [:]

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
                switch byName[reference] {
                case .rule(let rule)?:
                    let header = rules[rule].header
                    if baseOf[rule] == nil {
                        baseOf[rule] = plan.bases.count
                        plan.bases.append(Base(key: header.key, fields: []))
                    }
                    inputs.append(
                        Input(
                            number: baseOf[rule] ?? 0, isStep: false,
                            names: [reference] + [header.name, header.id].compactMap(\.self)))
                case .correlation(let other)?:
                    let number = try step(other, within: chain.union([index]))
                    let header = correlations[other].header
                    depth = max(depth, plan.steps[number].depth + 1)
                    inputs.append(
                        Input(
                            number: number, isStep: true,
                            names: [reference] + [header.name, header.id].compactMap(\.self)))
                case nil:
                    throw .reference("the rule '\(reference)' that it is about was not loaded")
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

    /// Keys of rules that are only there for correlations.
    var silentRules: Set<String> {
        var silent: Set<String> = []
        var loud: Set<String> = []
        for step in steps {
            for input in step.inputs {
                let key = input.isStep ? steps[input.number].rule.header.key : bases[input.number].key
                if step.rule.generates { loud.insert(key) } else { silent.insert(key) }
            }
        }
        return silent.subtracting(loud)
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
