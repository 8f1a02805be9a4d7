// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import OutflowSigma

/// Which files of a folder are rules.
@Suite("Rule files")
struct RuleFileTests {
    private func withFolder(_ names: [String], _ body: (String) -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in names {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(ruleText("selection: {F: a}").utf8).write(to: file)
        }
        body(folder.path)
    }

    @Test func capitalsDoNotMatter() throws {
        let names = ["a.yml", "b.YML", "c.Yaml", "sub/d.yAmL"]
        try withFolder(names + ["e.txt", "yml", "f.yml.bak"]) { folder in
            let rules = RuleCollection(paths: [folder])
            #expect(rules.rules.map(\.header.path) == names.map { "\(folder)/\($0)" } && rules.rejected.isEmpty)
        }
    }

    @Test func aFolderWithoutRulesIsTold() throws {
        try withFolder(["a.txt"]) { folder in
            let rules = RuleCollection(paths: [folder])
            #expect(rules.foldersWithoutRules == [folder] && rules.rejected.isEmpty && rules.rules.isEmpty)
        }
    }

    @Test func missingPathsAreTold() {
        #expect(RuleCollection(paths: ["/nowhere/rules"]).rejected.map(\.path) == ["/nowhere/rules"])
    }

    @Test func nothingBehindTheLastMarker() {
        var rules = RuleCollection()
        rules.add(ruleText("selection: {F: a}") + "---\n", path: "a.yml")
        #expect(rules.rules.count == 1 && rules.rejected.isEmpty)
        rules.add("---\n---\n", path: "b.yml")
        #expect(rules.rejected.map(\.path) == ["b.yml"])
    }

    @Test(arguments: [
        ("F|hour: 25", "no date has hour 25"), ("F|month|gte: 13", "no date has month 13"),
        ("F|contains|startswith: x", "'contains' and 'startswith'"), ("F|hour: 23", nil),
        ("F|contains|all: [x, y]", nil),
    ]) func lint(item: String, remark: String?) throws {
        var rules = RuleCollection()
        rules.add("id: x\nlevel: low\n" + ruleText("selection:\n    \(item)"), path: "a.yml")
        let rule = try #require(rules.rules.first)
        let remarks = RuleLint.remarks(rule, mapping: .everything)
        #expect(
            remarks.count == (remark == nil ? 0 : 1) && remarks.first?.contains(remark ?? "") != false, "\(remarks)")
    }
}
