// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowCases
import OutflowIntelligence
import OutflowJSON
import OutflowLedger
import OutflowRecords

/// A case as STIX 2.1 objects, none of which has been judged yet.
struct STIXCase {
    /// An object, and what the judge needs to know of it.
    struct Draft {
        var item: SharingItem
        var object: JSONTree
        /// What a person calls it, in the preview.
        var title: String
    }

    private let facts: CaseFacts
    private let ids: STIXIdentifier
    private let own: SharingItem.Claim
    private let time: String
    private let included: Set<String>
    private let sender: String
    private var identity: String { ids.id("identity", "sender") }
    private var advice: String { ids.id("course-of-action", facts.caseID) }
    private var report: String { ids.id("report", facts.caseID) }
    private(set) var drafts: [Draft] = []

    /// Namespace of objects that mean the same to all: techniques. Made once at random.
    private static let common = STIXIdentifier(
        namespace: [
            0x4C, 0x1D, 0x0B, 0x5E, 0x8A, 0x7F, 0x4E, 0x23, 0x9B, 0x60, 0x52, 0xE1, 0x7D, 0x3A, 0xC4, 0x96,
        ])

    init(
        _ facts: CaseFacts, marking: TLP, sender: String?, identifiers: STIXIdentifier, included: Set<String>,
        now: Timestamp
    ) {
        self.facts = facts
        self.included = included
        ids = identifiers
        own = .own(marking)
        time = Rounding.stix(now)
        self.sender = sender ?? "An organisation that uses Outflow"
        addIdentity()
        for technique in facts.techniques { add(technique: technique) }
        for one in facts.infrastructure { add(one) }
        addAdvice()
        addReport()
        for sighting in facts.sightings { add(sighting) }
        for victim in facts.victims { add(victim: victim) }
    }

    // MARK: Parts

    private mutating func add(
        _ type: String, _ id: String, _ subject: SharingItem.Subject, _ title: String, claims: [SharingItem.Claim] = [],
        needs: [String] = [], lists: [String] = [], word: String? = nil, isNamed: Bool = false,
        _ properties: KeyValuePairs<String, JSONTree>
    ) {
        var object: JSONTree = ["type": .string(type), "spec_version": "2.1", "id": .string(id)]
        for (key, value) in properties { object[key] = value }
        drafts.append(
            Draft(
                item: SharingItem(
                    id: id, subject: subject, claims: [own] + claims, isNamed: isNamed, needs: needs, lists: lists,
                    victimWord: word),
                object: object, title: title))
    }

    /// An object with an author and versions.
    private mutating func addDomainObject(
        _ type: String, _ id: String, _ subject: SharingItem.Subject, _ title: String, claims: [SharingItem.Claim] = [],
        needs: [String] = [], lists: [String] = [], _ properties: [(String, JSONTree)]
    ) {
        add(type, id, subject, title, claims: claims, needs: needs + [identity], lists: lists, [:])
        let last = drafts.count - 1
        drafts[last].object["created_by_ref"] = .string(identity)
        drafts[last].object["created"] = .string(time)
        drafts[last].object["modified"] = .string(time)
        for (key, value) in properties { drafts[last].object[key] = value }
    }

    private mutating func addIdentity() {
        add(
            "identity", identity, .sender, sender,
            [
                "created": .string(time), "modified": .string(time), "name": .string(sender),
                "identity_class": "organization",
            ])
    }

    private static func techniqueID(_ technique: String) -> String { common.id("attack-pattern", technique) }

    private static func claims(_ warnings: [Report.IndicatorSource]) -> [SharingItem.Claim] {
        warnings.map { .received($0.tlp.flatMap { TLP($0) }, from: $0.source, to: Set($0.recipients)) }
    }

