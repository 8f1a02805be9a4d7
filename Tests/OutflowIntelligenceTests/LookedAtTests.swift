// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// Which fields of which records are compared with which indicators: one row each of the table in `docs/indicators.md`.
@Suite struct LookedAtTests {
    private static let list = """
        198.51.100.77
        evil.example
        http://evil.example/a/b
        http://[2001:db8::99]/m
        drop@evil-mail.example
        da39a3ee5e6b4b0d3255bfef95601890afd80709
        """

    private static let http =
        #""_path":"http","ts":1772600000,"uid":"C1","id.orig_h":"10.0.0.5","id.orig_p":4000,"id.resp_h":"203.0.113.80","id.resp_p":80,"trans_depth":1,"method":"GET","request_body_len":0,"status_code":200"#
    private static let ends =
        #""ts":1772600000,"uid":"C1","id.orig_h":"10.0.0.5","id.orig_p":4000,"id.resp_h":"203.0.113.9","id.resp_p":53,"proto":"udp""#
    private static let eve =
        #""timestamp":"2026-03-04T16:00:00.000000+0000","flow_id":1,"src_ip":"10.0.0.5","src_port":1,"dest_ip":"203.0.113.1","dest_port":25,"proto":"TCP""#

    private struct Row: Sendable {
        var source: any LogSource.Type
        var record: String
        /// What is met.
        var met: Set<String>
    }

    private static let cloudTrail =
        #"{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/u","accountId":"111122223333"},"eventTime":"2026-03-04T10:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey","awsRegion":"eu-central-1","sourceIPAddress":"198.51.100.77","eventID":"E"}"#

    private static let rows = ofNetworks + ofHosts

