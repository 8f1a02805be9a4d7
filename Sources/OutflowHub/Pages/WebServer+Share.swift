// SPDX-License-Identifier: Apache-2.0

import OutflowIntelligence
import OutflowJSON
import OutflowLedger
import OutflowRecords
import OutflowReports
import OutflowSharing

extension WebServer {
    /// A case that somebody thinks of sharing: with whom, under which marking, and what that would be.
    private struct Plan {
        let told: Report.Case
        let recipient: HubSharing.Recipient
        let tlp: TLP
        let alert: Alert
    }

    /// The form on which recipient and marking are chosen, and the preview of what they would get.
    func share(_ visit: Visit, report id: String, id name: String) async throws -> HubResponse {
        try await share(visit, report: id, id: name, problem: nil)
    }

    private func share(_ visit: Visit, report id: String, id name: String, problem: String?) async throws -> HubResponse
    {
        guard let sharing else {
            throw Refusal(status: 404, words: "This hub shares no cases: it was started without --partners.")
        }
        let told = try await self.told(report: id, id: name)
        let recipients = sharing.recipients(visit.catalogue)
        let (to, tlp) = (visit.parameter("to") ?? "", visit.parameter("tlp") ?? "")
        var page = WebPage("Share a case", in: .cases, for: visit.reader)
        page.raw("<p class=\"crumbs\">")
        page.link("/web/cases/\(PercentCoding.encode(id))/\(PercentCoding.encode(name))", told.title)
        page.raw("</p>\n")
        if let problem {
            page.raw("<p class=\"problem\" role=\"alert\">")
            page.text(problem)
            page.raw("</p>\n")
        }
        guard !recipients.isEmpty else {
            page.paragraph("No partner in the hub's list of partners has a collection of this hub.")
            return page.response()
        }
        page.raw("<form class=\"filter\" method=\"get\" action=\"")
        page.raw("/web/share/")
        page.text("\(PercentCoding.encode(id))/\(PercentCoding.encode(name))")
        page.raw("\"><p><label for=\"to\">Partner</label><select id=\"to\" name=\"to\">")
        for one in recipients {
            Self.option(&page, one.partner.name, one.partner.name, one.partner.name.isSameText(as: to))
        }
        page.raw("</select></p><p><label for=\"tlp\">Marking</label><select id=\"tlp\" name=\"tlp\">")
        for one in TLP.allCases { Self.option(&page, one.label, one.label, one == TLP(tlp) ?? .amber) }
        page.raw("</select></p><p><button>Preview</button></p></form>\n")
        if !to.isEmpty {
            preview(&page, try await plan(visit, sharing, report: id, id: name, to: to, tlp: tlp), report: id)
        }
        return page.response()
    }

    private func preview(_ page: inout WebPage, _ plan: Plan, report id: String) {
        let shared = plan.alert.decisions.filter { if case .shared = $0.verdict { true } else { false } }.count
        page.paragraph(
            "\(plan.recipient.partner.name) would get this at \(plan.tlp.label), in the collection "
                + "“\(plan.recipient.collection.title)”.")
        page.table("Preview: what goes out and what does not", ["", "What", "Why"])
        for decision in plan.alert.decisions {
            page.raw("<tr><td>")
            switch decision.verdict {
            case .shared(let tlp, _):
                page.raw("in</td>")
                page.cell("\(decision.type): \(decision.title)")
                page.cell(tlp.label)
            case .withheld(let reason):
                page.raw("out</td>")
                page.cell("\(decision.type): \(decision.title)")
                page.cell(reason)
            }
            page.raw("</tr>\n")
        }
        page.endTable()
        if let problem = Self.objection(plan) {
            page.raw("<p class=\"problem\" role=\"alert\">")
            page.text(problem)
            page.raw("</p>\n")
            return
        }
        page.raw("<form method=\"post\" action=\"/web/share/")
        page.text("\(PercentCoding.encode(id))/\(PercentCoding.encode(plan.told.id))")
        page.raw("\">")
        page.secret()
        for (key, value) in [
            ("to", plan.recipient.partner.name), ("tlp", plan.tlp.label),
            ("preview", plan.alert.fingerprint(plan.recipient)), ("once", SentPreviews.number()),
        ] as [(StaticString, String)] {
            page.raw("<input type=\"hidden\" name=\"")
            page.raw(key)
            page.raw("\"")
            page.writer.attribute("value", value)
            page.raw(">")
        }
        page.raw("<p><button>Send ")
        page.text("\(shared) objects to \(plan.recipient.partner.name)")
        page.raw("</button></p></form>\n")
    }

    /// Why it cannot be sent as it stands; nil if it can.
    private static func objection(_ plan: Plan) -> String? {
        if plan.alert.isEmpty { return "Nothing of this case may be shared with this partner at this marking." }
        let strangers = plan.recipient.strangers
        if !strangers.isEmpty {
            return
                "Others may read this collection: \(strangers.prefix(10).joined(separator: ", ")). Take their right away, "
                + "or name them as accounts of the partner."
        }
        return nil
    }

