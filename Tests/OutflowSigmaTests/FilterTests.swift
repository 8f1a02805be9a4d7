// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowSigma

/// Filters keep matches out, in either of the two ways in which they are written.
@Suite("Filters")
struct FilterTests {
    private static func matches(_ filter: String, _ json: String) -> Bool {
        let rule = "title: t\nname: base\nid: 1\nlogsource: {category: test}\ndetection: {s: {F: x}, condition: s}\n"
        var collection = RuleCollection()
        collection.add(filter + "---\n" + rule, path: "r.yml")
        let set = RuleSet(collection, mapping: .everything)
        #expect(set.rejected.isEmpty, "\(set.rejected.map(\.problem.description))")
        return RuleMatcher(set).matches(json) == [0]
    }

    private static func filter(_ rules: String, _ condition: String, category: String = "test") -> String {
        "title: f\nlogsource: {category: \(category)}\nfilter:\n    rules: \(rules)\n"
            + "    selection: {User|startswith: adm_}\n    condition: \(condition)\n"
    }

    @Test(arguments: ["selection", "not selection"], ["[base]", "['1']", "any"])
    func whatIsSelectedIsKeptOut(condition: String, rules: String) {
        let filter = Self.filter(rules, condition)
        #expect(!Self.matches(filter, #"{"F":"x","User":"adm_1"}"#))
        #expect(Self.matches(filter, #"{"F":"x","User":"eve"}"#))
        #expect(Self.matches(filter, #"{"F":"x"}"#))
        #expect(!Self.matches(filter, #"{"F":"y","User":"eve"}"#))
    }

    @Test func aFilterForNothingIsTold() {
        var collection = RuleCollection()
        collection.add(Self.filter("[elsewhere]", "selection"), path: "f.yml")
        #expect(RuleSet(collection, mapping: .everything).rejected.count == 1)
    }
}
