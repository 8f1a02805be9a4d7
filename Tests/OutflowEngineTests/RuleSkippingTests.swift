// SPDX-License-Identifier: Apache-2.0

import OutflowEngine
import OutflowLedger
import OutflowSigma
import Testing

/// Logs that no rule is for are passed over; that may never cost a match.
@Suite("Records that rules need not see")
struct RuleSkippingTests {
    private static func titles(_ rule: String, _ lines: [String]) throws -> [String] {
        var collection = RuleCollection()
        collection.add("title: t\n\(rule)", path: "r.yml")
        let folder = try Folder()
        try folder.write("log", lines.joined(separator: "\n") + "\n")
        var plan = ScanPlan(paths: [folder.path], threads: 1)
        plan.rules = RuleSet(collection, mapping: .standard)
        #expect(plan.rules?.rules.count == 1)
        let scan = Scan(plan)
        try scan.observe()
        return scan.conclude().findings.filter { $0.kind == .rule }.map(\.title)
    }

    private static func connection(_ number: Int) -> String {
        #"{"ts":1700000000.\#(number),"uid":"C\#(number)","id.orig_h":"10.0.0.1","id.orig_p":\#(40000 + number),"#
            + #""id.resp_h":"192.0.2.9","id.resp_p":443,"proto":"tcp","conn_state":"SF","orig_bytes":\#(number),"#
            + #""resp_bytes":1}"#
    }

    private static let question =
        #"{"_path":"dns","ts":1700000001.5,"uid":"D1","id.orig_h":"10.0.0.1","id.orig_p":5353,"id.resp_h":"192.0.2.53","#
        + #""id.resp_p":53,"proto":"udp","query":"x.test","qtype_name":"A"}"#

    @Test func flowsAreSeenByTheirRules() throws {
        let rule = "logsource: {product: zeek, service: conn}\ndetection: {s: {orig_bytes: 7}, condition: s}"
        #expect(try Self.titles(rule, (0..<50).map(Self.connection)) == ["t"])
    }

    @Test func otherRowsAmongFlowsAreSeen() throws {
        let rule = "logsource: {category: dns}\ndetection: {s: {QueryName: x.test}, condition: s}"
        let flows = (0..<50).map(Self.connection)
        #expect(try Self.titles(rule, flows) == [])
        #expect(try Self.titles(rule, flows + [Self.question] + flows) == ["t"])
    }

    /// The same row is the same record, whatever stands before it in its file.
    @Test func whatARecordIsDoesNotDependOnItsFile() throws {
        let rule = "logsource: {category: dns}\ndetection: {s: {QueryName: x.test}, condition: s}"
        let windows = #"{"Channel":"Security","EventID":4624,"Hostname":"h","EventTime":"2024-01-01 00:00:00"}"#
        for others in [[], [windows], [#"{"a":1}"#], Array(repeating: windows, count: 30)] {
            #expect(try Self.titles(rule, others + [Self.question]) == ["t"])
        }
        let security = "logsource: {product: windows}\ndetection: {s: {EventID: 4624}, condition: s}"
        #expect(try Self.titles(security, (0..<30).map(Self.connection) + [windows]) == ["t"])
    }

    @Test func startedProcessesOfTheAuditLog() throws {
        let rule =
            "logsource: {product: linux, category: process_creation}\n"
            + "detection: {s: {Image: /usr/bin/rclone, CommandLine|contains: 'copy /data'}, condition: s}"
        let event = [
            #"type=SYSCALL msg=audit(1700000000.1:7): syscall=59 exe="/usr/bin/rclone" pid=1"#,
            #"type=EXECVE msg=audit(1700000000.1:7): argc=3 a0="rclone" a1="copy" a2="/data""#,
        ]
        #expect(try Self.titles(rule, event) == ["t"])
        #expect(try Self.titles(rule, [event[0]]) == [])
    }

    /// A row of an export holds the same record as the interface gives.
    @Test func auditRecordsInRows() throws {
        let rule =
            "logsource: {product: m365, service: exchange}\n"
            + "detection: {s: {Parameters.ForwardingSmtpAddress|startswith: 'smtp:'}, condition: s}"
        let record =
            #"{"CreationTime":"2024-05-01T10:00:00","Id":"1","Operation":"Set-Mailbox","OrganizationId":"o","RecordType":1,"#
            + #""UserType":2,"Workload":"Exchange","UserId":"a@b.test","Parameters":[{"Name":"ForwardingSmtpAddress","#
            + #""Value":"smtp:x@y.test"}]}"#
        let header = "RecordId,CreationDate,RecordType,Operation,UserId,AuditData"
        func row(_ record: String) -> String {
            "1,2024-05-01T10:00:00Z,1,Set-Mailbox,a@b.test,\"" + record.replacing("\"", with: "\"\"") + "\""
        }
        #expect(try Self.titles(rule, [record]) == ["t"])
        #expect(try Self.titles(rule, [header, row(record)]) == ["t"])
        #expect(try Self.titles(rule, [header, row(record.replacing("smtp:", with: "")), header]) == [])
        // A row that is cut tells nothing, and takes nothing from others.
        let cut = String(row(record).dropLast(40))
        #expect(try Self.titles(rule, [header, cut, row(String(record.dropLast(9))), row(record)]) == ["t"])
        let escaped = record.replacing("\"", with: "\\\"")
        #expect(
            try Self.titles(
                rule, [#"{"RecordId":"1","CreationDate":"2024-05-01T10:00:00Z","AuditData":"\#(escaped)"}"#])
                == ["t"])
    }
}
