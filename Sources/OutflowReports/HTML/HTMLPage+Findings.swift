// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowCases
import OutflowLedger
import OutflowRecords

extension HTMLPage {
    /// Findings, strongest first, each with what it rests on.
    mutating func findings() {
        guard !report.findings.isEmpty else { return }
        raw("<section id=\"findings\" aria-labelledby=\"findings-title\">\n<h2 id=\"findings-title\">Findings</h2>\n")
        cut(report.findings.count, "findings", "report.json")
        begin(
            "Reasons for suspicion, strongest first: rules, indicators and detectors. Times in UTC.",
            ["Suspicion", "What", "Who and where", "ATT&amp;CK", "When"])
        let order = report.findings.indices.sorted {
            (report.findings[$1].suspicion, $0) < (report.findings[$0].suspicion, $1)
        }
        for index in order.prefix(HTMLReport.rowLimit) { row(report.findings[index]) }
        end()
        raw("</section>\n")
    }

    private mutating func row(_ finding: Report.Finding) {
        raw("<tr><td>")
        suspicion(finding.suspicion)
        raw("</td><th scope=\"row\">")
        log(finding.title)
        raw("<small>")
        text(finding.kind.rawValue)
        if !finding.name.isEmpty, finding.name != finding.title {
            raw(" ")
            log(finding.name)
        }
        if let told = finding.caseID {
            raw(" · case <code>")
            writer.excerpt(told, 40)
            raw("</code>")
        }
        raw("</small><details><summary>Evidence <code>")
        writer.excerpt(finding.id, 40)
        raw("</code></summary>")
        if !finding.notes.isEmpty {
            raw("<ul class=\"notes\">")
            for note in finding.notes.prefix(50) {
                raw("<li>")
                writer.log(note, limit: 2_000)
                raw("</li>")
            }
            raw("</ul>")
        }
        evidence(finding.evidence)
        raw("</details></th><td><ul class=\"plain\">")
        for entity in finding.entities.prefix(8) {
            raw("<li>")
            text(entity.kind)
            raw(" ")
            log(entity.id)
            raw("</li>")
        }
        if finding.entities.count > 8 { writer.element("li", "li", "and \(finding.entities.count - 8) more") }
        raw("</ul></td><td><ul class=\"plain\">")
        for technique in finding.techniques.prefix(8) {
            raw("<li>")
            log(technique.techniqueWords)
            raw("</li>")
        }
        raw("</ul></td><td class=\"when\">")
        time(finding.first, Amounts.minuteOrDay(finding.first))
        if Amounts.reach(finding.first, finding.last).contains("–") {
            raw(" – ")
            time(finding.last, Amounts.minute(finding.last))
        }
        raw("</td></tr>\n")
    }

    /// What would have been caught, and what not.
    mutating func limits() {
        guard !report.limits.isEmpty else { return }
        let table = LimitTable(report.limits)
        raw(
            "<section id=\"limits\" aria-labelledby=\"limits-title\">\n<h2 id=\"limits-title\">What theft these logs would show</h2>\n"
        )
        raw("<p>The smallest theft that would have been caught here, by route and by how long it took (")
        text(table.terms)
        raw("). Smaller ones could pass unseen.</p>\n")
        LimitChart(table)?.draw(&writer)
        raw("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Detection limits\">")
        raw("<table class=\"numbers\"><caption>Detection limits</caption><thead><tr><th scope=\"col\">Route</th>")
        for duration in table.durations { writer.element("th scope=\"col\"", "th", duration) }
        raw("</tr></thead>\n<tbody>\n")
        for row in table.rows {
            raw("<tr>")
            writer.element("th scope=\"row\"", "th", row.route.rawValue)
            for cell in row.cells { writer.element("td", "td", cell?.words ?? "not tried") }
            raw("</tr>\n")
        }
        end()
        raw("</section>\n")
    }
}
