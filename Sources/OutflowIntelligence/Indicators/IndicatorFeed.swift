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
        /// Where it stands, when it is in a compiled set already.
        var place: Place?
    }

    /// Profiles of a compiled set, by its number.
    struct Place {
        var set: Int
        var profiles: [UInt64]
    }

    /// What tells indicators apart. Only its maker makes new versions of an object (STIX 2.1 section 3.6.1; in MISP the
    /// organisation that an event comes from): the same id from somebody else is another indicator, so that nobody can revoke
    /// or change what others warn of.
    struct Name: Hashable, Comparable {
        var id: String
        /// The id of the maker, where it has one.
        var maker: String

        static func < (one: Name, other: Name) -> Bool { (one.id, one.maker) < (other.id, other.maker) }
    }

    /// Counts of what was read, by file.
    public struct Summary: Sendable {
        /// The file.
        public var path: String
        /// What it is: `stix`, `misp`, `csv`, `list`, `compiled`, `warninglist`.
        public var format: String
        /// Indicators that it names.
        public var indicators: Int
        /// Attributes of MISP that are meant for detection, and whose type is not looked for: how many, by type.
        public var leftOut: [String: Int] = [:]
        /// What could not be read, by offset in the file (in JSON by number of the object).
        public var rejected = Rejections()
    }

    /// What each file held, in order.
    public internal(set) var summaries: [Summary] = []
    /// Lists of what is harmless.
    public internal(set) var allowLists = AllowLists()
    var versioned: [Name: Versioned] = [:]
    var builder = IndicatorSetBuilder()
    /// What compiled sets hold of versions that are not the last.
    var superseded: [Place] = []

    /// A feed of nothing.
    public init() {}

    mutating func add(
        _ kind: Indicator.Kind, _ value: [UInt8], _ profile: Indicator.Profile, of name: Name? = nil
    ) {
        value.withUnsafeBytes { builder.add(kind, Bytes($0), profile, of: name) }
    }

    /// Keeps the later version of an indicator; of two of the same time the one of which more was told, then the revoked one.
    mutating func add(_ name: Name, _ new: Versioned) {
        if let known = versioned[name] {
            let isLater =
                (new.modified, new.told) != (known.modified, known.told)
                ? (new.modified, new.told) > (known.modified, known.told) : new.isRevoked && !known.isRevoked
            if let place = isLater ? known.place : new.place { superseded.append(place) }
            if !isLater { return }
        }
        versioned[name] = new
    }

    /// Adds what a compiled set keeps besides values; it is the set of this number.
    mutating func add(_ memory: SetMemory, ofSet number: Int) {
        allowLists.add(memory.allowLists)
        for (name, version) in memory.versions {
            var new = Versioned(
                modified: version.modified, isRevoked: version.isRevoked, told: version.told,
                profile: .init(source: ""), values: [])
            new.place = Place(set: number, profiles: version.profiles)
            add(name, new)
        }
    }

    /// What a set that is compiled of all this is to keep.
    var memory: SetMemory {
        var memory = SetMemory()
        memory.allowLists = allowLists
        memory.versions = versioned.mapValues { .init(modified: $0.modified, told: $0.told, isRevoked: $0.isRevoked) }
        return memory
    }
}
