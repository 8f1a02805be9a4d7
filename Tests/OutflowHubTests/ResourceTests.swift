// SPDX-License-Identifier: Apache-2.0

import OutflowHub
import Testing

@Suite struct ResourceTests {
    @Test func discoveryNamesRootsAtTheAddressAsked() async throws {
        let hub = try HubFixture()
        let answer = await hub.get("/taxii2/")
        #expect(answer.status == 200)
        #expect(answer.header("content-type") == HubFixture.media)
        #expect(answer.json["title"] as? String == "Test hub")
        #expect(answer.json["contact"] as? String == "hub@example.org")
        #expect(answer.json["default"] as? String == "http://hub.example.org:6100/api1/")
        #expect(
            answer.json["api_roots"] as? [String]
                == ["http://hub.example.org:6100/api1/", "http://hub.example.org:6100/group/two/"])
        // Who has no part in a root does not hear of it.
        let stranger = await hub.get("/taxii2", user: "stranger:Password4")
        #expect(stranger.json["api_roots"] as? [String] == ["http://hub.example.org:6100/group/two/"])
        #expect(stranger.json["default"] == nil)
        #expect(await hub.get("/api1/", user: "stranger:Password4").status == 404)
    }

    @Test func rootAndCollections() async throws {
        let hub = try HubFixture()
        let root = await hub.get("/api1/")
        #expect(root.json["title"] as? String == "One")
        #expect(root.json["description"] as? String == "First é")
        #expect(root.json["versions"] as? [String] == [HubFixture.media])
        #expect(root.json["max_content_length"] as? Int == 1_000_000)
        let list = await hub.get("/api1/collections/")
        let collections = list.json["collections"] as? [[String: Any]] ?? []
        #expect(collections.map { $0["id"] as? String } == [HubFixture.shared, HubFixture.inbox, HubFixture.closed])
        #expect(collections.map { $0["can_read"] as? Bool } == [true, false, false])
        #expect(collections.map { $0["can_write"] as? Bool } == [true, true, false])
        let one = await hub.get("/api1/collections/\(HubFixture.shared.uppercased())/", user: "reader:Password1")
        #expect(one.json["id"] as? String == HubFixture.shared)
        #expect(one.json["can_write"] as? Bool == false)
        #expect(one.json["alias"] as? String == "shared")
        #expect(await hub.get("/api1/collections/shared/").json["id"] as? String == HubFixture.shared)
        #expect(await hub.get("/group/two/collections/").status == 200)
    }

    @Test(arguments: [
        "/", "/nothing/", "/api2/", "/api1/nothing/", "/api1/collections/\(HubFixture.other)/", "/api1/collections/x/",
        "/api1/status/x/", "/api1/status/00000000-0000-4000-8000-000000000000/", "/taxii2/api1/",
        collectionPath + "nothing/", collectionPath + "objects/x/", collectionPath + "objects/\(HubFixture.id(1))/",
        collectionPath + "objects/\(HubFixture.id(1))/versions/", collectionPath + "objects/a/b/c/d/",
        "/api1//collections/",
        "/api1/%zz/", "/api1/%ff/", "/api1/%00/", "/api1/../api1/x", "",
    ])
    func whatIsNotThereIsA404(path: String) async throws {
        let hub = try HubFixture()
        let answer = await hub.get(path.isEmpty ? "*" : path)
        #expect(answer.status == 404)
        #expect(answer.header("content-type") == HubFixture.media)
        #expect(answer.json["http_status"] as? String == "404")
        #expect(answer.json["title"] is String)
    }

    @Test func methodsThatAResourceDoesNotKnow() async throws {
        let hub = try HubFixture()
        for (method, path, allowed) in [
            ("POST", "/taxii2/", "GET"), ("DELETE", "/api1/", "GET"), ("PUT", collectionPath + "objects/", "GET, POST"),
            ("POST", collectionPath + "objects/\(HubFixture.id(1))/", "GET, DELETE"),
            ("POST", collectionPath + "manifest/", "GET"),
        ] {
            let answer = await hub.call(method, path)
            #expect(answer.status == 405)
            #expect(answer.header("allow") == allowed)
        }
        let head = await hub.call("HEAD", "/api1/")
        #expect(head.status == 200 && head.body.isEmpty)
    }

    @Test func whoDoesNotSignInGetsNothing() async throws {
        let hub = try HubFixture()
        for user in [nil, "admin:wrong", "admin:", "unknown:Password0", "Admin:Password0", "admin:Password0x", ":"] {
            for path in ["/taxii2/", "/api1/", collectionPath + "objects/", "/nothing/"] {
                let answer = await hub.get(path, user: user)
                #expect(answer.status == 401)
                #expect(answer.header("www-authenticate")?.hasPrefix("Basic realm=") == true)
            }
        }
        for text in ["Basic", "Basic !!!!", "Bearer abc", "Basic YWRtaW4=", "basic  YWRtaW46UGFzc3dvcmQw"] {
            let answer = await hub.call("GET", "/api1/", user: nil, headers: [HubHeader("Authorization", text)])
            #expect(answer.status == (text.hasPrefix("basic ") ? 200 : 401), "\(text)")
        }
    }

    @Test(arguments: [
        (HubFixture.media, 200), ("application/taxii+json", 200), ("application/taxii+json; version=2.1", 200),
        ("Application/TAXII+JSON;Version=\"2.1\"", 200), ("*/*", 200), ("application/*", 200),
        ("text/html, application/taxii+json;version=2.1;q=0.5", 200), ("text/html;q=0.9,*/*;q=0.1", 200),
        ("application/taxii+json;version=2.0, application/taxii+json;version=2.1", 200),
        ("application/taxii+json;version=2.0", 406), ("application/taxii+json;version=2.1;q=0", 406),
        ("*/*, application/taxii+json;version=2.1;q=0.0", 406), ("*/*;q=0", 406), ("text/html", 406), ("", 406),
        ("application/json", 406), ("application/stix+json;version=2.1", 406), ("application/taxii+json;foo=bar", 406),
        ("application/taxii+json;version=2.1;q=abc", 406), (",;=,;q=\"", 406),
        ("application/taxii+json;version=2.1;q=0, */*;q=1", 406),
        ("application/taxii+json;q=0,application/taxii+json;version=2.1", 200),
    ])
    func negotiation(accept: String, status: Int) async throws {
        let hub = try HubFixture()
        #expect(await hub.call("GET", "/api1/", accept: accept).status == status)
    }

    @Test func acceptIsDemanded() async throws {
        let hub = try HubFixture()
        #expect(await hub.call("GET", "/api1/", accept: nil).status == 406)
    }
}
