// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowCases

@Suite("Suspicion, totals and story")
struct AssessmentTests {
    private func findings(_ parts: [(Report.Finding.Kind, String, Suspicion)]) -> [Report.Finding] {
        parts.enumerated().map { index, part in
            Made.finding("F-\(index)", ["host 10.0.0.1"], kind: part.0, name: part.1, suspicion: part.2)
        }
    }

    @Test func kindsAddAndNamesHardly() {
        func points(_ parts: [(Report.Finding.Kind, String, Suspicion)]) -> Int {
            WeightOfEvidence(findings(parts)).points
        }
        #expect(points([]) == 0)
        #expect(points([(.rule, "a", .none)]) == 0)
        #expect(points([(.rule, "a", .possible)]) == 10)
        #expect(points([(.rule, "a", .possible), (.rule, "a", .possible)]) == 10)
        #expect(points([(.rule, "a", .possible), (.rule, "b", .possible)]) == 13)
        #expect(points((0..<99).map { (.rule, "\($0)", .possible) }) == 16)
        #expect(points([(.rule, "a", .possible), (.indicator, "b", .possible)]) == 20)
        #expect(points([(.rule, "a", .possible), (.indicator, "b", .possible), (.detector, "c", .likely)]) == 40)
        #expect(WeightOfEvidence.suspicion(of: 9) == .none)
        #expect(WeightOfEvidence.suspicion(of: 19) == .possible)
        #expect(WeightOfEvidence.suspicion(of: 29) == .likely)
        #expect(WeightOfEvidence.suspicion(of: 30) == .veryLikely)
    }

    /// A rule of low or medium level is a finding; a case it is beside something else.
    @Test func oneWeakRuleIsNoCase() {
        func cases(_ findings: [Report.Finding], _ transfers: [Report.Transfer] = []) -> [Report.Case] {
            Made.joined(findings, transfers).cases
        }
        func rule(_ id: String, _ name: String, _ entities: [String], _ suspicion: Suspicion) -> Report.Finding {
            Made.finding(id, entities, kind: .rule, name: name, techniques: [], suspicion: suspicion)
        }
        let host = ["host 10.0.0.9"]
        let weak = rule("F-1", "log-deleted", host, .possible)
        #expect(cases([weak]).isEmpty && cases([weak, rule("F-2", "log-deleted", host, .possible)]).isEmpty)
        #expect(cases([rule("F-1", "log-deleted", host, .likely)]).count == 1)
        #expect(cases([weak, rule("F-2", "archive", host, .possible)]).count == 1)
        #expect(cases([weak, Made.finding("F-2", host, kind: .indicator, suspicion: .possible)]).count == 1)
        #expect(cases([Made.finding("F-1", host, suspicion: .possible)]).count == 1)
        // What the host sent that day is no reason; that the rule names where it went is.
        let sent = Made.transfer("T-1", from: "10.0.0.9", to: "198.51.100.7")
        #expect(cases([weak], [sent]).isEmpty)
        let named = rule("F-1", "upload", host + ["address 198.51.100.7"], .possible)
        #expect(cases([named], [sent]).map(\.transfers) == [["T-1"]] && cases([named]).isEmpty)
    }

    @Test func twoViewsOfOneSendingCountOnce() {
        let library = Made.transfer(
            "T-1", from: "s1204418", to: "203.0.113.180", kind: .principal, route: .library, bytes: .exactly(700))
        let flow = Made.transfer("T-2", from: "10.0.0.9", to: "203.0.113.180", bytes: .exactly(1_000))
        #expect(CaseTotals([library, flow]).bytes == ByteBounds(atLeast: 1_000, atMost: 1_700))
        #expect(CaseTotals([library, flow]).groups == [[0, 1]])
        // At other times they are two.
        var later = flow
        later.first = Made.time(Made.day)
        later.last = Made.time(2 * Made.day)
        #expect(CaseTotals([library, later]).bytes == .exactly(1_700))
        // One route counts each flow once already.
        let other = Made.transfer("T-3", from: "10.0.0.8", to: "203.0.113.180", bytes: .exactly(50))
        #expect(CaseTotals([flow, other]).bytes == .exactly(1_050))
    }

    /// A flow whose bodies were seen: the ledger has taken them out of it.
    @Test func bodiesAndTheRestOfTheirConnectionAreTwo() {
        var rest = Made.transfer("T-1", from: "10.0.0.9", to: "198.51.100.7", bytes: .exactly(19_000))
        var bodies = Made.transfer("T-2", from: "10.0.0.9", to: "198.51.100.7", route: .web, bytes: .exactly(1_000_000))
        rest.service = "80/tcp http"
        bodies.service = rest.service
        let totals = CaseTotals([bodies, rest])
        #expect(totals.bytes == .exactly(1_019_000))
        #expect(totals.groups.isEmpty)
        // Another log of the same upload may tell of the same bytes.
        bodies.service = ""
        #expect(CaseTotals([bodies, rest]).bytes == ByteBounds(atLeast: 1_000_000, atMost: 1_019_000))
    }

    @Test func whatIsPassedOnCountsOnce() {
        let fetched = Made.transfer(
            "T-1", from: "arn:role/web", to: "10.0.0.5", kind: .principal, route: .cloudObject, bytes: .exactly(9_000))
        let sent = Made.transfer(
            "T-2", from: "10.0.0.5", to: "198.51.100.7", bytes: ByteBounds(atLeast: 8_000, atMost: nil), at: Made.day)
        #expect(CaseTotals([fetched, sent]).bytes == ByteBounds(atLeast: 9_000, atMost: nil))
        let before = Made.transfer(
            "T-3", from: "10.0.0.5", to: "198.51.100.7", bytes: .exactly(8_000), at: -9 * Made.day)
        #expect(CaseTotals([fetched, before]).bytes == .exactly(17_000))
        let onward = Made.transfer("T-4", from: "198.51.100.7", to: "203.0.113.1", bytes: .exactly(10), at: Made.day)
        #expect(CaseTotals([sent, onward]).bytes.atLeast == 8_000)
    }

