// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowSigma

/// Fields of objects that are looked through, whoever names them in full, and however flat a record is written.
@Suite("Names in full")
struct NamesInFullTests {
    /// One event of Sysmon, in all degrees of flatness.
    static let shapes = [
        #"{"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":1,"provider_name":"p","event_data":{"Image":"x"}}}"#,
        #"{"winlog.channel":"Microsoft-Windows-Sysmon/Operational","winlog.event_id":1,"winlog.provider_name":"p","winlog.event_data.Image":"x"}"#,
        #"{"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":1,"provider_name":"p","event_data.Image":"x"}}"#,
        #"{"winlog.channel":"Microsoft-Windows-Sysmon/Operational","winlog.event_id":1,"winlog.provider_name":"p","winlog.event_data":{"Image":"x"}}"#,
        #"{"_source.winlog.channel":"Microsoft-Windows-Sysmon/Operational","_source.winlog.event_id":1,"_source.winlog.provider_name":"p","_source.winlog.event_data.Image":"x"}"#,
        #"{"_index":"i","_source.winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":1,"provider_name":"p","event_data":{"Image":"x"}}}"#,
        #"{"_source":{"winlog.channel":"Microsoft-Windows-Sysmon/Operational","winlog.event_id":1,"winlog":{"provider_name":"p","event_data.Image":"x"}}}"#,
        #"{"Event.System":{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1},"Event.EventData":{"Image":"x"}}"#,
        #"{"Event":{"System.Channel":"Microsoft-Windows-Sysmon/Operational","System.EventID":1,"EventData.Image":"x"}}"#,
        #"{"Event.System.Channel":"Microsoft-Windows-Sysmon/Operational","Event.System.EventID":1,"Event.UserData.Any.Image":"x"}"#,
        #"{"Event.System.Channel":"Microsoft-Windows-Sysmon/Operational","Event.System.EventID":1,"Event.UserData":{"Any.Image":"x"}}"#,
        #"{"Event.System.Channel":"Microsoft-Windows-Sysmon/Operational","Event.System.EventID":1,"Event.UserData.Any":{"Image":"x"}}"#,
    ]

    private static func rule(_ number: Int, _ name: String) -> String {
        "title: t\nid: r\(number)\nlogsource: {product: windows, category: process_creation}\n"
            + "detection: {s: {\(name): x}, condition: s}\n"
    }

    private static func found(_ names: [String], _ json: String) -> [Int]? {
        var collection = RuleCollection()
        for (number, name) in names.enumerated() { collection.add(rule(number, name), path: "r\(number).yml") }
        return RuleMatcher(RuleSet(collection, mapping: .standard)).matches(json)
    }

    /// What a rule finds does not depend on which other rules there are, nor on how a record was written.
    @Test(arguments: shapes) func rulesDoNotDisturbEachOther(json: String) {
        let names = ["Image", "winlog.event_data.Image", "Event.EventData.Image", "_source.winlog.event_data.Image"]
        for name in names { #expect(Self.found([name], json) == [0], "\(name)") }
        #expect(Self.found(names, json) == [0, 1, 2, 3])
        #expect(Self.found(names.reversed(), json) == [0, 1, 2, 3])
        #expect(Self.found(["winlog.event_data.Other", "winlog.Image"], json) == [])
    }

    /// Objects around a list of names and values may be written flat too.
    @Test func namedListsBelowFlatObjects() {
        let flat =
            #"{"AuditData.CreationTime":"2024-05-01T10:00:00","AuditData.Operation":"Set-Mailbox","AuditData.OrganizationId":"o","AuditData.RecordType":1,"AuditData.Workload":"Exchange","AuditData.Parameters":[{"Name":"Identity","Value":"a"},{"Name":"ForwardTo","Value":"b"}]}"#
        for json in [flat, flat.replacing("AuditData.", with: "_source.AuditData.")] {
            for (selection, isFound) in [
                ("Parameters.ForwardTo: b", true), ("Parameters.Name: Identity", true),
                ("Parameters.ForwardTo: a", false),
            ] {
                var collection = RuleCollection()
                collection.add(
                    "title: t\nlogsource: {product: m365, service: exchange}\n"
                        + "detection: {s: {\(selection)}, condition: s}\n", path: "r.yml")
                let matcher = RuleMatcher(RuleSet(collection, mapping: .standard))
                #expect(matcher.matches(json) == (isFound ? [0] : []), "\(selection)")
            }
        }
    }

    @Test(arguments: [
        ("Image", "Image"), ("winlog.event_data.Image", "Image"), ("winlog.user_data.Any.Image", "Image"),
        ("_source.winlog.event_data.a.b", "a.b"), ("winlog.event_data", "winlog.event_data"),
        ("winlog.event_data.", "winlog.event_data."), ("winlog.channel", "winlog.channel"), ("", ""), (".", "."),
    ]) func strippedNames(name: String, rest: String) {
        #expect(TransparentObjects(LogSourceMapping.standard.transparent).stripped(name) == rest)
    }
}
