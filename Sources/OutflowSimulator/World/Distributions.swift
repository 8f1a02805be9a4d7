// SPDX-License-Identifier: Apache-2.0

// Distributions in whole numbers. The C library's `exp` and `log` differ in their last bit between machines, and one
// bit changes a file's hash; so logarithms are taken to base 2 in fixed point with 16 fraction bits, with cubic fits
// (largest error 0.0002 for 2^x and 0.001 for log2 x), which is far finer than any published parameter.

/// Fixed-point helpers, 16 fraction bits.
enum Fixed {
    /// No sample exceeds this (one pebibyte, or 35 years in microseconds).
    static let ceiling = 1 << 50

    /// `value` in fixed point. Exact on every machine: one multiplication and one truncation.
    static func of(_ value: Double) -> Int { Int(value * 65536) }

    /// `value` times 2 to the power of `exponent` (fixed point), at most ``ceiling``.
    static func scale(_ value: Int, byPowerOfTwo exponent: Int) -> Int {
        let whole = exponent >> 16
        let f = exponent & 0xFFFF
        let power = 65536 + ((f * (45608 + ((f * (14742 + ((f * 5186) >> 16))) >> 16))) >> 16)
        let product = min(value, 1 << 44) * power
        if whole <= 16 { return whole < -46 ? 0 : min(ceiling, product >> (16 - whole)) }
        return whole > 66 || product > ceiling >> (whole - 16) ? ceiling : product << (whole - 16)
    }

    /// Minus the logarithm to base 2 (fixed point) of a number drawn evenly from (0, 1].
    static func minusLog2(_ random: inout Random) -> Int {
        let bits = random.bits() | 1
        let zeros = bits.leadingZeroBitCount
        let f = Int(((bits << UInt64(zeros)) << 1) >> 48)
        let fraction = (f * (93118 + ((f * (-37831 + ((f * 10249) >> 16))) >> 16))) >> 16
        return max(0, ((zeros + 1) << 16) - fraction)
    }
}

/// A lognormal distribution: sizes of files and web objects, lengths of sessions.
///
/// Downey, "Lognormal and Pareto distributions in the Internet" (Computer Communications 28, 2005), found it enough for
/// sizes of files and web objects in nearly every public data set.
struct LogNormal: Sendable {
    /// Half of all samples are below this.
    let median: Int
    /// Standard deviation of the logarithm to base 2, in fixed point.
    let sigma: Int

    /// A distribution by its median and the standard deviation of its logarithm to base 2 (`doublings`).
    init(median: Int, doublings: Double) {
        self.median = median
        self.sigma = Fixed.of(doublings)
    }

    /// One sample.
    func sample(_ random: inout Random) -> Int {
        // The sum of twelve even draws has variance 1; its tails end at six standard deviations, beyond what a week
        // of a small university would show.
        var sum = 0
        for _ in 0..<3 {
            let bits = random.bits()
            sum += Int(bits & 0xFFFF) + Int(bits >> 16 & 0xFFFF) + Int(bits >> 32 & 0xFFFF) + Int(bits >> 48)
        }
        return Fixed.scale(median, byPowerOfTwo: ((sum - 6 * 65536) * sigma) >> 16)
    }
}

/// A Pareto distribution: the few very large transfers and the length of think times.
///
/// Crovella and Bestavros, "Self-similarity in World Wide Web traffic" (IEEE/ACM Transactions on Networking 5, 1997):
/// transfer sizes with a shape of 1.0 to 1.3, think times of 1.5.
struct Pareto: Sendable {
    /// No sample is below this.
    let scale: Int
    /// No sample is above this: the longest file or pause that makes sense.
    let limit: Int
    private let shape: Int

    /// A distribution by its least and largest sample and its shape (above 0).
    init(scale: Int, shape: Double, limit: Int) {
        self.scale = scale
        self.limit = limit
        self.shape = Fixed.of(shape)
    }

    /// One sample.
    func sample(_ random: inout Random) -> Int {
        min(limit, Fixed.scale(scale, byPowerOfTwo: (Fixed.minusLog2(&random) << 16) / shape))
    }
}

/// Mostly lognormal with a Pareto tail: the usual model of web object sizes (Barford and Crovella, "Generating
/// representative web workloads", SIGMETRICS 1998).
struct HeavyTailed: Sendable {
    let body: LogNormal
    let tail: Pareto
    /// How many samples in a thousand come from the tail.
    let tailPerMille: Int

    /// One sample.
    func sample(_ random: inout Random) -> Int {
        random.chance(perMille: tailPerMille) ? tail.sample(&random) : body.sample(&random)
    }
}

extension Random {
    /// A waiting time with the mean `mean`: arrivals of sessions are Poisson within an hour (Paxson and Floyd,
    /// "Wide-area traffic: the failure of Poisson modeling", 1995, which holds for sessions, not for packets).
    mutating func wait(mean: Int) -> Int {
        (((Fixed.minusLog2(&self) * 45426) >> 16) * mean) >> 16
    }
}
