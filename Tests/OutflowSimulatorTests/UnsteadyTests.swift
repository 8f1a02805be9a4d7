// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowRecords
import Testing

@testable import OutflowSimulator

/// What is not as regular as a log's reader would like: people on journeys, sensors that fail, clocks that are off, two
/// versions of IP, and thieves who take less than their victims did the day before.
@Suite("Journeys, outages, clocks, IPv6, and thefts below yesterday's")
struct UnsteadyTests {
    private func model(_ kind: EstateKind = .university, hosts: Int = 60, days: Int = 200) -> EstateModel {
        EstateModel(EstatePlan(kind: kind, hosts: hosts, days: days, seed: 3))
    }

    @Test("People are at home, on journeys of two to five days, and move")
    func whereabouts() {
        var away = 0
        var homes: [Int] = []
        for person in 0..<200 {
            let days = (0..<800).map { Whereabouts(person, day: $0, seed: 3) }
            let journeys = days.split { !$0.isAway }
            // Two journeys can follow each other.
            #expect(journeys.allSatisfy { $0.count <= 10 && Set($0.map(\.address)).count <= 2 })
            away += days.count(where: \.isAway)
            homes.append(Set(days.filter { !$0.isAway }.map(\.address.bits)).count)
        }
        // One week in 25, of 3.5 days on average: one day in 50.
        #expect((2_400...4_000).contains(away))
        // A new address every 45 days, of which some come again, and one or two moves.
        #expect(homes.allSatisfy { (14...21).contains($0) })
    }

