// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
@testable import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// What is kept for patterns over several records is a function of the records: however these are split, ordered, repeated,
/// written and merged, and whatever has no room.
@Suite struct PatternSightingsLawTests {
    typealias Dice = IndicatorSetTests.Dice
    typealias Sightings = PatternSightings

    private func pattern(_ number: UInt64) -> Sightings.Pattern {
        var profile = Indicator.Profile(source: "s", id: "indicator--\(number)", tlp: .green, confidence: 70)
        profile.pattern = PatternText(text: "[ipv4-addr:value = '198.51.100.1'] REPEATS 2 TIMES", version: .v21)
        return Sightings.Pattern(profile)
    }

    private struct Record {
        var pattern: Sightings.Pattern
        var place: Sightings.Place
        var sighting: Sightings.Sighting
    }

    private func record(_ patterns: [Sightings.Pattern], _ dice: inout Dice) -> Record {
        let identity = dice.roll(40)
        let first = Timestamp(microseconds: Int64(identity % 7) * 1_000_000)
        return Record(
            pattern: patterns[Int(dice.roll(UInt64(patterns.count)))], place: .init(first: first, identity: identity),
            sighting: .init(
                last: first, steps: 1 << dice.roll(3), connection: identity % 3 == 0 ? identity : nil,
                subjects: [
                    .init(
                        entity: .init(kind: "host", id: "10.0.0.\(dice.roll(5))"), kind: .domain,
                        value: Array("a\(dice.roll(4)).example".utf8))
                ],
                evidence: Evidence(
                    weight: identity, identity: identity,
                    origin: Origin(input: 0, offset: identity * 10 + dice.roll(2), length: 5))))
    }

    private func told(_ sightings: Sightings) -> [String] {
        var copy = sightings
        return copy.settled().map { pattern, kept in
            "\(pattern.profile.id) \(kept.ceiling.map { "\($0)" } ?? "-") "
                + kept.sightings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ";")
        } + ["\(copy.room) \(copy.highest)"]
    }

    @Test(arguments: [(1_000, 10_000), (8, 10_000), (1_000, 60), (16, 40), (4, 6)])
    func anySplitOrderAndMergeIsTheSame(limit: Int, total: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(state: seed)
        for _ in 0..<20 {
            let patterns = (0..<(1 + dice.roll(9))).map(pattern)
            var records = (0..<(20 + Int(dice.roll(300)))).map { _ in record(patterns, &dice) }
            var whole = Sightings(limit: limit, total: total)
            for one in records { whole.add(one.pattern, one.place, one.sighting) }
            for index in records.indices.reversed() { records.swapAt(index, Int(dice.roll(UInt64(index + 1)))) }
            var merged = Sightings(limit: limit, total: total)
            var rest = records[...]
            while !rest.isEmpty {
                let count = 1 + Int(dice.roll(90))
                var part = Sightings(limit: limit, total: total)
                // Some records are read twice.
                for one in rest.prefix(count) + (dice.roll(2) == 0 ? records.prefix(9) : []) {
                    part.add(one.pattern, one.place, one.sighting)
                }
                rest = rest.dropFirst(count)
                var encoder = StateEncoder()
                part.encode(into: &encoder)
                var decoder = try StateDecoder(encoder.finish())
                merged.merge(try Sightings(from: &decoder), inputMap: [0])
            }
            #expect(told(merged) == told(whole), "seed \(seed)")
        }
    }

    @Test func whatHasNoRoomIsTold() {
        var hits = IndicatorHits()
        hits.sightings = Sightings(limit: 3, total: 100)
        for identity in 0..<10 as Range<UInt64> {
            hits.sightings.add(
                pattern(1), .init(first: Timestamp(microseconds: Int64(identity)), identity: identity),
                .init(
                    last: Timestamp(microseconds: Int64(identity)), steps: 1, connection: nil,
                    subjects: [
                        .init(entity: .init(kind: "host", id: "h"), kind: .domain, value: Array("a.example".utf8))
                    ], evidence: Evidence(weight: 0, identity: identity, origin: .init(input: 0, offset: 0, length: 1)))
            )
        }
        let (findings, gaps) = hits.conclude()
        #expect(findings.count == 1)
        #expect(findings.first?.notes.contains { $0.contains("the earliest 3 were looked at") } == true)
        #expect(gaps.count == 1)
        #expect(gaps.first?.what.contains("indicator--1") == true)
    }

    @Test func whatTakesTooLongIsTold() throws {
        // More parts than are written out.
        let text =
            "([ipv4-addr:value = '198.51.100.1'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.1']) REPEATS 400 TIMES"
        let set = try #require(try PatternStepsTests.set(text))
        var flows: [Flow] = []
        for number in 0..<900 {
            flows.append(
                PatternStepsTests.Contact(
                    host: 1, peer: 1, port: 443, second: UInt64(number / 3), length: 0, number: number
                ).flow())
        }
        let (findings, gaps) = PatternStepsTests.hits(flows, set).conclude()
        #expect(findings.isEmpty)
        #expect(gaps.contains { $0.what.contains("too long") }, "\(gaps)")
    }

    @Test func damagedStateIsAnError() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(state: seed)
        var whole = Sightings()
        let patterns = (0..<3).map(pattern)
        for _ in 0..<12 {
            let one = record(patterns, &dice)
            whole.add(one.pattern, one.place, one.sighting)
        }
        var encoder = StateEncoder(isCompressing: false)
        whole.encode(into: &encoder)
        let file = encoder.finish()
        for index in file.indices {
            for value: UInt8 in [0, 1, 127, 128, 255] {
                var bytes = file
                bytes[index] = value
                // Whatever is read, it neither traps nor keeps more than is allowed.
                guard var decoder = try? StateDecoder(bytes), let read = try? Sightings(from: &decoder) else {
                    continue
                }
                _ = PatternFindings(read, AllowLists())
            }
        }
    }
}
