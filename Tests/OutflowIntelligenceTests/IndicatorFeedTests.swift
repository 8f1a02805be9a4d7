// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// What files of indicators become.
@Suite struct IndicatorFeedTests {
    func read(_ texts: String...) -> (feed: IndicatorFeed, summaries: [IndicatorFeed.Summary]) {
        var feed = IndicatorFeed()
        let summaries = texts.map { text in withBytes(of: text) { feed.read($0, path: "p", source: "p") } }
        return (feed, summaries)
    }

    func bundle(_ members: String) -> String { #"{"type":"bundle","id":"bundle--1","objects":[\#(members)]}"# }

    func indicator(_ pattern: String, modified: String = "2024-01-01T00:00:00Z", more: String = "") -> String {
        #"{"type":"indicator","id":"indicator--1","spec_version":"2.1","pattern_type":"stix","modified":"\#(modified)","pattern":"\#(pattern)"\#(more)}"#
    }

    @Test func alternativesOfValuesAreIndicators() throws {
        let (feed, _) = read(
            bundle(
                indicator(
                    "[ipv4-addr:value = '198.51.100.7' OR domain-name:value = 'Evil.example'] OR [url:value IN ('http://a.example/b')]"
                )))
        let values = try #require(feed.named("indicator--1")).values
        #expect(values.map { Indicator.text($0.0, $0.1) } == ["198.51.100.7", "evil.example", "a.example/b"])
    }

    @Test func conjunctionsStayPatterns() throws {
        let (feed, _) = read(
            bundle(indicator("[ipv4-addr:value = '198.51.100.7'] AND [domain-name:value = 'a.example']")))
        let kept = try #require(feed.named("indicator--1"))
        #expect(kept.values.isEmpty && kept.pattern != nil)
    }

    @Test(arguments: [true, false]) func theLaterVersionCountsWhateverTheOrder(_ isReversed: Bool) throws {
        let one = bundle(indicator("[ipv4-addr:value = '198.51.100.7']"))
        let two = bundle(
            indicator("[ipv4-addr:value = '198.51.100.7']", modified: "2024-02-01T00:00:00Z", more: #","revoked":true"#)
        )
        let (feed, _) = isReversed ? read(two, one) : read(one, two)
        #expect(try #require(feed.named("indicator--1")).isRevoked)
    }

    @Test func theMostRestrictiveMarkingCounts() throws {
        let (feed, _) = read(
            bundle(
                indicator(
                    "[ipv4-addr:value = '198.51.100.7']",
                    more: #"""
                        ,"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
                        "granular_markings":[{"marking_ref":"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1","selectors":["name"]}]
                        """#)))
        #expect(try #require(feed.named("indicator--1")).profile.tlp == .red)
    }

    @Test func aBadPatternIsRejectedAlone() {
        let (feed, summaries) = read(
            bundle(
                indicator("[nonsense") + ","
                    + #"{"type":"indicator","id":"indicator--2","pattern_type":"snort","pattern":"alert"}"#))
        #expect(feed.versioned.isEmpty)
        #expect(summaries[0].rejected.count == 2)
        #expect(summaries[0].rejected.examples[0].reason.contains("line 1, column "))
    }

    /// What one partner warns of, another does not take back, nor change.
    @Test func onlyTheMakerMakesVersions() throws {
        let theirs = #","created_by_ref":"identity--1""#
        let one = bundle(indicator("[ipv4-addr:value = '198.51.100.7']", more: theirs))
        for maker in ["", #","created_by_ref":"identity--2""#] {
            let two = bundle(
                indicator(
                    "[ipv4-addr:value = '8.8.8.8']", modified: "2030-01-01T00:00:00Z", more: maker + #","revoked":true"#
                ))
            for (feed, _) in [read(one, two), read(two, one)] {
                let kept = feed.versioned.values.filter { !$0.isRevoked }
                #expect(kept.count == 1 && feed.versioned.count == 2)
                #expect(kept.first?.values.first?.1 == IPAddress("198.51.100.7")?.bytes)
            }
        }
        func event(_ maker: String, _ deleted: Bool) -> String {
            #"{"Event":{"info":"x","Orgc":{"uuid":"\#(maker)","name":"\#(maker)"},"Attribute":[{"uuid":"u1","type":"ip-dst","#
                + #""to_ids":true,"value":"198.51.100.7","timestamp":"170000000\#(deleted ? 9 : 0)","deleted":\#(deleted)}]}}"#
        }
        #expect(read(event("a", false), event("b", true)).0.versioned.values.contains { !$0.isRevoked })
        #expect(read(event("a", false), event("a", true)).0.versioned.values.allSatisfy { $0.isRevoked })
    }

    @Test func eventsOfMISP() throws {
        let (feed, summaries) = read(
            #"""
            {"Event":{"info":"Campaign","Orgc":{"name":"CERT North"},"Tag":[{"name":"tlp:amber"}],
             "Attribute":[
              {"uuid":"u1","type":"ip-dst|port","to_ids":true,"value":"198.51.100.7|443","timestamp":"1700000000","Tag":[{"name":"tlp:red"}]},
              {"uuid":"u2","type":"domain","to_ids":false,"value":"no.example"},
              {"uuid":"u3","type":"domain|ip","to_ids":true,"value":"a.example|198.51.100.8"},
              {"uuid":"u4","type":"sha256","to_ids":true,"value":"short"},
              {"uuid":"u5","type":"domain","to_ids":true,"value":"gone.example","deleted":true}],
             "Object":[{"Attribute":[{"uuid":"u6","type":"ja3-fingerprint-md5","to_ids":true,"value":"D41D8CD98F00B204E9800998ECF8427E"}]}]}}
            """#)
        #expect(summaries[0].format == "misp")
        #expect(summaries[0].rejected.count == 1)
        #expect(feed.versioned.filter { !$0.value.isRevoked }.count == 3)
        let first = try #require(feed.named("misp:u1"))
        #expect(first.profile.tlp == .red && first.profile.source == "CERT North")
        #expect(feed.named("misp:u3")?.values.count == 2)
        #expect(feed.named("misp:u6")?.values.first?.0 == .ja3)
    }

    @Test func listsAndHostsFiles() {
        let (feed, summaries) = read(
            "# a list\n# TLP:GREEN\nevil.example\n198.51.100.7 # why\n\n0.0.0.0 bad.example worse.example\nnonsense\nhxxp://a[.]example/x\n"
        )
        #expect(feed.builder.count == 5)
        #expect(summaries[0].rejected.examples.map(\.offset) == [88])
    }

    @Test func tables() {
        let (feed, summaries) = read(
            """
            "first_seen_utc","ioc_value","ioc_type","confidence_level","tlp"
            "2024-01-01 00:00:00","198.51.100.7:443","ip:port","75","amber"
            "2024-01-01 00:00:00","evil.example","domain","100",""
            "","","domain","",""
            """, "domain;description\nevil.example;\"said \"\"x; y\"\"\"\n",
            "md5,sha1\nd41d8cd98f00b204e9800998ecf8427e,\n")
        #expect(feed.builder.count == 4)
        #expect(summaries[0].rejected.count == 1)
        #expect(summaries.map(\.indicators) == [2, 1, 1])
    }

    @Test func allowListsOfEachType() {
        let (feed, summaries) = read(
            #"{"name":"N","type":"cidr","list":["198.51.100.0/24","junk"]}"#,
            #"{"name":"H","type":"hostname","list":["good.example"]}"#,
            #"{"name":"S","type":"string","list":["198.51.101.1","one.example"]}"#,
            #"{"name":"R","type":"regex","list":["/^r[0-9]+\\.example$/i"]}"#,
            #"{"name":"B","type":"substring","list":["cdn"]}"#)
        func name(_ text: String) -> String? {
            IndicatorText.classify(text).flatMap { feed.allowLists.name(of: $0.0, $0.1) }
        }
        #expect(summaries[0].rejected.count == 1)
        #expect(name("198.51.100.9") == "N" && name("198.51.100.0/25") == "N" && name("198.51.0.0/16") == nil)
        #expect(
            name("a.good.example") == "H" && name("http://a.good.example/x") == "H" && name("notgood.example") == nil)
        #expect(name("198.51.101.1") == "S" && name("one.example") == "S" && name("a.one.example") == nil)
        #expect(name("R12.example") == "R" && name("r.example") == nil)
        #expect(name("my-cdn.example") == "B")
    }
}
