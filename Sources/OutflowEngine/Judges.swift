// SPDX-License-Identifier: Apache-2.0

import OutflowDetection
import OutflowIntelligence
import OutflowLedger

/// Detectors and indicators as one judge of the ledger, so that what either names has its line there.
struct Judges: LedgerJudge {
    var detection: Detection
    /// Whether detectors are wanted.
    var detects = true
    let hits: IndicatorHits
    let allowLists: AllowLists
    /// Of rules and correlations.
    let matches: [Report.Finding]

    let isLast: Bool

    mutating func expect(days: Int) { if detects { detection.expect(days: days) } }

    mutating func add(_ day: OutboundDay) { if detects { detection.add(day) } }

    mutating func add(inside day: InsideDay) { if detects { detection.add(inside: day) } }

    mutating func conclude(_ report: inout Report, _ facts: LedgerFacts) {
        if detects { detection.conclude(&report, facts) }
        let found = hits.conclude(allowLists)
        report.gaps += found.gaps
        report.findings += found.findings + matches
        report.findings.sort { ($0.first, $0.id) < ($1.first, $1.id) }
    }
}
