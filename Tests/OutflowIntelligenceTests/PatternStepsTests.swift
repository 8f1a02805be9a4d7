// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowJSON
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// Patterns over several records, as a scan looks for them; the general matcher over observed data is the judge.
@Suite struct PatternStepsTests {
    typealias Dice = IndicatorSetTests.Dice

    /// A connection of one of a few hosts to one of a few addresses.
    struct Contact {
        var host: UInt64
        var peer: UInt64
        var port: UInt64
        var second: UInt64
        var length: UInt64
        /// Own port: what tells connections apart.
        var number: Int

        func flow(offset: UInt64? = nil) -> Flow {
            Flow(
                originator: IPAddress(v4: 0x0A00_0000 | UInt32(host)),
                responder: IPAddress(v4: 0xC633_6400 | UInt32(peer)),
                start: Timestamp(microseconds: PatternStepsTests.base + Int64(second) * 1_000_000),
                duration: Int64(length) * 1_000_000, originatorBytes: 10, responderBytes: 20,
                originatorPort: UInt16(2_000 + number), responderPort: UInt16(port), proto: 6, sensor: .zeek,
                offset: offset ?? UInt64(number) * 100, length: 90)
        }

        var observedData: String {
            func time(_ seconds: UInt64) -> String {
                "2020-01-01T00:0\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)Z"
            }
            return """
                {"type": "observed-data", "id": "observed-data--\(number)", "first_observed": "\(time(second))",
                  "last_observed": "\(time(second + length))", "number_observed": 1,
                  "object_refs": ["n--\(number)", "a--h\(host)", "a--p\(peer)"]},
                 {"type": "network-traffic", "id": "n--\(number)", "src_ref": "a--h\(host)", "dst_ref": "a--p\(peer)",
                  "protocols": ["ipv4", "tcp"], "src_port": \(2_000 + number), "dst_port": \(port)},
                 {"type": "ipv4-addr", "id": "a--h\(host)", "value": "10.0.0.\(host)"},
                 {"type": "ipv4-addr", "id": "a--p\(peer)", "value": "198.51.100.\(peer)"}
                """
        }
    }

    /// 2020-01-01T00:00:00Z.
    static let base: Int64 = 1_577_836_800_000_000

    static func contact(_ number: Int, _ dice: inout Dice) -> Contact {
        Contact(
            host: 1 + dice.roll(3), peer: 1 + dice.roll(4), port: [22, 443][Int(dice.roll(2))], second: dice.roll(90),
            length: dice.roll(3) == 0 ? dice.roll(20) : 0, number: number)
    }

    static func text(_ depth: Int, _ dice: inout Dice) -> String {
        if depth == 0 || dice.roll(5) == 0 {
            let address = "198.51.100.\(1 + dice.roll(3))"
            switch dice.roll(4) {
            case 0: return "[ipv4-addr:value = '\(address)']"
            case 1: return "[network-traffic:dst_ref.value ISSUBSET '198.51.100.\(2 * dice.roll(2))/31']"
            case 2: return "[network-traffic:dst_ref.value = '\(address)' AND network-traffic:dst_port = 443]"
            default: return "[network-traffic:dst_ref.value IN ('\(address)', '198.51.100.1')]"
            }
        }
        let one = text(depth - 1, &dice)
        switch dice.roll(8) {
        case 0: return "(\(one) OR \(text(depth - 1, &dice)))"
        case 1, 2: return "(\(one) AND \(text(depth - 1, &dice)))"
        case 3, 4: return "(\(one) FOLLOWEDBY \(text(depth - 1, &dice)))"
        case 5: return "(\(one)) REPEATS \(1 + dice.roll(3)) TIMES"
        case 6: return "(\(one)) WITHIN \(1 + dice.roll(30)) SECONDS"
        default: return "(\(one)) START t'2020-01-01T00:00:20Z' STOP t'2020-01-01T00:01:10Z'"
        }
    }

    static func set(_ text: String, validUntil: Timestamp? = nil) throws -> IndicatorSet? {
        var feed = IndicatorFeed()
        var profile = Indicator.Profile(source: "s", id: "indicator--1", tlp: .amber, confidence: 80)
        profile.validUntil = validUntil
        let isLookedFor = feed.look(
            for: .init(
                modified: .earliest, isRevoked: false, profile: profile, values: [],
                pattern: PatternText(text: text, version: .v21)))
        return isLookedFor ? try feed.builder.finish() : nil
    }

