// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowSigma

/// Numbers are compared as they are written, not as a `Double` would round them.
@Suite("Decimal numbers")
struct DecimalNumberTests {
    @Test(arguments: [
        ("5", "5"), ("05", "5"), ("+5.0", "5"), ("5.", "5"), ("5e0", "5"), ("-0", "0"), ("0.0e9", "0"), (".5", "0.5"),
        ("1e2", "100"), ("-1.50", "-1.5"), ("0.00001", "0.00001"), ("12.5e-1", "1.25"), ("1e70", "1e70"),
        ("-1.5E-70", "-1.5e-70"), ("9007199254740993.0", "9007199254740993"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ]) func canonicalText(written: String, text: String) {
        #expect(DecimalNumber(written.utf8)?.text == text)
        #expect(DecimalNumber(text.utf8) == DecimalNumber(written.utf8))
    }

    @Test(arguments: [
        "", "-", ".", "e5", "1e", "1e+", "--1", "1-", "1.2.3", "0x10", "1 ", "nan", "inf", "1e5.5", "1e5e5", "1_000",
        String(repeating: "1", count: 65),
    ]) func whatIsNone(text: String) { #expect(DecimalNumber(text.utf8) == nil) }

    /// Against Swift's own integers, and against `Double` where that is exact.
    @Test func orderIsThatOfTheNumbers() throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var generator = PairGenerator(seed: seed)
        for _ in 0..<2_000 {
            let near = Int64(1) << Int64(generator.below(62))
            let (one, other) = (near + Int64(generator.below(4)) - 2, (near + Int64(generator.below(4)) - 2))
            let signs = (generator.below(2) == 0 ? one : -one, generator.below(2) == 0 ? other : -other)
            let numbers = try (#require(DecimalNumber("\(signs.0)".utf8)), #require(DecimalNumber("\(signs.1).0".utf8)))
            #expect((numbers.0 < numbers.1) == (signs.0 < signs.1) && (numbers.0 == numbers.1) == (signs.0 == signs.1))
            #expect(numbers.0.integer == Int(signs.0))
            let halves = (Double(generator.below(400) - 200) / 8, Double(generator.below(400) - 200) / 8)
            let fractions = try (
                #require(DecimalNumber("\(halves.0)".utf8)), #require(DecimalNumber("\(halves.1)".utf8))
            )
            #expect((fractions.0 < fractions.1) == (halves.0 < halves.1), "seed \(seed): \(halves)")
            #expect(Double(fractions.0.text) == halves.0)
        }
    }

    /// Numbers of records, however they are written, have the text of the rule's.
    @Test(arguments: ["0.5", "-1.25", "10.01", "1.5e-3", "100", "0", "12345678901234567890.5"], ["", "0", "e0"])
    func recordsAreWrittenLikeRules(number: String, more: String) {
        let written = more == "0" && !number.contains(".") ? number + ".0" : number + (number.contains("e") ? "" : more)
        #expect(matches(ruleText("selection:\n    F: \(number)"), "{\"F\":\(written)}"), "\(written)")
        #expect(!matches(ruleText("selection:\n    F: \(number)"), "{\"F\":1\(number.drop { $0 == "-" })}"))
    }

    @Test func rulesTellLargeNumbersApart() {
        let equal = ruleText("selection:\n    F: 9007199254740993")
        #expect(matches(equal, #"{"F":9007199254740993}"#) && matches(equal, #"{"F":"9007199254740993"}"#))
        #expect(matches(equal, #"{"F":9007199254740993.0}"#) && !matches(equal, #"{"F":9007199254740992}"#))
        let greater = ruleText("selection:\n    F|gt: 9007199254740992")
        #expect(matches(greater, #"{"F":9007199254740993}"#) && !matches(greater, #"{"F":9007199254740992}"#))
        #expect(matches(greater, #"{"F":"18446744073709551617"}"#))
    }
}
