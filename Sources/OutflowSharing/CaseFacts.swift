// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowIntelligence
import OutflowLedger
import OutflowRecords

/// What an alert is made of: the partners' part of a case, taken out of a report by name. What has no field here cannot get
/// into an alert.
public struct CaseFacts: Sendable {
    /// An attacker's address, name or account.
    public struct Infrastructure: Sendable, Hashable {
        /// What it is.
        public enum Kind: String, Sendable {
            case address, domain
            case cloudAccount = "cloud-account"
            /// Where mail is forwarded to.
            case mailbox
            /// An account, or whatever else is no address on the network.
            case account
        }
        /// What it is.
        public var kind: Kind
        /// Its value, in the form of the ledger.
        public var value: String
        /// Class of the destination: `unknown`, or a known service that attackers use like everybody else.
        public var destinationClass: String
        /// First and last record that leads there.
        public var first: Timestamp
        /// The last.
        public var last: Timestamp
        /// Records that lead there.
        public var records: UInt64
        /// Partners' indicators that stand behind it.
        public var warnings: [Report.IndicatorSource]
        /// Whether one of them is about this very value.
        public var isWarnedOf = false
        /// The victim's word that stands in it.
        public var victimWord: String?
    }

    /// That a partner's indicator was seen.
    public struct Sighting: Sendable, Hashable {
        /// The indicator.
        public var indicator: Report.IndicatorSource
        /// First record; nil if the records tell no time.
        public var first: Timestamp?
        /// Last record; nil if the records tell no time.
        public var last: Timestamp?
    }

    /// The case's id; it never leaves.
    public var caseID: String
    /// How likely theft is.
    public var suspicion: Suspicion
    /// In order of kind and value.
    public var infrastructure: [Infrastructure]
    /// Partners whose indicators alone led to the case; none when something of our own is in it.
    public var warnings: [Report.IndicatorSource]
    /// Classes of known services that data went to, in order. The service's name is not shared: hosts of such services are often
    /// made for one customer, and nobody can block them.
    public var services: [String]
    /// An ATT&CK technique.
    public struct Technique: Sendable, Hashable {
        /// Its id: `T1048.002`.
        public var id: String
        /// Partners who alone say that it was used; none when a rule or detector of ours says it.
        public var warnings: [Report.IndicatorSource]
    }

    /// In order.
    public var techniques: [Technique]
    /// Routes by which data left or was made reachable, in order.
    public var routes: [Route]
    /// Whether any data was seen to leave.
    public var isTaken: Bool
    /// Payload of the case.
    public var bytes: ByteBounds
    /// First record; nil if the records tell no time.
    public var first: Timestamp?
    /// Last record; nil if the records tell no time.
    public var last: Timestamp?
    /// In order.
    public var sightings: [Sighting]
    /// The victim's own values: in an alert only when they are named one by one.
    public var victims: [Report.NamedEntity]

    /// The facts of one of a report's cases.
    public init(_ one: Report.Case, of report: Report) {
        let ids = Set(one.transfers)
        let findingIDs = Set(one.findings)
        let transfers = report.ledger.filter { ids.contains($0.id) && !$0.isSanctioned }
        let findings = report.findings.filter { findingIDs.contains($0.id) }
        let words = VictimWords(report)
        caseID = one.id
        suspicion = one.suspicion
        bytes = one.assessment.bytes
        routes = Set(transfers.map(\.route)).sorted()
        isTaken = transfers.contains { $0.state == .taken }
        techniques = Self.techniques(findings)
        let told =
            transfers.flatMap { [$0.first, $0.last] } + findings.flatMap { [$0.first, $0.last] }
            + one.story.map(\.at)
        let reach = told.reach
        first = reach?.lowerBound
        last = reach?.upperBound
        let ofAttackers = transfers.filter { Self.attackersOwn.contains($0.destinationClass) }
        let behind = CaseWarnings(findings, of: report)
        warnings = behind.whole
        infrastructure = Self.infrastructure(ofAttackers, report, words, behind)
        services = Set(transfers.map(\.destinationClass)).subtracting(Self.attackersOwn).sorted()
        var seen: [Report.IndicatorSource: Sighting] = [:]
        for finding in findings {
            guard let indicator = finding.indicator else { continue }
            var sighting = seen[indicator] ?? Sighting(indicator: indicator, first: nil, last: nil)
            if finding.first != .unknown {
                sighting.first = min(sighting.first ?? finding.first, finding.first)
                sighting.last = max(sighting.last ?? finding.last, finding.last)
            }
            seen[indicator] = sighting
        }
        sightings = seen.values.sorted {
            ($0.indicator.source, $0.indicator.id) < ($1.indicator.source, $1.indicator.id)
        }
        let attackers = Set(infrastructure.map(\.value))
        var victims = Set(one.entities.filter { VictimWords.isVictims($0.kind) })
        for transfer in transfers {
            victims.insert(.init(kind: transfer.source.kind.rawValue, id: transfer.source.id))
            if let store = transfer.store { victims.insert(.init(kind: "store", id: store)) }
        }
        self.victims = victims.filter { !attackers.contains($0.id) }.sorted()
    }