    private static let ofNetworks: [Row] = [
        .init(
            source: ZeekJSON.self, record: "{\(http),\"host\":\"evil.example.\",\"uri\":\"/a/b\"}",
            met: ["evil.example", "evil.example/a/b"]),
        .init(
            source: ZeekJSON.self, record: "{\(http),\"host\":\"EVIL.example:443\",\"uri\":\"/a/b\"}",
            met: ["evil.example", "evil.example/a/b"]),
        .init(
            source: ZeekJSON.self, record: "{\(http),\"host\":\"x.example\",\"uri\":\"http://evil.example/a/b\"}",
            met: ["evil.example/a/b"]),
        .init(
            source: ZeekJSON.self, record: "{\(http),\"host\":\"[2001:db8::99]\",\"uri\":\"/m\"}",
            met: ["2001:db8::99/m"]),
        .init(
            source: ZeekJSON.self,
            record: #"{"_path":"ssl",\#(ends),"server_name":"Evil.example."}"#, met: ["evil.example"]),
        .init(
            source: ZeekJSON.self,
            record: #"{"_path":"dns",\#(ends),"query":"a.example","qtype":1,"rcode":0,"answers":["198.51.100.77"]}"#,
            met: ["198.51.100.77"]),
        .init(
            source: ZeekJSON.self,
            record:
                #"{"_path":"smtp",\#(ends),"trans_depth":1,"mailfrom":"a@x.example","rcptto":["drop@evil-mail.example"]}"#,
            met: ["drop@evil-mail.example"]),
        .init(
            source: ZeekJSON.self,
            record: #"{"_path":"smtp",\#(ends),"trans_depth":1,"from":"\"Thief\" <Drop@Evil-Mail.example>"}"#,
            met: ["drop@evil-mail.example"]),
        .init(
            source: SuricataEVE.self,
            record:
                #"{"event_type":"smtp",\#(eve),"smtp":{"mail_from":"<a@x.example>","rcpt_to":["<drop@evil-mail.example>"]}}"#,
            met: ["drop@evil-mail.example"]),
        .init(
            source: SuricataEVE.self,
            record: #"{"event_type":"smtp",\#(eve),"email":{"from":"drop@evil-mail.example"}}"#,
            met: ["drop@evil-mail.example"]),
        .init(
            source: SuricataEVE.self,
            record: #"{"event_type":"http",\#(eve),"http":{"hostname":"evil.example.:80","url":"/a/b","length":5}}"#,
            met: ["evil.example/a/b"]),
        .init(source: CloudTrail.self, record: cloudTrail, met: ["198.51.100.77"]),
        .init(
            source: Microsoft365.self,
            record:
                #"{"CreationTime":"2026-03-04T11:00:00","Id":"1","Operation":"UserLoggedIn","OrganizationId":"o","RecordType":15,"Workload":"AzureActiveDirectory","ClientIP":"198.51.100.77","UserId":"u@uni.example"}"#,
            met: ["198.51.100.77"]),
        .init(
            source: Microsoft365.self,
            record:
                #"{"CreationTime":"2026-03-04T11:00:00","Id":"1","Operation":"Set-Mailbox","OrganizationId":"o","RecordType":1,"Workload":"Exchange","UserId":"u@uni.example","ObjectId":"u@uni.example","Parameters":[{"Name":"Identity","Value":"u@uni.example"},{"Name":"ForwardingSmtpAddress","Value":"smtp:Drop@Evil-Mail.example"}]}"#,
            met: ["drop@evil-mail.example"]),
        .init(
            source: EntraSignIns.self,
            record:
                #"{"id":"1","createdDateTime":"2026-03-04T12:00:00Z","userPrincipalName":"u@uni.example","userId":"1","appDisplayName":"Office","appId":"a","ipAddress":"198.51.100.77","clientAppUsed":"Browser","status":{"errorCode":0}}"#,
            met: ["198.51.100.77"]),
        .init(
            source: SquidLog.self,
            record:
                "1772632800.123    200 10.0.0.5 TCP_MISS/200 1000 GET http://evil.example/a/b - HIER_DIRECT/203.0.113.1 text/html",
            met: ["evil.example", "evil.example/a/b"]),
        .init(
            source: SquidLog.self,
            record:
                "1772632801.123    200 10.0.0.5 TCP_TUNNEL/200 1000 CONNECT evil.example:443 - HIER_DIRECT/203.0.113.1 -",
            met: ["evil.example"]),
    ]

    private static func event(_ number: Int, _ provider: String, _ data: [(String, String)]) -> String {
        let fields = data.map { "<Data Name='\($0)'>\($1)</Data>" }.joined()
        return
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='\(provider)'/>"
            + "<EventID>\(number)</EventID><TimeCreated SystemTime='2026-03-04T10:00:00.0Z'/><Channel>c</Channel>"
            + "<Computer>WS1.corp.example</Computer></System><EventData>\(fields)</EventData></Event>"
    }

    private static let sysmon = "Microsoft-Windows-Sysmon"
    private static let security = "Microsoft-Windows-Security-Auditing"
    private static let digest = "da39a3ee5e6b4b0d3255bfef95601890afd80709"

    /// Logs of hosts, and records of no kind that is known.
    private static let ofHosts: [Row] = [
        .init(
            source: WindowsEventXML.self,
            record: event(
                3, sysmon,
                [
                    ("Image", "C:\\a.exe"), ("Initiated", "true"), ("SourceIp", "10.0.0.5"),
                    ("DestinationIp", "198.51.100.77"), ("DestinationHostname", "x.Evil.example"),
                ]), met: ["198.51.100.77", "evil.example"]),
        .init(
            source: WindowsEventXML.self,
            record: event(
                22, sysmon,
                [
                    ("QueryName", "www.evil.example"),
                    ("QueryResults", "type:  5 evil.example;::ffff:198.51.100.77;203.0.113.4;"),
                ]), met: ["198.51.100.77", "evil.example"]),
        .init(
            source: WindowsEventXML.self,
            record: event(
                1, sysmon,
                [
                    ("FileVersion", "198.51.100.77"), ("OriginalFileName", "evil.example"),
                    ("CommandLine", "ping 198.51.100.77"),
                    ("Hashes", "SHA1=\(digest.uppercased()),MD5=00000000000000000000000000000000,IMPHASH=0"),
                ]), met: [digest]),
        .init(
            source: WindowsEventXML.self,
            record: event(4625, security, [("TargetUserName", "u"), ("IpAddress", "::ffff:198.51.100.77")]),
            met: ["198.51.100.77"]),
        .init(
            source: WindowsEventXML.self,
            record: event(5156, security, [("SourceAddress", "10.0.0.5"), ("DestAddress", "198.51.100.77")]),
            met: ["198.51.100.77"]),
        .init(
            source: WindowsEventXML.self,
            record: event(59, "Microsoft-Windows-Bits-Client", [("url", "http://EVIL.example:80/a/b")]),
            met: ["evil.example", "evil.example/a/b"]),
        .init(
            source: WindowsEventJSON<Winlogbeat>.self,
            record:
                #"{"@timestamp":"2026-03-04T10:00:00Z","host":{"name":"ws1"},"winlog":{"channel":"c","event_id":3,"computer_name":"ws1","event_data":{"DestinationIp":"198.51.100.77"}}}"#,
            met: ["198.51.100.77"]),
        .init(
            source: WindowsEventJSON<EvtxDump>.self,
            record:
                ##"{"Event":{"#attributes":{"xmlns":"http://evil.example/a/b"},"System":{"EventID":22,"Channel":"c","Computer":"ws1"},"EventData":{"QueryName":"evil.example"}}}"##,
            met: ["evil.example"]),
        .init(
            source: LinuxAuditLog.self,
            record: "type=SOCKADDR msg=audit(1772600000.1:7): saddr=020001BBC633644D0000000000000000",
            met: ["198.51.100.77"]),
        .init(
            source: LinuxAuditLog.self,
            record:
                "type=SOCKADDR msg=audit(1772600000.1:7): saddr=0A0001BB0000000000000000000000000000FFFFC633644D00000000",
            met: ["198.51.100.77"]),
        .init(
            source: LinuxAuditLog.self,
            record:
                "node=s1 type=USER_LOGIN msg=audit(1772600000.1:8): pid=1 uid=0 msg='op=login acct=\"u\" exe=\"/usr/sbin/sshd\" hostname=h.evil.example addr=198.51.100.77 terminal=ssh res=success'",
            met: ["198.51.100.77", "evil.example"]),
        .init(
            source: LinuxSyslog.self,
            record: "Mar  4 10:00:00 s1 sshd[7]: Accepted password for u from 198.51.100.77 port 5022 ssh2",
            met: ["198.51.100.77"]),
        .init(
            source: LinuxSyslog.self,
            record:
                "2026-03-04T10:00:00+00:00 s1 sshd[7]: pam_unix(sshd:auth): authentication failure; rhost=evil.example  user=root",
            met: ["evil.example"]),
        .init(
            source: LinuxSyslog.self,
            record:
                "2026-03-04T10:00:00Z s1 postfix/smtp[1]: 4F: to=<Drop@evil-mail.example>, relay=x.example[198.51.100.77]:25",
            met: ["drop@evil-mail.example", "198.51.100.77"]),
        .init(
            source: JSONLines.self,
            record:
                #"{"timestamp":1772600000,"destination":{"ip":"198.51.100.77:443"},"dns":{"question":{"name":"A.evil.example"}},"url":{"full":"http://[2001:db8::99]/m"},"app":{"version":"198.51.100.77"},"file":{"name":"evil.example","hash":{"sha1":"\#(digest)"}}}"#,
            met: ["198.51.100.77", "evil.example", "2001:db8::99/m", digest]),
    ]

    @Test(arguments: rows.indices) func isMet(number: Int) throws {
        let row = Self.rows[number]
        var feed = IndicatorFeed()
        _ = withBytes(of: Self.list) { feed.read($0, path: "x", source: "x") }
        let matcher = IndicatorMatcher([try feed.builder.finish()])
        let batch = ActivityBatch()
        batch.wantsObservables = true
        let text = Array((row.record + "\n").utf8) + [UInt8](repeating: 0, count: 64)
        text.withUnsafeBytes { memory in
            let bytes = Bytes(memory).prefix(upTo: text.count - 64)
            let framing: Framing = row.source == WindowsEventXML.self ? .eventXML : .lines
            let source = row.source.init(
                StreamHead(
                    bytes: bytes, isWhole: true, framing: framing, records: [bytes.trimmed], options: SourceOptions()))
            let elements = framing == .lines ? [] : [0..<bytes.count - 1]
            source?.read(RecordBlock(bytes: bytes, offset: 0, framing: framing, elements: elements), into: batch)
            if let source { OtherRecords().read(batch, after: source) }
            matcher.observe(batch, input: 0)
        }
        #expect(batch.rejections.count == 0 && batch.records == 1)
        let met = Set(matcher.hits.hits.keys.map { Indicator.text($0.kind, $0.value) })
        #expect(met == row.met, "\(row.record)")
    }

    /// Lines without a year have no time: a finding of theirs is at most possible, names no time, and says so; in any order.
    @Test func recordsWithoutTime() throws {
        var feed = IndicatorFeed()
        let list = "value,type,confidence,valid_until\n198.51.100.77,ip,90,2026-03-05\n"
        _ = withBytes(of: list) { feed.read($0, path: "x", source: "x") }
        let set = try feed.builder.finish()
        let old = "Mar  4 10:00:00 s1 sshd[7]: Accepted password for u from 198.51.100.77 port 5022 ssh2\n"
        let dated = "2026-03-04T10:00:00Z s1 sshd[7]: Accepted password for u from 198.51.100.77 port 5022 ssh2\n"
        let late = "2026-03-06T10:00:00Z s1 sshd[7]: Accepted password for u from 198.51.100.77 port 5022 ssh2\n"
        func findings(_ parts: String...) throws -> [Report.Finding] {
            var hits = IndicatorHits()
            for part in parts {
                let matcher = IndicatorMatcher([set])
                let batch = ActivityBatch()
                batch.wantsObservables = true
                let text = Array(part.utf8) + [UInt8](repeating: 0, count: 64)
                text.withUnsafeBytes { memory in
                    let bytes = Bytes(memory).prefix(upTo: text.count - 64)
                    let head = StreamHead(
                        bytes: bytes, isWhole: true, framing: .lines, records: [], options: SourceOptions())
                    LinuxSyslog(head)?.read(RecordBlock(bytes: bytes, offset: 0), into: batch)
                    matcher.observe(batch, input: 0)
                }
                var encoder = StateEncoder()
                matcher.hits.encode(into: &encoder)
                var decoder = try StateDecoder(encoder.finish())
                hits.merge(try IndicatorHits(from: &decoder), inputMap: [0])
            }
            return hits.findings()
        }
        let untimed = try findings(old)
        #expect(untimed.map(\.suspicion) == [.possible])
        #expect(untimed.first?.first == .unknown && untimed.first?.last == .unknown)
        #expect(untimed.first?.notes.contains { $0.contains("tell no time") } == true)
        #expect(untimed.first?.entities.contains { $0.kind == "host" && $0.id == "s1" } == true)
        let both = try findings(old, dated)
        #expect(both.map(\.suspicion) == [.likely])
        #expect(
            both.first?.first == withBytes(of: "2026-03-04T10:00:00Z", { Timestamp(iso8601: $0) })
                && both.first?.first == both.first?.last)
        #expect(try findings(dated + old).map(\.title) == both.map(\.title))
        #expect(try findings(dated, old).map(\.first) == both.map(\.first))
        // Known to be after the end.
        #expect(try findings(late).isEmpty)
    }
}
