// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowSigma

/// `not` in the conditions of correlations: what must not match is missing from every window that holds what did.
@Suite("Correlations with not")
struct CorrelationAbsenceTests {
    private typealias Record = (Int, String, String, String?)

    private static func text(_ condition: String, kind: String = "temporal", span: Int = 10) -> String {
        CorrelationTests.rules(
            CorrelationTests.correlation(
                "type: \(kind)\ngroup-by: [group]\ntimespan: \(span)s\ncondition: \(condition)"))
    }

    private static func times(_ text: String, _ records: [(Int, String)]) -> [Int] {
        CorrelationTests.matches(text, records.map { ($0.0, $0.1, "x", nil) }).map { Int($0.last / 1_000_000) }
    }

    @Test(arguments: ["temporal", "temporal_ordered"]) func looksBackAndAhead(kind: String) {
        let text = Self.text("a and not b", kind: kind)
        #expect(Self.times(text, [(20, "a")]) == [20])
        #expect(Self.times(text, [(20, "a"), (30, "b")]).isEmpty)
        #expect(Self.times(text, [(20, "a"), (31, "b")]) == [20])
        #expect(Self.times(text, [(10, "b"), (20, "a")]).isEmpty)
        #expect(Self.times(text, [(9, "b"), (20, "a")]) == [20])
        #expect(Self.times(text, [(20, "b"), (20, "a")]).isEmpty)
    }

    /// A window that holds both records ends with second 10: what comes then is in none.
    @Test(arguments: ["temporal", "temporal_ordered"]) func windowsHoldAllThatMatched(kind: String) {
        let text = Self.text("a and c and not b", kind: kind)
        #expect(Self.times(text, [(0, "a"), (9, "c"), (11, "b")]) == [9])
        #expect(Self.times(text, [(0, "a"), (9, "c"), (10, "b")]).isEmpty)
        #expect(Self.times(text, [(0, "b"), (10, "a"), (11, "c")]) == [11])
        #expect(Self.times(text, [(1, "b"), (10, "a"), (11, "c")]).isEmpty)
    }

    @Test(arguments: ["temporal", "temporal_ordered"], ["not a", "a or not b", "not (a and b)"])
    func absenceAloneIsRejected(kind: String, condition: String) {
        var collection = RuleCollection()
        collection.add(Self.text(condition, kind: kind), path: "r.yml")
        #expect(collection.correlations.isEmpty)
        #expect(collection.rejected.first?.problem.description.contains("no rule matches") == true)
    }

    @Test func tooManyAlternativesAreRejected() {
        let condition = (0..<7).map { "(a\($0) or not b\($0))" }.joined(separator: " and ")
        var collection = RuleCollection()
        collection.add(Self.text("a and " + condition), path: "r.yml")
        #expect(collection.rejected.first?.problem.description.contains("alternatives") == true)
    }

    /// Records that were not kept may be those that must not be there.
    @Test func nothingIsSaidOfWhatWasNotKept() {
        var collection = RuleCollection()
        collection.add(Self.text("a and not b"), path: "r.yml")
        let plan = RuleSet(collection, mapping: .everything).correlations
        var records = CorrelationRecords(bases: 2)
        for (base, second) in [(0, 20), (0, 40), (1, 31)] {
            records.add(
                base, time: Int64(second) * 1_000_000, identity: UInt64(second),
                .init(origin: Origin(input: 0, offset: UInt64(second), length: 1), values: ["x"]))
        }
        #expect(CorrelationSearch(plan, records).matches.map(\.last) == [20_000_000])
        records.limit(1, exactUntil: .init(time: 31_000_000, identity: 0), hasTimeless: false)
        #expect(CorrelationSearch(plan, records).matches.map(\.last) == [20_000_000])
        records.limit(1, exactUntil: .init(time: 29_000_000, identity: 0), hasTimeless: false)
        #expect(CorrelationSearch(plan, records).matches.isEmpty)
    }

    // MARK: Brute force

    /// Conditions, and the alternatives that they mean: what matches, what does not.
    private static let conditions: [(text: String, alternatives: [(present: String, absent: String)])] = [
        ("a and not b", [("a", "b")]),
        ("a and c and not b", [("ac", "b")]),
        ("a and not (b or c)", [("a", "bc")]),
        ("not (not a or b) and c", [("ac", "b")]),
        ("(a and not b) or (b and not c)", [("a", "b"), ("b", "c")]),
        ("c and not (a and b)", [("c", "a"), ("c", "b")]),
    ]

    @Test func agreesWithEveryWindow() {
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var generator = PairGenerator(seed: seed)
        var hits = 0
        for round in 0..<600 {
            let (condition, alternatives) = Self.conditions[round % Self.conditions.count]
            let span = 1 + generator.below(12)
            let records = (0..<(1 + generator.below(14))).map { _ -> Record in
                (generator.below(60), ["a", "b", "c"][generator.below(3)], "x", nil)
            }
            // A rule that the condition does not name is none of the correlation's.
            let named = records.filter { record in condition.split { "() ".contains($0) }.contains { $0 == record.1 } }
            var expected: [Int] = []
            var isTold = false
            for half in 0..<160 {
                let holds = alternatives.contains { Self.holds($0, named, half, span) }
                isTold = isTold && holds
                if holds, !isTold, named.contains(where: { 2 * $0.0 == half }) {
                    expected.append(half / 2)
                    isTold = true
                }
            }
            hits += expected.count
            let found = CorrelationTests.matches(Self.text(condition, span: span), records)
            #expect(
                found.map { Int($0.last / 1_000_000) } == expected,
                "seed \(seed) round \(round): \(condition) within \(span): \(records)")
        }
        #expect(hits > 200)
    }

    /// Whether no window of the length, wherever it begins, that holds all that matched up to a half second holds what must not.
    private static func holds(
        _ alternative: (present: String, absent: String), _ records: [Record], _ half: Int, _ span: Int
    ) -> Bool {
        let near = records.filter { 2 * $0.0 <= half && 2 * $0.0 >= half - 2 * span }
        guard alternative.present.allSatisfy({ name in near.contains { $0.1 == String(name) } }) else { return false }
        let matched = near.filter { alternative.present.contains($0.1) }.map(\.0)
        return (-100...200).allSatisfy { begin in
            let window = begin...(begin + span)
            guard matched.allSatisfy({ window.contains($0) }) else { return true }
            return !records.contains { window.contains($0.0) && alternative.absent.contains($0.1) }
        }
    }
}
