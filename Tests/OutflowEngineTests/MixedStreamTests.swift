// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

/// Shippers mix kinds of JSON in one stream: what a record means does not depend on those around it.
@Suite("Streams of several kinds")
struct MixedStreamTests {
    private static func conn(_ number: Int) -> String {
        """
        {"ts":\(1_772_400_000 + number * 30).1,"uid":"C\(number)","id.orig_h":"10.1.0.5","id.orig_p":\(5_000 + number),\
        "id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","orig_bytes":1000,"resp_bytes":1,"conn_state":"SF",\
        "history":"ShADadFf","missed_bytes":0,"duration":1.0}

        """
    }

    private static let others = [
        "winlogbeat": #"{"@timestamp":"2026-03-01T21:20:00Z","winlog":{"channel":"Security","event_id":4624}}"#,
        "evtx_dump": #"{"Event":{"System":{"EventID":1,"Channel":"Security"}}}"#,
        "flat": #"{"EventID":1,"Channel":"Security","TimeCreated":"2026-03-01T10:00:00Z"}"#,
        "unknown": #"{"hello":1}"#,
        "cloudtrail": #"""
        {"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/eve","accountId":"1"},\#
        "eventTime":"2026-03-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"r",\#
        "sourceIPAddress":"198.51.100.77","eventID":"e"}
        """#,
        "unified audit": #"""
        {"Id":"a1","Operation":"UserLoggedIn","CreationTime":"2026-03-01T10:00:00","UserId":"b@c.example",\#
        "Workload":"AzureActiveDirectory","RecordType":15}
        """#,
        "suricata": #"{"timestamp":"2026-03-01T21:20:05.000000+0000","event_type":"stats","stats":{"uptime":1}}"#,
    ]

    private func report(_ files: [String]) throws -> Report {
        let folder = try Folder()
        return try scanned(
            files.enumerated().map { try folder.write("\($0.offset).json", Array($0.element.utf8)) })
    }

    /// Whatever comes first or is more, and however the lines are split into files.
    @Test("each record is read as what it is", arguments: others.keys.sorted())
    func anyOrder(kind: String) throws {
        let other = (Self.others[kind] ?? "") + "\n"
        let rows = (0..<30).map(Self.conn)
        let layouts: [[String]] = [
            [other + rows.joined()], [rows.joined() + other], [rows.map { $0 + other + other }.joined()],
            [String(repeating: other, count: 3_000) + rows.joined()],
            [rows.joined(), other], ["[" + (rows + [other]).joined(separator: ",") + "]"],
        ]
        for (number, layout) in layouts.enumerated() {
            let found = try report(layout)
            #expect(found.ledger.map(\.bytes) == [.exactly(30_000)], "\(kind), layout \(number)")
            let isTold = found.gaps.contains { $0.what.contains("JSON records of kinds") }
            #expect(isTold == (kind == "unknown"), "\(kind), layout \(number)")
        }
    }

    @Test func whatNobodyOwnsIsTold() throws {
        let found = try report([
            Self.conn(1) + Self.conn(2) + Self.conn(3) + #"{"x":1}"# + "\n" + #"{"orig_bytes":5000000}"# + "\n"
        ])
        #expect(found.inputs.map(\.format) == ["zeek-json"])
        #expect(found.inputs.first?.records == 3 && found.inputs.first?.rejected.count == 2)
        #expect(found.inputs.first?.rejected.examples.first?.reason == OtherRecords.unread)
        let alone = try report([#"{"x":1}"# + "\n" + #"{"y":2}"# + "\n"])
        #expect(alone.inputs.map(\.format) == ["json-lines"] && alone.inputs.first?.records == 2)
    }

    /// Connections as they stood midway, where no conn.log tells how they ended; with one, it counts.
    @Test func longConnections() throws {
        let ended = Self.conn(1)
        let midway = ended.replacing(#"{"ts""#, with: #"{"_path":"conn_long","ts""#)
            .replacing("\"orig_bytes\":1000", with: "\"orig_bytes\":700")
        #expect(try report([midway]).ledger.map(\.bytes) == [.exactly(700)])
        #expect(try report([midway + ended]).ledger.map(\.bytes) == [.exactly(1_000)])
    }
}