    private mutating func add(technique: CaseFacts.Technique) {
        let id = technique.id
        guard let known = AttackTechnique.named(id) else { return }
        addDomainObject(
            "attack-pattern", Self.techniqueID(id), .technique, "\(id) \(known.name)",
            claims: Self.claims(technique.warnings.map(\.ofTechniques)),
            [
                ("name", .string(known.name)),
                (
                    "external_references",
                    [
                        [
                            "source_name": "mitre-attack", "external_id": .string(id),
                            "url": .string("https://attack.mitre.org/techniques/" + id.replacing(".", with: "/")),
                        ]
                    ]
                ),
            ])
    }

    private var techniques: [String] {
        facts.techniques.map(\.id).filter { AttackTechnique.named($0) != nil }.map(Self.techniqueID)
    }

    private mutating func add(_ one: CaseFacts.Infrastructure) {
        let isNamed = included.contains(one.value)
        guard let observable = Self.observable(one.kind.rawValue, one.value) else { return }
        add(
            observable.type, observable.id, one.mayBeAPerson ? .account : .infrastructure,
            "\(one.kind.rawValue) \(one.value)", claims: Self.claims(one.warnings),
            word: isNamed ? nil : one.victimWord, isNamed: isNamed, observable.properties)
        let observed = ids.id("observed-data", "\(facts.caseID) \(one.value)")
        addDomainObject(
            "observed-data", observed, .outline, "when data went to \(one.value)", needs: [observable.id],
            [
                ("first_observed", .string(Rounding.hour(one.first))),
                ("last_observed", .string(Rounding.hourEnd(one.last))),
                ("number_observed", .integer(Int64(min(max(Rounding.down(one.records), 1), 100_000_000)))),
                ("object_refs", [.string(observable.id)]),
            ])
        guard facts.suspicion >= .possible else { return }
        let indicator = ids.id("indicator", "\(facts.caseID) \(one.value)")
        addDomainObject(
            "indicator", indicator, .infrastructure, "indicator \(one.value)", needs: [observable.id],
            [
                (
                    "name",
                    .string("\(one.kind.noun) that data was sent to")
                ),
                ("indicator_types", ["malicious-activity"]), ("pattern", .string(observable.pattern)),
                ("pattern_type", "stix"), ("valid_from", .string(Rounding.hour(one.first))),
                ("confidence", .integer(confidence)),
            ])
        relate(indicator, "based-on", observed)
        for technique in techniques { relate(indicator, "indicates", technique) }
    }

    private var confidence: Int64 {
        switch facts.suspicion {
        case .none: 0
        case .possible: 30
        case .likely: 65
        case .veryLikely: 85
        }
    }

    private mutating func relate(_ source: String, _ kind: String, _ target: String) {
        addDomainObject(
            "relationship", ids.id("relationship", "\(source) \(kind) \(target)"), .outline, "\(kind)",
            needs: [source, target],
            [
                ("relationship_type", .string(kind)), ("source_ref", .string(source)), ("target_ref", .string(target)),
            ])
    }

    private mutating func addAdvice() {
        addDomainObject(
            "course-of-action", advice, .advice, "which logs to fetch, what to block",
            claims: Self.claims(facts.warnings),
            [
                ("name", "Search for the same theft, then block"),
                ("description", .string(Advice.text(facts, blocks: !facts.infrastructure.isEmpty))),
            ])
        for technique in techniques { relate(advice, "mitigates", technique) }
    }

    private mutating func addReport() {
        let lists = drafts.map(\.item.id).filter { !$0.hasPrefix("identity--") }
        let routes = facts.routes.map(\.rawValue).joined(separator: ", ")
        let likely = facts.suspicion == .none ? "not shown" : facts.suspicion.rawValue
        addDomainObject(
            "report", report, .outline, "report", claims: Self.claims(facts.warnings), lists: lists,
            [
                ("name", .string("Data theft\(routes.isEmpty ? "" : " by the \(routes) route")")),
                (
                    "description",
                    .string(
                        "\(whatHappened); theft is \(likely). Times are to the hour, amounts to the order of magnitude."
                    )
                ),
                ("report_types", ["indicator", "attack-pattern"]), ("published", .string(time)),
                ("object_refs", .list(lists.map { .string($0) })),
            ])
        var content = "The records tell no time"
        if let first = facts.first, let last = facts.last {
            content = "Between \(Rounding.hour(first)) and \(Rounding.hourEnd(last))"
        }
        content += routes.isEmpty ? "." : ", \(Rounding.words(facts.bytes)) by route \(routes)."
        if !facts.services.isEmpty {
            content += " Known services were used: \(facts.services.joined(separator: ", "))."
        }
        addDomainObject(
            "note", ids.id("note", facts.caseID), .outline, "hours and order of magnitude",
            claims: Self.claims(facts.warnings), needs: [report],
            [
                ("abstract", "When and how much"), ("content", .string(content)), ("object_refs", [.string(report)]),
            ])
    }

