// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A partner's pattern over several records, found by a scan, and by parts of it that are merged.
@Suite("Patterns over several records")
struct PatternScanTests {
    private func bundle(_ pattern: String) -> String {
        """
        {"type": "bundle", "id": "bundle--1b0a2a6e-6b3c-4b0e-9d1c-0d6d2b1c7e11", "objects": [
         {"type": "indicator", "spec_version": "2.1", "id": "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
          "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z", "pattern_type": "stix",
          "valid_from": "2024-01-01T00:00:00Z", "pattern": "\(pattern)",
          "object_marking_refs": ["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]}]}
        """
    }

    @Test func scanAndMergeFindIt() throws {
        let folder = try Folder()
        // Ten seconds apart.
        let rows = (0..<6).map { Samples.conn($0) }
        try folder.write("a.log", Samples.connHeader + rows[0..<3].joined())
        try folder.write("b.log", Samples.connHeader + rows[3..<6].joined())
        try folder.write(
            "warning.json",
            bundle(
                "([network-traffic:dst_ref.value = '203.0.113.9' AND network-traffic:dst_port = 443] REPEATS 5 TIMES)"
                    + " WITHIN 40 SECONDS"))
        let sought = ["--indicators", "warning.json"]
        let scan = try Program.run(["scan", "a.log", "b.log", "--out", "whole"] + sought, in: folder)
        #expect(scan.status == 0 && scan.errors.isEmpty, "\(scan)")
        for name in ["a", "b"] {
            let partial = try Program.run(
                ["partial", "\(name).log", "--output", "\(name).partial"] + sought, in: folder)
            #expect(partial.status == 0, "\(partial)")
        }
        let merge = try Program.run(["merge", "b.partial", "a.partial", "--report", "merged"], in: folder)
        #expect(merge.status == 0, "\(merge)")
        let report = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/whole/report.json"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/merged/report.json")) == report)
        let root = try #require(try JSONSerialization.jsonObject(with: report) as? [String: Any])
        let findings = (root["findings"] as? [[String: Any]] ?? []).filter { $0["kind"] as? String == "indicator" }
        #expect(findings.count == 1)
        #expect((findings.first?["evidence"] as? [Any])?.count == 5)
        #expect((findings.first?["indicator"] as? [String: Any])?["tlp"] as? String == "TLP:AMBER")
        // No part of it alone would do.
        let half = try Program.run(["scan", "a.log", "--out", "half"] + sought, in: folder)
        #expect(half.status == 0)
        let text = try String(contentsOfFile: folder.path + "/half/report.json", encoding: .utf8)
        #expect(!text.contains("indicator--8e2e2d2b"))
    }

    @Test func whatLogsDoNotShowIsTold() throws {
        let folder = try Folder()
        try folder.write("a.log", Samples.log(2))
        try folder.write("warning.json", bundle("[process:pid = 5] FOLLOWEDBY [ipv4-addr:value = '203.0.113.9']"))
        let scan = try Program.run(["scan", "a.log", "--out", "r", "--indicators", "warning.json"], in: folder)
        #expect(scan.status == 0 && scan.errors.contains("1 indicators ask for what the logs do not show"), "\(scan)")
    }
}
