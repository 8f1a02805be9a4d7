// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowRecords
import Testing

@testable import OutflowLedger

/// Only the largest transfers are listed, and those that findings name.
@Suite struct NamedTransfersTests {
    /// A judge that names a pair of addresses.
    private struct Naming: LedgerJudge {
        var pairs: [(source: String, destination: String)]
        mutating func add(_ day: OutboundDay) {}
        mutating func add(inside day: InsideDay) {}
        mutating func conclude(_ report: inout Report, _ facts: LedgerFacts) {
            for (number, pair) in pairs.enumerated() {
                report.findings.append(
                    Report.Finding(
                        id: "F-\(number)", kind: .indicator, name: "n", title: "t", techniques: [],
                        entities: [
                            .init(kind: "host", id: pair.source), .init(kind: "address", id: pair.destination),
                        ], first: .earliest, last: .latest, evidence: [], suspicion: .likely))
            }
        }
    }

    /// Host 10.0.0.1 sends more and more to 100 addresses, 10 bytes to the first of them.
    private func report(
        limit: Int, naming pairs: [(source: String, destination: String)] = [], reversed: Bool = false
    ) -> Report {
        let ledger = Ledger()
        let batch = ActivityBatch()
        let numbers = Array(1...100)
        for number in reversed ? numbers.reversed() : numbers {
            batch.flows.append(
                Flow(
                    originator: address("10.0.0.1"), responder: address("198.51.100.\(number)"),
                    start: Timestamp(microseconds: 1_700_000_000_000_000 + Int64(number) * 10_000_000),
                    duration: 1_000_000,
                    originatorBytes: UInt64(number * 10), responderBytes: 5, originatorPort: UInt16(40_000 + number),
                    responderPort: 443, proto: 6, sensor: .zeek, services: number == 2 ? .unbounded : []))
        }
        _ = ledger.observe(batch, input: 0)
        var estate = Estate()
        estate.localNetworks = [inside]
        var judge = Naming(pairs: pairs)
        return ledger.conclude(
            inputs: [Report.Input(path: "a", format: "zeek-tsv", bytes: 1, sha256: "", records: 100)], estate: estate,
            limit: limit, judge: &judge)
    }

    @Test func aFindingKeepsItsTransferInTheLedger() throws {
        let without = report(limit: 10)
        #expect(without.ledger.count == 10 && without.totals.unlisted.transfers == 90)
        let with = report(limit: 10, naming: [("10.0.0.1", "198.51.100.1"), ("10.0.0.1", "198.51.100.99")])
        #expect(with.ledger.count == 11 && with.totals.unlisted.transfers == 89)
        let small = try #require(with.ledger.first { $0.destination.id == "198.51.100.1" })
        #expect(small.bytes == .exactly(10) && small.records == 1 && !small.evidence.isEmpty)
        // The sums are those of all transfers either way.
        #expect(with.totals.byRoute == without.totals.byRoute && with.totals.byState == without.totals.byState)
        #expect(with.totals.byRoute[.network]?.transfers == 100)
        #expect(with.totals.unlisted.bytes.atLeast == without.totals.unlisted.bytes.atLeast - 10)
        #expect(Set(with.ledger.map(\.id)).count == 11)
    }

    @Test func oneWithoutUpperBoundIsTakenOutWhole() {
        #expect(report(limit: 10).totals.byRoute[.network]?.bytes.atMost == nil)
        let with = report(limit: 10, naming: [("10.0.0.1", "198.51.100.2")])
        #expect(with.totals.byRoute[.network]?.bytes.atMost == nil)
        #expect(with.ledger.contains { $0.destination.id == "198.51.100.2" && $0.bytes.atMost == nil })
    }

    @Test func namesThatAreNoTransferChangeNothing() {
        let plain = report(limit: 10)
        let named = report(
            limit: 10,
            naming: [("10.0.0.2", "198.51.100.1"), ("10.0.0.1", "203.0.113.1"), ("10.0.0.1", "10.0.0.1")])
        #expect(named.ledger == plain.ledger && named.totals == plain.totals)
        // Where all are listed there is nothing to bring back.
        let all = report(limit: 1_000, naming: [("10.0.0.1", "198.51.100.1")])
        #expect(all.ledger.count == 100 && all.totals.unlisted.transfers == 0)
        #expect(all.totals.byRoute == plain.totals.byRoute)
    }

    @Test func theOrderOfInputDoesNotMatter() {
        let pairs = (1...30).map { (source: "10.0.0.1", destination: "198.51.100.\($0)") }
        let (one, other) = (report(limit: 5, naming: pairs), report(limit: 5, naming: pairs, reversed: true))
        func plain(_ report: Report) -> [Report.Transfer] {
            report.ledger.map {
                var transfer = $0
                transfer.evidence = []
                return transfer
            }
        }
        #expect(plain(one) == plain(other) && one.totals == other.totals && one.ledger.count == 35)
    }
}
