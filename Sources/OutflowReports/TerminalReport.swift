// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// The report for a terminal: the answer, the ledger, then what it rests on and what weakens it.
public enum TerminalReport {
    /// How to lay the text out.
    public struct Layout: Sendable {
        /// Columns of the terminal; at least 80 are used.
        public var width: Int
        /// Whether to colour by ANSI sequences. Only for a terminal, and not when the user's `NO_COLOR` is set.
        public var hasColour: Bool
        /// How many transfers to list.
        public var limit: Int
        /// Folder where the whole report lies, for the last line; nil if none was written.
        public var folder: String?

        /// A layout; without arguments plain text for 80 columns.
        public init(width: Int = 80, hasColour: Bool = false, limit: Int = 20, folder: String? = nil) {
            self.width = width
            self.hasColour = hasColour
            self.limit = limit
            self.folder = folder
        }
    }

    /// The report as text, with a line end after each line and no blanks at their ends.
    public static func render(_ report: Report, _ layout: Layout = Layout()) -> String {
        var page = TerminalPage(layout)
        page.headline(Headline(report))
        page.ledger(report)
        page.cases(report)
        page.totals(report)
        page.staging(report)
        page.networks(report)
        page.findings(report)
        page.limits(report)
        page.gaps(report)
        page.rejections(report)
        page.farewell(report)
        return page.text
    }
}

/// The page under way.
struct TerminalPage {
    let layout: TerminalReport.Layout
    let width: Int
    var text = ""

    // Columns of the longest amount ("99.9 kB – 99.9 MB"), state ("sanctioned") and route ("cloud-object").
    let amountColumns = 17
    let stateColumns = 10
    let routeColumns = 12

    init(_ layout: TerminalReport.Layout) {
        self.layout = layout
        width = min(max(layout.width, 80), 200)
    }

    // MARK: Parts

    mutating func headline(_ headline: Headline) {
        for line in VisibleText.wrap(headline.answer, width) { add(line, .bold) }
        if let ceiling = headline.ceiling { paragraph(ceiling) }
        for remark in headline.remarks {
            for (index, line) in VisibleText.wrap(remark, width - 2).enumerated() {
                add((index == 0 ? "- " : "  ") + line, .plain)
            }
        }
    }

    mutating func ledger(_ report: Report) {
        guard !report.ledger.isEmpty else { return }
        section("Ledger", "biggest unexplained outflow first; times in UTC")
        add(
            VisibleText.pad("AMOUNT", amountColumns, right: true) + "  " + VisibleText.pad("STATE", stateColumns) + "  "
                + VisibleText.pad("ROUTE", routeColumns) + "  WHEN", .dim)
        for transfer in report.ledger.prefix(layout.limit) {
            let amount = VisibleText.pad(Amounts.brief(transfer.bytes), amountColumns, right: true)
            let state = VisibleText.pad(transfer.isSanctioned ? "sanctioned" : transfer.state.rawValue, stateColumns)
            let route = VisibleText.pad(transfer.route.rawValue, routeColumns)
            let when = Amounts.span(transfer.first, transfer.last)
            add(paint(amount, .bold) + "  " + paint(state, TerminalInk(transfer)) + "  \(route)  \(when)", .plain)
            let indent = String(repeating: " ", count: amountColumns + 2)
            add(indent + pair(transfer.source.title, transfer.destination.title, width - indent.count), .plain)
            facts(transfer, indent)
        }
        let more = report.ledger.count - min(layout.limit, report.ledger.count)
        let unlisted = report.totals.unlisted.transfers
        if more > 0 {
            let where_ = layout.folder == nil ? "" : ", see report.html"
            add("  … and \(Wording.grouped(UInt64(more))) more\(where_)", .dim)
        }
        if unlisted > 0 {
            add("  … and \(Wording.count(unlisted, "smaller transfer")) that are in the totals only", .dim)
        }
    }

    private mutating func facts(_ transfer: Report.Transfer, _ indent: String) {
        var facts = [transfer.id]
        if !transfer.objectWords.isEmpty { facts.append(transfer.objectWords) }
        if transfer.bytes.atLeast == transfer.bytes.atMost {
            // The line above has the figure to the byte unless it is large.
            if transfer.bytes.atLeast >= Amounts.writtenOut { facts.append(Amounts.precise(transfer.bytes)) }
        } else if transfer.bytes.atLeast >= 1_000 || (transfer.bytes.atMost ?? 0) >= 1_000 {
            facts.append(Amounts.precise(transfer.bytes))
        }
        // Less than what left at most is no repetition: losses of the sensor widen the bounds, not what it saw.
        if let wire = transfer.onWire, wire > transfer.bytes.atMost ?? transfer.bytes.atLeast {
            facts.append("\(Amounts.exact(wire)) with repeats")
        }
        if let store = transfer.store, !store.isEmpty { facts.append("from \(store)") }
        if let session = transfer.session, !session.isEmpty { facts.append("by \(session)") }
        if !transfer.service.isEmpty { facts.append(transfer.service) }
        if transfer.destinationClass != "unknown", !transfer.destinationClass.isEmpty {
            facts.append(transfer.destinationClass)
        }
        if transfer.isSanctioned { facts.append(transfer.state.rawValue) }
        if let told = transfer.caseID { facts.append("\(transfer.suspicion.rawValue) theft, \(told)") }
        list(facts, indent.count)
    }

