// SPDX-License-Identifier: Apache-2.0

import OutflowEngine
import OutflowLedger
import OutflowRecords
import OutflowSigma
import Testing

/// What cannot be read is told, and no rule says anything about it: one that asks for what is not there would hit it.
@Suite("Records that rules cannot look at")
struct UnreadableRecordTests {
    private static func run(_ rule: String, _ log: String) throws -> (summary: RuleRun.Summary, lines: Int) {
        var collection = RuleCollection()
        collection.add("title: t\n\(rule)", path: "r.yml")
        let folder = try Folder()
        try folder.write("log", log)
        let lines = Guarded(0)
        let run = RuleRun(
            ScanPlan(paths: [folder.path], threads: 1), rules: RuleSet(collection, mapping: .standard))
        let summary = try run.run { written in
            lines.withLock { $0 += written.count { $0 == UInt8(ascii: "\n") } }
            return true
        }
        return (summary, lines.withLock { $0 })
    }

    private static let combined =
        #"192.0.2.7 - - [10/Apr/2012:09:38:11 +0200] "GET /a HTTP/1.1" 200 290 "-" "curl""# + "\n"

    @Test(arguments: [
        #"192.0.2.7 - - [10/Apr/2012:09:38:12 +0200] "GET /b HTTP/1.1" 200 290"#,
        #"192.0.2.7 - - [10/Apr/2012:09:38:12 +0200] "GET /b HTTP/1.1" 200 290 "-" "curl" "203.0.113.9""#,
        #"192.0.2.7 - - [99/Apr/2012:09:38:12 +0200] "GET /b HTTP/1.1" 200 290 "-" "curl""#, "GET /b",
    ])
    func linesOfAnotherLayout(odd: String) throws {
        let good = String(repeating: Self.combined, count: 9)
        for (rule, count) in [
            ("logsource: {category: webserver}\ndetection: {s: {cs-user-agent: curl}, condition: s}", 10),
            ("logsource: {category: webserver}\ndetection: {s: {cs-user-agent: curl}, condition: not s}", 0),
            ("logsource: {category: webserver}\ndetection: {s: ['/b'], condition: s}", 0),
        ] {
            let run = try Self.run(rule, good + odd + "\n" + Self.combined)
            #expect(run.lines == count && run.summary.records == 10, "\(rule)")
            let rejected = try #require(run.summary.inputs.first).rejected
            #expect(rejected.count == 1 && rejected.examples.first?.offset == UInt64(good.utf8.count), "\(rejected)")
        }
    }

    @Test func brokenSyslogAndAuditLines() throws {
        let syslog = "May  1 10:00:00 host.example sshd[123]: hello\n"
        let audit = "type=USER_CMD msg=audit(1364481363.243:24287): pid=1 uid=0\n"
        for (line, rule) in [
            (syslog, "logsource: {product: linux}\ndetection: {s: {programname: sshd}, condition: not s}"),
            (audit, "logsource: {product: linux, service: auditd}\ndetection: {s: {type: USER_CMD}, condition: not s}"),
        ] {
            let run = try Self.run(rule, String(repeating: line, count: 5) + "nothing of the kind\n" + line)
            #expect(run.lines == 0 && run.summary.records == 6)
            #expect(run.summary.inputs.first?.rejected.count == 1)
        }
    }
}
