// SPDX-License-Identifier: Apache-2.0

/// How many thefts are found by how large they are, over one or more evaluations.
public struct RecallChart: Sendable {
    /// Thefts of one size.
    public struct Bin: Sendable, Hashable {
        /// Sizes from so many bytes on, below ten times that; nil for thefts of unknown size.
        public var from: UInt64?
        /// How many there were.
        public var thefts: Int
        /// How many were found.
        public var found: Int
    }

    /// By size, smallest first; thefts of unknown size last. Sizes that no theft has are left out.
    public private(set) var bins: [Bin] = []

    /// The chart of some evaluations.
    public init(_ evaluations: [Evaluation]) {
        var counts: [Int: (thefts: Int, found: Int)] = [:]
        for evaluation in evaluations {
            for theft in evaluation.thefts {
                var isFound = false
                if case .inCase(let suspicion) = theft.outcome { isFound = suspicion >= evaluation.threshold }
                let decade = theft.event.size.map(Self.decade) ?? Int.max
                counts[decade, default: (0, 0)].thefts += 1
                if isFound { counts[decade, default: (0, 0)].found += 1 }
            }
        }
        bins = counts.sorted { $0.key < $1.key }.map { decade, count in
            let from = decade == .max ? nil : (0..<decade).reduce(UInt64(1)) { size, _ in size * 10 }
            return Bin(from: from, thefts: count.thefts, found: count.found)
        }
    }

    private static func decade(_ size: UInt64) -> Int { String(max(size, 1)).utf8.count - 1 }
}
