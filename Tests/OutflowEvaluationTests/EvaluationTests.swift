// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEvaluation
import OutflowLedger
import OutflowRecords
import Testing

/// Reports scored against the truth.
@Suite("Evaluation")
struct EvaluationTests {
    static let start = Timestamp(microseconds: 1_772_323_200_000_000)  // 2026-03-01
    static let hour: Int64 = 3_600_000_000

    private func time(_ hours: Int64) -> Timestamp {
        Timestamp(microseconds: Self.start.microseconds + hours * Self.hour)
    }

    private func transfer(
        _ id: String, _ source: String, _ destination: String, hours: ClosedRange<Int64> = 10...11,
        route: Route = .network, bytes: ByteBounds = .exactly(1_100), session: String? = nil, caseID: String? = nil
    ) -> Report.Transfer {
        var transfer = Report.Transfer(
            id: id, route: route, state: .taken, source: .init(kind: .host, id: source),
            destination: .init(kind: .address, id: destination, addresses: []), destinationClass: "unknown",
            service: "", store: nil, session: session, isSanctioned: false, bytes: bytes, onWire: nil,
            distinctObjects: nil, reads: 0, first: time(hours.lowerBound), last: time(hours.upperBound), records: 1,
            evidence: [])
        transfer.caseID = caseID
        return transfer
    }

    private func told(_ id: String, _ suspicion: Suspicion, _ transfers: [String], _ findings: [String] = [])
        -> Report.Case
    {
        Report.Case(
            id: id, title: id, suspicion: suspicion, transfers: transfers, findings: findings, entities: [], story: [],
            assessment: .init(bytes: .zero, supports: [], against: [], next: []))
    }

    private var theft: Truth.Event {
        Truth.Event(
            id: "theft", route: .network, sources: ["10.0.0.1"], destinations: ["198.51.100.7"],
            bytes: ByteBounds(atLeast: 1_000, atMost: 1_200), first: time(10), last: time(11))
    }

    private func truth(_ thefts: [Truth.Event], lookAlikes: [Truth.Event] = []) -> Truth {
        Truth(thefts: thefts, lookAlikes: lookAlikes, from: time(0), to: time(24 * 15))
    }

    @Test func foundInACase() throws {
        var report = Report()
        report.ledger = [transfer("T-1", "10.0.0.1", "198.51.100.7", caseID: "C-1")]
        report.findings = [
            Report.Finding(
                id: "F-1", kind: .detector, name: "d", title: "t", techniques: [],
                entities: [.init(kind: "host", id: "10.0.0.1"), .init(kind: "address", id: "198.51.100.7")],
                first: time(10), last: time(12), evidence: [], suspicion: .likely, notes: [])
        ]
        report.findings[0].caseID = "C-1"
        report.cases = [told("C-1", .likely, ["T-1"], ["F-1"]), told("C-2", .likely, []), told("C-3", .possible, [])]
        let result = Evaluation(report, truth([theft]))
        let scored = try #require(result.thefts.first)
        #expect(scored.outcome == .inCase(.likely) && scored.caseID == "C-1" && scored.transfers == ["T-1"])
        #expect(scored.boundsHold == true && scored.delay == 2 * Self.hour)
        #expect(result.found == 1 && result.alarms == 2 && result.falseCases == ["C-2"])
        // One false case in 15 days is two in 30.
        #expect(result.falseCasesPerMonth == 2)
        #expect(Evaluation(report, truth([theft]), threshold: .possible).falseCases == ["C-2", "C-3"])
        #expect(Evaluation(report, truth([theft]), threshold: .veryLikely).found == 0)
    }

    @Test func inTheLedgerOnly() {
        var report = Report()
        report.ledger = [transfer("T-1", "10.0.0.1", "198.51.100.7", bytes: .exactly(5_000))]
        let scored = Evaluation(report, truth([theft])).thefts
        #expect(scored.map(\.outcome) == [.inLedger] && scored.map(\.boundsHold) == [false])
        #expect(scored[0].delay == nil)
    }

    @Test func whatIsNotIt() {
        var report = Report()
        report.ledger = [
            transfer("T-1", "10.0.0.2", "198.51.100.7"), transfer("T-2", "10.0.0.1", "198.51.100.8"),
            transfer("T-3", "10.0.0.1", "198.51.100.7", hours: 20...21),
            transfer("T-4", "10.0.0.1", "198.51.100.7", route: .mail),
        ]
        #expect(Evaluation(report, truth([theft])).thefts.map(\.outcome) == [.missed])
        // An upload is a web transfer to one log and a network transfer to another; clocks differ by up to an hour.
        report.ledger.append(transfer("T-5", "10.0.0.1", "198.51.100.7", hours: 12...13, route: .web))
        #expect(Evaluation(report, truth([theft])).thefts.map(\.transfers) == [["T-5"]])
    }

    @Test func aNamedSessionIsTheOnlyOne() {
        var event = theft
        event.route = .library
        event.sessions = ["s-1"]
        var report = Report()
        report.ledger = [
            transfer("T-1", "10.0.0.1", "198.51.100.7", route: .library, session: "s-2"),
            transfer("T-2", "10.0.0.1", "198.51.100.9", route: .library, session: "s-1"),
        ]
        #expect(Evaluation(report, truth([event])).thefts.map(\.transfers) == [["T-2"]])
    }

    @Test func lookAlikesTakenForTheft() {
        var report = Report()
        report.ledger = [
            transfer("T-1", "10.0.0.9", "198.51.100.9", caseID: "C-1"),
            transfer("T-2", "10.0.0.8", "198.51.100.8", caseID: "C-2"),
        ]
        report.cases = [told("C-1", .likely, ["T-1"]), told("C-2", .possible, ["T-2"])]
        func lookAlike(_ id: String, _ source: String) -> Truth.Event {
            Truth.Event(id: id, route: .network, sources: [source], first: time(9), last: time(12))
        }
        let result = Evaluation(
            report, truth([], lookAlikes: [lookAlike("backup", "10.0.0.9"), lookAlike("scan", "10.0.0.8")]))
        #expect(result.mistaken.map(\.event) == ["backup"] && result.lookAlikes == 2)
        #expect(result.falseCases == ["C-1"])
    }

    @Test func anEmptyReport() {
        let result = Evaluation(Report(), truth([theft]))
        #expect(result.thefts.map(\.outcome) == [.missed] && result.falseCases.isEmpty && result.found == 0)
        #expect(Evaluation(Report(), Truth()).falseCasesPerMonth == nil)
    }

    @Test func recallBySize() {
        func event(_ size: UInt64?) -> Truth.Event {
            Truth.Event(id: "e", bytes: size.map(ByteBounds.exactly) ?? .unknown)
        }
        let result = Evaluation(
            Report(), Truth(thefts: [0, 1, 9, 10, 99, 1_000, .max].map(event) + [event(nil)]))
        let bins = RecallChart([result]).bins
        #expect(bins.map(\.from) == [1, 10, 1_000, 10_000_000_000_000_000_000, nil])
        #expect(bins.map(\.thefts) == [3, 2, 1, 1, 1] && bins.allSatisfy { $0.found == 0 })
    }
}
