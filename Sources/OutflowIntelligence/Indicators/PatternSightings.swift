// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

/// Records that meet steps of patterns over several observations, until all have been seen and it can be decided.
///
/// What is kept is a function of the set of records, whatever their order, splits and repetitions: of each pattern the
/// earliest records, of equally early ones those with the lowest identities. How many of each, ``room``, is halved until all
/// patterns together have at most ``totalLimit``; it depends on the numbers of distinct records only, and never grows, so
/// that a part has never given up what the whole keeps. Only with more patterns than that, of each of which one record is
/// kept, patterns are given up too: those with the highest hashes.
struct PatternSightings: Sendable {
    /// Most records that are kept of one pattern.
    static let limit = 10_000
    /// Most records that are kept in all.
    static let totalLimit = 200_000
    /// Most values that are kept of a record.
    static let subjectLimit = 3

    /// A pattern, with what is known about it.
    struct Pattern: Hashable, Sendable {
        let profile: Indicator.Profile
        /// The same on every machine and in every run.
        let hash: UInt64

        init(_ profile: Indicator.Profile) {
            self.profile = profile
            var blob = BlobWriter()
            profile.write(into: &blob)
            var hash = ContentHash(seed: 0x5041_5454)
            blob.bytes.withUnsafeBytes { hash.combine(Bytes($0)) }
            self.hash = hash.value
        }

        func hash(into hasher: inout Hasher) { hasher.combine(hash) }
    }

    /// Who met what, in a record.
    struct Subject: Hashable, Comparable, Sendable {
        var entity: Report.NamedEntity
        var kind: Indicator.Kind
        var value: [UInt8]
        /// The allow-list that what was seen of it is on: a name below it, an address in it; empty for none.
        var allowedBy = ""

        static func < (one: Subject, other: Subject) -> Bool {
            if one.entity != other.entity { return one.entity < other.entity }
            if one.kind != other.kind { return one.kind.rawValue < other.kind.rawValue }
            if one.value != other.value { return one.value.lexicographicallyPrecedes(other.value) }
            return one.allowedBy < other.allowedBy
        }
    }

    /// By what records are told apart, and in which order they are kept.
    struct Place: Hashable, Comparable, Sendable {
        var first: Timestamp
        var identity: UInt64

        static func < (one: Place, other: Place) -> Bool {
            (one.first, one.identity) < (other.first, other.identity)
        }
    }

    /// A record that meets steps of a pattern.
    struct Sighting: Sendable {
        var last: Timestamp
        /// Bit n for step n.
        var steps: UInt64
        /// What tells its connection from others, whoever of both ends is called its originator; nil when it is of none.
        var connection: UInt64?
        /// In order; the lowest of all.
        var subjects: [Subject]
        var evidence: Evidence

        /// Adds what the same record was seen to be another time.
        mutating func add(_ other: Sighting) {
            last = max(last, other.last)
            steps |= other.steps
            if subjects != other.subjects {
                subjects = Set(subjects + other.subjects).sorted().prefix(subjectLimit).map { $0 }
            }
            evidence = Evidence.strongest([evidence, other.evidence]).first ?? evidence
        }
    }

    struct Kept: Sendable {
        var sightings: [Place: Sighting] = [:]
        /// Later ones have no room; nil as long as there was room for all.
        var ceiling: Place?

        /// Keeps the earliest `room`.
        mutating func prune(to room: Int) {
            guard sightings.count > room else { return }
            let places = sightings.keys.sorted()
            for place in places[room...] { sightings[place] = nil }
            ceiling = places[room - 1]
        }
    }

    private(set) var patterns: [Pattern: Kept] = [:]
    /// How many records are kept of each pattern.
    private(set) var room = limit
    /// Patterns with a higher hash have no room.
    private(set) var highest = UInt64.max
    private var total = 0

    private let limits: (room: Int, total: Int)

