// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@testable import OutflowLedger

/// The quick look-up of names against the one that ranks them all.
@Suite struct NameLookupTests {
    static func index(_ seed: UInt64) -> NameIndex {
        var random = SeededGenerator(seed: seed)
        let batch = ActivityBatch()
        for _ in 0..<400 {
            batch.names.append(
                NameSeen(
                    time: Timestamp(microseconds: Int64(random.next() % 50)),
                    source: NameSeen.Source.allCases[Int(random.next() % 4)],
                    client: IPAddress(v4: UInt32(random.next() % 6)), address: IPAddress(v4: UInt32(random.next() % 6)),
                    port: random.next() % 2 == 0 ? 443 : 80, name: batch.arena.copy("n\(random.next() % 5).example")))
        }
        var ledger = NameLedger()
        _ = ledger.observe(batch, input: 0)
        return ledger.conclude()
    }

    @Test func theBestNamesAreThoseOfTheBestRank() {
        let seed = UInt64.random(in: 1...1_000_000)
        let index = Self.index(seed)
        for client in UInt32(0)..<7 {
            for address in UInt32(0)..<7 {
                for (port, end) in [(UInt16(443), Int64(100)), (80, 20), (22, 3), (443, -1)] {
                    let ends = (IPAddress(v4: client), IPAddress(v4: address), Timestamp(microseconds: end))
                    let all = index.names(client: ends.0, address: ends.1, port: port, before: ends.2)
                    let expected = all.filter {
                        $0.isOwn == all[0].isOwn && ($0.source == .dnsAnswer) == (all[0].source == .dnsAnswer)
                    }.map(\.text).sorted()
                    #expect(
                        index.best(client: ends.0, address: ends.1, port: port, before: ends.2) == expected,
                        "seed \(seed), \(client) to \(address) port \(port) before \(end)")
                }
            }
        }
    }
}

/// Days of flows against a plain dictionary.
@Suite struct FlowDaysTests {
    /// In order of time, backwards, and shuffled; few and very many days of a group.
    @Test(arguments: ["forwards", "backwards", "shuffled"], [5, 400])
    func sumsAreThoseOfADictionary(_ order: String, _ dayCount: Int) {
        let seed = UInt64.random(in: 1...1_000_000)
        var random = SeededGenerator(seed: seed)
        var flows = (0..<3_000).map { _ in
            (group: Int(random.next() % 3), day: Int64(random.next() % UInt64(dayCount)) - 3, sent: random.next() % 900)
        }
        switch order {
        case "forwards": flows.sort { $0.day < $1.day }
        case "backwards": flows.sort { $0.day > $1.day }
        default: break
        }
        var days = FlowDays()
        var expected: [[Int32: UInt64]] = [[:], [:], [:]]
        for flow in flows {
            days.makeRoom(groups: 3, flows: 1)
            days.add(
                group: flow.group, time: flow.day * FlowDay.length + 5, duration: 0, sent: flow.sent, received: 1,
                flows: 1, joinsAfter: nil)
            expected[flow.group][Int32(flow.day), default: 0] += flow.sent
        }
        for group in 0..<3 {
            var found: [Int32: UInt64] = [:]
            var rows = 0
            days.forEach(group: group) {
                found[$0.day] = $0.sent
                rows += 1
            }
            #expect(found == expected[group] && rows == found.count, "seed \(seed)")
        }
    }
}
