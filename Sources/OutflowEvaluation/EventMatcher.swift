// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowLedger
import OutflowRecords

/// Finds what in a report is an event of the truth: transfers and findings between the same ends at the same time.
struct EventMatcher {
    /// What of the report is one event.
    struct Match {
        var transfers: [Int] = []
        var findings: [Int] = []
        /// Cases that hold any of these.
        var cases: Set<String> = []
    }

    /// Clocks of truth and logs may differ, and a record may stand for what went on around it: an hour.
    static let slack: Int64 = 3_600_000_000

    private let report: Report

    init(_ report: Report) { self.report = report }

    func match(_ event: Truth.Event) -> Match {
        var match = Match()
        let sources = Set(event.sources.map(Self.plain))
        let destinations = Set(event.destinations.map(Self.plain))
        let sessions = Set(event.sessions)
        for (index, transfer) in report.ledger.enumerated() {
            guard overlaps(event, transfer.first, transfer.last),
                event.route.map({ Self.isSame($0, transfer.route) }) ?? true,
                isSource(transfer, sources, event.what)
            else { continue }
            let ends = [transfer.destination.id] + transfer.destination.addresses
            let hasEnd = ends.contains { destinations.contains(Self.plain($0)) }
            // Named sessions tell one theft from the rest of what an account does.
            let isSession = sessions.contains(transfer.session ?? "")
            let isIt = sessions.isEmpty ? destinations.isEmpty || hasEnd : isSession
            if isIt { match.transfers.append(index) }
        }
        let own = Set(match.transfers.flatMap { ends(report.ledger[$0]) })
        for (index, finding) in report.findings.enumerated()
        where overlaps(event, finding.first, finding.last) && isAbout(finding, event, sources, destinations, own) {
            match.findings.append(index)
        }
        match.cases = Set(
            match.transfers.compactMap { report.ledger[$0].caseID }
                + match.findings.compactMap { report.findings[$0].caseID })
        return match
    }

    private func ends(_ transfer: Report.Transfer) -> [String] {
        var ends = [transfer.destination.id] + transfer.destination.addresses
        if transfer.destination.kind == .domain {
            ends.append(DomainName.registeredDomain(of: transfer.destination.id))
        }
        if let store = transfer.store { ends.append(store) }
        return ends.map(Self.plain)
    }

    /// A finding is about an event if it names who lost the data and, when it names a far end too, that one.
    private func isAbout(
        _ finding: Report.Finding, _ event: Truth.Event, _ sources: Set<String>, _ destinations: Set<String>,
        _ own: Set<String>
    ) -> Bool {
        let names = finding.entities.map { (kind: $0.kind, id: Self.plain($0.id)) }
        if finding.entities.contains(where: { event.sessions.contains($0.id) }) { return true }
        guard names.contains(where: { sources.contains($0.id) || isNamed($0.id, event.what, sources) }) else {
            return false
        }
        let far = names.filter {
            ["address", "domain", "store", "bucket"].contains($0.kind) && !sources.contains($0.id)
        }
        if far.isEmpty || (destinations.isEmpty && own.isEmpty) { return true }
        return far.contains { destinations.contains($0.id) || own.contains($0.id) }
    }

    private func isSource(_ transfer: Report.Transfer, _ sources: Set<String>, _ what: String) -> Bool {
        sources.contains(Self.plain(transfer.source.id)) || sources.contains(Self.plain(transfer.source.name ?? ""))
            || isNamed(transfer.source.id, what, sources)
    }

    /// Where the truth names nobody, whoever its sentence names. A short name stands in a sentence by chance.
    private func isNamed(_ id: String, _ what: String, _ sources: Set<String>) -> Bool {
        sources.isEmpty && id.utf8.count >= 6 && what.lowercased().contains(id.lowercased())
    }

    private func overlaps(_ event: Truth.Event, _ first: Timestamp, _ last: Timestamp) -> Bool {
        let from = event.first?.microseconds.subtractingReportingOverflow(Self.slack).partialValue ?? .min
        let to = (event.last ?? event.first)?.microseconds.addingReportingOverflow(Self.slack).partialValue ?? .max
        return first.microseconds <= to && last.microseconds >= from
    }

    /// An upload is a web transfer to one log and a network transfer to another.
    private static func isSame(_ one: Route, _ other: Route) -> Bool {
        let wire: Set<Route> = [.network, .web]
        return one == other || wire.isSuperset(of: [one, other])
    }

    private static func plain(_ name: String) -> String {
        if let address = IPAddress(name) { return address.description }
        return name.lowercased()
    }
}
