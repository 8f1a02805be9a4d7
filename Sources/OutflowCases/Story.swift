// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// A case told in ATT&CK tactic order, then in time: what was observed, with the records that show it.
struct Story {
    /// How many steps a story has; of more, those that say most are told.
    static let stepLimit = 100
    /// How many records a step cites.
    static let evidenceLimit = 16

    private(set) var steps: [Report.StoryStep] = []
    /// How many steps were left out.
    private(set) var untold = 0

    private struct Step {
        var tactic: Tactic
        var at: Timestamp
        var text: String
        var evidence: [Origin]
        /// What is told first when not all can be: higher goes first.
        var importance: Int
    }

    /// The story of a group.
    init(_ group: CaseJoiner.Group, _ report: Report) {
        var steps = Self.findings(group, report)
        for index in group.transfers {
            let transfer = report.ledger[index]
            let tactic: Tactic = transfer.state == .accessed ? .collection : .exfiltration
            steps.append(
                Step(
                    tactic: tactic, at: transfer.first, text: transfer.observed, evidence: transfer.evidence,
                    importance: transfer.state == .taken ? 35 : 25))
        }
        for index in group.staging {
            let copy = report.staging[index]
            steps.append(
                Step(
                    tactic: .collection, at: copy.first,
                    text:
                        "\(Words.sentence(Words.amount(copy.bytes))) was copied inside, from \(Words.name(copy.source)) to "
                        + "\(Words.name(copy.destination)), \(Words.name(copy.service)) (\(copy.id)).",
                    evidence: copy.evidence, importance: 15))
        }
        if steps.count > Self.stepLimit {
            untold = steps.count - Self.stepLimit
            steps.sort { ($1.importance, $0.at, $0.text) < ($0.importance, $1.at, $1.text) }
            steps.removeLast(untold)
        }
        steps.sort { ($0.tactic, $0.at, $0.text) < ($1.tactic, $1.at, $1.text) }
        self.steps = steps.map {
            Report.StoryStep(at: $0.at, tactic: $0.tactic.name, text: $0.text, evidence: $0.evidence)
        }
    }

    /// Findings by one name under one tactic are one step.
    private static func findings(_ group: CaseJoiner.Group, _ report: Report) -> [Step] {
        var byName: [String: Int] = [:]
        var lists: [(tactic: Tactic, findings: [Report.Finding])] = []
        for index in group.findings {
            let finding = report.findings[index]
            let tactic = finding.tactic
            let name = "\(finding.kind.rawValue) \(tactic.id) \(finding.name)"
            if let place = byName[name] {
                lists[place].findings.append(finding)
            } else {
                byName[name] = lists.count
                lists.append((tactic, [finding]))
            }
        }
        return lists.map { tactic, findings in
            let strongest = findings.max { ($0.suspicion, $1.first, $1.id) < ($1.suspicion, $0.first, $0.id) }
            let best = strongest ?? findings[0]
            var evidence = best.evidence
            for finding in findings where finding.id != best.id && evidence.count < evidenceLimit {
                for origin in finding.evidence where !evidence.contains(origin) { evidence.append(origin) }
            }
            return Step(
                tactic: tactic, at: findings.map(\.first).reach?.lowerBound ?? .unknown, text: text(best, findings),
                evidence: Array(evidence.prefix(evidenceLimit)),
                importance: WeightOfEvidence.points(of: best.suspicion) + tactic.rank)
        }
    }

    private static func text(_ best: Report.Finding, _ findings: [Report.Finding]) -> String {
        let title = Words.title(best.title)
        let source: String
        switch best.kind {
        case .rule: source = "rule"
        case .indicator: source = "indicator"
        case .detector: source = "detector"
        }
        let who = Set(findings.flatMap { $0.entities.prefix(Report.Finding.keyLimit) }).sorted()
        let people = who.filter { ["host", "account", "principal", "user", "mailbox"].contains($0.kind) }
        // Detectors put the one that they speak of into their titles; what they say of it holds for it alone.
        let names = (people.isEmpty ? who : people).map { Words.name($0.id) }
        let shown = names.filter { !title.contains($0) }
        var text = title
        if !shown.isEmpty { text += (shown.count < names.count ? "; likewise " : ": ") + Words.list(shown) }
        text += " (\(source)"
        if best.name != best.title, !best.name.isEmpty { text += " \(Words.name(best.name))" }
        if findings.count > 1 {
            text += ", \(Wording.count(findings.count, "time"))"
            if let reach = findings.flatMap({ [$0.first, $0.last] }).reach {
                let (first, last) = (Words.day(reach.lowerBound), Words.day(reach.upperBound))
                if first != last { text += " from \(first) to \(last)" }
            }
        }
        text += ", \(best.id))."
        return text
    }
}

extension Report.Finding {
    /// The tactic that it is told under. Without a known technique: what detectors watch is data leaving, an indicator
    /// tells of somebody's infrastructure, a rule of something that ran.
    public var tactic: Tactic {
        if let known = Tactic.of(techniques) { return known }
        switch kind {
        case .detector: return .exfiltration
        case .indicator: return .commandAndControl
        case .rule: return .execution
        }
    }
}
