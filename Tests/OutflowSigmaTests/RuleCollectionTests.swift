// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowSigma

/// Files of several documents.
@Suite struct RuleCollectionTests {
    private static func rule(_ title: String, _ item: String = "A: 1") -> String {
        """
        title: \(title)
        logsource: {product: windows, category: process_creation}
        detection: {s: {\(item)}, condition: s}

        """
    }

    /// What stands before a document that cannot be read is used; what stands in it and behind it is told.
    @Test(arguments: ["A: 1, A: 2", "A: [1", #"A: "C:\Windows""#])
    func aBrokenDocumentIsTold(item: String) {
        var rules = RuleCollection()
        rules.add(
            [Self.rule("good"), Self.rule("bad", item), Self.rule("third")].joined(separator: "---\n"), path: "m.yml")
        #expect(rules.rules.map(\.header.title) == ["good"])
        #expect(rules.rejected.count == 1 && rules.rejected.first?.path == "m.yml")
        let reason = rules.rejected.first?.problem.description ?? ""
        #expect(reason.contains("line ") && reason.contains("nothing behind document 1"), "\(reason)")
        var alone = RuleCollection()
        alone.add(Self.rule("bad", item), path: "b.yml")
        #expect(alone.rules.isEmpty && alone.rejected.count == 1)
        #expect(alone.rejected.first?.problem.description.contains("empty") == false)
    }

    @Test func anEmptyFileIsEmpty() {
        var rules = RuleCollection()
        rules.add("# nothing\n", path: "e.yml")
        #expect(rules.rejected.first?.problem.description.contains("empty") == true)
    }

    /// `action: global` holds until `reset`; `repeat` builds on the document before.
    @Test func actions() {
        var rules = RuleCollection()
        rules.add(
            """
            action: global
            title: all
            logsource: {product: windows, category: process_creation}
            ---
            detection: {s: {A: 1}, condition: s}
            ---
            action: repeat
            detection: {s: {A: 2}, condition: s}
            ---
            action: reset
            title: own
            logsource: {product: linux}
            detection: {s: {A: 4}, condition: s}
            ---
            detection: {s: {A: 3}, condition: s}

            """, path: "g.yml")
        #expect(rules.rules.map(\.header.title) == ["all", "all", "own"])
        #expect(rules.rejected.count == 1)
    }
}
