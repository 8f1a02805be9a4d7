// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords
import OutflowReports

extension WebServer {
    private static let pageLength = 50

    /// Cases, the most suspicious first.
    func cases(_ visit: Visit) async throws -> HubResponse {
        var filter = CaseFilter()
        let words = String((visit.parameter("q") ?? "").prefix(200))
        filter.words = words.split(separator: " ").prefix(CaseFilter.mostWords).map(String.init)
        filter.suspicion = visit.parameter("suspicion").flatMap { Suspicion(rawValue: $0) } ?? .none
        filter.report = visit.parameter("report").flatMap { $0.isEmpty ? nil : String($0.prefix(40)) }
        let start = min(max(visit.parameter("from").flatMap { Int($0) } ?? 0, 0), 1_000_000)
        let (entries, all) = try await store.cases(filter, from: start, count: Self.pageLength)
        let reports = try await store.reports()
        var page = WebPage("Cases", in: .cases, for: visit.reader)
        Self.filterForm(&page, words, filter, reports)
        guard !entries.isEmpty else {
            page.paragraph(
                reports.isEmpty
                    ? "There is no report yet. Bring one in with: outflow hub add FOLDER" : "No case fits this filter.")
            return page.response()
        }
        page.paragraph(
            "\(ReportPieces.number(UInt64(all))) \(all == 1 ? "case" : "cases"), the most suspicious first. Times in UTC."
        )
        page.table("Cases", ["Suspicion", "Case", "Left", "When", "Transfers", "Findings", "Report"])
        for entry in entries {
            page.raw("<tr><td><span class=\"suspicion ")
            page.raw(ReportPieces.style(of: entry.suspicion))
            page.raw("\">")
            page.text(entry.suspicion.rawValue)
            page.raw("</span></td><th scope=\"row\">")
            page.link("/web/cases/\(PercentCoding.encode(entry.report))/\(PercentCoding.encode(entry.id))", entry.title)
            page.raw("</th>")
            page.cell(entry.transfers == 0 ? "–" : ReportPieces.amount(entry.bytes))
            page.when(entry.first)
            page.cell(ReportPieces.number(UInt64(entry.transfers)))
            page.cell(ReportPieces.number(UInt64(entry.findings)))
            page.cell(entry.reportName)
            page.raw("</tr>\n")
        }
        page.endTable()
        var question = "q=\(PercentCoding.encode(words))&suspicion=\(PercentCoding.encode(filter.suspicion.rawValue))"
        if let report = filter.report { question += "&report=\(PercentCoding.encode(report))" }
        page.raw("<p class=\"pages\">")
        if start > 0 {
            page.link("/web/cases?\(question)&from=\(max(0, start - Self.pageLength))", "← More suspicious")
        }
        if start + entries.count < all {
            page.link("/web/cases?\(question)&from=\(start + Self.pageLength)", "Less suspicious →")
        }
        page.raw("</p>\n")
        return page.response()
    }

    private static func filterForm(
        _ page: inout WebPage, _ words: String, _ filter: CaseFilter, _ reports: [ReportEntry]
    ) {
        page.raw(
            "<form class=\"filter\" method=\"get\" action=\"/web/cases\" role=\"search\"><p><label for=\"q\">Words</label>"
        )
        page.raw("<input id=\"q\" name=\"q\" type=\"search\" placeholder=\"Host, account, route, technique, ID\"")
        page.writer.attribute("value", words)
        page.raw(
            "></p><p><label for=\"suspicion\">Suspicion at least</label><select id=\"suspicion\" name=\"suspicion\">")
        for rank in Suspicion.allCases { option(&page, rank.rawValue, rank.rawValue, rank == filter.suspicion) }
        page.raw("</select></p><p><label for=\"report\">Report</label><select id=\"report\" name=\"report\">")
        option(&page, "", "all", filter.report == nil)
        for report in reports { option(&page, report.id, report.name, report.id == filter.report) }
        page.raw("</select></p><p><button>Filter</button></p></form>\n")
    }

    static func option(_ page: inout WebPage, _ value: String, _ words: String, _ isChosen: Bool) {
        page.raw("<option")
        page.writer.attribute("value", value)
        page.raw(isChosen ? " selected>" : ">")
        page.writer.excerpt(words, 80)
        page.raw("</option>")
    }

