// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowReports

@Suite struct AmountsTests {
    @Test(
        arguments: [
            (0, "0 B", "0 B"), (999, "999 B", "999 B"), (1_000, "1.00 kB", "1.00 kB"), (1_001, "1.00 kB", "1.01 kB"),
            (69_977, "69.9 kB", "70.0 kB"), (99_999, "99.9 kB", "100 kB"), (999_999, "999 kB", "1.00 MB"),
            (9_999_999, "9.99 MB", "10.0 MB"),
            (1_082_089, "1.08 MB", "1.09 MB"), (80_000_000_000, "80.0 GB", "80.0 GB"),
            (UInt64.max, "18.4 EB", "18.5 EB"),
        ] as [(UInt64, String, String)])
    func threeDigits(bytes: UInt64, down: String, up: String) {
        #expect(Amounts.short(bytes, .down) == down)
        #expect(Amounts.short(bytes, .up) == up)
    }

    @Test func boundsInAFewCharacters() {
        #expect(Amounts.brief(.exactly(1_082_089)) == "1.08 MB")
        #expect(Amounts.brief(.exactly(524_836)) == "524,836 B")
        #expect(Amounts.brief(ByteBounds(atLeast: 89, atMost: nil)) == "≥ 89 B")
        #expect(Amounts.brief(ByteBounds(atLeast: 0, atMost: 69_977)) == "0 B – 70.0 kB")
        #expect(Amounts.brief(.unknown) == "unknown")
        #expect(Amounts.brief(.zero) == "0 B")
    }

    /// A lower bound is never shown above the truth, an upper bound never below it, and neither is off by more than 1 %.
    @Test(arguments: [1, 2, 3] as [UInt64]) func roundingIsHonest(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        for _ in 0..<3_000 {
            let bytes = UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
            for near in [bytes, bytes / 10 &* 10, bytes &+ 1] {
                let low = try #require(value(Amounts.short(near, .down)), "seed \(seed)")
                let high = try #require(value(Amounts.short(near, .up)), "seed \(seed)")
                #expect(low <= UInt128(near) && UInt128(near) <= high, "seed \(seed): \(near)")
                #expect((high - low) * 100 <= UInt128(near), "seed \(seed): \(near)")
                #expect(Amounts.brief(ByteBounds(atLeast: near / 3, atMost: near)).count <= 17)
                #expect(Amounts.short(near, .up).count <= 7)
            }
        }
    }

    /// Reads an amount back without going through the code under test.
    private func value(_ text: String) -> UInt128? {
        let parts = text.split(separator: " ")
        let sizes: [Substring: UInt128] = [
            "B": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
            "PB": 1_000_000_000_000_000,
            "EB": 1_000_000_000_000_000_000,
        ]
        guard parts.count == 2, let size = sizes[parts[1]] else { return nil }
        let digits = parts[0].split(separator: ".")
        guard let whole = digits.first.flatMap({ UInt128($0) }) else { return nil }
        guard digits.count == 2, let fraction = UInt128(digits[1]) else { return whole * size }
        return whole * size + fraction * size / (digits[1].count == 1 ? 10 : 100)
    }

    @Test func numbersAndTimes() {
        #expect(Amounts.precise(ByteBounds(atLeast: 0, atMost: 70_000)) == "0 B to 70,000 B")
        let first = DemoReport.time("2020-05-01T22:54:03Z")
        #expect(Amounts.span(first, DemoReport.time("2020-05-01T22:58:00Z")) == "2020-05-01 22:54 – 22:58")
        #expect(Amounts.span(first, first) == "2020-05-01 22:54")
        #expect(Amounts.span(first, DemoReport.time("2020-05-02T22:58:00Z")) == "2020-05-01 22:54 – 2020-05-02 22:58")
    }
}
