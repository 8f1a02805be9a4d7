// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowSigma

/// Rule collections: documents of one file that build on each other with `action`.
@Suite("Actions of rule collections")
struct RuleActionTests {
    private static let global = """
        action: global
        title: all
        level: low
        logsource: {product: windows, category: process_creation}
        detection: {common: {A: 1}}
        """

    private static func load(_ documents: String...) -> RuleCollection {
        var rules = RuleCollection()
        rules.add(documents.joined(separator: "\n---\n"), path: "g.yml")
        return rules
    }

    @Test func globalIsMergedIntoWhatFollows() {
        let rules = Self.load(Self.global, "detection: {s: {B: 2}, condition: common and s}")
        #expect(rules.rejected.isEmpty && rules.rules.count == 1)
        #expect(rules.rules.first?.header.title == "all" && rules.rules.first?.header.level == "low")
        #expect(rules.rules.first?.identifiers.map(\.name) == ["common", "s"])
    }

    /// A small file must not come to gigabytes.
    @Test(arguments: ["", "action: repeat\n"])
    func whatIsTakenOverHasALimit(action: String) {
        let values = (0..<1_000).map { "v\($0)" }.joined(separator: ", ")
        let first =
            (action.isEmpty ? "action: global\n" : "")
            + "title: all\nlogsource: {product: windows}\ndetection: {s: {A: [\(values)]}, condition: s}"
        let documents = [first] + (0..<2_000).map { "\(action)id: \($0)\ndetection: {condition: s}" }
        var rules = RuleCollection()
        rules.add(documents.joined(separator: "\n---\n"), path: "g.yml")
        #expect(rules.rules.count > 100 && rules.rules.count < 700)
        #expect(rules.rejected.contains { $0.problem.description.contains("take over by 'action'") })
    }

    /// What a document says itself counts; of maps, what both say is put together.
    @Test func documentsOverrideTheGlobal() {
        let rules = Self.load(
            Self.global,
            "title: own\nlogsource: {product: linux}\ndetection: {common: {A: 9}, condition: common}")
        let rule = rules.rules.first
        #expect(rule?.header.title == "own" && rule?.header.level == "low")
        #expect(rule?.logSource == RuleLogSource(category: "process_creation", product: "linux"))
        #expect(rule?.identifiers.count == 1)
    }

    @Test func laterGlobalsAddToEarlierOnes() {
        let rules = Self.load(
            Self.global, "detection: {condition: common}", "action: global\nlevel: high",
            "detection: {condition: common}")
        #expect(rules.rules.map(\.header.level) == ["low", "high"])
        #expect(rules.rules.map(\.header.title) == ["all", "all"])
    }

    @Test func resetForgetsTheGlobal() {
        let own = "title: own\nlogsource: {product: linux}\ndetection: {s: {A: 3}, condition: s}"
        #expect(Self.load(Self.global, "action: reset", own).rules.map(\.header.level) == [nil])
        #expect(Self.load(Self.global, "action: reset\n" + own).rules.map(\.header.level) == [nil])
        let bare = Self.load(Self.global, "action: reset", "detection: {s: {A: 3}, condition: s}")
        #expect(bare.rules.isEmpty && bare.rejected.count == 1)
    }

    @Test func repeatBuildsOnTheDocumentBefore() {
        let rules = Self.load(
            Self.global, "detection: {s: {B: 2}, condition: common and s}",
            "action: repeat\nlevel: high\ndetection: {s: {B: 3}}")
        #expect(rules.rules.map(\.header.level) == ["low", "high"])
        #expect(rules.rules.map { $0.identifiers.map(\.name) } == [["common", "s"], ["common", "s"]])
        #expect(rules.rules.first?.expression != rules.rules.last?.expression)
    }

    @Test func repeatOfNothingNeedsToBeWhole() {
        #expect(Self.load("action: repeat\nlevel: high").rejected.count == 1)
    }

    @Test func globalsHoldForOneFileOnly() {
        var rules = RuleCollection()
        rules.add(Self.global, path: "a.yml")
        rules.add("detection: {condition: common}", path: "b.yml")
        #expect(rules.rules.isEmpty && rules.rejected.map(\.path) == ["b.yml"])
    }

    @Test func otherActionsAreTold() {
        let rules = Self.load(Self.global, "action: sometimes\nid: x", "detection: {condition: common}")
        #expect(rules.rejected.first?.id == "x")
        #expect(rules.rejected.first?.problem.description.contains("sometimes") == true)
        #expect(rules.rules.count == 1)
    }
}