    /// One case.
    func told(_ visit: Visit, report id: String, id name: String) async throws -> HubResponse {
        guard let report = try await reports.report(id, store),
            let told = report.cases.first(where: { $0.id == name }),
            let pieces = ReportPieces.told(report, case: name, records: "/web/records/\(PercentCoding.encode(id))/")
        else { throw Refusal.missing }
        var page = WebPage(told.title, in: .cases, for: visit.reader)
        page.raw("<p class=\"crumbs\">")
        page.link("/web/cases", "All cases")
        page.raw(" · ")
        page.link("/web/ledger/\(PercentCoding.encode(id))", "The report's whole ledger")
        if sharing != nil {
            page.raw(" · ")
            page.link("/web/share/\(PercentCoding.encode(id))/\(PercentCoding.encode(name))", "Share this case")
        }
        page.raw("</p>\n")
        page.writer.bytes += pieces
        return page.response()
    }

    /// A record that a report cites.
    func record(_ visit: Visit, report id: String, place: String) async throws -> HubResponse {
        let numbers = place.split(separator: "-", omittingEmptySubsequences: false)
        guard numbers.count == 2, let input = UInt32(numbers[0]), let offset = UInt64(numbers[1]),
            let report = try await reports.report(id, store), Int(input) < report.inputs.count
        else { throw Refusal.missing }
        let file = report.inputs[Int(input)]
        var page = WebPage("Record", in: .cases, for: visit.reader)
        page.raw("<dl class=\"facts\"><div><dt>Log</dt><dd>")
        page.log(file.path)
        page.raw("</dd></div><div><dt>Offset</dt><dd>")
        page.text(ReportPieces.number(offset))
        page.raw("</dd></div><div><dt>Format</dt><dd>")
        page.log(file.format)
        page.raw("</dd></div><div><dt>SHA-256</dt><dd class=\"hash\">")
        page.log(file.sha256)
        page.raw("</dd></div></dl>\n")
        guard let (record, isWhole) = try await store.record(id, input: Int(input), offset: offset) else {
            page.paragraph(
                "The hub does not have the text of this record: the log could not be read when the report was brought in."
            )
            return page.response()
        }
        page.paragraph(
            record.isSound
                ? "As it stood in the log when the report was brought in; the log was the one that was scanned, by its hash."
                : "Beware: when the report was brought in, the log was no longer the one that was scanned.")
        page.record(record.text)
        if !isWhole {
            page.paragraph(
                "The first \(ReportPieces.number(UInt64(record.text.count))) of "
                    + "\(ReportPieces.number(UInt64(record.origin.length))) bytes.")
        }
        return page.response()
    }

    /// The reports, each with its ledger.
    func ledgers(_ visit: Visit) async throws -> HubResponse {
        let reports = try await store.reports()
        if reports.count == 1, let only = reports.first { return redirect("/web/ledger/\(only.id)") }
        var page = WebPage("Ledger", in: .ledger, for: visit.reader)
        guard !reports.isEmpty else {
            page.paragraph("There is no report yet. Bring one in with: outflow hub add FOLDER")
            return page.response()
        }
        page.table("Reports, the latest first", ["Report", "Added", "Transfers", "Cases"])
        for report in reports {
            page.raw("<tr><th scope=\"row\">")
            page.link("/web/ledger/\(PercentCoding.encode(report.id))", report.name)
            page.raw("</th>")
            page.when(report.added)
            page.cell(ReportPieces.number(UInt64(report.transfers)))
            page.cell(ReportPieces.number(UInt64(report.cases)))
            page.raw("</tr>\n")
        }
        page.endTable()
        return page.response()
    }

    /// The ledger of a report.
    func ledger(_ visit: Visit, report id: String) async throws -> HubResponse {
        guard let report = try await reports.report(id, store) else { throw Refusal.missing }
        var page = WebPage("Ledger", in: .ledger, for: visit.reader, hasHeading: false)
        page.writer.bytes += ReportPieces.ledger(report, records: "/web/records/\(PercentCoding.encode(id))/")
        return page.response()
    }
}
