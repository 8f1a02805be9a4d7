// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

extension HTMLPage {
    /// Sums by route and by state, and those kept apart.
    mutating func totals() {
        guard !report.totals.byRoute.isEmpty || report.totals.sanctioned.transfers > 0 else { return }
        raw(
            "<section id=\"totals\" aria-labelledby=\"totals-title\">\n<h2 id=\"totals-title\">Totals</h2>\n<div class=\"pair\">\n"
        )
        begin(
            "By route (unsanctioned); repeats as far as they are known",
            ["Route", "At least", "At most", "With repeats", "Transfers", "Records"], isNumeric: true)
        for (route, total) in report.totals.byRoute.sorted(by: { $0.key < $1.key }) { row(route.rawValue, total) }
        end()
        begin(
            "By state (unsanctioned), and what is kept apart",
            ["State", "At least", "At most", "With repeats", "Transfers", "Records"], isNumeric: true)
        for (state, total) in report.totals.byState.sorted(by: { $0.key < $1.key }) { row(state.rawValue, total) }
        if report.totals.sanctioned.transfers > 0 { row("sanctioned, apart", report.totals.sanctioned) }
        if report.totals.unlisted.transfers > 0 { row("of all these, not listed", report.totals.unlisted) }
        end()
        raw("</div>\n</section>\n")
    }

    private mutating func row(_ name: String, _ total: Report.Total) {
        raw("<tr>")
        writer.element("th scope=\"row\"", "th", name)
        writer.element("td", "td", Amounts.lower(total.bytes.atLeast))
        writer.element("td", "td", total.bytes.atMost.map { Amounts.upper($0) } ?? "not known")
        writer.element("td", "td", total.onWire.map(Amounts.lower) ?? "not known")
        writer.element("td", "td", Wording.grouped(total.transfers))
        writer.element("td", "td", Wording.grouped(total.records))
        raw("</tr>\n")
    }

    /// Internal copies.
    mutating func staging() {
        guard !report.staging.isEmpty else { return }
        raw(
            "<section aria-labelledby=\"staging-title\">\n<h2 id=\"staging-title\">Internal copies that may have prepared it</h2>\n"
        )
        cut(report.staging.count, "copies", "report.json")
        begin(
            "Copies between hosts inside. They stayed inside and are in no sum.",
            ["Amount", "From", "To", "Service", "When (UTC)", "Followed by"])
        for copy in report.staging.prefix(HTMLReport.rowLimit) {
            raw("<tr>")
            writer.element("td class=\"amount\"", "td", Amounts.brief(copy.bytes))
            for words in [copy.source, copy.destination, copy.service] {
                raw("<td>")
                log(words)
                raw("</td>")
            }
            writer.element("td", "td", Amounts.span(copy.first, copy.last))
            raw("<td>")
            let next = copy.followedBy.prefix(8).joined(separator: " ")
            log(next + (copy.followedBy.count > 8 ? " and \(copy.followedBy.count - 8) more" : ""))
            raw("<details><summary>Evidence <code>")
            text(copy.id)
            raw("</code></summary>")
            evidence(copy.evidence)
            raw("</details></td></tr>\n")
        }
        end()
        raw("</section>\n")
    }

    /// What the logs cannot show.
    mutating func gaps() {
        guard !report.gaps.isEmpty else { return }
        raw(
            "<section id=\"gaps\" aria-labelledby=\"gaps-title\">\n<h2 id=\"gaps-title\">What these logs cannot show</h2>\n"
        )
        cut(report.gaps.count, "gaps", "report.json")
        begin(
            "Records that are missing, and which figures that weakens.",
            ["Route", "From (UTC)", "To (UTC)", "What is missing", "What that means"])
        for gap in report.gaps.prefix(HTMLReport.rowLimit) {
            raw("<tr>")
            writer.element("th scope=\"row\"", "th", gap.route.rawValue)
            for end in [gap.from, gap.to] {
                raw("<td class=\"when\">")
                if let end { time(end, Amounts.minute(end)) } else { raw("open") }
                raw("</td>")
            }
            for words in [gap.what, gap.effect] {
                raw("<td>")
                writer.log(words, limit: 1_000)
                raw("</td>")
            }
            raw("</tr>\n")
        }
        end()
        raw("</section>\n")
    }

