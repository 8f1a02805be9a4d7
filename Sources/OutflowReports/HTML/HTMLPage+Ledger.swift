// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

extension HTMLPage {
    /// The ledger: a body of two rows for each transfer, the figures and, folded, what they rest on.
    mutating func ledger() {
        raw("<section id=\"ledger\" aria-labelledby=\"ledger-title\">\n<h2 id=\"ledger-title\">Ledger</h2>\n")
        guard !report.ledger.isEmpty else {
            raw("<p>No transfer was found in these logs.</p>\n</section>\n")
            return
        }
        legend()
        cut(report.ledger.count, "transfers", "ledger.csv")
        if report.totals.unlisted.transfers > 0 {
            let words =
                "\(Wording.count(report.totals.unlisted.transfers, "smaller transfer")) (\(Headline.words(report.totals.unlisted.bytes)) together)"
            writer.element("p class=\"cut\"", "p", words + " are part of the totals only.")
        }
        raw(
            "<table class=\"ledger sortable\" role=\"table\" id=\"ledger-table\">\n<caption>Transfers, biggest unexplained outflow first, "
        )
        raw("sanctioned destinations last. Times in UTC.</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">")
        for name in ["Amount", "State", "Route", "From", "To", "When", "Objects"] as [StaticString] {
            raw("<th scope=\"col\" role=\"columnheader\">")
            raw(name)
            raw("</th>")
        }
        raw("</tr></thead>\n")
        for transfer in report.ledger.prefix(HTMLReport.rowLimit) { row(transfer) }
        raw("</table>\n</section>\n")
    }

    private mutating func legend() {
        raw("<dl class=\"legend\">")
        for known in TransferState.allCases where report.totals.byState[known] != nil {
            raw("<div><dt>")
            state(known, isSanctioned: false)
            raw("</dt><dd>")
            text(known.meaning)
            raw("</dd></div>")
        }
        raw("</dl>\n")
    }

    private mutating func row(_ transfer: Report.Transfer) {
        raw("<tbody role=\"rowgroup\"><tr role=\"row\"><td role=\"cell\" class=\"amount\" data-label=\"Amount\"")
        writer.attribute("data-key", sortKey(transfer.bytes))
        raw("><strong>")
        text(Amounts.brief(transfer.bytes))
        raw("</strong>")
        let precise = Amounts.precise(transfer.bytes)
        if precise != "exactly \(Amounts.brief(transfer.bytes))" { writer.element("small", "small", precise) }
        raw("</td><td role=\"cell\" data-label=\"State\">")
        state(transfer.state, isSanctioned: transfer.isSanctioned)
        if transfer.suspicion > .none { writer.element("small", "small", "theft \(transfer.suspicion.rawValue)") }
        raw("</td><td role=\"cell\" class=\"route\" data-label=\"Route\">")
        text(transfer.route.rawValue)
        raw("</td><td role=\"cell\" data-label=\"From\">")
        entity(transfer.source, [])
        raw("</td><td role=\"cell\" data-label=\"To\">")
        entity(transfer.destination, transfer.destinationClass == "unknown" ? [] : [transfer.destinationClass])
        raw("</td><td role=\"cell\" class=\"when\" data-label=\"When\"")
        writer.attribute("data-key", transfer.first.description)
        raw("><span>")
        when(transfer)
        raw("</span></td><td role=\"cell\" data-label=\"Objects\"")
        writer.attribute("data-key", padded(transfer.distinctObjects ?? transfer.reads))
        raw(">")
        text(transfer.objectWords.isEmpty ? "–" : transfer.objectWords)
        raw("</td></tr>\n")
        details(transfer)
        raw("</tbody>\n")
    }

    private mutating func entity(_ entity: Report.Entity, _ more: [String]) {
        raw("<span class=\"name\">")
        log(entity.title)
        raw("</span>")
        let parts = entity.subtitle + more
        guard !parts.isEmpty else { return }
        raw("<small>")
        for (index, part) in parts.enumerated() {
            if index > 0 { raw(" · ") }
            log(part)
        }
        raw("</small>")
    }

    private mutating func when(_ transfer: Report.Transfer) {
        let (a, b) = (Amounts.minute(transfer.first), Amounts.minute(transfer.last))
        time(transfer.first, a)
        guard a != b else { return }
        raw(" – ")
        time(transfer.last, a.prefix(10) == b.prefix(10) ? String(b.dropFirst(11)) : b)
    }

    private mutating func details(_ transfer: Report.Transfer) {
        raw("<tr class=\"more\" role=\"row\"><td role=\"cell\" colspan=\"7\"><details><summary>")
        var words = "Evidence"
        if !transfer.notes.isEmpty { words += " and \(Wording.count(UInt64(transfer.notes.count), "note"))" }
        text(words)
        raw(" <code>")
        text(transfer.id)
        raw("</code></summary><div class=\"proof\">")
        if !transfer.notes.isEmpty {
            raw("<ul class=\"notes\">")
            for note in transfer.notes {
                raw("<li>")
                writer.log(note, limit: 2_000)
                raw("</li>")
            }
            raw("</ul>")
        }
        raw("<dl class=\"facts\">")
        fact("Exact bounds", Amounts.precise(transfer.bytes))
        if let wire = transfer.onWire { fact("With repeats", Amounts.exact(wire)) }
        fact("First", transfer.first.description)
        fact("Last", transfer.last.description)
        fact("Service", transfer.service)
        fact("Store", transfer.store ?? "")
        fact("Session", transfer.session ?? "")
        fact("Addresses", transfer.destination.addresses.joined(separator: ", "))
        fact("Class", transfer.destinationClass)
        fact("Case", transfer.caseID ?? "")
        fact("Rests on", Wording.count(transfer.records, "record"))
        raw("</dl>")
        evidence(transfer.evidence)
        raw("<p>The records themselves: <code>outflow explain ")
        text(transfer.id)
        raw("</code></p></div></details></td></tr>\n")
    }

    private mutating func fact(_ name: StaticString, _ value: String) {
        guard !value.isEmpty else { return }
        raw("<div><dt>")
        raw(name)
        raw("</dt><dd>")
        log(value)
        raw("</dd></div>")
    }

    /// Where the records stand.
    mutating func evidence(_ origins: [Origin]) {
        guard !origins.isEmpty else { return }
        raw("<ol class=\"evidence\">")
        for origin in origins {
            raw("<li>")
            if let records {
                raw("<a")
                writer.attribute("href", "\(records)\(origin.input)-\(origin.offset)")
                raw(">")
            }
            if Int(origin.input) < report.inputs.count {
                log(report.inputs[Int(origin.input)].path)
            } else {
                text("input \(origin.input)")
            }
            text(", offset \(Wording.grouped(origin.offset)), \(Amounts.exact(UInt64(origin.length)))")
            if records != nil { raw("</a>") }
            raw("</li>")
        }
        raw("</ol>")
    }

    /// Sorts as text in the order of the bounds; an open upper end comes after all numbers.
    private func sortKey(_ bounds: ByteBounds) -> String {
        padded(bounds.atLeast) + (bounds.atMost.map { padded($0) } ?? "~")
    }

    private func padded(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 20 - digits.count) + digits
    }
}
