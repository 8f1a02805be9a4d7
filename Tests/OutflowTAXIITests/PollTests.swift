// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowJSON
import OutflowRecords
import Synchronization
import Testing

@testable import OutflowTAXII

/// Polls of an invented server: each object version arrives once, whatever server and machine do.
@Suite("Poll") struct PollTests {
    @Test(arguments: [1, 2, 3, 7, 100]) func eachObjectArrivesOnceOverManyRunsAndPages(pageSize: Int) async throws {
        let server = InventedServer(pageSize: pageSize)
        let folder = try Scratch()
        var arrived: [String] = []
        for round in 0..<4 {
            server.add((0..<5).map { "\(round)-\($0)" })
            let summary = try await folder.poll(server)
            #expect(summary.isComplete && summary.objects == 5 && summary.bundles.count == 1)
        }
        #expect(try await folder.poll(server).bundles.isEmpty)
        arrived = try folder.ids()
        #expect(arrived == (0..<4).flatMap { round in (0..<5).map { InventedServer.id("\(round)-\($0)") } })
    }

    @Test func aRunThatIsCutOffGoesOnWhereItWas() async throws {
        let server = InventedServer(pageSize: 3)
        server.add((0..<20).map(String.init))
        let folder = try Scratch()
        var options = TAXIIPoll.Options()
        options.mostObjects = 6
        var runs = 0
        while runs < 10 {
            runs += 1
            if try await folder.poll(server, options).isComplete { break }
        }
        #expect(runs == 4)
        #expect(try folder.ids() == (0..<20).map { InventedServer.id(String($0)) })
    }

