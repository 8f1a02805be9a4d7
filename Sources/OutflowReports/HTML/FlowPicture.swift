// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// The flow picture: sources, routes and destinations joined by bands as wide as the amounts.
///
/// The solid part of a band is what certainly left (`at_least`), the pale part what may have left besides (up to
/// `at_most`). Amounts without an upper end, exposures and accesses of unknown size are dashed: a width would lie.
/// Refused and sanctioned transfers are not drawn.
struct FlowPicture {
    /// How many sources and destinations are drawn by name on each side.
    static let nodeLimit = 9
    /// Of these, places kept for amounts without an upper end and for exposures: they may be larger than all the rest.
    static let openLimit = 3

    /// What a band is made of.
    struct Band {
        var from: Int
        var to: Int
        var state: TransferState
        var bytes = ByteBounds.zero
        var transfers: UInt64 = 0
    }

    /// A box in one of the three columns.
    struct Node {
        var title: String
        var bytes = ByteBounds.zero
        var transfers: UInt64 = 0
        /// Top of its box, and heights of the box and of the room for it.
        var top = 0.0
        var height = 0.0
    }

    private(set) var sources: [Node] = []
    private(set) var routes: [Node] = []
    private(set) var destinations: [Node] = []
    /// Bands from sources to routes, and from routes to destinations.
    private(set) var left: [Band] = []
    private(set) var right: [Band] = []
    private let isPartial: Bool

    /// Whether there is nothing to draw.
    var isEmpty: Bool { left.isEmpty }

    /// The picture of the transfers that the report lists.
    init(_ report: Report) {
        let drawn = report.ledger.lazy.filter { !$0.isSanctioned && $0.state != .attempted }
        isPartial = report.totals.unlisted.transfers > 0
        let sourceNames = Self.largest(drawn) { $0.source }
        let destinationNames = Self.largest(drawn) { $0.destination }
        let routeOrder = Set(drawn.map(\.route)).sorted()
        sources = sourceNames.titles.map { Node(title: $0) }
        routes = routeOrder.map { Node(title: $0.rawValue) }
        destinations = destinationNames.titles.map { Node(title: $0) }

        var leftIndex: [[Int]: Int] = [:]
        var rightIndex: [[Int]: Int] = [:]
        for transfer in drawn {
            let source = sourceNames.index[Self.key(transfer.source)] ?? sources.count - 1
            let destination = destinationNames.index[Self.key(transfer.destination)] ?? destinations.count - 1
            guard let route = routeOrder.firstIndex(of: transfer.route) else { continue }
            Self.add(transfer, Band(from: source, to: route, state: transfer.state), &left, &leftIndex)
            Self.add(transfer, Band(from: route, to: destination, state: transfer.state), &right, &rightIndex)
            for (path, index) in [(\FlowPicture.sources, source), (\.routes, route), (\.destinations, destination)]
                as [(WritableKeyPath<FlowPicture, [Node]>, Int)]
            {
                self[keyPath: path][index].bytes += transfer.bytes
                self[keyPath: path][index].transfers += 1
            }
        }
    }

    private static func key(_ entity: Report.Entity) -> String { "\(entity.kind.rawValue) \(entity.id)" }

    private static func add(
        _ transfer: Report.Transfer, _ band: Band, _ bands: inout [Band], _ index: inout [[Int]: Int]
    ) {
        let key = [band.from, band.to, Int(band.state.code)]
        let at = index[key] ?? bands.count
        if at == bands.count {
            bands.append(band)
            index[key] = at
        }
        bands[at].bytes += transfer.bytes
        bands[at].transfers += 1
    }

    /// What an entity sent or received in all.
    private struct Sum {
        var key: String
        var title: String
        /// Of its first transfer in the ledger.
        var order: Int
        var bytes = ByteBounds.zero
        var isOpen = false
    }

