// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// What others say of an attribute of MISP, and whom its source names.
@Suite struct MISPSightingTests {
    private func read(_ texts: String...) -> (feed: IndicatorFeed, summaries: [IndicatorFeed.Summary]) {
        var feed = IndicatorFeed()
        let summaries = texts.map { text in withBytes(of: text) { feed.read($0, path: "p", source: "p") } }
        return (feed, summaries)
    }

    private func event(_ sightings: String, more: String = "", attribute: String = "") -> String {
        #"""
        {"Event":{"info":"Campaign","Orgc":{"name":"CERT North","uuid":"u-north"},"Tag":[{"name":"tlp:amber"}]\#(more),
         "Attribute":[{"uuid":"a1","type":"ip-dst","to_ids":true,"value":"198.51.100.7","timestamp":"1577836800",
          "Tag":[{"name":"misp:confidence-level=\"completely-confident\""}]\#(attribute),"Sighting":[\#(sightings)]}]}}
        """#
    }

    private func sighting(_ type: String, _ day: Int, by organisation: String = "") -> String {
        let who =
            organisation.isEmpty
            ? "" : #","Organisation":{"name":"\#(organisation)","uuid":"u-\#(organisation.lowercased())"}"#
        return #"{"uuid":"s","type":"\#(type)","date_sighting":"\#(1_577_836_800 + day * 86_400)"\#(who)}"#
    }

    private func kept(_ text: String) throws -> IndicatorFeed.Versioned {
        try #require(read(text).feed.named("misp:a1"))
    }

    private func time(_ day: Int) -> Timestamp {
        Timestamp(microseconds: (1_577_836_800 + Int64(day) * 86_400) * 1_000_000)
    }

    private func score(_ profile: Indicator.Profile, _ day: Int) -> Int {
        IndicatorDecay.score(profile, .address, at: time(day))
    }

    @Test func aSightingMakesItAsGoodAsNew() throws {
        let unseen = try kept(event(""))
        let seen = try kept(event(sighting("0", 100, by: "ISAC")))
        #expect(unseen.profile.sightings == nil)
        #expect(seen.profile.sightings == .init(seen: 1, mistaken: 0, last: time(100)))
        #expect(score(unseen.profile, 100) < 60 && score(unseen.profile, 130) == 0)
        #expect(score(seen.profile, 100) == 100)
        // As much later as the other is since it was published.
        #expect(score(seen.profile, 130) == score(unseen.profile, 30))
    }

    @Test func falsePositivesOfOthersLowerItByTheirShare() throws {
        let words = [sighting("0", 1, by: "A"), sighting("1", 2, by: "B"), sighting("1", 3, by: "C")]
        let profile = try kept(event(words.joined(separator: ","))).profile
        #expect(profile.sightings == .init(seen: 1, mistaken: 2, last: time(1)))
        #expect(score(profile, 1) == 50)
        // Each organisation has one voice, its last; those without a name have one together.
        let repeated = [sighting("1", 1, by: "B"), sighting("1", 2, by: "B"), sighting("0", 3, by: "B")]
        #expect(try kept(event(repeated.joined(separator: ","))).profile.sightings?.mistaken == 0)
        let nameless = (0..<50).map { sighting("1", $0) }
        #expect(try kept(event(nameless.joined(separator: ","))).profile.sightings?.mistaken == 1)
    }

    @Test func itsOwnSourceTakesItBack() throws {
        #expect(try kept(event(sighting("1", 2, by: "North"))).isRevoked)
        let again = [sighting("1", 2, by: "North"), sighting("0", 3, by: "North")]
        #expect(try !kept(event(again.joined(separator: ","))).isRevoked)
    }

    @Test func anExpirationEndsIt() throws {
        #expect(try kept(event(sighting("2", 5, by: "A"))).profile.validUntil == time(5))
        let seenAfter = [sighting("2", 5, by: "A"), sighting("0", 6, by: "B")]
        #expect(try kept(event(seenAfter.joined(separator: ","))).profile.validUntil == nil)
    }

    @Test(arguments: [true, false]) func theCopyThatKnowsMoreCounts(isReversed: Bool) throws {
        let texts = [event(""), event(sighting("2", 5, by: "A"))]
        let (feed, _) = isReversed ? read(texts[1], texts[0]) : read(texts[0], texts[1])
        #expect(try #require(feed.named("misp:a1")).profile.validUntil == time(5))
    }

    @Test func whatIsNoSightingIsTold() throws {
        let bad = [#"{"type":"7","date_sighting":"1577836800"}"#, #"{"type":"0"}"#, "3", sighting("0", 1, by: "A")]
        let (feed, summaries) = read(event(bad.joined(separator: ",")))
        #expect(summaries[0].rejected.count == 1)
        #expect(summaries[0].rejected.examples[0].reason.contains("3 sightings"))
        #expect(feed.named("misp:a1")?.profile.sightings?.seen == 1)
    }

    private func group(_ names: String..., active: Bool = true) -> String {
        let members = names.map { #"{"Organisation":{"name":"\#($0)"}}"# }.joined(separator: ",")
        return #","distribution":"4","SharingGroup":{"uuid":"g","active":\#(active),"SharingGroupOrg":[\#(members)]}"#
    }

    @Test func membersOfASharingGroupAreKept() throws {
        let whole = try kept(event("", more: group("CERT South", "ISAC"))).profile
        #expect(whole.recipients == ["CERT South", "ISAC"] && whole.tlp == .red)
        let both = try kept(event("", more: group("CERT South", "ISAC"), attribute: group("ISAC", "Other"))).profile
        #expect(both.recipients == ["ISAC"])
        #expect(try kept(event("", more: #","distribution":4"#)).profile.recipients == [])
        #expect(try kept(event("", more: group("ISAC", active: false))).profile.recipients == [])
        #expect(try kept(event("", more: #","distribution":"3""#)).profile.recipients == nil)
    }

    @Test func profilesAreWrittenAndReadWhole() throws {
        let words = [sighting("0", 1, by: "A"), sighting("1", 2, by: "B")].joined(separator: ",")
        var profile = try kept(event(words, more: group("CERT South", "ISAC"))).profile
        profile.pattern = PatternText(text: "[a:b = 1]", version: .v20)
        expectWholeAfterWriting(profile)
    }
}
