// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

/// Law 3: nothing is counted twice.
@Suite("Law 3: nothing counted twice")
struct CountedOnceTests {
    /// A report of some lines, a file each log.
    private func report(_ lines: [LogLine]) throws -> Report {
        var world = SmallWorld(seed: 0, kinds: [], size: 0)
        world.lines = lines
        var dice = Dice(seed: 1)
        return try scanned(world, .plain, dice: &dice).report
    }

    private func conn(
        _ time: Int64, _ uid: String, sent: Int, missed: Int = 0, duration: String = "1.5"
    ) -> LogLine {
        LogLine(
            .conn,
            [
                zeekTime(time), uid, "10.1.0.5", "50000", "203.0.113.9", "443", "tcp", nil, duration, String(sent),
                "100", "SF",
                String(missed), "ShADadFf", "9", "40", "9", "40",
            ])
    }

    /// What a sensor writes that takes the other end for the originator, because it did not see the handshake.
    private func turned(_ time: Int64, _ uid: String, sent: Int, duration: String) -> LogLine {
        LogLine(
            .conn,
            [
                zeekTime(time), uid, "203.0.113.9", "443", "10.1.0.5", "50000", "tcp", nil, duration, "100",
                String(sent), "OTH", "0", "^dADa", "9", "40", "9", "40",
            ])
    }

    @Test("a flow seen by two sensors", arguments: seeds(40))
    func twoSensors(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let start: Int64 = 1_750_000_000_000_000 + Int64(dice.number(0...9_000_000_000))
        let offset = Int64(dice.number(-240_000...240_000))
        let report = try report(
            [conn(start, "Ca", sent: 5_000), conn(start + offset, "Cb", sent: 5_000)].shuffled(using: &dice))
        let transfer = try #require(report.ledger.first)
        #expect(report.ledger.count == 1 && transfer.records == 1, "seed \(seed)")
        #expect(transfer.bytes == .exactly(5_000) && transfer.onWire == 5_000, "seed \(seed)")
        // The interval is that of both views together.
        #expect(transfer.first.microseconds == min(start, start + offset), "seed \(seed)")
        #expect(transfer.last.microseconds == max(start, start + offset) + 1_500_000, "seed \(seed)")
    }

    /// One of the sensors missed a part: what the other one saw whole is right.
    @Test("a flow that one of two sensors saw badly", arguments: seeds(10))
    func oneMissed(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let start: Int64 = 1_750_000_000_000_000 + Int64(dice.number(0...9_000_000_000))
        let offset = Int64(dice.number(-240_000...240_000))
        let lines = [conn(start, "Ca", sent: 5_000), conn(start + offset, "Cb", sent: 5_000, missed: 4_000)]
        let transfer = try #require(try report(lines.shuffled(using: &dice)).ledger.first)
        #expect(transfer.records == 1 && transfer.bytes == .exactly(5_000), "seed \(seed)")
        let both = [
            conn(start, "Ca", sent: 5_000, missed: 900), conn(start + offset, "Cb", sent: 5_000, missed: 4_000),
        ]
        let bounded = try #require(try report(both.shuffled(using: &dice)).ledger.first)
        #expect(bounded.records == 1 && bounded.bytes == ByteBounds(atLeast: 4_100, atMost: 5_000), "seed \(seed)")
    }

    /// A port that is used again at once looks like a second sensor whose clock differs: at least one of each, at most all.
    @Test func aPortUsedAgainWithinHalfASecond() throws {
        let start: Int64 = 1_750_000_000_000_000
        let lines = (0..<100).map {
            conn(start + $0 * 400_000, "C\($0)", sent: 1_000_000, missed: $0 % 3 == 0 ? 5 : 0, duration: "0.1")
        }
        let transfer = try #require(try report(lines).ledger.first)
        #expect(transfer.bytes.atMost == 100_000_000)
        #expect(transfer.bytes.atLeast >= 999_995 && transfer.bytes.atLeast < 100_000_000)
        // 0.6 s apart no second sensor explains them.
        let apart = (0..<100).map { conn(start + $0 * 600_000, "C\($0)", sent: 1_000_000, duration: "0.1") }
        #expect(try report(apart).ledger.first?.bytes == .exactly(100_000_000))
    }

    @Test func aShortFlowSeenByTwoSensors() throws {
        let start: Int64 = 1_750_000_000_055_000
        let near = try report([
            conn(start, "Ca", sent: 5_000, duration: "0.003"),
            conn(start + 13_500, "Cb", sent: 5_000, duration: "0.0035"),
        ])
        #expect(near.ledger.first?.bytes == .exactly(5_000))
        let far = try report([
            conn(start, "Ca", sent: 5_000, duration: "0.003"),
            conn(start + 400_000, "Cb", sent: 5_000, duration: "0.003"),
        ])
        #expect(far.ledger.first?.bytes == ByteBounds(atLeast: 5_000, atMost: 10_000))
    }

