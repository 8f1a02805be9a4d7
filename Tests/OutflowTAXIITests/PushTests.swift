// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowJSON
import Synchronization
import Testing

@testable import OutflowTAXII

/// Pushes to an invented server that is choosy.
@Suite("Push") struct PushTests {
    /// Takes what it likes, in bodies of a certain length, after some time.
    final class ChoosyServer: TAXIITransport {
        struct State {
            var taken: [String] = []
            var bodies: [Int] = []
            var pending: [String: (polls: Int, status: JSONTree)] = [:]
        }

        let state = Mutex(State())
        let claimed: Int
        let real: Int
        let polls: Int
        let canWrite: Bool

        init(claimed: Int, real: Int? = nil, polls: Int = 0, canWrite: Bool = true) {
            self.claimed = claimed
            self.real = real ?? claimed
            self.polls = polls
            self.canWrite = canWrite
        }

        func send(_ request: TAXIIRequest, limit: Int) async throws -> TAXIIReply {
            let path = URLComponents(string: request.url)?.path ?? ""
            if path == "/api/" {
                return answer([
                    "title": "r", "versions": [.string(TAXIIClient.media)],
                    "max_content_length": .integer(Int64(claimed)),
                ])
            }
            if path == "/api/collections/c/" {
                return answer(["id": "c", "title": "c", "can_read": true, "can_write": .bool(canWrite)])
            }
            if path.hasPrefix("/api/status/") {
                let id = String(path.split(separator: "/").last ?? "")
                return state.withLock { state in
                    guard let entry = state.pending[id] else { return TAXIIReply(status: 404) }
                    if entry.polls > 1 {
                        state.pending[id]?.polls -= 1
                        return answer(["id": .string(id), "status": "pending"])
                    }
                    return answer(entry.status)
                }
            }
            let body = request.body ?? []
            guard body.count <= real else { return TAXIIReply(status: 413) }
            let objects = try JSONTree(parsing: body)["objects"]?.list ?? []
            return state.withLock { state in
                state.bodies.append(body.count)
                let (bad, good) = (objects.filter { $0["bad"] != nil }, objects.filter { $0["bad"] == nil })
                state.taken += good.compactMap { $0["id"]?.string }
                var status: JSONTree = [
                    "id": .string("s\(state.bodies.count)"), "status": "complete",
                    "success_count": .integer(Int64(good.count)), "failure_count": .integer(Int64(bad.count)),
                    "failures": .list(
                        bad.map { ["id": $0["id"] ?? "", "version": "v", "message": "I do not like it"] }),
                ]
                guard polls > 0 else { return answer(status, 202) }
                status["id"] = .string("s\(state.bodies.count)")
                state.pending["s\(state.bodies.count)"] = (polls, status)
                return answer(["id": .string("s\(state.bodies.count)"), "status": "pending"], 202)
            }
        }

        private func answer(_ tree: JSONTree, _ status: Int = 200) -> TAXIIReply {
            TAXIIReply(status: status, body: tree.canonical)
        }
    }

    private func object(_ number: Int, isBad: Bool = false, pad: Int = 10) -> JSONTree {
        var object: JSONTree = [
            "type": "note", "id": .string("note--\(number)"), "pad": .string(String(repeating: "x", count: pad)),
        ]
        if isBad { object["bad"] = true }
        return object
    }

    private func push(_ objects: [JSONTree], _ server: any TAXIITransport) async throws -> TAXIIPush.Summary {
        let address = try TAXIIAddress("https://hub.example.org/api/collections/c/")
        return try await TAXIIPush(TAXIIClient(address, transport: server) { _ in }, collection: address).send(objects)
    }

    @Test(arguments: [80, 100, 150, 1_000, 100_000]) func piecesAreAsLongAsTheServerTakes(length: Int) async throws {
        let server = ChoosyServer(claimed: length, polls: 2)
        let objects = (0..<50).map { object($0, isBad: $0 % 7 == 3) }
        let summary = try await push(objects, server)
        let bad = (0..<50).filter { $0 % 7 == 3 }
        #expect(summary.accepted == 50 - bad.count && summary.pending == 0)
        #expect(summary.refused.map(\.id) == bad.map { "note--\($0)" })
        #expect(summary.refused.allSatisfy { $0.reason == "\"I do not like it\"" && $0.version == "v" })
        server.state.withLock { state in
            #expect(state.taken == (0..<50).filter { $0 % 7 != 3 }.map { "note--\($0)" })
            #expect(state.bodies.allSatisfy { $0 <= length })
        }
    }

    @Test func whatIsTooLongIsNamedAlone() async throws {
        let server = ChoosyServer(claimed: 200)
        let summary = try await push([object(1), object(2, pad: 500), object(3)], server)
        #expect(summary.accepted == 2 && summary.refused.map(\.id) == ["note--2"])
    }

    @Test func aServerThatTakesLessThanItSays() async throws {
        let server = ChoosyServer(claimed: 100_000, real: 120)
        let summary = try await push((0..<20).map { object($0) } + [object(20, pad: 200)], server)
        #expect(summary.accepted == 20 && summary.refused.map(\.id) == ["note--20"])
        #expect(server.state.withLock { $0.taken.sorted() } == (0..<20).map { "note--\($0)" }.sorted())
    }

    @Test func nothingIsSentToWhereWeMayNotWrite() async throws {
        let server = ChoosyServer(claimed: 1_000, canWrite: false)
        await #expect(throws: TAXIIFailure.self) { _ = try await push([object(1)], server) }
        #expect(server.state.withLock { $0.bodies.isEmpty })
    }

    @Test func whatStaysPendingIsCounted() async throws {
        let server = ChoosyServer(claimed: 1_000, polls: 1_000_000)
        let summary = try await push([object(1)], server)
        #expect(summary.accepted == 0 && summary.pending == 1 && summary.refused.isEmpty)
    }
}
