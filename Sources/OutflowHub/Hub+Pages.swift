// SPDX-License-Identifier: Apache-2.0

extension Hub {
    /// Answers a request for a page: signs people in and out, and lets only those see pages who are signed in.
    func page(_ request: HubRequest, _ segments: [String], _ catalogue: Catalogue, _ note: inout Note) async throws
        -> HubResponse
    {
        note.action = "page.read"
        note.subject = String(segments.dropFirst().joined(separator: "/").prefix(300))
        if let asset = web.asset(segments) {
            note.isSilent = true
            return asset
        }
        let path = Array(segments.dropFirst())
        var session = web.session(request, catalogue)
        // A client certificate is proof enough; the form secret is its account's own.
        if session == nil, path != ["sign-in"], path != ["sign-out"], request.certificate != nil,
            let account = authenticator.account(certificate: request.certificate, authorization: nil, catalogue)
        {
            session = (WebPage.Reader(account: account, formSecret: ""), "")
        }
        if request.method == "POST" {
            do {
                switch path {
                case ["sign-in"]: return try await signIn(request, catalogue, &note)
                case ["sign-out"]: return try await signOut(request, session, &note)
                case _ where path.first == "share" && path.count == 3:
                    return try await share(request, path, catalogue, session, &note)
                default: throw WebServer.Refusal(status: 405, words: "This page can only be read.")
                }
            } catch let refusal as WebServer.Refusal { return web.refusal(refusal, session?.reader) }
        }
        guard let session else {
            // Strangers see one page, and fill no log.
            note.isSilent = true
            return path == ["sign-in"] ? web.signIn() : web.redirect("/web/sign-in")
        }
        note.actor = session.reader.account.name
        guard requests.allows(session.reader.account.name) else {
            return web.refusal(WebServer.Refusal(status: 429, words: "Slow down."), session.reader)
        }
        return await web.answer(
            WebServer.Visit(request: request, catalogue: catalogue, reader: session.reader, path: path))
    }

    private func signIn(_ request: HubRequest, _ catalogue: Catalogue, _ note: inout Note) async throws -> HubResponse {
        note.action = "sign-in"
        note.subject = "web"
        note.isSilent = !strangers.allows("")
        let form = try await web.form(request)
        let name = form["name"] ?? ""
        note.actor = String(name.prefix(100))
        let mayGuess = failures.allows(ClientAddress.group(request.peer), takes: false)
        let found: Account?
        do {
            found = try await authenticator.account(
                name: name, password: form["password"] ?? "", catalogue, mayHash: mayGuess)
        } catch { return web.signIn("Too many people are signing in. Try again in a moment.", status: 429, name: name) }
        guard let account = found else {
            _ = failures.allows(ClientAddress.group(request.peer))
            return mayGuess
                ? web.signIn("No account has this name and password.", status: 401, name: name)
                : web.signIn("Too many attempts from your address. Try again in some minutes.", status: 429, name: name)
        }
        note.isSilent = false
        let cookie = web.sessions.begin(account)
        return web.redirect(account.isAdmin ? "/web/cases" : "/web/indicators", [web.cookie(cookie, request)])
    }

    private func signOut(
        _ request: HubRequest, _ session: (reader: WebPage.Reader, cookie: String)?, _ note: inout Note
    ) async throws -> HubResponse {
        note.action = "sign-out"
        note.subject = "web"
        guard let session, !session.cookie.isEmpty else { return web.redirect("/web/sign-in") }
        note.actor = session.reader.account.name
        guard try await web.form(request)["form_secret"] == session.reader.formSecret else { throw WebServer.foreign }
        web.sessions.end(session.cookie)
        return web.redirect("/web/sign-in", [web.cookie("", request)])
    }

    /// Sends a case to a partner, as its preview said.
    private func share(
        _ request: HubRequest, _ path: [String], _ catalogue: Catalogue,
        _ session: (reader: WebPage.Reader, cookie: String)?, _ note: inout Note
    ) async throws -> HubResponse {
        note.action = "case.share"
        guard let session else { return web.redirect("/web/sign-in") }
        note.actor = session.reader.account.name
        guard requests.allows(session.reader.account.name) else {
            throw WebServer.Refusal(status: 429, words: "Slow down.")
        }
        guard session.reader.account.isAdmin else {
            throw WebServer.Refusal(status: 403, words: "Only administrators of this hub may share cases.")
        }
        let form = try await web.form(request)
        // Who came with a certificate alone has no secret that another site could not know.
        guard !session.cookie.isEmpty, form["form_secret"] == session.reader.formSecret else { throw WebServer.foreign }
        let visit = WebServer.Visit(request: request, catalogue: catalogue, reader: session.reader, path: path)
        return try await web.send(visit, form, report: path[1], id: path[2], &note)
    }
}