    /// Clocks that differ by more than half a second: connections of one 5-tuple cannot overlap.
    @Test("sensors whose clocks differ much", arguments: [600_000, 1_200_000, 7_900_000] as [Int64])
    func clocksApart(skew: Int64) throws {
        let start: Int64 = 1_750_000_000_055_000
        let views = try report([
            conn(start, "Ca", sent: 5_000, duration: "60"), conn(start + skew, "Cb", sent: 5_000, duration: "60"),
        ])
        #expect(views.ledger.first?.bytes == .exactly(5_000))
        let large = try report([
            conn(start, "Ca", sent: 1_000_000_000, duration: "3600"),
            conn(start + 100 * skew, "Cb", sent: 999_000_000, duration: "3595"),
        ])
        #expect(large.ledger.first?.bytes == .exactly(1_000_000_000) && large.ledger.first?.records == 1)
    }

    @Test func aFlowThatAnotherSensorSawFromTheOtherEnd() throws {
        let start: Int64 = 1_750_000_000_055_000
        for (sent, duration) in [(5_000, "100"), (50_000_000, "100")] {
            let views = [
                conn(start, "Ca", sent: sent, duration: duration),
                turned(start + 100_000, "Cb", sent: sent, duration: "99"),
            ]
            for lines in [views, views.reversed()] {
                let found = try report(lines)
                #expect(found.ledger.filter { $0.source.id == "10.1.0.5" }.map(\.bytes) == [.exactly(UInt64(sent))])
            }
        }
        // Seen from the middle only: what lasted until then is the same connection, and later it may be.
        let wholly = ByteBounds.exactly(5_000_000)
        for (delay, expected) in [(20, wholly), (80, ByteBounds(atLeast: 5_000_000, atMost: 9_000_000))] {
            let late = try report([
                conn(start, "Ca", sent: 5_000_000, duration: "100"),
                turned(start + Int64(delay) * 1_000_000, "Cb", sent: 4_000_000, duration: "\(100 - delay)"),
            ])
            let bounds = late.ledger.filter { $0.source.id == "10.1.0.5" }.reduce(.zero) { $0 + $1.bytes }
            #expect(bounds == expected, "\(delay)")
        }
    }

    private func datagrams(_ time: Int64, _ uid: String, sent: Int, duration: String) -> LogLine {
        LogLine(
            .conn,
            [
                zeekTime(time), uid, "10.1.0.5", "50000", "203.0.113.9", "443", "udp", nil, duration, String(sent),
                "100", "SF", "0", "Dd", "9", "40", "9", "40",
            ])
    }

    /// A sensor that was started anew sees the rest of a datagram flow, and nothing says that it is one: the larger is at
    /// least what left, both are at most.
    @Test(
        "datagrams that a second sensor joins late", arguments: [(20, 4), (60, 20), (100, 50), (400, 130), (400, 390)])
    func joinedLate(duration: Int, delay: Int) throws {
        let start: Int64 = 1_750_000_000_055_000
        let views = [
            datagrams(start, "Ca", sent: 9_000_000, duration: "\(duration)"),
            datagrams(start + Int64(delay) * 1_000_000, "Cb", sent: 800_000, duration: "\(duration - delay)"),
        ]
        let bounds = try [views, views.reversed()].map { try report($0).ledger.first?.bytes }
        #expect(bounds[0] == bounds[1])
        let found = try #require(bounds[0])
        // Long flows are compared in full: those that overlap are one.
        #expect(found.atMost == (delay == 130 ? 9_000_000 : 9_800_000))
        #expect(found.atLeast <= 9_000_000 && found.atLeast > 0)
        // The near miss: when the first is over.
        let later = [
            datagrams(start, "Ca", sent: 9_000_000, duration: "\(duration)"),
            datagrams(start + Int64(duration + 60) * 1_000_000, "Cb", sent: 800_000, duration: "5"),
        ]
        #expect(try report(later).ledger.first?.bytes == .exactly(9_800_000))
    }

