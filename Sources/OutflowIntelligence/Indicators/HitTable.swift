// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

/// Who met which indicators of one set, as a matcher keeps it while it looks at records: an indicator is the place where it stands
/// in the set, a host is its address, and nothing is copied out of the set before it is known which pairs are kept in the end.
///
/// What is kept is the same function of the records as in ``IndicatorHits``.
struct HitTable {
    /// Who met an indicator.
    enum Who: Hashable {
        case host(IPAddress)
        case named(Report.NamedEntity)

        /// Whether the record does not say who.
        var isUnknown: Bool {
            switch self {
            case .host: false
            case .named(let entity): entity.id.isEmpty
            }
        }

        /// As it stands in findings.
        var entity: Report.NamedEntity {
            switch self {
            case .host(let address): .init(kind: "host", id: address.description)
            case .named(let entity): entity
            }
        }
    }

    /// An indicator by its place in the set, and who met it.
    struct Pair: Hashable {
        var entry: Int
        var who: Who
    }

    /// How a pair met.
    struct Met {
        /// Of the pair, as ``IndicatorHits/Key`` has it.
        let hash: UInt64
        /// As in ``IndicatorHits/Hit``.
        var first: Timestamp
        var last: Timestamp
        /// Whether the indicator itself was seen.
        var isItself: Bool
        /// What else was seen, below the name or in the network, and is on no allow-list; in order, the lowest of all.
        var seen: [String]
        /// The same of what is on one.
        var allowed: [String]
        var evidence: Evidence
        /// Further evidence: most pairs have one record only.
        var more: [Evidence] = []

        mutating func add(_ time: Timestamp?, _ text: String?, isAllowed: Bool, _ piece: Evidence) {
            first = min(first, time ?? .latest)
            last = max(last, time ?? .earliest)
            if let text {
                if isAllowed { Self.add(text, to: &allowed) } else { Self.add(text, to: &seen) }
            } else {
                isItself = true
            }
            more.append(piece)
            if more.count >= 4 * Evidence.limit { more = Evidence.strongest(more) }
        }

        private static func add(_ text: String, to texts: inout [String]) {
            if texts.contains(text) { return }
            texts = (texts + [text]).sorted().prefix(IndicatorHits.seenLimit).map { $0 }
        }
    }

    private(set) var pairs: [Pair: Met] = [:]
    /// Pairs with a hash above this have no room; the highest number as long as all have.
    private(set) var ceiling = UInt64.max
    private let limit: Int

    /// A table that keeps so many pairs in the end.
    init(limit: Int = IndicatorHits.limit) { self.limit = max(1, limit) }

    /// Adds that a pair met: `entry` is the pair's indicator, and `profile` its profile as it is encoded; `seen` is nil where that
    /// was the indicator itself, `time` where the record tells none.
    mutating func add(
        _ pair: Pair, _ entry: IndicatorSet.Entry, _ profile: Bytes, _ time: Timestamp?, seen: String?,
        isAllowed: Bool = false, _ evidence: Evidence
    ) {
        func hash() -> UInt64 {
            IndicatorHits.Key.hash(entry.kind, entry.value, profile: profile, pair.who.entity)
        }
        // Where most have no room, a look at the pair itself is cheaper than one at all that are kept.
        let known = ceiling == .max ? nil : hash()
        if let known, known > ceiling { return }
        if let index = pairs.index(forKey: pair) {
            return pairs.values[index].add(time, seen, isAllowed: isAllowed, evidence)
        }
        pairs[pair] = Met(
            hash: known ?? hash(), first: time ?? .latest, last: time ?? .earliest, isItself: seen == nil,
            seen: isAllowed ? [] : seen.map { [$0] } ?? [], allowed: isAllowed ? seen.map { [$0] } ?? [] : [],
            evidence: evidence)
        // From half full on, room for all is made once, and stays.
        if pairs.count == limit / 2 { pairs.reserveCapacity(2 * limit) }
        if pairs.count >= 2 * limit { prune() }
    }

    /// Gives up pairs for which there is no room: those with the highest hashes.
    mutating func prune() {
        guard pairs.count > limit else { return }
        ceiling = pairs.values.map(\.hash).sorted()[limit - 1]
        // Listed first: removing while going through a dictionary would copy it.
        var excess: [Pair] = []
        for (pair, met) in pairs where met.hash > ceiling { excess.append(pair) }
        for pair in excess { pairs[pair] = nil }
    }
}

extension IndicatorHits {
    /// What a matcher kept of a set, copied out of it.
    init(_ table: HitTable, of set: IndicatorSet) {
        self.init()
        var table = table
        table.prune()
        hits.reserveCapacity(table.pairs.count)
        var last: (number: UInt64, profile: Indicator.Profile)?
        for (pair, met) in table.pairs {
            guard let entry = set.entry(at: pair.entry) else { continue }
            if last?.number != entry.profile { last = set.profile(entry.profile).map { (entry.profile, $0) } }
            guard let profile = last?.profile else { continue }
            var seen = met.seen
            if met.isItself { seen.append(String(Indicator.text(entry.kind, entry.value.array).prefix(200))) }
            let key = Key(
                kind: entry.kind, value: entry.value.array, profile: profile, entity: pair.who.entity, hash: met.hash)
            let hit = Hit(
                first: met.first, last: met.last, seen: Set(seen).sorted().prefix(Self.seenLimit).map { $0 },
                allowed: met.allowed, evidence: [met.evidence] + met.more)
            if let index = hits.index(forKey: key) { hits.values[index].add(hit) } else { hits[key] = hit }
        }
        ceiling = table.ceiling
        isFull = ceiling != .max
    }
}
