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
}
