// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowDetection
import OutflowLedger
import OutflowRecords
import Testing

/// The smallest theft that would have been caught, against thefts that really are in the logs.
@Suite struct DetectionLimitTests {
    static func report(_ days: [OutboundDay], budget: AlarmBudget = .standard) -> Report {
        var detection = Detection(budget: budget)
        for day in days { detection.add(day) }
        var report = Report()
        detection.conclude(&report, NetworkDetectionTests.facts)
        return report
    }

    static func limit(_ report: Report, over: String) -> Report.Limit? {
        report.limits.first { $0.route == .network && $0.over == over && $0.unit == "bytes" }
    }

    @Test func thereIsALimitForEachDurationThatTheLogsCover() {
        let long = Self.report(NetworkDetectionTests.life(hosts: 30, days: 60, seed: 5))
        #expect(
            long.limits.filter { $0.route == .network }.map(\.over) == ["1 minute", "1 hour", "1 day", "30 days"])
        #expect(long.limits.allSatisfy { $0.recallPerMille == 900 && $0.alarms == "1/month" })
        let short = Self.report(NetworkDetectionTests.life(hosts: 30, days: 20, seed: 5))
        #expect(short.limits.filter { $0.route == .network }.map(\.over) == ["1 minute", "1 hour", "1 day"])
    }

    @Test func noLogsGiveNoLimit() { #expect(Self.report([]).limits.isEmpty) }

    @Test func aLargerTheftThanTheLimitIsFoundAndAMuchSmallerOneIsNot() throws {
        let life = NetworkDetectionTests.life(hosts: 40, days: 52, seed: 6)
        let smallest = try #require(Self.limit(Self.report(life), over: "1 day")?.smallest)
        var found = (large: 0, small: 0)
        for host in UInt32(10)..<15 {
            func isFound(_ bytes: UInt64) -> Bool {
                // Day 50 of the life is a working day.
                let theft = NetworkDetectionTests.theft(bytes, days: 50..<51, host: host)
                return Self.report(life + theft).findings.contains {
                    $0.title.contains("drop.example") && $0.suspicion >= .likely
                }
            }
            if isFound(smallest * 2) { found.large += 1 }
            if isFound(smallest / 1000) { found.small += 1 }
        }
        #expect(found.large >= 4, "of 5 thefts of twice the limit, \(smallest) bytes")
        #expect(found.small <= 1, "of 5 thefts of a thousandth of the limit")
    }

    @Test func aTighterBudgetRaisesTheLimit() throws {
        let life = NetworkDetectionTests.life(hosts: 40, days: 45, seed: 7)
        let loose = try #require(Self.limit(Self.report(life, budget: .init(5, per: .week)), over: "1 day")?.smallest)
        let tight = try #require(Self.limit(Self.report(life, budget: .init(1, per: .year)), over: "1 day")?.smallest)
        #expect(loose < tight)
    }

    @Test func limitsDoNotDependOnOrder() {
        let seed = UInt64.random(in: 1...1000)
        var life = NetworkDetectionTests.life(hosts: 20, days: 45, seed: seed)
        let once = Self.report(life).limits
        life.shuffle()
        #expect(Self.report(life).limits == once, "seed \(seed)")
    }
}
