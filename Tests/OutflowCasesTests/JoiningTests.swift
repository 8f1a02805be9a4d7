// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowCases
import OutflowLedger
import OutflowRecords
import Testing

@Suite("Joining")
struct JoiningTests {
    @Test func aFindingAndItsTransfer() throws {
        let report = Made.joined(
            [Made.finding("F-1", ["host 10.0.0.1", "address 198.51.100.7"])],
            [
                Made.transfer("T-1", from: "10.0.0.1", to: "198.51.100.7"),
                Made.transfer("T-2", from: "10.0.0.1", to: "198.51.100.8"),
                Made.transfer("T-3", from: "10.0.0.2", to: "198.51.100.9"),
            ])
        let one = try #require(report.cases.first)
        #expect(report.cases.count == 1 && one.transfers == ["T-1"] && one.findings == ["F-1"])
        #expect(one.suspicion == .likely && one.assessment.bytes == .exactly(1_000_000))
        #expect(report.findings[0].caseID == one.id)
        #expect(report.ledger.map(\.caseID) == [one.id, nil, nil])
        #expect(report.ledger.map(\.suspicion) == [.likely, .none, .none])
    }

    @Test func transfersAloneAreNoCase() {
        #expect(Made.joined([], [Made.transfer("T-1", from: "10.0.0.1", to: "198.51.100.7")]).cases.isEmpty)
    }

    @Test func findingsThatSayNothingAreNoCase() {
        let report = Made.joined([Made.finding("F-1", ["host 10.0.0.1"], suspicion: .none)], [])
        #expect(report.cases.isEmpty && report.findings[0].caseID == nil)
    }

    @Test func oneHostUnderItsAddressAndItsName() {
        let report = Made.joined(
            [
                Made.finding("F-1", ["host 10.0.0.1", "address 198.51.100.7"]),
                Made.finding("F-2", ["account ACME\\jo", "host nashua.acme.example"], kind: .rule, name: "mimikatz"),
                Made.finding("F-3", ["account NASHUA$"], kind: .rule, name: "service-installed"),
            ], [Made.transfer("T-1", from: "10.0.0.1", to: "198.51.100.7", name: "NASHUA")])
        #expect(report.cases.count == 1 && report.cases.first?.findings.count == 3)
    }

    @Test(arguments: [(2, 25, 1), (2, 35, 2), (4, 5, 1), (4, 25, 4), (8, 0, 1), (9, 0, 9), (200, 0, 200)])
    func theMoreShareAnAddressTheCloserInTime(hosts: Int, days: Int, cases: Int) {
        // All on the first day but one that lies some days later.
        let findings = (0..<hosts).map { host in
            Made.finding(
                "F-\(host)", ["host 10.0.\(host / 250).\(host % 250 + 1)", "address 198.51.100.7"],
                at: Int64(days) * Made.day * Int64(host), lasting: 0)
        }
        #expect(Made.joined(findings, []).cases.count == cases)
    }

    /// The address looks rare among the findings; the ledger knows that a hundred hosts use it.
    @Test func theLedgerTellsHowManyShareAnAddress() {
        let findings = (1...2).map { Made.finding("F-\($0)", ["host 10.0.0.\($0)", "address 198.51.100.7"]) }
        let ledger = (1...100).map { Made.transfer("T-\($0)", from: "10.0.0.\($0)", to: "198.51.100.7") }
        let report = Made.joined(findings, ledger)
        #expect(report.cases.map(\.transfers).sorted { $0[0] < $1[0] } == [["T-1"], ["T-2"]])
    }

    @Test func aServiceOfTheWorldJoinsNothing() {
        let findings = (1...2).map { Made.finding("F-\($0)", ["host 10.0.0.\($0)", "domain files.drive.example"]) }
        func ledger(_ kind: String) -> [Report.Transfer] {
            (1...3).map { Made.transfer("T-\($0)", from: "10.0.0.\($0)", to: "files.drive.example", class: kind) }
        }
        let shared = Made.joined(findings, ledger("cloud-storage"))
        #expect(Set(shared.cases.map(\.transfers)) == [["T-1"], ["T-2"]])
        let own = Made.joined(findings, ledger("unknown"))
        #expect(own.cases.map(\.transfers) == [["T-1", "T-2", "T-3"]])
    }

