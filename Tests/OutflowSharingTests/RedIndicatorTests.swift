// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowIntelligence
import OutflowJSON
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowSharing

/// What a partner's TLP:RED indicator led to reaches nobody but whom that partner named, however the two hang together.
@Suite struct RedIndicatorTests {
    /// How what was found relates to what the indicator says.
    enum Relation: CaseIterable {
        case itself, parent, child, url, network, addressOfName, nameOfAddress, mailHost, userAgent, pattern
    }

    private static let start = Timestamp(microseconds: 1_700_000_000_000_000)
    private static let red = Report.IndicatorSource(
        source: "cert", id: "indicator--26ffb872-1dd9-446e-b6f5-d58527e5b5d2", tlp: "TLP:RED")

    private static func transfer(_ number: Int, _ destination: Report.Entity) -> Report.Transfer {
        .init(
            id: "T-\(number)", route: .network, state: .taken, source: .init(kind: .host, id: "10.0.0.\(number)"),
            destination: destination, bytes: ByteBounds(atLeast: 1 << 30, atMost: 1 << 31), onWire: nil,
            distinctObjects: nil, reads: 0, first: start, last: start, records: 10,
            evidence: [Origin(input: 0, offset: UInt64(number) * 100, length: 10)])
    }

    /// A destination, and the entity that the indicator's finding names.
    private static func pair(_ relation: Relation, _ number: Int) -> (Report.Entity, Report.NamedEntity) {
        let name = Report.Entity(kind: .domain, id: "drop\(number).thief.example", addresses: ["203.0.113.\(number)"])
        let address = Report.Entity(kind: .address, id: "203.0.113.\(number)", name: "drop\(number).thief.example")
        func named(_ kind: String, _ id: String) -> Report.NamedEntity { .init(kind: kind, id: id) }
        return switch relation {
        case .itself: (name, named("domain", name.id))
        case .parent: (name, named("domain", "thief.example"))
        case .child: (name, named("domain", "x.\(name.id)"))
        case .url: (name, named("url", "\(name.id):8080/a/b"))
        case .network: (address, named("network", "203.0.113.0/24"))
        case .addressOfName: (name, named("address", "203.0.113.\(number)"))
        case .nameOfAddress: (address, named("domain", name.id))
        case .mailHost: (name, named("mailbox", "boss@\(name.id)"))
        case .userAgent: (name, named("user-agent", "Thief/1.0"))
        case .pattern: (address, named("ja3", "aabbccddeeff00112233445566778899"))
        }
    }

    /// A case of some transfers, of which the last was found by the indicator; a detector of ours found the others.
    private static func report(_ relation: Relation, of count: Int, isElsewhere: Bool) -> Report {
        var report = Report()
        report.localNetworks = [.init(cidr: "10.0.0.0/8", why: "configured")]
        for number in 1..<max(2, count) {
            let one = transfer(number, .init(kind: .address, id: "198.51.100.\(number)"))
            guard number < count else { continue }
            report.ledger.append(one)
            report.findings.append(
                .init(
                    id: "F-\(number)", kind: .detector, name: "outbound", title: "",
                    entities: [
                        .init(kind: "address", id: one.destination.id), .init(kind: "host", id: one.source.id),
                    ], first: start, last: start))
        }
        let (destination, named) = pair(relation, count)
        report.ledger.append(transfer(count, destination))
        report.cases = [
            .init(
                id: "C-1", title: "", suspicion: .likely, transfers: report.ledger.map(\.id),
                findings: report.findings.map(\.id) + (isElsewhere ? [] : ["F-red"]))
        ]
        report.findings.append(
            .init(
                id: "F-red", kind: .indicator, name: "cert", title: "",
                entities: [.init(kind: "host", id: "10.0.0.\(count)"), named], first: start, last: start,
                indicator: red))
        return report
    }

    private static func alert(_ report: Report, to partner: Partner, _ tlp: TLP) -> Alert {
        Alert(
            CaseFacts(report.cases[0], of: report), to: partner, marking: tlp, sender: "us",
            identifiers: STIXIdentifier(namespace: [UInt8](repeating: 7, count: 16)),
            bundleID: "5d0092c5-5f74-4287-9642-33f4c354e56d", now: start)
    }

    @Test(arguments: Relation.allCases)
    func whatItLedToStaysIn(relation: Relation) {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = SharingJudgeTests.Dice(state: seed)
        for round in 0..<400 {
            let count = 1 + dice.roll(4)
            // By its value it counts wherever in the report it was met; all else counts within the case.
            let isElsewhere = dice.roll(2) == 0 && relation != .userAgent && relation != .pattern
            let report = Self.report(relation, of: count, isElsewhere: isElsewhere)
            let tlp = TLP.allCases[dice.roll(5)]
            let partner = Partner(name: "isac", relation: Partner.Relation.allCases[dice.roll(4)])
            let alert = Self.alert(report, to: partner, tlp)
            for text in [alert.bundle.text, MISPEvent.event(alert).text] {
                for part in ["thief.example", "203.0.113.", "Thief/1.0", "aabbccddeeff"] where text.contains(part) {
                    Issue.record("\(part) got out at \(tlp), round \(round), seed \(seed)")
                }
            }
            // Nothing else led to a case of this one transfer, so nothing of it goes; what a detector found does.
            if count == 1, !isElsewhere { #expect(alert.isEmpty, "seed \(seed)") }
            if count > 1 { #expect(alert.bundle.text.contains("198.51.100.1"), "seed \(seed)") }
            // Its source may have it back, unless a mailbox in it may be the victim's.
            if relation == .mailHost { continue }
            let back = Self.alert(report, to: Partner(name: "cert"), .red)
            #expect(back.bundle.text.contains("thief.example") || back.bundle.text.contains("203.0.113."))
        }
    }

    /// A detector of ours that found the same transfer frees it from what is not about its value, and from that only.
    @Test func whatWeFoundOurselvesIsOurs() {
        for (relation, goes) in [(Relation.userAgent, true), (.pattern, true), (.parent, false), (.network, false)] {
            var report = Self.report(relation, of: 1, isElsewhere: false)
            let one = report.ledger[0]
            report.findings.append(
                .init(
                    id: "F-own", kind: .detector, name: "outbound", title: "", first: Self.start, last: Self.start,
                    evidence: one.evidence))
            report.cases[0].findings.append("F-own")
            let alert = Self.alert(report, to: Partner(name: "isac", relation: .community), .green)
            #expect(alert.bundle.text.contains(one.destination.id) == goes, "\(relation)")
        }
    }

    /// Mail is forwarded to a mailbox that may be a person's: the preview shows it, and says why it stays in.
    @Test func mailboxesAreShownAndSharedWhenNamedOrWarnedOf() {
        var report = Self.report(.userAgent, of: 1, isElsewhere: false)
        report.findings[0].indicator?.tlp = "TLP:CLEAR"
        report.ledger[0].destination = .init(kind: .address, id: "drop@thief.example")
        let partner = Partner(name: "isac", relation: .community)
        let alert = Self.alert(report, to: partner, .green)
        #expect(!alert.bundle.text.contains("drop@"))
        #expect(
            alert.decisions.contains {
                guard case .withheld(let why) = $0.verdict else { return false }
                return $0.title == "mailbox drop@thief.example" && why.contains("person")
            })
        report.findings[0].entities.append(.init(kind: "mailbox", id: "drop@thief.example"))
        #expect(
            Self.alert(report, to: partner, .green).bundle.text.contains("[email-addr:value = 'drop@thief.example']"))
    }
}
