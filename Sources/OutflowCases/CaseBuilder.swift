// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// Makes a case of a group: title, suspicion, story, totals, and what speaks for and against it.
struct CaseBuilder {
    /// How many entities a case lists.
    static let entityLimit = 64
    /// How many sentences stand for and against a case.
    static let sentenceLimit = 12

    let report: Report
    let graph: CaseGraph

    /// The case; nil when nothing in it raises suspicion, or only a rule that says little by itself.
    func build(_ group: CaseJoiner.Group) -> (case: Report.Case, points: Int)? {
        let findings = group.findings.map { report.findings[$0] }
        let weight = WeightOfEvidence(findings)
        guard weight.suspicion > .none, let lead = Self.strongest(findings) else { return nil }
        let isBorneOut = group.reasons.values.contains { !$0.isWeak }
        guard !weight.isOneWeakRule || isBorneOut else { return nil }
        let transfers = group.transfers.map { report.ledger[$0] }
        let totals = CaseTotals(transfers)
        let story = Story(group, report)
        let gaps = gaps(transfers)
        let result = Report.Case(
            id: Self.id(lead), title: title(lead, group), suspicion: weight.suspicion,
            transfers: transfers.map(\.id), findings: findings.map(\.id), entities: entities(findings, transfers),
            story: story.steps,
            assessment: Report.Assessment(
                bytes: totals.bytes, supports: supports(weight, findings, group, totals),
                against: against(weight, group, totals, gaps, story.untold),
                next: NextSteps.of(transfers, findings, gaps.map(\.gap))))
        return (result, weight.points)
    }

    /// How suspicious one transfer of the group is: what the findings that it was joined by say, one step less when
    /// only who sent it is suspect.
    func suspicion(_ index: Int, _ group: CaseJoiner.Group) -> Suspicion {
        guard let reason = group.reasons[index] else { return .none }
        let weight = WeightOfEvidence(reason.findings.prefix(CaseJoiner.lookLimit * 4).map { report.findings[$0] })
        return WeightOfEvidence.suspicion(of: weight.points - (reason.isWeak ? 10 : 0))
    }

    /// The strongest of some findings; of equally strong ones the earliest.
    static func strongest(_ findings: [Report.Finding]) -> Report.Finding? {
        findings.max { ($0.suspicion, $1.first, $1.id) < ($1.suspicion, $0.first, $0.id) }
    }

    /// The id of the case that a finding leads: it stays when weaker or later ones join.
    static func id(_ lead: Report.Finding) -> String {
        var hash = ContentHash(seed: 0x6361_7365)
        hash.combine(lead.id)
        let digits = String(hash.value, radix: 16)
        return "C-" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    // MARK: Words

    private func title(_ lead: Report.Finding, _ group: CaseJoiner.Group) -> String {
        let ranked = group.transfers.filter { report.ledger[$0].state != .attempted }.map { (suspicion($0, group), $0) }
        guard let best = ranked.max(by: { ($0.0, $1.1) < ($1.0, $0.1) }) else {
            let who = lead.entities.sorted().first.map { Words.name($0.id) + ": " } ?? ""
            let title = Words.title(lead.title)
            return who.isEmpty || title.contains(who.dropLast(2)) ? title : who + title
        }
        let transfer = report.ledger[best.1]
        var title = "\(Words.short(transfer.source)) to \(Words.short(transfer.destination)): "
        switch transfer.state {
        case .taken, .attempted: title += Words.amount(transfer.bytes)
        case .accessed:
            title +=
                transfer.distinctObjects.map { Wording.count(Int(clamping: $0), transfer.thing) + " read" } ?? "read"
        case .exposed: title += "made reachable"
        }
        title += " over the \(transfer.route.rawValue) route"
        let more = group.transfers.count - 1
        if more > 0 { title += ", and \(Wording.count(more, "more transfer"))" }
        return title
    }

    private func entities(_ findings: [Report.Finding], _ transfers: [Report.Transfer]) -> [Report.NamedEntity] {
        var counts: [Report.NamedEntity: Int] = [:]
        for finding in findings { for entity in Set(finding.entities) { counts[entity, default: 0] += 1 } }
        for transfer in transfers {
            counts[.init(kind: transfer.source.kind.rawValue, id: transfer.source.id), default: 0] += 1
            counts[.init(kind: transfer.destination.kind.rawValue, id: transfer.destination.id), default: 0] += 1
            if let store = transfer.store, !store.isEmpty { counts[.init(kind: "store", id: store), default: 0] += 1 }
            if let session = transfer.session, !session.isEmpty {
                counts[.init(kind: "session", id: session), default: 0] += 1
            }
        }
        let most = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.entityLimit)
        return most.map(\.key).sorted()
    }

