// SPDX-License-Identifier: Apache-2.0

import OutflowJSON

/// One object of a collection: its versions, and their end (TAXII 2.1, sections 5.6 to 5.8).
public struct TAXIIObject: Sendable {
    /// Which versions are meant (section 3.4.1, `match[version]`).
    public enum Choice: Sendable, Hashable, CustomStringConvertible {
        /// All that there are.
        case all
        /// The oldest.
        case first
        /// The latest.
        case last
        /// The one of this time, in the words of the object's `modified`.
        case at(String)

        /// As it is asked for.
        public var description: String {
            switch self {
            case .all: "all"
            case .first: "first"
            case .last: "last"
            case .at(let time): time
            }
        }
    }

    /// The most versions that are listed.
    static let mostVersions = 100_000

    private let client: TAXIIClient
    private let address: TAXIIAddress

    /// The object of an id in the collection at an address.
    ///
    /// - Throws: ``TAXIIFailure`` when one of both is none.
    public init(_ client: TAXIIClient, collection: TAXIIAddress, id: String) throws {
        _ = try collection.root()
        guard id.utf8.count <= 250, id.contains("--"),
            id.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else {
            throw TAXIIFailure(
                "\(TAXIIClient.quoted(id)) is no id of an object, such as "
                    + "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f")
        }
        self.client = client
        address = collection.appending("objects", id)
    }

    /// Times of its versions, in the server's order.
    public func versions() async throws -> [String] {
        var found: [String] = []
        var next: String?
        repeat {
            var query = TAXIIQuery()
            // Always asked for: without it some servers send no second page.
            query.add("limit", "1000")
            if let next { query.add("next", next) }
            let (page, _) = try await client.get(address.appending("versions"), query)
            let times = page["versions"]?.strings ?? []
            found += times
            guard case .bool(true)? = page["more"] else { return found }
            let following = page["next"]?.string
            guard !times.isEmpty, let following, following != next, found.count <= Self.mostVersions else {
                throw TAXIIFailure("\(address): the server says that there are more versions, and sends none")
            }
            next = following
        } while true
    }

    /// Deletes versions. Which ones is always said: what servers take for meant by nothing differs.
    ///
    /// - Throws: ``TAXIIFailure`` when the server refuses; with status 404 when there is no such object, or none of these versions.
    public func delete(_ choice: Choice) async throws {
        var query = TAXIIQuery()
        query.add("match[version]", choice.description)
        let reply = try await client.delete(address, query)
        guard reply.status == 200 || reply.status == 204 else { throw TAXIIClient.refusal(reply, "\(address)") }
    }
}
