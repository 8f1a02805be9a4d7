// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// What patterns over several records come to, once all records were seen.
struct PatternFindings {
    /// One for each pattern and host or account that meets it alone; where none does, one for all that meet it together.
    private(set) var findings: [Report.Finding] = []
    /// Patterns of which more records met parts than were kept: by their indicators' ids, in order.
    private(set) var cut: [String] = []
    /// Patterns of which it could not be decided in bounded time whether they are met.
    private(set) var undecided: [String] = []

    /// Most hosts and accounts that are told of one pattern.
    private static let entityLimit = 100
    /// Work that all patterns together may be, in steps of ``PatternBudget``.
    private static let workLimit = 500_000_000

    private let allowLists: AllowLists
    private var work = Self.workLimit

    init(_ sightings: PatternSightings, _ allowLists: AllowLists) {
        self.allowLists = allowLists
        var sightings = sightings
        for (pattern, kept) in sightings.settled() {
            if kept.ceiling != nil { cut.append(Self.name(pattern.profile)) }
            decide(pattern, kept)
        }
        if sightings.isCut { cut.append("more patterns than can be kept") }
    }

    private static func name(_ profile: Indicator.Profile) -> String {
        profile.id.isEmpty ? "a pattern of \(profile.source)" : profile.id
    }

    // MARK: Deciding

    private mutating func decide(_ pattern: PatternSightings.Pattern, _ kept: PatternSightings.Kept) {
        guard let text = pattern.profile.pattern, let steps = PatternSteps(text) else { return }
        let moments = PatternMoment.all(of: kept)
        guard UInt64(moments.count) >= steps.least else { return }
        let allowance = min(PatternBudget.standard, 100_000 + 1_000 * moments.count, work)
        var budget = PatternBudget(steps: allowance)
        defer { work -= allowance - max(0, budget.left) }
        do throws(PatternError) {
            var isMetAlone = false
            for (entity, alone) in Self.byEntity(moments, atLeast: steps.least) {
                guard let bound = try Self.bound(alone, steps, &budget) else { continue }
                isMetAlone = true
                findings.append(finding(pattern, [entity], bound, kept))
            }
            if isMetAlone { return }
            guard let bound = try Self.bound(moments, steps, &budget) else { return }
            let entities = Set(bound.flatMap { $0.subjects.map(\.entity) }).sorted()
            findings.append(finding(pattern, entities, bound, kept))
        } catch {
            undecided.append(Self.name(pattern.profile))
        }
    }

    /// Records of each host or account that has enough of them, those with the earliest first.
    private static func byEntity(
        _ moments: [PatternMoment], atLeast least: UInt64
    ) -> [(Report.NamedEntity, [PatternMoment])] {
        var groups: [Report.NamedEntity: [PatternMoment]] = [:]
        for moment in moments {
            for entity in Set(moment.subjects.map(\.entity)) { groups[entity, default: []].append(moment) }
        }
        let order = groups.filter { UInt64($0.value.count) >= least }.sorted {
            ($0.value[0].first, $0.key) < ($1.value[0].first, $1.key)
        }
        return order.prefix(entityLimit).map { ($0.key, $0.value) }
    }

    /// Records that meet the pattern together, in order of time; nil when none do.
    private static func bound(
        _ moments: [PatternMoment], _ steps: PatternSteps, _ budget: inout PatternBudget
    ) throws(PatternError) -> [PatternMoment]? {
        try budget.spend(moments.count)
        let observations = moments.map {
            Observation(id: nil, first: $0.first, last: $0.last, count: 1, objects: [])
        }
        let found = (0..<steps.count).map { step in
            moments.indices.filter { moments[$0].steps >> UInt64(step) & 1 == 1 }
        }
        return try steps.pattern.match(observations, found: found, budget: &budget)?.map { moments[$0] }
    }

    // MARK: Telling

