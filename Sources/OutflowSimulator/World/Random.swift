// SPDX-License-Identifier: Apache-2.0

/// A stream of pseudo-random numbers, the same on every machine: xoshiro256** seeded by SplitMix64, both by Blackman
/// and Vigna (https://prng.di.unimi.it, public domain).
///
/// Every part of the world draws from a stream of its own, named by a label and numbers, so that adding a host or a
/// theft changes nothing else.
struct Random: Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// The stream called `label`, `first`, `second` of the world that `seed` makes.
    init(seed: UInt64, _ label: StaticString, _ first: Int = 0, _ second: Int = 0) {
        // FNV-1a of the label separates streams; SplitMix64 spreads what little they differ by.
        var mixed: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in 0..<label.utf8CodeUnitCount {
            mixed = (mixed ^ UInt64(label.utf8Start[index])) &* 0x0000_0100_0000_01B3
        }
        var start = seed
        for part in [mixed, UInt64(bitPattern: Int64(first)), UInt64(bitPattern: Int64(second))] {
            start = Self.split(start &+ 0x9E37_79B9_7F4A_7C15) ^ part
        }
        func step() -> UInt64 {
            start &+= 0x9E37_79B9_7F4A_7C15
            return Self.split(start)
        }
        state = (step(), step(), step(), step())
    }

    private static func split(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 64 random bits.
    mutating func bits() -> UInt64 {
        func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
        let result = rotate(state.1 &* 5, 7) &* 9
        let t = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= t
        state.3 = rotate(state.3, 45)
        return result
    }

    /// A number from 0 to `limit` - 1, by multiply-and-shift (its bias is below `limit` / 2^64). `limit` is at least 1.
    mutating func below(_ limit: Int) -> Int {
        Int(bits().multipliedFullWidth(by: UInt64(limit)).high)
    }

    /// A number within `range`.
    mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// Whether something happens that does so `perMille` times in a thousand.
    mutating func chance(perMille: Int) -> Bool { below(1000) < perMille }

    /// One of `choices`, all equally likely. `choices` is not empty.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[below(choices.count)] }

    /// An index into `weights`, each as likely as its weight. The weights' sum is at least 1.
    mutating func index(weights: [Int]) -> Int {
        var left = below(weights.reduce(0, +))
        for (index, weight) in weights.enumerated() {
            left -= weight
            if left < 0 { return index }
        }
        return weights.count - 1
    }
}
