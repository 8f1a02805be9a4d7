// SPDX-License-Identifier: Apache-2.0

import OutflowHub
import Testing

@Suite struct WritingTests {
    @Test func whatIsAddedIsThereWithItsTextAsItCame() async throws {
        let hub = try HubFixture()
        let odd =
            "{ \"type\":\"indicator\",\"id\":\"\(HubFixture.id(7))\" ,\"x\":[1.50,1e3, \"\\u00e9\\/\"],\n\"spec_version\":\"2.1\"}"
        let answer = await hub.post([HubFixture.indicator(1), odd])
        #expect(answer.status == 202)
        #expect(answer.header("content-type") == HubFixture.media)
        #expect(answer.json["status"] as? String == "complete")
        for (name, count) in [("total_count", 2), ("success_count", 2), ("failure_count", 0), ("pending_count", 0)] {
            #expect(answer.json[name] as? Int == count)
        }
        let successes = answer.json["successes"] as? [[String: Any]] ?? []
        #expect(successes.map { $0["id"] as? String } == [HubFixture.id(1), HubFixture.id(7)])
        #expect(successes.first?["version"] as? String == "2020-01-01T00:00:00.000Z")
        let id = answer.json["id"] as? String ?? ""
        #expect(await hub.get("/api1/status/\(id)/").body == answer.body)
        // A status is nobody's business but the sender's.
        #expect(await hub.get("/api1/status/\(id)/", user: "writer:Password2").status == 404)
        let objects = await hub.get(collectionPath + "objects/")
        #expect(String(decoding: objects.body, as: UTF8.self).contains(odd))
    }

    @Test(arguments: [
        ("1", "not an object"), ("\"x\"", "not an object"), ("null", "not an object"), ("[]", "not an object"),
        ("{}", "there is no id"), ("{\"id\": 5}", "there is no id"),
        ("{\"id\": \"indicator--1\", \"type\": \"indicator\"}", "the id is not of the form type--UUID"),
        (
            "{\"id\": \"../../x--00000000-0000-4000-8000-000000000001\", \"type\": \"x\"}",
            "the id is not of the form type--UUID"
        ),
        ("{\"id\": \"\(HubFixture.id(5))\"}", "there is no type"),
        ("{\"id\": \"\(HubFixture.id(5))\", \"type\": \"malware\"}", "the type is not the one that the id names"),
        (
            "{\"id\": \"\(HubFixture.id(5))\", \"id\": \"\(HubFixture.id(6))\", \"type\": \"indicator\"}",
            "two members are called id"
        ),
        (
            "{\"id\": \"\(HubFixture.id(5))\", \"type\": \"indicator\", \"modified\": \"yesterday\"}",
            "modified is not a time"
        ),
        ("{\"id\": \"\(HubFixture.id(5))\", \"type\": \"indicator\", \"created\": 5}", "created is not a time"),
        (
            "{\"id\": \"\(HubFixture.id(5))\", \"type\": \"indicator\", \"modified\": \"2020-01-01T00:00:00+01:00\"}",
            "modified is not a time"
        ),
        (
            "{\"id\": \"\(HubFixture.id(5))\", \"type\": \"indicator\", \"spec_version\": \"9.9\"}",
            "spec_version is neither"
        ),
        (
            "{\"id\": \"\(HubFixture.id(5))\", \"type\": \"indicator\", \"spec_version\": 2.1}",
            "spec_version is not one string"
        ),
        ("{\"id\": \"\(HubFixture.id(5))\", \"type\": \"indicator\", \"x\": 1e}", "not JSON"),
        ("{\"id\": \"\(HubFixture.id(5))\", \"type\": \"indicator\", \"x\": \"\\ud800\"}", "not JSON"),
        (
            "{\"id\": \"\(HubFixture.id(5))\", \"x\": \(String(repeating: "[", count: 200))\(String(repeating: "]", count: 200))}",
            "nested more than"
        ),
        ("nul", "not JSON"),
    ])
    func aBadObjectIsRefusedAlone(object: String, reason: String) async throws {
        let hub = try HubFixture()
        let answer = await hub.post([HubFixture.indicator(1), object, HubFixture.indicator(2)])
        #expect(answer.status == 202)
        #expect(answer.json["success_count"] as? Int == 2)
        #expect(answer.json["failure_count"] as? Int == 1)
        let failure = (answer.json["failures"] as? [[String: Any]])?.first
        #expect((failure?["message"] as? String)?.hasPrefix(reason) == true, "\(failure ?? [:])")
        #expect(failure?["id"] is String && failure?["version"] is String)
        #expect(await hub.get(collectionPath + "objects/").ids == [HubFixture.id(1), HubFixture.id(2)])
    }

