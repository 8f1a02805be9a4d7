// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// What is on an allow-list is no reason for suspicion, however much of it is seen; one value that is not, is.
@Suite struct AllowedValueTests {
    private static func feed(_ texts: String...) -> IndicatorFeed {
        var feed = IndicatorFeed()
        for text in texts { _ = withBytes(of: text) { feed.read($0, path: "x", source: "x") } }
        return feed
    }

    private static func suspicion(_ names: [String], parts: Int = 1) throws -> [Suspicion] {
        let list = #"{"name": "ours", "type": "hostname", "list": ["cdn.top.example"]}"#
        let feed = feed("top.example", list)
        let set = try feed.builder.finish()
        var hits = IndicatorHits()
        for part in 0..<parts {
            let batch = ActivityBatch()
            for (index, name) in names.enumerated() where index % parts == part {
                let mark = RecordMark(
                    time: Timestamp(microseconds: Int64(index)), identity: UInt64(index), offset: UInt64(index),
                    length: 1)
                batch.queries.append(
                    DNSQuery(
                        mark: mark, client: IPAddress(v4: 0x0A00_0001), resolver: IPAddress(v4: 9),
                        name: batch.arena.copy(name)))
            }
            let matcher = IndicatorMatcher([set], allowLists: feed.allowLists)
            matcher.observe(batch, input: 0)
            var encoder = StateEncoder()
            matcher.hits.encode(into: &encoder)
            var decoder = try StateDecoder(encoder.finish())
            hits.merge(try IndicatorHits(from: &decoder), inputMap: [0])
        }
        return hits.findings(feed.allowLists).map(\.suspicion)
    }

    @Test(arguments: [1, 2, 7]) func manyAllowedValuesRaiseNone(parts: Int) throws {
        let allowed = (0..<20).map { "h\($0).cdn.top.example" }
        #expect(try Self.suspicion(allowed, parts: parts) == [Suspicion.none])
        #expect(try Self.suspicion(allowed + ["z.top.example"], parts: parts) == [.possible])
        #expect(try Self.suspicion(["a.top.example"] + allowed, parts: parts) == [.possible])
        #expect(try Self.suspicion(allowed + ["top.example"], parts: parts) == [.possible])
    }

    @Test func aPatternMetByAllowedValuesRaisesNone() throws {
        let bundle = """
            {"type": "bundle", "objects": [{"type": "indicator", "id": "indicator--1", "confidence": 90, "pattern_type": "stix",
             "valid_from": "2020-01-01T00:00:00Z", "pattern": "[domain-name:value = 'top.example'] REPEATS 2 TIMES"}]}
            """
        let list = #"{"name": "ours", "type": "hostname", "list": ["cdn.top.example"]}"#
        let indicators = Self.feed(bundle, list)
        var feed = indicators
        for (name, indicator) in indicators.versioned { _ = feed.look(for: indicator, name) }
        let set = try feed.builder.finish()
        for (names, expected) in [
            (["a.cdn.top.example", "b.cdn.top.example"], Suspicion.none),
            (["a.cdn.top.example", "b.top.example"], .likely),
        ] {
            let batch = ActivityBatch()
            for (index, name) in names.enumerated() {
                let mark = RecordMark(
                    time: Timestamp(microseconds: 1_577_900_000_000_000 + Int64(index) * 60_000_000),
                    identity: UInt64(index), offset: UInt64(index), length: 1)
                batch.queries.append(
                    DNSQuery(
                        mark: mark, client: IPAddress(v4: 0x0A00_0001), resolver: IPAddress(v4: 9),
                        name: batch.arena.copy(name)))
            }
            let matcher = IndicatorMatcher([set], allowLists: feed.allowLists)
            matcher.observe(batch, input: 0)
            let findings = matcher.hits.findings(feed.allowLists)
            #expect(findings.map(\.suspicion) == [expected])
            #expect(findings.first?.notes.contains { $0.contains("\"ours\"") } == true)
        }
    }
}