    @Test func aDomainIsThatOfTheHostsInIt() {
        let finding = Made.finding("F-1", ["host 10.0.0.1", "domain evil.example"])
        let report = Made.joined(
            [finding],
            [
                Made.transfer("T-1", from: "10.0.0.1", to: "a7.evil.example"),
                Made.transfer("T-2", from: "10.0.0.1", to: "notevil.example"),
            ])
        #expect(report.cases.map(\.transfers) == [["T-1"]])
    }

    @Test func sanctionedTransfersAreInNoCase() {
        let report = Made.joined(
            [Made.finding("F-1", ["host 10.0.0.1", "address 198.51.100.7"])],
            [Made.transfer("T-1", from: "10.0.0.1", to: "198.51.100.7", isSanctioned: true)])
        #expect(report.cases.map(\.transfers) == [[]])
    }

    /// A thief and an administrator behind one address: the administrator's reads stay out of the case.
    @Test func anAddressFromWhichOthersReadTooIsNoReason() {
        func read(_ id: String, _ principal: String, _ session: String) -> Report.Transfer {
            Made.transfer(
                id, from: principal, to: "1.2.3.4", kind: .principal, route: .cloudObject, store: "bucket",
                session: session)
        }
        let thief = Made.finding(
            "F-1", ["account arn:role/web", "session ASIA1", "store bucket", "address 1.2.3.4"], techniques: ["T1530"])
        let report = Made.joined(
            [thief], [read("T-1", "arn:role/web", "ASIA1"), read("T-2", "arn:user/pedro", "AKIA2")])
        #expect(report.cases.map(\.transfers) == [["T-1"]])
        // When most of those who read from there are suspect, the rest is.
        let second = Made.finding("F-2", ["account arn:role/db", "address 1.2.3.4"], techniques: ["T1530"])
        let more = Made.joined(
            [thief, second],
            [
                read("T-1", "arn:role/web", "ASIA1"), read("T-2", "arn:user/pedro", "AKIA2"),
                read("T-3", "arn:role/db", "ASIA3"),
            ])
        #expect(more.cases.map(\.transfers) == [["T-1", "T-2", "T-3"]])
    }

    @Test func aSessionOfItsOwnJoins() {
        let report = Made.joined(
            [Made.finding("F-1", ["session ASIA1"], kind: .rule, techniques: ["T1530"])],
            [
                Made.transfer(
                    "T-1", from: "arn:role/web", to: "1.2.3.4", kind: .principal, route: .cloudObject, session: "ASIA1")
            ])
        #expect(report.cases.map(\.transfers) == [["T-1"]])
    }

    /// A rule names what was shared, with whom, and who did it; the ledger what and with whom, in full.
    @Test func whatARuleSawSharedIsTheExposure() {
        func cases(store: String, with recipient: String) -> [[String]] {
            let rule = Made.finding(
                "F-1", ["account arn:aws:iam::123456789012:user/jo", "address 198.51.100.9", store, recipient],
                kind: .rule,
                techniques: ["T1537"])
            let shared = Made.transfer(
                "T-1", from: "arn:aws:rds:eu-west-1:123456789012:snapshot:backup-7", to: "210987654321", kind: .store,
                route: .snapshot, state: .exposed, bytes: .unknown, destinationKind: .account)
            return Made.joined([rule], [shared]).cases.map(\.transfers)
        }
        #expect(cases(store: "store backup-7", with: "principal 210987654321") == [["T-1"]])
        #expect(cases(store: "store backup-8", with: "principal 210987654321") == [[]])
        #expect(cases(store: "store backup-7", with: "principal 333333333333") == [[]])
    }

