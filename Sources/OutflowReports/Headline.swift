// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// The answer in words: what left, at least and at most, and what weakens the answer. The terminal and the page say the
/// same.
struct Headline {
    /// The answer in one sentence.
    let answer: String
    /// The upper bound, or why there is none.
    let ceiling: String?
    /// What else has to be said, most important first.
    let remarks: [String]
    /// What left: transfers that are ``TransferState/taken`` or ``TransferState/accessed``, unsanctioned.
    let left: Report.Total
    /// Sum of the known upper bounds, and how many transfers have none; nil if the report does not list them all.
    let known: (atMost: UInt64?, open: UInt64)?

    /// The words for a report.
    init(_ report: Report) {
        func total(_ state: TransferState) -> Report.Total { report.totals.byState[state] ?? Report.Total() }
        var left = total(.taken).plus(total(.accessed))
        // Transfers are large, and a ledger may list many: none is copied.
        let gone = report.ledger.lazy.filter { !$0.isSanctioned && ($0.state == .taken || $0.state == .accessed) }
        let listsAll = UInt64(gone.count) == left.transfers
        let toldTwice = Self.mayBeToldTwice(gone, of: left, report.inputs)
        left.bytes.atLeast -= toldTwice
        self.left = left
        known = listsAll ? Self.known(gone) : nil

        if report.inputs.allSatisfy({ $0.records == 0 }), report.ledger.isEmpty {
            answer = "No record could be read, so nothing can be said about what left."
            ceiling = nil
        } else if left.transfers == 0, report.ledger.isEmpty, !Self.canShow(report.inputs) {
            // Silence of logs that could not speak says nothing.
            answer =
                "None of these logs is of a kind in which Outflow sees data leaving, so nothing can be said about what left."
            ceiling = "Rules and indicators can look at them; `outflow sources` tells which logs show what left."
        } else if left.transfers == 0 {
            let exception = report.totals.sanctioned.transfers > 0 ? ", other than to sanctioned destinations" : ""
            answer = "These logs show no data leaving\(exception)."
            ceiling = "That is no proof that none left: logs show only what they record."
        } else {
            let routes = Set(gone.map(\.route))
            let destinations = Set(gone.map(\.destination.id)).count
            // Names asked of the DNS can carry data out; that they did, no such question proves.
            let isProven = !listsAll || gone.contains { $0.bytes.atLeast > 0 || $0.route != .dns }
            // Who reads from outside may keep nothing: the logs do not say that it left.
            let isRead = listsAll && gone.allSatisfy { $0.state == .accessed }
            let verb = isRead ? "was read" : "left"
            var sentence =
                left.bytes.atLeast > 0
                ? "At least \(Amounts.lower(left.bytes.atLeast)) \(verb)"
                : isProven ? "Data of unknown amount \(verb)" : "No data is proven to have left, but some may have"
            if routes.count == 1, let route = routes.first, listsAll {
                sentence += " over the \(route.rawValue) route"
            } else if routes.count > 1 {
                sentence += " over \(listsAll ? "" : "at least ")\(routes.count) routes"
            }
            if destinations > 0 {
                let number = Wording.count(UInt64(destinations), isRead ? "place" : "destination")
                if isRead { sentence += " from" }
                sentence += isRead ? " \(number)" : listsAll ? " to \(number)" : " to at least \(number)"
            }
            if let first = gone.map(\.first).min(), let last = gone.map(\.last).max() {
                let (a, b) = (first.description.prefix(10), last.description.prefix(10))
                if listsAll { sentence += a == b ? " on \(a)" : " between \(a) and \(b)" }
            }
            answer = sentence + "."
            ceiling = Self.ceiling(left, known, isAllRead: report.inputs.allSatisfy { $0.isAllRead })
        }
        remarks =
            (toldTwice > 0
                ? [
                    "Web servers or proxies and network sensors may tell of the same \(Amounts.lower(toldTwice)): the lower bound "
                        + "above counts them once, the transfers below twice."
                ] : []) + Self.remarks(report, total)
    }

    /// Bytes that the access logs of web servers and proxies tell of and network sensors may have seen as well: the smaller of
    /// both sums. Nothing in the logs joins the two.
    private static func mayBeToldTwice(
        _ gone: some Sequence<Report.Transfer>, of left: Report.Total, _ inputs: [Report.Input]
    ) -> UInt64 {
        func sum(_ cards: [SourceCard]) -> UInt64 {
            let formats = Set(cards.map(\.format))
            return gone.reduce(0) { sum, transfer in
                guard let input = transfer.evidence.first?.input, Int(input) < inputs.count,
                    formats.contains(inputs[Int(input)].format)
                else { return sum }
                return sum + min(transfer.bytes.atLeast, .max - sum)
            }
        }
        let sensors = sum([ZeekTSV.card, ZeekJSON.card, SuricataEVE.card, VPCFlowLog.card])
        let servers = sum([CombinedLog.card, EZproxyLog.card, SquidLog.card])
        return min(sensors, servers, left.bytes.atLeast)
    }

