// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import OutflowReports

/// The hub's pages for people: rendered here, whole without a script.
struct WebServer: Sendable {
    let store: HubStore
    let authenticator: Authenticator
    let sharing: HubSharing?
    let sessions = Sessions()
    let sent = SentPreviews()
    let reports = ReportCache()

    static let cookie = "outflow_hub"
    private static let longestForm = 16 << 10

    /// A request for a page, by somebody who is signed in.
    struct Visit {
        let request: HubRequest
        let catalogue: Catalogue
        let reader: WebPage.Reader
        /// Path behind `/web/`.
        let path: [String]

        var account: Account { reader.account }
        func parameter(_ name: String) -> String? { request.parameters?.first { $0.name == name }?.value }
    }

    /// Why there is no page.
    struct Refusal: Error {
        let status: Int
        let words: String
        static let missing = Refusal(status: 404, words: "There is no such page.")
    }

    /// Whether a request is for a page: by its path, or because a browser asks for the hub itself.
    static func isPage(_ request: HubRequest, _ segments: [String]) -> Bool {
        if segments.first == "web" { return true }
        return segments.isEmpty && request.header("accept")?.contains("text/html") == true
    }

    /// What needs no signing in: the style sheet, the script, and the way to the first page.
    func asset(_ segments: [String]) -> HubResponse? {
        switch segments {
        case []: return redirect("/web/cases")
        case ["web", "style.css"]:
            return HubResponse(
                status: 200, headers: WebPage.headers("text/css; charset=utf-8"),
                body: Self.bytes(ReportPieces.style) + Array("\n".utf8) + Self.bytes(WebAssets.style))
        case ["web", "script.js"]:
            return HubResponse(
                status: 200, headers: WebPage.headers("text/javascript; charset=utf-8"),
                body: Self.bytes(ReportPieces.script))
        default: return nil
        }
    }

    private static func bytes(_ text: StaticString) -> [UInt8] {
        Array(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// The session that the request's cookie belongs to.
    func session(_ request: HubRequest, _ catalogue: Catalogue) -> (reader: WebPage.Reader, cookie: String)? {
        for pair in (request.header("cookie") ?? "").split(whereSeparator: { $0 == ";" || $0 == "," }) {
            let sides = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, sides[0] == Self.cookie else { continue }
            let cookie = String(sides[1])
            guard let (session, account) = sessions.find(cookie, catalogue) else { continue }
            return (WebPage.Reader(account: account, formSecret: session.formSecret), cookie)
        }
        return nil
    }

    /// Answers somebody who is signed in.
    func answer(_ visit: Visit) async -> HubResponse {
        do {
            return try await page(visit)
        } catch let refusal as Refusal {
            return self.refusal(refusal, visit.reader)
        } catch {
            store.report(error)
            return self.refusal(Refusal(status: 503, words: "The hub cannot reach its database."), visit.reader)
        }
    }

    private func page(_ visit: Visit) async throws -> HubResponse {
        guard ["GET", "HEAD"].contains(visit.request.method) else {
            throw Refusal(status: 405, words: "This page can only be read.")
        }
        if visit.path.isEmpty || visit.path == ["sign-in"] {
            return redirect(visit.account.isAdmin ? "/web/cases" : "/web/indicators")
        }
        if visit.path.first == "indicators" { return try await indicators(visit) }
        guard visit.account.isAdmin else {
            throw Refusal(status: 403, words: "Only administrators of this hub may see this page.")
        }
        switch (visit.path.first, visit.path.count) {
        case ("cases", 1): return try await cases(visit)
        case ("cases", 3): return try await told(visit, report: visit.path[1], id: visit.path[2])
        case ("share", 3): return try await share(visit, report: visit.path[1], id: visit.path[2])
        case ("records", 3): return try await record(visit, report: visit.path[1], place: visit.path[2])
        case ("ledger", 1): return try await ledgers(visit)
        case ("ledger", 2): return try await ledger(visit, report: visit.path[1])
        case ("partners", 1): return try await partners(visit)
        case ("partners", 2): return try await partner(visit, visit.path[1])
        case ("audit", 1): return try await audit(visit)
        default: throw Refusal.missing
        }
    }

    // MARK: Forms

    /// The members of a form, if a page of this hub sent it.
    func form(_ request: HubRequest) async throws -> [String: String] {
        // Browsers say where a form comes from (Fetch standard, section 3.2; Fetch Metadata). Others need not.
        if let site = request.header("sec-fetch-site"), site != "same-origin", site != "none" { throw Self.foreign }
        if let origin = request.header("origin") {
            let host = origin.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init)
            guard origin.contains("://"), host?.lowercased() == request.authority.lowercased() else {
                throw Self.foreign
            }
        }
        guard request.header("content-type")?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true else {
            throw Refusal(status: 415, words: "The hub takes forms as browsers send them.")
        }
        guard let body = try await request.readBody(Self.longestForm) else {
            throw Refusal(status: 413, words: "That is too long.")
        }
        var copy = request
        copy.query = String(decoding: body, as: UTF8.self)
        guard let members = copy.parameters else { throw Refusal(status: 400, words: "The form is damaged.") }
        return Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { one, _ in one })
    }

    static let foreign = Refusal(status: 403, words: "This form was not sent by a page of this hub.")

    /// A cookie that begins or ends a session: no script can read it, no other site can have it sent.
    func cookie(_ value: String, _ request: HubRequest) -> HubHeader {
        let secure = request.scheme == "https" ? "; Secure" : ""
        let end = value.isEmpty ? "; Max-Age=0" : ""
        return HubHeader("Set-Cookie", "\(Self.cookie)=\(value); Path=/; HttpOnly; SameSite=Strict\(secure)\(end)")
    }

    func redirect(_ path: String, _ headers: [HubHeader] = []) -> HubResponse {
        HubResponse(
            status: 303, headers: WebPage.headers("text/plain; charset=utf-8") + [HubHeader("Location", path)] + headers
        )
    }

    func refusal(_ refusal: Refusal, _ reader: WebPage.Reader?) -> HubResponse {
        var page = WebPage(refusal.status == 404 ? "Not found" : "That does not work", in: nil, for: reader)
        page.paragraph(refusal.words)
        return page.response(status: refusal.status)
    }

    /// The page on which one signs in.
    ///
    /// - Parameter name: what was typed before, so that nobody types it again.
    func signIn(_ problem: String? = nil, status: Int = 200, name: String = "") -> HubResponse {
        var page = WebPage("Sign in", in: nil, for: nil)
        if let problem {
            page.raw("<p class=\"problem\" role=\"alert\">")
            page.text(problem)
            page.raw("</p>\n")
        }
        page.raw(
            """
            <form class="sign-in" method="post" action="/web/sign-in">
            <p><label for="name">Name</label> <input id="name" name="name" autocomplete="username" required autofocus
            """)
        page.writer.attribute("value", String(name.prefix(100)))
        page.raw(
            """
            ></p>
            <p><label for="password">Password</label> <input id="password" name="password" type="password" \
            autocomplete="current-password" required></p>
            <p><button>Sign in</button></p>
            </form>

            """)
        return page.response(status: status)
    }
}
