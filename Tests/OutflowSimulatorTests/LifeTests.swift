// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowSimulator

@Suite("Ordinary life has its rhythms and its tails")
struct LifeTests {
    private func model(_ kind: EstateKind, hosts: Int, days: Int, detail: Int = 100) -> EstateModel {
        var plan = EstatePlan(kind: kind, hosts: hosts, days: days, seed: 21)
        plan.detail = detail
        return EstateModel(plan)
    }

    /// What hosts of a role send out on some days.
    private func sent(_ estate: EstateModel, _ role: Role, _ days: [Int]) -> Int {
        estate.hosts.filter { $0.role == role }.reduce(0) { sum, host in
            days.reduce(sum) { $0 + estate.sentOut(by: host, on: $1) }
        }
    }

    @Test("Weekends are quiet for desks, and nothing to machines")
    func week() {
        let estate = model(.operator, hosts: 120, days: 21, detail: 30)
        // Monday to Friday of the second week, against Saturdays and Sundays.
        let (work, free) = ([7, 8, 9, 10, 11], [6, 12, 13, 19, 20])
        #expect(sent(estate, .desk, free) * 3 < sent(estate, .desk, work))
        let machines = (sent(estate, .machine, free), sent(estate, .machine, work))
        #expect(machines.0 * 10 > machines.1 * 7 && machines.0 * 7 < machines.1 * 10)
    }

    @Test("Students are away in August")
    func terms() {
        let estate = model(.university, hosts: 60, days: 240, detail: 30)
        // The weeks from 13 May and from 12 August 2024.
        #expect(sent(estate, .student, Array(224..<229)) * 10 < sent(estate, .student, Array(133..<138)) * 8)
    }

    @Test("A few hosts send most: the upper tenth of desks sends a third and more in a week")
    func tail() {
        let estate = model(.company, hosts: 200, days: 14, detail: 30)
        let sums = estate.hosts.filter { $0.role == .desk }.map { host in
            (7..<12).reduce(0) { $0 + estate.sentOut(by: host, on: $1) }
        }.sorted(by: >)
        let top = sums.prefix(sums.count / 10).reduce(0, +)
        #expect(top * 3 > sums.reduce(0, +))
    }

    @Test("The estate grows: an eighth a year comes, a twentieth goes")
    func growth() {
        let estate = model(.company, hosts: 4_000, days: 730)
        func there(_ day: Int) -> Int { estate.hosts.count { $0.isThere(on: day) } }
        let first = there(0)
        let grown = Double(there(365)) / Double(first)
        #expect((1.04...1.13).contains(grown), "\(grown)")
        #expect(estate.hosts.allSatisfy { $0.left > $0.joined })
        #expect(Set(estate.hosts.map(\.address)).count == 4_000)
    }

    @Test("Below yesterday: no day's theft exceeds what the host sent the day before")
    func cap() throws {
        var plan = EstatePlan(kind: .company, hosts: 60, days: 12, seed: 4)
        plan.thefts = try TheftFile.parse(
            Array(
                "thefts: [{route: network, size: 900 MB, over: 3 days, start: day 2, cunning: [below-yesterday]}]".utf8),
            file: "t.yaml", for: plan)
        let estate = EstateModel(plan)
        var random = estate.world.random("theft", 0)
        let host = try estate.thieves(plan.thefts[0], &random) { _ in true }[0]
        let theft = try #require(try NetworkTheft.all(plan.thefts[0], 0, estate).first)
        var total = 0
        for day in 0..<12 {
            var logs = DayLogs(estate.world, day: day)
            theft.add(day: day, to: &logs)
            let stolen = logs.truth.thefts.first?.details.first { $0.key == "stolen_bytes" }?.value ?? 0
            #expect(day == 0 || stolen <= estate.sentOut(by: host, on: day - 1))
            #expect(day >= 2 || stolen == 0)
            total += stolen
        }
        #expect(total > 0 && total <= 900_000_000)
    }
}
