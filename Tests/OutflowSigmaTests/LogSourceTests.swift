// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowSigma

/// The standard mapping: rules run on the records that they are for, and on no others.
@Suite("Log sources")
struct LogSourceTests {
    private static func set(_ source: String, _ selection: String) -> RuleSet {
        var collection = RuleCollection()
        collection.add(
            "title: t\nlogsource: {\(source)}\ndetection: {s: {\(selection)}, condition: s}\n", path: "r.yml")
        let set = RuleSet(collection, mapping: .standard)
        #expect(set.rejected.isEmpty, "\(set.rejected.map(\.problem.description))")
        return set
    }

    private static func matches(_ source: String, _ selection: String, _ json: String) -> Bool {
        RuleMatcher(set(source, selection)).matches(json) == [0]
    }

    private static func matches(
        _ source: String, _ selection: String, _ fields: KeyValuePairs<StaticString, StaticString>, format: String
    ) -> Bool { RuleMatcher(set(source, selection)).matches(fields, format: format) == [0] }

    private static let audit =
        #"{"Channel":"Security","EventID":4688,"Computer":"h","NewProcessName":"C:\\a.exe","MandatoryLabel":"S-1-16-12288"}"#

    /// Names that other programs use as well do not make a record one of a product.
    @Test(arguments: [
        ("product: windows, service: application", #"{"Channel":"Application","text":"x"}"#),
        ("product: windows, service: security", #"{"channel":"x","Channel":"Security","text":"x"}"#),
        ("product: windows, service: security", #"{"Channel":"Security","EventID":4625,"text":"x"}"#),
        ("product: windows, service: system", #"{"Channel":"System","EventID":"x1","host":"h","text":"x"}"#),
        ("category: process_creation", #"{"Channel":"Security","EventID":4688,"app":"chat","text":"x"}"#),
        ("product: linux, service: auditd", #"{"type":"USER_REGISTERED","text":"x"}"#),
        ("product: linux, service: auditd", #"{"type":"PATH","text":"x"}"#),
        ("product: m365", #"{"Workload":"batch","Operation":"read","text":"x"}"#),
        ("product: m365", #"{"Workload":"Exchange","Operation":"Set-Mailbox","RecordType":"job","text":"x"}"#),
        ("product: azure", #"{"category":"AuditLogs","text":"x"}"#),
        ("product: azure", #"{"category":"Security","resourceId":"mine","operationName":"o","text":"x"}"#),
        ("product: azure", #"{"category":"SignInLogs","operationName":"login","resourceId":"shop/1","text":"x"}"#),
        ("product: azure", #"{"Type":"AuditLogs","text":"x"}"#),
        ("product: azure", #"{"riskEventType":"credit","riskLevel":"high","text":"x"}"#),
        (
            "product: azure",
            #"{"userPrincipalName":"a","appDisplayName":"b","ipAddress":"c","conditionalAccessStatus":"d","text":"x"}"#
        ),
        ("product: onelogin", #"{"event_type_id":5,"account_id":7,"text":"x"}"#),
        ("product: onelogin", #"{"event_type_id":5,"account_id":7,"created_at":"2024","text":"x"}"#),
        ("product: opencanary", #"{"logtype":5,"node_id":"n","text":"x"}"#),
        ("product: bitbucket", #"{"auditType":{"action":"login"},"text":"x"}"#),
        ("product: gcp", #"{"id":{"applicationName":"admin"},"text":"x"}"#),
    ])
    func othersUseSuchNames(source: String, record: String) {
        #expect(!Self.matches(source, "text: x", record))
    }

    /// The shapes that vendors document.
    @Test(arguments: [
        (
            "product: m365, service: exchange",
            #"{"CreationTime":"2024-05-01T10:00:00","Id":"1","Operation":"Set-Mailbox","OrganizationId":"o","RecordType":1,"#
                + #""UserType":2,"UserKey":"k","Workload":"Exchange","text":"x"}"#
        ),
        (
            "product: m365, service: audit",
            #"{"TimeGenerated":"2024-05-01T10:00:00Z","OfficeWorkload":"OneDrive","Operation":"FileDownloaded","#
                + #""OrganizationId":"o","RecordType":"SharePointFileOperation","Type":"OfficeActivity","text":"x"}"#
        ),
        (
            "product: azure, service: signinlogs",
            #"{"time":"2024-05-01T10:00:00Z","resourceId":"/tenants/t/providers/Microsoft.aadiam","category":"SignInLogs","#
                + #""operationName":"Sign-in activity","properties":{},"text":"x"}"#
        ),
        (
            "product: azure, service: activitylogs",
            #"{"time":"2024-05-01T10:00:00Z","resourceId":"/SUBSCRIPTIONS/S/RESOURCEGROUPS/R","category":"Administrative","#
                + #""operationName":"MICROSOFT.COMPUTE/DISKS/WRITE","text":"x"}"#
        ),
        (
            "product: azure, service: auditlogs",
            #"{"TimeGenerated":"2024-05-01T10:00:00Z","Type":"AuditLogs","OperationName":"Add user","text":"x"}"#
        ),
        (
            "product: onelogin, service: onelogin.events",
            #"{"event_timestamp":"2017-12-05 19:13:06 UTC","uuid":"u","account_id":92920,"event_type_id":8,"text":"x"}"#
        ),
        (
            "product: opencanary",
            #"{"dst_host":"192.0.2.1","dst_port":22,"local_time":"2024-05-01 10:00:00.1","logdata":{},"logtype":4002,"#
                + #""node_id":"n","src_host":"192.0.2.9","src_port":9,"text":"x"}"#
        ),
        (
            "product: windows, service: sysmon",
            #"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"text":"x"}"#
        ),
    ])
    func documentedShapes(source: String, record: String) {
        #expect(Self.matches(source, "text: x", record))
    }

    @Test func securityAuditIsProcessCreation() {
        let source = "category: process_creation, product: windows"
        #expect(Self.matches(source, "Image|endswith: a.exe", Self.audit))
        #expect(Self.matches(source, "IntegrityLevel: High", Self.audit))
        #expect(!Self.matches(source, "IntegrityLevel: System", Self.audit))
        #expect(!Self.matches("category: network_connection, product: windows", "Image|endswith: a.exe", Self.audit))
        #expect(!Self.matches("category: process_creation, product: linux", "Image|endswith: a.exe", Self.audit))
    }

    /// 4688 calls the creator's process `ProcessId`; in rules for started processes that is the started one.
    @Test func namesOfACategoryWinOverNamesOfTheRecord() {
        let processes = "category: process_creation, product: windows"
        let record =
            #"{"Channel":"Security","EventID":4688,"Computer":"h","NewProcessName":"a","ParentProcessName":"p","#
            + #""ProcessId":"0x10","NewProcessId":"0x20","Image":"i","MandatoryLabel":"S-1-16-12288","#
            + #""IntegrityLevel":"own"}"#
        for (selection, isThere) in [
            ("ProcessId: '0x20'", true), ("ProcessId: '0x10'", false), ("ParentProcessId: '0x10'", true),
            ("ParentProcessId: '0x20'", false), ("Image: a", true), ("Image: i", false), ("ParentImage: p", true),
            ("IntegrityLevel: High", true), ("IntegrityLevel: own", false), ("NewProcessId: '0x20'", true),
        ] {
            #expect(Self.matches(processes, selection, record) == isThere, "\(selection)")
        }
        // Rules that name the channel mean the record's own names, also beside rules of the category.
        for source in ["product: windows, service: security", "product: windows"] {
            #expect(Self.matches(source, "EventID: 4688, ProcessId: '0x10', Image: i", record))
            #expect(!Self.matches(source, "EventID: 4688, ProcessId: '0x20'", record))
        }
        var both = RuleCollection()
        for (id, source) in [processes, "product: windows, service: security"].enumerated() {
            for value in ["0x10", "0x20"] {
                both.add(
                    "title: \(id)\nlogsource: {\(source)}\ndetection: {s: {ProcessId: '\(value)'}, condition: s}\n",
                    path: "r.yml")
            }
        }
        let matcher = RuleMatcher(RuleSet(both, mapping: .standard))
        #expect(matcher.matches(record) == [1, 2])
        #expect(matcher.matches(record) == [1, 2])
        // Without NewProcessId nothing but the record's own is there.
        let plain = #"{"Channel":"Security","EventID":4688,"Computer":"h","ProcessId":"0x10","Image":"i"}"#
        #expect(matcher.matches(plain) == [0, 2])
        let without =
            #"{"Channel":"Security","EventID":4688,"Computer":"h","NewProcessId":"0x20","NewProcessName":"a","Image":"i"}"#
        #expect(!Self.matches(processes, "ParentProcessId: '0x20'", without))
        #expect(Self.matches(processes, "ProcessId: '0x20', Image: a", without))
    }

    /// Correlations take the values under the names of the rule that matched.
    @Test func correlationsSeeTheNamesOfTheirRule() {
        var rules = RuleCollection()
        rules.add(
            """
            title: p
            name: p
            logsource: {category: process_creation, product: windows}
            detection: {s: {Image: a}, condition: s}
            ---
            title: n
            name: n
            logsource: {product: windows, service: security}
            detection: {s: {EventID: 4688}, condition: s}
            ---
            title: c
            correlation: {type: temporal, rules: [p, n], group-by: [ProcessId], timespan: 1h}
            """, path: "r.yml")
        let matcher = RuleMatcher(RuleSet(rules, mapping: .standard))
        let record =
            #"{"Channel":"Security","EventID":4688,"Computer":"host1","NewProcessName":"a","ProcessId":"1","NewProcessId":"2"}"#
        #expect(matcher.matches(record) == [0, 1])
        var values: [[String?]] = []
        matcher.forEachCorrelated { values.append($1) }
        #expect(values == [["2"], ["1"]])
        // What a finding is about goes by the record's own names.
        #expect(matcher.entities.map(\.name) == ["host1"])
    }

    @Test(arguments: [
        #"{"Event":{"System":{"Channel":"Security","EventID":4625,"Computer":"h"},"EventData":{"F":"x"}}}"#,
        ##"{"Event":{"System":{"Channel":"Security","Computer":"h","EventID":{"#text":4625}},"UserData":{"A":{"F":"x"}}}}"##,
        #"{"winlog":{"channel":"Security","event_id":"4625","computer_name":"h","event_data":{"F":"x"}}}"#,
        #"{"Channel":"Security","EventID":4625,"SourceName":"p","F":"x"}"#,
    ]) func windowsEventsOfAnyShape(json: String) {
        #expect(Self.matches("product: windows, service: security", "EventID: 4625, F: x", json))
        #expect(!Self.matches("product: windows, service: system", "EventID: 4625, F: x", json))
    }

    @Test func keywordsAreFoundHoweverTheyAreWritten() {
        func found(_ value: String) -> Bool {
            var collection = RuleCollection()
            collection.add(
                "title: t\nlogsource: {product: windows}\ndetection: {k: [sekurlsa], condition: k}\n", path: "r.yml")
            return RuleMatcher(RuleSet(collection, mapping: .standard))
                .matches(#"{"Channel":"Security","EventID":1,"Computer":"h","F":"\#(value)"}"#) == [0]
        }
        #expect(found("x sekurlsa y"))
        #expect(found("SEKURLSA"))
        #expect(found(#"\u0073ekurlsa"#))
        #expect(found("se\u{212A}urlsa"))  // The Kelvin sign is a k.
        #expect(found(#"se\u212Aurlsa"#))
        #expect(found("ünd sekurlsa"))
        #expect(!found("sekurls"))
        #expect(!found(#"sekur\u003clsa"#))
    }

    /// What a JSON record is depends on its members, and Zeek's rows need not name their log.
    @Test(arguments: [
        (#"{"_path":"dns","ts":1,"query":"x.test"}"#, "service: dns", true),
        (#"{"ts":1,"id.orig_h":"10.0.0.1","query":"x.test","qtype_name":"A"}"#, "service: dns", true),
        (#"{"ts":1,"id":{"orig_h":"10.0.0.1"},"query":"x.test","qtype_name":"A"}"#, "service: dns", true),
        (#"{"ts":1,"id.orig_h":"10.0.0.1","query":"x.test","qtype_name":"A"}"#, "service: http", false),
        (#"{"query":"x.test"}"#, "service: dns", false),
    ]) func zeekRows(json: String, service: String, isOne: Bool) {
        #expect(Self.matches("product: zeek, \(service)", "query: x.test", json) == isOne)
        if service == "service: dns" { #expect(Self.matches("category: dns", "QueryName: x.test", json) == isOne) }
    }

    @Test func zeekHTTPIsForProxyAndWebRules() {
        let json =
            #"{"_path":"http","uri":"/a.php?q=1","user_agent":"curl/8","method":"POST","host":"h","status_code":200}"#
        for category in ["category: proxy", "category: webserver"] {
            #expect(Self.matches(category, "c-useragent|startswith: curl, cs-method: POST, sc-status: 200", json))
            #expect(Self.matches(category, "cs-uri-query|contains: 'q=1', cs-host: h", json))
        }
        #expect(
            Self.matches(
                "category: proxy", "c-uri|contains: a.php, r-dns: h", ["_path": "http", "uri": "/a.php", "host": "h"],
                format: "zeek-tsv"))
        #expect(!Self.matches("category: proxy", "c-uri|contains: a.php", #"{"_path":"files","uri":"/a.php"}"#))
    }

    @Test func linuxAuditRecords() {
        let start: KeyValuePairs<StaticString, StaticString> = [
            "type": "EXECVE", "a0": "rclone", "a1": "copy", "cmdline": "rclone copy /x r:", "exe": "/usr/bin/rclone",
        ]
        #expect(Self.matches("product: linux, service: auditd", "type: execve, a1: copy", start, format: "linux-audit"))
        let processes = "product: linux, category: process_creation"
        let selection = "Image|endswith: /rclone, CommandLine|contains: ' copy '"
        #expect(Self.matches(processes, selection, start, format: "linux-audit"))
        #expect(!Self.matches("product: windows, category: process_creation", selection, start, format: "linux-audit"))
        let call: KeyValuePairs<StaticString, StaticString> = ["type": "SYSCALL", "a0": "7f", "exe": "/usr/bin/rclone"]
        #expect(!Self.matches(processes, "Image|endswith: /rclone", call, format: "linux-audit"))
        #expect(Self.matches("product: linux, service: auditd", "type: SYSCALL", call, format: "linux-audit"))
        // Without the event's call, the first argument is all that is known of the program.
        #expect(Self.matches(processes, "Image: rclone", ["type": "EXECVE", "a0": "rclone"], format: "linux-audit"))
    }

    /// Records of a closed format are never what their fields happen to look like.
    @Test func closedFormats() {
        let windows: KeyValuePairs<StaticString, StaticString> = [
            "Channel": "Security", "EventID": "1", "Computer": "h",
        ]
        #expect(Self.matches("product: windows", "EventID: 1", windows, format: "windows-evtx"))
        #expect(!Self.matches("product: windows", "EventID: 1", windows, format: "squid"))
    }

    /// Logs that no rule is for are passed over, and no others.
    @Test func formatsThatRulesAreFor() {
        let web = Self.set("category: webserver", "cs-method: GET")
        #expect(
            web.concerns(format: "combined") && web.concerns(format: "zeek-tsv") && web.concerns(format: "zeek-json"))
        #expect(
            !web.concerns(format: "squid") && !web.concerns(format: "vpc-flow") && !web.concerns(format: "windows-evtx")
        )
        let windows = Self.set("product: windows, service: security", "EventID: 1")
        #expect(windows.concerns(format: "windows-evtx") && windows.concerns(format: "suricata-eve"))
        #expect(!windows.concerns(format: "combined") && !windows.concerns(format: "linux-audit"))
    }

    /// An explanation shows the parts of a rule also for a record that is not of its log source.
    @Test func partsAreShownWhateverTheRecordIs() throws {
        var rules = RuleCollection()
        rules.add(
            "title: t\nlogsource: {product: windows, service: security}\ndetection: {s: {F: x}, condition: s}\n",
            path: "r.yml")
        let explanation = try RuleExplanation(try #require(rules.rules.first), mapping: .standard)
        for (record, isOne) in [
            (#"{"F":"x"}"#, false), (#"{"Channel":"Security","EventID":1,"F":"x"}"#, false),
            (#"{"Channel":"Security","EventID":1,"Computer":"h","F":"x"}"#, true),
        ] {
            #expect(explanation.matcher.matches(record)?.isEmpty == false)
            explanation.explain()
            #expect(explanation.answers.allSatisfy { $0 } && explanation.isOfLogSource == isOne, "\(record)")
        }
    }
}
