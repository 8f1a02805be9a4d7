// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowCases
import OutflowDetection
import OutflowIntelligence
import OutflowLedger
import OutflowRecords

/// What is observed beside the ledger, in the same pass: features for the detectors, hits of indicators,
/// matches of rules. Mergeable like
/// the ledger.
struct Observations: Sendable {
    /// Features by entity and day.
    var detection = Detection()
    /// What was found of partners' indicators.
    var hits = IndicatorHits()
    /// What rules matched.
    var rules = RuleMatches()
    /// What correlations are about.
    var correlations = CorrelationLog()

    /// Nothing observed.
    init() {}

    /// Adds another's, whose input `i` is `inputMap[i]` here.
    mutating func merge(_ other: Observations, inputMap: [UInt32]) {
        detection.merge(other.detection, inputMap: inputMap)
        hits.merge(other.hits, inputMap: inputMap)
        rules.merge(other.rules, inputMap: inputMap)
        correlations.merge(other.correlations, inputMap: inputMap)
    }

    /// Writes everything, each kind as a section of its own.
    func encode(into encoder: inout StateEncoder) {
        var detection = detection
        detection.encode(into: &encoder)
        hits.encode(into: &encoder)
        rules.encode(into: &encoder)
        correlations.encode(into: &encoder)
    }

    /// Reads what ``encode(into:)`` wrote.
    init(from decoder: inout StateDecoder) throws(StateError) {
        detection = try Detection(from: &decoder)
        hits = try IndicatorHits(from: &decoder)
        rules = try RuleMatches(from: &decoder)
        correlations = try CorrelationLog(from: &decoder)
    }

    /// What a ledger and all this come to.
    func conclude(_ ledger: Ledger, _ inputs: [Report.Input], _ plan: ScanPlan) -> Report {
        let span = inputs.compactMap(\.first).min().flatMap { first in
            inputs.compactMap(\.last).max().flatMap { first <= $0 ? first...$0 : nil }
        }
        var judges = Judges(
            detection: detection, hits: hits, allowLists: plan.indicators?.allowLists ?? AllowLists(),
            matches: rules.findings(within: span) + correlations.findings(), isLast: plan.isLast)
        if let alarms = plan.alarms { judges.detection.budget = alarms }
        judges.detects = plan.alarms != nil
        judges.detection.seeksLimits = plan.seeksLimits
        var report = ledger.conclude(
            inputs: inputs, estate: plan.estate, limit: plan.transferLimit, threads: plan.threads, judge: &judges)
        let gaps = BlindSpots.gaps(
            inputs, hasConnections: ledger.hasConnections, hasIndicators: plan.indicators != nil)
        report.gaps.insert(contentsOf: gaps, at: 0)
        report.joinCases()
        return report
    }
}
