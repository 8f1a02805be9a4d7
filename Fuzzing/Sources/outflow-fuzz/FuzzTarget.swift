// SPDX-License-Identifier: Apache-2.0

import OutflowActivities

/// Something that takes hostile bytes. To add one, write a file in `Targets` and name it here.
struct FuzzTarget: Sendable {
    /// What `--target=` calls it; seeds lie in `Seeds/<name>`.
    let name: String
    /// Works on one input; traps when what must hold does not.
    let run: @Sendable (_ input: [UInt8]) -> Void

    /// Every target. Each log source is one, without a line of code.
    static let all =
        [
            .readers, .scan, .zeekKernel, .json, .eventChunk, .eventXML, .logFormat, .estate, .report, .partial,
            .rules, .ruleEvents, .ruleCache, .pattern, .indicators, .signature, .taxiiRequest,
        ] + LogSources.all.map(source)
}

/// Traps, with words, when `condition` does not hold.
func check(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}

/// Choices that the fuzzer makes: drawn from a hash of all of the input, so that seeds are real files as they are, and
/// an input that crashes crashes again.
struct Choices: RandomNumberGenerator {
    private var state: UInt64

    init(_ input: [UInt8]) {
        state = 0xCBF2_9CE4_8422_2325
        for byte in input { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
