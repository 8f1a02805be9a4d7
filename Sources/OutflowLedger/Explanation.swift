// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// The records behind one figure, finding or case of a report, what each of them says, and the sums that lead to the
/// figure.
public struct Explanation: Sendable {
    /// What is explained.
    public enum Subject: Sendable, Hashable {
        case transfer(Report.Transfer)
        case staging(Report.Staging)
        /// A reason for suspicion: its records are shown, nothing is added up.
        case finding(Report.Finding)
        /// A case: the records of its story are shown.
        case story(Report.Case)
    }

    /// What one record says of the subject, in figures. Sizes that are not logged are nil.
    public enum Fact: Sendable, Hashable {
        /// Payload that `from` sent to `to`, as bounds. `originated`: `from` opened the connection.
        case flow(from: String, to: String, originated: Bool, sensor: Flow.Sensor, bytes: ByteBounds, unfinished: Bool)
        case read(object: String, bytes: UInt64?, part: ObjectAccess.Part, objectSize: UInt64?)
        /// Messages listed with the sum of their sizes (nil unless all are logged), and the number claimed.
        case mail(listed: UInt64, bytes: UInt64?, claimed: UInt64, folder: String?, throttled: Bool)
        case exposure(
            action: ExposureChange.Action, resource: String, grantee: String, principal: String, size: UInt64?)
        /// An HTTP request and the bytes of its body.
        case upload(method: String, host: String, uri: String, status: UInt16, body: UInt64?)
        /// A file that a sensor saw; `hashed`: its content is identified by a hash.
        case file(name: String, bytes: ByteBounds, hashed: Bool)
        /// A question to the DNS: bytes of its name before the registered domain.
        case question(name: String, carried: UInt64)
    }

    /// How a record enters the figure.
    public enum Standing: Sendable, Hashable {
        case counted
        /// The same record again, or another sensor's view of it.
        case seenAgain
        /// It was on the wire, but what it carried had been counted.
        case repeatsContent
        /// It is cited, but what stands there does not bear on the subject: why, if known.
        case unrelated(reason: String?)
        /// Its input cannot be read.
        case unread
    }

    /// A record as it stands in its input.
    public struct Record: Sendable, Hashable {
        /// Index in ``Report/inputs``, offset in the decompressed stream, length.
        public var origin: Origin
        /// Its first bytes, as many as were asked for.
        public var text: [UInt8]
        /// How it enters the figure.
        public var standing: Standing
        /// What it says of the subject.
        public var facts: [Fact]

        /// A record of its parts.
        public init(origin: Origin, text: [UInt8], standing: Standing, facts: [Fact]) {
            self.origin = origin
            self.text = text
            self.standing = standing
            self.facts = facts
        }
    }

    /// A number in a sum, and how many times it stands there.
    public struct Term: Sendable, Hashable {
        /// The number.
        public var value: UInt64
        /// How many times it stands in the sum.
        public var times: UInt64
        /// A term of its parts.
        public init(_ value: UInt64, times: UInt64 = 1) {
            self.value = value
            self.times = times
        }
    }

    /// What several reads of one object prove together.
    public enum Reading: Sendable, Hashable {
        /// The same content each time.
        case sameContent(bytes: UInt64)
        /// The whole in different sizes, which may share all but their excess.
        case sizes([UInt64])
        /// Ranges that cover so many bytes together.
        case ranges(covered: UInt64)
        /// Parts that the log does not place: between the largest and the sum, or the size of the object.
        case parts(largest: UInt64, sum: UInt64?, objectSize: UInt64?)
        case unknownSize
        /// Wholes, parts and ranges together.
        case mixed(ByteBounds)
    }

    /// A line of the arithmetic.
    public enum Step: Sendable, Hashable {
        /// The terms add up to the total; nil when a term is unknown or the sum exceeds 64 bits.
        case sum(name: String, terms: [Term], total: UInt64?)
        /// Several reads of one object count as one content.
        case object(name: String, reads: UInt64, Reading)
        case difference(name: String, from: UInt64, less: UInt64, total: UInt64, why: String)
        case remark(String)
    }

    /// A figure of the report beside what the records come to.
    public struct Comparison: Sendable, Hashable {
        /// As in `report.json`: `at_least`, `at_most`, `on_wire`, `objects`, `reads`, `records`.
        public var name: String
        /// In the report; nil when it is unknown there.
        public var reported: UInt64?
        /// From the records; nil when they do not tell.
        public var recounted: UInt64?
        /// Whether both are the same; unknown is the same as unknown.
        public var agrees: Bool { reported == recounted }
        /// A comparison of its parts.
        public init(_ name: String, reported: UInt64?, recounted: UInt64?) {
            self.name = name
            self.reported = reported
            self.recounted = recounted
        }
    }

