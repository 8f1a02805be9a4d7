// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowHub
import Testing

/// Every account at every kind of endpoint of every collection.
@Suite struct RightsTests {
    /// What each account gets for: collection, manifest, objects, add, object, versions, delete.
    static let matrix: [(user: String, collection: String, statuses: [Int])] = [
        ("admin:Password0", HubFixture.shared, [200, 200, 200, 202, 200, 200, 200]),
        ("reader:Password1", HubFixture.shared, [200, 200, 200, 403, 200, 200, 403]),
        ("writer:Password2", HubFixture.shared, [200, 403, 403, 202, 403, 403, 403]),
        ("nobody:Password3", HubFixture.shared, [404, 404, 404, 404, 404, 404, 404]),
        ("stranger:Password4", HubFixture.shared, [404, 404, 404, 404, 404, 404, 404]),
        ("admin:Password0", HubFixture.inbox, [200, 403, 403, 202, 403, 403, 403]),
        ("reader:Password1", HubFixture.inbox, [200, 403, 403, 403, 403, 403, 404]),
        ("writer:Password2", HubFixture.inbox, [200, 403, 403, 202, 403, 403, 403]),
        ("admin:Password0", HubFixture.closed, [200, 403, 403, 403, 403, 403, 404]),
        ("reader:Password1", HubFixture.closed, [200, 403, 403, 403, 403, 403, 404]),
        ("admin:nonsense", HubFixture.shared, [401, 401, 401, 401, 401, 401, 401]),
    ]

    @Test(arguments: matrix) func cell(user: String, collection: String, statuses: [Int]) async throws {
        let hub = try HubFixture(
            HubFixture.file(objects: HubFixture.entry("2020-01-01T00:00:00Z", HubFixture.indicator(1))))
        let path = "/api1/collections/\(collection)/"
        let object = path + "objects/\(HubFixture.id(1))/"
        let body = Array("{\"objects\": [\(HubFixture.indicator(2))]}".utf8)
        let answers = [
            await hub.get(path, user: user), await hub.get(path + "manifest/", user: user),
            await hub.get(path + "objects/", user: user),
            await hub.call("POST", path + "objects/", user: user, body: body),
            await hub.get(object, user: user), await hub.get(object + "versions/", user: user),
            await hub.call("DELETE", object, user: user),
        ]
        #expect(answers.map(\.status) == statuses, "\(user) at \(collection)")
        // A refusal tells nothing of what is there, and changes nothing.
        for answer in answers where answer.status >= 400 {
            #expect(!String(decoding: answer.body, as: UTF8.self).contains(HubFixture.id(1)))
        }
        let expected =
            collection != HubFixture.shared ? 1 : 1 + (statuses[3] == 202 ? 1 : 0) - (statuses[6] == 200 ? 1 : 0)
        #expect(await hub.get(collectionPath + "objects/").ids.count == expected)
    }

    @Test func aChangeOfTheCatalogueCountsAtOnce() async throws {
        let hub = try HubFixture()
        #expect(await hub.get("/api1/", user: "reader:Password1").status == 200)
        var administration = try HubAdministration(path: hub.path, creates: false)
        administration.cost = .least
        let file = """
            {"users": [{"name": "reader", "password": "new", "read": [], "write": []},
                       {"name": "admin", "password": "Password0", "read": ["*"], "write": []}]}
            """
        _ = try Array(file.utf8).withUnsafeBytes { try administration.load($0) }
        try await Task.sleep(for: .milliseconds(250))
        #expect(await hub.get("/api1/", user: "reader:Password1").status == 401)
        #expect(await hub.get("/api1/", user: "reader:new").status == 404)
        #expect(await hub.post([HubFixture.indicator(1)]).status == 403)
    }

    @Test func anEmptyPasswordIsNobodys() async throws {
        // A hash from elsewhere may be of one.
        let hash = try PasswordHash.make("", cost: .least)
        let hub = try HubFixture(
            HubFixture.file().replacing("\"password\": \"Password1\"", with: "\"password_hash\": \"\(hash)\""))
        #expect(await hub.get("/api1/", user: "reader:").status == 401)
    }

    @Test func onlyTheOwnerReadsTheDatabase() throws {
        let hub = try HubFixture()
        func others(_ name: String) throws -> Int {
            let attributes = try FileManager.default.attributesOfItem(atPath: name)
            return (attributes[.posixPermissions] as? Int ?? 0) & 0o077
        }
        for end in ["", "-wal", "-shm"] { #expect(try others(hub.path + end) == 0, "\(end)") }
        // What another version made is closed too.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: hub.path)
        _ = try HubAdministration(path: hub.path, creates: false)
        #expect(try others(hub.path) == 0)
    }
}
