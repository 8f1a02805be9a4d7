// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEngine
import OutflowLedger
import OutflowRecords
import Testing

/// Bodies are counted with their content, and their bytes are in the flows that carried them. Where the log lacks that
/// flow, no other may lose them.
@Suite("Bodies in flows")
struct BodiesInFlowsTests {
    private static let start: Int64 = 1_772_400_000_000_000

    private func report(_ lines: [LogLine]) throws -> Report {
        var world = SmallWorld(seed: 0, kinds: [], size: 0)
        world.lines = lines
        var dice = Dice(seed: 1)
        return try scanned(world, .plain, dice: &dice).report
    }

    private func conn(_ uid: String, port: Int, sent: Int, duration: String = "60.0", at seconds: Int64 = 0) -> LogLine
    {
        LogLine(
            .conn,
            [
                zeekTime(Self.start + seconds * 1_000_000), uid, "10.1.0.5", String(port), "203.0.113.9", "80", "tcp",
                "http", duration, String(sent), "100", "SF", "0", "ShADadFf", "9", "40", "9", "40",
            ])
    }

    private func put(_ uid: String, port: Int, body: Int, depth: Int = 1, at seconds: Int64) -> LogLine {
        LogLine(
            .http,
            [
                zeekTime(Self.start + seconds * 1_000_000), uid, "10.1.0.5", String(port), "203.0.113.9", "80",
                String(depth), "PUT", "files.example", "/u\(depth)", String(body), "0", "200", nil,
            ])
    }

    private func flows(_ report: Report) throws -> Report.Transfer {
        try #require(report.ledger.first { $0.route == .network })
    }

    @Test("the flow is there: it is smaller by the body")
    func there() throws {
        let report = try report([conn("C1", port: 50_001, sent: 10_300), put("C1", port: 50_001, body: 10_000, at: 10)])
        #expect(try flows(report).bytes == .exactly(300))
        #expect(report.ledger.first { $0.route == .web }?.bytes == .exactly(10_000))
    }

    @Test("the flow is missing: another one keeps its upper bound")
    func missing() throws {
        let report = try report([conn("C2", port: 50_002, sent: 10_300), put("C1", port: 50_001, body: 10_000, at: 10)])
        let transfer = try flows(report)
        #expect(transfer.bytes == ByteBounds(atLeast: 300, atMost: 10_300))
        #expect(transfer.onWire == nil)
        #expect(transfer.notes.contains { $0.contains("10000 bytes of bodies") && $0.contains("is not logged") })
    }

    @Test("a flow that lasts for hours carries the body", arguments: [100, 5_000, 80_000] as [Int64])
    func long(seconds: Int64) throws {
        let report = try report([
            conn("C1", port: 50_001, sent: 10_300, duration: "\(seconds).0"),
            put("C1", port: 50_001, body: 10_000, at: seconds - 5),
        ])
        #expect(try flows(report).bytes == .exactly(300))
    }

    @Test("flows that are kept one by one are asked, too")
    func large() throws {
        let size = 40_000_000
        let report = try report([
            conn("C1", port: 50_001, sent: size + 300), put("C1", port: 50_001, body: size, at: 10),
            conn("C2", port: 50_002, sent: size + 300), put("C3", port: 50_003, body: size, at: 11),
        ])
        #expect(try flows(report).bytes == ByteBounds(atLeast: 600, atMost: UInt64(size) + 600))
    }

    @Test(
        "of flows that are kept, too, only those under way then", arguments: [(30, true), (80, false), (1_000, true)])
    func largeThen(seconds: Int64, isThere: Bool) throws {
        let size = 40_000_000
        let report = try report([
            conn("C1", port: 50_001, sent: size), conn("C2", port: 50_001, sent: size, at: 990),
            put("C3", port: 50_001, body: 1_000, at: seconds),
        ])
        #expect(try flows(report).bytes.atMost == UInt64(2 * size - (isThere ? 1_000 : 0)))
    }

