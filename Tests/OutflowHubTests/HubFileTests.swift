// SPDX-License-Identifier: Apache-2.0

import OutflowHub
import Testing

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
        ("", "expected an object"), ("[]", "expected an object"), ("{\"users\": 5}", "users: expected a list"),
        ("{\"users\": [{}]}", "users[0] (byte 11): there is no name"),
        ("{\"users\": [{\"name\": \"x\"}]}", "there is no password_hash and no password"),
        ("{\"users\": [{\"name\": \"x\", \"password_hash\": \"plain\"}]}", "password_hash is not of Argon2id"),
        ("{\"users\": [{\"name\": \"a:b\", \"password\": \"x\"}]}", "the name is empty or has a colon"),
        ("{\"api_roots\": [{\"path\": \"/\"}]}", "is no path for an API root"),
        ("{\"api_roots\": [{\"path\": \"taxii2\"}]}", "keeps the path"),
        ("{\"api_roots\": [{\"title\": \"x\"}]}", "there is no path"),
        (
            "{\"api_roots\": [{\"path\": \"a\", \"max_content_length\": -1}]}",
            "api_roots[0].max_content_length (byte 51): not a whole number"
        ),
        (
            "{\"api_roots\": [{\"path\": \"a\", \"collections\": [{\"id\": \"x\", \"objects\": [{\"object\": {}}]}]}]}",
            "api_roots[0].collections[0].objects[0].object (byte 80): there is no id"
        ),
        (
            "{\"api_roots\": [{\"path\": \"a\", \"collections\": [{\"id\": \"x\", \"objects\": [{\"object\": nul}]}]}]}",
            "not JSON"
        ),
        ("{\"api_roots\": [{\"path\": \"a\"}, ]}", "expected a value"),
        ("{\"api_roots\": [], \"api_roots\": []}", "two members are called"),
        ("{\"discovery\": {\"title\": 5}}", "discovery.title (byte 24): not a string"),
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
