// SPDX-License-Identifier: Apache-2.0

import OutflowIntelligence
import OutflowLedger
import OutflowRecords

extension Report {
    /// Adds what was found of indicators; `inputs` are those of the scan, by their number in it.
    mutating func add(_ hits: IndicatorHits, of inputs: [Input], _ plan: ScanPlan) {
        add(hits.findings(plan.indicators?.allowLists ?? AllowLists()), of: inputs)
    }

    /// Adds findings, whose evidence has the inputs' numbers in the scan.
    mutating func add(_ more: [Finding], of inputs: [Input]) {
        let numbers = Ledger.reportNumbers(inputs)
        for var finding in more {
            for index in finding.evidence.indices {
                let input = Int(finding.evidence[index].input)
                if numbers.indices.contains(input) { finding.evidence[index].input = numbers[input] }
            }
            findings.append(finding)
        }
        findings.sort { ($0.first, $0.id) < ($1.first, $1.id) }
    }
}
