// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords
import Testing

@testable import OutflowIntelligence

extension IndicatorFeed {
    /// The indicator of an id, whoever made it; nil when there is none, or several.
    func named(_ id: String) -> Versioned? {
        let all = versioned.filter { $0.key.id == id }
        return all.count == 1 ? all.first?.value : nil
    }
}

/// Markings of indicators are never read more loosely than they were meant.
@Suite struct MarkingTests {
    private static let green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
    private static let red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
    private static let own = "marking-definition--00000000-0000-4000-8000-000000000001"

    private func feed(_ text: String) -> IndicatorFeed {
        var feed = IndicatorFeed()
        _ = withBytes(of: text) { feed.read($0, path: "p", source: "s") }
        return feed
    }

    /// The profile of one indicator with these properties, among these objects.
    private func profile(_ properties: String, beside objects: String = "") throws -> Indicator.Profile {
        let feed = feed(
            """
            {"type": "bundle", "id": "bundle--1", "objects": [\(objects.isEmpty ? "" : objects + ",")
             {"type": "indicator", "id": "indicator--1", "spec_version": "2.1", "pattern_type": "stix",
              "modified": "2020-01-01T00:00:00Z", "pattern": "[ipv4-addr:value = '198.51.100.9']"\(properties)}]}
            """)
        return try #require(feed.named("indicator--1")).profile
    }

    private func definition(_ properties: String, id: String = own) -> String {
        #"{"type": "marking-definition", "spec_version": "2.1", "id": "\#(id)", \#(properties)}"#
    }

