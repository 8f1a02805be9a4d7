// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// What cannot be read restricts or is rejected; it never widens.
@Suite struct ListTimeTests {
    @Test(arguments: [
        "2025-01-01", "2025-01-01 00:00:00 UTC", "2025-01-01 00:00", "2025-01-01 00:00 UTC", "2025-01-01T00:00:00Z",
        "2025-01-01T00:00:00 UTC", "2025-01-01T01:00:00+01:00", "2025-01-01 00:00:00.000", "1735689600",
        "1735689600000", "2025-01-01 UTC",
    ]) func usualFormsAreRead(text: String) {
        #expect(ListTime.read(text)?.microseconds == 1_735_689_600_000_000)
    }

    @Test(arguments: [
        "01/02/2025", "1.2.2025", "2025", "20250101", "tomorrow", "", "2025-13-01", "2025-01-01 25:00", "1e9", "T",
        "2025-01-01 00:00:00 CET", "::", "99999999999999999999",
    ]) func othersAreNot(text: String) {
        #expect(ListTime.read(text) == nil)
        if text.contains("/") { #expect(ListTime.reason(text).contains("month")) }
    }

    private func read(_ text: String) -> (feed: IndicatorFeed, summary: IndicatorFeed.Summary) {
        var feed = IndicatorFeed()
        let summary = withBytes(of: text) { feed.read($0, path: "x", source: "x") }
        return (feed, summary)
    }

    @Test func rowsWithoutAReadableEndAreRejectedByLine() throws {
        let (feed, summary) = read(
            "indicator,valid_until\na.example,2025-01-01 00:00\nb.example,01/02/2025\nc.example,never\nd.example,soon\n"
        )
        #expect(feed.builder.count == 2 && summary.rejected.count == 2)
        let reasons = summary.rejected.examples.map(\.reason)
        #expect(reasons[0].hasPrefix("line 3: '01/02/2025'") && reasons[0].contains("month"))
        #expect(reasons[1].hasPrefix("line 5: 'soon'"))
    }

    /// The marking of an indicator in a list, nil when there is none.
    private func marking(_ text: String) throws -> TLP? {
        var (feed, _) = read(text)
        feed.builder.memory = SetMemory()
        return try feed.builder.finish().profile(0)?.tlp
    }

    @Test func aMarkingOnTheLineCountsForTheLine() throws {
        #expect(try marking("# TLP:GREEN\na.example # TLP:RED\n") == .red)
        #expect(try marking("# TLP:RED\na.example # TLP:GREEN\n") == .red)
        #expect(try marking("# TLP:GREEN\na.example # TLP:PURPLE\n") == nil)
        #expect(try marking("# TLP:GREEN\na.example # seen\n") == .green)
    }

    @Test(arguments: [
        #""object_marking_refs": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9""#,
        #""object_marking_refs": [5]"#, #""granular_markings": {}"#, #""granular_markings": ["x"]"#,
        #""granular_markings": [{"selectors": ["pattern"]}]"#, #""granular_markings": [{"marking_ref": 5}]"#,
        #""granular_markings": [{"lang": "de", "marking_ref": null}]"#,
    ]) func malformedMarkingsAreRed(member: String) throws {
        let (feed, _) = read(
            """
            {"objects": [{"type": "indicator", "id": "indicator--1", "pattern": "[domain-name:value = 'a.example']",
             "pattern_type": "stix", \(member)}]}
            """)
        #expect(feed.versioned.values.first?.profile.tlp == .red)
    }

    @Test func stixWithoutAReadableEndIsRejected() {
        let (feed, summary) = read(
            """
            {"objects": [{"type": "indicator", "id": "indicator--1", "pattern": "[domain-name:value = 'a.example']",
             "pattern_type": "stix", "valid_until": "31/12/2025"}]}
            """)
        #expect(feed.versioned.isEmpty && summary.rejected.examples.first?.reason.contains("valid_until") == true)
    }

    @Test func attributesThatAreNotLookedForAreCounted() {
        func attribute(_ type: String, _ value: String) -> String {
            #"{"type": "\#(type)", "value": "\#(value)", "to_ids": true, "uuid": "\#(type)"}"#
        }
        let (feed, summary) = read(
            #"{"Event": {"Attribute": ["#
                + [
                    attribute("malware-sample", "x.exe|d41d8cd98f00b204e9800998ecf8427e"), attribute("yara", "rule"),
                    attribute("link", "http://a.example/x"), attribute("mutex", "m"), attribute("mutex", "n"),
                ].joined(separator: ",") + "]}}")
        #expect(summary.leftOut == ["yara": 1, "mutex": 2])
        #expect(
            feed.versioned.values.flatMap { $0.values.map(\.0) }.sorted { $0.rawValue < $1.rawValue } == [.url, .hash])
    }

    @Test func listsLookAtWhatWasSeenAndHeedTheirTypes() {
        func lists(_ type: String, _ value: String, _ attributes: String = "") -> AllowLists {
            read(#"{"name": "L", "type": "\#(type)", \#(attributes) "list": ["\#(value)"]}"#).feed.allowLists
        }
        func finding(_ kind: Indicator.Kind, _ value: [UInt8], _ seen: [String], _ lists: AllowLists) -> String {
            var hits = IndicatorHits()
            let key = IndicatorHits.Key(
                kind: kind, value: value, profile: .init(source: "s"), entity: .init(kind: "host", id: "10.0.0.5"))
            hits.restore(
                key, .init(first: .earliest, last: .earliest, seen: seen, allowed: [], evidence: []), isFull: false)
            return hits.findings(lists)[0].suspicion.rawValue
        }
        let network = IPAddress(v4: 0xC633_6400).bytes + [120]
        let one = lists("cidr", "198.51.100.7/32")
        #expect(finding(.network, network, ["198.51.100.7"], one) == "none")
        #expect(finding(.network, network, ["198.51.100.7", "198.51.100.8"], one) == "possible")
        let top = Array("top.example".utf8)
        #expect(finding(.domain, top, ["cdn.top.example"], lists("hostname", "cdn.top.example")) == "none")
        #expect(finding(.domain, top, ["x.top.example"], lists("hostname", "cdn.top.example")) == "possible")
        let hashes = #""matching_attributes": ["md5"],"#
        #expect(finding(.domain, top, ["top.example"], lists("hostname", "top.example", hashes)) == "possible")
    }
}
