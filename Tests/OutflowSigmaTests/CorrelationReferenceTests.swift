// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowSigma

/// What correlations refer to, by name and by id.
@Suite("References of correlations")
struct CorrelationReferenceTests {
    private static func rule(_ name: String, _ value: Int, id: String? = nil) -> String {
        "title: \(name) \(value)\n" + (id.map { "id: \($0)\n" } ?? "")
            + "name: \(name)\nlogsource: {category: test}\ndetection: {s: {A: \(value)}, condition: s}\n---\n"
    }

    private static func count(_ reference: String) -> String {
        "title: c\nname: count\n"
            + "correlation: {type: event_count, rules: [\(reference)], timespan: 1m, condition: {gte: 1}}\n"
    }

    private static func set(_ files: [(path: String, text: String)]) -> RuleSet {
        var collection = RuleCollection()
        for file in files { collection.add(file.text, path: file.path) }
        return RuleSet(collection, mapping: .everything)
    }

    @Test func aNameOfTwoRulesIsNoReference() {
        let set = Self.set([
            ("a.yml", Self.rule("same", 1)), ("b.yml", Self.rule("same", 2)), ("c.yml", Self.count("same")),
        ])
        #expect(set.rules.count == 2 && set.correlations.steps.isEmpty)
        let reason = set.rejected.first?.problem.description ?? ""
        #expect(set.rejected.count == 1 && reason.contains("a.yml and b.yml"), "\(reason)")
    }

    @Test func anIdTellsWhichIsMeant() {
        let set = Self.set([
            ("a.yml", Self.rule("same", 1, id: "one")), ("b.yml", Self.rule("same", 2, id: "two")),
            ("c.yml", Self.count("two")),
        ])
        #expect(set.rejected.isEmpty && set.correlations.bases.map(\.key) == ["two"])
    }

    /// Names are unique for a correlation: its own file comes first, and rules of other files are not touched.
    @Test func namesOfTheOwnFileComeFirst() {
        let set = Self.set([
            ("a.yml", Self.rule("same", 1) + Self.count("same")), ("b.yml", Self.rule("same", 2)),
        ])
        #expect(set.rejected.isEmpty && set.correlations.bases.count == 1)
        let matcher = RuleMatcher(set)
        func counted(_ json: String) -> Int {
            _ = matcher.matches(json)
            var count = 0
            matcher.forEachCorrelated { _, _ in count += 1 }
            return count
        }
        #expect(counted(#"{"A":1}"#) == 1 && counted(#"{"A":2}"#) == 0)
        #expect(set.rules.indices.map { set.isReported($0) } == [false, true])
    }

    @Test func twoRulesOfOneIdAreTold() {
        let set = Self.set([("a.yml", Self.rule("x", 1, id: "same")), ("b.yml", Self.rule("y", 2, id: "same"))])
        #expect(set.rules.count == 1 && set.rejected.map(\.path) == ["b.yml"])
        #expect(set.rejected.first?.problem.description.contains("a.yml") == true)
    }
}
