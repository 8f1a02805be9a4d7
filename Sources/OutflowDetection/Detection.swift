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

    /// Takes one host's outflow to one address on one day.
    public mutating func add(_ day: OutboundDay) { outflows.add(day) }

    /// Adds findings and limits to a report.
    public mutating func conclude(_ report: inout Report, _ facts: LedgerFacts) {
        measures.settle()
        let figures = AccountFeatures.figures(measures)
        outflows.addNames(figures, measures, isLocal: facts.isLocal)
        outflows.settle()
        let estate = facts.estate
        let hosts = NetworkFeatures.days(outflows, hasNames: facts.hasNames) { destination in
            estate.sanction(
                domain: destination.domain.isEmpty ? nil : destination.domain, addresses: [destination.address],
                account: nil, route: Route.network.rawValue) != nil
        }
        let tables = Feature.Kind.allCases.compactMap { AccountFeatures.table($0, figures, measures) }
        let entities = Self.entitiesPerDay([hosts] + tables.map(\.days))
        let runLength = budget.runLength(entities: entities)
        let accounts = AccountWording(measures: measures, budget: budget, entities: entities)
        let network = NetworkWording(
            outflows: outflows, facts: facts, budget: budget, entities: entities,
            namesEvidence: accounts.evidence(ofRow:))
        report.findings += Judge.judge(hosts, runLength: runLength).map(network.finding)
        for table in tables {
            report.findings += Judge.judge(table.days, runLength: runLength).map { accounts.finding($0, table) }
        }
        report.findings.sort { ($0.first, $0.id) < ($1.first, $1.id) }
    }

    /// Mean number of entities of all kinds that were seen on a day on which any was.
    static func entitiesPerDay(_ kinds: [EntityDays]) -> Double {
        kinds.reduce(0) { $0 + ($1.dayCount == 0 ? 0 : Double($1.rowCount) / Double($1.dayCount)) }
    }
}