    @Test("a port used again later is another connection")
    func portUsedAgain() throws {
        let report = try report([
            conn("C1", port: 50_001, sent: 10_300, duration: "1.0"), put("C2", port: 50_001, body: 10_000, at: 500),
            conn("C3", port: 50_009, sent: 10, duration: "1.0", at: 520),
        ])
        #expect(try flows(report).bytes == ByteBounds(atLeast: 310, atMost: 10_310))
    }

    private func file(_ id: String, at seconds: Double, seen: Int, of total: Int, hash: (kind: String, digits: String)?)
        -> String
    {
        let digest = hash.map { ",\"\($0.kind)\":\"\($0.digits)\"" } ?? ""
        return """
            {"_path":"files","ts":\(1_772_400_000 + seconds),"fuid":"\(id)","uid":"C\(id)","id.orig_h":"10.1.0.5","id.orig_p":50001,\
            "id.resp_h":"203.0.113.9","id.resp_p":25,"source":"SMTP","is_orig":true,"seen_bytes":\(seen),\
            "total_bytes":\(total),"missing_bytes":\(total - seen)\(digest)}

            """
    }

    private func mail(_ text: String) throws -> Report.Transfer {
        let folder = try Folder()
        let report = try scanned([try folder.write("files.log", Array(text.utf8))])
        let transfer = try #require(report.ledger.first { $0.route == .email })
        #expect(try Explainer(report, folder: folder.path).explain(transfer.id).agrees)
        return transfer
    }

    @Test("two sensors that hash differently, or of which one missed a part, prove one content")
    func hashesOfTwoKinds() throws {
        let sha1 = ("sha1", String(repeating: "a", count: 40))
        let other = ("sha1", String(repeating: "c", count: 40))
        let md5 = ("md5", String(repeating: "b", count: 32))
        let first = file("F1", at: 1, seen: 1000, of: 1000, hash: sha1)
        let doubtful = ByteBounds(atLeast: 1000, atMost: 2000)
        #expect(try mail(first + file("F2", at: 40, seen: 1000, of: 1000, hash: md5)).bytes == doubtful)
        #expect(try mail(first + file("F2", at: 4, seen: 995, of: 1000, hash: nil)).bytes == doubtful)
        #expect(try mail(first + file("F2", at: 4, seen: 1000, of: 1000, hash: sha1)).bytes == .exactly(1000))
        // Hashes of one kind tell contents apart, and so do sizes.
        #expect(try mail(first + file("F2", at: 4, seen: 1000, of: 1000, hash: other)).bytes == .exactly(2000))
        #expect(try mail(first + file("F2", at: 4, seen: 700, of: 700, hash: md5)).bytes == .exactly(1700))
        // Two of each: both ways prove two.
        let two =
            file("F3", at: 5, seen: 1000, of: 1000, hash: other) + file("F4", at: 6, seen: 1000, of: 1000, hash: nil)
        #expect(
            try mail(first + two + file("F2", at: 4, seen: 1000, of: 1000, hash: nil)).bytes
                == ByteBounds(atLeast: 2000, atMost: 4000))
    }

    @Test("files of protocols without a name are explained")
    func oldLayout() throws {
        let text = """
            {"_path":"files","ts":1772400000.0,"fuid":"F1","conn_uids":["C1"],"tx_hosts":["10.1.0.5"],\
            "rx_hosts":["203.0.113.9"],"source":"IRC_DATA","is_orig":true,"seen_bytes":1000,"total_bytes":1000,"missing_bytes":0}

            """
        let folder = try Folder()
        let report = try scanned([try folder.write("files.log", Array(text.utf8))])
        let transfer = try #require(report.ledger.first)
        #expect(transfer.bytes == .exactly(1000))
        #expect(try Explainer(report, folder: folder.path).explain(transfer.id).agrees)
    }

    @Test("a sensor that joins late, or saw a gap", arguments: [(0, 60), (60, 0)])
    func suricata(first: Int, second: Int) throws {
        func flow(from minute: Int, packets: Int, more: String = "") -> String {
            """
            {"timestamp":"2026-03-01T00:10:00.000000+0000","flow_id":\(minute + 1),"event_type":"flow","src_ip":"10.1.0.5",\
            "src_port":50000,"dest_ip":"203.0.113.9","dest_port":443,"proto":"TCP","flow":{"pkts_toserver":\(packets),\
            "pkts_toclient":100,"bytes_toserver":\(packets * 1054),"bytes_toclient":6000,\
            "start":"2026-03-01T00:0\(minute / 60):00.000000+0000","end":"2026-03-01T00:10:00.000000+0000"}\(more)}

            """
        }
        let folder = try Folder()
        let text =
            flow(from: first, packets: first == 0 ? 1000 : 900) + flow(from: second, packets: second == 0 ? 1000 : 900)
        let transfer = try #require(
            try scanned([try folder.write("eve.json", Array(text.utf8))]).ledger.first { $0.source.id == "10.1.0.5" })
        #expect(transfer.bytes.atLeast <= 1_000_000 && transfer.bytes.atMost ?? 0 >= 1_000_000)
        let gap = flow(from: 0, packets: 1000, more: ",\"tcp\":{\"tcp_flags\":\"1b\",\"ts_gap\":true}")
        #expect(try scanned([try folder.write("gap.json", Array(gap.utf8))]).ledger.first?.bytes.atMost == nil)
    }
}