    /// Networks taken as inside, and why.
    mutating func networks() {
        guard !report.localNetworks.isEmpty || !report.tenants.isEmpty else { return }
        raw("<section aria-labelledby=\"networks-title\">\n<h2 id=\"networks-title\">Taken as inside</h2>\n")
        if !report.tenants.isEmpty {
            raw("<p>Tenants: ")
            for (index, tenant) in report.tenants.prefix(HTMLReport.rowLimit).enumerated() {
                if index > 0 { raw(", ") }
                log(tenant)
            }
            raw("</p>\n")
        }
        if !report.localNetworks.isEmpty {
            cut(report.localNetworks.count, "networks", "report.json")
            begin("Networks taken as inside, and why.", ["Network", "Why"])
            for network in report.localNetworks.prefix(HTMLReport.rowLimit) {
                raw("<tr><th scope=\"row\">")
                log(network.cidr)
                raw("</th><td>")
                writer.log(network.why, limit: 1_000)
                raw("</td></tr>\n")
            }
            end()
        }
        raw("</section>\n")
    }

    /// What was not counted, and why.
    mutating func rejections() {
        let inputs = report.inputs.filter { $0.rejected.count > 0 || $0.isUnread }
        guard !inputs.isEmpty else { return }
        raw("<section aria-labelledby=\"rejected-title\">\n<h2 id=\"rejected-title\">Not counted</h2>\n")
        cut(inputs.count, "inputs", "report.json")
        begin(
            "Inputs and records that could not be read, with the first examples. Offsets count bytes of the decompressed stream.",
            ["Input", "Rejected", "Where and why"])
        for input in inputs.prefix(HTMLReport.rowLimit) {
            raw("<tr><th scope=\"row\">")
            log(input.path)
            raw("</th><td>")
            text(
                input.isUnread
                    ? "\(input.format), \(Amounts.exact(input.bytes))" : Wording.count(input.rejected.count, "record"))
            raw("</td><td><ul class=\"plain\">")
            for example in input.rejected.examples {
                raw("<li>")
                text("at \(Wording.grouped(example.offset)): ")
                writer.log(example.reason, limit: 500)
                raw("</li>")
            }
            let more = input.rejected.count - UInt64(input.rejected.examples.count)
            if more > 0 { writer.element("li", "li", "and \(Wording.grouped(more)) more") }
            raw("</ul></td></tr>\n")
        }
        end()
        raw("</section>\n")
    }

    /// What was read.
    mutating func inputs() {
        raw("<section id=\"inputs\" aria-labelledby=\"inputs-title\">\n<h2 id=\"inputs-title\">Inputs</h2>\n")
        cut(report.inputs.count, "inputs", "report.json")
        begin(
            "Everything that was read, with the SHA-256 of each file as it lies on disk.",
            ["Input", "Format", "Records", "Of these read before", "Rejected", "First (UTC)", "Last (UTC)"])
        for input in report.inputs.prefix(HTMLReport.rowLimit) {
            raw("<tr><th scope=\"row\">")
            log(input.path)
            raw("<small class=\"hash\">")
            text("\(Amounts.exact(input.bytes)) · SHA-256 \(input.sha256)")
            raw("</small></th>")
            raw("<td>")
            log(input.format)
            raw("</td>")
            for number in [input.records, input.duplicates, input.rejected.count] {
                writer.element("td class=\"number\"", "td", Wording.grouped(number))
            }
            for end in [input.first, input.last] {
                raw("<td class=\"when\">")
                if let end { time(end, Amounts.minute(end)) } else { raw("–") }
                raw("</td>")
            }
            raw("</tr>\n")
        }
        end()
        raw("</section>\n")
    }

    // MARK: A table

    mutating func begin(_ caption: StaticString, _ columns: [StaticString], isNumeric: Bool = false) {
        raw("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"")
        raw(caption)
        raw("\"><table class=\"")
        raw(isNumeric ? "numbers" : "words")
        raw("\"><caption>")
        raw(caption)
        raw("</caption><thead><tr>")
        for column in columns {
            raw("<th scope=\"col\">")
            raw(column)
            raw("</th>")
        }
        raw("</tr></thead>\n<tbody>\n")
    }

    mutating func end() { raw("</tbody></table></div>\n") }
}