    @Test(arguments: [
        "", "{", "}", "[]", "null", "{}", "{\"objects\": 1}", "{\"objects\": {}}", "{\"objects\": [}",
        "{\"objects\": [1 2]}",
        "{\"objects\": [,]}", "{\"objects\": [\"}", "{\"objects\": []} x", "{\"objects\": [], \"objects\": []}",
        "{\"objects\" []}", "{objects: []}", "{\"objects\": [{\"a\": \"\\", "\u{0}", "{\"objects\": [1,]}",
    ])
    func aBodyThatIsNoEnvelopeIsA422(body: String) async throws {
        let hub = try HubFixture()
        let answer = await hub.call(
            "POST", collectionPath + "objects/", contentType: nil, body: Array(body.utf8),
            headers: [HubHeader("Content-Type", HubFixture.media)])
        #expect(answer.status == 422)
        #expect(await hub.get(collectionPath + "objects/").body == Array("{}".utf8))
    }

    @Test func anEnvelopeOrABundleWithMoreMembers() async throws {
        let hub = try HubFixture()
        let bundle =
            "{\"type\": \"bundle\", \"id\": \"bundle--1\", \"objects\": [ \(HubFixture.indicator(1)) ] , \"more\": false}"
        #expect(
            await hub.call("POST", collectionPath + "objects/", body: Array(bundle.utf8)).json["success_count"] as? Int
                == 1)
        #expect(await hub.post([]).json["total_count"] as? Int == 0)
    }

    @Test(arguments: [
        "application/json", "application/taxii+json;version=2.0", "text/plain", "application/stix+json;version=2.1",
        "application/taxii+json;version=2.1;x=y",
    ])
    func otherMediaTypesAreA415(type: String) async throws {
        let hub = try HubFixture()
        #expect(
            await hub.call("POST", collectionPath + "objects/", contentType: type, body: Array("{}".utf8)).status == 415
        )
    }

    @Test func aBodyThatIsTooLongIsA413() async throws {
        let hub = try HubFixture(HubFixture.file(maximum: 400))
        #expect(await hub.post([HubFixture.indicator(1)]).status == 202)
        #expect(await hub.post((0..<5).map { HubFixture.indicator($0) }).status == 413)
        // The header alone decides, before a byte is read.
        let claimed = await hub.call(
            "POST", collectionPath + "objects/", body: Array("{\"objects\": []}".utf8),
            headers: [HubHeader("Content-Length", "401")])
        #expect(claimed.status == 413)
    }

    @Test func theSameVersionIsStoredOnce() async throws {
        let hub = try HubFixture()
        for _ in 0..<3 {
            let answer = await hub.post([
                HubFixture.indicator(1), HubFixture.indicator(1), HubFixture.indicator(2, modified: nil),
            ])
            #expect(answer.json["success_count"] as? Int == 3)
        }
        #expect(
            await hub.get(collectionPath + "objects/?match[version]=all").ids == [HubFixture.id(1), HubFixture.id(2)])
        // A new version is a new object; so is the same id in another collection.
        _ = await hub.post([HubFixture.indicator(1, modified: "2021-01-01T00:00:00.0001Z")])
        _ = await hub.post([HubFixture.indicator(1, modified: "2021-01-01T00:00:00.000100Z")])
        _ = await hub.post([HubFixture.indicator(1)], to: HubFixture.inbox)
        let versions =
            await hub.get(collectionPath + "objects/\(HubFixture.id(1))/versions/").json["versions"] as? [String]
        #expect(versions == ["2020-01-01T00:00:00.000Z", "2021-01-01T00:00:00.0001Z"])
    }

    @Test func deletedObjectsStayDeleted() async throws {
        let hub = try HubFixture()
        let versions = (2015...2019).map { "\($0)-01-27T13:49:53.935Z" }
        _ = await hub.post(versions.map { HubFixture.indicator(1, modified: $0) })
        let path = collectionPath + "objects/\(HubFixture.id(1))/"
        func left() async -> [String]? { await hub.get(path + "versions/").json["versions"] as? [String] }
        #expect(await hub.call("DELETE", path + "?match[version]=\(versions[3])").status == 200)
        #expect(await left() == [versions[0], versions[1], versions[2], versions[4]])
        #expect(await hub.call("DELETE", path + "?match[version]=first").status == 200)
        #expect(await hub.call("DELETE", path + "?match[version]=last").status == 200)
        #expect(await left() == [versions[1], versions[2]])
        #expect(await hub.call("DELETE", path + "?match[version]=\(versions[3])").status == 404)
        #expect(await hub.call("DELETE", path + "?match[spec_version]=2.0").status == 404)
        let again = await hub.post(versions.map { HubFixture.indicator(1, modified: $0) })
        #expect(again.json["failure_count"] as? Int == 3)
        #expect(again.json["success_count"] as? Int == 2)
        #expect(await left() == [versions[1], versions[2]])
        #expect(await hub.call("DELETE", path).status == 200)
        #expect(await hub.get(path).status == 404)
        #expect(await hub.call("DELETE", path).status == 404)
        // The object is gone with all that is no newer; what its producer says later is another matter.
        let late = await hub.post(
            ["2010-01-01T00:00:00Z", "2017-01-27T13:49:53.935Z", "2017-01-27T13:49:53.936Z"].map {
                HubFixture.indicator(1, modified: $0)
            })
        #expect(late.json["failure_count"] as? Int == 2)
        #expect(await left() == ["2017-01-27T13:49:53.936Z"])
    }

    @Test func additionsAreDatedOneAfterTheOther() async throws {
        // The last of what is there lies in the future.
        let hub = try HubFixture(
            HubFixture.file(objects: HubFixture.entry("2222-01-01T00:00:00.000000Z", HubFixture.indicator(0))))
        _ = await hub.post((1...3).map { HubFixture.indicator($0) })
        let dates = await hub.get(collectionPath + "manifest/").objects.compactMap { $0["date_added"] as? String }
        #expect(dates == (0...3).map { "2222-01-01T00:00:00.00000\($0)Z" })
        // Polling by the date of the last object seen misses nothing.
        let seen = await hub.get(collectionPath + "objects/?limit=2")
        let last = seen.header("x-taxii-date-added-last") ?? ""
        #expect(
            await hub.get(collectionPath + "objects/?added_after=\(last)").ids == [HubFixture.id(2), HubFixture.id(3)])
    }

    @Test func aCollectionTakesOnlyTheMediaTypesItNames() async throws {
        let hub = try HubFixture()
        let answer = await hub.post(
            [HubFixture.indicator(1, spec: nil), HubFixture.indicator(2)], to: HubFixture.inbox)
        #expect(answer.json["success_count"] as? Int == 1)
        let failure = (answer.json["failures"] as? [[String: Any]])?.first
        #expect(failure?["id"] as? String == HubFixture.id(1))
        #expect(failure?["message"] as? String == "the collection does not take STIX 2.0")
    }

    @Test func manyWritersAtOnce() async throws {
        let hub = try HubFixture(pageSize: 1_000)
        await withTaskGroup(of: Int.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    var statuses = 0
                    for round in 0..<5 {
                        let numbers = (0..<10).map { writer * 50 + round * 10 + $0 }
                        // Every second writer sends what another sends too.
                        let answer = await hub.post(numbers.map { HubFixture.indicator($0 % 400) })
                        statuses += answer.json["success_count"] as? Int ?? 0
                    }
                    return statuses
                }
            }
            for await count in group { #expect(count == 50) }
        }
        let ids = await hub.get(collectionPath + "objects/").ids
        #expect(ids.count == 400 && Set(ids).count == 400)
    }
}
