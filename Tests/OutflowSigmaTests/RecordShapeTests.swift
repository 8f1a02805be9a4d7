// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowSigma

/// The standard mapping on the shapes in which services and shippers hand out the same records.
@Suite("Shapes of records")
struct RecordShapeTests {
    private static func matches(_ source: String, _ selection: String, _ json: String) -> Bool {
        matcher(source, selection).matches(json) == [0]
    }

    private static func matcher(_ source: String, _ selection: String) -> RuleMatcher {
        var collection = RuleCollection()
        collection.add(
            "title: t\nlogsource: {\(source)}\ndetection: {s: {\(selection)}, condition: s}\n", path: "r.yml")
        let set = RuleSet(collection, mapping: .standard)
        #expect(set.rejected.isEmpty, "\(set.rejected.map(\.problem.description))")
        return RuleMatcher(set)
    }

    private static let audit =
        #"{"CreationTime":"2024-05-01T10:00:00","Id":"1","Operation":"Set-Mailbox","OrganizationId":"o","RecordType":1,"Workload":"Exchange","Parameters":[{"Name":"Identity","Value":"smtp:x"},{"Name":"ForwardingSmtpAddress","Value":"smtp:e@x.test"}]}"#

    /// The audit record as the Management Activity API gives it, and in the rows that hold it.
    private static var wrapped: [String] {
        let text = audit.replacing("\"", with: "\\\"")
        return [
            audit, #"{"RecordId":"1","CreationDate":"2024-05-01T10:00:00Z","AuditData":\#(audit)}"#,
            #"{"RecordId":"1","CreationDate":"2024-05-01T10:00:00Z","Operation":"Set-Mailbox","AuditData":"\#(text)"}"#,
            #"{"ActionType":"Set-Mailbox","Timestamp":"2024-05-01T10:00:00Z","RawEventData":"\#(text)"}"#,
            #"{"id":"1","operation":"Set-Mailbox","auditData":\#(audit)}"#,
        ]
    }

    @Test(arguments: wrapped) func auditRecordsAreUnwrapped(json: String) {
        let matcher = Self.matcher(
            "product: m365, service: exchange",
            "Operation: Set-Mailbox, Parameters.ForwardingSmtpAddress|startswith: 'smtp:'")
        #expect(matcher.matches(json) == [0])
        let time = matcher.withMatch(json) { _ in matcher.time?.description }
        #expect(time == "2024-05-01T10:00:00.000000Z")
        // The value belongs to another name.
        #expect(!Self.matches("product: m365, service: audit", "Parameters.Identity: 'smtp:e@x.test'", json))
    }

    /// Winlogbeat's objects as they come out of Elasticsearch: flat, in rows, with the names of Elastic's schema alone.
    @Test(arguments: [
        #"{"winlog.channel":"Security","winlog.event_id":"4688","winlog.computer_name":"h","winlog.event_data.NewProcessName":"a"}"#,
        #"{"winlog":{"channel":"Security","event_id":4688,"provider_name":"p","event_data.NewProcessName":"a"}}"#,
        #"{"_index":"w","_id":"1","_source":{"winlog":{"channel":"Security","event_id":4688,"computer_name":"h","event_data":{"NewProcessName":"a"}}}}"#,
        #"{"_index":"w","_source":{"winlog.channel":"Security","winlog.event_id":4688,"winlog.computer_name":"h","winlog.event_data.NewProcessName":"a"}}"#,
        #"{"winlog.channel":"Security","event.code":"4688","event.provider":"p","winlog.event_data.NewProcessName":"a"}"#,
        #"{"winlog":{"channel":"Security","event_data":{"NewProcessName":"a"}},"event":{"code":"4688","provider":"p"}}"#,
        #"{"winlog.channel":"Security","event.code":"4688","event.provider":"p","winlog.event_data.NewProcessName":"a"}"#,
    ]) func flatRecords(json: String) {
        #expect(Self.matches("category: process_creation, product: windows", "Image: a, EventID: 4688", json))
    }

    /// The event's own id counts, where there is one.
    @Test func fallbacksFillIn() {
        let json = #"{"winlog.channel":"Security","winlog.event_id":4625,"event.code":"4688","event.provider":"p"}"#
        #expect(!Self.matches("product: windows", "EventID: 4688", json))
        #expect(Self.matches("product: windows", "EventID: 4625, Provider_Name: p, event.code: 4688", json))
    }

    /// Sentinel's table names the workload otherwise, and writes lists as text.
    @Test func sentinelsOfficeActivity() {
        let json =
            #"{"TimeGenerated":"2024-05-01T10:00:00Z","OfficeId":"1","Operation":"Set-Mailbox","OrganizationId":"o","RecordType":"ExchangeAdmin","OfficeWorkload":"Exchange","Parameters":"[{\"Name\":\"ForwardTo\",\"Value\":\"a\"}]"}"#
        #expect(Self.matches("product: m365, service: exchange", "Parameters.ForwardTo: a", json))
    }

