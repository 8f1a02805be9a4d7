// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowSigma

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

    /// A few kilobytes must not come to millions of tests.
    @Test(arguments: ["1 of a*", "all of them", "not 1 of a*1*", "a1"])
    func whatIsPutInHasALimit(part: String) {
        let names = (0..<2_000).map { "a\($0): {F: [\($0), x]}" }.joined(separator: "\n")
        let often = Array(repeating: part, count: 900).joined(separator: " or ")
        var limits = RuleLimits()
        limits.ruleTests = 5_000
        let set = RuleSet([ruleText(names, condition: often)], limits: limits)
        guard case .limit(let words) = set.problem else {
            Issue.record("\(part): \(String(describing: set.problem))")
            return
        }
        #expect(words.contains("name them less often"))
        #expect(RuleSet([ruleText(names, condition: "a1 or a2")], limits: limits).problem == nil)
    }

    /// Names are looked up and patterns compared in reasonable time, too: thousands of each.
    @Test func patternsOfNamesHaveALimit() {
        let names = (0..<20_000).map { "a\($0): {F: \($0)}" }.joined(separator: "\n")
        let often = (1..<900).map { "1 of *a\($0)*9" }.joined(separator: " or ")
        guard case .limit? = RuleSet([ruleText(names, condition: often)]).problem else {
            Issue.record("it loads")
            return
        }
    }

    /// What is too much in one rule, in one file and in all is told, and the rest is loaded.
    @Test func limitsOfFileAndFolder() {
        func rule(_ id: Int, _ values: Int) -> String {
            "id: \(id)\n" + ruleText("selection: {F: [\((0..<values).map { "v\($0)" }.joined(separator: ", "))]}")
        }
        var limits = RuleLimits()
        (limits.ruleTests, limits.fileTests, limits.tests) = (100, 210, 250)
        var rules = RuleCollection(limits: limits)
        // One mention doubles what an identifier comes to.
        rules.add([rule(1, 51), rule(2, 10), rule(3, 40), rule(4, 40)].joined(separator: "\n---\n"), path: "a.yml")
        #expect(rules.rules.compactMap(\.header.id) == ["2", "3"])
        #expect(rules.rejected.map(\.id) == ["1", "4"])
        for id in 5...9 { rules.add(rule(id, 50), path: "\(id).yml") }
        #expect(rules.rules.compactMap(\.header.id) == ["2", "3", "5", "6", "7", "8"])
        #expect(rules.rejected.last?.problem.description.contains("all rules together") == true)
        // A filter counts with each rule that it is for.
        let large = (0..<30).map { "x\($0)" }.joined(separator: ", ")
        var one = RuleCollection(limits: limits)
        for id in 1...9 { one.add(rule(id, 5), path: "\(id).yml") }
        one.add(
            "title: f\nid: h\nlogsource: {category: test}\nfilter:\n    rules: any\n    s: {G: [\(large)]}\n    "
                + "condition: s\n", path: "h.yml")
        #expect(one.filtered().rules.count == 9 && one.filtered().rejected.map(\.id) == ["h"])
    }
}