    /// The entities with the largest certain amounts, and a few of those whose amounts are open; of equal ones, those
    /// that come first in the ledger. All others share one box.
    private static func largest(
        _ transfers: some Sequence<Report.Transfer>, _ side: (Report.Transfer) -> Report.Entity
    ) -> (titles: [String], index: [String: Int]) {
        var sums: [String: Sum] = [:]
        for (order, transfer) in transfers.enumerated() {
            let entity = side(transfer)
            let key = key(entity)
            var sum = sums[key] ?? Sum(key: key, title: entity.title, order: order)
            sum.bytes += transfer.bytes
            sum.isOpen = sum.isOpen || transfer.bytes.atMost == nil || transfer.state == .exposed
            sums[key] = sum
        }
        let ranked = sums.values.sorted { ($1.bytes.atLeast, $0.order) < ($0.bytes.atLeast, $1.order) }
        var named = ranked
        if ranked.count > nodeLimit + 1 {
            let open = ranked.dropFirst(nodeLimit - openLimit).filter(\.isOpen).sorted { $0.order < $1.order }.prefix(
                openLimit)
            let large = ranked.filter { sum in !open.contains { $0.key == sum.key } }.prefix(nodeLimit - open.count)
            named = Array(large) + open
        }
        var titles = named.map(\.title)
        let index = Dictionary(uniqueKeysWithValues: named.enumerated().map { ($1.key, $0) })
        if ranked.count > named.count { titles.append("\(Wording.grouped(UInt64(ranked.count - named.count))) others") }
        return (titles, index)
    }

    // MARK: Drawing

    private static let width = 960.0
    private static let box = 10.0
    private static let columns = (source: 232.0, route: 475.0, destination: 718.0)

