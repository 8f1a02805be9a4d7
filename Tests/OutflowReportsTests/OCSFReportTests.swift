// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowReports

/// `findings.ocsf.jsonl`. These tests look at what the schema requires; `script/check-ocsf` checks whole files with the
/// schema itself.
@Suite struct OCSFReportTests {
    private func lines(_ report: Report) -> [[UInt8]] {
        OCSFReport.render(report, version: "0.1.0").split(separator: 0x0A).map(Array.init)
    }

    /// Parses a line and hands its root to `body`.
    private func parse<Result>(_ line: [UInt8], _ body: (JSONValue) throws -> Result) throws -> Result {
        let parser = JSONParser()
        let root = try line.withUnsafeBytes { try parser.parse(copying: Bytes($0)) }
        return try withExtendedLifetime(parser) { try body(root) }
    }

    @Test func requiredAttributes() throws {
        let report = DemoReport.suspicious
        let lines = lines(report)
        #expect(lines.count == report.findings.count)
        for (line, finding) in zip(lines, report.findings) {
            try parse(line) { root in
                #expect(root["class_uid"]?.unsigned == 2004 && root["category_uid"]?.unsigned == 2)
                #expect(root["activity_id"]?.unsigned == 1 && root["type_uid"]?.unsigned == 200_401)
                #expect(root["metadata"]?["product"]?.string("name").string == "Outflow")
                #expect(root["metadata"]?.string("version").string == "1.5.0")
                #expect(root["finding_info"]?.string("uid").string == finding.id)
                #expect(root["time"]?.unsigned == UInt64(finding.last.microseconds / 1_000))
                #expect(root["metadata"]?.string("correlation_uid").string == finding.caseID ?? "")
                #expect([1, 2, 4, 5].contains(root["severity_id"]?.unsigned))
            }
        }
    }

    @Test func techniquesHaveTheirNames() throws {
        let finding = try #require(DemoReport.suspicious.findings.first { $0.techniques.contains("T1567.002") })
        var report = Report()
        report.findings = [finding]
        try parse(lines(report)[0]) { root in
            let attacks = try #require(root["finding_info"]?["attacks"]).elements.map(\.value)
            #expect(attacks.count == 2)
            #expect(attacks[1]["technique"]?.string("name").string == "Exfiltration Over Web Service")
            #expect(attacks[1]["sub_technique"]?.string("name").string == "Exfiltration to Cloud Storage")
            #expect(attacks[1]["tactic"]?.string("uid").string == "TA0010")
        }
    }

    @Test func timesBefore1970AndHostileStrings() throws {
        var random = SplitMix(seed: 71)
        var report = DemoReport.replacingStrings(DemoReport.suspicious) { _ in Hostile.string(&random) }
        report.findings[0].first = Timestamp(microseconds: -1_500)
        report.findings[0].evidence = [Origin(input: 4_000_000_000, offset: .max, length: .max)]
        let lines = lines(report)
        #expect(lines.count == report.findings.count)
        try parse(lines[0]) { #expect($0["start_time"]?.double == -2) }
        for line in lines { try parse(line) { #expect($0.kind == .object) } }
    }
}