    /// What became of an input since the scan.
    public enum InputState: Sendable, Hashable {
        /// Its size and SHA-256 are those of the report.
        case unchanged
        /// The report has no hash to compare with.
        case unverified
        /// The file is another one than that which was scanned.
        case changed(bytes: UInt64, sha256: String)
        /// There is no such file: what was tried.
        case missing(tried: [String])
        /// It cannot be read again, and why.
        case unreadable(reason: String)
    }

    /// An input that was read again, or could not be.
    public struct Input: Sendable, Hashable {
        /// Index in ``Report/inputs``.
        public var number: UInt32
        /// Path as the report has it.
        public var path: String
        /// What became of it.
        public var state: InputState
        /// An input of its parts.
        public init(number: UInt32, path: String, state: InputState) {
            self.number = number
            self.path = path
            self.state = state
        }
    }

    /// What is explained.
    public var subject: Subject
    /// All inputs of the report, by number.
    public var inputs: [Report.Input]
    /// The records to show: cited ones strongest first, else in order of input and offset.
    public var records: [Record] = []
    /// Records that bear on the subject, those that are not in ``records`` for their number among them.
    public var found: UInt64 = 0
    /// Whether all inputs were searched, not the cited records only.
    public var searchedAll: Bool
    /// The arithmetic.
    public var steps: [Step] = []
    /// The figures of the report beside those of the records; empty when nothing could be added up.
    public var comparisons: [Comparison] = []
    /// The inputs that were needed.
    public var checks: [Input] = []

    /// An explanation of which nothing is known yet.
    public init(subject: Subject, inputs: [Report.Input], searchedAll: Bool) {
        self.subject = subject
        self.inputs = inputs
        self.searchedAll = searchedAll
    }

    /// Whether every figure came out as the report has it.
    public var agrees: Bool { comparisons.allSatisfy(\.agrees) }

    /// Whether the records at hand should be all: every input was searched, or the report cites every record. A report
    /// that cites as many as it can may have left some out, if it cites two sensors' views of one flow.
    public var isComplete: Bool {
        if !subject.hasFigures { return true }
        if searchedAll { return found <= UInt64(Recount.limit) }
        let cited = subject.evidence.count
        guard UInt64(cited) >= subject.records else { return false }
        return cited < Self.evidenceLimit || comparisons.first { $0.name == "records" }?.agrees ?? false
    }

    /// Whether every input that was needed is the one that was scanned.
    public var inputsAreSound: Bool {
        checks.allSatisfy { $0.state == .unchanged || $0.state == .unverified }
    }

    /// The most records that a report cites for one transfer.
    public static var evidenceLimit: Int { Evidence.limit }
}

extension Explanation.Subject {
    /// `T-…`, `S-…`, `F-…` or `C-…`.
    public var id: String {
        switch self {
        case .transfer(let transfer): transfer.id
        case .staging(let copy): copy.id
        case .finding(let finding): finding.id
        case .story(let told): told.id
        }
    }

    /// Whether its figures may rest on records that it does not cite: flows that are wholly or in part counted already.
    public var needsContext: Bool {
        switch self {
        case .transfer(let transfer):
            transfer.bytes.atLeast == 0 && transfer.bytes.atMost ?? 1 > 0 && transfer.reads == 0
                && transfer.source.kind == .host
        case .staging, .finding, .story: false
        }
    }

    /// Whether it has figures that its records must come to.
    public var hasFigures: Bool {
        switch self {
        case .transfer, .staging: true
        case .finding, .story: false
        }
    }

    /// Most records of a story that are shown.
    public static let storyLimit = 64

    /// The cited records; of a story each once, in the order in which they are told.
    public var evidence: [Origin] {
        switch self {
        case .transfer(let transfer): return transfer.evidence
        case .staging(let copy): return copy.evidence
        case .finding(let finding): return finding.evidence
        case .story(let told):
            var seen: Set<Origin> = []
            let all = told.story.flatMap(\.evidence).filter { seen.insert($0).inserted }
            return Array(all.prefix(Self.storyLimit))
        }
    }

    /// Number of distinct records behind it.
    public var records: UInt64 {
        switch self {
        case .transfer(let transfer): transfer.records
        case .staging(let copy): copy.records
        case .finding, .story: UInt64(evidence.count)
        }
    }

    /// Bounds of its payload; of a finding, nothing.
    public var bytes: ByteBounds {
        switch self {
        case .transfer(let transfer): transfer.bytes
        case .staging(let copy): copy.bytes
        case .finding: .zero
        case .story(let told): told.assessment.bytes
        }
    }
}
