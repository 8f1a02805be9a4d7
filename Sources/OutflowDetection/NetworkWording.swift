// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

extension Outflows.Channel {
    /// Whether pieces of the channel may be behind a figure.
    func isBehind(_ number: NetworkFeatures.Number) -> Bool {
        switch number {
        case .names: self == .names
        case .textNames: self == .textNames
        case .missingNames: self == .missingNames
        default: !isOfNames
        }
    }
}

/// Puts alarms of hosts into findings.
struct NetworkWording {
    let outflows: Outflows
    let facts: LedgerFacts
    let shares: BudgetShares
    /// Records behind rows of ``Measures``.
    let namesEvidence: (UInt32) -> [Origin]

    func finding(_ alarm: Alarm) -> Report.Finding {
        let feature = NetworkFeatures.features[alarm.feature]
        let number = NetworkFeatures.Number(rawValue: alarm.feature)
        let host = outflows.hosts[Int(alarm.entity)]
        let since = min(alarm.since, alarm.day)
        let isSum = number.map(NetworkFeatures.isSum) ?? false
        let candidates = isSum ? outflows.pieces[...] : outflows.pieces(to: alarm.subject)
        let pieces = candidates.filter {
            $0.host == alarm.entity && $0.day >= since && $0.day <= alarm.last
                && (isSum
                    ? $0.channel == .stream || $0.channel == .datagram
                    : number.map($0.channel.isBehind) ?? false)
        }
        var entities = [Report.NamedEntity(kind: "host", id: host.description)]
        var words = feature.title
        if !isSum, let destination = named(alarm.subject, &entities) { words += ", \(destination)" }
        let evidence = evidence(pieces)
        let (first, last) = stretch(pieces, from: since, to: alarm.last)
        return Report.Finding(
            id: FindingIdentity.id(feature.name, [host.description] + entities.dropFirst().map(\.id), since),
            kind: .detector, name: feature.name,
            title: "\(host) \(words): \(alarm.value) \(feature.unit) on \(Day.date(alarm.day))",
            techniques: feature.techniques, entities: entities.sorted(), first: first, last: last,
            evidence: evidence,
            suspicion: AlarmWords.suspicion(alarm),
            notes: AlarmWords.notes(alarm, feature, shares))
    }

    /// A companion of an alarm, whose finding is `alarm`.
    func finding(_ companion: Companions.Companion, alarm: Report.Finding) -> Report.Finding {
        let feature = NetworkFeatures.features[companion.feature.rawValue]
        let host = outflows.hosts[Int(companion.host)]
        let pieces = outflows.pieces(to: companion.destination).filter {
            $0.host == companion.host && !$0.channel.isOfNames && $0.day >= companion.first && $0.day <= companion.last
        }
        var entities = [Report.NamedEntity(kind: "host", id: host.description)]
        let destination = named(companion.destination, &entities) ?? ""
        let (first, last) = stretch(pieces, from: companion.first, to: companion.last)
        return Report.Finding(
            id: FindingIdentity.id(
                "companion", [host.description] + entities.dropFirst().map(\.id), companion.first),
            kind: .detector, name: feature.name,
            title: "\(host) \(feature.title), \(destination): \(companion.value) \(feature.unit), beside an alarm",
            techniques: feature.techniques, entities: entities.sorted(), first: first, last: last,
            evidence: evidence(pieces), suspicion: .possible,
            notes: [
                "\(feature.name): \(companion.value) \(feature.unit) on its strongest day",
                "peers: a share of \(AlarmWords.number(companion.p)) of all days of hosts has so high a figure, fewer than "
                    + "1 in \(Int(1 / Judge.suspicious))",
                "too little for an alarm by itself; named because of \(alarm.id) in the same days, and no case of its own",
            ])
    }

    /// What a destination is called; its address and domain are added to what a finding is about.
    private func named(_ number: UInt32, _ entities: inout [Report.NamedEntity]) -> String? {
        guard Int(number) < outflows.destinations.count else { return nil }
        let destination = outflows.destinations[Int(number)]
        if destination.address == .none, destination.domain.isEmpty { return nil }
        if destination.address != .none {
            entities.append(.init(kind: "address", id: destination.address.description))
        }
        if !destination.domain.isEmpty { entities.append(.init(kind: "domain", id: destination.domain)) }
        return destination.domain.isEmpty ? destination.address.description : destination.domain
    }

    /// Records behind pieces, of the largest first.
    private func evidence(_ pieces: [Outflows.Piece]) -> [Origin] {
        var evidence: [Origin] = []
        for piece in pieces.sorted(by: { $0.bytes > $1.bytes }).prefix(4) {
            let found =
                piece.channel.isOfNames
                ? namesEvidence(piece.group) : facts.evidence(piece.handle, piece.channel == .served)
            for origin in found.prefix(4) where !evidence.contains(origin) { evidence.append(origin) }
        }
        return evidence
    }

    /// From the first to the last record behind pieces, within some days.
    private func stretch(
        _ pieces: [Outflows.Piece], from first: Int32, to last: Int32
    ) -> (first: Timestamp, last: Timestamp) {
        let spans = pieces.filter { !$0.channel.isOfNames }.map { facts.span($0.handle) }
        let (start, end) = (Day.start(of: first), Day.start(of: last + 1))
        let from = max(start, spans.map(\.first).min() ?? start)
        let to = min(end, spans.map(\.last).max() ?? end)
        return (min(from, to), to)
    }
}
