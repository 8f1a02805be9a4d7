// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
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

    @Test("a port used again later is another connection")
    func portUsedAgain() throws {
        let report = try report([
            conn("C1", port: 50_001, sent: 10_300, duration: "1.0"), put("C2", port: 50_001, body: 10_000, at: 500),
            conn("C3", port: 50_009, sent: 10, duration: "1.0", at: 520),
        ])
        #expect(try flows(report).bytes == ByteBounds(atLeast: 310, atMost: 10_310))
    }
}
