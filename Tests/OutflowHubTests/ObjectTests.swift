// SPDX-License-Identifier: Apache-2.0

import OutflowHub
import Testing

@Suite struct ObjectTests {
    /// The versions, dates and specification versions that filters choose from.
    static let versioned = [
        HubFixture.entry("2016-11-03T12:30:59.001000Z", HubFixture.indicator(1, modified: "2016-11-03T12:30:59.000Z")),
        HubFixture.entry("2016-12-27T13:49:59.000000Z", HubFixture.indicator(1, modified: "2016-12-25T12:30:59.444Z")),
        HubFixture.entry("2017-12-31T13:49:53.935000Z", HubFixture.indicator(1, modified: "2017-01-27T13:49:53.935Z")),
        HubFixture.entry("2014-05-08T09:00:00.000000Z", HubFixture.indicator(2, type: "relationship")),
        HubFixture.entry("2017-01-20T00:00:00.000000Z", HubFixture.indicator(3, modified: nil, type: "ipv4-addr")),
        HubFixture.entry(
            "2017-01-27T13:49:59.997000Z",
            HubFixture.indicator(4, modified: "2018-02-23T18:30:00.000Z", spec: nil, type: "malware")),
        HubFixture.entry(
            "2017-01-27T13:49:59.997000Z",
            HubFixture.indicator(4, modified: "2017-01-27T13:49:53.997Z", type: "malware")),
    ].joined(separator: ",")

