// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A scan needs no network, and does not ask for one.
@Suite("No network")
struct NoNetworkTests {
    /// A world of its own without any interface but a loopback that is down.
    static let isolated = ["unshare", "-rn"]
    static let trace = ["strace", "-f", "-e", "trace=network", "-o"]

    private func folder() throws -> (Folder, [String]) {
        let folder = try Folder()
        var logs = [try folder.write("conn.log", Samples.witness)]
        logs.append(try folder.write("more/conn.log.gz", Samples.gzip(Samples.log(20))))
        // What names hosts may not be looked up.
        logs.append(
            try folder.write(
                "ezproxy.log",
                String(
                    repeating:
                        "localhost - anna [05/Mar/2012:00:07:21 +0100] \"GET http://www.example.org/doi/pdf/10.1234/a HTTP/1.1\" 200 9\n",
                    count: 3)))
        return (folder, ["scan"] + logs + ["--out", "report"])
    }

    @Test(.enabled(if: Program.works(isolated + ["true"]), "unshare cannot make a network namespace here"))
    func withoutAnyNetwork() throws {
        let (folder, arguments) = try folder()
        let outcome = try Program.run(arguments, wrapper: Self.isolated, in: folder)
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        #expect(try WrittenReport(folder).atLeast["10.1.0.99"] == 4_321)
    }

    @Test(.enabled(if: Program.works(trace + ["/dev/null", "true"]), "strace is missing or may not trace here"))
    func noSocketIsOpened() throws {
        let (folder, arguments) = try folder()
        let log = folder.path + "/calls"
        let outcome = try Program.run(arguments, wrapper: Self.trace + [log], in: folder)
        #expect(outcome.status == 0)
        let calls = try String(contentsOfFile: log, encoding: .utf8)
        #expect(calls.contains("exited with 0"))
        #expect(!calls.contains("AF_INET") && !calls.contains("socket("), "\(calls.prefix(2_000))")
    }

    /// A preview of an alert, and an alert that is written, go nowhere.
    @Test(.enabled(if: Program.works(trace + ["/dev/null", "true"]), "strace is missing or may not trace here"))
    func sharingToAFileOpensNoSocket() throws {
        let folder = try Folder()
        let rows = (0..<40).map { ConnSample.row($0, "10.9.8.7", "203.0.113.66", bytes: 50_000_000) }
        try folder.write("logs/conn.log", ConnSample.header + rows.joined())
        try folder.write("list.csv", "indicator,type,confidence,tlp\n203.0.113.66,ip,90,clear\n")
        let scan = try Program.run(
            ["scan", "logs", "--local", "10.0.0.0/8", "--indicators", "list.csv", "--out", "r", "--quiet"], in: folder)
        #expect(scan.status == 0, "\(scan.errors)")
        let report = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: folder.path + "/r/report.json")))
        let cases = (report as? [String: Any])?["cases"] as? [[String: Any]]
        let id = try #require(cases?.first?["id"] as? String)
        try folder.write(
            "us.json", #"{"partners": [{"name": "isac", "collection": "https://hub.example.org/a/collections/b/"}]}"#)
        let log = folder.path + "/calls"
        let share = try Program.run(
            [
                "share", id, "--report", "r", "--to", "isac", "--tlp", "amber", "--partners", "us.json", "--key", "k",
                "--out", "a.json",
            ],
            wrapper: Self.trace + [log], in: folder)
        #expect(share.status == 0, "\(share.errors)")
        let calls = try String(contentsOfFile: log, encoding: .utf8)
        #expect(calls.contains("exited with 0"))
        #expect(!calls.contains("AF_INET") && !calls.contains("socket("), "\(calls.prefix(2_000))")
    }
}
