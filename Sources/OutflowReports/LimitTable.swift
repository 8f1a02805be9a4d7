// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// Detection limits as a table: a row for a route and what is counted there, a column for a duration.
struct LimitTable {
    /// What would have been caught over one duration.
    struct Cell {
        /// Nil when no size that was tried is caught.
        var smallest: UInt64?
        var unit: String

        /// `12.0 MB`, `15 documents`, `none`.
        var words: String {
            guard let smallest else { return "none" }
            if unit == "bytes" { return Amounts.upper(smallest) }
            let unit = VisibleText.excerpt(unit, limit: 20)
            let one = unit.hasSuffix("s") ? String(unit.dropLast()) : unit
            return Wording.count(smallest, one, unit)
        }
    }

    struct Row {
        var route: Route
        var unit: String
        /// One for each duration; nil where it was not tried.
        var cells: [Cell?]
    }

    /// Shortest first, as far as their words tell.
    private(set) var durations: [String]
    private(set) var rows: [Row] = []
    /// `9 of 10 times at 1/month`.
    private(set) var terms: String

    /// The table of some limits; more than eight durations are not shown.
    init(_ limits: [Report.Limit]) {
        durations = Array(
            Set(limits.map(\.over)).sorted { (Self.seconds($0), $0) < (Self.seconds($1), $1) }.prefix(8))
        let terms = Set(limits.map { "\(Self.share($0.recallPerMille)) at \($0.alarms)" }).sorted()
        self.terms = terms.prefix(2).joined(separator: ", ")
        for limit in limits {
            guard let column = durations.firstIndex(of: limit.over) else { continue }
            var row = rows.firstIndex { $0.route == limit.route && $0.unit == limit.unit }
            if row == nil {
                row = rows.count
                rows.append(
                    Row(route: limit.route, unit: limit.unit, cells: .init(repeating: nil, count: durations.count)))
            }
            if let row { rows[row].cells[column] = Cell(smallest: limit.smallest, unit: limit.unit) }
        }
        rows.sort { ($0.route, $0.unit) < ($1.route, $1.unit) }
    }

    private static func share(_ perMille: UInt64) -> String {
        if perMille % 100 == 0 { return "\(perMille / 100) of 10 times" }
        return perMille % 10 == 0 ? "\(perMille / 10) of 100 times" : "\(perMille) of 1,000 times"
    }

    /// Seconds of `1 hour`, `30 days`; what is no duration comes last.
    private static func seconds(_ text: String) -> UInt64 {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let number = UInt64(parts[0]), number < 1_000_000 else { return .max }
        switch parts[1] {
        case "second", "seconds": return number
        case "minute", "minutes": return number * 60
        case "hour", "hours": return number * 3_600
        case "day", "days": return number * 86_400
        case "week", "weeks": return number * 604_800
        case "month", "months": return number * 2_592_000
        case "year", "years": return number * 31_536_000
        default: return .max
        }
    }
}
