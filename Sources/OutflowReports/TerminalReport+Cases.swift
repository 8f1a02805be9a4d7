// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowCases
import OutflowLedger
import OutflowRecords

/// Cases, findings and limits on a terminal.
extension TerminalPage {
    /// Steps of a story that are printed.
    private static var stepLimit: Int { 8 }

    /// Cases, most suspicious first, each with its story.
    mutating func cases(_ report: Report) {
        guard !report.cases.isEmpty else { return }
        section("Cases", "what belongs together, most suspicious first; times in UTC")
        for told in report.cases.prefix(layout.limit) {
            let word = VisibleText.pad(told.suspicion.rawValue, Self.suspicionColumns)
            let lines = VisibleText.wrap(VisibleText.excerpt(told.title, limit: 400), width - word.count - 2)
            for (index, line) in lines.enumerated() {
                add(
                    paint(index == 0 ? word : blanks(word.count), TerminalInk(told.suspicion)) + "  "
                        + paint(line, .bold), .plain)
            }
            let indent = word.count + 2
            var facts = [told.id, Wording.count(UInt64(told.findings.count), "finding")]
            facts.append(Wording.count(UInt64(told.transfers.count), "transfer"))
            if !told.transfers.isEmpty { facts.append("\(told.leftWords): \(Amounts.precise(told.assessment.bytes))") }
            list(facts, indent)
            for step in told.story.prefix(Self.stepLimit) { self.step(step, indent) }
            let more = told.story.count - Self.stepLimit
            if more > 0 { add(blanks(indent) + "… and \(Wording.count(UInt64(more), "more step"))", .dim) }
            if let next = told.assessment.next.first {
                paragraph("Next: \(VisibleText.excerpt(next, limit: 400))", indent: indent)
            }
        }
        more(report.cases.count, "cases")
    }

    /// A step on lines of its own, its tactic before it.
    private mutating func step(_ step: Report.StoryStep, _ indent: Int) {
        let head = "\(Amounts.minuteOrDay(step.at)) \(VisibleText.excerpt(step.tactic, limit: 40)): "
        let words = head + VisibleText.excerpt(step.text, limit: 600)
        for (index, line) in VisibleText.wrap(words, width - indent - 2).enumerated() {
            add(blanks(indent) + (index == 0 ? "- " : "  ") + line, .plain)
        }
    }

    /// Findings, strongest first.
    mutating func findings(_ report: Report) {
        guard !report.findings.isEmpty else { return }
        section("Findings", "reasons for suspicion, strongest first")
        let order = report.findings.indices.sorted {
            (report.findings[$1].suspicion, $0) < (report.findings[$0].suspicion, $1)
        }
        for finding in order.prefix(layout.limit).map({ report.findings[$0] }) {
            let word = VisibleText.pad(finding.suspicion.rawValue, Self.suspicionColumns)
            let title = VisibleText.wrap(VisibleText.excerpt(finding.title, limit: 400), width - word.count - 2)
            for (index, line) in title.enumerated() {
                add(
                    (index == 0 ? paint(word, TerminalInk(finding.suspicion)) : blanks(word.count)) + "  " + line,
                    .plain)
            }
            var facts = [finding.id, finding.kind.rawValue, Amounts.reach(finding.first, finding.last)]
            facts += finding.entities.prefix(3).map(\.id)
            if finding.entities.count > 3 { facts.append("and \(finding.entities.count - 3) more") }
            facts += finding.techniques.prefix(2).map(\.techniqueWords)
            list(facts, word.count + 2)
        }
        more(report.findings.count, "findings")
    }

    /// The smallest thefts that would have been caught, by route and duration.
    mutating func limits(_ report: Report) {
        guard !report.limits.isEmpty else { return }
        let table = LimitTable(report.limits)
        section("Detection limits", "smallest theft caught: \(VisibleText.excerpt(table.terms, limit: 60))")
        let columns = table.durations.map { max(VisibleText.width(VisibleText.excerpt($0, limit: 20)), 13) }
        let heads = zip(table.durations, columns).map {
            VisibleText.pad(VisibleText.excerpt($0, limit: 20), $1, right: true)
        }
        add("  " + VisibleText.pad("ROUTE", routeColumns) + "  " + heads.joined(separator: "  "), .dim)
        for row in table.rows {
            let cells = zip(row.cells, columns).map {
                VisibleText.pad(VisibleText.fit($0?.words ?? "–", $1), $1, right: true)
            }
            add("  " + VisibleText.pad(row.route.rawValue, routeColumns) + "  " + cells.joined(separator: "  "), .plain)
        }
    }

    private static var suspicionColumns: Int { 11 }

    private func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }
}

extension Report.Case {
    /// What its bytes did, as a label: what was read may not have left.
    var leftWords: String { assessment.bytes.atLeast > 0 ? "left" : "left or read" }
}

extension TerminalInk {
    init(_ suspicion: Suspicion) {
        switch suspicion {
        case .veryLikely: self = .red
        case .likely: self = .magenta
        case .possible: self = .yellow
        case .none: self = .dim
        }
    }
}