    private func supports(
        _ weight: WeightOfEvidence, _ findings: [Report.Finding], _ group: CaseJoiner.Group, _ totals: CaseTotals
    ) -> [String] {
        let parts = weight.parts.map { part in
            let best = findings[part.strongest]
            let further = part.further > 0 ? " and \(part.further) for others of the kind" : ""
            return "\(part.points) for the strongest \(part.kind.rawValue) (\(Words.name(best.name)))\(further)"
        }
        var lines = [
            "Weight of evidence: \(weight.points) points, which is \(weight.suspicion.rawValue) "
                + "(possible from 10, likely from 20, very likely from 30): \(Words.list(parts))."
        ]
        let gone = group.transfers.filter { report.ledger[$0].state == .taken || report.ledger[$0].state == .accessed }
        if !gone.isEmpty {
            // What was only read may have stayed with who may read it.
            let isTaken = gone.contains { report.ledger[$0].state == .taken }
            lines.append(
                "The logs show data \(isTaken ? "leaving" : "being read"): \(Words.amount(totals.bytes)) in "
                    + "\(Wording.count(gone.count, "transfer")).")
        }
        if let exposed = totals.exposed {
            lines.append("Made reachable besides, no read seen: \(Words.amount(exposed)).")
        }
        for (destination, ids) in unshared(group) where lines.count < Self.sentenceLimit {
            lines.append("Nobody else in the ledger sent anything to \(destination) (\(Words.list(ids))).")
        }
        for index in group.staging where lines.count < Self.sentenceLimit {
            let copy = report.staging[index]
            let after = copy.followedBy.filter { id in group.transfers.contains { report.ledger[$0].id == id } }
            guard let first = after.first else { continue }
            lines.append(
                "\(Words.sentence(Words.amount(copy.bytes))) was copied to \(Words.name(copy.destination)) before it sent \(first)."
            )
        }
        return lines
    }

    /// Destinations that one host alone sent to, in order of their first transfer, with the transfers.
    private func unshared(_ group: CaseJoiner.Group) -> [(destination: String, ids: [String])] {
        var places: [String: Int] = [:]
        var found: [(destination: String, ids: [String])] = []
        for index in group.transfers {
            let transfer = report.ledger[index]
            guard transfer.isConnection, !transfer.hasSharedDestination, group.reasons[index]?.isWeak == false,
                let key = graph.transfers[index].others.first, graph.sharedBy[key] == 1
            else { continue }
            let name = Words.name(transfer.destination)
            if let place = places[name] {
                found[place].ids.append(transfer.id)
            } else {
                places[name] = found.count
                found.append((name, [transfer.id]))
            }
        }
        return found
    }

    private func against(
        _ weight: WeightOfEvidence, _ group: CaseJoiner.Group, _ totals: CaseTotals,
        _ gaps: [(gap: Report.Gap, count: Int)], _ untold: Int
    ) -> [String] {
        var lines: [String] = []
        let kinds = Set(group.findings.map { report.findings[$0].kind })
        let names = Set(group.findings.map { report.findings[$0].name })
        if kinds.count == 1, names.count == 1, let kind = kinds.first, let name = names.first {
            lines.append(
                "All evidence is one \(kind.rawValue) (\(Words.name(name))); nothing independent of it points here.")
        }
        if group.transfers.isEmpty { lines.append("No transfer belongs to it: these logs show nothing leaving.") }
        let companions = group.transfers.filter { group.reasons[$0]?.isWeak == true }
        if !companions.isEmpty {
            lines.append(
                "Listed for who sent them at that time, the findings name no destination: "
                    + Words.list(companions.map { report.ledger[$0].id }) + ".")
        }
        for index in group.transfers where lines.count < Self.sentenceLimit {
            let transfer = report.ledger[index]
            if transfer.hasSharedDestination {
                let others = graph.transfers[index].others.first.map { graph.sharedBy[$0] - 1 } ?? 0
                let use = others > 0 ? "; \(Wording.count(others, "other source")) of the ledger use it" : ""
                lines.append(
                    "\(Words.name(transfer.destination)) is a service that many use "
                        + "(\(transfer.destinationClass))\(use) (\(transfer.id)).")
            } else if transfer.state == .exposed {
                lines.append("No read of \(Words.name(transfer.source)) from outside was seen (\(transfer.id)).")
            }
        }
        for twins in totals.groups where lines.count < Self.sentenceLimit {
            let ids = Words.list(twins.map { report.ledger[group.transfers[$0]].id })
            lines.append("\(ids) may be the same content seen twice; it is counted once in what left at least.")
        }
        for (gap, count) in gaps where lines.count < Self.sentenceLimit {
            let more = count > 1 ? ", and \(Wording.count(count - 1, "gap")) of the kind in its time" : ""
            lines.append("The logs have a gap (\(gap.route.rawValue)): \(Words.name(gap.what))\(more).")
        }
        if untold > 0 { lines.append("The story leaves out \(Wording.count(untold, "step")) that say less.") }
        return lines
    }

    /// Gaps of the case's routes in its time: the first of each kind, and how many of the kind there are. Gaps that
    /// differ only in figures are of one kind.
    private func gaps(_ transfers: [Report.Transfer]) -> [(gap: Report.Gap, count: Int)] {
        guard let first = transfers.map(\.first).min(), let last = transfers.map(\.last).max() else { return [] }
        let routes = Set(transfers.map(\.route))
        var kinds: [String: Int] = [:]
        var gaps: [(gap: Report.Gap, count: Int)] = []
        for gap in report.gaps
        where routes.contains(gap.route) && gap.from ?? .earliest <= last && gap.to ?? .latest >= first {
            let kind =
                gap.route.rawValue
                + String(gap.what.unicodeScalars.filter { !("0"..."9").contains($0) }.map(Character.init))
            if let place = kinds[kind] {
                gaps[place].count += 1
            } else {
                kinds[kind] = gaps.count
                gaps.append((gap, 1))
            }
        }
        return Array(gaps.prefix(4))
    }
}
