// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowJSON
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// Patterns that one connection can meet: found by an address, then tested; the general matcher is the judge.
@Suite struct PatternConjunctionTests {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    /// Text of a comparison about network-traffic; always with an address somewhere.
    private func comparison(_ dice: inout Dice, _ depth: Int = 0) -> String {
        let address = "198.51.100.\(Int.random(in: 1...3, using: &dice))"
        let port = [22, 443, 8080].randomElement(using: &dice) ?? 22
        switch Int.random(in: 0...(depth < 2 ? 12 : 9), using: &dice) {
        case 0, 1: return "network-traffic:dst_ref.value = '\(address)'"
        case 2: return "network-traffic:src_ref.value IN ('\(address)', '198.51.100.2')"
        case 3: return "network-traffic:dst_ref.value ISSUBSET '198.51.100.0/\(Int.random(in: 24...32, using: &dice))'"
        case 4:
            return
                "network-traffic:dst_port \(["=", "!=", "<", ">", "<=", ">="].randomElement(using: &dice) ?? "=") \(port)"
        case 5: return "network-traffic:dst_port NOT IN (\(port), 80)"
        case 6: return "network-traffic:protocols[*] = '\(["tcp", "udp"].randomElement(using: &dice) ?? "tcp")'"
        case 7: return "network-traffic:src_byte_count >= \(Int.random(in: 0...3, using: &dice) * 500)"
        case 8: return "network-traffic:src_port NOT = 5000"
        case 9: return "network-traffic:dst_byte_count < 700"
        case 10, 11:
            return "(\(comparison(&dice, depth + 1)) AND \(comparison(&dice, depth + 1)))"
        default: return "(\(comparison(&dice, depth + 1)) OR \(comparison(&dice, depth + 1)))"
        }
    }

    private func flow(_ dice: inout Dice) -> Flow {
        func address() -> IPAddress { IPAddress(v4: 0xC633_6400 | UInt32.random(in: 1...3, using: &dice)) }
        return Flow(
            originator: address(), responder: address(), start: Timestamp(microseconds: 0), duration: 0,
            originatorBytes: UInt64.random(in: 0...3, using: &dice) * 500,
            responderBytes: UInt64.random(in: 0...3, using: &dice) * 500,
            originatorPort: [5000, 6000].randomElement(using: &dice) ?? 0,
            responderPort: [22, 80, 443, 8080].randomElement(using: &dice) ?? 0,
            proto: [6, 17].randomElement(using: &dice) ?? 6, sensor: .zeek)
    }

    /// The flow as observed data.
    private func observation(_ flow: Flow) throws -> Observation {
        let text = """
            [{"type": "observed-data", "id": "observed-data--1", "first_observed": "2020-01-01T00:00:00Z",
              "last_observed": "2020-01-01T00:00:00Z", "number_observed": 1, "object_refs": ["n--1", "a--1", "a--2"]},
             {"type": "network-traffic", "id": "n--1", "src_ref": "a--1", "dst_ref": "a--2",
              "protocols": ["ipv4", "\(flow.proto == 6 ? "tcp" : "udp")"], "src_port": \(flow.originatorPort),
              "dst_port": \(flow.responderPort), "src_byte_count": \(flow.originatorLower),
              "dst_byte_count": \(flow.responderLower)},
             {"type": "ipv4-addr", "id": "a--1", "value": "\(flow.originator)"},
             {"type": "ipv4-addr", "id": "a--2", "value": "\(flow.responder)"}]
            """
        let parser = JSONParser()
        return try withBytes(of: text) { try Observation.v21(try parser.parse(copying: $0))[0] }
    }