    /// Whether any input is of a format that can show data leaving; so are formats that this version does not know.
    private static func canShow(_ inputs: [Report.Input]) -> Bool {
        let silent = Set(LogSources.cards.filter { $0.routes.isEmpty }.map(\.format))
        return inputs.contains { !$0.isUnread && $0.records > 0 && !silent.contains($0.format) }
    }

    private static func known(_ gone: some Sequence<Report.Transfer>) -> (atMost: UInt64?, open: UInt64) {
        var sum: UInt64? = 0
        var open: UInt64 = 0
        for transfer in gone {
            if let high = transfer.bytes.atMost {
                sum = sum.flatMap { value in
                    let (result, overflow) = value.addingReportingOverflow(high)
                    return overflow ? nil : result
                }
            } else {
                open += 1
            }
        }
        return (sum, open)
    }

    private static func ceiling(
        _ left: Report.Total, _ known: (atMost: UInt64?, open: UInt64)?, isAllRead: Bool
    ) -> String {
        if let high = left.bytes.atMost {
            if high == left.bytes.atLeast {
                let what = isAllRead ? "That is exact" : "That is exact for what could be read, which is not all"
                return "\(what): \(Amounts.exact(high)), each content counted once."
            }
            return "At most \(Amounts.upper(high))."
        }
        guard let known, known.open > 0 else { return "How much at most, these logs do not tell." }
        if known.open == left.transfers { return "How much at most, these logs do not tell: none has an upper limit." }
        let rest = left.transfers - known.open
        var words = "How much at most, these logs do not tell: \(Wording.count(known.open, "transfer")) of "
        words += "\(Wording.grouped(left.transfers)) \(known.open == 1 ? "has" : "have") no upper limit"
        if let sum = known.atMost {
            words += rest == 1 ? "; the other is" : "; the other \(Wording.grouped(rest)) are"
            words += " at most \(Amounts.upper(sum))\(rest == 1 ? "" : " together")"
        }
        return words + "."
    }

    private static func remarks(_ report: Report, _ total: (TransferState) -> Report.Total) -> [String] {
        var remarks: [String] = []
        if let cases = cases(report) { remarks.append(cases) }
        let accessed = total(.accessed)
        if accessed.transfers > 0 {
            remarks.append("Read, amount not certain: \(Wording.count(accessed.transfers, "transfer")).")
        }
        let exposed = total(.exposed)
        if exposed.transfers > 0 {
            let size = exposed.bytes.atMost.map { ", of at most \(Amounts.upper($0))" } ?? ""
            remarks.append(
                "Not counted above: \(Wording.count(exposed.transfers, "item")) made reachable from outside (a read that was "
                    + "seen counts above)\(size).")
        }
        let attempted = total(.attempted)
        if attempted.transfers > 0 {
            remarks.append("Tried and refused: \(Wording.count(attempted.transfers, "transfer")).")
        }
        let sanctioned = report.totals.sanctioned
        if sanctioned.transfers > 0 {
            remarks.append(
                "Sanctioned destinations, not counted above: \(Wording.count(sanctioned.transfers, "transfer")), "
                    + "\(words(sanctioned.bytes)).")
        }
        if !report.gaps.isEmpty {
            remarks.append(
                "\(Wording.count(UInt64(report.gaps.count), "gap")) in the logs: more may have left than they show.")
        }
        let unread = report.inputs.filter(\.isUnread).count
        let rejected = report.inputs.reduce(UInt64(0)) { $0 &+ ($1.isUnread ? 0 : $1.rejected.count) }
        if rejected > 0 || unread > 0 {
            var parts: [String] = []
            if unread > 0 { parts.append("\(Wording.count(UInt64(unread), "input")) could not be used") }
            if rejected > 0 { parts.append("\(Wording.count(rejected, "record")) could not be read") }
            remarks.append(parts.joined(separator: "; ") + ".")
        }
        return remarks
    }

    /// `Theft is very likely in 1 case, possible in 2.`; nil without cases.
    static func cases(_ report: Report) -> String? {
        let parts = Suspicion.allCases.reversed().compactMap { suspicion -> String? in
            let count = report.cases.count { $0.suspicion == suspicion }
            guard count > 0, suspicion > .none else { return nil }
            return "\(suspicion.rawValue) in \(Wording.count(UInt64(count), "case"))"
        }
        return parts.isEmpty ? nil : "Theft is \(parts.joined(separator: ", "))."
    }

    /// `1.08 MB`, `at least 89 B`, `between 10 B and 20 B`, `size unknown`.
    static func words(_ bounds: ByteBounds) -> String {
        switch (bounds.atLeast, bounds.atMost) {
        case (0, nil): return "size unknown"
        case (let low, nil): return "at least \(Amounts.lower(low))"
        case (let low, let high?) where low == high: return Amounts.lower(low)
        case (let low, let high?): return "between \(Amounts.lower(low)) and \(Amounts.upper(high))"
        }
    }
}

extension Report.Total {
    fileprivate func plus(_ other: Report.Total) -> Report.Total {
        var sum = self
        sum.transfers &+= other.transfers
        sum.bytes += other.bytes
        sum.onWire = Report.Total.sum(sum.onWire, other.onWire)
        sum.reads &+= other.reads
        sum.records &+= other.records
        return sum
    }
}
