// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords
import Testing

/// What alarms bring with them: other strange destinations of the same host, other hosts of the same destination.
@Suite struct CompanionTests {
    static let life = NetworkDetectionTests.life(hosts: 40, days: 60, seed: 3)
    static let theft = NetworkDetectionTests.theft(20_000_000_000, days: 50..<51)

    /// Outflow to an address that no log names.
    static func unnamed(_ bytes: UInt64, host: UInt32 = 5, to address: UInt32 = 0x0505_0505, day: Int32 = 50)
        -> OutboundDay
    {
        OutboundDay(
            source: IPAddress(v4: 0x0A00_0000 + host), destination: IPAddress(v4: address), port: 8443,
            day: 19_700 + day, bytes: bytes)
    }

    static func companions(_ days: [OutboundDay]) -> [Report.Finding] {
        NetworkDetectionTests.findings(days).filter { $0.suspicion == .possible }
    }

    @Test func anotherStrangeDestinationOfTheHostIsNamed() throws {
        let found = Self.companions(Self.life + Self.theft + [Self.unnamed(400_000)])
        let companion = try #require(found.first { $0.entities.contains(.init(kind: "address", id: "5.5.5.5")) })
        #expect(companion.entities.contains(.init(kind: "host", id: "10.0.0.5")))
        #expect(companion.name == "new-address")
        #expect(companion.notes.contains { $0.contains("too little for an alarm by itself") })
    }

    @Test func withoutAnAlarmItIsNot() {
        #expect(
            NetworkDetectionTests.findings(Self.life + [Self.unnamed(400_000)]).allSatisfy {
                !$0.entities.contains(.init(kind: "address", id: "5.5.5.5"))
            })
    }

    @Test func longBeforeTheAlarmItIsNot() {
        let found = Self.companions(Self.life + Self.theft + [Self.unnamed(400_000, day: 44)])
        #expect(!found.contains { $0.entities.contains(.init(kind: "address", id: "5.5.5.5")) })
    }

    @Test func anOrdinaryDestinationOfTheHostIsNot() {
        let found = Self.companions(Self.life + Self.theft + [Self.unnamed(100)])
        #expect(!found.contains { $0.entities.contains(.init(kind: "address", id: "5.5.5.5")) })
    }

    @Test func anotherHostOfTheSameDestinationIsNamed() {
        var second = Self.theft[0]
        second.source = IPAddress(v4: 0x0A00_0009)
        second.bytes = 60_000_000
        let found = NetworkDetectionTests.findings(Self.life + Self.theft + [second])
        #expect(
            found.contains {
                $0.entities.contains(.init(kind: "host", id: "10.0.0.9"))
                    && $0.entities.contains(.init(kind: "domain", id: "drop.example"))
            })
    }
}
