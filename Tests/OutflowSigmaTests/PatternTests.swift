// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowSigma

/// Wildcards against a table that is filled in part by part, and their cost.
@Suite("Wildcards")
struct PatternTests {
    /// Whether `parts` can stand for `text`: which beginnings of the text the parts so far can stand for.
    private static func plain(_ parts: [Pattern.Part], _ text: [Character]) -> Bool {
        var reached: Set<Int> = [0]
        for part in parts {
            var next: Set<Int> = []
            for at in reached {
                switch part {
                case .any: next.formUnion(at...text.count)
                case .one: if at < text.count { next.insert(at + 1) }
                case .dash: if at < text.count, "-/–—―".contains(text[at]) { next.insert(at + 1) }
                case .literal(let bytes):
                    let literal = Array(String(decoding: bytes, as: UTF8.self))
                    if text[at...].starts(with: literal) { next.insert(at + literal.count) }
                case .placeholder: break
                }
            }
            reached = next
        }
        return reached.contains(text.count)
    }

    @Test func agreeWithAPlainTable() {
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var generator = PairGenerator(seed: seed)
        let letters: [Character] = ["a", "a", "b", "ü", "-", "–", "漢"]
        var hits = 0
        for _ in 0..<20_000 {
            let parts = (0..<generator.below(7)).map { _ -> Pattern.Part in
                switch generator.below(6) {
                case 0, 1: .any
                case 2: .one
                case 3: .dash
                default:
                    .literal(Array(String((0...generator.below(2)).map { _ in letters[generator.below(7)] }).utf8))
                }
            }
            let pattern = Pattern(parts: parts, isCased: true)
            let text = (0..<generator.below(10)).map { _ in letters[generator.below(7)] }
            let answer = Array(String(text).utf8).withUnsafeBytes { pattern.matches(Bytes($0)) }
            let expected = Self.plain(pattern.parts, text)
            if expected { hits += 1 }
            #expect(answer == expected, "seed \(seed): \(pattern.parts) on \(String(text))")
        }
        #expect(hits > 2000)
    }

    /// `*` alone costs no steps, whatever the text: each piece is looked for once.
    @Test func starsAreLinear() {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        for pattern in [
            Pattern(String(repeating: "*a", count: 60) + "b"), Pattern(String(repeating: "*aaaa", count: 60) + "*b*"),
            Pattern("*" + String(repeating: "a", count: 40_000) + "b"),
        ] {
            var steps = 100
            #expect(text.withUnsafeBytes { pattern.matches(Bytes($0), steps: &steps) } == false)
            #expect(steps == 100)
        }
    }

    /// Values made to cost the most end, and are told.
    @Test func singleWildcardsAreBounded() {
        let pattern = Pattern("*" + String(repeating: "a?", count: 40) + "b*")
        var steps = 100_000
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        #expect(text.withUnsafeBytes { pattern.matches(Bytes($0), steps: &steps) } == nil)
        #expect(steps <= 0 && steps > -1000)
        let rules = (0..<300).map { number in
            ruleText("selection: {F: '*\(String(repeating: "a?", count: 60))b\(number)*'}")
        }
        let matcher = RuleMatcher(RuleSet(rules))
        let json = #"{"F":"\#(String(repeating: "a", count: 1 << 18))b1 b2 b299"}"#
        _ = matcher.matches(json)
        #expect(!matcher.undecided.isEmpty)
        // The next record has steps of its own.
        #expect(matcher.matches(#"{"F":"\#(String(repeating: "ax", count: 60))b7"}"#) == [7])
    }

    @Test func fieldsWithManyValuesAreBounded() {
        let matcher = RuleMatcher(RuleSet([ruleText("selection: {F|fieldref|contains: G}")]))
        let values = (0..<60_000).map { "\"x\($0)\"" }.joined(separator: ",")
        #expect(matcher.matches(#"{"F":[\#(values)],"G":[\#(values.replacing("x", with: "y"))]}"#) == [])
        #expect(matcher.undecided[0] == 1)
    }
}