    @Test func whatWasOnlyExposedIsNoSum() {
        let exposed = Made.transfer(
            "T-1", from: "snap-1", to: "612899039241", kind: .store, route: .snapshot, state: .exposed,
            bytes: ByteBounds(atLeast: 0, atMost: 80), destinationKind: .account)
        let refused = Made.transfer("T-2", from: "10.0.0.1", to: "198.51.100.7", state: .attempted, bytes: .zero)
        let totals = CaseTotals([exposed, refused])
        #expect(totals.bytes == .zero && totals.exposed == ByteBounds(atLeast: 0, atMost: 80))
    }

    @Test func theStoryIsToldInTacticOrderThenTime() throws {
        let report = Made.joined(
            [
                Made.finding("F-1", ["host 10.0.0.1", "address 198.51.100.7"], at: 5 * Made.hour),
                Made.finding(
                    "F-2", ["host 10.0.0.1"], kind: .rule, name: "lsass", title: "LSASS memory read.",
                    techniques: ["T1003.001"], at: 6 * Made.hour),
                Made.finding(
                    "F-3", ["host 10.0.0.1"], kind: .rule, name: "lsass", title: "LSASS memory read.",
                    techniques: ["T1003.001"], at: 4 * Made.hour),
                Made.finding(
                    "F-4", ["host 10.0.0.1"], kind: .rule, name: "logon", title: "Logon from abroad",
                    techniques: ["T1078"], at: 9 * Made.hour),
                Made.finding(
                    "F-5", ["address 198.51.100.7", "host 10.0.0.1"], kind: .indicator, name: "feed",
                    title: "Address of a known command server", techniques: [], at: 0),
            ], [Made.transfer("T-1", from: "10.0.0.1", to: "198.51.100.7", at: 5 * Made.hour)])
        let story = try #require(report.cases.first).story
        #expect(
            story.map(\.tactic) == [
                "Initial Access", "Credential Access", "Command and Control", "Exfiltration", "Exfiltration",
            ])
        #expect(story[1].text == "LSASS memory read: 10.0.0.1 (rule lsass, 2 times, F-3).")
        #expect(story[1].at == Made.time(4 * Made.hour))
        let sent = story[3...].map(\.text).first { $0.contains("T-1") }
        #expect(
            sent == "Exactly 1,000,000 B left 10.0.0.1 for 198.51.100.7 over the network route, 443/tcp tls (T-1).")
        #expect(story[3...].contains { !$0.evidence.isEmpty })
    }

    @Test func longStoriesTellWhatSaysMost() throws {
        var findings = (0..<500).map {
            Made.finding(
                "F-\($0)", ["host 10.0.0.1"], kind: .rule, name: "rule \($0)", techniques: ["T1059"],
                at: Int64($0) * 1_000_000, suspicion: .possible)
        }
        findings.append(Made.finding("F-x", ["host 10.0.0.1", "address 198.51.100.7"]))
        let report = Made.joined(findings, [Made.transfer("T-1", from: "10.0.0.1", to: "198.51.100.7")])
        let one = try #require(report.cases.first)
        #expect(one.story.count == 100 && one.findings.count == 501)
        #expect(one.story.contains { $0.text.contains("T-1") } && one.story.contains { $0.text.contains("F-x") })
        #expect(one.assessment.against.contains { $0.contains("leaves out 402 steps") })
    }

    @Test func everyCaseSaysWhatToFetchNext() {
        for route in Route.allCases {
            for state in TransferState.allCases {
                let transfer = Made.transfer(
                    "T-1", from: "10.0.0.1", to: "198.51.100.7", route: route, state: state, bytes: .unknown)
                let report = Made.joined([Made.finding("F-1", ["host 10.0.0.1", "address 198.51.100.7"])], [transfer])
                #expect(report.cases.first.map { $0.assessment.next.count >= 2 } ?? false, "\(route) \(state)")
            }
        }
        let none = Made.joined([Made.finding("F-1", ["host 10.0.0.1"])], [])
        #expect(none.cases.first?.assessment.next.first?.contains("no transfer was found") ?? false)
    }

    @Test func attackNamesAreCurrent() {
        #expect(AttackTechnique.all.count > 400)
        #expect(
            AttackTechnique.named("T1567.002")?.name == "Exfiltration Over Web Service: Exfiltration to Cloud Storage")
        #expect(AttackTechnique.named("T1567.002")?.tactics == [.exfiltration])
        #expect(AttackTechnique.named("T1685")?.tactics == [.defenseImpairment])
        // A sub-technique that the table lacks goes by its technique; what is none has no name.
        #expect(AttackTechnique.named("T1048.999")?.name == "Exfiltration Over Alternative Protocol")
        #expect(AttackTechnique.named("T9999") == nil && AttackTechnique.named("") == nil)
        #expect(AttackTechnique.all.allSatisfy { !$0.tactics.isEmpty && !$0.name.isEmpty })
        #expect(AttackTechnique.all.map(\.id) == AttackTechnique.all.map(\.id).sorted())
        #expect(Tactic.of(["T1078"]) == .initialAccess && Tactic.of(["T1041", "T1078"]) == .exfiltration)
        #expect(Tactic.of(["T0000"]) == nil && Tactic.of([]) == nil)
        #expect(Set(Tactic.allCases.map(\.id)).count == 15)
    }
}
