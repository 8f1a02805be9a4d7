// SPDX-License-Identifier: Apache-2.0

import OutflowActivities

/// Detection limits as bars over sizes from 1 B up: a bar reaches to the smallest theft that would have been caught.
/// Limits that count no bytes are in the table beside it only.
struct LimitChart {
    private struct Bar {
        var route: String
        var duration: String
        /// Nil when no size that was tried is caught.
        var bytes: UInt64?
        var isFirst: Bool
    }

    private static let left = 220.0
    private static let right = 860.0
    private static let top = 14.0
    private static let step = 20.0

    private let bars: [Bar]
    /// Powers of ten that the axis spans.
    private let decades: Int

    /// The chart of a table; nil if nothing in it counts bytes.
    init?(_ table: LimitTable) {
        var bars: [Bar] = []
        for row in table.rows where row.unit == "bytes" {
            for (duration, cell) in zip(table.durations, row.cells) {
                guard let cell else { continue }
                let isFirst = bars.last?.route != row.route.rawValue
                bars.append(
                    Bar(route: row.route.rawValue, duration: duration, bytes: cell.smallest, isFirst: isFirst))
            }
        }
        guard !bars.isEmpty else { return nil }
        self.bars = bars
        var decades = 6
        var size: UInt64 = 1_000_000
        let most = bars.compactMap(\.bytes).max() ?? 0
        while size < most, decades < 19 {
            size *= 10
            decades += 1
        }
        self.decades = decades
    }

    /// Where a size stands: powers of ten are evenly apart, and straight lines lie between them.
    private func x(_ bytes: UInt64) -> Double {
        var decade = 0
        var size: UInt64 = 1
        while decade < decades, bytes / 10 >= size {
            size *= 10
            decade += 1
        }
        let within = bytes == 0 ? 0 : min(max((Double(bytes) / Double(size) - 1) / 9, 0), 1)
        return Self.left + (Double(decade) + within) / Double(decades) * (Self.right - Self.left)
    }

    /// Adds the chart with its text alternative.
    func draw(_ writer: inout HTMLWriter) {
        let bottom = Self.top + Double(bars.count) * Self.step + 4
        writer.raw("<figure class=\"limits\"><div class=\"scroll\" role=\"region\" tabindex=\"0\" ")
        writer.raw("aria-label=\"Chart of detection limits\">")
        writer.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"limit-name limit-text\"")
        writer.attribute("viewBox", "0 0 960 \(HTMLWriter.decimal(bottom + 24))")
        writer.raw("><title id=\"limit-name\">Detection limits</title><desc id=\"limit-text\">")
        writer.text("Bars of \(bars.count) limits on a logarithmic axis of bytes. The table after it has every figure.")
        writer.raw("</desc>\n")
        for decade in 0...decades where decade % 3 == 0 {
            let size = (0..<decade).reduce(UInt64(1)) { size, _ in size * 10 }
            writer.raw("<line class=\"tick\"")
            writer.attribute("x1", x(size))
            writer.attribute("x2", x(size))
            writer.attribute("y1", Self.top - 6)
            writer.attribute("y2", bottom)
            writer.raw("/><text class=\"axis\" text-anchor=\"middle\"")
            writer.attribute("x", x(size))
            writer.attribute("y", bottom + 16)
            writer.raw(">")
            writer.text(Self.axis(size))
            writer.raw("</text>\n")
        }
        for (index, bar) in bars.enumerated() { draw(bar, Self.top + Double(index) * Self.step, &writer) }
        writer.raw(
            "</svg></div>\n<figcaption>A bar reaches to the smallest theft that would have been caught; what is ")
        writer.raw("smaller could pass unseen. Dashed: no size that was tried is caught.</figcaption></figure>\n")
    }

    private func draw(_ bar: Bar, _ y: Double, _ writer: inout HTMLWriter) {
        if bar.isFirst {
            writer.raw("<text class=\"label\" x=\"0\"")
            writer.attribute("y", y + 12)
            writer.raw(">")
            writer.text(bar.route)
            writer.raw("</text>")
        }
        writer.raw("<text class=\"axis\" text-anchor=\"end\"")
        writer.attribute("x", Self.left - 10)
        writer.attribute("y", y + 12)
        writer.raw(">")
        writer.excerpt(bar.duration, 20)
        writer.raw("</text>")
        let end = bar.bytes.map { max(x($0), Self.left + 2) } ?? Self.right
        writer.raw(bar.bytes == nil ? "<rect class=\"limit open\" rx=\"2\"" : "<rect class=\"limit\" rx=\"2\"")
        writer.attribute("x", Self.left)
        writer.attribute("y", y + 2)
        writer.attribute("width", end - Self.left)
        writer.attribute("height", 12)
        writer.raw("/><text class=\"figure\"")
        writer.attribute("x", end + 8)
        writer.attribute("y", y + 12)
        writer.raw(">")
        writer.text(bar.bytes.map { Amounts.upper($0) } ?? "none caught")
        writer.raw("</text>\n")
    }

    private static func axis(_ size: UInt64) -> String {
        switch size {
        case 1: "1 B"
        case 1_000: "1 kB"
        case 1_000_000: "1 MB"
        case 1_000_000_000: "1 GB"
        case 1_000_000_000_000: "1 TB"
        case 1_000_000_000_000_000: "1 PB"
        default: Amounts.upper(size)
        }
    }
}