    /// Facts one after the other. They keep together where they fit a line: none is torn apart between its number and
    /// its unit.
    mutating func list(_ facts: [String], _ indent: Int) {
        let blanks = String(repeating: " ", count: indent)
        let columns = width - indent
        var line = ""
        for fact in facts.map({ VisibleText.fit(VisibleText.excerpt($0, limit: 200), columns) }) {
            if !line.isEmpty, VisibleText.width(line) + 3 + VisibleText.width(fact) > columns {
                add(blanks + line, .dim)
                line = ""
            }
            line += line.isEmpty ? fact : " · " + fact
        }
        add(blanks + line, .dim)
    }

    mutating func totals(_ report: Report) {
        byRoute(report)
        guard report.totals.inside.transfers > 0 else { return }
        section("Read by hosts of your own networks", "no outflow, not in the sums")
        add(
            VisibleText.pad(Amounts.brief(report.totals.inside.bytes), amountColumns, right: true) + "  "
                + Wording.count(report.totals.inside.reads, "read"), .plain)
    }

    private mutating func byRoute(_ report: Report) {
        guard report.totals.byRoute.count > 1 else { return }
        section("By route", "unsanctioned, all states")
        for (route, total) in report.totals.byRoute.sorted(by: { $0.key < $1.key }) {
            add(
                VisibleText.pad(Amounts.brief(total.bytes), amountColumns, right: true) + "  "
                    + VisibleText.pad(route.rawValue, routeColumns) + "  " + Wording.count(total.transfers, "transfer"),
                .plain)
        }
    }

    mutating func staging(_ report: Report) {
        guard !report.staging.isEmpty else { return }
        section("Internal copies that may have prepared it", "not in the sums")
        let limit = min(layout.limit, Self.copyLimit)
        for copy in report.staging.prefix(limit) {
            let amount = VisibleText.pad(Amounts.brief(copy.bytes), amountColumns, right: true)
            add(amount + "  " + pair(copy.source, copy.destination, width - amountColumns - 2), .plain)
            var words = "\(copy.id) · \(Amounts.span(copy.first, copy.last))"
            if !copy.service.isEmpty { words += " · " + VisibleText.excerpt(copy.service, limit: 60) }
            if let next = copy.followedBy.first {
                words += " · then \(VisibleText.excerpt(next, limit: 20))"
                if copy.followedBy.count > 1 { words += " and \(copy.followedBy.count - 1) more" }
            }
            paragraph(words, indent: amountColumns + 2, .dim)
        }
        more(report.staging.count, "copies", limit)
    }

    /// Copies that are printed: most are a file server's daily work. The page has more.
    private static var copyLimit: Int { 8 }

    mutating func networks(_ report: Report) {
        guard !report.localNetworks.isEmpty else { return }
        section("Networks taken as inside", nil)
        let column = min(
            max(report.localNetworks.map { VisibleText.width(VisibleText.escape($0.cidr)) }.max() ?? 0, 12), 43)
        for network in report.localNetworks.prefix(layout.limit) {
            entry(VisibleText.fit(VisibleText.escape(network.cidr), column), network.why, column)
        }
        more(report.localNetworks.count, "networks")
    }

    mutating func gaps(_ report: Report) {
        guard !report.gaps.isEmpty else { return }
        section("Gaps", "what these logs cannot show")
        // Many of one kind differ in time only: the first few show what they are, report.json has them all.
        var seen: [[String]: Int] = [:]
        var folded: [(kind: [String], last: Report.Gap)] = []
        var printed = 0
        for gap in report.gaps {
            let kind = [gap.route.rawValue, gap.effect, Self.kind(of: gap.what)]
            seen[kind, default: 0] += 1
            if seen[kind, default: 0] > 3 {
                if let index = folded.firstIndex(where: { $0.kind == kind }) {
                    folded[index].last = gap
                } else {
                    folded.append((kind, gap))
                }
                continue
            }
            printed += 1
            if printed > layout.limit { continue }
            var words = VisibleText.excerpt(gap.what, limit: 300)
            if !gap.effect.isEmpty { words += " → " + VisibleText.excerpt(gap.effect, limit: 300) }
            switch (gap.from, gap.to) {
            case (let from?, let to?): words += " (\(Amounts.span(from, to)))"
            case (let from?, nil): words += " (from \(Amounts.minute(from)))"
            case (nil, let to?): words += " (until \(Amounts.minute(to)))"
            case (nil, nil): break
            }
            entry(gap.route.rawValue, words, 12, isEscaped: true)
        }
        for (kind, last) in folded.prefix(layout.limit) {
            let until = last.to.map { ", until \(Amounts.minute($0))" } ?? ""
            let count = Wording.grouped(UInt64(seen[kind, default: 3] - 3))
            entry(
                kind[0], "… and \(count) more like: \(VisibleText.excerpt(kind[2], limit: 160))\(until)", 12,
                isEscaped: true)
        }
        more(printed, "gaps")
    }

