// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// There is no memory to spare for another body just now.
public struct HubIsBusy: Error {
    /// The hub is busy.
    public init() {}
}

/// The TAXII 2.1 server: requests in, answers out, whatever carries them.
///
/// Source: TAXII Version 2.1, OASIS Standard, 10 June 2021, sections 3 to 5.
public final class TAXIIServer: Sendable {
    let store: HubStore
    let authenticator = Authenticator()
    /// Most objects in a page, whatever a client asks for.
    let pageSize: Int

    /// A server of what `store` holds, in pages of at most `pageSize` objects.
    public init(store: HubStore, pageSize: Int = TAXIIServer.defaultPageSize) {
        self.store = store
        self.pageSize = max(1, pageSize)
    }

    /// Objects in a page unless told otherwise.
    public static let defaultPageSize = 1_000

    /// A request on its way: who sends it, and what the hub offers at this moment.
    struct Call {
        let request: HubRequest
        let catalogue: Catalogue
        let account: Account
    }

    /// Answers a request. Never throws: what the server cannot do is an answer too.
    public func respond(to request: HubRequest) async -> HubResponse {
        do {
            var response = try await answer(request)
            if request.method == "HEAD" { response.body = [] }
            return response
        } catch let error as TAXIIError {
            return error.response
        } catch is HubIsBusy {
            return TAXIIError.busy("too many bodies are on their way").response
        } catch {
            // The disk is full, or the database is damaged: the client is told no more than that.
            store.report(error)
            return TAXIIError(
                status: 503, title: "Service unavailable", description: "the hub cannot reach its database"
            )
            .response
        }
    }

    private func answer(_ request: HubRequest) async throws -> HubResponse {
        let catalogue = try await store.catalogue()
        guard let account = try await authenticator.account(request.header("authorization"), catalogue) else {
            throw TAXIIError.unauthorized
        }
        guard let segments = request.segments else { throw TAXIIError.notFound("there is no such resource") }
        let call = Call(request: request, catalogue: catalogue, account: account)
        if segments == ["taxii2"] {
            try admit(call, ["GET"])
            return discovery(call)
        }
        // The longest path of an API root that the request's path begins with.
        for length in stride(from: segments.count, to: 0, by: -1) {
            guard let root = catalogue.roots[segments[..<length].joined(separator: "/")] else { continue }
            guard catalogue.roots(for: account).contains(where: { $0.key == root.key }) else { break }
            return try await answer(call, root, Array(segments[length...]))
        }
        throw TAXIIError.notFound("there is no such API root, or you have no part in it")
    }

    private func answer(_ call: Call, _ root: APIRoot, _ path: [String]) async throws -> HubResponse {
        switch (path.first, path.count) {
        case (nil, _):
            try admit(call, ["GET"])
            return rootResource(root)
        case ("status", 2):
            try admit(call, ["GET"])
            guard let text = try await store.status(path[1].lowercased(), of: root, for: call.account) else {
                throw TAXIIError.notFound("there is no such status, or it is not yours")
            }
            return .taxii(text)
        case ("collections", 1):
            try admit(call, ["GET"])
            return collections(root, call.account)
        case ("collections", let count) where count > 1:
            guard let collection = root.collections.first(where: { $0.isCalled(path[1]) })
            else { throw TAXIIError.notFound("there is no such collection") }
            return try await answer(call, root, collection, Array(path[2...]))
        default:
            throw TAXIIError.notFound("there is no such resource")
        }
    }

    private func answer(_ call: Call, _ root: APIRoot, _ collection: TAXIICollection, _ path: [String]) async throws
        -> HubResponse
    {
        switch (path.first, path.count) {
        case (nil, _):
            try admit(call, ["GET"])
            return self.collection(collection, call.account)
        case ("manifest", 1):
            try admit(call, ["GET"])
            return try await manifest(call, collection)
        case ("objects", 1):
            try admit(call, ["GET", "POST"])
            if call.request.method == "POST" { return try await add(call, root, collection) }
            return try await objects(call, collection)
        case ("objects", 2):
            try admit(call, ["GET", "DELETE"])
            if call.request.method == "DELETE" { return try await delete(call, collection, path[1]) }
            return try await object(call, collection, path[1])
        case ("objects", 3) where path[2] == "versions":
            try admit(call, ["GET"])
            return try await versions(call, collection, path[1])
        default:
            throw TAXIIError.notFound("there is no such resource")
        }
    }

    /// Refuses a method that the resource does not know, and a client that does not take our media type.
    private func admit(_ call: Call, _ methods: [String]) throws(TAXIIError) {
        let method = call.request.method == "HEAD" ? "GET" : call.request.method
        guard methods.contains(method) else { throw .methodNotAllowed(methods.joined(separator: ", ")) }
        guard TAXIIMedia.isAcceptable(call.request.header("accept")) else { throw .notAcceptable }
    }
}

extension HubResponse {
    /// A success with a TAXII resource.
    static func taxii(_ body: [UInt8], status: Int = 200, _ headers: [HubHeader] = []) -> HubResponse {
        HubResponse(status: status, headers: [HubHeader("Content-Type", TAXIIMedia.taxii)] + headers, body: body)
    }
}