    /// The machine stops between the bundle and the state: the bundle is written again, and counts once.
    @Test func aCrashBeforeTheStateIsWrittenRepeatsNothing() async throws {
        let server = InventedServer(pageSize: 3)
        server.add((0..<4).map(String.init))
        let folder = try Scratch()
        _ = try await folder.poll(server)
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.state))
        server.add((4..<9).map(String.init))
        _ = try await folder.poll(server)
        try before.write(to: URL(fileURLWithPath: folder.state))
        server.add(["9"])
        _ = try await folder.poll(server)
        #expect(try folder.ids() == (0..<10).map { InventedServer.id(String($0)) })
    }

    /// The server loses its cursors (it was started anew) in the middle of objects that were all added at one moment.
    @Test func aServerThatForgetsItsCursorsRepeatsNothing() async throws {
        let server = InventedServer(pageSize: 3)
        server.add((0..<12).map(String.init), atOnce: true)
        let folder = try Scratch()
        var options = TAXIIPoll.Options()
        options.mostObjects = 6
        #expect(try await folder.poll(server, options).isComplete == false)
        server.forget()
        var repeated = 0
        for _ in 0..<4 { repeated += try await folder.poll(server, options).repeated }
        #expect(repeated == 6)
        #expect(try folder.ids() == (0..<12).map { InventedServer.id(String($0)) })
        // Without the bundles nobody can tell what had arrived, and that is said.
        server.add((12..<24).map(String.init), atOnce: true)
        _ = try await folder.poll(server, options)
        server.forget()
        for name in try folder.bundles() { try FileManager.default.removeItem(atPath: folder.inbox + "/" + name) }
        await #expect(throws: TAXIIFailure.self) { _ = try await folder.poll(server, options) }
    }

    /// The connection breaks at every request in turn, whatever kind of cursor the server has.
    @Test(arguments: [true, false], [4, 7, 100]) func brokenConnectionsLoseAndRepeatNothing(isSpent: Bool, most: Int)
        async throws
    {
        for broken in 1...8 {
            let server = InventedServer(pageSize: 3, isSpent: isSpent)
            server.add((0..<17).map(String.init), atOnce: broken % 2 == 0)
            let folder = try Scratch()
            var options = TAXIIPoll.Options()
            options.mostObjects = most
            options.bundleObjects = 5
            server.fail(after: broken)
            var failures = 0
            for _ in 0..<12 {
                do { if try await folder.poll(server, options).isComplete { break } } catch is TAXIIFailure {
                    failures += 1
                }
            }
            #expect(failures <= 1)
            let ids = try folder.ids()
            #expect(ids.count == 17 && Set(ids).count == 17, "broken at \(broken): \(ids.count), \(Set(ids).count)")
        }
    }

    @Test func aServerWithoutCursorsIsReadByDates() async throws {
        let server = InventedServer(pageSize: 4, hasCursors: false)
        server.add((0..<11).map(String.init))
        let folder = try Scratch()
        #expect(try await folder.poll(server).objects == 11)
        #expect(try folder.ids() == (0..<11).map { InventedServer.id(String($0)) })
    }

    @Test func aServerThatNeverEndsIsLeft() async throws {
        let folder = try Scratch()
        for reply in [
            #"{"more": true, "next": "x", "objects": [{"type": "a", "id": "a--1", "modified": "1"}]}"#,
            #"{"more": true, "next": "x", "objects": []}"#, #"{"more": true}"#,
        ] {
            let server = FixedServer([.init(status: 200, headers: FixedServer.dates, body: Array(reply.utf8))])
            await #expect(throws: TAXIIFailure.self) { _ = try await folder.poll(server) }
        }
        // One that invents ever new objects is cut off by the limit.
        let endless = EndlessServer()
        var options = TAXIIPoll.Options()
        options.mostObjects = 1_000
        let summary = try await folder.poll(endless, options)
        #expect(!summary.isComplete && summary.objects == 1_000)
    }

    @Test(arguments: [
        "", "[]", "{", "{\"objects\": [1]}", "{\"objects\": [{}]}", "{\"objects\": [{\"type\": \"a\", \"id\": 5}]}",
        "{\"objects\": [{\"type\": \"a\", \"id\": \"a--1\"}]}", "\u{0}",
    ])
    func whatIsNoPageIsRefused(body: String) async throws {
        let folder = try Scratch()
        let server = FixedServer([.init(status: 200, body: Array(body.utf8))])
        await #expect(throws: TAXIIFailure.self) { _ = try await folder.poll(server) }
        #expect(try folder.bundles().isEmpty)
    }

    @Test func redirectsAreNotFollowed() async throws {
        let folder = try Scratch()
        let server = FixedServer([.init(status: 302, headers: [("Location", "https://evil.example/")])])
        do {
            _ = try await folder.poll(server)
            Issue.record("followed")
        } catch let failure as TAXIIFailure {
            #expect(failure.description.contains("sends elsewhere") && failure.description.contains("evil.example"))
        }
        #expect(server.requests.count == 1)
    }

    @Test func aBusyServerIsAskedAgainLater() async throws {
        let folder = try Scratch()
        let busy = TAXIIReply(status: 429, headers: [("Retry-After", "7")])
        let empty = TAXIIReply(status: 200, body: Array("{}".utf8))
        let server = FixedServer([busy, busy, empty])
        #expect(try await folder.poll(server).isComplete)
        #expect(server.requests.count == 3 && server.waits == [7, 7])
    }

    @Test func aDamagedStateIsNotGuessedAt() async throws {
        let folder = try Scratch()
        let server = InventedServer(pageSize: 3)
        server.add(["1"])
        _ = try await folder.poll(server)
        let text = try String(contentsOfFile: folder.state, encoding: .utf8)
        for damaged in [
            "", "{}", String(text.dropLast(3)), text.replacingOccurrences(of: "\"version\":1", with: "\"version\":2"),
        ] {
            try damaged.write(toFile: folder.state, atomically: true, encoding: .utf8)
            await #expect(throws: TAXIIFailure.self) { _ = try await folder.poll(server) }
        }
        // Another question is another state.
        try text.write(toFile: folder.state, atomically: true, encoding: .utf8)
        var options = TAXIIPoll.Options()
        options.types = ["indicator"]
        await #expect(throws: TAXIIFailure.self) { _ = try await folder.poll(server, options) }
    }

    @Test func passwordsGoToTheServerThatWasNamedOnly() async throws {
        let server = FixedServer([.init(status: 200, body: Array("{}".utf8))])
        let named = try TAXIIAddress("https://hub.example.org/")
        let client = TAXIIClient(named, transport: server, credentials: .basic(name: "a", password: "é"))
        for other in ["https://evil.example/", "http://127.0.0.1/", "https://hub.example.org:8443/"] {
            let address = try TAXIIAddress(other)
            await #expect(throws: TAXIIFailure.self) { _ = try await client.collections(address) }
        }
        #expect(server.requests.isEmpty)
        _ = try await client.collections(named)
        #expect(
            server.requests.first?.headers.contains { $0.name == "Authorization" && $0.value == "Basic YTrDqQ==" }
                == true)
    }

    @Test func addresses() throws {
        for bad in [
            "", "hub.example.org", "ftp://hub.example.org/", "http://hub.example.org/", "https://", "https://:80/",
            "https://a:b@hub.example.org/", "https://hub.example.org/?x", "https://hub.example.org/#x", "https://h/ b",
            "http://127.0.0.1.evil.example/", "http://localhost.evil.example/", "https://h/\"",
        ] { #expect(throws: TAXIIFailure.self, "\(bad)") { try TAXIIAddress(bad) } }
        #expect(try TAXIIAddress("HTTPS://Hub.Example.org/a").description == "https://hub.example.org/a/")
        #expect(try TAXIIAddress("http://127.0.0.1:80").description == "http://127.0.0.1:80/")
        let collection = try TAXIIAddress("https://h/a/b/collections/c1/")
        #expect(try collection.root().description == "https://h/a/b/")
        #expect(throws: TAXIIFailure.self) { try TAXIIAddress("https://h/a/").root() }
    }
}