    @Test func aFindingWithoutDestinationBringsTheLargestOfItsTime() throws {
        let ledger =
            (1...20).map {
                Made.transfer(
                    "T-\($0)", from: "10.0.0.1", to: "198.51.100.\($0)", bytes: .exactly(UInt64(1_000 * $0)))
            } + [
                Made.transfer(
                    "T-late", from: "10.0.0.1", to: "203.0.113.1", bytes: .exactly(1 << 40), at: 9 * Made.day),
                Made.transfer(
                    "T-drive", from: "10.0.0.1", to: "drive.example", bytes: .exactly(1 << 40), class: "cloud-storage"),
                Made.transfer("T-mail", from: "10.0.0.1", to: "203.0.113.2", route: .mail, bytes: .exactly(1 << 40)),
            ]
        let report = Made.joined([Made.finding("F-1", ["host 10.0.0.1"])], ledger)
        let one = try #require(report.cases.first)
        #expect(one.transfers == (13...20).map { "T-\($0)" })
        #expect(one.suspicion == .likely)
        #expect(report.ledger.first { $0.id == "T-20" }?.suspicion == .possible)
        #expect(one.assessment.against.contains { $0.contains("name no destination") })
    }

    /// A host that had its files copied away, and the host that sent them out.
    @Test func aCopyInsideLinksBothHosts() {
        var report = Made.report(
            [
                Made.finding("F-1", ["host 10.0.0.1"], kind: .rule, name: "archive", techniques: ["T1560"]),
                Made.finding("F-2", ["host 10.0.0.2", "address 198.51.100.7"], at: 3 * Made.hour),
            ], [Made.transfer("T-1", from: "10.0.0.2", to: "198.51.100.7", at: 3 * Made.hour)])
        func copy(_ source: String) -> Report.Staging {
            Report.Staging(
                id: "S-\(source)", source: source, destination: "10.0.0.2", service: "445/tcp smb",
                bytes: .exactly(5_000), first: Made.time(Made.hour), last: Made.time(2 * Made.hour), records: 1,
                followedBy: ["T-1"], evidence: [])
        }
        report.staging = [copy("10.0.0.1")]
        report.joinCases()
        #expect(report.cases.count == 1)
        #expect(
            report.cases.first?.story.map(\.tactic) == ["Collection", "Collection", "Exfiltration", "Exfiltration"])
        // A file server that everybody copies to links nothing.
        report.staging += (3...12).map { copy("10.0.0.\($0)") }
        report.joinCases()
        #expect(report.cases.count == 2)
    }

    @Test func joiningTwiceIsJoiningOnce() {
        var report = Made.joined(
            [Made.finding("F-1", ["host 10.0.0.1", "address 198.51.100.7"])],
            [Made.transfer("T-1", from: "10.0.0.1", to: "198.51.100.7")])
        let (cases, ledger) = (report.cases, report.ledger)
        report.joinCases()
        #expect(report.cases == cases && report.ledger == ledger)
    }

    @Test func theIdStaysWhenWeakerFindingsJoin() {
        let strong = Made.finding("F-1", ["host 10.0.0.1", "address 198.51.100.7"])
        let weak = Made.finding("F-0", ["host 10.0.0.1"], kind: .rule, name: "r", at: -Made.hour, suspicion: .possible)
        #expect(Made.joined([strong], []).cases.map(\.id) == Made.joined([weak, strong], []).cases.map(\.id))
    }

    @Test func namesThatEverybodyHasJoinNothing() {
        for entity in ["account NT AUTHORITY\\SYSTEM", "address 0.0.0.0", "address ::1", "host localhost", "host -"] {
            let findings = (1...2).map { Made.finding("F-\($0)", ["host 10.0.0.\($0)", entity]) }
            #expect(Made.joined(findings, []).cases.count == 2, "\(entity)")
        }
    }
}
