// SPDX-License-Identifier: Apache-2.0

import OutflowDetection
import OutflowEstate
import OutflowLedger
import OutflowRecords
import Testing

/// Network detection from outflow by day, without logs.
@Suite struct NetworkDetectionTests {
    static var facts: LedgerFacts {
        LedgerFacts(
            isLocal: { _ in true }, estate: Estate(), hasNames: true, hostName: { _, _ in nil },
            span: { _ in (.earliest, .latest) }, evidence: { _, _ in [] })
    }

    static func findings(_ days: [OutboundDay], budget: AlarmBudget = .standard) -> [Report.Finding] {
        var detection = Detection(budget: budget)
        for day in days { detection.add(day) }
        var report = Report()
        detection.conclude(&report, facts)
        return report.findings
    }

    static func life(hosts: Int, days: Int, seed: UInt64) -> [OutboundDay] {
        var life = OrdinaryLife()
        life.hosts = hosts
        life.days = days
        life.seed = seed
        var result: [OutboundDay] = []
        life.live { result.append($0) }
        return result
    }

    static func theft(_ bytes: UInt64, days: Range<Int32>, host: UInt32 = 5) -> [OutboundDay] {
        days.map {
            OutboundDay(
                source: IPAddress(v4: 0x0A00_0000 + host), destination: IPAddress(v4: 0x0102_0304),
                names: ["drop.example"], port: 443, day: 19_700 + $0, bytes: bytes)
        }
    }

    @Test func aLargeUploadToANewDestinationIsFoundOnItsDay() throws {
        let days = Self.life(hosts: 40, days: 60, seed: 3) + Self.theft(20_000_000_000, days: 50..<51)
        let finding = try #require(Self.findings(days).first { $0.title.contains("drop.example") })
        #expect(finding.name == "new-destination")
        #expect(finding.kind == .detector)
        #expect(finding.entities.contains(.init(kind: "host", id: "10.0.0.5")))
        #expect(finding.entities.contains(.init(kind: "domain", id: "drop.example")))
        #expect(finding.notes.contains { $0.contains("threshold") })
    }

    @Test func smallUploadsOnManyDaysAddUp() {
        let days = Self.life(hosts: 40, days: 70, seed: 4) + Self.theft(5_000_000, days: 45..<70)
        #expect(Self.findings(days).contains { $0.title.contains("drop.example") })
    }

    @Test func findingsDoNotDependOnOrder() {
        let seed = UInt64.random(in: 1...1000)
        let days = Self.life(hosts: 20, days: 40, seed: seed) + Self.theft(9_000_000_000, days: 30..<33)
        let once = Self.findings(days)
        var shuffled = days
        shuffled.shuffle()
        #expect(Self.findings(shuffled) == once, "seed \(seed)")
    }

    @Test func ordinaryLifeKeepsTheBudget() {
        // 40 hosts for 200 days: 6.7 alarms are allowed, twice that is the limit that the project sets itself.
        let alarms = Self.findings(Self.life(hosts: 40, days: 200, seed: 11)).filter { $0.suspicion >= .likely }
        #expect(alarms.count <= 13)
    }
}