    @Test(
        arguments: [
            (#""definition_type": "tlp", "definition": {"tlp": "amber"}"#, TLP.amber),
            (
                #""extensions": {"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {"tlp_2_0": "red"}}"#,
                .red
            ),
            (
                #""name": "TLP:AMBER+STRICT", "definition_type": "statement", "definition": {"statement": "x"}"#,
                .amberStrict
            ),
            (
                #""definition_type": "statement", "x_opencti_definition": "TLP:RED", "definition": {"statement": "custom"}"#,
                .red
            ),
            (#""name": "TLP:PURPLE""#, .red),
            (#""definition_type": "x-acs", "definition": {"classification": "secret"}"#, .red),
            (#""definition_type": "statement", "definition": {"statement": "Copyright"}"#, .green),
            (#""definition_type": "PAP", "definition": {"PAP": "PAP:AMBER"}"#, .green),
            // Two with one id: the more restrictive.
            (
                #""definition_type": "tlp", "definition": {"tlp": "red"}}, {"type": "marking-definition", "id": "marking-definition--00000000-0000-4000-8000-000000000001", "definition_type": "tlp", "definition": {"tlp": "white"}"#,
                .red
            ),
        ])
    func aDefinitionOfItsOwnCounts(properties: String, expected: TLP) throws {
        let profile = try profile(
            #", "object_marking_refs": ["\#(Self.green)", "\#(Self.own)"]"#, beside: definition(properties))
        #expect(profile.tlp == expected)
    }

    @Test func nobodyRedefinesTheStandardOnes() throws {
        let profile = try profile(
            #", "object_marking_refs": ["\#(Self.red)"]"#,
            beside: definition(#""definition_type": "tlp", "definition": {"tlp": "white"}"#, id: Self.red))
        #expect(profile.tlp == .red)
    }

    @Test func whatIsNotThereIsRed() throws {
        #expect(try profile(#", "object_marking_refs": ["\#(Self.green)", "\#(Self.own)"]"#).tlp == .red)
        #expect(
            try profile(
                #", "object_marking_refs": ["\#(Self.green)"], "granular_markings": [{"marking_ref": "\#(Self.own)", "selectors": ["name"]}]"#
            ).tlp == .red)
        #expect(
            try profile(
                #", "object_marking_refs": ["\#(Self.green)"], "granular_markings": [{"lang": "de", "selectors": ["name"]}]"#
            ).tlp == .green)
        #expect(try profile("").tlp == nil)
    }

    @Test(
        arguments: [
            (#""object_marking_refs": ["\#(green)"]"#, "", nil, ["T1048"]),
            (#""object_marking_refs": ["\#(red)"]"#, "", .tlp(.red), ["T1048"]),
            (#""x": 1"#, "", .unmarked, ["T1048"]),
            (#""object_marking_refs": ["\#(green)"]"#, #", "object_marking_refs": ["\#(red)"]"#, .tlp(.red), ["T1048"]),
            (#""object_marking_refs": ["\#(green)"], "revoked": true"#, "", nil, []),
        ] as [(String, String, Indicator.Profile.TechniqueMarking?, [String])])
    func techniquesAreMarkedByWhatLeadsToThem(
        relationship: String, pattern: String, expected: Indicator.Profile.TechniqueMarking?, techniques: [String]
    ) throws {
        let profile = try profile(
            #", "object_marking_refs": ["\#(Self.green)"]"#,
            beside: """
                {"type": "attack-pattern", "id": "attack-pattern--1", "name": "x",
                 "external_references": [{"source_name": "mitre-attack", "external_id": "T1048"}]\(pattern)},
                {"type": "relationship", "id": "relationship--1", "relationship_type": "indicates",
                 "source_ref": "indicator--1", "target_ref": "attack-pattern--1", \(relationship)}
                """)
        #expect(profile.tlp == .green)
        #expect(profile.techniques == techniques)
        #expect(profile.techniqueMarking == expected)
        var blob = BlobWriter()
        profile.write(into: &blob)
        blob.bytes.withUnsafeBytes {
            var reader = BlobReader($0)
            #expect(Indicator.Profile(from: &reader) == profile)
        }
    }

    /// MISP's truth values come as such, as numbers and as text.
    @Test(arguments: [
        ("true", "false", true), ("1", "0", true), (#""1""#, #""0""#, true), (#""true""#, "null", true),
        ("false", "false", false), (#""0""#, "0", false), ("true", "1", false), ("1", #""1""#, false),
        (#""yes""#, "false", false),
    ]) func truthOfMISP(use: String, deleted: String, expected: Bool) {
        let feed = feed(
            #"{"Event": {"info": "x", "Attribute": [{"type": "ip-dst", "to_ids": \#(use), "deleted": \#(deleted), "uuid": "1", "#
                + #""value": "198.51.100.9"}]}}"#)
        #expect(feed.named("misp:1").map { !$0.isRevoked } ?? false == expected)
    }

    @Test func aTagThatNobodyKnowsIsRed() throws {
        let feed = feed(
            #"{"Event": {"info": "x", "Tag": [{"name": "tlp:green"}], "Attribute": ["#
                + #"{"type": "ip-dst", "to_ids": true, "uuid": "1", "value": "198.51.100.9", "Tag": [{"name": "tlp:ex:chr"}]},"#
                + #"{"type": "ip-dst", "to_ids": true, "uuid": "2", "value": "198.51.100.8"}]}}"#)
        #expect(try #require(feed.named("misp:1")).profile.tlp == .red)
        #expect(try #require(feed.named("misp:2")).profile.tlp == .green)
    }

    @Test(
        arguments: [
            ("# TLP:AMBER", .amber), ("# tlp: amber+strict", .amberStrict), ("# TLP:AMBER STRICT", .amberStrict),
            ("# TLP:AMBER + STRICT", .amberStrict), ("# TLP:WHITE (TLP:RED until May)", .red),
            ("# TLP:PURPLE", .some(nil)), ("# TLP:GREEN, TLP:???", .some(nil)), ("# see first.org/tlp", nil),
        ] as [(String, TLP??)])
    func commentsOfListsMarkThem(comment: String, expected: TLP??) {
        #expect(IndicatorListReader.marking(comment) == expected)
    }

    /// Headers that feeds write as comments, and rows whose marking cannot be read.
    @Test func tables() throws {
        let table = "# TLP:GREEN\n# Firstseen,DstIP,DstPort,TLP\n2020-09-13 12:00:05,203.0.113.9,443,%\n"
        for (cell, expected) in [("", TLP.green), ("TLP:RED", .red), ("white", .green), ("TLP:PURPLE", nil)]
            as [(String, TLP?)]
        {
            let set = try feed(table.replacing("%", with: cell)).builder.finish()
            #expect(set.count == 1)
            #expect(try #require(set.profile(0)).tlp == expected, "\(cell)")
        }
        #expect(IndicatorText.classify("[2001:db8::7]:443")?.1 == IPAddress("2001:db8::7")?.bytes)
        #expect(IndicatorText.classify("[2001:db8::7]:70000") == nil)
    }
}
