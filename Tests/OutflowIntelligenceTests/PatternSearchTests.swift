// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// The search for observations that meet a pattern, against writing down all choices of observations there are.
@Suite struct PatternSearchTests {
    /// All choices of observations that meet an expression; each observation counts once and is of one moment.
    private func choices(_ expression: ObservationExpression, _ observations: [Observation]) throws -> Set<Set<Int>> {
        func times(_ choice: Set<Int>) -> [Int64] { choice.map { observations[$0].first.microseconds } }
        func apart(_ one: Set<Set<Int>>, _ other: Set<Set<Int>>, _ may: (Set<Int>, Set<Int>) -> Bool) -> Set<Set<Int>> {
            var all: Set<Set<Int>> = []
            for left in one {
                for right in other where left.isDisjoint(with: right) && may(left, right) {
                    all.insert(left.union(right))
                }
            }
            return all
        }
        switch expression {
        case .one(let comparison):
            var all: Set<Set<Int>> = []
            for (index, observation) in observations.enumerated() {
                var budget = PatternBudget()
                if try PropertyMatcher(observation: observation, isVersion21: false).matches(comparison, &budget) {
                    all.insert([index])
                }
            }
            return all
        case .and(let parts):
            var all: Set<Set<Int>> = [[]]
            for part in parts { all = apart(all, try choices(part, observations)) { _, _ in true } }
            return all
        case .or(let parts):
            return try parts.reduce(into: []) { $0.formUnion(try choices($1, observations)) }
        case .followedBy(let one, let other):
            return apart(try choices(one, observations), try choices(other, observations)) {
                (times($0).max() ?? 0) <= (times($1).min() ?? 0)
            }
        case .within(let inner, let microseconds):
            return try choices(inner, observations).filter {
                (times($0).max() ?? 0) - (times($0).min() ?? 0) <= microseconds
            }
        case .during(let inner, let start, let stop):
            return try choices(inner, observations).filter {
                times($0).allSatisfy { $0 >= start.microseconds && $0 < stop.microseconds }
            }
        case .repeats(let inner, let count):
            let once = try choices(inner, observations)
            var all: Set<Set<Int>> = [[]]
            for _ in 0..<count { all = apart(all, once) { _, _ in true } }
            return all
        }
    }

    private func text(_ depth: Int, _ dice: inout IndicatorSetTests.Dice) -> String {
        if depth == 0 || dice.roll(4) == 0 { return "[a:m = \(dice.roll(3))]" }
        let one = text(depth - 1, &dice)
        switch dice.roll(7) {
        case 0: return "(\(one) AND \(text(depth - 1, &dice)))"
        case 1: return "(\(one) OR \(text(depth - 1, &dice)))"
        case 2, 3: return "(\(one) FOLLOWEDBY \(text(depth - 1, &dice)))"
        case 4: return "(\(one)) WITHIN \(1 + dice.roll(6)) SECONDS"
        case 5: return "(\(one)) REPEATS \(1 + dice.roll(3)) TIMES"
        default:
            let start = dice.roll(6)
            return "(\(one)) START '2020-01-01T00:00:0\(start)Z' STOP '2020-01-01T00:00:0\(start + 1 + dice.roll(3))Z'"
        }
    }

    @Test func findsWhatTryingAllChoicesFinds() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = IndicatorSetTests.Dice(state: seed)
        let start = try #require(PatternTime.parse("2020-01-01T00:00:00Z")).microseconds
        var matches = 0
        for _ in 0..<600 {
            let observations = (0..<(1 + dice.roll(6))).map { _ in
                let time = Timestamp(microseconds: start + Int64(dice.roll(8)) * 1_000_000)
                return Observation(
                    id: nil, first: time, last: time, count: 1,
                    objects: [.init(id: "0", type: "a", value: ["type": "a", "m": .integer(Int64(dice.roll(3)))])])
            }
            let words = text(3, &dice)
            let pattern = try STIXPattern(words, version: .v20)
            let expected = try choices(pattern.expression, observations)
            let found = try pattern.match(observations)
            #expect((found != nil) == !expected.isEmpty, "\(words), seed \(seed)")
            if let found {
                matches += 1
                #expect(expected.contains(Set(found)), "\(words): \(found), seed \(seed)")
            }
        }
        #expect(matches > 30, "seed \(seed)")
    }
}
