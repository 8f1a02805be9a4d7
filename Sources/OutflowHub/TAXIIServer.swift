// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The TAXII 2.1 server: requests in, answers out, whatever carries them.
///
/// Source: TAXII Version 2.1, OASIS Standard, 10 June 2021, sections 3 to 5.
struct TAXIIServer: Sendable {
    let store: HubStore
    /// Most objects in a page, whatever a client asks for.
    let pageSize: Int

    /// A request on its way: who sends it, and what the hub offers at this moment.
    struct Call {
        let request: HubRequest
        let catalogue: Catalogue
        let account: Account
    }

    /// Answers a request for an endpoint.
    func answer(_ call: Call, _ endpoint: TAXIIEndpoint) async throws -> HubResponse {
        let method = call.request.method == "HEAD" ? "GET" : call.request.method
        guard endpoint.methods.contains(method) else {
            throw TAXIIError.methodNotAllowed(endpoint.methods.joined(separator: ", "))
        }
        guard TAXIIMedia.isAcceptable(call.request.header("accept")) else { throw TAXIIError.notAcceptable }
        switch endpoint {
        case .discovery: return discovery(call)
        case .root(let root): return self.root(root)
        case .status(let root, let id):
            guard let text = try await store.status(id, of: root, for: call.account) else {
                throw TAXIIError.notFound("there is no such status, or it is not yours")
            }
            return .taxii(text)
        case .collections(let root): return collections(root, call.account)
        case .collection(_, let collection): return self.collection(collection, call.account)
        case .manifest(_, let collection): return try await manifest(call, collection)
        case .objects(let root, let collection):
            return method == "POST" ? try await add(call, root, collection) : try await objects(call, collection)
        case .object(_, let collection, let id):
            return method == "DELETE" ? try await delete(call, collection, id) : try await object(call, collection, id)
        case .versions(_, let collection, let id): return try await versions(call, collection, id)
        }
    }
}

extension HubResponse {
    /// A success with a TAXII resource.
    static func taxii(_ body: [UInt8], status: Int = 200, _ headers: [HubHeader] = []) -> HubResponse {
        HubResponse(status: status, headers: [HubHeader("Content-Type", TAXIIMedia.taxii)] + headers, body: body)
    }
}
