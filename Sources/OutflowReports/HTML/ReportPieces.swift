// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// Pieces of the report's page, for pages that others build.
public enum ReportPieces {
    /// The style sheet of the report.
    public static var style: StaticString { PageAssets.style }
    /// The script of the report: sorts and filters the ledger. Nothing needs it.
    public static var script: StaticString { PageAssets.script }

    /// One case: its flow picture, its story with evidence, what speaks for and against it, what would confirm it, and its
    /// transfers and findings.
    ///
    /// - Parameters:
    ///   - report: the report that the case is in.
    ///   - id: of the case.
    ///   - records: what stands before `INPUT-OFFSET` in a link to a record.
    /// - Returns: HTML for inside of `main`; nil if the report has no such case.
    public static func told(_ report: Report, case id: String, records: String) -> [UInt8]? {
        guard let told = report.cases.first(where: { $0.id == id }) else { return nil }
        var part = Report()
        part.inputs = report.inputs
        part.cases = [told]
        let transfers = Set(told.transfers)
        part.ledger = report.ledger.filter { transfers.contains($0.id) }
        let findings = Set(told.findings)
        part.findings = report.findings.filter { findings.contains($0.id) }
        var page = HTMLPage(report: part, version: "")
        page.records = records
        let places = Dictionary(part.ledger.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { one, _ in one })
        let named = Dictionary(part.findings.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { one, _ in one })
        page.told(told, 1, places, named)
        page.pictures()
        if !part.ledger.isEmpty { page.ledger() }
        page.findings()
        return page.writer.bytes
    }

    /// The answer, the flow picture, the ledger, totals, and what the logs cannot show.
    public static func ledger(_ report: Report, records: String) -> [UInt8] {
        var page = HTMLPage(report: report, version: "")
        page.records = records
        page.answer()
        page.pictures()
        page.ledger()
        page.totals()
        page.limits()
        page.gaps()
        page.inputs()
        return page.writer.bytes
    }

    /// Bounds in a few characters: `524,836 B`, `0 B – 70.0 kB`, `≥ 89 B`, `unknown`.
    public static func amount(_ bounds: ByteBounds) -> String { Amounts.brief(bounds) }

    /// A whole number with commas between thousands.
    public static func number(_ value: UInt64) -> String { Wording.grouped(value) }

    /// The minute in UTC in which a moment lies: `2020-05-01 22:54`.
    public static func minute(_ time: Timestamp) -> String { Amounts.minute(time) }

    /// The class, in the style sheet, of a suspicion.
    public static func style(of suspicion: Suspicion) -> StaticString { suspicion.cssClass }
}