    private static func techniques(_ findings: [Report.Finding]) -> [Technique] {
        var found: [String: Technique] = [:]
        for finding in findings {
            for id in finding.techniques {
                var technique = found[id] ?? Technique(id: id, warnings: [])
                if let indicator = finding.indicator, !technique.warnings.contains(indicator) {
                    technique.warnings.append(indicator)
                }
                found[id] = technique
            }
        }
        for finding in findings where finding.indicator == nil {
            for id in finding.techniques { found[id]?.warnings = [] }
        }
        return found.values.sorted { $0.id < $1.id }
    }

    /// Classes of destinations that stand for one tenant of their own, or for nobody known.
    private static let attackersOwn: Set<String> = ["unknown", "cloud-hosting", "tunnel"]

    /// Whether a text is a domain name as the ledger writes them: labels of small letters, digits, `-` and `_`, two at least.
    private static func isDomain(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.count > 1 && text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.count)
                    && label.allSatisfy {
                        (0x61...0x7A).contains($0) || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-")
                            || $0 == UInt8(ascii: "_")
                    }
            }
    }

    /// What a destination is to partners; nil for what is nobody in particular.
    private static func kind(of destination: Report.Entity) -> Infrastructure.Kind? {
        let isNumber = destination.id.utf8.count == 12 && destination.id.utf8.allSatisfy { $0 &- 0x30 < 10 }
        switch destination.kind {
        case .anyone: return nil
        case _ where IPAddress(destination.id) != nil: return .address
        case _ where destination.id.contains("@"): return .mailbox
        case .domain where isDomain(destination.id): return .domain
        case .account where isNumber: return .cloudAccount
        default: return destination.id.isEmpty ? nil : .account
        }
    }

    private static func infrastructure(
        _ transfers: [Report.Transfer], _ report: Report, _ words: VictimWords, _ warnings: CaseWarnings
    ) -> [Infrastructure] {
        var found: [String: (one: Infrastructure, transfers: [Report.Transfer])] = [:]
        for transfer in transfers {
            let destination = transfer.destination
            guard let kind = kind(of: destination) else { continue }
            let isOwn = destination.tenant.map(report.tenants.contains) ?? false
            var (one, behind) =
                found[destination.id]
                ?? (
                    Infrastructure(
                        kind: kind, value: destination.id, destinationClass: transfer.destinationClass,
                        first: transfer.first, last: transfer.last, records: 0, warnings: [],
                        victimWord: isOwn ? destination.id : words.word(in: destination.id)), []
                )
            one.first = min(one.first, transfer.first)
            one.last = max(one.last, transfer.last)
            one.records = one.records.addingReportingOverflow(transfer.records).partialValue
            behind.append(transfer)
            found[destination.id] = (one, behind)
        }
        return found.values.map { one, behind in
            var one = one
            one.warnings = warnings.behind(one.value, from: behind)
            one.isWarnedOf = warnings.name(one.value)
            return one
        }.sorted { ($0.kind.rawValue, $0.value) < ($1.kind.rawValue, $1.value) }
    }
}
