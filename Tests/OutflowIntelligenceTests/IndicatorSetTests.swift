// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// Sets against the plain way to ask the same: a list that is gone through from end to end.
@Suite struct IndicatorSetTests {
    /// Numbers from a seed (SplitMix64).
    struct Dice {
        var state: UInt64
        mutating func roll(_ sides: UInt64) -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return (value ^ value >> 31) % sides
        }
    }

    @Test func findsWhatALinearSearchFinds() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(state: seed)
        for _ in 0..<30 {
            var networks: [Network] = []
            var domains: Set<String> = []
            var builder = IndicatorSetBuilder()
            let profile = Indicator.Profile(source: "s")
            for _ in 0..<dice.roll(40) {
                // Few bits, so that they nest.
                let length = dice.roll(4) == 0 ? Int(dice.roll(129)) : 96 + Int(dice.roll(33))
                let base = IPAddress(v4: UInt32(dice.roll(4)) << 30 | UInt32(dice.roll(4)) << 14 | UInt32(dice.roll(4)))
                let network = Network(base, prefixLength: length)
                networks.append(network)
                let (kind, value) = IndicatorText.network(network)
                builder.add(Indicator(kind: kind, value: value, profile: profile))
            }
            func name() -> String {
                (0...dice.roll(3)).map { _ in ["a", "b", "cc"][Int(dice.roll(3))] }.joined(separator: ".") + ".example"
            }
            for _ in 0..<dice.roll(30) {
                let domain = name()
                domains.insert(domain)
                builder.add(Indicator(kind: .domain, value: Array(domain.utf8), profile: profile))
            }
            let set = try builder.finish()
            let batch = ActivityBatch()
            var expected: Set<String> = []
            for index in 0..<300 {
                let responder = IPAddress(
                    v4: UInt32(dice.roll(4)) << 30 | UInt32(dice.roll(4)) << 14 | UInt32(dice.roll(4)))
                let originator = IPAddress(v4: 0x7F00_0001)
                batch.flows.append(
                    Flow(
                        originator: originator, responder: responder, start: Timestamp(microseconds: Int64(index)),
                        duration: 0, originatorBytes: 0, responderBytes: 0, originatorPort: 0, responderPort: 0,
                        proto: 6, sensor: .zeek))
                for network in networks {
                    if network.contains(responder) { expected.insert("\(originator) \(network)") }
                    if network.contains(originator) { expected.insert("\(responder) \(network)") }
                }
                let asked = name()
                let client = IPAddress(v4: UInt32(index))
                batch.queries.append(
                    DNSQuery(
                        mark: .init(time: Timestamp(microseconds: 0), identity: UInt64(index), offset: 0, length: 0),
                        client: client, resolver: client, name: batch.arena.copy(asked)))
                for domain in domains where asked == domain || asked.hasSuffix(".\(domain)") {
                    expected.insert("\(client) \(domain)")
                }
            }
            let matcher = IndicatorMatcher([set])
            matcher.observe(batch, input: 0)
            var hits = matcher.hits
            let found = Set(
                hits.settled().map { key, _ in
                    // A network of one address is written as an address.
                    let text = Indicator.text(key.kind, key.value)
                    return
                        "\(key.entity.id) \(key.kind == .address ? (text.contains(":") ? text + "/128" : text + "/32") : text)"
                })
            #expect(found == expected, "seed \(seed)")
        }
    }

    @Test func aCompiledSetIsTheSameAndDamageIsNoticedOrHarmless() throws {
        var builder = IndicatorSetBuilder(seed: 7)
        for index in 0..<1000 {
            builder.add(
                Indicator(
                    kind: .domain, value: Array("host\(index).example".utf8),
                    profile: .init(source: "list \(index % 3)", tlp: .green, confidence: 60)))
        }
        let set = try builder.finish()
        let path = FileManager.default.temporaryDirectory.path + "/outflow-set-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try set.write(to: path)
        let again = try IndicatorSet(compiled: path)
        #expect(again.count == 1000)
        let batch = ActivityBatch()
        for index in 0..<2000 {
            batch.queries.append(
                DNSQuery(
                    mark: .init(time: Timestamp(microseconds: 0), identity: UInt64(index), offset: 0, length: 0),
                    client: IPAddress(v4: 1), resolver: IPAddress(v4: 2),
                    name: batch.arena.copy("www.host\(index).example")))
        }
        let matcher = IndicatorMatcher([again])
        matcher.observe(batch, input: 0)
        #expect(matcher.hits.count == 1000)

        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var dice = Dice(state: 99)
        for round in 0..<120 {
            var damaged = bytes
            if round % 4 == 0 { damaged.removeLast(Int(dice.roll(UInt64(bytes.count)))) }
            for _ in 0..<dice.roll(6) where !damaged.isEmpty {
                let place = dice.roll(2) == 0 ? dice.roll(128) : dice.roll(UInt64(damaged.count))
                if Int(place) < damaged.count { damaged[Int(place)] = UInt8(dice.roll(256)) }
            }
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, damaged.count), alignment: 64)
            copy.copyBytes(from: damaged)
            let part = UnsafeRawBufferPointer(rebasing: copy[0..<damaged.count])
            if let set = try? IndicatorSet(part, name: "damaged", release: { _ in }) {
                let matcher = IndicatorMatcher([set])
                matcher.observe(batch, input: 0)
                _ = matcher.hits.findings()
            }
            copy.deallocate()
        }
    }
}
