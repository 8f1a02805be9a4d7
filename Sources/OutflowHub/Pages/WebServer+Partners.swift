// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import OutflowReports

/// What an account did to one subject.
private struct Deed: Sendable {
    let action: String
    let subject: String
    let requests: Int
    let objects: Int
    let last: Timestamp
}

extension WebServer {
    /// Rows of the audit log that sums look at: the latest.
    private static let auditWindow = 200_000

    /// Who may do what, and what was sent to whom, by the audit log.
    func partners(_ visit: Visit) async throws -> HubResponse {
        let sums = try await store.read { database in
            var sums: [String: (read: Int, added: Int, last: Timestamp)] = [:]
            try database.statement(
                """
                SELECT actor, sum(CASE WHEN action IN ('objects.read', 'object.read') THEN count ELSE 0 END),
                    sum(CASE WHEN action = 'objects.add' THEN count ELSE 0 END), max(at)
                FROM audit WHERE entry > (SELECT max(entry) FROM audit) - ?1 AND status BETWEEN 200 AND 299 GROUP BY actor
                """
            ).bind(.integer(Self.auditWindow)).each {
                sums[$0.text(0)] = (
                    Int($0.integer(1)), Int($0.integer(2)), Timestamp(microseconds: $0.integer(3))
                )
            }
            return sums
        }
        var page = WebPage("Partners", in: .partners, for: visit.reader)
        page.paragraph("Sums are of the last \(ReportPieces.number(UInt64(Self.auditWindow))) rows of the audit log.")
        page.table("Accounts", ["Name", "May read", "May write", "Objects sent", "Objects received", "Last seen"])
        let collections = visit.catalogue.roots.values.sorted { $0.path < $1.path }.flatMap(\.collections)
        for account in visit.catalogue.accounts.values.sorted(by: { $0.name < $1.name }) {
            page.raw("<tr><th scope=\"row\">")
            page.link("/web/partners/\(PercentCoding.encode(account.name))", account.name)
            if account.isAdmin { page.raw("<small>administrator</small>") }
            page.raw("</th>")
            page.cell(collections.filter { account.rights(in: $0).canRead }.map(\.title).joined(separator: ", "))
            page.cell(collections.filter { account.rights(in: $0).canWrite }.map(\.title).joined(separator: ", "))
            let sum = sums[account.name]
            page.cell(ReportPieces.number(UInt64(max(0, sum?.read ?? 0))))
            page.cell(ReportPieces.number(UInt64(max(0, sum?.added ?? 0))))
            page.when(sum?.last)
            page.raw("</tr>\n")
        }
        page.endTable()
        sentCases(&page, try await casesSent())
        return page.response()
    }

    /// Cases that people sent from these pages: when, who, and what to whom, the latest first.
    private func casesSent() async throws -> [AuditEntry] {
        try await store.read { database in
            var entries: [AuditEntry] = []
            try database.statement(
                """
                SELECT at, actor, subject, count FROM audit
                WHERE entry > (SELECT max(entry) FROM audit) - ?1 AND action = 'case.share' AND status = 200
                ORDER BY entry DESC LIMIT 200
                """
            ).bind(.integer(Self.auditWindow)).each {
                entries.append(
                    AuditEntry(
                        at: Timestamp(microseconds: $0.integer(0)), actor: $0.text(1), peer: "", action: "case.share",
                        subject: $0.text(2), status: 200, count: Int($0.integer(3))))
            }
            return entries
        }
    }

    private func sentCases(_ page: inout WebPage, _ entries: [AuditEntry]) {
        guard !entries.isEmpty else { return }
        page.table("Cases that were sent", ["When", "By", "What", "New objects"])
        for entry in entries {
            page.raw("<tr>")
            page.when(entry.at)
            page.cell(entry.actor)
            page.cell(entry.subject)
            page.cell(ReportPieces.number(UInt64(max(0, entry.count))))
            page.raw("</tr>\n")
        }
        page.endTable()
    }

    /// What one partner was sent, and sent.
    func partner(_ visit: Visit, _ name: String) async throws -> HubResponse {
        guard visit.catalogue.accounts[name] != nil else { throw Refusal.missing }
        let deeds = try await store.read { database in
            var deeds: [Deed] = []
            try database.statement(
                """
                SELECT action, subject, count(*), sum(count), max(at) FROM audit
                WHERE entry > (SELECT max(entry) FROM audit) - ?1 AND actor = ?2 AND status BETWEEN 200 AND 299
                GROUP BY action, subject ORDER BY max(at) DESC LIMIT 500
                """
            ).bind(.integer(Self.auditWindow), .text(name)).each {
                deeds.append(
                    Deed(
                        action: $0.text(0), subject: $0.text(1), requests: Int($0.integer(2)),
                        objects: Int($0.integer(3)), last: Timestamp(microseconds: $0.integer(4))))
            }
            return deeds
        }
        let titles = Dictionary(
            visit.catalogue.roots.values.flatMap(\.collections).map { ($0.id, $0.title) },
            uniquingKeysWith: { one, _ in one })
        var page = WebPage(name, in: .partners, for: visit.reader)
        guard !deeds.isEmpty else {
            page.paragraph("Nothing yet.")
            return page.response()
        }
        page.table("What was sent to this partner, and by it", ["What", "Subject", "Requests", "Objects", "Last"])
        for deed in deeds {
            page.raw("<tr>")
            page.cell(deed.action)
            page.cell(titles[deed.subject] ?? deed.subject)
            page.cell(ReportPieces.number(UInt64(max(0, deed.requests))))
            page.cell(ReportPieces.number(UInt64(max(0, deed.objects))))
            page.when(deed.last)
            page.raw("</tr>\n")
        }
        page.endTable()
        return page.response()
    }

    /// The audit log, the latest rows first.
    func audit(_ visit: Visit) async throws -> HubResponse {
        let before = visit.parameter("before").flatMap { Int64($0) } ?? .max
        let rows = try await store.read { try AuditLog.latest($0, count: 200, before: before) }
        var page = WebPage("Audit log", in: .audit, for: visit.reader)
        page.paragraph("Whether the log was changed is checked by: outflow hub audit")
        page.table(
            "Audit log, the latest first", ["Row", "When", "Who", "From", "What", "Subject", "Status", "Objects"])
        for (number, entry) in rows {
            page.raw("<tr>")
            page.cell(String(number))
            page.when(entry.at)
            page.cell(entry.actor)
            page.cell(entry.peer)
            page.cell(entry.action)
            page.cell(entry.subject)
            page.cell(entry.status == 0 ? "" : String(entry.status))
            page.cell(String(entry.count))
            page.raw("</tr>\n")
        }
        page.endTable()
        if let last = rows.last, rows.count == 200 {
            page.raw("<p class=\"pages\">")
            page.link("/web/audit?before=\(last.0)", "Earlier →")
            page.raw("</p>\n")
        }
        return page.response()
    }
}