    @Test func objectsComeInOrderOfTheirAddition() async throws {
        let hub = try HubFixture(HubFixture.file(objects: Self.versioned))
        let answer = await hub.get(collectionPath + "objects/")
        #expect(answer.status == 200)
        #expect(answer.json["more"] as? Bool == false)
        #expect(
            answer.ids == [
                HubFixture.id(2, type: "relationship"), HubFixture.id(3, type: "ipv4-addr"),
                HubFixture.id(4, type: "malware"), HubFixture.id(1),
            ])
        #expect(answer.header("x-taxii-date-added-first") == "2014-05-08T09:00:00.000000Z")
        #expect(answer.header("x-taxii-date-added-last") == "2017-12-31T13:49:53.935000Z")
        // Of two specification versions the later one counts, though the other was modified later.
        #expect(answer.objects[2]["modified"] as? String == "2017-01-27T13:49:53.997Z")
    }

    @Test(arguments: [
        ("match[version]=all", [2, 1, 1, 3, 4, 1]), ("match[version]=first", [2, 1, 3, 4]),
        ("match[version]=last", [2, 3, 4, 1]),
        ("match[version]=first,last", [2, 1, 3, 4, 1]), ("match[version]=2016-12-25T12:30:59.444Z", [1]),
        ("match[version]=2016-12-25T12:30:59.444000Z,last", [2, 1, 3, 4, 1]),
        ("match[version]=2017-01-20T00:00:00Z", [3]),
        ("match[version]=1999-01-01T00:00:00Z", []), ("match[spec_version]=2.0", [4]),
        ("match[spec_version]=2.1", [2, 3, 4, 1]),
        ("match[spec_version]=2.0,2.1", [2, 3, 4, 1]), ("match[spec_version]=2.2", []),
        ("match[spec_version]=2.0,2.1&match[version]=all", [2, 1, 1, 3, 4, 4, 1]),
        ("match[type]=malware", [4]), ("match[type]=malware,ipv4-addr,nothing", [3, 4]), ("match[type]=nothing", []),
        ("match[id]=\(HubFixture.id(1)),\(HubFixture.id(2, type: "relationship"))", [2, 1]),
        ("match[id]=\(HubFixture.id(1))&match[version]=all", [1, 1, 1]),
        ("match[id]=\(HubFixture.id(1))&match[type]=malware", []),
        ("match[id]=nonsense", []), ("match[id]=\(HubFixture.id(9))", []),
        ("added_after=2016-12-27T13:49:59Z", [3, 4, 1]), ("added_after=2016-12-27T13:49:58.999999Z", [3, 4, 1]),
        ("added_after=2017-12-31T13:49:53.935Z", []),
        ("added_after=2016-11-03T12:30:59.001Z&match[version]=first", [1, 3, 4]),
        ("added_after=2016-12-27T14:49:59%2B01:00&match[version]=all", [3, 4, 1]), ("unknown=parameter", [2, 3, 4, 1]),
    ])
    func filters(query: String, numbers: [Int]) async throws {
        let hub = try HubFixture(HubFixture.file(objects: Self.versioned))
        let encoded = query.replacing("[", with: "%5B").replacing("]", with: "%5D")
        for query in [query, encoded] {
            for endpoint in ["objects/", "manifest/"] {
                let answer = await hub.get(collectionPath + endpoint + "?" + query)
                #expect(answer.status == 200)
                #expect(answer.ids.map { Int($0.suffix(12), radix: 16) ?? -1 } == numbers, "\(query)")
                if numbers.isEmpty { #expect(answer.body == Array("{}".utf8)) }
            }
        }
    }

    @Test(arguments: [
        "limit=0", "limit=-1", "limit=x", "limit=", "next=x", "next=", "added_after=yesterday",
        "added_after=2016-01-01",
        "added_after=2016-13-45T00:00:00Z", "added_after=2016-01-01T00:00:00", "match[version]=newest",
        "match[version]=",
        "match[version]=2016", "match[spec_version]=two", "match[spec_version]=2.1.1", "match[nothing]=1", "match[id]=",
        "limit=1&limit=2", "match[type]=a&match[type]=b", "limit=%zz",
        "next=MQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ])
    func damagedFiltersAreA400(query: String) async throws {
        let hub = try HubFixture()
        let answer = await hub.get(collectionPath + "objects/?" + query)
        #expect(answer.status == 400)
        #expect(answer.json["http_status"] as? String == "400")
        #expect(
            await hub.get(
                collectionPath + "objects/?match[id]=" + Array(repeating: "x", count: 300).joined(separator: ",")
            ).status == 400)
    }

    @Test func oneObjectAndItsVersions() async throws {
        let hub = try HubFixture(HubFixture.file(objects: Self.versioned))
        let path = collectionPath + "objects/\(HubFixture.id(1))/"
        #expect(await hub.get(path).objects.map { $0["modified"] as? String } == ["2017-01-27T13:49:53.935Z"])
        #expect(await hub.get(path + "?match[version]=all").objects.count == 3)
        #expect(await hub.get(path + "?match[spec_version]=2.0").body == Array("{}".utf8))
        #expect(await hub.get(path + "?match[id]=x").status == 400)
        let versions = await hub.get(path + "versions/")
        #expect(
            versions.json["versions"] as? [String]
                == ["2016-11-03T12:30:59.000Z", "2016-12-25T12:30:59.444Z", "2017-01-27T13:49:53.935Z"])
        #expect(versions.header("x-taxii-date-added-first") == "2016-11-03T12:30:59.001000Z")
        #expect(await hub.get(path + "versions/?added_after=2017-12-31T13:49:53.935Z").body == Array("{}".utf8))
        #expect(await hub.get(path + "versions/?match[version]=last").status == 400)
        // What has no version of its own has the date when it was added.
        let observable = collectionPath + "objects/\(HubFixture.id(3, type: "ipv4-addr"))/versions/"
        #expect(await hub.get(observable).json["versions"] as? [String] == ["2017-01-20T00:00:00.000000Z"])
        let malware = collectionPath + "objects/\(HubFixture.id(4, type: "malware"))/versions/"
        #expect(await hub.get(malware).json["versions"] as? [String] == ["2017-01-27T13:49:53.997Z"])
        #expect(
            await hub.get(malware + "?match[spec_version]=2.0").json["versions"] as? [String] == [
                "2018-02-23T18:30:00.000Z"
            ])
    }

    @Test func manifestTellsVersionAndMediaType() async throws {
        let hub = try HubFixture(HubFixture.file(objects: Self.versioned))
        let entry = await hub.get(collectionPath + "manifest/?match[spec_version]=2.0").objects.first
        #expect(entry?["id"] as? String == HubFixture.id(4, type: "malware"))
        #expect(entry?["date_added"] as? String == "2017-01-27T13:49:59.997000Z")
        #expect(entry?["version"] as? String == "2018-02-23T18:30:00.000Z")
        #expect(entry?["media_type"] as? String == "application/stix+json;version=2.0")
    }

    @Test func pagesHoldEachObjectOnceWhateverComesAndGoes() async throws {
        // All were added at one moment: the date alone would not tell where a page ends.
        let objects = (0..<25).map { HubFixture.entry("2020-01-01T00:00:00.000000Z", HubFixture.indicator($0)) }
        let hub = try HubFixture(HubFixture.file(objects: objects.joined(separator: ",")))
        var seen: [String] = []
        var next = ""
        for page in 0..<20 {
            let answer = await hub.get(collectionPath + "objects/?limit=4" + next)
            #expect(answer.objects.count <= 4)
            seen += answer.ids
            guard answer.json["more"] as? Bool == true, let text = answer.json["next"] as? String else { break }
            next = "&next=\(text)"
            // Deleting what was read, and adding more, moves nothing.
            if page == 1 { _ = await hub.call("DELETE", collectionPath + "objects/\(HubFixture.id(2))/") }
            if page == 2 { _ = await hub.post([HubFixture.indicator(100), HubFixture.indicator(101)]) }
        }
        #expect(seen == ((0..<25) + [100, 101]).map { HubFixture.id($0) })
        // The cursor belongs to its question, and to its server.
        #expect(await hub.get(collectionPath + "objects/?limit=9" + next).status == 200)
        #expect(await hub.get(collectionPath + "objects/?match[version]=all" + next).status == 400)
        #expect(await hub.get(collectionPath + "manifest/?limit=4" + next).status == 400)
        let again = Hub(store: try HubStore(path: hub.path))
        let afterRestart = await again.respond(
            to: HubRequest(
                method: "GET", path: collectionPath + "objects/", query: "limit=4" + next,
                headers: [HubHeader("Accept", "*/*"), HubHeader("Authorization", "Basic YWRtaW46UGFzc3dvcmQw")],
                readBody: { _ in [] }))
        #expect(afterRestart.status == 200)
        #expect(await (try HubFixture()).get(collectionPath + "objects/?limit=4" + next).status == 400)
    }

    @Test func theServerLimitsPages() async throws {
        let objects = (0..<25).map { HubFixture.entry("2020-01-01T00:00:00.000000Z", HubFixture.indicator($0)) }
        let hub = try HubFixture(HubFixture.file(objects: objects.joined(separator: ",")), pageSize: 7)
        for query in ["", "?limit=1000", "?limit=18446744073709551615"] {
            let answer = await hub.get(collectionPath + "objects/" + query)
            #expect(answer.objects.count == 7 && answer.json["more"] as? Bool == true)
        }
    }
}
