// SPDX-License-Identifier: Apache-2.0

/// What a path means, in a catalogue and to an account (TAXII 2.1, sections 4 and 5).
enum TAXIIEndpoint {
    case discovery
    case root(APIRoot)
    case status(APIRoot, id: String)
    case collections(APIRoot)
    case collection(APIRoot, TAXIICollection)
    case manifest(APIRoot, TAXIICollection)
    case objects(APIRoot, TAXIICollection)
    case object(APIRoot, TAXIICollection, id: String)
    case versions(APIRoot, TAXIICollection, id: String)

    /// Finds the endpoint: under the API root with the longest path that fits, if the account has a part in it.
    init(_ segments: [String], _ catalogue: Catalogue, for account: Account) throws(TAXIIError) {
        if segments == ["taxii2"] {
            self = .discovery
            return
        }
        for length in stride(from: segments.count, to: 0, by: -1) {
            guard let root = catalogue.roots[segments[..<length].joined(separator: "/")] else { continue }
            guard catalogue.roots(for: account).contains(where: { $0.key == root.key }) else { break }
            try self.init(Array(segments[length...]), root)
            return
        }
        throw .notFound("there is no such API root, or you have no part in it")
    }

    private init(_ path: [String], _ root: APIRoot) throws(TAXIIError) {
        switch path.first {
        case nil: self = .root(root)
        case "status" where path.count == 2: self = .status(root, id: path[1].lowercased())
        case "collections" where path.count == 1: self = .collections(root)
        case "collections":
            guard let collection = root.collections.first(where: { $0.isCalled(path[1]) }) else {
                throw .notFound("there is no such collection")
            }
            switch (path.count, path.count > 2 ? path[2] : "", path.last) {
            case (2, _, _): self = .collection(root, collection)
            case (3, "manifest", _): self = .manifest(root, collection)
            case (3, "objects", _): self = .objects(root, collection)
            case (4, "objects", _): self = .object(root, collection, id: path[3])
            case (5, "objects", "versions"): self = .versions(root, collection, id: path[3])
            default: throw .notFound("there is no such resource")
            }
        default: throw .notFound("there is no such resource")
        }
    }

    /// The methods that it knows.
    var methods: [String] {
        switch self {
        case .objects: ["GET", "POST"]
        case .object: ["GET", "DELETE"]
        default: ["GET"]
        }
    }

    /// What a request for it is called in the audit log and among the metrics.
    func action(_ method: String) -> String {
        switch self {
        case .discovery: "discovery.read"
        case .root: "root.read"
        case .status: "status.read"
        case .collections: "collections.read"
        case .collection: "collection.read"
        case .manifest: "manifest.read"
        case .objects: method == "POST" ? "objects.add" : "objects.read"
        case .object: method == "DELETE" ? "object.delete" : "object.read"
        case .versions: "versions.read"
        }
    }

    /// What it is about.
    var subject: String {
        switch self {
        case .discovery: ""
        case .root(let root), .collections(let root): root.path
        case .status(_, let id): id
        case .collection(_, let collection), .manifest(_, let collection), .objects(_, let collection): collection.id
        case .object(_, let collection, let id), .versions(_, let collection, let id):
            "\(collection.id) \(id.prefix(300))"
        }
    }
}
