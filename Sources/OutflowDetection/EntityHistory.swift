// SPDX-License-Identifier: Apache-2.0

/// What one entity did on the days of the window: each day's figures, and the buckets that its scores fell into.
struct EntityHistory: Sendable {
    /// What a feature's past comes to.
    struct Past: Sendable {
        /// Days that count.
        var days = 0
        /// Days on which there was anything.
        var positive = 0
        /// Largest figure.
        var largest: UInt64 = 0
        /// Mean figure, days without any included.
        var mean = 0.0
        /// Days on which it was as high as the figure in question.
        var asHigh = 0
    }

    private let width: Int
    private let laneCount: Int
    private(set) var days: [Int32] = []
    private var values: [UInt64] = []
    /// Day after day: for each feature and lane, the place of its score in the reference.
    private var places: [Reference.Place] = []
    /// Day after day: which features were suspicious.
    private var suspicious: [UInt32] = []

    init(features: Int, lanes: Int) {
        width = features
        laneCount = features * lanes
    }

    /// Days that are remembered.
    var count: Int { days.count }

    /// Forgets days before `first`.
    mutating func forget(before first: Int32) {
        var gone = 0
        while gone < days.count, days[gone] < first { gone += 1 }
        // A few at a time, so that not everything is moved every day.
        guard gone >= 8 || (gone > 0 && gone == days.count) else { return }
        days.removeFirst(gone)
        values.removeFirst(gone * width)
        places.removeFirst(gone * laneCount)
        suspicious.removeFirst(gone)
    }

    /// Adds a day: its figures, the places of its scores (all lanes of the first feature, then of the next), and a bit for
    /// each suspicious figure.
    mutating func add(
        day: Int32, _ figures: ArraySlice<UInt64>, places added: ArraySlice<Reference.Place>, suspicious bits: UInt32
    ) {
        days.append(day)
        values.append(contentsOf: figures)
        places.append(contentsOf: added)
        suspicious.append(bits)
    }

    /// Calls `body` with the place of each of the entity's own scores since `first` in one lane of one feature.
    @inline(__always)
    func forEachPlace(_ lane: Int, since first: Int32, _ body: (Reference.Place) -> Void) {
        var index = days.count
        while index > 0, days[index - 1] >= first {
            index -= 1
            body(places[index * laneCount + lane])
        }
    }

    /// A feature's past from `first` to the day before `end`. Suspicious days are left out until they are `quarantine` days old: what is going on
    /// now must not make itself normal.
    func past(
        _ feature: Int, of value: UInt64, on day: Int32, since first: Int32, until end: Int32, quarantine: Int32
    ) -> Past {
        var past = Past()
        var sum = 0.0
        var index = days.count
        while index > 0, days[index - 1] >= first {
            index -= 1
            if days[index] >= end { continue }
            if suspicious[index] & (1 << UInt32(feature)) != 0, day - days[index] <= quarantine { continue }
            let known = values[index * width + feature]
            past.days += 1
            if known > 0 { past.positive += 1 }
            if known >= value { past.asHigh += 1 }
            past.largest = max(past.largest, known)
            sum += Double(known)
        }
        past.mean = past.days == 0 ? 0 : sum / Double(past.days)
        return past
    }
}
