// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowHub

@Suite struct HubFileTests {
    func dump(_ hub: HubFixture) throws -> [UInt8] {
        var text: [UInt8] = []
        try HubAdministration(path: hub.path, creates: false).dump { text += $0 }
        return text
    }

    @Test func aDumpLoadedElsewhereIsTheSameHub() async throws {
        let hub = try HubFixture(HubFixture.file(objects: ObjectTests.versioned))
        _ = await hub.call("DELETE", collectionPath + "objects/\(HubFixture.id(3, type: "ipv4-addr"))/")
        let first = try dump(hub)
        let copy = try HubFixture(String(decoding: first, as: UTF8.self))
        #expect(try dump(copy) == first)
        for path in [
            "/api1/", "/api1/collections/", collectionPath + "objects/",
            collectionPath + "manifest/?match[version]=all",
        ] {
            #expect(await copy.get(path).body == hub.get(path).body)
        }
        #expect(await copy.get("/taxii2/").json["default"] as? String == "http://hub.example.org:6100/api1/")
        // Passwords still work, and what was deleted stays so.
        #expect(await copy.get(collectionPath + "objects/", user: "reader:Password1").status == 200)
        let again = await copy.post([HubFixture.indicator(3, modified: nil, type: "ipv4-addr")])
        #expect(again.json["failure_count"] as? Int == 1)
        #expect(!String(decoding: first, as: UTF8.self).contains("Password0"))
    }

