// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowRecords
import Testing

@testable import OutflowSigma

/// What searches by PCRE2 may cost: by the record's size alone, whatever the expression and the text.
@Suite("Limits of searches")
struct SearchLimitTests {
    private static func search(_ pattern: String, _ text: String, steps: UInt64) throws -> (Bool?, left: UInt64) {
        let regex = try CompiledRegex(RegexSource(pattern), limits: RuleLimits())
        #expect(regex.takesSteps, "\(pattern)")
        var left = steps
        let found = Array(text.utf8).withUnsafeBytes { regex.search(Bytes($0), steps: &left) }
        return (found, left)
    }

    /// Work that PCRE2's own limit does not see: it counts anew for each place where a match may begin, and neither runs
    /// of one character nor what references and repetitions compare.
    @Test(arguments: [
        ("(?=.*http)(?=.*x).*y", "abcdefgh", "y"), ("(?!b)\\w++!", "a", " !"), ("(.+)x\\1y", "ax", "zy"),
        ("(?=a)a{30000}b", "a", "cb"), ("(?=(a+))\\1b", "a", "cb"), ("(?=a)(a|b|ab)+c", "ab", "dc"),
    ])
    func workIsCountedWhereverItIsDone(pattern: String, piece: String, end: String) throws {
        // PCRE2 begins no search for a text without a character that the expression must have.
        let text = String(repeating: piece, count: 50_000 / piece.utf8.count) + end
        let (found, left) = try Self.search(pattern, text, steps: 1_000_000)
        #expect(found == nil && left < 1_000_000, "\(pattern)")
    }

    @Test func ordinarySearchesTakeFewSteps() throws {
        let line = #"C:\Windows\System32\cmd.exe /c powershell -enc foo --url http://a.example/x.exe"#
        for (pattern, isThere) in [("powershell(?! -enc)", false), ("(?<!x)-enc\\s", true), ("(\\w)\\1ow", false)] {
            let (found, left) = try Self.search(pattern, line, steps: 100 + 8 * UInt64(line.utf8.count))
            #expect(found == isThere, "\(pattern)")
            #expect(left > 0)
        }
        // The same steps each time.
        #expect(
            try Self.search("(?=.*http).*exe", line, steps: 9999) == Self.search("(?=.*http).*exe", line, steps: 9999))
    }

    /// What is found in a record does not depend on what was read before.
    @Test func eachRecordHasStepsOfItsOwn() {
        let set = RuleSet([
            ruleText("selection: {F|re: '^(?=a)(a|aa)+$'}"), ruleText("selection: {G|re: 'x(?=y)'}"),
            ruleText("selection: {F|re: '^(?=a)(a|aa)+$'}\nother: {G|contains: q}", condition: "selection or other"),
        ])
        let matcher = RuleMatcher(set)
        let costly = #"{"F":"\#(String(repeating: "a", count: 60))b","G":"axy"}"#
        for count in 1...3 {
            // One costly search leaves enough for others.
            #expect(matcher.matches(costly) == [1])
            #expect(matcher.undecided == [0: UInt64(count), 2: UInt64(count)])
        }
        #expect(matcher.matches(#"{"F":"aaa","G":"q"}"#) == [0, 2])
        #expect(matcher.undecided == [0: 3, 2: 3])
    }

    /// Thousands of expressions, each within its limit, come to minutes and gigabytes.
    @Test func expressionsHaveALimitTogether() throws {
        func rules(_ order: some Sequence<Int>) -> RuleSet {
            var limits = RuleLimits()
            limits.regexTotalMemory = 1 << 20
            return RuleSet(
                order.map { ruleText("selection: {a|re: '(?:[a-z]\\pL){9}x\($0)'}") }
                    + [ruleText("selection: {a: b}"), ruleText("selection: {a|re: '(?:[a-z]\\pL){9}x0'}")],
                limits: limits)
        }
        let set = rules(0..<200)
        // What needs no expression loads, and what shares one that is there.
        #expect(set.rules.count + set.rejected.count == 202 && set.rules.count > 3 && set.rejected.count > 20)
        #expect(set.rules.map(\.header.path).suffix(2) == ["rule200.yml", "rule201.yml"])
        #expect(set.regexMemory < 2 << 20)
        // The first that passes the limit is told, and all behind it.
        let first = set.rules.count - 2
        #expect(Set(set.rejected.map(\.path)) == Set((first..<200).map { "rule\($0).yml" }))
        #expect(set.rejected.allSatisfy { "\($0.problem)".contains("all rules together") })
        #expect(rules(0..<200).rejected == set.rejected)
    }

    /// The largest public collection is far from the limit.
    @Test(.enabled(if: Corpora.path != nil, "OUTFLOW_CORPORA is not set")) func publicRulesStayWithinIt() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let tar = try Process.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            arguments: ["tar", "-xzf", "\(Corpora.path ?? "")/sigma/rules.tar.gz", "-C", folder.path])
        tar.waitUntilExit()
        let set = RuleSet(RuleCollection(paths: [folder.path]), mapping: .standard)
        #expect(set.rules.count > 3000)
        #expect((1...RuleLimits().regexTotalMemory / 4).contains(set.regexMemory), "\(set.regexMemory)");
    }
}
