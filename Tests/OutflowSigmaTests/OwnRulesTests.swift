// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowRecords
import Testing

@testable import OutflowSigma

/// The rules that the project brings (`rules/`), each with its test beside it (`rules/tests/NAME.json`).
@Suite struct OwnRulesTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("rules")
    private static let set = RuleSet(RuleCollection(paths: [folder.path]), mapping: .standard)

    /// Events that a rule must match, and such as nearly do.
    private struct Cases {
        var hits: [[UInt8]]
        var misses: [[UInt8]]

        init(_ name: String) throws {
            let file = OwnRulesTests.folder.appendingPathComponent("tests/\(name).json")
            let root = try #require(
                JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: [[String: Any]]], "\(name)")
            #expect(Set(root.keys) == ["hits", "misses"], "\(name)")
            hits = try (root["hits"] ?? []).map { [UInt8](try JSONSerialization.data(withJSONObject: $0)) }
            misses = try (root["misses"] ?? []).map { [UInt8](try JSONSerialization.data(withJSONObject: $0)) }
        }
    }

    /// The rules that match an event, and its log sources.
    private static func matches(_ event: [UInt8], _ matcher: RuleMatcher) -> (rules: [Int], sources: [RuleLogSource])? {
        (event + [UInt8](repeating: 0, count: 64)).withUnsafeBytes { raw in
            let record = Bytes(raw).prefix(upTo: event.count)
            guard matcher.match(json: record) == nil else { return nil }
            return (matcher.matches, matcher.sources)
        }
    }

    private static func name(_ rule: Rule) -> String {
        URL(fileURLWithPath: rule.header.path).deletingPathExtension().lastPathComponent
    }

    @Test func allLoadAndSayWhatTheyAre() throws {
        #expect(Self.set.rejected.map { "\($0.path): \($0.problem)" } == [])
        #expect(Self.set.rules.count >= 60)
        let ids = Self.set.rules.compactMap(\.header.id)
        #expect(Set(ids).count == Self.set.rules.count)
        for rule in Self.set.rules {
            #expect(UUID(uuidString: rule.header.id ?? "") != nil, "\(rule.header.path)")
            #expect(["low", "medium", "high", "critical"].contains(rule.header.level), "\(rule.header.path)")
            #expect(rule.header.tags.contains { $0.hasPrefix("attack.t1") }, "\(rule.header.path)")
            let text = try String(contentsOfFile: rule.header.path, encoding: .utf8)
            for part in [
                "description:", "references:", "    - https://", "author: Outflow", "date:", "falsepositives:",
            ] {
                #expect(text.contains(part), "\(rule.header.path): \(part)")
            }
        }
    }

    /// The program carries the rules as they are in the folder: `script/embed-rules` lists the files.
    @Test func theProgramCarriesThem() throws {
        let names = OwnRules.files.map(\.path)
        #expect(names == Self.set.rules.map { String($0.header.path.dropFirst(Self.folder.path.count + 1)) }.sorted())
        for file in OwnRules.files {
            let text = try String(contentsOf: Self.folder.appendingPathComponent(file.path), encoding: .utf8)
            #expect(file.text == text, "\(file.path): build again")
        }
        var own = RuleCollection()
        own.addOwnRules()
        #expect(own.rejected.isEmpty && own.rules.count == Self.set.rules.count)
        // Where a user brings them too, they are there once, and nothing is complained of.
        var both = RuleCollection(paths: [Self.folder.path])
        both.addOwnRules()
        #expect(both.rejected.isEmpty && both.rules.count == Self.set.rules.count)
        #expect(both.rules.allSatisfy { $0.header.path.hasPrefix(Self.folder.path) })
    }

    @Test func eachHitsWhatItShallAndNothingElse() throws {
        let matcher = RuleMatcher(Self.set)
        for (number, rule) in Self.set.rules.enumerated() {
            let name = Self.name(rule)
            let cases = try Cases(name)
            #expect(!cases.hits.isEmpty && !cases.misses.isEmpty, "\(name)")
            for (index, hit) in cases.hits.enumerated() {
                let found = try #require(Self.matches(hit, matcher))
                #expect(found.rules.contains(number), "\(name), hit \(index)")
            }
            var isNear = false
            for (index, miss) in cases.misses.enumerated() {
                let found = try #require(Self.matches(miss, matcher))
                #expect(!found.rules.contains(number), "\(name), miss \(index)")
                if found.sources.contains(where: rule.logSource.includes) { isNear = true }
            }
            #expect(isNear, "\(name): no miss is of the rule's log source")
        }
    }

    @Test func noTestIsWithoutItsRule() throws {
        let files = try FileManager.default.contentsOfDirectory(
            atPath: Self.folder.appendingPathComponent("tests").path)
        #expect(Set(files) == Set(Self.set.rules.map { Self.name($0) + ".json" }))
    }
}
