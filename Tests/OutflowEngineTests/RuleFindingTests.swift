// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowEngine
import OutflowLedger
import OutflowRecords
import OutflowSigma
import Testing

/// Matches of rules in a scan: findings that say who, when and on which records, and that obey the laws.
@Suite("Rules in a scan")
struct RuleFindingTests {
    private static let rules = """
        title: Archive tool
        id: r-archive
        name: archive
        logsource: {product: windows, service: security}
        detection: {s: {EventID: 4688, NewProcessName|endswith: rar.exe}, condition: s}
        level: high
        tags: [attack.exfiltration, attack.t1560.001]
        ---
        title: Sign-in failed
        name: failed
        logsource: {product: windows, service: security}
        detection: {s: {EventID: 4625}, condition: s}
        ---
        title: Many failures
        id: r-many
        correlation:
            type: event_count
            rules: [failed]
            group-by: [TargetUserName]
            timespan: 60s
            condition: {gte: 3}
        level: medium
        """

    private static func set() -> RuleSet {
        var collection = RuleCollection()
        collection.add(rules, path: "r.yml")
        return RuleSet(collection, mapping: .standard)
    }

    private static func line(_ second: Int, _ event: Int, _ more: String) -> String {
        let time =
            "2024-05-0\(1 + second / 86_400)T10:\(String(second / 60 % 60 + 100).suffix(2)):"
            + "\(String(second % 60 + 100).suffix(2))Z"
        return #"{"@timestamp":"\#(time)","Channel":"Security","EventID":\#(event),"Hostname":"WS\#(second % 3)","#
            + more + "}\n"
    }

    private static func lines(_ dice: inout Dice) -> [String] {
        (0..<400).map { _ in
            let second = dice.number(0...3_000)
            return dice.chance(20)
                ? line(
                    second, 4688, #""NewProcessName":"C:\\x\\rar.exe","SubjectUserName":"eve\#(dice.number(1...3))""#)
                : line(second, 4625, #""TargetUserName":"u\#(dice.number(1...9))""#)
        }
    }

    private static func report(_ files: [[String]], threads: Int) throws -> Report {
        let folder = try Folder()
        for (number, lines) in files.enumerated() { try folder.write("\(number).json", lines.joined()) }
        var plan = ScanPlan(paths: [folder.path], threads: threads)
        plan.rules = set()
        let scan = Scan(plan)
        try scan.observe()
        return scan.conclude()
    }

    private static func comparable(_ report: Report) -> [Report.Finding] {
        report.findings.filter { $0.kind == .rule }.map { finding in
            var finding = finding
            finding.evidence = []
            finding.caseID = nil
            return finding
        }
    }

    @Test func findingsTellWhoAndWhen() throws {
        let report = try Self.report(
            [
                [
                    Self.line(1, 4688, #""NewProcessName":"C:\\rar.exe","SubjectUserName":"eve""#),
                    Self.line(4, 4688, #""NewProcessName":"C:\\rar.exe","SubjectUserName":"eve""#),
                    Self.line(5, 4688, #""NewProcessName":"C:\\cmd.exe","SubjectUserName":"eve""#),
                ]
            ], threads: 1)
        let findings = report.findings.filter { $0.kind == .rule }
        let finding = try #require(findings.first)
        #expect(findings.count == 1)
        #expect(finding.kind == .rule && finding.name == "r-archive" && finding.suspicion == .likely)
        #expect(finding.techniques == ["T1560.001"])
        #expect(finding.entities.contains(.init(kind: "account", id: "eve")))
        #expect(finding.entities.contains(.init(kind: "host", id: "ws1")))
        #expect(finding.first.description.hasPrefix("2024-05-01T10:00:01"))
        #expect(finding.last.description.hasPrefix("2024-05-01T10:00:04"))
        #expect(finding.evidence.count == 2)
    }

    @Test("order, splits, repetitions and threads are of no account", arguments: seeds(6))
    func laws(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let lines = Self.lines(&dice)
        let plain = try Self.report([lines], threads: 1)
        #expect(plain.findings.contains { $0.name == "r-archive" } && plain.findings.contains { $0.name == "r-many" })
        for _ in 0..<3 {
            var mixed = lines + lines.filter { _ in dice.chance(20) }
            mixed.shuffle(using: &dice)
            let cut = dice.number(1...mixed.count - 1)
            let other = try Self.report([Array(mixed[..<cut]), Array(mixed[cut...])], threads: 2)
            #expect(Self.comparable(other) == Self.comparable(plain), "seed \(seed)")
        }
    }

    @Test("partials carry what was found, and the correlations", arguments: seeds(4))
    func partials(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let lines = Self.lines(&dice)
        let plain = try Self.report([lines], threads: 1)
        let folder = try Folder()
        let merge = Merge()
        for (number, part) in [lines[..<150], lines[100...]].enumerated() {
            let path = try folder.write("\(number).json", part.joined())
            var plan = ScanPlan(paths: [path], threads: 2)
            plan.rules = Self.set()
            let scan = Scan(plan)
            let writer = try PartialWriter(path: folder.path + "/\(number).partial")
            try scan.observe(keeping: writer)
            try scan.finish(writer)
            try merge.add(folder.path + "/\(number).partial")
        }
        #expect(Self.comparable(merge.conclude(ScanPlan(paths: []))) == Self.comparable(plain), "seed \(seed)")
    }
}
