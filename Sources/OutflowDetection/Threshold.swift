// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#endif

/// What a detector's statistic has to reach: what theory asks, or more where the estate's own past shows that its ordinary
/// life is less regular than theory takes for granted.
///
/// Days of one entity hang together: a project goes on for weeks, a new habit stays. So the peaks that statistics have
/// reached in the last ``window`` days are kept, one for each time that a statistic rose and fell again, and the
/// threshold is put where, by a Pareto law fitted to the highest of them (Hill 1975), as many peaks come as the budget
/// allows.
struct Threshold: Sendable {
    /// Days of peaks that count.
    static let window: Int32 = 180
    /// So many peaks are needed before they say anything.
    static let peaksNeeded = 40

    /// What theory asks: the run length of one entity.
    let runLength: Double
    private var peaks: [(day: Int32, height: Double)] = []
    private var firstDay: Int32?
    /// Entities per day, for the expected number of alarms.
    private var rows = 0
    private var days = 0
    /// In force.
    private(set) var value: Double

    init(runLength: Double) {
        self.runLength = runLength
        value = runLength
    }

    /// Notes a peak, which ended on `day`.
    mutating func add(peak: Double, day: Int32) {
        if peak > 1 { peaks.append((day, min(peak, value * 4))) }
    }

    /// Begins a day on which `entities` are judged.
    mutating func begin(day: Int32, entities: Int) {
        rows += entities
        days += 1
        if firstDay == nil { firstDay = day }
        peaks.removeAll { day - $0.day > Self.window }
        guard peaks.count >= Self.peaksNeeded, let firstDay else { return }
        let span = Double(min(Self.window, day - firstDay) + 1)
        let allowed = Double(rows) / Double(days) * span / runLength
        let heights = peaks.map(\.height).sorted(by: >)
        let count = min(50, heights.count / 2)
        let low = heights[count]
        var sum = 0.0
        for height in heights.prefix(count) { sum += log(height / low) }
        let index = min(1, max(0.3, Double(count) / max(sum, 1e-9)))
        value = max(runLength, low * pow(Double(count) / allowed, 1 / index))
    }
}
