// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Counts one transfer (or internal copy) anew, from the activities of the records that are read again.
///
/// It takes the same view as the ledger on which records belong together and which repeat each other, and adds their
/// figures up by itself, so that a sum that does not come out is noticed.
///
/// The id of a transfer is a hash of what identifies it. By trying how the id comes out, ``init(of:in:)`` learns from
/// which kind of activities the transfer was made and, for flows, the exact port, protocol and direction.
public struct Recount {
    /// An activity that bears on the subject.
    public struct Match {
        /// Counts all matches from 0.
        public let number: Int
        /// Where its record stands.
        public let offset: UInt64
        /// Length of the record in bytes.
        public let length: UInt32
        /// Nil unless it was wanted.
        public let fact: Explanation.Fact?
    }

    /// What the matches come to.
    public struct Conclusion {
        /// The arithmetic.
        public var steps: [Explanation.Step]
        /// The figures beside those of the report.
        public var comparisons: [Explanation.Comparison]
        /// Matches that are not simply counted, by number.
        public var standings: [Int: Explanation.Standing]
    }

    /// More matches than these are not added up: each takes memory. About 200 MB.
    public static let limit = 1_000_000

    private var parts: [any RecountPart]
    private var count = 0

    /// Nothing counted yet.
    public init(of subject: Explanation.Subject, in report: Report) {
        parts = []
        switch subject {
        case .staging(let copy): if let part = FlowRecount(copy) { parts = [part] }
        case .transfer(let transfer):
            let candidates: [(any RecountPart)?] = [
                FlowRecount(transfer, report), QueryRecount(transfer), UploadRecount(transfer), MailRecount(transfer),
                ObjectRecount(transfer), ExposureRecount(transfer),
            ]
            parts = candidates.compactMap { $0 }
        case .finding, .story: break
        }
    }

    /// Whether this program knows from which kind of records the subject was made.
    public var isPossible: Bool { !parts.isEmpty }

    /// Number of activities that matched.
    public var matches: Int { count }

    /// Adds the activities of a batch that bear on the subject, and returns them.
    ///
    /// - Parameters:
    ///   - batch: activities of one block of records.
    ///   - input: number of the input in the report.
    ///   - wantsFacts: whether matches say what their record tells.
    ///   - offsets: where the records stand that are looked at; nil for all.
    public mutating func add(
        _ batch: ActivityBatch, input: UInt32, wantsFacts: Bool, only offsets: Set<UInt64>? = nil
    ) -> [Match] {
        var found: [Match] = []
        var context = RecountContext(input: input, next: count, wantsFacts: wantsFacts, offsets: offsets)
        for index in parts.indices {
            parts[index].add(batch, &context)
            found += context.matches
            context.matches.removeAll()
        }
        count = context.next
        return found
    }

    /// What all matches come to. The part that found most speaks; ids are told apart by kind, so that only one finds any.
    public func conclude() -> Conclusion {
        guard let part = parts.max(by: { $0.count < $1.count }) else {
            return Conclusion(steps: [], comparisons: [], standings: [:])
        }
        var conclusion = part.conclude()
        if count > Self.limit {
            conclusion.steps.append(
                .remark("more than \(Self.limit) records: the sums hold for the first \(Self.limit) only"))
        }
        return conclusion
    }
}

/// What ``Recount`` hands its parts with a batch.
struct RecountContext {
    let input: UInt32
    var next: Int
    let wantsFacts: Bool
    private let offsets: Set<UInt64>?
    var matches: [Recount.Match] = []

    init(input: UInt32, next: Int, wantsFacts: Bool, offsets: Set<UInt64>?) {
        self.input = input
        self.next = next
        self.wantsFacts = wantsFacts
        self.offsets = offsets
    }

    func wants(_ offset: UInt64) -> Bool { offsets?.contains(offset) ?? true }

    /// Notes a match, and returns its number; nil when there are too many to add up.
    mutating func match(_ offset: UInt64, _ length: UInt32, _ fact: () -> Explanation.Fact) -> Int? {
        matches.append(
            Recount.Match(number: next, offset: offset, length: length, fact: wantsFacts ? fact() : nil))
        defer { next += 1 }
        return next < Recount.limit ? next : nil
    }
}

/// Counts transfers that come from one kind of activities.
protocol RecountPart {
    /// Activities that bear on the transfer so far.
    var count: Int { get }
    mutating func add(_ batch: ActivityBatch, _ context: inout RecountContext)
    func conclude() -> Recount.Conclusion
}

/// A text of the report to compare fields of records with.
struct ReportedText {
    private let text: String
    private let bytes: [UInt8]

    init(_ text: String?) {
        self.text = text ?? ""
        bytes = Array(self.text.utf8)
    }

    /// Whether a field is what the report shows as this text; bytes that are not UTF-8 became U+FFFD there.
    func matches(_ field: Bytes) -> Bool {
        let isSame = bytes.withUnsafeBytes { Bytes($0) == field }
        return isSame || (text.unicodeScalars.contains("\u{FFFD}") && field.string == text)
    }
}

extension Bytes {
    /// The text, cut to what is worth showing of one field.
    var shortText: String { count <= 512 ? string : prefix(upTo: 512).string + "…" }
}

extension Explanation {
    /// Terms of numbers, the largest first, equal ones together.
    static func terms(_ numbers: some Sequence<UInt64>) -> [Term] {
        var times: [UInt64: UInt64] = [:]
        for number in numbers { times[number, default: 0] += 1 }
        return times.map { Term($0, times: $1) }.sorted { $0.value > $1.value }
    }

    /// The sum of terms; nil beyond 64 bits.
    static func total(_ terms: [Term]) -> UInt64? {
        var sum = KnownSum()
        for term in terms { sum.add(term.value, times: term.times) }
        return sum.value
    }

    /// A line that adds up numbers.
    static func sum(_ name: String, _ numbers: some Sequence<UInt64>) -> Step {
        let terms = terms(numbers)
        return .sum(name: name, terms: terms, total: total(terms))
    }

    /// Lines for lower and upper bounds: one if they are the same.
    static func sums(_ lower: [UInt64], _ upper: [UInt64]?, what: String = "") -> [Step] {
        let suffix = what.isEmpty ? "" : ", \(what)"
        guard let upper else { return [sum("at least" + suffix, lower)] }
        let (low, high) = (terms(lower), terms(upper))
        if low == high { return [.sum(name: "at least and at most" + suffix, terms: low, total: total(low))] }
        return [
            .sum(name: "at least" + suffix, terms: low, total: total(low)),
            .sum(name: "at most" + suffix, terms: high, total: total(high)),
        ]
    }
}
