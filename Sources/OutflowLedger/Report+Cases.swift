// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// How likely it is that something is theft, in four words. Each is tied to a number in `docs/detection.md`.
public enum Suspicion: String, Sendable, Hashable, Comparable, CaseIterable {
    /// Nothing speaks for theft.
    case none
    /// Something speaks for theft, too little for an alarm within the budget.
    case possible
    /// Enough for an alarm within the budget.
    case likely
    /// Far more than enough, or several independent kinds of evidence together.
    case veryLikely = "very likely"

    /// From `none` up to `veryLikely`.
    public static func < (one: Suspicion, other: Suspicion) -> Bool { one.rank < other.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension Report {
    /// Something that a finding or a case is about: a host, an account, a key, a file hash.
    public struct NamedEntity: Sendable, Hashable, Comparable {
        /// `host`, `account`, `session`, `key`, `address`, `domain`, `file`, `hash`, `store`, `mailbox`, ...
        public var kind: String
        /// What identifies it, written as in the ledger.
        public var id: String
        /// An entity of its parts.
        public init(kind: String, id: String) {
            self.kind = kind
            self.id = id
        }
        /// By kind, then id.
        public static func < (one: NamedEntity, other: NamedEntity) -> Bool {
            (one.kind, one.id) < (other.kind, other.id)
        }
    }

    /// One reason for suspicion: from a rule, an indicator or a detector.
    public struct Finding: Sendable, Hashable {
        /// What raised it.
        public enum Kind: String, Sendable, Hashable {
            /// A Sigma rule.
            case rule
            /// Something that a partner warned of.
            case indicator
            /// A statistical detector.
            case detector
        }

        /// `F-` and 16 hex digits, derived from what identifies the finding.
        public var id: String
        /// What raised it.
        public var kind: Kind
        /// Rule id, name of the indicator's source, or name of the detector.
        public var name: String
        /// What it says, in a sentence.
        public var title: String
        /// ATT&CK technique ids, as `T1048.002`, in order.
        public var techniques: [String]
        /// Who and what it is about, in order.
        public var entities: [NamedEntity]
        /// Time of the earliest record that it rests on.
        public var first: Timestamp
        /// Time of the latest.
        public var last: Timestamp
        /// Strongest first, at most 16.
        public var evidence: [Origin]
        /// The case that it belongs to; nil for none.
        public var caseID: String?
        /// How much it says by itself.
        public var suspicion: Suspicion
        /// How it came about: the numbers behind a detector's alarm, the source and marking of an indicator.
        public var notes: [String]
        /// The partner's indicator behind it; nil for other kinds of findings.
        public var indicator: IndicatorSource?

        /// A finding of its parts.
        public init(
            id: String, kind: Kind, name: String, title: String, techniques: [String] = [],
            entities: [NamedEntity] = [], first: Timestamp, last: Timestamp, evidence: [Origin] = [],
            caseID: String? = nil, suspicion: Suspicion = .possible, notes: [String] = [],
            indicator: IndicatorSource? = nil
        ) {
            self.id = id
            self.kind = kind
            self.name = name
            self.title = title
            self.techniques = techniques
            self.entities = entities
            self.first = first
            self.last = last
            self.evidence = evidence
            self.caseID = caseID
            self.suspicion = suspicion
            self.notes = notes
            self.indicator = indicator
        }
    }

    /// Where an indicator comes from that a finding rests on, and who may learn of it.
    public struct IndicatorSource: Sendable, Hashable {
        /// The partner or feed that named it.
        public var source: String
        /// Its id there; empty if it has none.
        public var id: String
        /// `TLP:GREEN` and so on; nil when its source did not mark it: then it is shared with nobody.
        public var tlp: String?
        /// Those whom its source named as recipients, in order; empty when it named none.
        public var recipients: [String] = []
        /// The marking of the techniques that it is a sign of, where that is another one than ``tlp``: `TLP:RED`; empty when
        /// they are not marked, and so shared with nobody. Nil where ``tlp`` holds for them too.
        public var techniqueTLP: String?
        /// A source of its parts.
        public init(source: String, id: String, tlp: String?) {
            self.source = source
            self.id = id
            self.tlp = tlp
        }
    }

    /// One step of a case's story.
    public struct StoryStep: Sendable, Hashable {
        /// When.
        public var at: Timestamp
        /// ATT&CK tactic by its name, as "Exfiltration".
        public var tactic: String
        /// What happened, in a sentence: observed, not claimed.
        public var text: String
        /// Records that show it, at most 16.
        public var evidence: [Origin]
        /// A step of its parts.
        public init(at: Timestamp, tactic: String, text: String, evidence: [Origin] = []) {
            self.at = at
            self.tactic = tactic
            self.text = text
            self.evidence = evidence
        }
    }

    /// What speaks for and against a case, and what would settle it.
    public struct Assessment: Sendable, Hashable {
        /// Payload of the case's transfers, each content once as far as the logs prove it.
        public var bytes: ByteBounds
        /// What speaks for theft, in sentences.
        public var supports: [String]
        /// What speaks against it.
        public var against: [String]
        /// What would confirm or refute it: which log to fetch next, and what to look for in it.
        public var next: [String]
        /// An assessment of its parts.
        public init(bytes: ByteBounds = .zero, supports: [String] = [], against: [String] = [], next: [String] = []) {
            self.bytes = bytes
            self.supports = supports
            self.against = against
            self.next = next
        }
    }

    /// Findings and transfers that belong together, told in order.
    public struct Case: Sendable, Hashable {
        /// `C-` and 16 hex digits, derived from what identifies the case.
        public var id: String
        /// What it is about, in a few words.
        public var title: String
        /// How likely theft is, all together.
        public var suspicion: Suspicion
        /// Ids of its transfers, in the ledger's order.
        public var transfers: [String]
        /// Ids of its findings, in order of time.
        public var findings: [String]
        /// What joins it, in order.
        public var entities: [NamedEntity]
        /// In order of ATT&CK tactic, then time.
        public var story: [StoryStep]
        /// What speaks for and against it.
        public var assessment: Assessment
        /// A case of its parts.
        public init(
            id: String, title: String, suspicion: Suspicion, transfers: [String] = [], findings: [String] = [],
            entities: [NamedEntity] = [], story: [StoryStep] = [], assessment: Assessment = Assessment()
        ) {
            self.id = id
            self.title = title
            self.suspicion = suspicion
            self.transfers = transfers
            self.findings = findings
            self.entities = entities
            self.story = story
            self.assessment = assessment
        }
    }

    /// The smallest theft that the scan would have caught in this estate.
    public struct Limit: Sendable, Hashable {
        /// The way by which it would have left.
        public var route: Route
        /// Over how long: "1 minute", "1 hour", "1 day", "30 days".
        public var over: String
        /// The smallest size that was caught, in bytes (in objects, where the route shows no bytes: see `unit`); nil when no
        /// size that was tried is caught.
        public var smallest: UInt64?
        /// `bytes`, or what is counted where the route shows no bytes: `documents`, `messages`, `objects`.
        public var unit: String
        /// Share of such thefts that are caught, in thousandths.
        public var recallPerMille: UInt64
        /// The alarm budget, as `1/month`.
        public var alarms: String
        /// A limit of its parts.
        public init(
            route: Route, over: String, smallest: UInt64?, unit: String = "bytes", recallPerMille: UInt64 = 900,
            alarms: String
        ) {
            self.route = route
            self.over = over
            self.smallest = smallest
            self.unit = unit
            self.recallPerMille = recallPerMille
            self.alarms = alarms
        }
    }
}
