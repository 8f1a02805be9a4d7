// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowSigma

/// Correlations against windows that are slid by hand.
@Suite("Correlations")
struct CorrelationTests {
    static func rules(_ correlation: String) -> String {
        let bases = ["a", "b", "c"].map { name in
            "title: \(name)\nname: \(name)\nlogsource: {category: test}\ndetection: {s: {kind: \(name)}, condition: s}\n"
        }
        return (bases + [correlation]).joined(separator: "---\n")
    }

    static func correlation(_ body: String) -> String {
        "title: t\nname: top\ncorrelation:\n" + body.split(separator: "\n").map { "    \($0)\n" }.joined()
    }

    /// Matches of the correlations over records of (second, kind, group, value).
    static func matches(_ text: String, _ records: [(Int, String, String, String?)]) -> [CorrelationMatch] {
        var collection = RuleCollection()
        collection.add(text, path: "r.yml")
        let set = RuleSet(collection, mapping: .everything)
        #expect(set.rejected.isEmpty, "\(set.rejected.map(\.problem.description))")
        let matcher = RuleMatcher(set)
        var kept = CorrelationRecords(bases: set.correlations.bases.count)
        for (index, (second, kind, group, value)) in records.enumerated() {
            let json =
                #"{"kind":"\#(kind)","group":"\#(group)""# + (value.map { #","value":\#($0)"# } ?? "") + "}"
            _ = matcher.matches(json)
            matcher.forEachCorrelated { base, values in
                kept.add(
                    base, time: Int64(second) * 1_000_000, identity: UInt64(index),
                    .init(origin: Origin(input: 0, offset: UInt64(index), length: 1), values: values))
            }
        }
        return CorrelationSearch(set.correlations, kept).matches
    }

    @Test func edgesBelongToTheWindow() {
        let text = Self.rules(
            Self.correlation("type: event_count\nrules: [a]\ngroup-by: [group]\ntimespan: 10s\ncondition: {gte: 3}"))
        let records: [(Int, String, String, String?)] = [(0, "a", "x", nil), (5, "a", "x", nil)]
        #expect(Self.matches(text, records + [(10, "a", "x", nil)]).map(\.last) == [10_000_000])
        #expect(Self.matches(text, records + [(11, "a", "x", nil)]).isEmpty)
        #expect(Self.matches(text, records + [(10, "a", "y", nil)]).isEmpty)
    }

    /// A file with two lines that are the same, its halves, and two copies of a file with one: none can be told from the next,
    /// so the lines count once, and how many there were is told.
    @Test(arguments: [[[0, 0, 0]], [[0], [0, 0]], [[0], [0], [0]], [[0, 0], [0]]])
    func sameRecordsCountOnceAndAreTold(files: [[Int]]) {
        var collection = RuleCollection()
        collection.add(
            Self.rules(Self.correlation("type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gte: 1}")),
            path: "r.yml")
        let plan = RuleSet(collection, mapping: .everything).correlations
        var whole = CorrelationRecords(bases: 1)
        for (input, lines) in files.enumerated() {
            var part = CorrelationRecords(bases: 1)
            for (offset, line) in lines.enumerated() {
                part.add(
                    0, time: 5, identity: UInt64(line),
                    .init(origin: Origin(input: UInt32(input), offset: UInt64(offset), length: 1), values: []))
            }
            whole.merge(part)
        }
        #expect(CorrelationSearch(plan, whole).matches.map(\.records) == [1])
        #expect(whole.repetitions(plan).count == 1 && whole.repetitions(plan)[0].contains(" 2 records"))
    }

