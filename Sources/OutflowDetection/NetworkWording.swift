// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// Puts alarms of hosts into findings.
struct NetworkWording {
    let outflows: Outflows
    let facts: LedgerFacts
    let budget: AlarmBudget
    let entities: Double
    /// Records behind rows of ``Measures``.
    let namesEvidence: (UInt32) -> [Origin]

    func finding(_ alarm: Alarm) -> Report.Finding {
        let feature = NetworkFeatures.features[alarm.feature]
        let number = NetworkFeatures.Number(rawValue: alarm.feature)
        let host = outflows.hosts[Int(alarm.entity)]
        let since = min(alarm.since, alarm.day)
        let pieces = outflows.pieces.filter {
            $0.host == alarm.entity && $0.day >= since && $0.day <= alarm.last
                && (number == .total
                    ? $0.channel == .stream || $0.channel == .datagram
                    : $0.destination == alarm.subject && ($0.channel == .names) == (number == .names))
        }
        var entities = [Report.NamedEntity(kind: "host", id: host.description)]
        var words = feature.title
        if number != .total, Int(alarm.subject) < outflows.destinations.count {
            let destination = outflows.destinations[Int(alarm.subject)]
            if destination.address != .none {
                entities.append(.init(kind: "address", id: destination.address.description))
            }
            if !destination.domain.isEmpty { entities.append(.init(kind: "domain", id: destination.domain)) }
            words += ", \(destination.domain.isEmpty ? destination.address.description : destination.domain)"
        }
        var evidence: [Origin] = []
        for piece in pieces.sorted(by: { $0.bytes > $1.bytes }).prefix(4) {
            for origin in facts.evidence(piece.handle, piece.channel == .served).prefix(4)
            where !evidence.contains(origin) {
                evidence.append(origin)
            }
        }
        let spans = pieces.filter { $0.channel != .names }.map { facts.span($0.handle) }
        let start = Day.start(of: since)
        let end = Day.start(of: alarm.last + 1)
        let first = max(start, spans.map(\.first).min() ?? start)
        let last = min(end, spans.map(\.last).max() ?? end)
        return Report.Finding(
            id: FindingIdentity.id(feature.name, [host.description] + entities.dropFirst().map(\.id), since),
            kind: .detector, name: feature.name,
            title: "\(host) \(words): \(alarm.value) \(feature.unit) on \(Day.date(alarm.day))",
            techniques: feature.techniques, entities: entities.sorted(), first: min(first, last), last: last,
            evidence: Array(evidence.prefix(16)),
            suspicion: AlarmWords.suspicion(alarm),
            notes: AlarmWords.notes(alarm, feature, budget: budget, entities: self.entities))
    }
}
