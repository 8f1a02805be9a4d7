// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowEvaluation

/// Reports of a few lines against truths of a few lines.
@Suite("Scoring a report against the truth")
struct ScoringTests {
    private static func time(_ hours: Int) -> Timestamp {
        Timestamp(microseconds: 1_704_067_200_000_000 + Int64(hours) * 3_600_000_000)
    }

    private func transfer(
        _ id: String, from source: String, to destination: String, kind: EntityKind = .address,
        route: Route = .network, session: String? = nil, bytes: UInt64 = 100, at hours: Int = 10,
        in caseID: String? = nil
    ) -> Report.Transfer {
        var transfer = Report.Transfer(
            id: id, route: route, state: .taken, source: .init(kind: .host, id: source),
            destination: .init(kind: kind, id: destination), session: session, bytes: .exactly(bytes), onWire: bytes,
            distinctObjects: nil, reads: 1, first: Self.time(hours), last: Self.time(hours), records: 1, evidence: [])
        transfer.caseID = caseID
        return transfer
    }

    private func finding(
        _ id: String, _ entities: [(kind: String, id: String)], at hours: Int = 10, in caseID: String? = nil
    ) -> Report.Finding {
        Report.Finding(
            id: id, kind: .detector, name: "test", title: "test",
            entities: entities.map { .init(kind: $0.kind, id: $0.id) }, first: Self.time(hours),
            last: Self.time(hours), caseID: caseID, suspicion: .likely)
    }

    private func report(
        _ transfers: [Report.Transfer], _ findings: [Report.Finding] = [], cases: [(String, Suspicion)] = []
    ) -> Report {
        var report = Report()
        report.ledger = transfers
        report.findings = findings
        report.cases = cases.map { Report.Case(id: $0.0, title: "", suspicion: $0.1) }
        return report
    }

    private func theft(
        _ id: String, group: String? = nil, from source: String, to destination: String, sessions: [String] = [],
        route: Route = .network, bytes: UInt64 = 100
    ) -> Truth.Event {
        Truth.Event(
            id: id, group: group, route: route, sources: [source], destinations: [destination], sessions: sessions,
            bytes: .exactly(bytes), first: Self.time(9), last: Self.time(11))
    }

    @Test("A theft shared among accounts is one theft, found when one of its parts is")
    func group() throws {
        let truth = Truth(thefts: [
            theft("t/1", group: "t", from: "10.0.0.1", to: "192.0.2.9"),
            theft("alone", from: "10.0.0.7", to: "192.0.2.8"),
            theft("t/2", group: "t", from: "10.0.0.2", to: "192.0.2.9"),
        ])
        let report = report(
            [
                transfer("T-1", from: "10.0.0.1", to: "192.0.2.9"),
                transfer("T-2", from: "10.0.0.2", to: "192.0.2.9", in: "C-1"),
            ], cases: [("C-1", .likely)])
        let evaluation = Evaluation(report, truth)
        #expect(evaluation.thefts.map(\.event.id) == ["t", "alone"])
        let whole = try #require(evaluation.thefts.first)
        #expect(whole.outcome == .inCase(.likely) && whole.parts == 2 && whole.partsFound == 1)
        #expect(whole.bytes == .exactly(200) && whole.event.bytes == .exactly(200) && whole.boundsHold == true)
        #expect(whole.transfers == ["T-1", "T-2"])
        #expect(evaluation.found == 1 && evaluation.falseCases.isEmpty && evaluation.thefts[1].outcome == .missed)
        // By size, too, it counts once.
        #expect(RecallChart([evaluation]).bins.map(\.thefts) == [2])
    }

    @Test("A network in the truth stands for its addresses, a domain for what is below it")
    func kindsOfNames() {
        let names = EndNames(["10.20.0.0/16", "Evil.example", "198.19.250.3", "a.user"])
        for known in [
            "10.20.255.1", "evil.EXAMPLE", "x.y.evil.example", "::ffff:198.19.250.3", "198.19.250.0/24", "A.USER",
        ] {
            #expect(names.contains(known), "\(known)")
        }
        for other in ["10.21.0.1", "notevil.example", "example", "198.19.251.0/24", "user", "", "/", "x/24"] {
            #expect(!names.contains(other), "\(other)")
        }
        #expect(EndNames([]).isEmpty && EndNames([""]).isEmpty && !EndNames([]).contains(""))
        #expect(!names.isExact && EndNames(["evil.example"]).isExact)
    }