/// Servers compress what they send; sensors log its size unpacked.
@Suite struct UnpackedAnswerTests {
    @Test func bytesOnTheWireAreUnknown() throws {
        let text = """
            {"_path":"conn","ts":1772400000.0,"uid":"C1","id.orig_h":"203.0.113.9","id.orig_p":50000,\
            "id.resp_h":"10.1.0.5","id.resp_p":80,"proto":"tcp","service":"http","duration":60.0,"orig_bytes":300,\
            "resp_bytes":100000,"conn_state":"SF","missed_bytes":0,"history":"ShADadFf"}
            {"_path":"files","ts":1772400010.0,"fuid":"F1","source":"HTTP","is_orig":false,"seen_bytes":1000000,\
            "total_bytes":1000000,"missing_bytes":0,"overflow_bytes":0,"timedout":false,\
            "sha1":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","uid":"C1","id.orig_h":"203.0.113.9",\
            "id.orig_p":50000,"id.resp_h":"10.1.0.5","id.resp_p":80}

            """
        let folder = try Folder()
        let report = try scanned([try folder.write("log", Array(text.utf8))])
        let web = try #require(report.ledger.first { $0.route == .web })
        #expect(web.bytes == .exactly(1_000_000) && web.onWire == nil)
        #expect(report.ledger.first { $0.route == .network }?.bytes == ByteBounds(atLeast: 0, atMost: 100_000))
    }
}

/// What a sensor unpacks out of a tunnel it logs as connections too: those bytes are not two thefts.
@Suite struct TunnelTests {
    @Test(arguments: ["ayiya", "teredo", "gtpv1", "geneve", "vxlan,dns"])
    func insideCounts(service: String) throws {
        func conn(_ uid: String, _ target: String, _ proto: String, _ service: String, _ bytes: Int) -> String {
            """
            {"_path":"conn","ts":1772400000.0,"uid":"\(uid)","id.orig_h":"10.1.0.5","id.orig_p":50000,\
            "id.resp_h":"\(target)","id.resp_p":8080,"proto":"\(proto)","service":"\(service)","duration":60.0,\
            "orig_bytes":\(bytes),"resp_bytes":0,"conn_state":"SF","missed_bytes":0,"history":"ShADadFf"}

            """
        }
        let folder = try Folder()
        let text = conn("C1", "203.0.113.9", "udp", service, 10_000) + conn("C2", "198.51.100.7", "tcp", "http", 9_000)
        let report = try scanned([try folder.write("conn.log", Array(text.utf8))])
        let bounds = Dictionary(uniqueKeysWithValues: report.ledger.map { ($0.destination.id, $0.bytes) })
        #expect(bounds["203.0.113.9"] == ByteBounds(atLeast: 0, atMost: 10_000))
        #expect(bounds["198.51.100.7"] == .exactly(9_000))
    }
}
