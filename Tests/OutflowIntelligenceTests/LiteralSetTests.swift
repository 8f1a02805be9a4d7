// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// Constants found by hash against the same asked one by one.
@Suite struct LiteralSetTests {
    private static let literals: [PatternLiteral] = [
        .integer(0), .integer(3), .integer(9_007_199_254_740_993), .float(3), .float(-0.0), .float(2.5), .bool(true),
        .string("3"), .string("é"), .string("e\u{301}"), .string(""), .binary([0xE9]), .binary([]), .binary([0xFF, 0]),
        .string("ÿ\u{0}"), .string("€"),
    ]
    private static let values: [ComparedValue] = [
        .integer(0), .integer(3), .integer(9_007_199_254_740_992), .integer(9_007_199_254_740_993), .float(0),
        .float(-0.0), .float(3), .float(2.5), .float(9_007_199_254_740_992), .bool(true), .bool(false), .string("3"),
        .string("é"), .string("e\u{301}"), .string(""), .string("€"), .string("ÿ\u{0}"), .binary([0xE9]), .binary([]),
        .binary([0xFF, 0]), .binary([0x33]), .other,
    ]

    @Test func saysWhatEachComparisonSays() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = IndicatorSetTests.Dice(state: seed)
        for _ in 0..<120 {
            let chosen = Self.literals.filter { _ in dice.roll(3) == 0 }
            let set = LiteralSet(chosen)
            for value in Self.values {
                var expected = false
                for literal in chosen where try value.equals(literal) { expected = true }
                #expect(try set.contains(value) == expected, "\(value) in \(chosen), seed \(seed)")
            }
        }
    }

    @Test func whatIsNoTimeIsAnErrorAsBefore() throws {
        let time = try #require(PatternTime.parse("2020-01-01T00:00:00Z"))
        let set = LiteralSet([.timestamp(time)])
        #expect(try set.contains(.string("2020-01-01T00:00:00.000Z")))
        #expect(throws: PatternError.self) { try set.contains(.string("yesterday")) }
    }

    @Test func aRowOfEqualsIsOneLookUp() throws {
        let row = (0..<20_000).map { "a:i = \($0)" }.joined(separator: " OR ")
        guard case .one(.test(let test)) = try STIXPattern("[\(row)]").expression, case .oneOf(let set) = test.operation
        else { Issue.record("no single test"); return }
        #expect(set.literals.count == 20_000)
        let rows = (0..<50).map { "[a:i = \($0)]" }.joined(separator: " OR ")
        guard case .one(.test) = try STIXPattern(rows).expression else { Issue.record("no single test"); return }
        // Negated tests, other paths and times stay as they are.
        guard case .one(.or(let parts)) = try STIXPattern("[a:i = 1 OR a:i NOT = 2 OR a:j = 3 OR a:i = 4]").expression
        else { Issue.record("no OR"); return }
        #expect(parts.count == 3)
    }
}
