// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

extension ExposureLedger {
    private struct Resource: Hashable {
        var route: UInt8
        var kind: UInt8
        var id: UInt32
        var tenant: UInt32
    }

    /// The transfers, in order of id, and what they leave open.
    ///
    /// - Parameter end: the time of the last record of any kind: what was never un-shared stayed exposed until then.
    func conclude(until end: Timestamp?) -> (transfers: [Report.Transfer], gaps: [Report.Gap]) {
        var resources: [Resource: [Int]] = [:]
        for (row, key) in changes.keys.enumerated() {
            let resource = Resource(route: key.route, kind: key.resourceKind, id: key.resource, tenant: key.tenant)
            resources[resource, default: []].append(row)
        }
        var transfers: [Report.Transfer] = []
        var withdrawals: [UInt8: (count: UInt64, span: Span)] = [:]
        for (resource, rows) in resources {
            let replay = ExposureReplay(rows, of: self)
            transfers += conclude(resource, replay, until: end)
            for history in replay.histories.values where history.shared.isEmpty {
                guard let lone = history.unmatched else { continue }
                let time = changes.values[lone].time
                var known = withdrawals[resource.route] ?? (0, Span(time))
                known.count += 1
                known.span.add(time)
                withdrawals[resource.route] = known
            }
        }
        let gaps = withdrawals.sorted { $0.key < $1.key }.map { route, lone in
            Report.Gap(
                route: Route.allCases[Int(route)], from: nil, to: lone.span.to,
                what:
                    "\(Wording.count(lone.count, "grant was", "grants were")) withdrawn whose making is not in these logs",
                effect: "what was reachable from outside before then is not in the ledger; older logs would tell")
        }
        return (transfers.sorted { $0.id < $1.id }, gaps)
    }

    private func conclude(_ resource: Resource, _ replay: ExposureReplay, until end: Timestamp?) -> [Report.Transfer] {
        var transfers: [Report.Transfer] = []
        for (grantee, history) in replay.histories {
            if !history.refused.isEmpty { transfers.append(refused(resource, grantee, history)) }
            if history.isTaken { transfers.append(taken(resource, grantee, history, replay.sized)) }
        }
        // Who opens a link for anyone is known by an address: the share and the read have different grantees.
        let reads = transfers.filter { $0.state == .taken }.map(\.id).sorted()
        for (grantee, history) in replay.histories where !history.isTaken && !history.shared.isEmpty {
            transfers.append(exposed(resource, grantee, history, replay.sized, reads, until: end))
        }
        return transfers
    }

    private func taken(
        _ resource: Resource, _ grantee: ExposureReplay.Grantee, _ history: ExposureReplay.History, _ sized: [Int]
    ) -> Report.Transfer {
        let taken = history.shared.filter { changes.keys[$0].action == ExposureChange.Action.taken.rawValue }
        var notes = [
            "\(Wording.count(UInt64(taken.count), "copy or read", "copies or reads")) seen from outside, the first at "
                + "\(changes.values[taken[0]].time)"
        ]
        if let ended = history.ended { notes.append("un-shared at \(ended)") }
        if history.isEndUncertain { notes.append(Self.uncertainEnd) }
        let rows = history.shared + history.endings
        return transfer(resource, grantee, .taken, rows, sized, span(rows), notes: notes)
    }

    private func exposed(
        _ resource: Resource, _ grantee: ExposureReplay.Grantee, _ history: ExposureReplay.History, _ sized: [Int],
        _ reads: [String], until end: Timestamp?
    ) -> Report.Transfer {
        let rows = history.shared + history.endings
        var span = span(rows)
        if history.ended == nil, let end { span.add(end) }
        let state = history.ended.map { "un-shared at \($0)" } ?? "still shared when these logs end"
        var notes = [reads.isEmpty ? "\(state); no read was seen" : state]
        if history.isEndUncertain { notes.append(Self.uncertainEnd) }
        if !reads.isEmpty {
            notes.append(
                "read from outside: see " + reads.prefix(3).joined(separator: ", ")
                    + (reads.count > 3 ? " and \(reads.count - 3) more" : ""))
        }
        return transfer(resource, grantee, .exposed, rows, sized, span, notes: notes)
    }

    private static var uncertainEnd: String {
        "the record of its end does not name whom it concerns: it may have ended another rule of the same mailbox"
    }

    private func span(_ rows: [Int]) -> Span {
        var span = Span(changes.values[rows[0]].time)
        for row in rows { span.add(changes.values[row].time) }
        return span
    }

    private func refused(
        _ resource: Resource, _ grantee: ExposureReplay.Grantee, _ history: ExposureReplay.History
    ) -> Report.Transfer {
        transfer(resource, grantee, .attempted, history.refused, [], span(history.refused), notes: [])
    }

    /// The largest size that any of the changes tells.
    private func size(_ rows: [Int]) -> UInt64? { rows.compactMap { changes.values[$0].size }.max() }

    /// - Parameters:
    ///   - changed: the changes for this grantee.
    ///   - sized: what tells the size of the resource.
    private func transfer(
        _ resource: Resource, _ grantee: ExposureReplay.Grantee, _ state: TransferState, _ changed: [Int],
        _ sized: [Int], _ span: Span, notes: [String]
    ) -> Report.Transfer {
        let rows = changed + sized
        var resourceName: UInt32 = 0
        var granteeName: UInt32 = 0
        var evidence = StrongestRecords()
        var principals: Set<UInt32> = []
        for row in rows {
            let change = changes.values[row]
            resourceName = strings.preferred(resourceName, change.resourceName)
            granteeName = strings.preferred(granteeName, change.granteeName)
            // Who made a thing need not be who shared it.
            if change.principal != 0, changes.keys[row].action != ExposureChange.Action.sized.rawValue {
                principals.insert(change.principal)
            }
            // Reads from outside first, then the size, then shares, then what ended them.
            let weights: [UInt8: UInt64] = [
                ExposureChange.Action.taken.rawValue: 4, ExposureChange.Action.sized.rawValue: 3,
                ExposureChange.Action.share.rawValue: 2, ExposureChange.Action.refused.rawValue: 1,
            ]
            evidence.add(
                Evidence(
                    weight: weights[changes.keys[row].action] ?? 0, identity: changes.keys[row].identity,
                    origin: change.origin))
        }
        let route = Route.allCases[Int(resource.route)]
        let source = Report.Entity(
            kind: EntityKind.allCases[Int(resource.kind)], id: strings.text(resource.id),
            name: strings.name(resourceName), tenant: strings.name(resource.tenant))
        let destination = Report.Entity(
            kind: EntityKind.allCases[Int(grantee.kind)], id: strings.text(grantee.id),
            name: strings.name(granteeName))
        var notes = notes
        let who = principals.map { strings.text($0) }.sorted()
        if !who.isEmpty {
            notes.append(
                "changed by " + who.prefix(3).joined(separator: ", ")
                    + (who.count > 3 ? " and \(who.count - 3) more" : ""))
        }
        return Report.Transfer(
            id: Report.Transfer.id(route: route, state: state, source: source, destination: destination),
            route: route, state: state, source: source, destination: destination,
            bytes: ByteBounds(atLeast: 0, atMost: state == .attempted ? 0 : size(rows)),
            onWire: state == .attempted ? 0 : nil, distinctObjects: 1,
            reads: 0, first: span.from, last: span.to,
            records: UInt64(Set(rows.map { changes.keys[$0].identity }).count),
            evidence: evidence.origins, notes: notes)
    }
}
