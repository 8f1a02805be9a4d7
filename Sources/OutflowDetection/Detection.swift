// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowLedger
import OutflowRecords

/// Says which of what left may be theft, within a budget of false alarms.
///
/// Three verbs, as the ledger's: activities are observed, detections merged, and at the end the ledger asks it, as its
/// judge, to fill in the report's findings and limits. Flows are not observed here: the ledger adds them up by day, because
/// only it can tell distinct ones, and hands them over when it concludes.
public struct Detection: LedgerJudge, Sendable {
    /// How many false cases the user can stand: what is concluded depends on it, what is observed does not.
    public var budget: AlarmBudget
    /// Whether the detection limit is told too.
    public var seeksLimits = true
    private var outflows = Outflows()
    var measures = Measures()

    /// A detection that has seen nothing.
    public init(budget: AlarmBudget = .standard) { self.budget = budget }

    /// Adds what a batch's records say but for flows; they come from input number `input`. The same records may come
    /// again.
    public mutating func observe(_ batch: ActivityBatch, input: UInt32) { measures.observe(batch, input: input) }

    /// Adds all of another detection, whose input `i` is `inputMap[i]` here.
    public mutating func merge(_ other: consuming Detection, inputMap: [UInt32]) {
        measures.merge(other.measures, inputMap: inputMap)
    }

    /// Makes room for so many days of outflow.
    public mutating func expect(days: Int) { outflows.reserve(days) }

    /// Takes one host's outflow to one address on one day.
    public mutating func add(_ day: OutboundDay) { outflows.add(day) }

    /// Takes what one host got from another on one day.
    public mutating func add(inside day: InsideDay) { outflows.add(inside: day) }

    /// Adds findings and limits to a report.
    public mutating func conclude(_ report: inout Report, _ facts: LedgerFacts) {
        measures.settle()
        let figures = AccountFeatures.figures(measures, isLocal: facts.isLocal)
        outflows.addNames(figures, measures, isLocal: facts.isLocal)
        outflows.settle()
        let estate = facts.estate
        func isSanctioned(_ destination: Outflows.Destination) -> Bool {
            estate.sanction(
                domain: destination.domain.isEmpty ? nil : destination.domain, addresses: [destination.address],
                account: nil, route: Route.network.rawValue) != nil
        }
        let hosts = NetworkFeatures.days(outflows, hasNames: facts.hasNames, isSanctioned: isSanctioned)
        var tables = Feature.Kind.allCases.compactMap { AccountFeatures.table($0, figures, measures) }
        if let readers = tables.first(where: { $0.days.features.first?.kind == .reader }),
            let library = LibraryCampaign.table(readers)
        {
            tables.append(library)
        }
        let shares = BudgetShares(budget, [hosts] + tables.map(\.days))
        let accounts = AccountWording(measures: measures, shares: shares)
        let network = NetworkWording(
            outflows: outflows, facts: facts, shares: shares, namesEvidence: accounts.evidence(ofRow:))
        let alarms = judge(
            hosts, shares.runLength(hosts),
            probes: NetworkFeatures.probes.compactMap {
                LimitProbe($0.feature, sums: $0.sums, durations: $0.durations, in: hosts)
            }, &report
        )
        let alarmed = alarms.map(network.finding)
        report.findings += alarmed
        if !alarms.isEmpty {
            var companions = Companions(alarms: alarms)
            NetworkFeatures.forEachFigure(outflows, hasNames: facts.hasNames, isSanctioned: isSanctioned) {
                companions.add($0, $1, $2)
            }
            report.findings += companions.companions(hosts).map { network.finding($0, alarm: alarmed[$0.alarm]) }
        }
        for table in tables {
            let probes = AccountFeatures.probe(table.days).map { [$0] } ?? []
            report.findings += judge(table.days, shares.runLength(table.days), probes: probes, &report).map {
                accounts.finding($0, table)
            }
        }
        report.limits.sort { ($0.route.code, $0.unit) < ($1.route.code, $1.unit) }
        report.findings.sort { ($0.first, $0.id) < ($1.first, $1.id) }
    }

    /// Judges entities and, beside them, probes, which tell the detection limits.
    private func judge(
        _ days: EntityDays, _ runLength: Double, probes: [LimitProbe], _ report: inout Report
    ) -> [Alarm] {
        var probes = seeksLimits ? probes : []
        let alarms = Judge.judge(days, runLength: runLength) { judge, day, rows, states in
            for index in probes.indices { probes[index].judge(judge, day, rows, states) }
        }
        for probe in probes { report.limits += probe.limits(budget) }
        return alarms
    }
}
