// SPDX-License-Identifier: Apache-2.0

extension TAXIIServer {
    /// Discovery (section 4.1): the API roots in which the client has a part, at the address that it asked.
    func discovery(_ call: Call) -> HubResponse {
        let discovery = call.catalogue.discovery
        let roots = call.catalogue.roots(for: call.account)
        func url(_ root: APIRoot) -> String {
            let path = root.path.split(separator: "/").map { PercentCoding.encode(String($0)) }.joined(separator: "/")
            return "\(call.request.scheme)://\(call.request.authority)/\(path)/"
        }
        var text = JSONText()
        text.raw("{")
        text.member("title", discovery.title)
        if let description = discovery.description { text.member("description", description) }
        if let contact = discovery.contact { text.member("contact", contact) }
        if let root = roots.first(where: { $0.path == discovery.defaultRoot }) { text.member("default", url(root)) }
        if !roots.isEmpty {
            text.key("api_roots")
            text.list(roots) { $0.string(url($1)) }
        }
        text.raw("}")
        return .taxii(text.bytes)
    }

    /// An API root (section 4.2).
    func root(_ root: APIRoot) -> HubResponse {
        var text = JSONText()
        text.raw("{")
        text.member("title", root.title)
        if let description = root.description { text.member("description", description) }
        text.key("versions")
        text.list([TAXIIMedia.taxii]) { $0.string($1) }
        text.key("max_content_length")
        text.number(root.maxContentLength)
        text.raw("}")
        return .taxii(text.bytes)
    }

    /// The collections of an API root (section 5.1): its members see all, with what each may do there.
    func collections(_ root: APIRoot, _ account: Account) -> HubResponse {
        var text = JSONText()
        text.raw("{")
        if !root.collections.isEmpty {
            text.key("collections")
            text.list(root.collections) { Self.write($1, account.rights(in: $1), into: &$0) }
        }
        text.raw("}")
        return .taxii(text.bytes)
    }

    /// A collection (section 5.2).
    func collection(_ collection: TAXIICollection, _ account: Account) -> HubResponse {
        var text = JSONText()
        Self.write(collection, account.rights(in: collection), into: &text)
        return .taxii(text.bytes)
    }

    private static func write(_ collection: TAXIICollection, _ rights: Rights, into text: inout JSONText) {
        text.raw("{")
        text.member("id", collection.id)
        text.member("title", collection.title)
        if let description = collection.description { text.member("description", description) }
        if let alias = collection.alias { text.member("alias", alias) }
        text.key("can_read")
        text.bool(rights.canRead)
        text.key("can_write")
        text.bool(rights.canWrite)
        if !collection.mediaTypes.isEmpty {
            text.key("media_types")
            text.list(collection.mediaTypes) { $0.string($1) }
        }
        text.raw("}")
    }
}
