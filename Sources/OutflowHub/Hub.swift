// SPDX-License-Identifier: Apache-2.0

import Dispatch
import OutflowRecords

/// There is no memory to spare for another body just now.
public struct HubIsBusy: Error {
    /// The hub is busy.
    public init() {}
}

/// The body of a request is no proper HTTP, or ended before it was whole.
public struct BodyIsBroken: Error {
    /// The body is broken.
    public init() {}
}

/// The hub: says who asks, limits how often, lets the right part answer, and notes it all.
public final class Hub: Sendable {
    let store: HubStore
    let taxii: TAXIIServer
    let authenticator = Authenticator()
    let web: WebServer
    let metrics = HubMetrics()
    let requests: RateLimit
    let failures: RateLimit
    /// Requests of nobody in particular that the log takes: one a second, and some at once.
    let strangers = RateLimit(rate: 1, burst: 200)

    /// How much of what the hub allows.
    public struct Limits: Sendable {
        /// Most objects in a page.
        public var pageSize = 1_000
        /// Requests a second of one account; ten seconds' worth may come at once.
        public var requestsPerSecond = 500.0
        /// Failed sign-ins a minute from one address.
        public var failuresPerMinute = 20.0

        /// What holds unless told otherwise.
        public init() {}
    }

    /// A hub of what `store` holds.
    ///
    /// - Parameters:
    ///   - store: where everything is kept.
    ///   - limits: what one client may ask for.
    ///   - sharing: with whom cases can be shared from the pages; nil for nobody.
    public convenience init(store: HubStore, limits: Limits = Limits(), sharing: HubSharing? = nil) {
        self.init(store: store, limits: limits, sharing: sharing) { DispatchTime.now().uptimeNanoseconds }
    }

    /// A hub whose rates are measured by a clock of one's own, in nanoseconds.
    init(store: HubStore, limits: Limits, sharing: HubSharing?, now: @escaping @Sendable () -> UInt64) {
        self.store = store
        taxii = TAXIIServer(store: store, pageSize: max(1, limits.pageSize))
        web = WebServer(store: store, authenticator: authenticator, sharing: sharing)
        requests = RateLimit(rate: limits.requestsPerSecond, burst: limits.requestsPerSecond * 10, now: now)
        failures = RateLimit(rate: limits.failuresPerMinute / 60, burst: limits.failuresPerMinute, now: now)
    }

    /// What is noted of a request.
    struct Note {
        var actor = ""
        var action = "unknown"
        var subject = ""
        /// Whether the log has it already, in one transaction with what was done.
        var isLogged = false
        /// Whether it is left out of the log.
        var isSilent = false
    }

    /// Answers a request. Never throws: what the hub cannot do is an answer too.
    public func respond(to request: HubRequest) async -> HubResponse {
        let started = DispatchTime.now().uptimeNanoseconds
        if request.path == "/health" { return await health() }
        var note = Note()
        var response: HubResponse
        do {
            response = try await answer(request, &note)
        } catch let error as TAXIIError {
            response = error.response
        } catch is HubIsBusy {
            response = TAXIIError.busy("too many bodies are on their way").response
        } catch is BodyIsBroken {
            response = TAXIIError.broken.response
        } catch {
            // The disk is full, or the database is damaged: the client is told no more than that.
            store.report(error)
            let words = "the hub cannot reach its database"
            response = TAXIIError(status: 503, title: "Service unavailable", description: words).response
        }
        metrics.count(
            action: note.action, status: response.status, objects: response.objects,
            bytesIn: Int(request.header("content-length") ?? "") ?? 0, bytesOut: response.body.count,
            seconds: Double(DispatchTime.now().uptimeNanoseconds &- started) / 1e9)
        if !note.isSilent, !note.isLogged || response.status >= 300 {
            await store.log(
                AuditEntry(
                    at: Clock.now(), actor: note.actor, peer: request.peer, action: note.action, subject: note.subject,
                    status: response.status, count: response.objects))
        }
        if request.method == "HEAD" { response.body = [] }
        return response
    }

    private func answer(_ request: HubRequest, _ note: inout Note) async throws -> HubResponse {
        let catalogue = try await store.catalogue()
        if let segments = request.segments, WebServer.isPage(request, segments) {
            return try await page(request, segments, catalogue, &note)
        }
        let account = try await account(request, catalogue, &note)
        guard requests.allows(account.name) else { throw TAXIIError.busy("slow down") }
        if request.path == "/metrics" {
            note.action = "metrics.read"
            guard account.isAdmin else { throw TAXIIError.forbidden("only an administrator may see the metrics") }
            return HubResponse(
                status: 200, headers: [HubHeader("Content-Type", "text/plain; version=0.0.4")],
                body: Array(metrics.text.utf8))
        }
        guard let segments = request.segments else { throw TAXIIError.notFound("there is no such resource") }
        let endpoint = try TAXIIEndpoint(segments, catalogue, for: account)
        note.action = endpoint.action(request.method)
        note.subject = endpoint.subject
        note.isLogged = note.action == "objects.add" || note.action == "object.delete"
        return try await taxii.answer(
            TAXIIServer.Call(request: request, catalogue: catalogue, account: account), endpoint)
    }

    func account(_ request: HubRequest, _ catalogue: Catalogue, _ note: inout Note) async throws -> Account {
        let authorization = request.header("authorization")
        note.action = "sign-in"
        note.actor = authorization.flatMap { Authenticator.basic($0)?.name }.map { String($0.prefix(100)) } ?? ""
        // Who guesses is turned away before a hash is worked out; who was found right before is not.
        if let account = authenticator.account(
            certificate: request.certificate, authorization: authorization, catalogue)
        {
            note.actor = account.name
            return account
        }
        let mayGuess = failures.allows(ClientAddress.group(request.peer), takes: false)
        if let account = try await authenticator.account(authorization, catalogue, mayHash: mayGuess) { return account }
        if authorization != nil { _ = failures.allows(ClientAddress.group(request.peer)) }
        // Strangers may not fill the disk by way of the log.
        note.isSilent = !strangers.allows("")
        guard mayGuess else { throw TAXIIError.busy("too many failed sign-ins from your address") }
        throw TAXIIError.unauthorized
    }

    /// Writes what waits for the log, before the process ends.
    public func finish() async { await store.finish() }

    /// Whether the hub can answer: for whoever watches over it; tells nothing else.
    private func health() async -> HubResponse {
        let isWell = (try? await store.read { try $0.statement("SELECT 1").first { $0.integer(0) } }) == 1
        return HubResponse(
            status: isWell ? 200 : 503, headers: [HubHeader("Content-Type", "text/plain; charset=utf-8")],
            body: Array((isWell ? "ok\n" : "the database does not answer\n").utf8))
    }
}