    @Test(arguments: [
        ##"{"Event":{"System":{"Channel":"Application","EventID":{"#text":7},"TimeCreated":{"#attributes":{"SystemTime":"2024-05-01T10:00:00.5Z"}},"Computer":"h"},"EventData":{"Data":{"#text":["one","two"]}}}}"##,
        #"{"Event":{"System":{"Channel":"Application","EventID":7,"TimeCreated_attributes":{"SystemTime":"2024-05-01T10:00:00.5Z"},"Computer":"h"},"EventData":{"Data":["one","two"]}}}"#,
        #"{"Channel":"Application","EventID":7,"TimeCreated":"2024-05-01T10:00:00.5Z","Computer":"h","Data":["one","two"]}"#,
    ]) func dumpedEvents(json: String) {
        let matcher = Self.matcher("product: windows, service: application", "EventID: 7, Data: two")
        #expect(matcher.matches(json) == [0])
        let time = matcher.withMatch(json) { _ in matcher.time?.description }
        #expect(time == "2024-05-01T10:00:00.500000Z")
    }

    @Test func onlyWindowsEventsAreWindowsEvents() {
        let any = "product: windows"
        #expect(!Self.matches(any, "EventID: 1", #"{"Channel":"orders","EventID":1,"Message":"x"}"#))
        #expect(Self.matches(any, "EventID: 1", #"{"Channel":"My-App/Log","EventID":1,"Computer":"h"}"#))
        #expect(Self.matches(any, "EventID: 1", #"{"Channel":"My-App/Log","EventID":1,"SourceName":"My-App"}"#))
        let linux = #"{"Channel":"Linux-Sysmon/Operational","EventID":1,"Provider_Name":"Linux-Sysmon","Computer":"h"}"#
        #expect(!Self.matches(any, "EventID: 1", linux))
        #expect(!Self.matches("product: windows, category: process_creation", "EventID: 1", linux))
        #expect(Self.matches("product: linux, category: process_creation", "EventID: 1", linux))
    }

    @Test func suricataIsForRulesOfItsProtocols() {
        let dns =
            #"{"timestamp":"2024-05-01T10:00:00.0+0000","event_type":"dns","src_ip":"10.0.0.1","dest_ip":"10.0.0.2","dns":{"type":"query","rrname":"x.test","rrtype":"TXT"}}"#
        let eight =
            #"{"event_type":"dns","src_ip":"10.0.0.1","dns":{"version":3,"type":"request","queries":[{"rrname":"x.test","rrtype":"TXT"}]}}"#
        for json in [dns, eight] {
            #expect(Self.matches("category: dns", "query: x.test, record_type: TXT", json))
            #expect(Self.matches("category: network, service: dns", "dns.question.name: x.test", json))
            #expect(!Self.matches("product: zeek, service: dns", "query: x.test", json))
            #expect(!Self.matches("category: proxy", "cs-host: x.test", json))
        }
        let http =
            #"{"event_type":"http","src_ip":"10.0.0.1","dest_ip":"192.0.2.1","http":{"hostname":"h","url":"/a?q=1","http_user_agent":"curl/8","http_method":"POST","status":200}}"#
        for category in ["proxy", "webserver"] {
            #expect(
                Self.matches(
                    "category: \(category)",
                    "c-useragent|startswith: curl, cs-method: POST, sc-status: 200, cs-uri-query|contains: 'q=1', cs-host: h",
                    http))
        }
        let flow = #"{"event_type":"flow","src_ip":"10.0.0.1","dest_ip":"192.0.2.1","dest_port":443,"flow":{}}"#
        #expect(Self.matches("category: firewall", "dst_ip: 192.0.2.1, dst_port: 443", flow))
        #expect(
            !Self.matches("category: firewall", "dst_ip: 192.0.2.1", #"{"event_type":"flow","dest_ip":"192.0.2.1"}"#))
    }