    /// Adds the picture with its text alternative.
    func draw(_ writer: inout HTMLWriter) {
        var layout = FlowLayout(self)
        layout.place()
        writer.raw(
            "<figure class=\"flow\"><div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Flow picture\">")
        writer.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"flow-name flow-text\"")
        writer.attribute("viewBox", "0 0 960 \(HTMLWriter.decimal(layout.height))")
        writer.raw(
            "><title id=\"flow-name\">Flows from sources over routes to destinations</title><desc id=\"flow-text\">")
        writer.text(description)
        writer.raw("</desc>\n")
        for (name, x, anchor) in [
            ("FROM", Self.columns.source + Self.box, "end"), ("ROUTE", Self.columns.route + Self.box / 2, "middle"),
            ("TO", Self.columns.destination, "start"),
        ] {
            writer.raw("<text class=\"head\"")
            writer.attribute("x", x)
            writer.attribute("y", 14.0)
            writer.attribute("text-anchor", anchor)
            writer.raw(">")
            writer.text(name)
            writer.raw("</text>")
        }
        for band in layout.bands { draw(band, &writer) }
        for node in layout.sources { draw(node, Self.columns.source, "end", &writer) }
        for node in layout.destinations { draw(node, Self.columns.destination, "start", &writer) }
        for node in layout.routes { draw(node, Self.columns.route, "middle", &writer) }
        writer.raw(
            "</svg></div>\n<figcaption>Solid: certainly left. Pale: may have left besides. Dashed: amount not known, or only exposed. "
        )
        writer.raw(
            "Widths are in proportion to bytes, but thin bands are drawn so that they can be seen. Refused and sanctioned transfers are not drawn."
        )
        if isPartial { writer.raw(" Only transfers that the ledger lists are drawn.") }
        writer.raw("</figcaption>\n<details class=\"alternative\"><summary>The picture as text</summary><ul>")
        for band in left { sentence(sources[band.from].title, routes[band.to].title, band, &writer) }
        for band in right { sentence(routes[band.from].title, destinations[band.to].title, band, &writer) }
        writer.raw("</ul></details></figure>\n")
    }

    private var description: String {
        "From \(Wording.count(UInt64(sources.count), "source")) over \(Wording.count(UInt64(routes.count), "route")) to "
            + "\(Wording.count(UInt64(destinations.count), "destination")). The list after the picture has every band."
    }

    private func sentence(_ from: String, _ to: String, _ band: Band, _ writer: inout HTMLWriter) {
        writer.raw("<li>")
        writer.log(from)
        writer.raw(" → ")
        writer.log(to)
        writer.text(
            ": \(Amounts.brief(band.bytes)), \(band.state.rawValue), \(Wording.count(band.transfers, "transfer"))")
        writer.raw("</li>")
    }

    private func draw(_ band: FlowLayout.Placed, _ writer: inout HTMLWriter) {
        let (x0, x1) =
            band.isLeft
            ? (Self.columns.source + Self.box, Self.columns.route)
            : (Self.columns.route + Self.box, Self.columns.destination)
        writer.raw("<g class=\"band ")
        writer.raw(band.band.state.cssClass)
        writer.raw("\"><title>")
        let (from, to) =
            band.isLeft
            ? (sources[band.band.from], routes[band.band.to]) : (routes[band.band.from], destinations[band.band.to])
        writer.excerpt(from.title, 120)
        writer.raw(" → ")
        writer.excerpt(to.title, 120)
        writer.text(": \(Amounts.precise(band.band.bytes)), \(band.band.state.rawValue)")
        writer.raw("</title>")
        if band.certain < band.thickness {
            writer.raw(band.isDashed ? "<path class=\"open\"" : "<path class=\"pale\"")
            writer.attribute("d", Self.ribbon(x0, band.start, x1, band.end, band.thickness))
            writer.raw("/>")
        }
        if band.certain > 0 {
            writer.raw("<path class=\"solid\"")
            writer.attribute("d", Self.ribbon(x0, band.start, x1, band.end, band.certain))
            writer.raw("/>")
        }
        writer.raw("</g>\n")
    }

    /// A band of even height between two points at the tops of its ends.
    private static func ribbon(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, _ height: Double) -> String {
        let d = HTMLWriter.decimal
        let mid = (x0 + x1) / 2
        return "M\(d(x0)) \(d(y0))C\(d(mid)) \(d(y0)) \(d(mid)) \(d(y1)) \(d(x1)) \(d(y1))V\(d(y1 + height))"
            + "C\(d(mid)) \(d(y1 + height)) \(d(mid)) \(d(y0 + height)) \(d(x0)) \(d(y0 + height))Z"
    }

    private func draw(_ node: Node, _ x: Double, _ anchor: String, _ writer: inout HTMLWriter) {
        writer.raw("<g class=\"node\"><title>")
        writer.excerpt(node.title, 240)
        writer.text(": \(Amounts.precise(node.bytes)), \(Wording.count(node.transfers, "transfer"))")
        writer.raw("</title><rect rx=\"2\"")
        writer.attribute("x", x)
        writer.attribute("y", node.top)
        writer.attribute("width", Self.box)
        writer.attribute("height", node.height)
        writer.raw("/>")
        let middle = node.top + node.height / 2
        let isRoute = anchor == "middle"
        let at = isRoute ? x + Self.box / 2 : anchor == "end" ? x - 8 : x + Self.box + 8
        // A route's words stand above its box, where no band runs; the others' beside it.
        let first = isRoute ? node.top - 6 : middle - 2
        writer.raw("<text class=\"label\"")
        writer.attribute("x", at)
        writer.attribute("y", first)
        writer.attribute("text-anchor", anchor)
        writer.raw(">")
        writer.text(VisibleText.fit(VisibleText.excerpt(node.title, limit: 120), 28))
        writer.raw("</text>")
        if !isRoute {
            writer.raw("<text class=\"figure\"")
            writer.attribute("x", at)
            writer.attribute("y", middle + 13)
            writer.attribute("text-anchor", anchor)
            writer.raw(">")
            writer.text(Amounts.brief(node.bytes))
            writer.raw("</text>")
        }
        writer.raw("</g>\n")
    }
}
