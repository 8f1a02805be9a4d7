// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// Fingerprints that a set has, on the way to the indicators behind them.
///
/// Slot, group, indicator and profile lie in four places of memory far from each other. All candidates of a round go from one
/// to the next together, and what memory has to bring for the next step is asked for in between.
struct HitCandidates {
    private struct Candidate {
        var entry: IndicatorSet.Entry
        var look: IndicatorSearch.Pending
        /// Where the profile begins.
        var profile: Int?
    }

    /// The look-ups that found a fingerprint.
    private(set) var looks: [IndicatorSearch.Pending] = []
    private var slots: [Int] = []
    private var ranks: [UInt64] = []
    private var groups: [IndicatorSet.Group?] = []
    private var candidates: [Candidate] = []
    /// Most indicators that are on the way at a time: one value can stand for any number of them.
    private static let limit = 512

    /// Adds a look-up whose fingerprint is in a slot.
    @inline(__always) mutating func append(_ look: IndicatorSearch.Pending, slot: Int, _ set: IndicatorSet) {
        set.prefetchRank(ofSlot: slot)
        looks.append(look)
        slots.append(slot)
    }

    /// Calls `body` with each indicator, the place of its profile, and the look-up that led to it; then there are none any more.
    @inline(__always) mutating func forEachEntry(
        of set: IndicatorSet, _ body: (IndicatorSet.Entry, Int, IndicatorSearch.Pending) -> Void
    ) {
        if looks.isEmpty { return }
        for slot in slots {
            let rank = set.rank(ofSlot: slot)
            set.prefetchGroup(rank)
            ranks.append(rank)
        }
        for rank in ranks {
            let group = set.group(rank)
            if let group { set.prefetch(group) }
            groups.append(group)
        }
        for (index, group) in groups.enumerated() {
            guard let group else { continue }
            set.forEachEntry(in: group) { entry in
                set.prefetchPlace(ofProfile: entry.profile)
                candidates.append(Candidate(entry: entry, look: looks[index]))
                if candidates.count >= Self.limit { deliver(set, body) }
            }
        }
        deliver(set, body)
        looks.removeAll(keepingCapacity: true)
        slots.removeAll(keepingCapacity: true)
        ranks.removeAll(keepingCapacity: true)
        groups.removeAll(keepingCapacity: true)
    }

    @inline(__always) private mutating func deliver(
        _ set: IndicatorSet, _ body: (IndicatorSet.Entry, Int, IndicatorSearch.Pending) -> Void
    ) {
        for index in candidates.indices {
            guard let place = set.place(ofProfile: candidates[index].entry.profile) else { continue }
            candidates[index].profile = place
            set.prefetch(profileAt: place)
        }
        for candidate in candidates {
            if let place = candidate.profile { body(candidate.entry, place, candidate.look) }
        }
        candidates.removeAll(keepingCapacity: true)
    }
}
