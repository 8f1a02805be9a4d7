// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What a reader of indicators hands over, and what it could not read. Later versions of one indicator replace earlier ones,
/// whichever file they stand in, and a revoked one is none.
public struct IndicatorFeed {
    /// An indicator that its source can change: it has an id and versions.
    struct Versioned {
        var modified: Timestamp
        var isRevoked: Bool
        /// When somebody last said something of it: of two copies of one version the one that knows more counts.
        var told = Timestamp.earliest
        var profile: Indicator.Profile
        var values: [(Indicator.Kind, [UInt8])]
        /// The pattern, when it is more than one activity can meet.
        var pattern: PatternText?
        /// Ways to meet the pattern, when it is more than a choice of values.
        var conjunctions: [PatternConjunction] = []
    }

    /// Counts of what was read, by file.
    public struct Summary: Sendable {
        /// The file.
        public var path: String
        /// What it is: `stix`, `misp`, `csv`, `list`, `compiled`, `warninglist`.
        public var format: String
        /// Indicators that it names.
        public var indicators: Int
        /// What could not be read, by offset in the file (in JSON by number of the object).
        public var rejected = Rejections()
    }

    /// What each file held, in order.
    public internal(set) var summaries: [Summary] = []
    /// Lists of what is harmless.
    public internal(set) var allowLists = AllowLists()
    var versioned: [String: Versioned] = [:]
    var builder = IndicatorSetBuilder()

    /// A feed of nothing.
    public init() {}

    mutating func add(_ kind: Indicator.Kind, _ value: [UInt8], _ profile: Indicator.Profile) {
        value.withUnsafeBytes { builder.add(kind, Bytes($0), profile) }
    }

    /// Keeps the later version of an indicator; of two of the same time the one of which more was told, then the revoked one.
    mutating func add(_ id: String, _ new: Versioned) {
        if let known = versioned[id] {
            if known.modified > new.modified { return }
            if known.modified == new.modified {
                if known.told > new.told { return }
                if known.told == new.told, known.isRevoked || !new.isRevoked { return }
            }
        }
        versioned[id] = new
    }
}