    /// Nothing seen.
    init() { self.init(limit: Self.limit, total: Self.totalLimit) }

    /// The same with other limits, for tests.
    init(limit: Int, total: Int) {
        limits = (limit, total)
        room = limit
    }

    /// Whether some patterns were given up altogether.
    var isCut: Bool { highest != .max }

    mutating func add(_ pattern: Pattern, _ place: Place, _ sighting: Sighting) {
        if pattern.hash > highest { return }
        let count: (before: Int, after: Int) = {
            var kept = Kept()
            // Taken out, so that it is changed in place.
            if let index = patterns.index(forKey: pattern) {
                swap(&kept, &patterns.values[index])
                defer { swap(&kept, &patterns.values[index]) }
                return Self.add(place, sighting, &kept, room)
            }
            let count = Self.add(place, sighting, &kept, room)
            patterns[pattern] = kept
            return count
        }()
        total += count.after - count.before
        if total >= 2 * limits.total { shrink() }
    }

    private static func add(
        _ place: Place, _ sighting: Sighting, _ kept: inout Kept, _ room: Int
    ) -> (before: Int, after: Int) {
        let before = kept.sightings.count
        if let known = kept.sightings.index(forKey: place) {
            kept.sightings.values[known].add(sighting)
        } else if kept.ceiling.map({ place < $0 }) ?? true {
            kept.sightings[place] = sighting
            if kept.sightings.count >= 2 * room { kept.prune(to: room) }
        }
        return (before, kept.sightings.count)
    }

    /// Puts a limit to where a pattern of a partial was cut.
    mutating func cut(_ pattern: Pattern, at ceiling: Place) {
        guard let index = patterns.index(forKey: pattern) else { return }
        let lower = min(patterns.values[index].ceiling ?? ceiling, ceiling)
        patterns.values[index].ceiling = lower
        for place in patterns.values[index].sightings.keys where place > lower {
            patterns.values[index].sightings[place] = nil
            total -= 1
        }
    }

    /// Puts limits to the room, and to the patterns that are kept.
    mutating func narrow(room: Int, highest: UInt64) {
        self.room = min(self.room, max(room, 1))
        self.highest = min(self.highest, highest)
        shrink()
    }

    /// Gives up what there is no room for.
    private mutating func shrink() {
        if highest != .max { patterns = patterns.filter { $0.key.hash <= highest } }
        let counts = patterns.values.map(\.sightings.count)
        func kept() -> Int { counts.reduce(0) { $0 + min($1, room) } }
        while room > 1, kept() > limits.total { room /= 2 }
        if room == 1, patterns.count > limits.total {
            highest = patterns.keys.map(\.hash).sorted()[limits.total - 1]
            patterns = patterns.filter { $0.key.hash <= highest }
        }
        total = 0
        for index in patterns.values.indices {
            patterns.values[index].prune(to: room)
            total += patterns.values[index].sightings.count
        }
    }

    /// Adds all of others, whose input `i` is `inputMap[i]` here.
    mutating func merge(_ other: PatternSightings, inputMap: [UInt32]) {
        for (pattern, kept) in other.patterns {
            for (place, sighting) in kept.sightings {
                var sighting = sighting
                let input = Int(sighting.evidence.origin.input)
                if input < inputMap.count { sighting.evidence.origin.input = inputMap[input] }
                add(pattern, place, sighting)
            }
            if let ceiling = kept.ceiling { cut(pattern, at: ceiling) }
        }
        narrow(room: other.room, highest: other.highest)
    }

    /// What is kept in the end, in order.
    mutating func settled() -> [(pattern: Pattern, kept: Kept)] {
        shrink()
        return patterns.map { ($0.key, $0.value) }.sorted {
            ($0.pattern.hash, $0.pattern.profile.id, $0.pattern.profile.source)
                < ($1.pattern.hash, $1.pattern.profile.id, $1.pattern.profile.source)
        }
    }
}
