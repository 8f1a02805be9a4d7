// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

/// What was found of indicators: which host or account met which of them, when, and the records that show it.
///
/// All of it is minima, maxima and sets, so that the same records give the same hits whatever their order, splits and
/// repetitions. Of more than ``limit`` pairs those with the lowest hashes are kept: which these are does not depend on the
/// order either.
public struct IndicatorHits: Sendable {
    /// Most pairs of indicator and entity that are kept.
    public static let limit = 100_000
    /// Most values that are kept of each: the names below a domain, the addresses in a network.
    static let seenLimit = 3

    struct Key: Hashable, Sendable {
        let kind: Indicator.Kind
        let value: [UInt8]
        let profile: Indicator.Profile
        let entity: Report.NamedEntity
        /// The same on every machine and in every run.
        let hash: UInt64

        init(kind: Indicator.Kind, value: [UInt8], profile: Indicator.Profile, entity: Report.NamedEntity) {
            var blob = BlobWriter()
            profile.write(into: &blob)
            let hash = value.withUnsafeBytes { value in
                blob.bytes.withUnsafeBytes { Self.hash(kind, Bytes(value), profile: Bytes($0), entity) }
            }
            self.init(kind: kind, value: value, profile: profile, entity: entity, hash: hash)
        }

        /// A key whose hash is known.
        init(
            kind: Indicator.Kind, value: [UInt8], profile: Indicator.Profile, entity: Report.NamedEntity, hash: UInt64
        ) {
            self.kind = kind
            self.value = value
            self.profile = profile
            self.entity = entity
            self.hash = hash
        }

        /// The hash of a key whose profile is encoded.
        static func hash(
            _ kind: Indicator.Kind, _ value: Bytes, profile: Bytes, _ entity: Report.NamedEntity
        ) -> UInt64 {
            var hash = ContentHash(seed: 0x4849_5400)
            hash.combine(UInt64(kind.rawValue))
            hash.combine(value)
            hash.combine(profile)
            hash.combine(entity.kind)
            hash.combine(entity.id)
            return hash.value
        }

        /// Enough to tell keys apart even where somebody chose profiles whose hashes are equal.
        func hash(into hasher: inout Hasher) {
            hasher.combine(hash)
            hasher.combine(value)
            hasher.combine(entity)
        }
    }

    struct Hit: Sendable {
        /// Of the records that tell a time; where none does, the latest time there is.
        var first: Timestamp
        /// Of the records that tell a time; where none does, the earliest time there is.
        var last: Timestamp
        /// What was seen, in order: the lowest of all that is on no allow-list.
        var seen: [String]
        /// The same of what is on one, as far as the lists were there when the records were read.
        var allowed: [String]
        var evidence: [Evidence]

        /// Whether any of its records tells a time.
        var hasTime: Bool { first <= last }
    }

    var hits: [Key: Hit] = [:]
    /// Records that meet parts of patterns over several records.
    var sightings = PatternSightings()
    /// Pairs with a hash above this have no room.
    var ceiling = UInt64.max
    /// Whether there were more pairs than are kept.
    public internal(set) var isFull = false

    /// No hits.
    public init() {}

    /// Number of pairs of indicator and entity.
    public var count: Int { hits.count }

    private mutating func add(_ key: Key, _ new: Hit) {
        if let index = hits.index(forKey: key) {
            hits.values[index].add(new)
            return
        }
        if ceiling != .max, key.hash > ceiling { return }
        hits[key] = new
        if hits.count >= 2 * Self.limit { prune() }
    }

    /// Adds a pair of a partial; a partial whose hits were cut sets the ceiling at its highest.
    mutating func restore(_ key: Key, _ hit: Hit, isFull: Bool) {
        hits[key] = hit
        if isFull {
            self.isFull = true
            let highest = key.hash
            ceiling = ceiling == .max ? highest : max(ceiling, highest)
        }
    }

    private mutating func prune() {
        guard hits.count > Self.limit else { return }
        isFull = true
        let hashes = hits.keys.map { ($0, $0.hash) }.sorted { $0.1 < $1.1 }
        ceiling = min(ceiling, hashes[Self.limit - 1].1)
        for (key, hash) in hashes where hash > ceiling { hits[key] = nil }
    }

    /// Adds all of other hits, whose input `i` is `inputMap[i]` here.
    public mutating func merge(_ other: IndicatorHits, inputMap: [UInt32]) {
        sightings.merge(other.sightings, inputMap: inputMap)
        if hits.isEmpty, !isFull, inputMap.isEmpty {
            (hits, ceiling, isFull) = (other.hits, other.ceiling, other.isFull)
            return
        }
        isFull = isFull || other.isFull
        ceiling = min(ceiling, other.ceiling)
        for (key, hit) in other.hits {
            var hit = hit
            for index in hit.evidence.indices {
                let origin = hit.evidence[index].origin
                if Int(origin.input) < inputMap.count {
                    hit.evidence[index].origin.input = inputMap[Int(origin.input)]
                }
            }
            add(key, hit)
        }
        if ceiling != .max { for key in hits.keys where key.hash > ceiling { hits[key] = nil } }
        prune()
    }

    /// Those that are kept in the end, in order.
    mutating func settled() -> [(Key, Hit)] {
        prune()
        return hits.map { ($0.key, $0.value) }.sorted { ($0.0.hash, $0.0.entity) < ($1.0.hash, $1.0.entity) }
    }
}

extension IndicatorHits.Hit {
    mutating func add(_ new: IndicatorHits.Hit) {
        first = min(first, new.first)
        last = max(last, new.last)
        if let only = new.seen.first, new.seen.count == 1, seen.contains(only) {
            // The common case: the same value once more.
        } else {
            seen = Set(seen + new.seen).sorted().prefix(IndicatorHits.seenLimit).map { $0 }
        }
        if allowed != new.allowed {
            allowed = Set(allowed + new.allowed).sorted().prefix(IndicatorHits.seenLimit).map { $0 }
        }
        evidence += new.evidence
        if evidence.count > 4 * Evidence.limit { evidence = Evidence.strongest(evidence) }
    }
}