    /// Between two bursts the condition ceases to hold, also where no record tells of it.
    @Test(arguments: [
        "type: event_count\nrules: [a]\ngroup-by: [group]\ntimespan: 10s\ncondition: {gte: 2}",
        "type: value_count\nrules: [a]\ngroup-by: [group]\ntimespan: 10s\ncondition: {gte: 2, field: value}",
        "type: value_sum\nrules: [a]\ngroup-by: [group]\ntimespan: 10s\ncondition: {gte: 3, field: value}",
        "type: temporal\nrules: [a, b]\ngroup-by: [group]\ntimespan: 10s",
        "type: temporal\ngroup-by: [group]\ntimespan: 10s\ncondition: a and b and not c",
    ]) func burstsInOneSecondAreEachTold(body: String) {
        let bursts = [0, 1000, 1011, 1021].flatMap { second -> [(Int, String, String, String?)] in
            [(second, "a", "x", "1"), (second, "a", "x", "2"), (second, "b", "x", nil)]
        }
        #expect(
            Self.matches(Self.rules(Self.correlation(body)), bursts).map { $0.last / 1_000_000 } == [0, 1000, 1011])
    }

    @Test func sequencesAreToldAgainAfterAGap() {
        let text = Self.rules(
            Self.correlation("type: temporal_ordered\nrules: [a, b]\ngroup-by: [group]\ntimespan: 10s"))
        // From second 11 on the first sequence is out of the window.
        let records: [(Int, String, String, String?)] = [
            (0, "a", "x", nil), (1, "a", "x", nil), (1, "b", "x", nil), (3, "b", "x", nil), (9, "a", "x", nil),
            (12, "b", "x", nil), (20, "a", "x", nil), (21, "b", "x", nil),
        ]
        #expect(Self.matches(text, records).map { $0.last / 1_000_000 } == [1, 12, 21])
    }

    @Test func orderNeedsLaterTimes() {
        let text = Self.rules(
            Self.correlation("type: temporal_ordered\nrules: [a, b]\ngroup-by: [group]\ntimespan: 10s"))
        #expect(Self.matches(text, [(0, "a", "x", nil), (10, "b", "x", nil)]).count == 1)
        #expect(Self.matches(text, [(0, "a", "x", nil), (0, "b", "x", nil)]).isEmpty)
        #expect(Self.matches(text, [(0, "b", "x", nil), (1, "a", "x", nil)]).isEmpty)
        #expect(Self.matches(text, [(0, "a", "x", nil), (11, "b", "x", nil)]).isEmpty)
    }

    @Test func expressionsNameRules() {
        let text = Self.rules(
            Self.correlation("type: temporal\ngroup-by: [group]\ntimespan: 10s\ncondition: a and not (b or c)"))
        #expect(Self.matches(text, [(0, "a", "x", nil)]).count == 1)
        #expect(Self.matches(text, [(0, "b", "x", nil), (1, "a", "x", nil)]).isEmpty)
        #expect(Self.matches(text, [(0, "b", "x", nil), (11, "a", "x", nil)]).count == 1)
    }

    @Test func chainsUseTheirOwnGroups() {
        let text =
            Self.rules(
                Self.correlation("type: temporal_ordered\nrules: [many, b]\ngroup-by: [value]\ntimespan: 10s"))
            + "---\ntitle: m\nname: many\ncorrelation:\n    type: event_count\n    rules: [a]\n    group-by: [group]\n"
            + "    timespan: 5s\n    condition: {gte: 2}\n"
        let records: [(Int, String, String, String?)] = [(0, "a", "x", "7"), (1, "a", "x", "7"), (3, "b", "y", "7")]
        #expect(Self.matches(text, records).map(\.group) == [["7"]])
        #expect(Self.matches(text, records.dropLast() + [(3, "b", "x", "8")]).isEmpty)
    }

    @Test func aliasesRenameFields() {
        let text = Self.rules(
            Self.correlation(
                "type: temporal\nrules: [a, b]\ngroup-by: [who]\ntimespan: 10s\n"
                    + "aliases: {who: {a: group, b: value}}"))
        #expect(Self.matches(text, [(0, "a", "x", "\"q\""), (1, "b", "z", "\"x\"")]).map(\.group) == [["x"]])
        #expect(Self.matches(text, [(0, "a", "x", "\"q\""), (1, "b", "x", "\"z\"")]).isEmpty)
    }

    @Test func rulesOnlyForCorrelationsAreSilent() {
        func set(_ more: String) -> RuleSet {
            var collection = RuleCollection()
            collection.add(
                Self.rules(Self.correlation("type: temporal\nrules: [a, b]\ntimespan: 10s" + more)), path: "r.yml")
            return RuleSet(collection, mapping: .everything)
        }
        #expect((0..<3).map { set("").isReported($0) } == [false, false, true])
        #expect((0..<3).map { set("\ngenerate: true").isReported($0) } == [true, true, true])
    }

    /// What is only there for a correlation is no alarm by itself, also when that cannot be searched for.
    @Test(arguments: [
        "timespan: 1x\ncondition: {gte: 2}", "timespan: 1m", "timespan: 1m\ncondition: {gte: 2, many: 1}",
    ])
    func rulesOfRejectedCorrelationsStaySilent(rest: String) {
        func reported(_ more: String, _ correlations: String = "") -> [Bool] {
            var collection = RuleCollection()
            collection.add(
                Self.rules(Self.correlation("type: event_count\nrules: [a, b]\n" + rest + more)) + correlations,
                path: "r.yml")
            let set = RuleSet(collection, mapping: .everything)
            #expect(set.rejected.count == 1)
            return (0..<3).map { set.isReported($0) }
        }
        #expect(reported("") == [false, false, true])
        #expect(reported("\ngenerate: true") == [true, true, true])
        // Another one tells of them all the same.
        let loud =
            "---\ntitle: l\ncorrelation: {type: temporal, rules: [a, c], timespan: 1m, generate: true}\n"
        #expect(reported("", loud) == [true, false, true])
    }

    @Test func rulesOfCorrelationsWithoutAllOfTheirRulesStaySilent() {
        var collection = RuleCollection()
        collection.add(
            Self.rules(Self.correlation("type: temporal\nrules: [a, nowhere]\ntimespan: 1m")), path: "r.yml")
        let set = RuleSet(collection, mapping: .everything)
        #expect(set.rejected.count == 1 && (0..<3).map { set.isReported($0) } == [false, true, true])
    }

    /// Sums are exact, also where a `Double` is not.
    @Test func sumsBeyondWhatADoubleHolds() {
        func sums(_ bound: String) -> [Int64] {
            let text = Self.rules(
                Self.correlation(
                    "type: value_sum\nrules: [a]\ntimespan: 10s\ncondition: {field: value, eq: \(bound)}"))
            return Self.matches(
                text, [(0, "a", "x", "9007199254740992"), (1, "a", "x", "1"), (2, "a", "x", "\"0.000001\"")]
            ).map(\.last)
        }
        #expect(sums("9007199254740992") == [0])
        #expect(sums("9007199254740993") == [1_000_000])
        #expect(sums("9007199254740993.000001") == [2_000_000])
        #expect(sums("9007199254740994") == [])
    }

    /// A group is what the records write: `Bob` is not `bob`. Of a list the first value counts.
    @Test func groupsAreTextsAsTheyAreWritten() {
        let text = Self.rules(
            Self.correlation("type: event_count\nrules: [a]\ngroup-by: [group]\ntimespan: 10s\ncondition: {gte: 2}"))
        #expect(Self.matches(text, [(0, "a", "Bob", nil), (1, "a", "bob", nil)]).isEmpty)
        #expect(Self.matches(text, [(0, "a", "bob", nil), (1, "a", "bob", nil)]).map(\.group) == [["bob"]])
        let lists = Self.rules(
            Self.correlation("type: event_count\nrules: [a]\ngroup-by: [value]\ntimespan: 10s\ncondition: {gte: 2}"))
        #expect(
            Self.matches(lists, [(0, "a", "x", #"["p","q"]"#), (1, "a", "x", #"["p"]"#), (2, "a", "x", #"["q","p"]"#)])
                .map(\.group) == [["p"]])
    }

    @Test(arguments: [
        ("type: event_count\nrules: [nowhere]\ntimespan: 1m\ncondition: {gte: 2}", "nowhere"),
        ("type: event_count\nrules: [top]\ntimespan: 1m\ncondition: {gte: 2}", "about itself"),
        ("type: event_count\nrules: [a]\ntimespan: 1x\ncondition: {gte: 2}", "timespan"),
        ("type: event_count\nrules: [a]\ntimespan: 1m", "condition"),
        ("type: value_count\nrules: [a]\ntimespan: 1m\ncondition: {gte: 2}", "field"),
        ("type: sometimes\nrules: [a]\ntimespan: 1m", "sometimes"),
    ]) func whatCannotBeSearchedIsRejected(body: String, reason: String) {
        var collection = RuleCollection()
        collection.add(Self.rules(Self.correlation(body)), path: "r.yml")
        let problems = RuleSet(collection, mapping: .everything).rejected.map(\.problem.description)
        #expect(problems.count == 1 && problems[0].contains(reason), "\(problems)")
    }

    // MARK: Brute force

    @Test func agreeWithWindowsSlidByHand() {
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var generator = PairGenerator(seed: seed)
        var hits = 0
        for round in 0..<800 {
            let kind = CorrelationRule.Kind.allCases[round % 8]
            // Few seconds, so that many records share one; or many, so that windows run empty.
            let seconds = [8, 60, 110][round % 3]
            let span = 1 + generator.below(12)
            let bound = 1 + generator.below(kind == .valueSum ? 30 : 4)
            let comparison = Predicate.Comparison.allCases[generator.below(5)]
            let condition =
                kind.isTemporal
                ? "" : "\ncondition: {field: value, \(comparison.rawValue): \(bound), percentile: 30}"
            let text = Self.rules(
                Self.correlation(
                    "type: \(kind.rawValue)\nrules: [a, b]\ngroup-by: [group]\ntimespan: \(span)s\(condition)"))
            let records = (0..<generator.below(40)).map { _ -> (Int, String, String, String?) in
                (
                    generator.below(seconds), ["a", "b", "c"][generator.below(3)], ["x", "y"][generator.below(2)],
                    [nil, "1", "2.5", "7", "-3"][generator.below(5)]
                )
            }
            let found = Self.matches(text, records)
            let expected = ["x", "y"].flatMap { group in
                Self.bruteForce(
                    records.filter { $0.2 == group && $0.1 != "c" }, kind, span, comparison, Double(bound)
                ).map { "\(group) \($0)" }
            }
            hits += expected.count
            #expect(
                Set(found.map { "\($0.group[0]) \($0.last / 1_000_000)" }) == Set(expected)
                    && found.count == expected.count, "seed \(seed) round \(round): \(text) \(records)")
        }
        #expect(hits > 200)
    }

    /// Times of records at which the condition holds and has not held at every second since it was last told: the window is
    /// looked at every half second, as records drop out between the seconds at which others come.
    private static func bruteForce(
        _ records: [(Int, String, String, String?)], _ kind: CorrelationRule.Kind, _ span: Int,
        _ comparison: Predicate.Comparison, _ bound: Double
    ) -> [Int] {
        var times: [Int] = []
        var isTold = false
        for half in 0..<260 {
            let window = records.filter { 2 * $0.0 <= half && 2 * $0.0 >= half - 2 * span }
            let values = window.compactMap { $0.3.flatMap { Double($0) } }.sorted()
            func percentile(_ share: Double) -> Double? {
                guard !values.isEmpty else { return nil }
                let place = share / 100 * Double(values.count - 1)
                let low = Int(place)
                return values[low] + (values[min(low + 1, values.count - 1)] - values[low]) * (place - Double(low))
            }
            let holds: Bool
            switch kind {
            case .temporal: holds = Set(window.map(\.1)).count == 2
            case .temporalOrdered:
                holds = window.contains { b in b.1 == "b" && window.contains { $0.1 == "a" && $0.0 < b.0 } }
            default:
                let figure: Double? =
                    switch kind {
                    case .eventCount: Double(window.count)
                    case .valueCount: Double(Set(values).count)
                    case .valueSum: values.isEmpty ? nil : values.reduce(0, +)
                    case .valueAvg: values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
                    case .valuePercentile: percentile(30)
                    default: percentile(50)
                    }
                holds = !window.isEmpty && figure.map { comparison.holds($0, bound) } ?? false
            }
            isTold = isTold && holds
            if holds, !isTold, records.contains(where: { 2 * $0.0 == half }) {
                times.append(half / 2)
                isTold = true
            }
        }
        return times
    }
}