    @Test func tokensComeAlong() async throws {
        let hub = try HubFixture()
        let token = try HubAdministration(path: hub.path, creates: false)
            .makeToken(account: "admin", label: "A program", read: [HubFixture.shared], write: [], days: 1)
        let text = try dump(hub)
        #expect(!String(decoding: text, as: UTF8.self).contains(token))
        let copy = try HubFixture(String(decoding: text, as: UTF8.self))
        #expect(try dump(copy) == text)
        func status(_ path: String) async -> Int {
            await copy.call("GET", path, user: nil, headers: [HubHeader("Authorization", "Bearer \(token)")]).status
        }
        #expect(await status(collectionPath + "objects/") == 200)
        #expect(await status("/group/two/") == 404)
        #expect(
            try HubAdministration(path: copy.path, creates: false).revokeTokens(account: "admin", label: "A program")
                == 1)
    }

    @Test func whatADumpLeavesOutIsCounted() async throws {
        let hub = try HubFixture()
        _ = try WebSample.add(WebSample.report(), to: hub)
        _ = await hub.post([HubFixture.indicator(1)])
        await hub.hub.finish()
        let left = try HubAdministration(path: hub.path, creates: false).dump { _ in }
        #expect(left.reports == 1 && left.statuses == 1 && left.auditRows > 1 && left.grants == 0)
        // A collection that went away leaves grants behind.
        try SQLiteConnection(path: hub.path, creates: false).run(
            "INSERT INTO grant_ (account, subject, can_read, can_write) SELECT account, 'gone', 1, 0 FROM account LIMIT 1"
        )
        #expect(try HubAdministration(path: hub.path, creates: false).dump { _ in }.grants == 1)
    }

    @Test(arguments: [
        String(repeating: "ab", count: 32), String(repeating: "AB", count: 32),
        Array(repeating: "AB", count: 32).joined(separator: ":"),
        "sha256 Fingerprint=" + Array(repeating: "aB", count: 32).joined(separator: ":"),
    ])
    func fingerprintsAreTakenAsOpenSSLPrintsThem(text: String) throws {
        let hub = try HubFixture(
            HubFixture.file().replacing(
                "\"name\": \"reader\",", with: "\"name\": \"reader\", \"certificate\": \"\(text)\","))
        let dump = String(decoding: try dump(hub), as: UTF8.self)
        #expect(dump.contains("\"certificate\":\"" + String(repeating: "ab", count: 32) + "\""))
    }

    @Test func certificatesCanChangeHands() throws {
        let hub = try HubFixture()
        var administration = try HubAdministration(path: hub.path, creates: false)
        administration.cost = .least
        let (one, two) = (String(repeating: "1", count: 64), String(repeating: "2", count: 64))
        for (first, second) in [(one, two), (two, one)] {
            let text = """
                {"users": [{"name": "reader", "password": "x", "certificate": "\(first)"},
                           {"name": "writer", "password": "x", "certificate": "\(second)"}]}
                """
            _ = try Array(text.utf8).withUnsafeBytes { try administration.load($0) }
        }
    }

    @Test func loadingTwiceAddsNothing() async throws {
        let file = HubFixture.file(objects: ObjectTests.versioned)
        let hub = try HubFixture(file)
        var administration = try HubAdministration(path: hub.path, creates: false)
        administration.cost = .least
        let summary = try Array(file.utf8).withUnsafeBytes { try administration.load($0) }
        #expect(summary.objects == 7 && summary.present == 7)
        #expect(summary.roots == 2 && summary.collections == 4 && summary.users == 5)
        #expect(
            await hub.get(collectionPath + "objects/?match[version]=all&match[spec_version]=2.0,2.1").objects.count == 7
        )
    }

    @Test(arguments: [
        ("", "expected an object"), ("[]", "expected an object"),
        ("{\"users\": 5}", "users (line 1, byte 10): expected a list"),
        ("{\"users\": [{}]}", "users[0] (line 1, byte 11): there is no name"),
        ("{\"users\": [{\"name\": \"x\"}]}", "there is no password_hash and no password"),
        ("{\"users\": [{\"name\": \"x\", \"password_hash\": \"plain\"}]}", "password_hash is not of Argon2id"),
        ("{\"users\": [{\"name\": \"a:b\", \"password\": \"x\"}]}", "the name is empty or has a colon"),
        ("{\"api_roots\": [{\"path\": \"/\"}]}", "is no path for an API root"),
        ("{\"api_roots\": [{\"path\": \"taxii2\"}]}", "keeps the path"),
        ("{\"api_roots\": [{\"title\": \"x\"}]}", "there is no path"),
        (
            "{\"api_roots\": [{\"path\": \"a\", \"max_content_length\": -1}]}",
            "api_roots[0].max_content_length (line 1, byte 51): not a whole number"
        ),
        (
            "{\"api_roots\": [{\"path\": \"a\", \"collections\": [{\"id\": \"x\", \"objects\": [{\"object\": {}}]}]}]}",
            "api_roots[0].collections[0].objects[0].object (line 1, byte 80): there is no id"
        ),
        (
            "{\"api_roots\": [{\"path\": \"a\", \"collections\": [{\"id\": \"x\", \"objects\": [{\"object\": nul}]}]}]}",
            "not JSON"
        ),
        ("{\"api_roots\": [{\"path\": \"a\"}, ]}", "expected a value"),
        ("{\"api_roots\": [], \"api_roots\": []}", "two members are called"),
        (
            """
            {"users": [
             {"name": "x", "password": "x", "certificate": "\(String(repeating: "ab", count: 32))"},
             {"name": "y", "password": "y", "certificate": "\(String(repeating: "AB", count: 32))"}]}
            """, "users[1].certificate (line 3, byte 175): user 'x' has this certificate"
        ),
        (
            "{\"users\": [{\"name\": \"x\", \"password\": \"x\", \"certificate\": \"ab:cd\"}]}",
            "users[0].certificate (line 1, byte 57): not the SHA-256 of a certificate"
        ),
        (
            "{\"users\": [{\"name\": \"x\", \"password\": \"\"}]}",
            "users[0].password (line 1, byte 37): the password is empty"
        ),
        (
            "{\"users\": [{\"name\": \"x\", \"password\": \"x\", \"write\": [\"*\", \"nowhere\"]}]}",
            "users[0].write[1] (line 1, byte 57): there is no collection 'nowhere'"
        ),
        (
            "{\"users\": [{\"name\": \"x\", \"password\": \"x\", \"tokens\": [{\"token_hash\": \"x\", \"expires\": \"\"}]}]}",
            "not a token"
        ),
        ("{\"discovery\": {\"title\": 5}}", "discovery.title (line 1, byte 24): not a string"),
    ])
    func aDamagedFileIsRefusedWholeAndSaysWhere(text: String, words: String) async throws {
        let hub = try HubFixture()
        let before = try dump(hub)
        var administration = try HubAdministration(path: hub.path, creates: false)
        administration.cost = .least
        let failure = #expect(throws: HubFailure.self) {
            _ = try Array(text.utf8).withUnsafeBytes { try administration.load($0) }
        }
        #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
        #expect(try dump(hub) == before)
    }
}
