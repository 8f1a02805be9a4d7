// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

extension ExposureLedger {
    private struct Group: Hashable {
        var route: UInt8
        var resourceKind: UInt8
        var resource: UInt32
        var tenant: UInt32
        var granteeKind: UInt8
        var grantee: UInt32
    }

    /// The transfers, in order of id, and what they leave open.
    ///
    /// - Parameter end: the time of the last record of any kind: what was never un-shared stayed exposed until then.
    func conclude(until end: Timestamp?) -> (transfers: [Report.Transfer], gaps: [Report.Gap]) {
        var groups: [Group: [Int]] = [:]
        for (row, key) in changes.keys.enumerated() {
            let group = Group(
                route: key.route, resourceKind: key.resourceKind, resource: key.resource, tenant: key.tenant,
                granteeKind: key.granteeKind, grantee: key.grantee)
            groups[group, default: []].append(row)
        }
        var transfers: [Report.Transfer] = []
        var withdrawals: [UInt8: (count: UInt64, span: Span)] = [:]
        for (group, rows) in groups {
            let replay = replay(rows)
            if !replay.shared.isEmpty { transfers.append(exposed(group, replay, until: end)) }
            if !replay.refused.isEmpty { transfers.append(refused(group, replay)) }
            if replay.shared.isEmpty, let lone = replay.withdrawn.first {
                let time = changes.values[lone].time
                var known = withdrawals[group.route] ?? (0, Span(time))
                known.count += 1
                known.span.add(time)
                withdrawals[group.route] = known
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

    /// The changes of one resource for one grantee, in order of time.
    private struct Replay {
        /// Shares and reads seen from outside.
        var shared: [Int] = []
        var refused: [Int] = []
        var withdrawn: [Int] = []
        var isTaken = false
        /// When it was un-shared; nil while it is shared.
        var ended: Timestamp?
        var endings: [Timestamp] = []
    }

    private func replay(_ rows: [Int]) -> Replay {
        let sorted = rows.sorted {
            let (a, b) = (changes.keys[$0], changes.keys[$1])
            return (changes.values[$0].time, a.identity, a.action) < (changes.values[$1].time, b.identity, b.action)
        }
        var replay = Replay()
        for row in sorted {
            switch ExposureChange.Action(rawValue: changes.keys[row].action) {
            case .share:
                replay.shared.append(row)
                replay.ended = nil
            case .unshare:
                replay.withdrawn.append(row)
                if !replay.shared.isEmpty, replay.ended == nil {
                    replay.ended = changes.values[row].time
                    replay.endings.append(changes.values[row].time)
                }
            case .taken:
                replay.shared.append(row)
                replay.isTaken = true
            case .refused, nil: replay.refused.append(row)
            }
        }
        return replay
    }

    private func exposed(_ group: Group, _ replay: Replay, until end: Timestamp?) -> Report.Transfer {
        let state: TransferState = replay.isTaken ? .taken : .exposed
        var span = Span(changes.values[replay.shared[0]].time)
        for row in replay.shared { span.add(changes.values[row].time) }
        for time in replay.endings { span.add(time) }
        var notes: [String] = []
        if replay.isTaken {
            let taken = replay.shared.filter { changes.keys[$0].action == ExposureChange.Action.taken.rawValue }
            notes.append(
                "\(Wording.count(UInt64(taken.count), "copy or read", "copies or reads")) seen from outside, the first at "
                    + "\(changes.values[taken[0]].time)")
        }
        if let ended = replay.ended {
            notes.append("un-shared at \(ended)" + (replay.isTaken ? "" : "; no read was seen"))
        } else if !replay.isTaken {
            if let end { span.add(end) }
            notes.append("still shared when these logs end; no read was seen")
        }
        let rows = replay.shared + (replay.endings.isEmpty ? [] : replay.withdrawn)
        return transfer(group, state, rows, span, size: size(replay.shared), notes: notes)
    }

    private func refused(_ group: Group, _ replay: Replay) -> Report.Transfer {
        var span = Span(changes.values[replay.refused[0]].time)
        for row in replay.refused { span.add(changes.values[row].time) }
        return transfer(group, .attempted, replay.refused, span, size: 0, notes: [])
    }

    /// The largest size that any of the changes tells.
    private func size(_ rows: [Int]) -> UInt64? { rows.compactMap { changes.values[$0].size }.max() }

    private func transfer(
        _ group: Group, _ state: TransferState, _ rows: [Int], _ span: Span, size: UInt64?, notes: [String]
    ) -> Report.Transfer {
        var resourceName: UInt32 = 0
        var granteeName: UInt32 = 0
        var evidence = StrongestRecords()
        var principals: Set<UInt32> = []
        for row in rows {
            let change = changes.values[row]
            resourceName = strings.preferred(resourceName, change.resourceName)
            granteeName = strings.preferred(granteeName, change.granteeName)
            if change.principal != 0 { principals.insert(change.principal) }
            // Reads from outside first, then shares, then what ended them.
            let weights: [UInt8: UInt64] = [
                ExposureChange.Action.taken.rawValue: 3, ExposureChange.Action.share.rawValue: 2,
                ExposureChange.Action.refused.rawValue: 1,
            ]
            evidence.add(
                Evidence(
                    weight: weights[changes.keys[row].action] ?? 0, identity: changes.keys[row].identity,
                    origin: change.origin))
        }
        let route = Route.allCases[Int(group.route)]
        let source = Report.Entity(
            kind: EntityKind.allCases[Int(group.resourceKind)], id: strings.text(group.resource),
            name: strings.name(resourceName), tenant: strings.name(group.tenant))
        let destination = Report.Entity(
            kind: EntityKind.allCases[Int(group.granteeKind)], id: strings.text(group.grantee),
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
            bytes: ByteBounds(atLeast: 0, atMost: size), onWire: state == .attempted ? 0 : nil, distinctObjects: 1,
            reads: 0, first: span.from, last: span.to,
            records: UInt64(Set(rows.map { changes.keys[$0].identity }).count),
            evidence: evidence.origins, notes: notes)
    }
}
