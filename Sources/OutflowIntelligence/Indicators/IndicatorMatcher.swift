// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// Looks for indicators in batches of activities. One matcher belongs to one thread; what it finds goes into ``hits``.
public final class IndicatorMatcher {
    private var searches: [IndicatorSearch]

    /// A matcher of some sets.
    ///
    /// - Parameters:
    ///   - sets: what is looked for.
    ///   - left: profiles of each set that are not; none when empty.
    ///   - allowLists: lists of what is harmless, by which what is seen is told apart: of each kind some is kept.
    public init(_ sets: [IndicatorSet], without left: [Set<UInt64>] = [], allowLists: AllowLists = AllowLists()) {
        searches = sets.enumerated().map {
            IndicatorSearch($1, without: left.indices.contains($0) ? left[$0] : [], allowLists: allowLists)
        }
    }

    /// A matcher of indicators.
    public convenience init(_ indicators: Indicators) {
        self.init(indicators.sets, without: indicators.left, allowLists: indicators.allowLists)
    }

    /// What was found so far. Made anew each time: ask once, in the end.
    public var hits: IndicatorHits {
        var hits = IndicatorHits()
        for search in searches {
            hits.merge(IndicatorHits(search.table, of: search.set), inputMap: [])
            hits.sightings.merge(search.sightings, inputMap: [])
        }
        return hits
    }

    /// Looks at all activities of a batch, whose records come from input number `input`.
    public func observe(_ batch: ActivityBatch, input: UInt32) {
        for index in searches.indices { searches[index].observe(.init(batch, input: input)) }
    }
}