    @Test func agreesWithTheGeneralMatcher() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(state: seed)
        var resolved = 0
        var met = 0
        for _ in 0..<400 {
            let text = "[network-traffic:dst_ref.value = '198.51.100.1' AND \(comparison(&dice))]"
            let pattern = try STIXPattern(text)
            guard let ways = pattern.conjunctions else { continue }
            resolved += 1
            for _ in 0..<12 {
                let flow = flow(&dice)
                let expected = try pattern.match([try observation(flow)]) != nil
                let found = ways.contains { way in
                    way.values.contains { kind, value in
                        let test = Network(
                            IPAddress(bytes: value[..<16]), prefixLength: kind == .network ? Int(value[16]) : 128)
                        return test.contains(flow.originator) || test.contains(flow.responder)
                    } && way.tests.allSatisfy { $0.meets(flow) }
                }
                met += found ? 1 : 0
                #expect(found == expected, "\(text), \(flow), seed \(seed)")
            }
        }
        #expect(resolved > 200 && met > 200, "seed \(seed): \(resolved), \(met)")
    }

    @Test func aScanLooksForThem() throws {
        var feed = IndicatorFeed()
        let bundle = """
            {"type": "bundle", "id": "bundle--1", "objects": [
             {"type": "indicator", "id": "indicator--1", "spec_version": "2.1", "pattern_type": "stix",
              "modified": "2020-01-01T00:00:00Z",
              "pattern": "[network-traffic:dst_ref.value = '198.51.100.9' AND network-traffic:dst_port = 443]"}]}
            """
        _ = withBytes(of: bundle) { feed.read($0, path: "p", source: "s") }
        let indicator = try #require(feed.named("indicator--1"))
        #expect(indicator.pattern == nil && indicator.conjunctions.count == 1)
        for conjunction in indicator.conjunctions {
            var profile = indicator.profile
            profile.tests = conjunction.tests
            for (kind, value) in conjunction.values { feed.add(kind, value, profile) }
        }
        let matcher = IndicatorMatcher([try feed.builder.finish()])
        let batch = ActivityBatch()
        for (port, turned) in [(443, false), (80, false), (443, true)] {
            let (inside, outside) = (IPAddress(v4: 0x0A00_0001), IPAddress(v4: 0xC633_6409))
            batch.flows.append(
                Flow(
                    originator: turned ? outside : inside, responder: turned ? inside : outside,
                    start: Timestamp(microseconds: Int64(batch.flows.count)), duration: 0, originatorBytes: 1,
                    responderBytes: 1, originatorPort: 5000, responderPort: UInt16(port), proto: 6, sensor: .zeek))
        }
        matcher.observe(batch, input: 0)
        let findings = matcher.hits.findings()
        #expect(findings.count == 1)
        #expect(findings.first?.notes.contains { $0.contains("dst_port is 443") } == true)
        #expect(findings.first?.evidence.count == 1)
    }

    @Test(arguments: [
        "[network-traffic:dst_ref.value = '198.51.100.1'] AND [domain-name:value = 'a.example']",
        "[network-traffic:dst_port = 4444 AND network-traffic:protocols[*] = 'tcp']",
        "[network-traffic:dst_ref.value = 'a.example' AND network-traffic:dst_port = 443]",
        "[network-traffic:dst_ref.value = '198.51.100.1' AND network-traffic:dst_port LIKE '4%']",
        "[network-traffic:dst_ref.value = '198.51.100.1' AND network-traffic:protocols[*] != 'tcp']",
        "[network-traffic:dst_ref.value = '198.51.100.1' AND network-traffic:protocols[*] = 'http']",
        "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e' AND file:name = 'x']",
        "[network-traffic:dst_ref.value = '198.51.100.1' AND network-traffic:dst_port = 1] REPEATS 2 TIMES",
    ]) func whatOneRecordCannotShowIsLeftOut(text: String) throws {
        #expect(try STIXPattern(text).conjunctions == nil)
    }

    @Test func damagedTestsAreNoProfile() throws {
        var profile = Indicator.Profile(source: "s")
        profile.tests = [
            FlowTest(property: .destinationPort, isNegated: true, wanted: .numbers([1...5, 443...443])),
            FlowTest(
                property: .source, isNegated: false, wanted: .networks([Network(IPAddress(v4: 1), prefixLength: 120)])),
        ]
        expectWholeAfterWriting(profile)
    }
}
