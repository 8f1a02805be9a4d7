// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

extension Report {
    /// Joins findings and transfers into ``cases``, and says in each of them which case it belongs to.
    ///
    /// Findings are put in order of time and id. What stood in ``cases`` before, and what findings and transfers said of
    /// their case and transfers of their suspicion, is replaced: joining twice is joining once. The result is a function
    /// of findings, ledger, internal copies and gaps, whatever their order came from. `docs/cases.md` has the rules.
    public mutating func joinCases() {
        findings.sort { ($0.first, $0.id, $0.last, $0.name) < ($1.first, $1.id, $1.last, $1.name) }
        for index in findings.indices { findings[index].caseID = nil }
        for index in ledger.indices {
            ledger[index].caseID = nil
            ledger[index].suspicion = .none
        }
        cases = []
        guard !findings.isEmpty else { return }
        var joiner = CaseJoiner(self)
        let groups = joiner.join()
        let builder = CaseBuilder(report: self, graph: joiner.graph)
        var ranked: [(case: Case, points: Int)] = []
        for group in groups {
            guard let (made, points) = builder.build(group) else { continue }
            ranked.append((made, points))
            for index in group.findings { findings[index].caseID = made.id }
            for index in group.transfers {
                ledger[index].caseID = made.id
                ledger[index].suspicion = builder.suspicion(index, group)
            }
        }
        cases = ranked.sorted { one, other in
            if one.points != other.points { return one.points > other.points }
            let (low, otherLow) = (one.case.assessment.bytes.atLeast, other.case.assessment.bytes.atLeast)
            return low != otherLow ? low > otherLow : one.case.id < other.case.id
        }.map(\.case)
    }
}