    @Test("Who is on a journey sends nothing on campus, and reads from there")
    func journeys() throws {
        let estate = model()
        let host = try #require(
            estate.hosts.first { host in
                host.role == .desk
                    && (0..<200).contains { estate.person(of: host, on: $0).isAway && estate.season.days[$0] == .work }
            })
        let day = try #require(
            (0..<200).first { estate.person(of: host, on: $0).isAway && estate.season.days[$0] == .work })
        var sensor = Sensor()
        var life = HostDay(estate, day: day)
        life.add(host, to: &sensor)
        // Only the computer's own clock goes on asking for the time.
        #expect(sensor.sentOut < 2_000)
    }

    @Test("Nothing of an outage is in the sensor's logs, and the truth counts what was missed")
    func outage() throws {
        let world = model(days: 2_000).world
        let outages = (0..<2_000).compactMap { Outage(world, day: $0) }
        #expect((18...52).contains(outages.count))
        let day = try #require((0..<2_000).first { Outage(world, day: $0) != nil })
        let outage = try #require(Outage(world, day: day))
        #expect(outage.from >= world.calendar.midnight(day) && outage.to <= world.calendar.midnight(day + 1))
        var sensor = Sensor()
        sensor.outage = outage
        var random = world.random("test")
        var entry = Truth.Entry(
            id: "t", route: "network", what: "", source: ("host", "a"), destination: ("domain", "b"))
        for offset: Int64 in [-1, 0, 1] {
            let flow = Flow(
                time: (offset < 1 ? outage.from : outage.to) + (offset == 0 ? 0 : offset - 1 + min(offset, 0)),
                uid: ZeekID(&random), originator: IPv4(10, 20, 16, 20), originatorPort: 50_000,
                responder: IPv4(198, 18, 1, 1), responderPort: 443, duration: 1_000, sent: 10, received: 10)
            sensor.connection(flow)
            entry.count(flow, seenBy: sensor)
        }
        var rows = 0
        sensor.drain(.conn, before: .latest) { _ in rows += 1 }
        #expect(rows == 2 && entry.records == 2 && entry.bytes == .exactly(20))
        #expect(entry.details.first?.key == "missed_records" && entry.details.first?.value == 1)
    }

    @Test("The proxy's clock drifts by seconds a day and is set right every month; the others are right")
    func clocks() {
        let world = model().world
        let errors = (0..<90).map { world.proxyClockError(on: $0) }
        #expect(errors[0] == 0 && errors[30] == 0 && errors[1] != 0 && errors[29] == 29 * errors[1])
        #expect(errors.allSatisfy { abs($0) <= 29 * 4 * Calendar.second })
        var proxy = LibraryProxy(world)
        proxy.clockError = 90 * Calendar.second
        var random = world.random("test")
        proxy.request(
            "https://a.example/", in: .init("a", at: IPv4(198, 18, 1, 1), &random), at: world.calendar.at(day: 0, 9),
            bytes: 1)
        var output = OutputFolder(path: nil)
        try? proxy.write(day: 0, to: &output, whole: true)
        let text = String(decoding: output.takeHeld().first?.bytes ?? [], as: UTF8.self)
        #expect(text.contains("09:01:30"))
    }

    @Test("Some hosts speak IPv6 with services that do, in connections and in answers alike")
    func ipv6() {
        let estate = model()
        var sensor = Sensor()
        var life = HostDay(estate, day: 1)
        for host in estate.hosts { life.add(host, to: &sensor) }
        var connections: [[Substring]] = []
        sensor.drain(.conn, before: .latest) { row in
            connections.append(String(decoding: row, as: UTF8.self).split(separator: "\t"))
        }
        let six = connections.filter { $0[2].contains(":") }
        #expect(six.count * 10 > connections.count && six.count * 10 < connections.count * 9)
        #expect(six.allSatisfy { $0[2].hasPrefix("2001:db8:20:") && $0[4].hasPrefix("2001:db8:f0") })
        #expect(six.allSatisfy { IPAddress(String($0[2]))?.v4 == nil && IPAddress(String($0[4])) != nil })
        var answers = 0
        sensor.drain(.dns, before: .latest) { row in
            let text = String(decoding: row, as: UTF8.self)
            if text.contains("\tAAAA\t") {
                answers += 1
                #expect(text.contains("\t2001:db8:f0"))
            }
        }
        #expect(answers > 0)
        #expect(estate.world.localNetworks.contains("2001:db8:20::/48"))
        #expect(
            IPv4(10, 20, 16, 20).asIPv6 == "2001:db8:20:10::14" && IPv4(198, 18, 0, 53).asIPv6 == "2001:db8:f012:0::35")
    }

    @Test("Below yesterday's, by every route", arguments: ["network", "dns", "mail", "library"])
    func belowYesterday(route: String) throws {
        let size = ["network": "40 MB", "dns": "40 KB", "mail": "60 messages", "library": "60 papers"][route] ?? ""
        var plan = EstatePlan(kind: .university, hosts: 60, days: 40, seed: 3)
        plan.firstDay = Timestamp.days(year: 2024, month: 4, day: 15)
        plan.thefts = try TheftFile.parse(
            Array(
                "thefts:\n  - {id: t, route: \(route), size: \(size), over: 10 days, start: day 3, cunning: [below-yesterday]}\n"
                    .utf8), file: "t", for: plan)
        let estate = EstateModel(plan)
        let asked = try #require(plan.thefts.first)
        let cloud = OnlineLife(estate, objects: 5_000).cloud
        let theft = try #require(try asked.thefts(0, estate, cloud).first)
        var days = 0
        for day in 3..<40 {
            var logs = DayLogs(estate.world, day: day)
            logs.sensor.outage = nil
            theft.add(day: day, to: &logs)
            guard let entry = logs.truth.thefts.first else { continue }
            days += 1
            let host = try #require(
                estate.hosts.first {
                    $0.address.string == entry.source.id
                        || $0.role.isHuman
                            && [estate.person(of: $0).mail, estate.person(of: $0).account].contains(entry.source.id)
                })
            var audit = AuditLog(daily: estate.world)
            var proxy = LibraryProxy(estate.world)
            switch route {
            case "network":
                let taken = entry.details.first { $0.key == "stolen_bytes" }?.value ?? .max
                #expect(taken <= estate.sentOut(by: host, on: day - 1))
            case "dns": #expect(entry.bytes.atLeast <= estate.asked(by: host, on: day - 1))
            case "mail": #expect(entry.reads <= estate.work(of: host, on: day - 1, to: &audit))
            default: #expect(entry.reads <= estate.reading(of: host, on: day - 1, to: &proxy))
            }
        }
        #expect(days > 1)
    }
}
