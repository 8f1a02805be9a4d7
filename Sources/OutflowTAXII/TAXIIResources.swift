// SPDX-License-Identifier: Apache-2.0

import OutflowJSON

/// What a server says of itself (TAXII 2.1, section 4.1.1).
public struct TAXIIDiscovery: Sendable {
    /// Its title.
    public var title: String
    /// More about it.
    public var description: String?
    /// Whom to ask.
    public var contact: String?
    /// Addresses of its API roots, as it wrote them; they may be at other servers.
    public var roots: [String]
}

/// An API root (section 4.2.1).
public struct TAXIIRoot: Sendable {
    /// Its title.
    public var title: String
    /// More about it.
    public var description: String?
    /// The longest body that it takes, in bytes.
    public var maxContentLength: Int
}

/// A collection (section 5.2.1).
public struct TAXIICollectionInfo: Sendable {
    /// Where it is.
    public var address: TAXIIAddress
    /// Its id.
    public var id: String
    /// Its title.
    public var title: String
    /// More about it.
    public var description: String?
    /// Whether we may read its objects.
    public var canRead: Bool
    /// Whether we may add objects.
    public var canWrite: Bool
    /// Media types of the objects that it takes; empty when it does not say.
    public var mediaTypes: [String]
}

extension TAXIIClient {
    /// Asks a server what it has.
    public func discovery(_ address: TAXIIAddress) async throws -> TAXIIDiscovery {
        let (resource, _) = try await get(address)
        guard let title = resource["title"]?.string else {
            throw TAXIIFailure("\(address) is no discovery resource: it has no title")
        }
        return TAXIIDiscovery(
            title: title, description: resource["description"]?.string, contact: resource["contact"]?.string,
            roots: resource["api_roots"]?.strings ?? [])
    }

    /// Asks about an API root.
    public func root(_ address: TAXIIAddress) async throws -> TAXIIRoot {
        let (resource, _) = try await get(address)
        guard let title = resource["title"]?.string, let length = resource["max_content_length"]?.integer, length > 0
        else { throw TAXIIFailure("\(address) is no API root: title or max_content_length is missing") }
        let versions = resource["versions"]?.strings ?? []
        guard versions.contains(where: { $0.replacing(" ", with: "") == Self.media }) else {
            throw TAXIIFailure("\(address) does not speak TAXII 2.1, but \(versions.prefix(5).map(Self.quoted))")
        }
        return TAXIIRoot(
            title: title, description: resource["description"]?.string, maxContentLength: Int(clamping: length))
    }

    /// The collections of an API root.
    public func collections(_ root: TAXIIAddress) async throws -> [TAXIICollectionInfo] {
        let (resource, _) = try await get(root.appending("collections"))
        return try (resource["collections"]?.list ?? []).map { entry in
            try Self.collection(entry, at: root.appending("collections", entry["id"]?.string ?? ""))
        }
    }

    /// Asks about one collection.
    public func collection(_ address: TAXIIAddress) async throws -> TAXIICollectionInfo {
        try Self.collection(try await get(address).0, at: address)
    }

    private static func collection(_ entry: JSONTree, at address: TAXIIAddress) throws -> TAXIICollectionInfo {
        guard let id = entry["id"]?.string, !id.isEmpty, let title = entry["title"]?.string,
            case .bool(let canRead)? = entry["can_read"], case .bool(let canWrite)? = entry["can_write"]
        else { throw TAXIIFailure("\(address): no collection: id, title, can_read or can_write is missing") }
        return TAXIICollectionInfo(
            address: address, id: id, title: title, description: entry["description"]?.string, canRead: canRead,
            canWrite: canWrite, mediaTypes: entry["media_types"]?.strings ?? [])
    }

    /// A page of objects, and where it stands in the collection (sections 3.7.1 and 5.4).
    struct Page {
        var objects: [JSONTree]
        /// Whether the server has more.
        var hasMore: Bool
        /// What to ask for them with.
        var next: String?
        /// When the last object of the page was added, in the server's words.
        var lastAdded: String?
        /// Length of the answer in bytes.
        var bytes: Int
    }

    /// Reads one page.
    func page(_ collection: TAXIIAddress, _ query: TAXIIQuery) async throws -> Page {
        let (envelope, reply) = try await get(collection.appending("objects"), query)
        var hasMore = false
        if case .bool(let more)? = envelope["more"] { hasMore = more }
        let objects = envelope["objects"]?.list ?? []
        for object in objects where object["id"]?.string == nil || object["type"]?.string == nil {
            throw TAXIIFailure("\(collection): a page holds what is no STIX object: it has no id or type")
        }
        return Page(
            objects: objects, hasMore: hasMore, next: envelope["next"]?.string,
            lastAdded: reply.header("x-taxii-date-added-last"), bytes: reply.body.count)
    }
}
