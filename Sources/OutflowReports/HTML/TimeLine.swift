// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// The time line: a lane a route, a bar a transfer from its first to its last record, and hatched where the logs have a
/// gap.
struct TimeLine {
    /// How many bars a lane gets, the largest transfers first.
    static let barLimit = 120
    private static let left = 118.0
    private static let right = 944.0
    private static let top = 16.0
    private static let laneLimit = 4

    private struct Bar {
        var transfer: Report.Transfer
        var lane: Int
    }

    private let bars: [(route: Route, bars: [Bar], lanes: Int)]
    private let gaps: [Report.Gap]
    private let first: Int64
    private let last: Int64
    private let undrawn: Int

    /// The time line of the transfers that the report lists; nil if there are none.
    init?(_ report: Report) {
        let shown = report.ledger.lazy.filter { !$0.isSanctioned }
        guard let start = shown.map(\.first.microseconds).min(), let end = shown.map(\.last.microseconds).max() else {
            return nil
        }
        // A little air at both ends, and an hour at least: a single moment has no length.
        let air = max((end &- start) / 40, 1_800_000_000)
        first = max(start &- air, Timestamp.earliest.microseconds)
        last = min(max(end, start) &+ air, Timestamp.latest.microseconds)
        guard first < last else { return nil }
        var counts: [Route: Int] = [:]
        var drawn: [Report.Transfer] = []
        for transfer in shown {
            counts[transfer.route, default: 0] += 1
            if counts[transfer.route, default: 0] <= Self.barLimit { drawn.append(transfer) }
        }
        undrawn = shown.count - drawn.count
        gaps = report.gaps
        let routes = Set(drawn.map(\.route)).union(report.gaps.filter { $0.from != nil || $0.to != nil }.map(\.route))
        bars = routes.sorted().map { route in
            var ends: [Int64] = []
            var placed: [Bar] = []
            let length = max((end &- start) / 200, 1)
            for transfer in drawn.filter({ $0.route == route }).sorted(by: { ($0.first, $0.id) < ($1.first, $1.id) }) {
                let lane = ends.firstIndex { $0 <= transfer.first.microseconds } ?? min(ends.count, Self.laneLimit - 1)
                let end = max(transfer.last.microseconds, transfer.first.microseconds) &+ length
                if lane == ends.count { ends.append(end) } else { ends[lane] = max(ends[lane], end) }
                placed.append(Bar(transfer: transfer, lane: lane))
            }
            return (route, placed, max(ends.count, 1))
        }
    }

    private func x(_ microseconds: Int64) -> Double {
        let share = (Double(microseconds) - Double(first)) / (Double(last) - Double(first))
        return Self.left + min(max(share, 0), 1) * (Self.right - Self.left)
    }

    /// Adds the picture.
    func draw(_ writer: inout HTMLWriter) {
        let heights = bars.map { Double($0.lanes) * 11 + 13 }
        let bottom = Self.top + heights.reduce(0, +)
        writer.raw(
            "<figure class=\"time\"><div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Time line\">")
        writer.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"time-name time-text\"")
        writer.attribute("viewBox", "0 0 960 \(HTMLWriter.decimal(bottom + 26))")
        writer.raw("><title id=\"time-name\">Transfers in time</title><desc id=\"time-text\">")
        writer.text(
            "From \(Amounts.minute(Timestamp(microseconds: first))) to \(Amounts.minute(Timestamp(microseconds: last))) UTC. "
        )
        writer.raw(
            "The ledger has the same times as text.</desc>\n<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" ")
        writer.raw(
            "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect class=\"hatch\" width=\"2\" height=\"6\"/></pattern></defs>\n"
        )
        ticks(bottom, &writer)
        var y = Self.top
        for (lane, height) in zip(bars, heights) {
            draw(lane, y, height, &writer)
            y += height
        }
        writer.raw(
            "</svg></div>\n<figcaption>One bar a transfer, from its first to its last record. Hatched: a gap in the logs of that route. Times in UTC."
        )
        if undrawn > 0 {
            writer.text(
                " The \(Self.barLimit) largest of each route are drawn; \(Wording.grouped(UInt64(undrawn))) are not.")
        }
        writer.raw("</figcaption></figure>\n")
    }

    private func draw(
        _ lane: (route: Route, bars: [Bar], lanes: Int), _ y: Double, _ height: Double, _ writer: inout HTMLWriter
    ) {
        writer.raw("<line class=\"rule\" x1=\"0\" x2=\"960\"")
        writer.attribute("y1", y)
        writer.attribute("y2", y)
        writer.raw("/><text class=\"label\" x=\"0\"")
        writer.attribute("y", y + height / 2 + 4)
        writer.raw(">")
        writer.text(lane.route.rawValue)
        writer.raw("</text>\n")
        for gap in gaps where gap.route == lane.route && (gap.from != nil || gap.to != nil) {
            let from = x(gap.from?.microseconds ?? first)
            let to = x(gap.to?.microseconds ?? last)
            guard to > from else { continue }
            writer.raw("<rect class=\"gap\"")
            rectangle(from, y + 1, max(to - from, 2), height - 2, &writer)
            writer.raw("><title>Gap: ")
            writer.excerpt(gap.what, 240)
            writer.raw("</title></rect>\n")
        }
        for bar in lane.bars {
            let from = x(bar.transfer.first.microseconds)
            let to = x(bar.transfer.last.microseconds)
            writer.raw("<rect rx=\"2\" class=\"bar ")
            writer.raw(bar.transfer.state.cssClass)
            writer.raw("\"")
            rectangle(min(from, Self.right - 6), y + 7 + Double(bar.lane) * 11, max(to - from, 6), 8, &writer)
            writer.raw("><title>")
            writer.excerpt(bar.transfer.source.title, 120)
            writer.raw(" → ")
            writer.excerpt(bar.transfer.destination.title, 120)
            writer.text(
                ": \(Amounts.brief(bar.transfer.bytes)), \(bar.transfer.state.rawValue), \(Amounts.span(bar.transfer.first, bar.transfer.last))"
            )
            writer.raw("</title></rect>\n")
        }
    }

    private func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ writer: inout HTMLWriter) {
        writer.attribute("x", x)
        writer.attribute("y", y)
        writer.attribute("width", width)
        writer.attribute("height", height)
    }

    /// Marks at round times, eight at most.
    private func ticks(_ bottom: Double, _ writer: inout HTMLWriter) {
        let minute: Int64 = 60_000_000
        let day = 1_440 * minute
        let steps = [
            minute, 5 * minute, 15 * minute, 60 * minute, 180 * minute, 360 * minute, 720 * minute, day, 2 * day,
            7 * day, 14 * day, 28 * day, 91 * day, 365 * day,
        ]
        let span = last &- first
        var step = steps.first { span / $0 <= 8 } ?? 365 * day
        while span / step > 8 { step *= 10 }
        var at = first / step * step
        while at < first { at += step }
        while at <= last {
            let text = Amounts.minute(Timestamp(microseconds: at))
            writer.raw("<line class=\"tick\"")
            writer.attribute("x1", x(at))
            writer.attribute("x2", x(at))
            writer.attribute("y1", Self.top)
            writer.attribute("y2", bottom)
            writer.raw("/><text class=\"axis\" text-anchor=\"middle\"")
            writer.attribute("x", x(at))
            writer.attribute("y", bottom + 17)
            writer.raw(">")
            writer.text(step < day ? String(text.dropFirst(5)) : String(text.prefix(10)))
            writer.raw("</text>\n")
            at += step
        }
    }
}
