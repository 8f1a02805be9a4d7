// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// Hits as a matcher keeps them, against the plain way: profiles decoded, pairs in a dictionary.
@Suite struct HitTableTests {
    private typealias Dice = IndicatorSetTests.Dice

    private func test(_ dice: inout Dice) -> FlowTest {
        let property = FlowTest.Property.allCases[Int(dice.roll(7))]
        let isAddress = property == .source || property == .destination
        func network(_ dice: inout Dice) -> Network {
            Network(IPAddress(v4: UInt32(dice.roll(8))), prefixLength: 124 + Int(dice.roll(5)))
        }
        return FlowTest(
            property: property, isNegated: dice.roll(2) == 0,
            wanted: isAddress
                ? .networks((0...dice.roll(2)).map { _ in network(&dice) })
                : .numbers(
                    (0...dice.roll(2)).map { _ in
                        let low = dice.roll(8)
                        return low...low + dice.roll(4) * dice.roll(1 << 40)
                    }))
    }

    private func profile(_ dice: inout Dice) -> Indicator.Profile {
        var profile = Indicator.Profile(
            source: ["partner", "a feed of a long name"][Int(dice.roll(2))], id: "indicator--\(dice.roll(1 << 40))",
            title: ["", "Grüße"][Int(dice.roll(2))], tlp: [nil, .clear, .red][Int(dice.roll(3))],
            validUntil: dice.roll(3) == 0 ? Timestamp(microseconds: Int64(dice.roll(100))) : nil,
            confidence: dice.roll(2) == 0 ? UInt8(dice.roll(101)) : nil,
            techniques: (0..<dice.roll(3)).map { "T100\($0)" })
        profile.tests = (0..<dice.roll(3)).map { _ in test(&dice) }
        if dice.roll(4) == 0 {
            profile.pattern = PatternText(text: "[a:b = 1] AND [c:d = 2]", version: .v21)
        }
        if dice.roll(4) == 0 { profile.sightings = .init(seen: 3, mistaken: 1, last: Timestamp(microseconds: 5)) }
        if dice.roll(4) == 0 { profile.recipients = ["cert", "isac"] }
        if dice.roll(3) == 0 { profile.mark(techniques: [nil, .clear, .red][Int(dice.roll(3))]) }
        return profile
    }

    private func flow(_ dice: inout Dice) -> Flow {
        var flow = Flow(
            originator: IPAddress(v4: UInt32(dice.roll(8))), responder: IPAddress(v4: UInt32(dice.roll(8))),
            start: Timestamp(microseconds: Int64(dice.roll(200))), duration: 0, originatorBytes: dice.roll(9),
            responderBytes: dice.roll(9), originatorPort: UInt16(dice.roll(9)), responderPort: UInt16(dice.roll(9)),
            proto: [1, 6, 17][Int(dice.roll(3))], sensor: .zeek, offset: dice.roll(1 << 30), length: 9)
        if dice.roll(4) == 0 { flow.services.insert(.unbounded) }
        return flow
    }

    @Test func anOutlineSaysWhatTheProfileSays() {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(state: seed)
        var (met, damaged) = (0, 0)
        for round in 0..<4_000 {
            let profile = profile(&dice)
            var blob = BlobWriter()
            profile.write(into: &blob)
            var bytes = blob.bytes
            if round % 2 == 1 {
                bytes[Int(dice.roll(UInt64(bytes.count)))] = UInt8(dice.roll(256))
                if dice.roll(4) == 0 { bytes.removeLast(Int(dice.roll(UInt64(bytes.count)))) }
            }
            let flow = dice.roll(4) == 0 ? nil : flow(&dice)
            bytes.withUnsafeBytes { bytes in
                var plain = BlobReader(bytes)
                var quick = BlobReader(bytes)
                let decoded = Indicator.Profile(from: &plain)
                let outline = ProfileOutline(from: &quick, flow: flow)
                #expect((decoded == nil) == (outline == nil), "seed \(seed), round \(round)")
                guard let decoded, let outline else {
                    damaged += 1
                    return
                }
                let isMet = decoded.tests.allSatisfy { test in flow.map { test.meets($0) } ?? false }
                met += isMet ? 1 : 0
                #expect(outline.isMet == isMet, "seed \(seed), round \(round)")
                #expect(outline.validUntil == decoded.validUntil)
                #expect(outline.hasPattern == (decoded.pattern != nil))
                #expect(outline.bytes.array == Array(bytes[..<plain.at]) && plain.at == quick.at)
            }
        }
        #expect(met > 100 && damaged > 100, "seed \(seed)")
    }