    @Test(arguments: [
        (
            "rdp",
            #"{"id.orig_h":"10.0.0.1","cookie":"a","result":"Success","security_protocol":"HYBRID","cert_count":0}"#
        ),
        ("smb_mapping", #"{"id.orig_h":"10.0.0.1","path":"\\\\h\\ADMIN$","share_type":"DISK"}"#),
        ("x509", #"{"fingerprint":"aa","certificate.serial":"01","certificate.subject":"CN=x"}"#),
        ("ssh", #"{"id.orig_h":"10.0.0.1","version":2,"auth_attempts":3,"client":"SSH-2.0-x"}"#),
        ("smtp", #"{"id.orig_h":"10.0.0.1","trans_depth":1,"helo":"h","mailfrom":"a@x.test"}"#),
        ("ntlm", #"{"id.orig_h":"10.0.0.1","username":"u","server_nb_computer_name":"h"}"#),
        ("tunnel", #"{"id.orig_h":"10.0.0.1","tunnel_type":"Tunnel::SOCKS"}"#),
        ("notice", #"{"note":"Scan::Port_Scan","msg":"m","actions":["Notice::ACTION_LOG"]}"#),
    ]) func zeekRowsWithoutTheNameOfTheirLog(service: String, json: String) {
        let row = #"{"ts":1714557600.5,"uid":"C1",\#(json.dropFirst())"#
        #expect(Self.matches("product: zeek, service: \(service)", "ts: 1714557600.5", row))
        for other in ["conn", "dns", "http"] {
            #expect(!Self.matches("product: zeek, service: \(other)", "ts: 1714557600.5", row))
        }
    }

    @Test(arguments: [
        #"{"time":"2024-05-01T10:00:00Z","resourceId":"/SUBSCRIPTIONS/S","operationName":"MICROSOFT.COMPUTE/DISKS/WRITE","category":"Administrative","resultType":"Failed"}"#,
        #"{"eventTimestamp":"2024-05-01T10:00:00Z","caller":"a@b.c","category":{"value":"Administrative"},"operationName":{"value":"Microsoft.Compute/disks/write","localizedValue":"x"},"resourceId":"/subscriptions/s","status":{"value":"Failed"}}"#,
        #"{"TimeGenerated":"2024-05-01T10:00:00Z","Type":"AzureActivity","OperationNameValue":"MICROSOFT.COMPUTE/DISKS/WRITE","CategoryValue":"Administrative","ActivityStatusValue":"Failed"}"#,
    ]) func azureActivity(json: String) {
        let source = "product: azure, service: activitylogs"
        let matcher = Self.matcher(source, "operationName: MICROSOFT.COMPUTE/DISKS/WRITE, resultType: Failed")
        #expect(matcher.matches(json) == [0])
        let time = matcher.withMatch(json) { _ in matcher.time?.description }
        #expect(time == "2024-05-01T10:00:00.000000Z")
        #expect(Self.matches(source, "OperationNameValue|endswith: /write, CategoryValue: Administrative", json))
        #expect(!Self.matches("product: azure, service: auditlogs", "resultType: Failed", json))
    }

    @Test(arguments: [
        #"{"time":"2024-05-01T10:00:00Z","resourceId":"/tenants/t/providers/Microsoft.aadiam","category":"AuditLogs","operationName":"Consent to application","properties":{"result":"success","loggedByService":"Core Directory","targetResources":[{"modifiedProperties":[{"displayName":"A","newValue":"x"},{"displayName":"B","newValue":"y"}]}]}}"#,
        #"{"id":"x","category":"ApplicationManagement","result":"success","activityDisplayName":"Consent to application","activityDateTime":"2024-05-01T10:00:00Z","loggedByService":"Core Directory","targetResources":[{"modifiedProperties":[{"displayName":"A","newValue":"x"},{"displayName":"B","newValue":"y"}]}]}"#,
    ]) func entraAudit(json: String) {
        let source = "product: azure, service: auditlogs"
        #expect(
            Self.matches(
                source,
                "operationName: Consent to application, properties.message: Consent to application, properties.result: success, "
                    + "properties.targetResources.modifiedProperties.newValue: y", json))
        #expect(!Self.matches(source, "properties.targetResources.modifiedProperties.A: y", json))
        #expect(!Self.matches("product: azure, service: pim", "result: success", json))
    }

    @Test func entraSignInsOfGraph() {
        let json =
            #"{"id":"x","createdDateTime":"2024-05-01T10:00:00Z","userPrincipalName":"a@b.c","appId":"y","appDisplayName":"z","ipAddress":"1.2.3.4","conditionalAccessStatus":"success","status":{"errorCode":50126}}"#
        #expect(Self.matches("product: azure, service: signinlogs", "ResultType: 50126, properties.appId: y", json))
        #expect(!Self.matches("product: azure, service: auditlogs", "appId: y", json))
    }

    @Test func theJournalOfSystemd() {
        let json =
            #"{"__REALTIME_TIMESTAMP":"1714557600500000","_HOSTNAME":"h","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"Failed password for root"}"#
        let matcher = Self.matcher("product: linux, service: sshd", "MESSAGE|startswith: Failed")
        #expect(matcher.matches(json) == [0])
        let time = matcher.withMatch(json) { _ in matcher.time?.description }
        #expect(time == "2024-05-01T10:00:00.500000Z")
        #expect(Self.matches("product: linux, service: auth", "MESSAGE|startswith: Failed", json))
        #expect(!Self.matches("product: linux, service: cron", "MESSAGE|startswith: Failed", json))
    }

    @Test func syslogOfLinux() {
        let line: KeyValuePairs<StaticString, StaticString> = [
            "hostname": "h", "programname": "sudo", "msg": "bob : USER=#-1", "USER": "#-1",
        ]
        func matches(_ service: String) -> Bool {
            Self.matcher("product: linux, service: \(service)", "USER: '#-1'").matches(line, format: "linux-syslog")
                == [0]
        }
        #expect(["sudo", "auth", "syslog"].allSatisfy(matches))
        #expect(!matches("sshd") && !matches("auditd"))
    }
}
