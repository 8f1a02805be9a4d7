// SPDX-License-Identifier: Apache-2.0

import OutflowDetection
import OutflowLedger
import OutflowRecords
import Testing

/// Patterns in time and direction: beacons, staging, tunnels, growth.
@Suite struct NetworkPatternTests {
    static let life = NetworkDetectionTests.life(hosts: 40, days: 60, seed: 3)

    static func day(_ day: Int32, bytes: UInt64, hours: UInt32 = 1, proto: UInt8 = 6, received: UInt64 = 0)
        -> OutboundDay
    {
        OutboundDay(
            source: IPAddress(v4: 0x0A00_0005), destination: IPAddress(v4: 0x0102_0304), names: ["c2.example"],
            port: 443, proto: proto, day: 19_700 + day, hours: hours, bytes: bytes, received: received)
    }

    static func findings(_ days: [OutboundDay], inside: [InsideDay] = []) -> [Report.Finding] {
        var detection = Detection()
        for day in days { detection.add(day) }
        for day in inside { detection.add(inside: day) }
        var report = Report()
        detection.conclude(&report, NetworkDetectionTests.facts)
        return report.findings.filter { $0.suspicion >= .likely }
    }

    @Test func callsHourAfterHourAreABeacon() throws {
        let calls = (40..<60).map { Self.day($0, bytes: 4_000, hours: 0xFF_FFFF) }
        let found = try #require(Self.findings(Self.life + calls).first { $0.name == "beacon" })
        #expect(found.entities.contains(.init(kind: "domain", id: "c2.example")))
        #expect(found.title.contains("24 hours"))
        let seldom = (40..<60).map { Self.day($0, bytes: 4_000, hours: 1 << 9) }
        #expect(!Self.findings(Self.life + seldom).contains { $0.name == "beacon" })
    }

    /// In few hours, so that hours alone do not tell; of one size, or of many.
    @Test func connectionsOfOneSizeAreCallsAlike() throws {
        func calls(largest: UInt64) -> [OutboundDay] {
            (Int32(40)..<60).map { number in
                var day = Self.day(number, bytes: 3_000 * 410, hours: 1 << 9)
                day.records = 3_000
                day.largest = largest
                return day
            }
        }
        let found = try #require(Self.findings(Self.life + calls(largest: 384)).first { $0.name == "calls-alike" })
        #expect(found.title.contains("3000 connections"))
        #expect(!Self.findings(Self.life + calls(largest: 448)).contains { $0.name == "calls-alike" })
        #expect(!Self.findings(Self.life + calls(largest: 0)).contains { $0.name == "calls-alike" })
    }

    @Test func whatCameFromInsideBeforeItLeftIsStaged() {
        let gathered = InsideDay(host: IPAddress(v4: 0x0A00_0005), day: 19_749, bytes: 6_000_000_000)
        let sent = [Self.day(50, bytes: 5_000_000_000)]
        #expect(Self.findings(Self.life + sent, inside: [gathered]).contains { $0.name == "staged" })
        #expect(!Self.findings(Self.life + sent).contains { $0.name == "staged" })
        let long = InsideDay(host: IPAddress(v4: 0x0A00_0005), day: 19_740, bytes: 6_000_000_000)
        #expect(!Self.findings(Self.life + sent, inside: [long]).contains { $0.name == "staged" }, "ten days before")
    }

    @Test(arguments: [1, 47, 50]) func bytesInProtocolsThatCarryNoFilesAreATunnel(_ proto: Int) {
        let icmp = [Self.day(50, bytes: 800_000_000, proto: UInt8(proto))]
        #expect(Self.findings(Self.life + icmp).contains { $0.name == "tunnel" })
    }

    @Test func whatIsSentFarBeyondWhatComesBackIsProduced() {
        // To a service that the host has long used, so that nothing is new about it.
        func use(_ received: UInt64) -> [OutboundDay] {
            (Int32(0)..<60).map { day in
                let isTheft = day >= 45
                return Self.day(
                    day, bytes: isTheft ? 3_000_000_000 : 2_000_000, received: isTheft ? received : 1_000_000)
            }
        }
        #expect(Self.findings(Self.life + use(0)).contains { $0.name == "produced" || $0.name == "more-than-usual" })
    }

    /// To a service that the host has long used, as much every day, in small connections or once in one of many.
    private static func use(_ change: (inout OutboundDay) -> Void) -> [OutboundDay] {
        (Int32(0)..<60).map { number in
            var day = day(number, bytes: 90_000_000_000, hours: 0xFF00, received: 30_000_000)
            day.largest = 40_000
            if number == 50 { change(&day) }
            return day
        }
    }

    @Test func aBurstInALongSession() throws {
        let theft = Self.use { $0.largest = 80_000_000_000 }
        let found = try #require(Self.findings(Self.life + theft).first { $0.name == "burst" })
        #expect(found.entities.contains(.init(kind: "domain", id: "c2.example")))
        #expect(!Self.findings(Self.life + Self.use { _ in }).contains { $0.name == "burst" })
        let short = Self.use { ($0.largest, $0.hours) = (80_000_000_000, 1) }
        #expect(!Self.findings(Self.life + short).contains { $0.name == "burst" })
    }

    @Test func aConnectionThatLastsForDays() throws {
        var long = Self.day(50, bytes: 4_000)
        long.longest = 5 * 86_400
        let found = try #require(Self.findings(Self.life + [long]).first { $0.name == "long-connection" })
        #expect(found.title.contains("minutes"))
        long.longest = 60
        #expect(!Self.findings(Self.life + [long]).contains { $0.name == "long-connection" })
    }

    @Test func aConsumerThatProducesDayByDay() {
        func use(_ sent: UInt64) -> [OutboundDay] {
            (Int32(0)..<60).map { day in
                let isTheft = day >= 40
                return Self.day(
                    day, bytes: isTheft ? sent : 20_000_000, received: isTheft ? 1_000_000 : 300_000_000)
            }
        }
        #expect(Self.findings(Self.life + use(25_000_000)).contains { $0.name == "producer-ratio" })
        #expect(!Self.findings(Self.life + use(5_000_000)).contains { $0.name == "producer-ratio" })
    }

    /// Everybody sends a little more every day, twice as much after two months; some join on the way.
    @Test func growthIsNoTheft() {
        let grown = Self.life.compactMap { day -> OutboundDay? in
            let since = Int(day.day - 19_700)
            if Int((day.source.v4 ?? 0) % 40) > 25 + since / 4 { return nil }
            var day = day
            day.bytes += day.bytes * UInt64(since) / 60
            return day
        }
        #expect(Self.findings(grown).count <= EverydayTests.allowed)
    }

    /// A term begins: after weeks in which one in ten was there, all come back on one day.
    @Test func theBeginningOfTermIsNoTheft() {
        let term = NetworkDetectionTests.life(hosts: 40, days: 90, seed: 31)
            .filter { $0.day < 19_720 || $0.day >= 19_760 || ($0.source.v4 ?? 0) % 10 == 0 }
        #expect(Self.findings(term).count <= EverydayTests.allowed)
    }

    @Test func orderChangesNothing() {
        let calls = (40..<60).map { Self.day($0, bytes: 4_000, hours: 0xFF_FFFF) }
        let gathered = (45..<50).map {
            InsideDay(host: IPAddress(v4: 0x0A00_0005), day: 19_700 + $0, bytes: 9_000_000_000)
        }
        let days = Self.life + calls + [Self.day(50, bytes: 5_000_000_000)]
        let once = Self.findings(days, inside: gathered)
        #expect(Self.findings(days.shuffled(), inside: gathered.shuffled()) == once)
    }
}
