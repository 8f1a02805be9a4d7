// SPDX-License-Identifier: Apache-2.0

import OutflowSigma
import Testing

/// The condition grammar: precedence, quantities, lists, and what is refused.
@Suite("Conditions")
struct ConditionTests {
    /// Whether a condition over a, b, c, _d holds when these letters are in the record.
    func holds(_ condition: String, _ letters: String) -> Bool {
        let names = ["a", "b", "c", "_d"].map { "\($0):\n    F_\($0): 1" }.joined(separator: "\n")
        let event = letters.map { #""F_\#($0 == "d" ? "_d" : String($0))":1"# }.joined(separator: ",")
        return matches(ruleText(names, condition: condition), "{\(event)}")
    }

    @Test(arguments: [
        ("a or b and c", ["a", "bc", "abc"], ["b", "c", ""]),
        ("(a or b) and c", ["ac", "bc"], ["a", "ab", "c"]),
        ("not a and b", ["b", "bc"], ["ab", ""]),
        ("not (a and b)", ["", "a"], ["ab"]),
        ("not not a", ["a"], [""]),
        ("1 of them", ["a", "c"], ["d", ""]),
        ("all of them", ["abc"], ["ab", "abd"]),
        ("any of them", ["b"], ["d"]),
        ("1 of _*", ["d"], ["abc"]),
        ("all of *", ["abcd"], ["abc"]),
        ("a and not 1 of b*", ["a", "ac"], ["ab"]),
        ("a AND NOT b OR c", ["a", "c", "abc"], ["ab"]),
        ("[a, b]", ["a", "b"], ["c"]),
    ])
    func grammar(condition: String, hits: [String], misses: [String]) {
        for letters in hits { #expect(holds(condition, letters), "\(condition) on '\(letters)'") }
        for letters in misses { #expect(!holds(condition, letters), "\(condition) on '\(letters)'") }
    }

    @Test(arguments: [
        "nothere", "a and", "a b", "(a", "a)", "2 of a*", "1 of x*", "not", "a | count() > 5", "1 of (a)", "of", "''",
    ])
    func refused(condition: String) {
        let set = RuleSet([ruleText("a:\n    F: 1", condition: condition)])
        guard case .condition = set.problem else {
            Issue.record("\(condition): \(String(describing: set.problem))")
            return
        }
    }
}