    /// What a gap tells without its numbers.
    private static func kind(of what: String) -> String {
        String(what.unicodeScalars.filter { !("0"..."9").contains($0) && $0 != "." }.map(Character.init))
    }

    mutating func rejections(_ report: Report) {
        let unread = report.inputs.filter(\.isUnread)
        let damaged = report.inputs.filter { $0.rejected.count > 0 && !$0.isUnread }
        guard !unread.isEmpty || !damaged.isEmpty else { return }
        section("Not counted", "offsets in the decompressed stream")
        for input in (unread + damaged).prefix(layout.limit) {
            let count = input.rejected.count
            let words =
                input.isUnread
                ? "\(input.format), \(Amounts.exact(input.bytes))"
                : "\(Wording.count(count, "record")) rejected of \(Wording.grouped(input.records &+ count))"
            let path = VisibleText.excerpt(input.path, limit: 200)
            add("  " + VisibleText.fit(path, width - VisibleText.width(words) - 4) + ": " + words, .plain)
            for example in input.rejected.examples.prefix(3) {
                let words = "at \(Wording.grouped(example.offset)): \(VisibleText.excerpt(example.reason, limit: 200))"
                paragraph(words, indent: 4, .dim)
            }
            if count > 3, !input.rejected.examples.isEmpty {
                add("    … and \(Wording.grouped(count - UInt64(min(3, input.rejected.examples.count)))) more", .dim)
            }
        }
        more(unread.count + damaged.count, "inputs")
    }

    mutating func farewell(_ report: Report) {
        guard let folder = layout.folder else { return }
        text += "\n"
        add(VisibleText.escape(folder) + ": report.html, report.json, ledger.csv, findings.ocsf.jsonl", .plain)
        if let first = report.cases.first {
            add("Story and records of a case: outflow explain \(VisibleText.escape(first.id))", .plain)
        }
        if let first = report.ledger.first {
            add("Records behind a figure: outflow explain \(VisibleText.escape(first.id))", .plain)
        }
    }

    // MARK: Lines

    mutating func section(_ title: String, _ note: String?) {
        text += "\n"
        add(paint(title, .bold) + (note.map { paint("  (\($0))", .dim) } ?? ""), .plain)
    }

    mutating func entry(_ label: String, _ words: String, _ column: Int, isEscaped: Bool = false) {
        let words = isEscaped ? words : VisibleText.excerpt(words, limit: 600)
        for (index, line) in VisibleText.wrap(words, width - column - 4).enumerated() {
            add("  " + VisibleText.pad(index == 0 ? label : "", column) + "  " + line, .plain)
        }
    }

    mutating func more(_ count: Int, _ what: String, _ printed: Int? = nil) {
        let printed = printed ?? layout.limit
        guard count > printed else { return }
        let place = layout.folder == nil ? "" : ", see report.html"
        add("  … and \(Wording.grouped(UInt64(count - printed))) more \(what)\(place)", .dim)
    }

    mutating func paragraph(_ words: String, indent: Int = 0, _ ink: TerminalInk = .plain) {
        for line in VisibleText.wrap(words, width - indent) {
            add(String(repeating: " ", count: indent) + line, ink)
        }
    }

    /// `from → to` in so many columns; a short name leaves its room to the other.
    func pair(_ from: String, _ to: String, _ columns: Int) -> String {
        let left = VisibleText.excerpt(from, limit: 200)
        let right = VisibleText.excerpt(to, limit: 200)
        let room = columns - 3
        let half = room / 2
        let (a, b) = (VisibleText.width(left), VisibleText.width(right))
        let first = a + b <= room ? a : a <= half ? a : b <= room - half ? room - b : half
        return VisibleText.fit(left, first) + " → " + VisibleText.fit(right, room - first)
    }

    mutating func add(_ line: String, _ ink: TerminalInk) {
        var line = line[...]
        while line.last == " " { line.removeLast() }
        text += paint(String(line), ink) + "\n"
    }

    func paint(_ words: String, _ ink: TerminalInk) -> String {
        guard layout.hasColour, let code = ink.code, !words.isEmpty else { return words }
        return "\u{1B}[\(code)m\(words)\u{1B}[0m"
    }
}

/// How words are coloured; colour only repeats what the words say.
enum TerminalInk {
    case plain, bold, dim, red, yellow, magenta, green

    init(_ transfer: Report.Transfer) {
        if transfer.isSanctioned {
            self = .green
        } else {
            switch transfer.state {
            case .taken: self = .red
            case .exposed: self = .yellow
            case .accessed: self = .magenta
            case .attempted: self = .dim
            }
        }
    }

    var code: String? {
        switch self {
        case .plain: nil
        case .bold: "1"
        case .dim: "2"
        case .red: "1;31"
        case .yellow: "33"
        case .magenta: "35"
        case .green: "32"
        }
    }
}
