// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowSigma

/// What YAML makes of rules.
@Suite("Text of rules")
struct RuleTextTests {
    /// A version is not a number: what is written stays beside what it is worth.
    @Test func numbersKeepTheirText() {
        for rule in ["{F: 1.50}", "{F: [9, 1.50]}", "{F|startswith: 1.50}", "{F|contains: 1.50}"] {
            let text = ruleText("selection: \(rule)")
            #expect(matches(text, #"{"F":"1.50"}"#) && matches(text, #"{"F":"1.5"}"#) && matches(text, #"{"F":1.50}"#))
            #expect(!matches(text, #"{"F":"1.05"}"#))
        }
        #expect(matches(ruleText("selection: {F: 0x1F}"), #"{"F":"0x1f"}"#))
        #expect(matches(ruleText("selection: {F: 0x1F}"), #"{"F":31}"#))
        #expect(matches(ruleText("selection: {F: 007}"), #"{"F":"007"}"#))
        #expect(!matches(ruleText("selection: {F|neq: 1.50}"), #"{"F":"1.50"}"#))
        #expect(matches(ruleText("selection: {F|re: 1.50}"), #"{"F":"1x50"}"#))
        #expect(matches(ruleText("selection: {F|gte: 1.50}"), #"{"F":1.5}"#))
    }

    @Test func mergeKeys() {
        let text = """
            title: t
            logsource: {category: test}
            detection:
                base: &base {F: a, G: b}
                selection:
                    <<: *base
                    G: c
                condition: selection
            """
        #expect(matches(text, #"{"F":"a","G":"c"}"#))
        #expect(!matches(text, #"{"F":"a","G":"b"}"#))
        #expect(!matches(text, #"{"F":"x","G":"c"}"#))
        let two = text.replacing("<<: *base", with: "<<: [{F: x, H: y}, *base]")
        #expect(matches(two, #"{"F":"x","G":"c","H":"y"}"#))
        #expect(!matches(two, #"{"F":"a","G":"c","H":"y"}"#))
        let problem = RuleSet([text.replacing("<<: *base", with: "<<: 5")]).problem
        #expect(problem?.description.contains("<<") == true)
    }

    @Test func filtersAreExplained() throws {
        var collection = RuleCollection()
        collection.add(
            ruleText("selection: {F: a}") + "id: r1\n---\ntitle: admins\nlogsource: {category: test}\nfilter:\n"
                + "    rules: [r1]\n    selection: {U: root}\n    condition: not selection\n", path: "r.yml")
        let filtered = collection.filtered()
        #expect(filtered.rejected.isEmpty)
        let explanation = try RuleExplanation(filtered.rules[0], mapping: .everything)
        func explain(_ json: String) -> [String: Bool] {
            _ = explanation.matcher.matches(json)
            explanation.explain()
            return Dictionary(zip(explanation.parts.map(\.text), explanation.answers)) { $1 && $0 }
        }
        let kept = explain(#"{"F":"a","U":"bob"}"#)
        #expect(kept["condition"] == true && kept["kept by filter 'admins'"] == true)
        #expect(kept["condition and filters"] == true && explanation.answers.last == true)
        let suppressed = explain(#"{"F":"a","U":"root"}"#)
        #expect(suppressed["condition"] == true && suppressed["kept by filter 'admins'"] == false)
        #expect(suppressed["condition and filters"] == false && explanation.answers.last == false)
    }
}
