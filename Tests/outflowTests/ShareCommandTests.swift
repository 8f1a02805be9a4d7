// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// From logs to an alert that a partner takes once: scan, share, receive, and a look for it in the partner's own logs.
@Suite("Share") struct ShareCommandTests {
    private func cases(_ folder: Folder, _ report: String) throws -> [[String: Any]] {
        let text = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(report)/report.json"))
        let root = try JSONSerialization.jsonObject(with: text) as? [String: Any]
        return root?["cases"] as? [[String: Any]] ?? []
    }

    @Test func anAlertGoesFromLogsToThePartnersLogs() throws {
        let folder = try Folder()
        try folder.write(
            "ours/conn.log",
            ConnSample.header
                + (0..<40).map { ConnSample.row($0, "10.9.8.7", "203.0.113.66", bytes: 50_000_000) }.joined())
        try folder.write("warned.csv", "indicator,type,confidence,tlp\n203.0.113.66,ip,90,clear\n")
        let scan = try Program.run(
            ["scan", "ours", "--local", "10.0.0.0/8", "--indicators", "warned.csv", "--out", "r", "--quiet"], in: folder
        )
        #expect(scan.status == 0, "\(scan.errors)")
        let id = try #require(try cases(folder, "r").first?["id"] as? String)

        // A preview writes nothing; an alert is written with its signature.
        let ask = ["share", id, "--report", "r", "--to", "isac", "--tlp", "amber", "--partners", "us.json"]
        try folder.write("us.json", #"{"from": "us", "partners": [{"name": "isac", "relation": "community"}]}"#)
        let preview = try Program.run(ask, in: folder)
        #expect(preview.status == 0, "\(preview.errors)")
        #expect(preview.output.contains("in   indicator") && preview.output.contains("out  "))
        #expect(!folder.holds("alert.json"))
        let share = try Program.run(ask + ["--key", "key", "--out", "alert.json"], in: folder)
        #expect(share.status == 0, "\(share.errors)")
        let alert = try String(contentsOfFile: folder.path + "/alert.json", encoding: .utf8)
        #expect(alert.contains("203.0.113.66") && !alert.contains("10.9.8.7") && !alert.contains(id))
        let key = try #require(share.output.split(separator: " ").last).trimmingCharacters(in: .whitespacesAndNewlines)

        // The partner takes it once, unchanged, for itself only.
        try folder.write("isac.json", #"{"from": "isac", "partners": [{"name": "us", "keys": ["\#(key)"]}]}"#)
        let take = ["receive", "alert.json", "--from", "us", "--partners", "isac.json", "--seen", "seen"]
        let taken = try Program.run(take, in: folder)
        #expect(taken.status == 0, "\(taken.errors)")
        let again = try Program.run(take, in: folder)
        #expect(again.status == 1 && again.errors.contains("received before"), "\(again.errors)")
        try folder.write("alert.json", alert.replacingOccurrences(of: "203.0.113.66", with: "203.0.113.67"))
        let changed = try Program.run(take.dropLast() + ["other"], in: folder)
        #expect(changed.status == 1 && changed.errors.contains("no pinned key"), "\(changed.errors)")

        // And finds it in its own logs.
        try folder.write("alert.json", alert)
        try folder.write(
            "theirs/conn.log",
            ConnSample.header
                + (0..<40).map { ConnSample.row($0, "10.1.1.1", "203.0.113.66", bytes: 70_000_000) }.joined())
        let match = try Program.run(
            ["scan", "theirs", "--local", "10.0.0.0/8", "--indicators", "alert.json", "--out", "t", "--quiet"],
            in: folder)
        #expect(match.status == 0, "\(match.errors)")
        let report = try String(contentsOfFile: folder.path + "/t/report.json", encoding: .utf8)
        #expect(report.contains("\"tlp\":\"TLP:AMBER\""))

        // What came at AMBER does not go on to the community; back to its sender it may go as a sighting.
        let theirs = try #require(try cases(folder, "t").first?["id"] as? String)
        let on = try Program.run(
            ["share", theirs, "--report", "t", "--to", "world", "--tlp", "amber", "--key", "k2", "--out", "on.json"],
            in: folder)
        let sent = (try? String(contentsOfFile: folder.path + "/on.json", encoding: .utf8)) ?? ""
        #expect(!sent.contains("203.0.113.66"), "\(on.output)")
        let back = try Program.run(
            ["share", theirs, "--report", "t", "--to", "us", "--tlp", "amber", "--key", "k2", "--out", "back.json"],
            in: folder)
        #expect(back.status == 0, "\(back.errors)")
        #expect(
            try String(contentsOfFile: folder.path + "/back.json", encoding: .utf8).contains("\"type\":\"sighting\""))
    }

    @Test func wrongUseIsToldAsSuch() throws {
        let folder = try Folder()
        #expect(try Program.run(["share", "C-1", "--to", "x", "--tlp", "pink"], in: folder).status == 2)
        #expect(try Program.run(["share", "C-1", "--to", "x", "--tlp", "red", "--out", "f"], in: folder).status == 2)
        #expect(try Program.run(["share", "C-1", "--to", "x", "--tlp", "red"], in: folder).status == 1)
    }
}
