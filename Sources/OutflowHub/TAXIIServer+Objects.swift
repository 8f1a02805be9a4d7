// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension TAXIIServer {
    /// Get objects (section 5.4).
    func objects(_ call: Call, _ collection: TAXIICollection) async throws -> HubResponse {
        try mayRead(call, collection)
        let filter = try filter(call, .collection)
        return try await objects(call, collection, filter, "objects")
    }

    /// Get an object (section 5.6).
    func object(_ call: Call, _ collection: TAXIICollection, _ name: String) async throws -> HubResponse {
        try mayRead(call, collection)
        var filter = try filter(call, .object)
        filter.ids = [try await existing(name, collection)]
        return try await objects(call, collection, filter, "object")
    }

    /// The object manifest (section 5.3).
    func manifest(_ call: Call, _ collection: TAXIICollection) async throws -> HubResponse {
        try mayRead(call, collection)
        let filter = try filter(call, .collection)
        return try await page(call, collection, filter, "manifest", list: "objects") { text, row, _ in
            text.raw("{")
            text.member("id", row.id.description)
            text.member("date_added", Timestamp(microseconds: row.place.date).description)
            text.member("version", row.version)
            text.member("media_type", TAXIIMedia.stix(row.spec))
            text.raw("}")
        }
    }

    /// The versions of an object (section 5.8).
    func versions(_ call: Call, _ collection: TAXIICollection, _ name: String) async throws -> HubResponse {
        try mayRead(call, collection)
        var filter = try filter(call, .versions)
        filter.ids = [try await existing(name, collection)]
        filter.versions = .all
        return try await page(call, collection, filter, "versions", list: "versions") { text, row, _ in
            text.string(row.version)
        }
    }

    /// Add objects (section 5.5): answered once what is good is on disk.
    func add(_ call: Call, _ root: APIRoot, _ collection: TAXIICollection) async throws -> HubResponse {
        guard call.account.rights(in: collection).canWrite else {
            throw TAXIIError.forbidden("you may not write to this collection")
        }
        guard TAXIIMedia.isContent(call.request.header("content-type")) else { throw TAXIIError.unsupportedMediaType }
        if let length = call.request.header("content-length") {
            guard let length = UInt64(length) else { throw TAXIIError.badRequest("Content-Length is no number") }
            guard length <= UInt64(root.maxContentLength) else { throw TAXIIError.tooLarge(root.maxContentLength) }
        }
        guard let body = try await call.request.readBody(root.maxContentLength) else {
            throw TAXIIError.tooLarge(root.maxContentLength)
        }
        let submission = try Submission(body, collection: collection)
        let (status, added) = try await store.add(
            submission, to: collection, of: root, by: call.account, from: call.request.peer)
        var response = HubResponse.taxii(status, status: 202)
        response.objects = added
        return response
    }

    /// Delete an object (section 5.7): all its versions, unless the request chooses some.
    func delete(_ call: Call, _ collection: TAXIICollection, _ name: String) async throws -> HubResponse {
        switch call.account.rights(in: collection) {
        case .all: break
        case .none: throw TAXIIError.notFound("there is no such collection, or it is not yours")
        default: throw TAXIIError.forbidden("to delete takes the right to read and to write")
        }
        var filter = try filter(call, .deletion)
        if !call.parameters.contains(where: { $0.name == "match[version]" }) { filter.versions = .all }
        if filter.specs == nil, filter.versions == .all { filter.specs = [200, 201] }
        guard let id = withBytes(of: name, { ObjectID($0) }),
            let count = try await store.delete(
                id, from: collection, filter: filter, by: call.account, from: call.request.peer), count > 0
        else { throw TAXIIError.notFound("the collection has no such version of such an object") }
        var response = HubResponse.taxii([])
        response.objects = count
        return response
    }

    private func mayRead(_ call: Call, _ collection: TAXIICollection) throws(TAXIIError) {
        guard call.account.rights(in: collection).canRead else { throw .forbidden("you may not read this collection") }
    }

    private func filter(_ call: Call, _ allowed: ObjectFilter.Allowed) throws(TAXIIError) -> ObjectFilter {
        guard call.request.parameters != nil else { throw .badRequest("the query is not percent-encoded UTF-8") }
        return try ObjectFilter(call.parameters, allowed)
    }

    private func existing(_ name: String, _ collection: TAXIICollection) async throws -> ObjectID {
        guard let id = withBytes(of: name, { ObjectID($0) }), try await store.has(id, in: collection) else {
            throw TAXIIError.notFound("the collection has no such object")
        }
        return id
    }

    private func objects(_ call: Call, _ collection: TAXIICollection, _ filter: ObjectFilter, _ endpoint: String)
        async throws
        -> HubResponse
    {
        // The text goes out as it came in, checked then.
        try await page(call, collection, filter, endpoint, list: "objects") { $0.raw($2) }
    }

    private func page(
        _ call: Call, _ collection: TAXIICollection, _ filter: ObjectFilter, _ endpoint: String, list: StaticString,
        _ body: @escaping @Sendable (inout JSONText, StoredRow, UnsafeRawBufferPointer) -> Void
    ) async throws -> HubResponse {
        let question = "\(endpoint)|\(collection.key)|\(filter.fingerprint)"
        var cursor = Cursor.start
        if let next = filter.next {
            guard let place = Cursor(next, question, store.hash) else {
                throw TAXIIError.badRequest("next is not from this server, or belongs to a request with other filters")
            }
            cursor = place
        }
        let page = try await store.page(
            ObjectQuery(collection: collection.key, filter: filter), behind: cursor,
            count: min(filter.limit ?? pageSize, pageSize), body)
        guard let first = page.first, let last = page.last else { return .taxii(Array("{}".utf8)) }
        var text = JSONText(reserving: page.content.count + 200)
        text.raw("{")
        text.key("more")
        text.bool(page.next != nil)
        if let next = page.next { text.member("next", next.text(question, store.hash)) }
        text.key(list)
        text.raw("[")
        text.raw(page.content)
        text.raw("]}")
        var response = HubResponse.taxii(
            text.bytes,
            [
                HubHeader("X-TAXII-Date-Added-First", first.description),
                HubHeader("X-TAXII-Date-Added-Last", last.description),
            ])
        response.objects = page.count
        return response
    }
}

extension TAXIIServer.Call {
    /// The parameters of the query; none if it is damaged.
    var parameters: [(name: String, value: String)] { request.parameters ?? [] }
}
