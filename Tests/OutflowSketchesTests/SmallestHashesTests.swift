// SPDX-License-Identifier: Apache-2.0

import OutflowSketches
import Testing

@Suite struct SmallestHashesTests {
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    private static func thing(_ group: UInt32, _ number: UInt64, value: UInt64 = 1) -> SmallestHashes.Thing {
        .init(group: group, hash: mix(number), value: value, tag: (number, 0))
    }

    private static func sums(_ sketch: SmallestHashes) -> [UInt32: (UInt64, UInt64, [UInt64])] {
        var sketch = sketch
        sketch.settle()
        var result: [UInt32: (UInt64, UInt64, [UInt64])] = [:]
        sketch.forEachGroup { result[$0] = ($1.count, $1.value, $1.things.map(\.hash)) }
        return result
    }

    @Test func fewThingsAreCountedExactlyHoweverOftenTheyCome() {
        var sketch = SmallestHashes()
        for _ in 0..<200 { for number in 0..<100 as Range<UInt64> { sketch.add(Self.thing(3, number, value: number)) } }
        let sum = Self.sums(sketch)[3]
        #expect(sum?.0 == 100)
        #expect(sum?.1 == 4950)
    }

    @Test func theLargestValueOfAThingCounts() {
        var sketch = SmallestHashes()
        for value in [3, 9, 1] as [UInt64] { sketch.add(Self.thing(0, 7, value: value)) }
        #expect(Self.sums(sketch)[0]?.1 == 9)
    }

    @Test func manyThingsAreEstimated() {
        var sketch = SmallestHashes()
        for number in 0..<100_000 as Range<UInt64> { sketch.add(Self.thing(0, number)) }
        let count = Self.sums(sketch)[0]?.0 ?? 0
        // Four standard errors of 6 %.
        #expect(count > 75_000 && count < 125_000)
    }

    @Test func orderAndSplitsAreOfNoAccount() {
        let seed = UInt64.random(in: 0...1 << 40)
        var things: [SmallestHashes.Thing] = []
        for number in 0..<20_000 as Range<UInt64> {
            things.append(Self.thing(UInt32(Self.mix(number ^ seed) % 7), Self.mix(number) % 5000, value: number % 90))
        }
        var one = SmallestHashes()
        for thing in things { one.add(thing) }
        var other = SmallestHashes()
        var parts = [SmallestHashes(), SmallestHashes(), SmallestHashes()]
        for (index, thing) in things.reversed().enumerated() { parts[index % 3].add(thing) }
        for var part in parts {
            part.settle()
            for thing in part.all { other.add(thing) }
        }
        let (a, b) = (Self.sums(one), Self.sums(other))
        #expect(a.count == b.count)
        for (group, sum) in a {
            #expect(b[group].map { $0 == sum } == true, "seed \(seed), group \(group)")
        }
    }
}
