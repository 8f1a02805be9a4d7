// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowLedger
import OutflowRecords

/// Finds what in a report is an event of the truth: transfers and findings between the same ends at the same time.
struct EventMatcher {
    /// What of the report is one event.
    struct Match {
        /// Places in the ledger, and among the findings, in order.
        var transfers: [Int] = []
        var findings: [Int] = []
        /// Cases that hold any of these.
        var cases: Set<String> = []

        /// What is one or the other.
        func union(_ other: Match) -> Match {
            Match(
                transfers: Set(transfers).union(other.transfers).sorted(),
                findings: Set(findings).union(other.findings).sorted(), cases: cases.union(other.cases))
        }
    }

    /// Clocks of truth and logs may differ, and a record may stand for what went on around it: an hour.
    static let slack: Int64 = 3_600_000_000

    private let report: Report
    /// Places in the ledger by each name of who lost the data, in plain form: an event looks at its own sources' only.
    private var placesBySource: [String: [Int]] = [:]

    init(_ report: Report) {
        self.report = report
        for (place, transfer) in report.ledger.enumerated() {
            for name in Set([transfer.source.id, transfer.source.name ?? ""].map(EndNames.plain)) where !name.isEmpty {
                placesBySource[name, default: []].append(place)
            }
        }
    }

    func match(_ event: Truth.Event) -> Match {
        var match = Match()
        let sources = EndNames(event.sources)
        let destinations = EndNames(event.destinations)
        let sessions = Set(event.sessions)
        for place in places(sources) {
            let transfer = report.ledger[place]
            guard overlaps(event, transfer.first, transfer.last),
                event.route.map({ Self.isSame($0, transfer.route) }) ?? true,
                isSource(transfer, sources, event.what)
            else { continue }
            let ends = [transfer.destination.id] + transfer.destination.addresses
            let hasEnd = ends.contains(where: destinations.contains)
            // Named sessions tell one theft from the rest of what an account does.
            let isSession = sessions.contains(transfer.session ?? "")
            let isIt = sessions.isEmpty ? destinations.isEmpty || hasEnd : isSession
            if isIt { match.transfers.append(place) }
        }
        let own = EndNames(match.transfers.flatMap { ends(report.ledger[$0]) })
        for (index, finding) in report.findings.enumerated()
        where overlaps(event, finding.first, finding.last) && isAbout(finding, event, sources, destinations, own) {
            match.findings.append(index)
        }
        match.cases = Set(
            match.transfers.compactMap { report.ledger[$0].caseID }
                + match.findings.compactMap { report.findings[$0].caseID })
        return match
    }

    /// Transfers that may be of these sources, in the ledger's order.
    private func places(_ sources: EndNames) -> [Int] {
        // Names that stand for many, or none, are looked for everywhere.
        guard sources.isExact else { return Array(report.ledger.indices) }
        return Set(sources.names.flatMap { placesBySource[$0] ?? [] }).sorted()
    }

    private func ends(_ transfer: Report.Transfer) -> [String] {
        var ends = [transfer.destination.id] + transfer.destination.addresses
        if transfer.destination.kind == .domain {
            ends.append(DomainName.registeredDomain(of: transfer.destination.id))
        }
        if let store = transfer.store { ends.append(store) }
        return ends
    }

    /// A finding is about an event if it names who lost the data and, when it names a far end too, that one; or if it
    /// names nobody but the one who got it.
    private func isAbout(
        _ finding: Report.Finding, _ event: Truth.Event, _ sources: EndNames, _ destinations: EndNames, _ own: EndNames
    ) -> Bool {
        if finding.entities.contains(where: { event.sessions.contains($0.id) }) { return true }
        let far = finding.entities.filter {
            ["address", "network", "domain", "store", "bucket"].contains($0.kind) && !sources.contains($0.id)
        }
        func isIt(_ end: Report.NamedEntity) -> Bool { destinations.contains(end.id) || own.contains(end.id) }
        let isNear = finding.entities.contains { sources.contains($0.id) || isNamed($0.id, event.what, sources) }
        guard isNear else {
            // Others use the same store: who reads from it decides.
            let readers = far.filter { $0.kind != "store" && $0.kind != "bucket" }
            return far.count == finding.entities.count && readers.contains(where: isIt)
        }
        return far.isEmpty || (destinations.isEmpty && own.isEmpty) || far.contains(where: isIt)
    }

    private func isSource(_ transfer: Report.Transfer, _ sources: EndNames, _ what: String) -> Bool {
        sources.contains(transfer.source.id) || sources.contains(transfer.source.name ?? "")
            || isNamed(transfer.source.id, what, sources)
    }

    /// Where the truth names nobody, whoever its sentence names. A short name stands in a sentence by chance.
    private func isNamed(_ id: String, _ what: String, _ sources: EndNames) -> Bool {
        sources.isEmpty && id.utf8.count >= 6 && what.lowercased().contains(id.lowercased())
    }

    private func overlaps(_ event: Truth.Event, _ first: Timestamp, _ last: Timestamp) -> Bool {
        let from = event.first.map { $0.microseconds.subtractingReportingOverflow(Self.slack) }
        let to = (event.last ?? event.first).map { $0.microseconds.addingReportingOverflow(Self.slack) }
        let start = from.map { $0.overflow ? .min : $0.partialValue } ?? .min
        let end = to.map { $0.overflow ? .max : $0.partialValue } ?? .max
        return first.microseconds <= end && last.microseconds >= start
    }

    /// An upload is a web transfer to one log and a network transfer to another.
    private static func isSame(_ one: Route, _ other: Route) -> Bool {
        let wire: Set<Route> = [.network, .web]
        return one == other || wire.isSuperset(of: [one, other])
    }
}
