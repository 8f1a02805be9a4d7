// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Random numbers that follow from a seed (SplitMix64), so that a failure can be repeated.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    /// Seeds that lie side by side give streams that have nothing in common.
    init(seed: UInt64) {
        state = seed
        state = next() ^ 0x1234_5678_9ABC_DEF1
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True in `percent` of 100 cases.
    mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[number(0...choices.count - 1)] }

    /// A text of so many hex digits.
    mutating func hex(_ count: Int) -> String {
        (0..<count).map { _ in String(number(0...15), radix: 16) }.joined()
    }
}

/// Seeds of property tests: a few fixed ones; the one in `OUTFLOW_SEED`, to look into a failure; or as many as
/// `OUTFLOW_SEEDS` says, to search for longer.
func seeds(_ count: Int) -> [UInt64] {
    let environment = ProcessInfo.processInfo.environment
    if let text = environment["OUTFLOW_SEED"], let seed = UInt64(text) { return [seed] }
    return (1...(environment["OUTFLOW_SEEDS"].flatMap { UInt64($0) } ?? UInt64(count))).map { $0 }
}
