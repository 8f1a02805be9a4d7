// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowEngine
import OutflowLedger
import OutflowRecords
import OutflowReports
import OutflowSigma
import Testing

/// Records that tell no time, as lines of traditional syslog do: whatever is said of them, it is no made-up date.
@Suite("Findings of records without a time")
struct TimelessRuleTests {
    private static let rules = """
        title: Sign-in failed
        id: r-failed
        name: failed
        logsource: {product: linux, service: sshd}
        detection: {s: ['Failed password'], condition: s}
        level: high
        ---
        title: Many failures
        id: r-many
        correlation: {type: event_count, rules: [failed], group-by: [hostname], timespan: 60s, generate: true, condition: {gte: 2}}
        """
    private static let syslog =
        "May  1 10:00:00 host.example sshd[1]: Failed password for root from 192.0.2.1 port 2 ssh2\n"

    private static func report(_ files: [String: String]) throws -> Report { try scan(files).conclude() }

    private static func scan(_ files: [String: String]) throws -> Scan {
        var collection = RuleCollection()
        collection.add(rules, path: "r.yml")
        let folder = try Folder()
        for (name, text) in files { try folder.write(name, text) }
        var plan = ScanPlan(paths: [folder.path], threads: 1)
        plan.rules = RuleSet(collection, mapping: .standard)
        let scan = Scan(plan)
        try scan.observe()
        return scan
    }

    @Test func nothingTellsATime() throws {
        let report = try Self.report(["auth.log": Self.syslog])
        let finding = try #require(report.findings.first { $0.name == "r-failed" })
        #expect(finding.first == .unknown && finding.last == .unknown)
        #expect(finding.notes.contains { $0.contains("when it was is not known") })
        let json = String(decoding: JSONReport.render(report, version: "t"), as: UTF8.self)
        #expect(json.contains(#""first":null"#) && !json.contains("1970") && !json.contains("0001-01-01"))
        let again = try JSONReportReader(Array(json.utf8)).report
        #expect(again.findings.map(\.first) == report.findings.map(\.first))
    }

    @Test func otherLogsDoNotTellWhenTheyWere() throws {
        let other = (1...2).map { day in
            #"{"@timestamp":"2024-05-0\#(day)T10:00:00Z","Channel":"Security","EventID":1,"Hostname":"h"}"# + "\n"
        }
        let report = try Self.report(["auth.log": Self.syslog, "events.json": other.joined()])
        let finding = try #require(report.findings.first { $0.name == "r-failed" })
        #expect(finding.first == .unknown && finding.last == .unknown)
        #expect(report.inputs.contains { $0.first?.description == "2024-05-01T10:00:00.000000Z" })
    }

    @Test func correlationsSayThatTheyCannotLook() throws {
        let scan = try Self.scan(["auth.log": Self.syslog + Self.syslog.replacing("10:00:00", with: "10:00:01")])
        #expect(!scan.conclude().findings.contains { $0.name == "r-many" })
        #expect(scan.remarks == ["correlations: records of rule r-failed that tell no time were not looked at"])
    }
}
