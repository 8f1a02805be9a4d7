// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// A report scored against the truth: what was found, what was missed, and which cases are false.
public struct Evaluation: Sendable {
    /// How far a theft was found.
    public enum Outcome: Sendable, Hashable {
        /// A case of this suspicion holds it.
        case inCase(Suspicion)
        /// The ledger has it, no case does.
        case inLedger
        /// Neither has it.
        case missed
    }

    /// One theft, scored. One that was shared among accounts is one theft, found when the part of one of them is.
    public struct Theft: Sendable {
        /// What happened: of several accounts, all that they did.
        public var event: Truth.Event
        /// Accounts or hosts that it was shared among.
        public var parts: Int
        /// Of how many of these a case strong enough for an alarm tells.
        public var partsFound: Int
        /// How far it was found.
        public var outcome: Outcome
        /// The case that holds it; nil if none does.
        public var caseID: String?
        /// Transfers of the ledger that are it.
        public var transfers: [String]
        /// What the ledger says of its size; nil when no transfer is it.
        public var bytes: ByteBounds?
        /// Microseconds from its first record to the last record of the earliest finding that is strong enough for an
        /// alarm: at the latest then it could have been told. Nil when no such finding is about it.
        public var delay: Int64?

        /// Whether the ledger's bounds hold the true size; of what went among the source's own, whether they are not below it.
        public var boundsHold: Bool? {
            bytes.map { found in
                (event.isAmongOwn || found.atLeast <= event.bytes.atMost ?? .max)
                    && found.atMost ?? .max >= event.bytes.atLeast
            }
        }
    }

    /// Each theft, in the truth's order.
    public private(set) var thefts: [Theft] = []
    /// Look-alikes that a case holds: their id and the case's.
    public private(set) var mistaken: [(event: String, caseID: String)] = []
    /// How many look-alikes there were.
    public private(set) var lookAlikes = 0
    /// Cases strong enough for an alarm that hold no theft.
    public private(set) var falseCases: [String] = []
    /// How many of these rest on the same findings: names of findings, in order and joined by `+`, with a number.
    public private(set) var falseReasons: [String: Int] = [:]
    /// Cases strong enough for an alarm.
    public private(set) var alarms = 0
    /// Time that was observed, in microseconds; nil when neither truth nor inputs tell.
    public private(set) var observed: Int64?
    /// From which suspicion on a case is an alarm.
    public let threshold: Suspicion

    /// Scores a report.
    ///
    /// A theft is found when a case holds a transfer or finding that is it: between the same ends, at the same time.
    /// `docs/cases.md` has the rules.
    public init(_ report: Report, _ truth: Truth, threshold: Suspicion = .likely) {
        self.threshold = threshold
        let matcher = EventMatcher(report)
        let cases = Dictionary(report.cases.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
        var held: Set<String> = []
        for whole in truth.wholes {
            let matches = whole.parts.map(matcher.match)
            let match = matches.dropFirst().reduce(matches[0]) { $0.union($1) }
            held.formUnion(match.cases)
            var theft = Self.score(whole.event, match, report, cases, threshold)
            theft.parts = matches.count
            theft.partsFound = matches.count { $0.cases.contains { (cases[$0]?.suspicion ?? .none) >= threshold } }
            thefts.append(theft)
        }
        lookAlikes = truth.lookAlikes.count
        for event in truth.lookAlikes {
            for told in matcher.match(event).cases.sorted() where (cases[told]?.suspicion ?? .none) >= threshold {
                mistaken.append((event.id, told))
            }
        }
        let strong = report.cases.filter { $0.suspicion >= threshold }
        alarms = strong.count
        falseCases = strong.map(\.id).filter { !held.contains($0) }
        var names: [String: Set<String>] = [:]
        for finding in report.findings { names[finding.id, default: []].insert(finding.name) }
        for told in strong where !held.contains(told.id) {
            let reasons = told.findings.reduce(into: Set<String>()) { $0.formUnion(names[$1] ?? []) }
            falseReasons[reasons.sorted().joined(separator: "+"), default: 0] += 1
        }
        let first = truth.from ?? report.inputs.compactMap(\.first).min()
        let last = truth.to ?? report.inputs.compactMap(\.last).max()
        if let first, let last, last > first { observed = last.microseconds &- first.microseconds }
    }

    private static func score(
        _ event: Truth.Event, _ match: EventMatcher.Match, _ report: Report, _ cases: [String: Report.Case],
        _ threshold: Suspicion
    ) -> Theft {
        let best = match.cases.compactMap { cases[$0] }.max { ($0.suspicion, $1.id) < ($1.suspicion, $0.id) }
        let transfers = match.transfers.map { report.ledger[$0] }
        var theft = Theft(
            event: event, parts: 1, partsFound: 0, outcome: transfers.isEmpty ? .missed : .inLedger, caseID: best?.id,
            transfers: transfers.map(\.id))
        if let best { theft.outcome = .inCase(best.suspicion) }
        // The truth speaks of one route; what another log shows of the same sending is no more of it.
        let same = transfers.filter { $0.route == event.route }
        if !transfers.isEmpty {
            theft.bytes = (same.isEmpty ? transfers : same).reduce(ByteBounds.zero) { $0 + $1.bytes }
        }
        let told = match.findings.map { report.findings[$0] }.filter { $0.suspicion >= threshold }.map(\.last).min()
        if let told, let began = event.first { theft.delay = max(0, told.microseconds &- began.microseconds) }
        return theft
    }

    /// How many thefts are in a case strong enough for an alarm.
    public var found: Int {
        thefts.count {
            if case .inCase(let suspicion) = $0.outcome { return suspicion >= threshold }
            return false
        }
    }

    /// False cases in 30 days; nil when the observed time is not known.
    public var falseCasesPerMonth: Double? {
        observed.map { Double(falseCases.count) * 30 * 86_400_000_000 / Double($0) }
    }
}