    private mutating func add(_ sighting: CaseFacts.Sighting) {
        let source = sighting.indicator
        // Only what has an id of STIX can be referred to in STIX.
        guard STIXIdentifier.isWellFormed(source.id, type: "indicator") else { return }
        addDomainObject(
            "sighting", ids.id("sighting", "\(facts.caseID) \(source.id)"), .sighting, "\(source.id) was seen",
            claims: Self.claims([source]),
            (sighting.first.map { [("first_seen", .string(Rounding.hour($0)))] } ?? [])
                + (sighting.last.map { [("last_seen", .string(Rounding.hourEnd($0)))] } ?? [])
                + [("sighting_of_ref", .string(source.id)), ("where_sighted_refs", [.string(identity)])])
        guard let (opinion, explanation) = opinion else { return }
        addDomainObject(
            "opinion", ids.id("opinion", "\(facts.caseID) \(source.id)"), .sighting, "opinion on \(source.id)",
            claims: Self.claims([source]),
            [
                ("opinion", .string(opinion)), ("explanation", .string(explanation)),
                ("object_refs", [.string(source.id)]),
            ])
    }

    /// In a few words that hold for every case like it.
    private var whatHappened: String {
        if facts.isTaken { return "Data left" }
        return facts.routes.isEmpty
            ? "No data was seen to leave" : "Data could be reached from outside, or was read"
    }

    /// What the case says of the indicators that were seen in it: fixed words, so that nothing of the case gets into them.
    private var opinion: (opinion: String, explanation: String)? {
        switch facts.suspicion {
        case .none: nil
        case .possible: ("neutral", "Seen in a case in which theft of data is possible.")
        case .likely: ("agree", "Seen in a case in which theft of data is likely.")
        case .veryLikely: ("strongly-agree", "Seen in a case in which theft of data is very likely.")
        }
    }

    private mutating func add(victim: Report.NamedEntity) {
        guard let observable = Self.observable(victim.kind, victim.id) else { return }
        // What one log calls an account and another a principal is one object.
        if drafts.contains(where: { $0.item.id == observable.id && $0.item.subject == .victim }) { return }
        let isNamed = included.contains(victim.id)
        add(
            observable.type, observable.id, .victim, "\(victim.kind) \(victim.id)",
            claims: Self.claims(facts.warnings), isNamed: isNamed, observable.properties)
    }
}

extension CaseFacts.Infrastructure {
    /// Whether it may be a person's, one of the victim's perhaps, and no partner has warned of it by its name.
    fileprivate var mayBeAPerson: Bool { (kind == .mailbox || kind == .account) && !isWarnedOf }
}

extension CaseFacts.Infrastructure.Kind {
    /// What it is called at the beginning of a sentence.
    fileprivate var noun: String {
        switch self {
        case .address: "Address"
        case .domain: "Domain"
        case .cloudAccount: "Cloud account"
        case .mailbox: "Mailbox"
        case .account: "Account"
        }
    }
}

extension Report.IndicatorSource {
    /// The same source as it stands behind the techniques that it names.
    fileprivate var ofTechniques: Report.IndicatorSource {
        var source = self
        source.tlp = techniqueTLP ?? tlp
        return source
    }
}
