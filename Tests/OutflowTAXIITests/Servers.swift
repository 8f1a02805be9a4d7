// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowJSON
import OutflowRecords
import Synchronization
import Testing

@testable import OutflowTAXII

/// A folder for one test, and polls into it.
final class Scratch: Sendable {
    let path = NSTemporaryDirectory() + "outflow-taxii-" + UUID().uuidString
    var inbox: String { path + "/in" }
    var state: String { path + "/state.json" }

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func poll(_ server: any TAXIITransport, _ options: TAXIIPoll.Options = .init()) async throws -> TAXIIPoll.Summary {
        let address = try TAXIIAddress("https://hub.example.org/api/collections/c/")
        let client = TAXIIClient(address, transport: server) { seconds in (server as? FixedServer)?.waited(seconds) }
        return try await TAXIIPoll(
            client, collection: address, folder: inbox, state: state, options: options,
            now: { Timestamp(microseconds: 1_700_000_000_000_000) }
        ).run()
    }

    func bundles() throws -> [String] {
        guard FileManager.default.fileExists(atPath: inbox) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: inbox).filter { $0.hasSuffix(".json") }.sorted()
    }

    /// Ids of all objects in the bundles, in order.
    func ids() throws -> [String] {
        try bundles().flatMap { name -> [String] in
            let text = Array(try Data(contentsOf: URL(fileURLWithPath: inbox + "/" + name)))
            return try JSONTree(parsing: text)["objects"]?.list.compactMap { $0["id"]?.string } ?? []
        }
    }
}

/// A server that answers from a list, the last answer for ever.
final class FixedServer: TAXIITransport {
    static let dates = [(name: "X-TAXII-Date-Added-Last", value: "2020-01-01T00:00:00Z")]
    private let state: Mutex<(replies: [TAXIIReply], requests: [TAXIIRequest], waits: [Double])>

    init(_ replies: [TAXIIReply]) { state = Mutex((replies, [], [])) }

    var requests: [TAXIIRequest] { state.withLock { $0.requests } }
    var waits: [Double] { state.withLock { $0.waits } }
    func waited(_ seconds: Double) { state.withLock { $0.waits.append(seconds) } }

    func send(_ request: TAXIIRequest, limit: Int) async throws -> TAXIIReply {
        state.withLock { state in
            state.requests.append(request)
            return state.replies.count > 1 ? state.replies.removeFirst() : state.replies[0]
        }
    }
}

/// A server that always has one more object.
final class EndlessServer: TAXIITransport {
    private let count = Mutex(0)

    func send(_ request: TAXIIRequest, limit: Int) async throws -> TAXIIReply {
        let number = count.withLock { count in
            count += 1
            return count
        }
        let body =
            #"{"more": true, "next": "\#(number)", "objects": [{"type": "a", "id": "a--\#(number)", "modified": "1"}]}"#
        return TAXIIReply(status: 200, headers: FixedServer.dates, body: Array(body.utf8))
    }
}

/// A server with objects, cursors in memory, and dates.
final class InventedServer: TAXIITransport {
    private struct State {
        var objects: [(name: String, date: Int64)] = []
        var cursors: Set<String> = []
        var clock: Int64 = 1_600_000_000_000_000
        var place: Int? = 0
    }

    private let state = Mutex(State())
    private let pageSize: Int
    private let hasCursors: Bool
    /// A cursor that keeps its name, and moves on with each use.
    private let isSpent: Bool
    private let failing = Mutex(0)

    init(pageSize: Int, hasCursors: Bool = true, isSpent: Bool = false) {
        self.pageSize = pageSize
        self.hasCursors = hasCursors
        self.isSpent = isSpent
    }

    /// Breaks the connection after so many more requests: the server has done its part, and nobody hears the answer.
    func fail(after requests: Int) { failing.withLock { $0 = requests } }

    static func id(_ name: String) -> String { "indicator--\(name)" }

    func add(_ names: [String], atOnce: Bool = false) {
        state.withLock { state in
            for name in names {
                if !atOnce || name == names[0] { state.clock += 1 }
                state.objects.append((name, state.clock))
            }
        }
    }

    func forget() { state.withLock { $0.cursors = [] } }

    func send(_ request: TAXIIRequest, limit: Int) async throws -> TAXIIReply {
        let items = URLComponents(string: request.url)?.queryItems ?? []
        func value(_ name: String) -> String? { items.first { $0.name == name }?.value }
        let after = value("added_after").map { text in
            Array(text.utf8).withUnsafeBytes { Timestamp(iso8601: Bytes($0))?.microseconds ?? 0 }
        }
        let breaks = failing.withLock { left in
            left -= 1
            return left == 0
        }
        let reply: TAXIIReply = state.withLock { state in
            let all = state.objects.filter { $0.date > after ?? 0 }
            var start = 0
            if let next = value("next") {
                guard state.cursors.contains(next), let place = isSpent ? state.place : Int(next) else {
                    return TAXIIReply(status: 400, body: Array(#"{"title": "unknown cursor"}"#.utf8))
                }
                start = place
            }
            let page = all.dropFirst(start).prefix(pageSize)
            let end = start + page.count
            guard let last = page.last else { return TAXIIReply(status: 200, body: Array("{}".utf8)) }
            var envelope: JSONTree = [
                "more": .bool(end < all.count),
                "objects": .list(
                    page.map {
                        ["type": "indicator", "id": .string(Self.id($0.name)), "modified": "2020-01-01T00:00:00Z"]
                    }),
            ]
            if end < all.count, hasCursors {
                let name = isSpent ? "the cursor" : String(end)
                state.cursors.insert(name)
                state.place = end
                envelope["next"] = .string(name)
            }
            return TAXIIReply(
                status: 200,
                headers: [("X-TAXII-Date-Added-Last", Timestamp(microseconds: last.date).description)],
                body: envelope.canonical)
        }
        if breaks { throw TAXIIFailure("the connection broke") }
        return reply
    }
}