    static func hits(_ flows: [Flow], _ set: IndicatorSet) -> IndicatorHits {
        let batch = ActivityBatch()
        batch.flows = flows
        let matcher = IndicatorMatcher([set])
        matcher.observe(batch, input: 0)
        return matcher.hits
    }

    private func isMet(_ contacts: [Contact], _ pattern: STIXPattern) throws -> Bool {
        let text = "[\(contacts.map(\.observedData).joined(separator: ",\n"))]"
        let parser = JSONParser()
        let observations = try withBytes(of: text) { try Observation.v21(try parser.parse(copying: $0)) }
        return try pattern.match(observations) != nil
    }

    @Test func agreesWithTheGeneralMatcher() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(state: seed)
        var met = 0
        var alone = 0
        for _ in 0..<150 {
            let text = Self.text(3, &dice)
            let contacts = (0..<(2 + Int(dice.roll(9)))).map { Self.contact($0, &dice) }
            let pattern = try STIXPattern(text)
            let set = try #require(try Self.set(text), "\(text)")
            let findings = Self.hits(contacts.map { $0.flow() }, set).findings()
            let expected = try isMet(contacts, pattern)
            #expect(findings.isEmpty != expected, "seed \(seed): \(text), \(contacts)")
            met += expected ? 1 : 0
            // A host alone.
            for host: UInt64 in 1...3 {
                let own = contacts.filter { $0.host == host }
                let entity = Report.NamedEntity(kind: "host", id: "10.0.0.\(host)")
                let title = "host 10.0.0.\(host) met"
                let isFound = findings.contains { $0.title.hasPrefix(title) && $0.entities.contains(entity) }
                let isExpected = own.isEmpty ? false : try isMet(own, pattern)
                #expect(isFound == isExpected, "seed \(seed): \(text), \(contacts), host \(host)")
                alone += isExpected ? 1 : 0
            }
        }
        #expect(met > 20 && met < 140 && alone > 20, "seed \(seed): \(met), \(alone)")
    }

    @Test func oneFindingWithTheRecordsAsEvidence() throws {
        let text =
            "([ipv4-addr:value = '198.51.100.1'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.2']) WITHIN 60 SECONDS"
        let set = try #require(try Self.set(text))
        func contact(_ number: Int, _ peer: UInt64, _ second: UInt64) -> Flow {
            Contact(host: 1, peer: peer, port: 443, second: second, length: 0, number: number).flow()
        }
        #expect(Self.hits([contact(1, 1, 10)], set).findings().isEmpty)
        #expect(Self.hits([contact(1, 2, 10), contact(2, 1, 20)], set).findings().isEmpty)
        #expect(Self.hits([contact(1, 1, 10), contact(2, 2, 71)], set).findings().isEmpty)
        let findings = Self.hits([contact(1, 1, 10), contact(2, 2, 70), contact(3, 3, 20)], set).findings()
        #expect(findings.count == 1)
        #expect(findings.first?.evidence.map(\.offset).sorted() == [100, 200])
        #expect(findings.first?.indicator?.tlp == "TLP:AMBER")
        #expect(findings.first?.suspicion == .likely)
        #expect(findings.first?.first == Timestamp(microseconds: Self.base + 10_000_000))
        #expect(findings.first?.notes.contains { $0.contains(text) } == true)
    }

    @Test func severalHostsTogetherArePossibleAtMost() throws {
        let set = try #require(
            try Self.set("[ipv4-addr:value = '198.51.100.1'] AND [ipv4-addr:value = '198.51.100.2']"))
        let flows = [
            Contact(host: 1, peer: 1, port: 443, second: 0, length: 0, number: 1),
            Contact(host: 2, peer: 2, port: 443, second: 9, length: 0, number: 2),
        ].map { $0.flow() }
        let findings = Self.hits(flows, set).findings()
        #expect(findings.count == 1)
        #expect(findings.first?.suspicion == .possible)
        #expect(findings.first?.entities.filter { $0.kind == "host" }.count == 2)
    }

    @Test func oneConnectionIsOneObservation() throws {
        let set = try #require(try Self.set("[ipv4-addr:value = '198.51.100.1'] REPEATS 2 TIMES"))
        let contact = Contact(host: 1, peer: 1, port: 443, second: 0, length: 10, number: 1)
        // The same connection as another sensor sees it, and its later part.
        var other = contact.flow(offset: 700).fromOtherEnd
        other.start = Timestamp(microseconds: other.start.microseconds + 20_000)
        var later = contact.flow(offset: 800)
        later.start = Timestamp(microseconds: later.start.microseconds + 10_500_000)
        #expect(Self.hits([contact.flow(), other, later], set).findings().isEmpty)
        var again = contact.flow(offset: 900)
        again.start = Timestamp(microseconds: again.start.microseconds + 60_000_000)
        #expect(Self.hits([contact.flow(), other, later, again], set).findings().count == 1)
    }

    @Test func validityAndAllowListsCount() throws {
        let text = "[ipv4-addr:value = '198.51.100.1'] REPEATS 2 TIMES"
        let flows = [0, 40].map {
            Contact(host: 1, peer: 1, port: 443, second: $0, length: 0, number: Int($0)).flow()
        }
        let expired = try #require(try Self.set(text, validUntil: Timestamp(microseconds: Self.base + 30_000_000)))
        #expect(Self.hits(flows, expired).findings().isEmpty)
        var feed = IndicatorFeed()
        let list = #"{"name": "ours", "type": "cidr", "list": ["198.51.100.0/24"]}"#
        _ = withBytes(of: list) { feed.read($0, path: "l", source: "l") }
        let set = try #require(try Self.set(text))
        #expect(Self.hits(flows, set).findings().first?.suspicion == .likely)
        #expect(Self.hits(flows, set).findings(feed.allowLists).first?.suspicion == Suspicion.none)
    }

    @Test func recordsOfAllKindsAreObservations() throws {
        let set = try #require(
            try Self.set("[domain-name:value = 'a.example'] FOLLOWEDBY [url:value = 'http://b.example/x']"))
        let batch = ActivityBatch()
        let host = IPAddress(v4: 0x0A00_0001)
        batch.queries.append(
            DNSQuery(
                mark: .init(time: Timestamp(microseconds: 5), identity: 1, offset: 1, length: 1), client: host,
                resolver: host, name: batch.arena.copy("www.a.example")))
        batch.observables.append(
            Observable(
                mark: .init(time: Timestamp(microseconds: 9), identity: 2, offset: 2, length: 1), kind: .url,
                value: batch.arena.copy("b.example/x"), host: host, peer: host))
        let matcher = IndicatorMatcher([set])
        matcher.observe(batch, input: 0)
        #expect(matcher.hits.findings().count == 1)
    }

    @Test(arguments: [
        "[file:name = 'x'] AND [ipv4-addr:value = '198.51.100.1']",
        "[process:command_line LIKE '%x%'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.1']",
        "[network-traffic:dst_port = 4444 AND network-traffic:protocols[*] = 'tcp'] REPEATS 5 TIMES",
    ]) func whatLogsDoNotShowIsLeftOut(text: String) throws {
        _ = try STIXPattern(text)
        #expect(PatternSteps(PatternText(text: text, version: .v21)) == nil)
    }

    @Test func manyStepsAreLeftOut() {
        func pattern(_ count: Int) -> PatternText {
            PatternText(
                text: (0..<count).map { "[ipv4-addr:value = '198.51.100.\($0)']" }.joined(separator: " AND "),
                version: .v21)
        }
        #expect(PatternSteps(pattern(64))?.count == 64)
        #expect(PatternSteps(pattern(65)) == nil)
    }

    @Test func aBundleAndACompiledSetHoldThem() throws {
        let bundle = """
            {"type": "bundle", "id": "bundle--1", "objects": [
             {"type": "indicator", "id": "indicator--7", "spec_version": "2.1", "pattern_type": "stix",
              "modified": "2020-01-01T00:00:00Z",
              "pattern": "[ipv4-addr:value = '198.51.100.1'] AND [ipv4-addr:value = '198.51.100.2']"}]}
            """
        let path = FileManager.default.temporaryDirectory.path + "/outflow-steps-\(UUID().uuidString)"
        defer { for name in [path, path + ".set"] { try? FileManager.default.removeItem(atPath: name) } }
        try bundle.write(toFile: path, atomically: true, encoding: .utf8)
        let indicators = try Indicators(paths: [path])
        #expect(indicators.patternsLeftOut.isEmpty && indicators.count == 2)
        try indicators.sets[0].write(to: path + ".set")
        let flows = [1, 2].map {
            Contact(host: 1, peer: $0, port: 443, second: $0, length: 0, number: Int($0)).flow()
        }
        for set in [indicators.sets[0], try IndicatorSet(compiled: path + ".set")] {
            #expect(Self.hits(flows, set).findings().map(\.indicator?.id) == ["indicator--7"])
        }
    }
}
