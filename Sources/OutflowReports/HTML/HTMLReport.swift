// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// `report.html`: the report for people, in one file that needs no network and no script to be read.
///
/// A content security policy lets nothing load and nothing run but the one style sheet and the one script of
/// `PageAssets`, which are named by their hashes: even markup that slipped through would stay dead.
public enum HTMLReport {
    /// How many rows a table in the page has at most; the rest is in `ledger.csv` and `report.json`.
    public static let rowLimit = 1_000

    /// The page as UTF-8.
    ///
    /// - Parameters:
    ///   - report: what the scan concluded.
    ///   - version: of the program, as in `outflow --version`.
    public static func render(_ report: Report, version: String) -> [UInt8] {
        var page = HTMLPage(report: report, version: version)
        page.head()
        page.raw("<body>\n<a class=\"skip\" href=\"#ledger\">Skip to the ledger</a>\n")
        page.masthead()
        page.raw("<main id=\"main\">\n")
        page.answer()
        page.cases()
        page.pictures()
        page.ledger()
        page.totals()
        page.staging()
        page.findings()
        page.limits()
        page.gaps()
        page.networks()
        page.rejections()
        page.inputs()
        page.raw("</main>\n")
        page.footer()
        return page.writer.bytes
    }
}

/// The page under way: the report, and the writer that it goes through.
struct HTMLPage {
    let report: Report
    let version: String
    let headline: Headline
    /// Where records can be read: what stands before `INPUT-OFFSET` in a link; nil if nowhere.
    var records: String?
    var writer = HTMLWriter()

    init(report: Report, version: String) {
        self.report = report
        self.version = version
        headline = Headline(report)
        writer.bytes.reserveCapacity(2_500 * min(report.ledger.count, HTMLReport.rowLimit) + 64_000)
    }

    mutating func raw(_ literal: StaticString) { writer.raw(literal) }
    mutating func text(_ words: String) { writer.text(words) }
    mutating func log(_ words: String) { writer.log(words) }

    // MARK: Frame

