// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Where the boxes and bands of a ``FlowPicture`` go. Plain arithmetic in one order: the same report gives the same
/// picture on every machine.
struct FlowLayout {
    /// A band with its place: the tops of its ends, its height, and how much of that is certain.
    struct Placed {
        var band: FlowPicture.Band
        var isLeft: Bool
        var start = 0.0
        var end = 0.0
        var thickness: Double
        var certain: Double
        var isDashed: Bool
    }

    private(set) var sources: [FlowPicture.Node]
    private(set) var routes: [FlowPicture.Node]
    private(set) var destinations: [FlowPicture.Node]
    private(set) var bands: [Placed] = []
    private(set) var height = 0.0

    // Pixels: room for two lines of text, between boxes, above the first, and for all bytes together.
    private static let room = 34.0
    private static let gap = 12.0
    private static let top = 34.0
    private static let full = 300.0
    /// A band for an amount that is not known, and the least that can be seen.
    private static let unknown = 9.0
    private static let least = 2.5

    init(_ picture: FlowPicture) {
        (sources, routes, destinations) = (picture.sources, picture.routes, picture.destinations)
        let whole = picture.left.reduce(0.0) { $0 + Self.weight($1) }
        let scale = whole > 0 ? Self.full / whole : 0
        for (list, isLeft) in [(picture.left, true), (picture.right, false)] {
            for band in list {
                let certain = band.bytes.atLeast > 0 ? max(Self.least, Double(band.bytes.atLeast) * scale) : 0
                let isDashed = band.bytes.atMost == nil || band.state == .exposed
                let high =
                    isDashed
                    ? max(certain + 4, Self.unknown) : max(certain, Self.least, Double(band.bytes.atMost ?? 0) * scale)
                // Exact amounts have no pale rim, however they were rounded.
                let thickness =
                    band.bytes.atMost == band.bytes.atLeast ? max(certain, Self.least) : max(high, certain + 1.5)
                bands.append(
                    Placed(band: band, isLeft: isLeft, thickness: thickness, certain: certain, isDashed: isDashed))
            }
        }
    }

    /// Bytes that a band's width stands for.
    private static func weight(_ band: FlowPicture.Band) -> Double {
        band.state == .exposed ? Double(band.bytes.atLeast) : Double(band.bytes.atMost ?? band.bytes.atLeast)
    }

    /// Gives everything its place.
    mutating func place() {
        let sourceOrder = Array(sources.indices)
        stack(\.sources, sourceOrder) { $0.isLeft ? $0.band.from : nil }
        let routeOrder = order(routes.count, of: { $0.isLeft ? ($0.band.to, $0.band.from) : nil }, in: sources)
        stack(\.routes, routeOrder) { $0.isLeft ? $0.band.to : $0.band.from }
        let destinationOrder = order(
            destinations.count, of: { $0.isLeft ? nil : ($0.band.to, $0.band.from) }, in: routes)
        stack(\.destinations, destinationOrder) { $0.isLeft ? nil : $0.band.to }
        let columns = [sources, routes, destinations]
        let bottoms = columns.map { $0.map { $0.top + max($0.height, Self.room) }.max() ?? 0 }
        height = (bottoms.max() ?? 0) + 14
        centre(\.sources, bottoms[0])
        centre(\.routes, bottoms[1])
        centre(\.destinations, bottoms[2])
        attach()
    }

    /// Nodes in the order of the mean height of those that they hang on: few bands cross then.
    private func order(
        _ count: Int, of pair: (Placed) -> (node: Int, other: Int)?, in others: [FlowPicture.Node]
    ) -> [Int] {
        var sums = [(weight: Double, at: Double)](repeating: (0, 0), count: count)
        for band in bands {
            guard let (node, other) = pair(band) else { continue }
            sums[node].weight += band.thickness
            sums[node].at += band.thickness * (others[other].top + others[other].height / 2)
        }
        let means = sums.map { $0.weight > 0 ? $0.at / $0.weight : 0 }
        return Array(0..<count).sorted { (means[$0], $0) < (means[$1], $1) }
    }

    /// Puts the nodes of a column below each other.
    private mutating func stack(
        _ column: WritableKeyPath<FlowLayout, [FlowPicture.Node]>, _ order: [Int], _ node: (Placed) -> Int?
    ) {
        let isRoute = column == \FlowLayout.routes
        var y = Self.top + (isRoute ? 14 : 0)
        for index in order {
            // A route has bands on both sides; the larger sum counts.
            let sums = [true, false].map { side in
                bands.filter { $0.isLeft == side && node($0) == index }.reduce(0.0) { $0 + $1.thickness }
            }
            let height = max(sums[0], sums[1])
            let slot = max(height, isRoute ? 14 : Self.room)
            self[keyPath: column][index].top = y + (slot - height) / 2
            self[keyPath: column][index].height = height
            y += slot + Self.gap + (isRoute ? 14 : 0)
        }
    }

    private mutating func centre(_ column: WritableKeyPath<FlowLayout, [FlowPicture.Node]>, _ bottom: Double) {
        let shift = max(0, (height - 14 - bottom) / 2)
        for index in self[keyPath: column].indices { self[keyPath: column][index].top += shift }
    }

    /// Ties the bands to their boxes, in the order of the other ends.
    private mutating func attach() {
        for (isLeft, isStart) in [(true, true), (true, false), (false, true), (false, false)] {
            let here = isLeft ? (isStart ? sources : routes) : (isStart ? routes : destinations)
            let there = isLeft ? (isStart ? routes : sources) : (isStart ? destinations : routes)
            var next = here.map(\.top)
            let order = bands.indices.filter { bands[$0].isLeft == isLeft }.sorted { a, b in
                func far(_ index: Int) -> Double { there[isStart ? bands[index].band.to : bands[index].band.from].top }
                return (far(a), a) < (far(b), b)
            }
            for index in order {
                let node = isStart ? bands[index].band.from : bands[index].band.to
                if isStart { bands[index].start = next[node] } else { bands[index].end = next[node] }
                next[node] += bands[index].thickness
            }
        }
    }
}
