// SPDX-License-Identifier: Apache-2.0

import OutflowJSON

/// Adds objects to a collection: in pieces that the server takes, to the end of their processing.
///
/// Sending the same objects again is harmless: a server keeps one of each version (TAXII 2.1, section 5.5).
public struct TAXIIPush: Sendable {
    /// An object that the server did not take.
    public struct Refusal: Sendable, Equatable {
        /// Its id.
        public var id: String
        /// Its version; empty if nobody said.
        public var version: String
        /// Why, in the server's words or ours.
        public var reason: String
    }

    /// What became of all.
    public struct Summary: Sendable {
        /// Objects that the server took, or had.
        public var accepted = 0
        /// Objects that it refused, one by one.
        public var refused: [Refusal] = []
        /// Objects of which it did not say in time what became of them.
        public var pending = 0
        /// Requests that were made.
        public var requests = 0
    }

    /// The most objects in one request.
    private static let mostObjects = 10_000
    /// `{"objects":[` and `]}`.
    private static let envelopeBytes = 14

    private let client: TAXIIClient
    private let collection: TAXIIAddress

    /// Adds to the collection at this address.
    public init(_ client: TAXIIClient, collection: TAXIIAddress) {
        self.client = client
        self.collection = collection
    }

    /// Sends objects.
    ///
    /// - Throws: ``TAXIIFailure`` when the server cannot be spoken with, or takes nothing at all; what it took until then
    ///   stays there.
    public func send(_ objects: [JSONTree]) async throws -> Summary {
        let root = try await client.root(try collection.root())
        let about = try await client.collection(collection)
        guard about.canWrite else {
            throw TAXIIFailure("\(collection): the account may not add objects to this collection")
        }
        var summary = Summary()
        var chunk: [(object: JSONTree, text: [UInt8])] = []
        var bytes = Self.envelopeBytes
        for object in objects {
            let text = object.canonical
            guard text.count + Self.envelopeBytes <= root.maxContentLength else {
                summary.refused.append(
                    Self.refusal(
                        object, "it is \(text.count) bytes long, and the server takes \(root.maxContentLength)"))
                continue
            }
            if bytes + text.count + 1 > root.maxContentLength || chunk.count == Self.mostObjects {
                try await send(chunk, &summary)
                chunk = []
                bytes = Self.envelopeBytes
            }
            chunk.append((object, text))
            bytes += text.count + 1
        }
        try await send(chunk, &summary)
        return summary
    }

    private func send(_ chunk: [(object: JSONTree, text: [UInt8])], _ summary: inout Summary) async throws {
        guard !chunk.isEmpty else { return }
        var body = Array("{\"objects\":[".utf8)
        for (index, piece) in chunk.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: piece.text)
        }
        body.append(contentsOf: "]}".utf8)
        summary.requests += 1
        let place = "\(collection)objects/"
        let reply = try await client.post(collection.appending("objects"), body)
        switch reply.status {
        case 202:
            let status = try await finished(try TAXIIClient.object(reply, place))
            note(status, of: chunk.map(\.object), &summary)
        case 413 where chunk.count > 1:
            // It takes less than it says.
            try await send(Array(chunk[..<(chunk.count / 2)]), &summary)
            try await send(Array(chunk[(chunk.count / 2)...]), &summary)
        case 413, 422:
            let reason = TAXIIClient.refusal(reply, place).description
            summary.refused += chunk.map { Self.refusal($0.object, reason) }
        default: throw TAXIIClient.refusal(reply, place)
        }
    }

    /// The status when nothing is pending any more, or the last one that came in time (section 4.3).
    private func finished(_ first: JSONTree) async throws -> JSONTree {
        var status = first
        var waited = 0.0
        var pause = 0.25
        while status["status"]?.string == "pending", waited < client.limits.statusSeconds {
            guard let id = status["id"]?.string, !id.isEmpty else {
                throw TAXIIFailure("\(collection): the server says that objects are pending, but not where to ask")
            }
            try await client.sleep(pause)
            waited += pause
            pause = min(pause * 2, 15)
            status = try await client.get(try collection.root().appending("status", id)).0
        }
        return status
    }

    private func note(_ status: JSONTree, of objects: [JSONTree], _ summary: inout Summary) {
        let failures = status["failures"]?.list ?? []
        let named = failures.prefix(objects.count).map { entry in
            Refusal(
                id: entry["id"]?.string ?? "", version: entry["version"]?.string ?? "",
                reason: entry["message"]?.string.map(TAXIIClient.quoted) ?? "the server does not say why")
        }
        func count(_ key: String) -> Int { Int(clamping: max(0, status[key]?.integer ?? 0)) }
        // Failures may be counted without being listed.
        let unnamed = min(max(count("failure_count"), named.count), objects.count) - named.count
        summary.refused += named
        summary.refused += (0..<unnamed).map { _ in
            Refusal(id: "", version: "", reason: "the server counts a failure, but does not say of what")
        }
        let rest = objects.count - named.count - unnamed
        let taken = status["status"]?.string == "complete" ? rest : min(count("success_count"), rest)
        summary.accepted += taken
        summary.pending += rest - taken
    }

    private static func refusal(_ object: JSONTree, _ reason: String) -> Refusal {
        Refusal(
            id: object["id"]?.string ?? "", version: (object["modified"] ?? object["created"])?.string ?? "",
            reason: reason)
    }
}
