// SPDX-License-Identifier: Apache-2.0

import OutflowDetection
import OutflowLedger
import OutflowRecords
import Testing

/// Things that happen to logs and estates, and are no theft.
@Suite struct EverydayTests {
    static func alarms(_ days: [OutboundDay]) -> [Report.Finding] {
        NetworkDetectionTests.findings(days).filter { $0.suspicion >= .likely }
    }

    static let firstDay: Int32 = 19_700

    /// Alarms that 40 hosts in 70 days may raise: twice what one a month allows, and one for chance.
    static let allowed = 6

    @Test func twoWeeksWithoutLogs() {
        let life = NetworkDetectionTests.life(hosts: 40, days: 70, seed: 21)
        let gap = Self.firstDay + 30..<Self.firstDay + 44
        #expect(Self.alarms(life.filter { !gap.contains($0.day) }).count <= Self.allowed)
    }

    @Test func twoWeeksOfHolidays() {
        let life = NetworkDetectionTests.life(hosts: 40, days: 70, seed: 22)
        let holidays = Self.firstDay + 40..<Self.firstDay + 54
        // Nine of ten stay away.
        let quiet = life.filter { !holidays.contains($0.day) || ($0.source.v4 ?? 0) % 10 == 0 }
        #expect(Self.alarms(quiet).count <= Self.allowed)
    }

    @Test func aDayOnWhichEverybodySendsTenTimesAsMuch() {
        let life = NetworkDetectionTests.life(hosts: 40, days: 70, seed: 23).map { day in
            var day = day
            if day.day == Self.firstDay + 50 { day.bytes *= 10 }
            return day
        }
        #expect(Self.alarms(life).count <= Self.allowed)
    }

    @Test func newStaff() {
        // A quarter of all hosts is new on the fortieth day.
        let life = NetworkDetectionTests.life(hosts: 40, days: 70, seed: 24)
            .filter { $0.day >= Self.firstDay + 40 || ($0.source.v4 ?? 0) % 4 != 0 }
        #expect(Self.alarms(life).count <= Self.allowed)
    }

    @Test func aYoungEstateIsJudgedAgainstPeersAndSaysSo() throws {
        let life = NetworkDetectionTests.life(hosts: 40, days: 6, seed: 25)
        let theft = NetworkDetectionTests.theft(50_000_000_000, days: 3..<4)
        let found = try #require(
            NetworkDetectionTests.findings(life + theft).first { $0.title.contains("drop.example") })
        #expect(found.notes.contains { $0.contains("fewer than 10 days of history") })
    }

    @Test func aTheftOnTheFirstDayAfterAGapIsStillFound() {
        let gap = Self.firstDay + 30..<Self.firstDay + 44
        let life = NetworkDetectionTests.life(hosts: 40, days: 70, seed: 26).filter { !gap.contains($0.day) }
        let theft = NetworkDetectionTests.theft(50_000_000_000, days: 44..<45)
        #expect(Self.alarms(life + theft).contains { $0.title.contains("drop.example") })
    }
}
