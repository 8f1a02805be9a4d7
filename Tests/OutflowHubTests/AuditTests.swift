// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowHub

@Suite struct AuditTests {
    func entries(_ hub: HubFixture) async throws -> [AuditEntry] {
        await hub.hub.finish()
        var entries: [AuditEntry] = []
        _ = try HubAdministration(path: hub.path, creates: false).audit { entries.append($1) }
        return entries
    }

    @Test func readsAndWritesAreNoted() async throws {
        let hub = try HubFixture()
        _ = await hub.post([HubFixture.indicator(1), HubFixture.indicator(2), "{}"])
        _ = await hub.get(collectionPath + "objects/", user: "reader:Password1")
        _ = await hub.get(collectionPath + "objects/", user: "writer:Password2")
        _ = await hub.get("/api1/", user: "reader:wrong")
        _ = await hub.get("/api1/", user: nil)
        _ = await hub.call("DELETE", collectionPath + "objects/\(HubFixture.id(1))/")
        _ = await hub.call("DELETE", collectionPath + "objects/\(HubFixture.id(1))/")
        _ = await hub.get("/nothing\u{1B}/")
        let entries = try await entries(hub)
        func line(_ entry: AuditEntry) -> String {
            "\(entry.actor) \(entry.action) \(entry.subject) \(entry.status) \(entry.count)"
        }
        let object = "\(HubFixture.shared) \(HubFixture.id(1))"
        let expected: Set<String> = [
            "admin objects.add \(HubFixture.shared) 202 2", "reader objects.read \(HubFixture.shared) 200 2",
            "writer objects.read \(HubFixture.shared) 403 0", "reader sign-in  401 0", " sign-in  401 0",
            "admin object.delete \(object) 200 1", "admin object.delete \(object) 404 0",
        ]
        #expect(Set(entries.map(line)).isSuperset(of: expected), "\(entries.map(line))")
        // The load, and one row for each request: no more.
        #expect(entries.count == 9 && entries[0].action == "hub.load")
    }

    @Test func aLineHoldsNothingThatMovesACursor() {
        let entry = AuditEntry(
            at: .init(microseconds: 0), actor: "a\n\u{1B}[2J\u{202E}é\u{1F600}\"", peer: "::1", action: "x",
            subject: "", status: 1,
            count: 2)
        #expect(
            entry.line(7)
                == #"{"entry":7,"at":"1970-01-01T00:00:00.000000Z","actor":"a\n\u001b[2J\u202e\u00e9\ud83d\ude00\"","peer":"::1","action":"x","subject":"","status":1,"count":2}"#
        )
    }

    @Test func changesShow() async throws {
        let hub = try HubFixture()
        for number in 0..<20 { _ = await hub.post([HubFixture.indicator(number)]) }
        #expect(try await entries(hub).count == 21)
        let database = try SQLiteConnection(path: hub.path, creates: false)
        #expect(throws: SQLiteFailure.self) { try database.run("UPDATE audit SET actor = 'x' WHERE entry = 5") }
        #expect(throws: SQLiteFailure.self) { try database.run("DELETE FROM audit WHERE entry = 21") }
        try database.run("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_removed")
        let before = try HubAdministration(path: hub.path, creates: false).audit()
        for change in [
            "UPDATE audit SET actor = 'x' WHERE entry = 5", "UPDATE audit SET count = 9 WHERE entry = 21",
            "DELETE FROM audit WHERE entry = 7", "UPDATE audit SET subject = actor, actor = subject WHERE entry = 3",
            "UPDATE audit SET hash = zeroblob(32) WHERE entry = 21",
        ] {
            try database.run("BEGIN; \(change)")
            #expect(throws: HubFailure.self) { _ = try AuditLog.verify(database) { _, _ in } }
            try database.run("ROLLBACK")
        }
        // Cutting the end off shows only to who kept the last hash.
        try database.run("DELETE FROM audit WHERE entry = 21")
        let after = try HubAdministration(path: hub.path, creates: false).audit()
        #expect(before.count == 21 && after.count == 20 && before.last != after.last)
    }

    @Test func whoGuessesIsTurnedAway() async throws {
        let hub = try HubFixture(failures: 5)
        #expect(await hub.get("/api1/").status == 200)
        for _ in 0..<5 { #expect(await hub.get("/api1/", user: "reader:guess").status == 401) }
        #expect(await hub.get("/api1/", user: "reader:guess").status == 429)
        #expect(await hub.get("/api1/", user: "reader:Password1").status == 429)
        // Who was signed in goes on.
        #expect(await hub.get("/api1/").status == 200)
    }

    @Test func aCustomersAddressesAreOne() async throws {
        let hub = try HubFixture(failures: 5)
        for number in 0..<5 {
            #expect(await hub.get("/api1/", user: "reader:guess", from: "2001:db8:0:7::\(number)").status == 401)
        }
        #expect(await hub.get("/api1/", user: "reader:guess", from: "2001:db8:0:7:ffff::1").status == 429)
        #expect(await hub.get("/api1/", user: "reader:guess", from: "2001:db8:0:8::1").status == 401)
        #expect(await hub.get("/api1/", user: "reader:guess", from: "192.0.2.1").status == 401)
    }

    @Test func bucketsFillAgain() {
        let time = Time()
        let limit = RateLimit(rate: 2, burst: 4) { time.nanoseconds }
        #expect((0..<6).map { _ in limit.allows("a") } == [true, true, true, true, false, false])
        #expect(limit.allows("b"))
        time.nanoseconds += 1_000_000_000
        #expect((0..<3).map { _ in limit.allows("a") } == [true, true, false])
        time.nanoseconds += 3_600_000_000_000
        #expect((0..<5).map { _ in limit.allows("a") } == [true, true, true, true, false])
    }

    private final class Time: @unchecked Sendable { var nanoseconds: UInt64 = 1_000_000_000 }

    @Test func metricsAndHealth() async throws {
        let file = HubFixture.file().replacing("\"write\": [\"*\"]}", with: "\"write\": [\"*\"], \"admin\": true}")
        let hub = try HubFixture(file)
        #expect(await hub.call("GET", "/health", user: nil, accept: nil).body == Array("ok\n".utf8))
        _ = await hub.post([HubFixture.indicator(1)])
        _ = await hub.get(collectionPath + "objects/")
        #expect(await hub.get("/metrics", user: "reader:Password1").status == 403)
        let text = String(decoding: await hub.get("/metrics").body, as: UTF8.self)
        for line in [
            "outflow_hub_requests_total{action=\"objects.add\",status=\"202\"} 1", "outflow_hub_objects_read_total 1",
            "outflow_hub_objects_added_total 1", "outflow_hub_request_seconds_bucket{le=\"+Inf\"} 3",
        ] { #expect(text.contains(line + "\n"), "\(text)") }
    }
}
