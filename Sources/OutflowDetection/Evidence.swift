// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#endif

/// From p-values to e-values.
///
/// An e-value is a number that is at most 1 on average where there is no theft; it multiplies over days, where a p-value
/// does not. A calibrator turns one into the other: any decreasing function of p whose integral over [0, 1] is at most 1
/// (Vovk, Wang: E-values: calibration, combination and applications, Annals of Statistics 2021, section 2).
enum Calibrator {
    /// Exponent of ``power(_:)``: small, because p-values of thefts are small.
    static let exponent = 0.25

    /// κ p^(κ-1): grows without limit as p falls, 1/4 at p = 1.
    static func power(_ p: Double) -> Double { exponent * pow(max(p, 1e-300), exponent - 1) }

    /// The same, no larger than `cap`: one day alone says little, however strange. Smaller than an e-value, so still one.
    static func capped(_ p: Double, at cap: Double) -> Double { min(cap, power(p)) }
}

/// One e-detector: evidence that a change began on some day so far, in Shiryaev-Roberts form.
///
/// M_n = (M_{n-1} + 1) · e_n. Where nothing changed, M_n - n falls or stays on average, so that the mean number of days until M
/// reaches A is at least A (Shin, Ramdas, Rinaldo: E-detectors: a nonparametric framework for sequential change detection,
/// 2022, section 2.3; Roberts 1966, Shiryaev 1963). A weighted mean of e-detectors is one too.
struct EDetector: Sendable {
    /// M.
    private(set) var statistic = 0.0
    /// Day on which the present rise began.
    private(set) var since: Int32 = 0

    /// M is kept below, so that nothing overflows.
    private static let ceiling = 1e30

    /// Adds a day's e-value.
    mutating func add(_ e: Double, day: Int32) {
        if statistic < 1 { since = day }
        statistic = min(Self.ceiling, (statistic + 1) * e)
    }

    /// Begins anew.
    mutating func reset() { statistic = 0 }
}