    @Test("A look-alike whose far end is a network is recognised")
    func network() {
        let truth = Truth(lookAlikes: [theft("scan", from: "10.20.1.5", to: "10.20.0.0/16")])
        let report = report(
            [transfer("T-1", from: "10.20.1.5", to: "10.20.77.3", in: "C-1")], cases: [("C-1", .likely)])
        let evaluation = Evaluation(report, truth)
        #expect(evaluation.mistaken.map(\.event) == ["scan"] && evaluation.falseCases == ["C-1"])
        let own = Truth(thefts: [theft("all", from: "10.20.0.0/16", to: "10.20.77.3")])
        #expect(Evaluation(report, own).found == 1)
    }

    @Test("A finding that names only the thief's network is about the theft; one that names another is not")
    func findingWithoutSource() {
        let truth = Truth(thefts: [theft("t", from: "a.user", to: "198.19.250.3", route: .library)])
        func found(_ entities: [(kind: String, id: String)], at hours: Int = 10) -> Int {
            Evaluation(
                report([], [finding("F-1", entities, at: hours, in: "C-1")], cases: [("C-1", .likely)]), truth
            ).found
        }
        #expect(found([("network", "198.19.250.0/24")]) == 1)
        #expect(found([("store", "papers"), ("address", "198.19.250.3")]) == 1)
        #expect(found([("account", "a.user")]) == 1)
        #expect(found([("account", "a.user"), ("address", "198.19.250.3")]) == 1)
        #expect(found([("network", "198.19.251.0/24")]) == 0)
        #expect(found([("store", "papers")]) == 0)
        #expect(found([("account", "b.user"), ("address", "198.19.250.3")]) == 0)
        #expect(found([("account", "a.user"), ("address", "192.0.2.1")]) == 0)
        #expect(found([("network", "198.19.250.0/24")], at: 40) == 0)
    }

    @Test("What went into a service in use is not held against the source's own uploads there")
    func amongOwn() throws {
        let json = """
            {"thefts":[{"id":"a","route":"network","CUNNINGsource":{"id":"10.0.0.1"},"destination":{"id":"share.example"},
            "bytes":{"at_least":60,"at_most":60},"first":"2024-01-01T09:00:00Z","last":"2024-01-01T11:00:00Z"}]}
            """
        func holds(_ cunning: String, _ bytes: UInt64) throws -> Bool? {
            let truth = try Truth(json: Array(json.replacing("CUNNING", with: cunning).utf8))
            return Evaluation(
                report([transfer("T-1", from: "10.0.0.1", to: "share.example", kind: .domain, bytes: bytes)]), truth
            ).thefts.first?.boundsHold
        }
        let sharing = #"cunning":["existing-service"],""#
        #expect(try holds(sharing, 100) == true && holds(sharing, 50) == false)
        #expect(try holds("", 100) == false && holds("", 60) == true)
    }

    @Test("Groups are read from the truth's file")
    func reading() throws {
        let truth = try Truth(
            json: Array(
                #"{"thefts":[{"id":"t/1","group":"t","src":"10.0.0.1"},{"id":"u","group":"","src":"10.0.0.2"}]}"#.utf8))
        #expect(truth.thefts.map(\.group) == ["t", nil])
        #expect(throws: Truth.Failure.self) { try Truth(json: Array(#"{"thefts":[{"id":"t","first":"noon"}]}"#.utf8)) }
        #expect(throws: Truth.Failure.self) { try Truth(json: Array("{}".utf8)) }
    }

    @Test("The index by source finds what a search of the whole ledger finds")
    func index() {
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
        var state = seed
        func draw(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let transfers = (0..<300).map {
            transfer(
                "T-\($0)", from: "10.0.0.\(draw(12))", to: "192.0.2.\(draw(4))", session: ["", "s1", nil][draw(3)],
                at: draw(24))
        }
        let report = report(transfers)
        let matcher = EventMatcher(report)
        for _ in 0..<60 {
            let event = theft(
                "t", from: "10.0.0.\(draw(12))", to: "192.0.2.\(draw(4))", sessions: draw(4) == 0 ? ["s1"] : [])
            let plain = transfers.indices.filter { place in
                let transfer = transfers[place]
                let isIt =
                    event.sessions.isEmpty
                    ? transfer.destination.id == event.destinations[0] : transfer.session == "s1"
                return transfer.source.id == event.sources[0] && isIt && transfer.first >= Self.time(8)
                    && transfer.first <= Self.time(12)
            }
            #expect(matcher.match(event).transfers == plain, "seed \(seed)")
        }
    }
}
