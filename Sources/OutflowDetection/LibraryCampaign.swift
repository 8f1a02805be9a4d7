// SPDX-License-Identifier: Apache-2.0

import OutflowActivities

/// Many readers' modest excess at once: features of a library as a whole.
///
/// A pull that is split over accounts leaves each of them within what readers do. What they have in common is that they
/// do on one day what few readers ever do, so that such readers are counted, beyond one in ``ordinary`` of the day's
/// readers. The library is a single entity, whose figures need not be as strange as those of one of thousands of readers.
enum LibraryCampaign {
    /// One in so many of a day's readers is nothing strange.
    static let ordinary: UInt64 = 50
    /// So many documents make a reader one of those that are counted.
    static let least: UInt64 = 5

    private static let prior = Feature.Prior(frequency: 0.02, scale: 2, index: 2)

    /// Features, and those of readers that they count.
    private static let counted: [(of: String, feature: Feature)] = [
        (
            "bare-documents",
            Feature(
                "bare-readers", title: "has many readers who fetched more documents than they opened pages",
                unit: "accounts", kind: .library, route: .library, techniques: ["T1213", "T1078"], floor: 2,
                prior: prior)
        ),
        (
            "new-reading-place",
            Feature(
                "displaced-readers", title: "has many readers who read much from networks that they never used",
                unit: "accounts", kind: .library, route: .library, techniques: ["T1078", "T1213"], floor: 2,
                prior: prior)
        ),
    ]

    /// The figures of a library with these readers; nil if none of the features is measured.
    static func table(_ readers: AccountFeatures.Table) -> AccountFeatures.Table? {
        let width = readers.sources.count
        let found = counted.compactMap { item in
            readers.sources.firstIndex { $0.feature.name == item.of }.map { (column: $0, feature: item.feature) }
        }
        var days = EntityDays(
            features: found.map(\.feature), entityCount: 1, activity: readers.days.day.map { EntityDays.key(0, $0) })
        var members: [AccountFeatures.Member] = []
        for (number, item) in found.enumerated() {
            for row in 0..<readers.days.rowCount {
                let value = readers.days.values[row * width + item.column]
                guard value >= least else { continue }
                let day = readers.days.day[row]
                days.add(number, of: 0, on: day, 1)
                members.append(
                    AccountFeatures.Member(
                        feature: number, day: day, entity: readers.entities[Int(readers.days.entity[row])],
                        value: value))
            }
            for index in 0..<readers.days.dayCount {
                let rows = readers.days.dayStarts[index]..<readers.days.dayStarts[index + 1]
                guard let first = rows.first else { continue }
                days.subtract(number, of: 0, on: readers.days.day[first], UInt64(rows.count) / ordinary)
            }
        }
        guard days.usedFeatures.contains(true) else { return nil }
        let sources = found.map { item in
            AccountFeatures.Source(
                feature: item.feature, measure: readers.sources[item.column].measure, rule: .total,
                entityKind: "library")
        }
        // The library has no name in logs: the empty text.
        var table = AccountFeatures.Table(sources: sources, days: days, entities: [0], subjects: [])
        table.members = members
        return table
    }
}