    /// A connection whose record was written before it ended, beside the whole: clocks a second apart.
    @Test func openBesideWhole() throws {
        let start: Int64 = 1_750_000_000_055_000
        var open = conn(start + 1_000_000, "Cb", sent: 4_000_000, duration: "30")
        open.values[11] = "S1"
        let bounds = try #require(
            try report([conn(start, "Ca", sent: 5_000_000, duration: "60"), open]).ledger.first?.bytes)
        #expect(bounds.atMost == 9_000_000 && bounds.atLeast <= 5_000_000)
    }

    /// Views that differ in what the responder sent, when the originator sent nothing: neither hides the other.
    @Test func oneSideSilent() throws {
        let start: Int64 = 1_750_000_000_055_000
        func answered(_ uid: String, _ received: Int, _ state: String) -> LogLine {
            LogLine(
                .conn,
                [
                    zeekTime(start), uid, "203.0.113.9", "50000", "10.1.0.5", "443", "tcp", nil, "60", "0",
                    String(received), state, "0", "ShAadFf", "9", "40", "9", "40",
                ])
        }
        let lines = [answered("Ca", 7_000_000, "SF"), answered("Cb", 3_500_000, "S1")]
        let bounds = try [lines, lines.reversed()].map { try report($0).ledger.first?.bytes }
        #expect(bounds[0] == bounds[1] && bounds[0]?.atMost == 10_500_000)
    }

    /// The near miss: the same hosts, ports and size a few seconds later are another flow.
    @Test func anotherFlowIsAnotherFlow() throws {
        let start: Int64 = 1_750_000_000_500_000
        let later = try report([conn(start, "Ca", sent: 5_000), conn(start + 3_000_000, "Cb", sent: 5_000)])
        #expect(later.ledger.map(\.records) == [2] && later.ledger.first?.onWire == 10_000)
        let larger = try report([conn(start, "Ca", sent: 5_000), conn(start + 100_000, "Cb", sent: 5_001)])
        #expect(larger.ledger.map(\.records) == [2] && larger.ledger.first?.bytes.atMost == 10_001)
    }

    /// A row that claims to have lasted beyond all calendars neither moves a time out of RFC 3339 nor counts for nothing.
    @Test func absurdDurations() throws {
        let last: Int64 = 253_402_300_799_999_999
        for (time, duration) in [(1_750_000_000_000_000, "315360000000.0"), (last, "1.5")] as [(Int64, String)] {
            let transfer = try #require(
                try report([conn(time, "Ca", sent: 5_000, duration: duration)]).ledger.first)
            #expect(transfer.bytes == .exactly(5_000))
            #expect(transfer.last.description.utf8.count == 27)
        }
    }

    @Test func theSameRecordTwice() throws {
        let line = conn(1_750_000_000_000_000, "Ca", sent: 5_000)
        let report = try report([line, line, line])
        #expect(report.ledger.map(\.records) == [1] && report.ledger.first?.onWire == 5_000)
        #expect(report.inputs.map(\.records) == [3] && report.inputs.map(\.duplicates) == [2])
    }

    private func upload(_ time: Int64, _ depth: Int, _ status: String, _ content: String) -> [LogLine] {
        let fuid = "F\(depth)\(content)"
        return [
            LogLine(
                .http,
                [
                    zeekTime(time), "Ca", "10.1.0.5", "50000", "203.0.113.9", "80", String(depth), "PUT",
                    "d.example.net", "/x",
                    "5000", "0", status, fuid,
                ]),
            LogLine(
                .files,
                [
                    zeekTime(time), fuid, "10.1.0.5", "203.0.113.9", "Ca", "HTTP", "T", "5000", "5000", "0",
                    String(repeating: content, count: 40),
                ]),
        ]
    }

    @Test func anUploadRetriedAfterA401() throws {
        let start: Int64 = 1_750_000_000_000_000
        let retried = try report(upload(start, 1, "401", "a") + upload(start + 50_000, 2, "201", "a"))
        let transfer = try #require(retried.ledger.first)
        #expect(retried.ledger.count == 1 && transfer.route == .web)
        #expect(transfer.bytes == .exactly(5_000) && transfer.onWire == 10_000)
        #expect(transfer.distinctObjects == 1 && transfer.reads == 2)
        // The near miss: another content.
        let other = try #require(
            try report(upload(start, 1, "401", "a") + upload(start + 50_000, 2, "201", "b")).ledger.first)
        #expect(other.bytes == .exactly(10_000) && other.distinctObjects == 2)
    }

    /// One request, told by CloudTrail and by the bucket's access log.
    @Test("a request told by two logs", arguments: seeds(10))
    func twoTellers(seed: UInt64) throws {
        var world = SmallWorld(seed: seed, kinds: .cloud, size: 30)
        let requests = world.lines.filter { $0.log == .s3 }.compactMap { line in
            line.text.split(separator: " ").first { $0.count == 16 && $0.allSatisfy(\.isHexDigit) }
        }
        let both = world.lines.filter { line in requests.contains { line.text.contains($0) } }
        guard let request = requests.first(where: { id in both.count { $0.text.contains(id) } == 2 }) else { return }
        world.lines = world.lines.filter { $0.text.contains(request) }
        var dice = Dice(seed: seed)
        let report = try scanned(world, .random, dice: &dice).report
        #expect(report.ledger.count == 1 && report.ledger.first?.records == 1 && report.ledger.first?.reads == 1)
    }
}
