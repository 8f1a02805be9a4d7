// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowCases
import OutflowLedger
import OutflowRecords

/// Findings and transfers made by hand.
enum Made {
    static let start = Timestamp(microseconds: 1_772_323_200_000_000)  // 2026-03-01
    static let hour: Int64 = 3_600_000_000
    static let day: Int64 = 24 * hour

    static func time(_ offset: Int64) -> Timestamp { Timestamp(microseconds: start.microseconds + offset) }

    static func entity(_ text: String) -> Report.NamedEntity {
        let parts = text.split(separator: " ", maxSplits: 1)
        return .init(kind: String(parts[0]), id: String(parts[1]))
    }

    /// A finding on entities written as `host 10.0.0.1`.
    static func finding(
        _ id: String, _ entities: [String], kind: Report.Finding.Kind = .detector, name: String = "new-destination",
        title: String = "Sent far more than ever to a destination that is new", techniques: [String] = ["T1048"],
        at offset: Int64 = 0, lasting: Int64 = hour, suspicion: Suspicion = .likely, evidence: [Origin] = []
    ) -> Report.Finding {
        Report.Finding(
            id: id, kind: kind, name: name, title: title, techniques: techniques,
            entities: entities.map(entity).sorted(), first: time(offset), last: time(offset + lasting),
            evidence: evidence, suspicion: suspicion)
    }

    /// A transfer from a host to an address or a domain.
    static func transfer(
        _ id: String, from source: String, to destination: String, kind: EntityKind = .host,
        route: Route = .network, state: TransferState = .taken, bytes: ByteBounds = .exactly(1_000_000),
        at offset: Int64 = 0, lasting: Int64 = hour, name: String? = nil, addresses: [String] = [],
        class destinationClass: String = "unknown", store: String? = nil, session: String? = nil,
        destinationKind: EntityKind? = nil, isSanctioned: Bool = false
    ) -> Report.Transfer {
        Report.Transfer(
            id: id, route: route, state: state, source: .init(kind: kind, id: source, name: name),
            destination: .init(
                kind: destinationKind ?? (IPAddress(destination) == nil ? .domain : .address), id: destination,
                addresses: addresses),
            destinationClass: destinationClass, service: route == .network ? "443/tcp tls" : "", store: store,
            session: session, isSanctioned: isSanctioned, bytes: bytes, onWire: bytes.atMost,
            distinctObjects: nil, reads: 0, first: time(offset), last: time(offset + lasting), records: 3,
            evidence: [Origin(input: 0, offset: 100, length: 10)])
    }

    static func report(_ findings: [Report.Finding], _ ledger: [Report.Transfer]) -> Report {
        var report = Report()
        report.findings = findings
        report.ledger = ledger
        return report
    }

    static func joined(_ findings: [Report.Finding], _ ledger: [Report.Transfer]) -> Report {
        var report = report(findings, ledger)
        report.joinCases()
        return report
    }
}