    private func finding(
        _ pattern: PatternSightings.Pattern, _ entities: [Report.NamedEntity], _ bound: [PatternMoment],
        _ kept: PatternSightings.Kept
    ) -> Report.Finding {
        let profile = pattern.profile
        let isAlone = entities.count == 1
        let subjects = bound.flatMap(\.subjects).filter { !isAlone || $0.entity == entities[0] }
        let values = Set(subjects.map { Value(kind: $0.kind, bytes: $0.value) })
        let allowed = Set(
            subjects.map { allowLists.name(of: $0.kind, $0.value) ?? ($0.allowedBy.isEmpty ? nil : $0.allowedBy) })
        let score =
            bound.flatMap { moment in
                moment.subjects.map { IndicatorDecay.score(profile, $0.kind, at: moment.last) }
            }.min() ?? 0
        var suspicion: Suspicion = score == 0 ? .none : score >= 70 && isAlone ? .likely : .possible
        var notes = [
            "indicator \(Self.name(profile)) of \(profile.source), "
                + (profile.tlp?.label ?? "not marked: to be shared with nobody")
        ]
        if !profile.title.isEmpty { notes.append("its source calls it: \(profile.title)") }
        notes.append("its pattern: \(Self.shortened(profile.pattern?.text ?? ""))")
        notes.append(
            "met by \(bound.count) records together; records of one connection at one time count as one observation, all "
                + "others one by one")
        if !isAlone {
            notes.append(
                "no single one of these hosts and accounts meets it, and the pattern does not say that one must: at most "
                    + "possible")
        }
        if kept.ceiling != nil {
            notes.append(
                "more records met parts of it than are kept; the earliest \(kept.sightings.count) were looked at")
        }
        let stated =
            profile.confidence.map { "confidence \($0) of 100" } ?? "its source says no confidence, 50 is assumed"
        notes.append("\(stated); \(score) at the time of the records")
        let first = bound.map(\.first).min() ?? .earliest
        if let from = profile.validFrom, first < from {
            notes.append("the source holds it for valid from \(from); these records begin before that, at \(first)")
        }
        let lists = Set(allowed.compactMap { $0 }).sorted()
        if !lists.isEmpty {
            // What is harmless in all its parts raises no suspicion; a part that is not still does.
            if !allowed.contains(nil) { suspicion = .none }
            let which = allowed.contains(nil) ? "some of what was seen is" : "all that was seen is"
            notes.append("\(which) on the allow-list \(lists.map { "\"\($0)\"" }.joined(separator: ", "))")
        }
        var hash = ContentHash(seed: 0x5041_5446)
        hash.combine(pattern.hash)
        if isAlone {
            hash.combine(entities[0].kind)
            hash.combine(entities[0].id)
        }
        let digits = String(hash.value, radix: 16)
        let who = isAlone ? "\(entities[0].kind) \(entities[0].id)" : "\(entities.count) hosts and accounts together"
        let met = values.map { Report.NamedEntity(kind: $0.kind.name, id: Indicator.text($0.kind, $0.bytes)) }
        return Report.Finding(
            id: "F-" + String(repeating: "0", count: 16 - digits.count) + digits, kind: .indicator,
            name: profile.source,
            title: "\(who) met a pattern of \(bound.count) records, which \(profile.source) warns of",
            techniques: profile.techniques,
            entities: (entities.prefix(Self.entityLimit) + met.sorted().prefix(Self.entityLimit)).sorted(),
            first: first,
            last: bound.map(\.last).max() ?? first, evidence: Self.evidence(bound), suspicion: suspicion, notes: notes,
            indicator: .init(profile))
    }

    private typealias Value = PatternSteps.Value

    private static func shortened(_ text: String) -> String {
        text.unicodeScalars.count > 500 ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(500))) + "…" : text
    }

    /// Records that show it: one for each step that was met, as far as there is room, then the strongest.
    private static func evidence(_ bound: [PatternMoment]) -> [Origin] {
        var chosen: [Evidence] = []
        var shown: UInt64 = 0
        for moment in bound where moment.steps & ~shown != 0 && chosen.count < Evidence.limit {
            shown |= moment.steps
            chosen += moment.evidence.prefix(1)
        }
        let known = Set(chosen.map(\.identity))
        let rest = Evidence.strongest(bound.flatMap(\.evidence).filter { !known.contains($0.identity) })
        return Evidence.strongest(chosen + rest.prefix(Evidence.limit - chosen.count)).map(\.origin)
    }
}

extension PatternFindings {
    /// What is to be said of patterns that were not decided, or not by all records.
    var gaps: [Report.Gap] {
        var gaps: [Report.Gap] = []
        func tell(_ ids: [String], _ what: String, _ effect: String) {
            guard let first = ids.sorted().first else { return }
            gaps.append(
                .init(
                    route: .network, from: nil, to: nil,
                    what: "\(ids.count) patterns of partners \(what); the first is \(first)", effect: effect))
        }
        tell(
            cut, "are met in part by more records than are kept",
            "only the earliest were looked at: such a pattern may be met without a finding; scan shorter stretches of time"
        )
        tell(
            undecided, "would take too long to decide",
            "nothing is said of them; scan shorter stretches of time, or ask their source for simpler ones")
        return gaps
    }
}

/// One observation of a pattern: a record, or all records of one connection at one time.
struct PatternMoment {
    var first: Timestamp
    var last: Timestamp
    var steps: UInt64
    var subjects: [PatternSightings.Subject]
    /// Strongest first.
    var evidence: [Evidence]

    /// Records of a connection which begin so soon after the one before has ended tell of the same one, in microseconds.
    private static let gap: Int64 = 1_000_000

    /// The observations that some records are, in order of time. Several sensors, and parts of a long connection, are several
    /// records of one connection: they are one observation.
    static func all(of kept: PatternSightings.Kept) -> [PatternMoment] {
        var result: [PatternMoment] = []
        var open: [UInt64: Int] = [:]
        for (place, sighting) in kept.sightings.sorted(by: { $0.key < $1.key }) {
            if let connection = sighting.connection {
                if let index = open[connection],
                    place.first.microseconds <= result[index].last.microseconds.saturatingAdd(gap)
                {
                    result[index].add(sighting)
                    continue
                }
                open[connection] = result.count
            }
            result.append(
                PatternMoment(
                    first: place.first, last: sighting.last, steps: sighting.steps, subjects: sighting.subjects,
                    evidence: [sighting.evidence]))
        }
        return result
    }

    private mutating func add(_ sighting: PatternSightings.Sighting) {
        last = max(last, sighting.last)
        steps |= sighting.steps
        subjects = Set(subjects + sighting.subjects).sorted()
        evidence = Evidence.strongest(evidence + [sighting.evidence])
    }
}

extension Int64 {
    fileprivate func saturatingAdd(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
