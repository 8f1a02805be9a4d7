// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowCases
import OutflowLedger
import OutflowRecords

/// Cases in the page: what happened, in order, with its records; then what speaks for it and against it.
extension HTMLPage {
    /// How many cases are told in full; the rest is in `report.json`.
    static let caseLimit = 50

    mutating func cases() {
        guard !report.cases.isEmpty else { return }
        raw("<section id=\"cases\" aria-labelledby=\"cases-title\">\n<h2 id=\"cases-title\">Cases</h2>\n")
        raw("<p>Findings and transfers that belong together, most suspicious first. Stories are told in the order of ")
        raw("ATT&amp;CK tactics, then of time, in UTC.</p>\n")
        if report.cases.count > Self.caseLimit {
            let all = Wording.grouped(UInt64(report.cases.count))
            writer.element(
                "p class=\"cut\"", "p", "The first \(Self.caseLimit) of \(all) cases; all are in report.json.")
        }
        let places = Dictionary(
            report.ledger.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { one, _ in one })
        let findings = Dictionary(
            report.findings.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { one, _ in one })
        for (number, told) in report.cases.prefix(Self.caseLimit).enumerated() {
            self.told(told, number + 1, places, findings)
        }
        raw("</section>\n")
    }

    mutating func told(
        _ told: Report.Case, _ number: Int, _ places: [String: Int], _ findings: [String: Int]
    ) {
        raw("<article class=\"case\"")
        writer.attribute("aria-labelledby", "case-\(number)")
        raw(">\n<h3")
        writer.attribute("id", "case-\(number)")
        raw(">")
        suspicion(told.suspicion)
        raw(" ")
        writer.log(told.title, limit: 400)
        raw("</h3>\n<p class=\"members\"><code>")
        text(told.id)
        raw("</code> · ")
        text(Wording.count(UInt64(told.findings.count), "finding"))
        raw(" · ")
        text(Wording.count(UInt64(told.transfers.count), "transfer"))
        if !told.transfers.isEmpty {
            text(" · \(told.leftWords): ")
            text(Amounts.precise(told.assessment.bytes))
        }
        raw("</p>\n<ol class=\"story\">\n")
        for step in told.story { self.step(step) }
        raw("</ol>\n<div class=\"pair\">\n")
        list("What speaks for theft", told.assessment.supports)
        list("What speaks against it", told.assessment.against)
        raw("</div>\n")
        list("What would confirm or refute it", told.assessment.next)
        members(told, places, findings)
        raw("</article>\n")
    }

    private mutating func step(_ step: Report.StoryStep) {
        raw("<li><span class=\"tactic\">")
        text(step.tactic)
        raw("</span> ")
        time(step.at, Amounts.secondOrDay(step.at))
        raw("<p>")
        writer.log(step.text, limit: 1_000)
        raw("</p>")
        if !step.evidence.isEmpty {
            raw("<details><summary>")
            text(Wording.count(UInt64(step.evidence.count), "record"))
            raw("</summary>")
            evidence(step.evidence)
            raw("</details>")
        }
        raw("</li>\n")
    }

    private mutating func list(_ title: StaticString, _ lines: [String]) {
        guard !lines.isEmpty else { return }
        raw("<div><h4>")
        raw(title)
        raw("</h4><ul class=\"reasons\">")
        for line in lines {
            raw("<li>")
            writer.log(line, limit: 1_000)
            raw("</li>")
        }
        raw("</ul></div>\n")
    }

    private mutating func members(_ told: Report.Case, _ places: [String: Int], _ findings: [String: Int]) {
        raw("<details><summary>What belongs to it</summary><div class=\"proof\"><ul class=\"notes\">")
        for id in told.transfers.prefix(Self.memberLimit) {
            raw("<li><code>")
            text(id)
            raw("</code> ")
            if let place = places[id] {
                let transfer = report.ledger[place]
                log(transfer.source.title)
                raw(" → ")
                log(transfer.destination.title)
                text(": \(Amounts.precise(transfer.bytes)), \(transfer.state.rawValue), \(transfer.route.rawValue)")
            }
            raw("</li>")
        }
        for id in told.findings.prefix(Self.memberLimit) {
            raw("<li><code>")
            text(id)
            raw("</code> ")
            if let place = findings[id] {
                text("\(report.findings[place].kind.rawValue): ")
                log(report.findings[place].title)
            }
            raw("</li>")
        }
        raw("</ul>")
        let rest = max(told.transfers.count - Self.memberLimit, 0) + max(told.findings.count - Self.memberLimit, 0)
        if rest > 0 { writer.element("p", "p", "And \(Wording.grouped(UInt64(rest))) more, see report.json.") }
        raw("<p>The records themselves: <code>outflow explain ")
        text(told.id)
        raw("</code></p></div></details>\n")
    }

    /// Findings and transfers of a case that are listed, each.
    private static var memberLimit: Int { 100 }

    /// A suspicion as a word with a coloured mark.
    mutating func suspicion(_ suspicion: Suspicion) {
        raw("<span class=\"suspicion ")
        raw(suspicion.cssClass)
        raw("\">")
        text(suspicion.rawValue)
        raw("</span>")
    }
}

extension Suspicion {
    /// Its class in the style sheet.
    var cssClass: StaticString {
        switch self {
        case .none: "unsuspected"
        case .possible: "possible"
        case .likely: "likely"
        case .veryLikely: "very-likely"
        }
    }
}
