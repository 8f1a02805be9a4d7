// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import Testing

@testable import OutflowTAXII

/// Single objects of a collection: their versions, and their end.
@Suite("Objects") struct ObjectTests {
    static let id = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"

    private func object(_ server: any TAXIITransport, id: String = id) throws -> TAXIIObject {
        let address = try TAXIIAddress("https://hub.example.org/api/collections/c/")
        return try TAXIIObject(TAXIIClient(address, transport: server) { _ in }, collection: address, id: id)
    }

    private func page(_ versions: [String], next: String? = nil) -> TAXIIReply {
        var tree: JSONTree = ["versions": .list(versions.map { .string($0) }), "more": .bool(next != nil)]
        if let next { tree["next"] = .string(next) }
        return TAXIIReply(status: 200, body: tree.canonical)
    }

    @Test func versionsOfAllPagesAreListed() async throws {
        let server = FixedServer([page(["a", "b"], next: "x"), page(["c"])])
        #expect(try await object(server).versions() == ["a", "b", "c"])
        let path = "https://hub.example.org/api/collections/c/objects/\(Self.id)/versions/"
        #expect(server.requests.map(\.url) == ["\(path)?limit=1000", "\(path)?limit=1000&next=x"])
        #expect(server.requests.allSatisfy { $0.method == "GET" })
    }

    @Test func aServerThatNeverEndsIsLeft() async throws {
        for server in [FixedServer([page(["a"], next: "x")]), FixedServer([page([], next: "x")])] {
            await #expect(throws: TAXIIFailure.self) { try await object(server).versions() }
        }
    }

    @Test(arguments: [
        (TAXIIObject.Choice.all, "all"), (.last, "last"),
        (.at("2026-01-31T00:00:00.000Z"), "2026-01-31T00%3A00%3A00.000Z"),
    ]) func whichVersionIsDeletedIsSaid(choice: TAXIIObject.Choice, text: String) async throws {
        let server = FixedServer([TAXIIReply(status: 200)])
        try await object(server).delete(choice)
        #expect(server.requests.count == 1)
        #expect(server.requests.first?.method == "DELETE")
        #expect(
            server.requests.first?.url
                == "https://hub.example.org/api/collections/c/objects/\(Self.id)/?match%5Bversion%5D=\(text)")
    }

    @Test(arguments: [403, 404, 500]) func refusalsAreTold(status: Int) async throws {
        let server = FixedServer([TAXIIReply(status: status)])
        let failure = await #expect(throws: TAXIIFailure.self) { try await object(server).delete(.all) }
        #expect(failure?.status == status)
    }

    @Test(arguments: ["", "x", "../../users", "indicator--a/b", "indicator--A", "indicator-1", "indicator--a?b=c"])
    func whatIsNoIDIsNotAskedFor(id: String) throws {
        #expect(throws: TAXIIFailure.self) { try object(FixedServer([page([])]), id: id) }
    }
}