    /// Sends what was previewed.
    func send(_ visit: Visit, _ form: [String: String], report id: String, id name: String, _ note: inout Hub.Note)
        async throws -> HubResponse
    {
        guard let sharing else { throw Refusal.missing }
        let plan = try await plan(visit, sharing, report: id, id: name, to: form["to"] ?? "", tlp: form["tlp"] ?? "")
        note.subject = "\(plan.told.id) of \(id) to \(plan.recipient.partner.name) at \(plan.tlp.label)"
        if let problem = Self.objection(plan) { throw Refusal(status: 409, words: problem) }
        guard form["preview"] == plan.alert.fingerprint(plan.recipient) else {
            throw Refusal(status: 409, words: "What would be sent has changed since the preview. Look at it again.")
        }
        let number = form["once"] ?? ""
        guard sent.take(number) else {
            throw Refusal(status: 409, words: "This preview was sent already; nothing was sent again.")
        }
        do {
            return try await send(plan, sharing, visit, &note)
        } catch {
            sent.giveBack(number)
            throw error
        }
    }

    private func send(_ plan: Plan, _ sharing: HubSharing, _ visit: Visit, _ note: inout Hub.Note) async throws
        -> HubResponse
    {
        let body = sharing.envelope(plan.alert, to: plan.recipient, now: Clock.now())
        guard body.count <= plan.recipient.root.maxContentLength else {
            throw Refusal(status: 413, words: "The alert is longer than the API root of the collection takes.")
        }
        let submission: Submission
        do { submission = try Submission(body, collection: plan.recipient.collection) } catch {
            throw Refusal(status: 409, words: "The alert cannot be added: \(error.description)")
        }
        guard submission.refused.isEmpty else {
            throw Refusal(
                status: 409, words: "The collection does not take the alert: \(submission.refused[0].reason).")
        }
        let (_, added) = try await store.add(
            submission, to: plan.recipient.collection, of: plan.recipient.root, by: visit.account,
            from: visit.request.peer)
        // Noted before anybody is told of it.
        let entry = AuditEntry(
            at: Clock.now(), actor: visit.account.name, peer: visit.request.peer, action: note.action,
            subject: note.subject, status: 200, count: added)
        try await store.write { try AuditLog.append([entry], to: $0) }
        note.isLogged = true
        var page = WebPage("Sent", in: .cases, for: visit.reader)
        page.paragraph(
            "\(plan.recipient.partner.name) can read \(added) new objects at \(plan.tlp.label), signed by "
                + "\(Base64URL.encode(sharing.key.publicKey)).")
        page.raw("<p>")
        let path = visit.path.dropFirst().map { PercentCoding.encode($0) }.joined(separator: "/")
        page.link("/web/cases/\(path)", "Back to the case")
        page.raw(" · ")
        page.link(
            "/web/indicators?collection=\(PercentCoding.encode(plan.recipient.collection.id))", "What is there now")
        page.raw("</p>\n")
        var response = page.response()
        response.objects = added
        return response
    }

    private func told(report id: String, id name: String) async throws -> Report.Case {
        guard let report = try await reports.report(id, store),
            let told = report.cases.first(where: { $0.id == name })
        else { throw Refusal.missing }
        return told
    }

    private func plan(
        _ visit: Visit, _ sharing: HubSharing, report id: String, id name: String, to: String, tlp: String
    ) async throws -> Plan {
        guard let report = try await reports.report(id, store),
            let told = report.cases.first(where: { $0.id == name })
        else { throw Refusal.missing }
        guard let recipient = sharing.recipients(visit.catalogue).first(where: { $0.partner.name.isSameText(as: to) })
        else { throw Refusal(status: 400, words: "There is no such partner.") }
        guard let marking = TLP(tlp) else { throw Refusal(status: 400, words: "There is no such marking.") }
        let now = Clock.now()
        // Objects that the partner has keep their beginning, and get a new version only if something changed. Nothing is
        // revoked here: others may write to the collection, and their words must not be signed.
        let first = sharing.alert(told, of: report, to: recipient, marking, replacing: nil, now: now)
        let shared = first.decisions.filter { if case .shared = $0.verdict { true } else { false } }
        let previous = try await stored(shared.map(\.id), in: recipient.collection)
        let alert = sharing.alert(told, of: report, to: recipient, marking, replacing: previous, now: now)
        return Plan(told: told, recipient: recipient, tlp: marking, alert: alert)
    }

    /// The latest versions of some objects in a collection, as a bundle; nil if there are none.
    private func stored(_ names: [String], in collection: TAXIICollection) async throws -> JSONTree? {
        var objects: [JSONTree] = []
        let ids = names.compactMap { name in withBytes(of: name) { ObjectID($0) } }
        for start in stride(from: 0, to: min(ids.count, 10_000), by: 100) {
            var filter = ObjectFilter()
            filter.ids = Array(ids[start..<min(start + 100, ids.count)])
            let page = try await store.page(
                ObjectQuery(collection: collection.key, filter: filter), behind: .start, count: 200
            ) { $0.raw($2) }
            let text = Array("[".utf8) + page.content + Array("]".utf8)
            objects += ((try? JSONTree(parsing: text, limit: max(text.count, 1 << 16)))?.list ?? [])
        }
        return objects.isEmpty ? nil : ["type": "bundle", "objects": .list(objects)]
    }
}
