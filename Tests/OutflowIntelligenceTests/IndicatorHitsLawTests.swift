// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// Hits are a function of the records: however these are split, ordered, written and merged.
@Suite struct IndicatorHitsLawTests {
    private struct Question { var client: Int, name: String, time: Int64, offset: UInt64 }

    private func hits(_ questions: [Question], _ set: IndicatorSet) -> IndicatorHits {
        let batch = ActivityBatch()
        for one in questions {
            batch.queries.append(
                DNSQuery(
                    mark: .init(
                        time: Timestamp(microseconds: one.time), identity: one.offset &* 0x9E37_79B9_7F4A_7C15,
                        offset: one.offset, length: 10),
                    client: IPAddress(v4: UInt32(one.client)), resolver: IPAddress(v4: 9),
                    name: batch.arena.copy(one.name)))
        }
        let matcher = IndicatorMatcher([set])
        matcher.observe(batch, input: 0)
        return matcher.hits
    }

    @Test func anySplitOrderAndMergeIsTheSame() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = IndicatorSetTests.Dice(state: seed)
        var builder = IndicatorSetBuilder()
        for name in ["a.example", "b.a.example", "c.example"] {
            builder.add(Indicator(kind: .domain, value: Array(name.utf8), profile: .init(source: "s", tlp: .amber)))
        }
        let set = try builder.finish()
        for _ in 0..<20 {
            var questions = (0..<200).map { index in
                Question(
                    client: Int(dice.roll(4)),
                    name: ["x.a.example", "y.b.a.example", "c.example", "d.example"][Int(dice.roll(4))],
                    time: Int64(dice.roll(50)), offset: UInt64(index))
            }
            let whole = hits(questions, set).findings()
            for index in questions.indices.reversed() { questions.swapAt(index, Int(dice.roll(UInt64(index + 1)))) }
            var merged = IndicatorHits()
            var rest = questions[...]
            while !rest.isEmpty {
                let count = 1 + Int(dice.roll(90))
                // Some records are read twice.
                let part = Array(rest.prefix(count)) + (dice.roll(2) == 0 ? Array(questions.prefix(5)) : [])
                rest = rest.dropFirst(count)
                var encoder = StateEncoder()
                hits(part, set).encode(into: &encoder)
                var decoder = try StateDecoder(encoder.finish())
                merged.merge(try IndicatorHits(from: &decoder), inputMap: [0])
            }
            #expect(merged.findings() == whole, "seed \(seed)")
            #expect(whole.count > 3)
        }
    }
}