    /// Few places for pairs, so that most are given up: those that stay are the same whatever the order.
    @Test func whatHasNoRoomIsGivenUpByItsHash() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(state: seed)
        for limit in [1, 7, 50, 1_000] {
            var builder = IndicatorSetBuilder()
            for index in 0..<40 {
                var profile = Indicator.Profile(source: "s", id: "\(index)")
                if index % 2 == 0 { profile.validUntil = Timestamp(microseconds: 100) }
                let network = Network(IPAddress(v4: UInt32(index)), prefixLength: 128 - index % 3)
                let (kind, value) = IndicatorText.network(network)
                builder.add(Indicator(kind: kind, value: value, profile: profile))
            }
            let set = try builder.finish()
            var met: [(entry: IndicatorSet.Entry, who: IPAddress, time: Int64, seen: String?, identity: UInt64)] = []
            for slot in 0..<set.table.count where set.table.slots[slot] != 0 {
                guard let group = set.group(set.rank(ofSlot: slot)) else { continue }
                set.forEachEntry(in: group) { entry in
                    for host in 0..<6 where dice.roll(3) > 0 {
                        for _ in 0...dice.roll(3) {
                            met.append(
                                (
                                    entry, IPAddress(v4: UInt32(host)), Int64(dice.roll(50)),
                                    entry.kind == .network ? "seen \(dice.roll(5))" : nil, dice.roll(1 << 60)
                                ))
                        }
                    }
                }
            }
            // Plainly: all pairs, then those with the lowest hashes.
            var all: [IndicatorHits.Key: IndicatorHits.Hit] = [:]
            for one in met {
                let key = IndicatorHits.Key(
                    kind: one.entry.kind, value: one.entry.value.array,
                    profile: try #require(set.profile(one.entry.profile)),
                    entity: .init(kind: "host", id: one.who.description))
                let hit = IndicatorHits.Hit(
                    first: Timestamp(microseconds: one.time), last: Timestamp(microseconds: one.time),
                    seen: [one.seen ?? Indicator.text(key.kind, key.value)], allowed: [],
                    evidence: [
                        Evidence(weight: 1, identity: one.identity, origin: Origin(input: 0, offset: 0, length: 0))
                    ])
                if let index = all.index(forKey: key) { all.values[index].add(hit) } else { all[key] = hit }
            }
            let expected = all.sorted { $0.key.hash < $1.key.hash }.prefix(limit)
            for _ in 0..<4 {
                for index in met.indices.reversed() { met.swapAt(index, Int(dice.roll(UInt64(index + 1)))) }
                var table = HitTable(limit: limit)
                for one in met {
                    var reader = set.profileReader(at: try #require(set.place(ofProfile: one.entry.profile)))
                    let outline = try #require(ProfileOutline(from: &reader, flow: nil))
                    table.add(
                        .init(entry: one.entry.place, who: .host(one.who)), one.entry, outline.bytes,
                        Timestamp(microseconds: one.time), seen: one.seen,
                        Evidence(weight: 1, identity: one.identity, origin: Origin(input: 0, offset: 0, length: 0)))
                }
                let hits = IndicatorHits(table, of: set)
                #expect(hits.isFull == (all.count > limit), "seed \(seed)")
                let found = hits.hits.sorted { $0.key.hash < $1.key.hash }
                #expect(found.map(\.key) == expected.map(\.key), "seed \(seed)")
                for ((_, hit), (_, plain)) in zip(found, expected) {
                    #expect(
                        hit.first == plain.first && hit.last == plain.last && hit.seen == plain.seen, "seed \(seed)")
                    #expect(
                        Evidence.strongest(hit.evidence) == Evidence.strongest(plain.evidence), "seed \(seed)")
                }
            }
        }
    }
}
