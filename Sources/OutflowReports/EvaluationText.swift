// SPDX-License-Identifier: Apache-2.0

import OutflowEvaluation
import OutflowLedger
import OutflowRecords

/// What `outflow evaluate` prints: a table of thefts, then what was found, missed and raised for nothing.
public enum EvaluationText {
    /// One evaluation as text, with a line end after each line.
    ///
    /// - Parameters:
    ///   - evaluation: what is told.
    ///   - name: of what was evaluated, for the heading; nil for none.
    ///   - width: columns of the terminal; at least 80 are used.
    public static func render(_ evaluation: Evaluation, name: String? = nil, width: Int = 80) -> String {
        let width = min(max(width, 80), 200)
        var text = ""
        func add(_ line: String) {
            var line = line[...]
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
        if let name { add(VisibleText.fit(VisibleText.excerpt(name, limit: 400), width)) }
        let column = max(width - 60, 20)
        add(row("THEFT", "FOUND", "AFTER", "LEDGER SAYS", "TRUTH", column))
        for theft in evaluation.thefts {
            add(
                row(
                    VisibleText.fit(VisibleText.excerpt(theft.event.id, limit: 200), column), found(theft),
                    theft.delay.map(duration) ?? "", theft.bytes.map(Amounts.brief) ?? "–",
                    Amounts.brief(theft.event.bytes), column))
            if theft.parts > 1 { add("    shared among \(theft.parts) accounts, of which found: \(theft.partsFound)") }
            if theft.boundsHold == false { add("  ! the ledger's bounds do not hold the true size") }
        }
        for line in summary(evaluation) { for part in VisibleText.wrap(line, width) { add(part) } }
        return text
    }

    private static func row(_ a: String, _ b: String, _ c: String, _ d: String, _ e: String, _ column: Int) -> String {
        VisibleText.pad(a, column) + "  " + VisibleText.pad(b, 11) + "  " + VisibleText.pad(c, 7, right: true) + "  "
            + VisibleText.pad(d, 17, right: true) + "  " + VisibleText.pad(e, 17, right: true)
    }

    private static func found(_ theft: Evaluation.Theft) -> String {
        switch theft.outcome {
        case .inCase(let suspicion): suspicion.rawValue
        case .inLedger: "ledger only"
        case .missed: "missed"
        }
    }

    /// `5 min`, `3 h`, `2 d 4 h`.
    static func duration(_ microseconds: Int64) -> String {
        let minutes = max(microseconds, 0) / 60_000_000
        if minutes < 60 { return "\(minutes) min" }
        let hours = minutes / 60
        if hours < 48 { return "\(hours) h" }
        let days = hours / 24
        return days < 100 && hours % 24 > 0 ? "\(days) d \(hours % 24) h" : "\(days) d"
    }

    private static func summary(_ evaluation: Evaluation) -> [String] {
        var lines: [String] = [""]
        let all = evaluation.thefts.count
        lines.append("Found: \(evaluation.found) of \(Wording.count(UInt64(all), "theft")).")
        let weak = evaluation.thefts.count {
            if case .inCase(let suspicion) = $0.outcome { return suspicion < evaluation.threshold }
            return false
        }
        if weak > 0 { lines[1] += " Below \(evaluation.threshold.rawValue): \(weak)." }
        let ledger = evaluation.thefts.count { $0.outcome == .inLedger }
        if ledger > 0 { lines[1] += " In the ledger, in no case: \(ledger)." }
        let missed = evaluation.thefts.count { $0.outcome == .missed }
        if missed > 0 { lines[1] += " Missed: \(missed)." }
        var cases = "Cases: \(evaluation.alarms), of which false: \(evaluation.falseCases.count)"
        if let month = evaluation.falseCasesPerMonth, let observed = evaluation.observed {
            cases += ", which is \(decimal(month)) in 30 days (\(duration(observed)) observed)"
        }
        lines.append(cases + ".")
        if !evaluation.falseCases.isEmpty {
            let ids = evaluation.falseCases.prefix(10).map { VisibleText.excerpt($0, limit: 40) }
            lines.append("False: \(ids.joined(separator: ", "))\(evaluation.falseCases.count > 10 ? ", …" : "").")
        }
        if evaluation.lookAlikes > 0 {
            lines.append(
                "Look-alikes taken for theft: \(evaluation.mistaken.count) of \(evaluation.lookAlikes)"
                    + (evaluation.mistaken.isEmpty
                        ? "."
                        : " ("
                            + evaluation.mistaken.prefix(10).map { VisibleText.excerpt($0.event, limit: 60) }.joined(
                                separator: ", ") + ")."))
        }
        let judged = evaluation.thefts.compactMap(\.boundsHold)
        if !judged.isEmpty {
            lines.append("Bounds that hold the true size: \(judged.count { $0 }) of \(judged.count).")
        }
        return lines
    }

    /// Two digits of fraction, rounded up: a rate must not look smaller than it is.
    static func decimal(_ value: Double) -> String {
        guard value.isFinite, value < 1e12 else { return "too many" }
        let hundredths = UInt64((value * 100 - 1e-9).rounded(.up))
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    /// Recall by size as text, a bar each.
    public static func render(_ chart: RecallChart) -> String {
        var text = "Recall by size\n"
        for bin in chart.bins {
            let share = bin.thefts > 0 ? bin.found * 20 / bin.thefts : 0
            let bar = String(repeating: "█", count: share) + String(repeating: "·", count: 20 - share)
            text += "  \(VisibleText.pad(name(bin), 16))  \(bar)  \(bin.found) of \(bin.thefts)\n"
        }
        return text
    }

    /// `from 1.00 MB`, `unknown size`.
    static func name(_ bin: RecallChart.Bin) -> String {
        bin.from.map { "from \($0 < 1_000 ? Amounts.exact($0) : Amounts.short($0, .down))" } ?? "unknown size"
    }
}