    mutating func head() {
        raw(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
        )
        writer.raw("content=\"default-src 'none'; style-src 'sha256-")
        raw(PageAssets.styleHash)
        raw("'; script-src 'sha256-")
        raw(PageAssets.scriptHash)
        raw("'; img-src data:; base-uri 'none'; form-action 'none'\">\n")
        raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        raw("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
        raw("<link rel=\"icon\" href=\"data:,\">\n")
        writer.element("title", "title", "Outflow report: \(headline.answer)")
        raw("\n<style>")
        raw(PageAssets.style)
        raw("</style>\n</head>\n")
    }

    mutating func masthead() {
        raw("<header class=\"masthead\">\n<p class=\"brand\">Outflow <span>report</span></p>\n<p class=\"scope\">")
        let records = report.inputs.reduce(UInt64(0)) { $0 &+ $1.records &- min($1.records, $1.duplicates) }
        var words =
            "\(Wording.count(UInt64(report.inputs.count), "input")), \(Wording.count(records, "distinct record"))"
        if let first = report.inputs.compactMap(\.first).min(), let last = report.inputs.compactMap(\.last).max() {
            words += ", \(Amounts.minute(first)) to \(Amounts.minute(last)) UTC"
        }
        text(words)
        raw("</p>\n<nav aria-label=\"Parts of the report\"><ul>")
        navigation("#answer", "Answer", true)
        navigation("#cases", "Cases", !report.cases.isEmpty)
        navigation("#ledger", "Ledger", !report.ledger.isEmpty)
        navigation("#totals", "Totals", !report.totals.byRoute.isEmpty)
        navigation("#findings", "Findings", !report.findings.isEmpty)
        navigation("#limits", "Limits", !report.limits.isEmpty)
        navigation("#gaps", "Gaps", !report.gaps.isEmpty)
        navigation("#inputs", "Inputs", true)
        raw("</ul></nav>\n</header>\n")
    }

    private mutating func navigation(_ target: StaticString, _ name: StaticString, _ isThere: Bool) {
        guard isThere else { return }
        raw("<li><a href=\"")
        raw(target)
        raw("\">")
        raw(name)
        raw("</a></li>")
    }

    mutating func footer() {
        raw("<footer>\n<p>Written by ")
        text("outflow \(version)")
        raw(
            " from the logs named above. Every figure leads back to records: <code>outflow explain ID</code> prints them. "
        )
        raw(
            "The same data for programs is in <code>report.json</code>, for spreadsheets in <code>ledger.csv</code>, for other "
        )
        raw("security tools in <code>findings.ocsf.jsonl</code>. ")
        raw("Amounts are in SI units (1 kB = 1,000 B); lower bounds are rounded down and upper bounds up. ")
        raw("Characters that cannot be seen are shown as <code>\\u{HEX}</code>.</p>\n</footer>\n<script>")
        raw(PageAssets.script)
        raw("</script>\n</body>\n</html>\n")
    }

    // MARK: Answer

    mutating func answer() {
        raw("<section id=\"answer\" aria-labelledby=\"answer-title\">\n")
        writer.element("h1 id=\"answer-title\"", "h1", headline.answer)
        if let ceiling = headline.ceiling { writer.element("p class=\"ceiling\"", "p", ceiling) }
        let left = headline.left
        raw("\n<dl class=\"figures\">")
        figure("Left, at least", Amounts.lower(left.bytes.atLeast), Amounts.exact(left.bytes.atLeast))
        if let high = left.bytes.atMost {
            figure("Left, at most", Amounts.upper(high), Amounts.exact(high))
        } else {
            figure("Left, at most", "not known", "some sizes are not in the logs")
        }
        figure("Transfers", Wording.grouped(left.transfers), "taken or accessed, unsanctioned")
        let exposed = report.totals.byState[.exposed] ?? Report.Total()
        figure(
            "Exposed", Wording.grouped(exposed.transfers),
            exposed.transfers > 0 ? Headline.words(exposed.bytes) : "nothing")
        raw("</dl>\n")
        if !headline.remarks.isEmpty {
            raw("<ul class=\"remarks\">")
            for remark in headline.remarks { writer.element("li", "li", remark) }
            raw("</ul>\n")
        }
        raw("</section>\n")
    }

    private mutating func figure(_ name: StaticString, _ value: String, _ note: String) {
        raw("<div><dt>")
        raw(name)
        raw("</dt><dd>")
        text(value)
        if note != value { writer.element("small", "small", note) }
        raw("</dd></div>")
    }

    mutating func pictures() {
        let flows = FlowPicture(report)
        if !flows.isEmpty {
            raw(
                "<section aria-labelledby=\"flow-title\">\n<h2 id=\"flow-title\">From where, over which route, to whom</h2>\n"
            )
            flows.draw(&writer)
            raw("</section>\n")
        }
        if let line = TimeLine(report) {
            raw("<section aria-labelledby=\"time-title\">\n<h2 id=\"time-title\">When</h2>\n")
            line.draw(&writer)
            raw("</section>\n")
        }
    }

    // MARK: Pieces that several tables use

    /// A state as a word with a coloured mark.
    mutating func state(_ state: TransferState, isSanctioned: Bool) {
        raw("<span class=\"state ")
        raw(isSanctioned ? "sanctioned" : state.cssClass)
        raw("\">")
        text(state.rawValue)
        raw("</span>")
        if isSanctioned { raw("<small>sanctioned</small>") }
    }

    /// A moment, for people and for programs.
    mutating func time(_ time: Timestamp, _ words: String) {
        if time == .unknown { return text(words) }
        raw("<time")
        writer.attribute("datetime", time.description)
        raw(">")
        text(words)
        raw("</time>")
    }

    /// Says that a table is not complete.
    mutating func cut(_ count: Int, _ what: String, _ file: String) {
        guard count > HTMLReport.rowLimit else { return }
        let words =
            "The first \(Wording.grouped(UInt64(HTMLReport.rowLimit))) of \(Wording.grouped(UInt64(count))) \(what); all are in \(file)."
        writer.element("p class=\"cut\"", "p", words)
    }
}

extension TransferState {
    /// Its class in the style sheet.
    var cssClass: StaticString {
        switch self {
        case .taken: "taken"
        case .exposed: "exposed"
        case .accessed: "accessed"
        case .attempted: "attempted"
        }
    }
}
