// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowLedger
import OutflowRecords

extension IndicatorHits {
    /// The hits as findings, in order of time and id, and what is to be said of what was not found. Evidence is numbered as
    /// `observe` was told; the caller renumbers it with the rest of the report.
    public func conclude(_ allowLists: AllowLists = AllowLists()) -> (findings: [Report.Finding], gaps: [Report.Gap]) {
        var copy = self
        let patterns = PatternFindings(sightings, allowLists)
        let findings = copy.settled().map { Self.finding($0, $1, allowLists) } + patterns.findings
        var gaps = patterns.gaps
        if copy.isFull {
            gaps.append(
                .init(
                    route: .network, from: nil, to: nil,
                    what: "more than \(Self.limit) pairs of an indicator and who met it were found",
                    effect: "the others are in no finding; look for fewer indicators, or in fewer logs, at a time"))
        }
        return (findings.sorted { ($0.first, $0.id) < ($1.first, $1.id) }, gaps)
    }

    /// The findings alone.
    public func findings(_ allowLists: AllowLists = AllowLists()) -> [Report.Finding] { conclude(allowLists).findings }

    private static func finding(_ key: Key, _ hit: Hit, _ allowLists: AllowLists) -> Report.Finding {
        let digits = String(key.hash, radix: 16)
        let id = "F-" + String(repeating: "0", count: 16 - digits.count) + digits
        let profile = key.profile
        let text = Indicator.text(key.kind, key.value)
        let score = IndicatorDecay.score(profile, key.kind, at: hit.hasTime ? hit.last : nil)
        let (allowed, partly) = allowed(key, hit, allowLists)
        let suspicion: Suspicion =
            allowed != nil || score == 0 ? .none : score >= 70 && hit.hasTime ? .likely : .possible
        let who =
            key.entity.id.isEmpty ? "a host that the log does not name" : "\(key.entity.kind) \(key.entity.id)"
        var notes = ["indicator \(profile.id.isEmpty ? text : profile.id) of \(profile.source), \(marking(profile))"]
        if !profile.title.isEmpty { notes.append("its source calls it: \(profile.title)") }
        if !profile.tests.isEmpty {
            notes.append("its pattern also asks: \(profile.tests.map(\.description).joined(separator: ", "))")
        }
        let seen = Set(hit.seen + hit.allowed).sorted()
        if seen != [text] { notes.append("seen as \(seen.joined(separator: ", "))") }
        notes += hearsay(profile)
        notes.append(confidence(profile, score))
        if !hit.hasTime {
            notes.append("the records tell no time: whether the source held it for valid then is not known")
        } else if let from = profile.validFrom, hit.first < from {
            notes.append("the source holds it for valid from \(from); these records begin before that, at \(hit.first)")
        }
        if let allowed { notes.append("on the allow-list \"\(allowed)\": no reason for suspicion by itself") }
        if let partly {
            notes.append("some of what was seen is on the allow-list \"\(partly)\", by itself no reason for suspicion")
        }
        return Report.Finding(
            id: id, kind: .indicator, name: profile.source,
            title: "\(who) met \(key.kind.name) \(text), which \(profile.source) warns of",
            techniques: profile.techniques,
            entities: [key.entity, .init(kind: key.kind.name, id: text)].filter { !$0.id.isEmpty }.sorted(),
            first: hit.hasTime ? hit.first : .unknown, last: hit.hasTime ? hit.last : .unknown,
            evidence: Evidence.strongest(hit.evidence).map(\.origin), suspicion: suspicion, notes: notes,
            indicator: .init(profile))
    }

    /// The allow-list that the indicator is on, or all that was seen of it: addresses in a network, names below a name. If some
    /// of it is, or more may have been seen than is kept, that list is the second.
    private static func allowed(_ key: Key, _ hit: Hit, _ lists: AllowLists) -> (whole: String?, part: String?) {
        if lists.isEmpty { return (nil, nil) }
        if let name = lists.name(of: key.kind, key.value) { return (name, nil) }
        guard key.kind == .network || key.kind == .domain else { return (nil, nil) }
        let names = (hit.seen + hit.allowed).map { lists.name(ofSeen: $0, for: key.kind) }
        let name = names.compactMap { $0 }.min()
        // Where the lists were not there when the records were read, more may have been seen than was kept.
        return names.contains(nil) || hit.seen.count >= seenLimit ? (nil, name) : (name, nil)
    }

    private static func marking(_ profile: Indicator.Profile) -> String {
        profile.tlp?.label ?? "not marked: to be shared with nobody"
    }

    /// What others said of the indicator.
    static func hearsay(_ profile: Indicator.Profile) -> [String] {
        guard let said = profile.sightings else { return [] }
        let last = said.last.map { ", last at \($0)" } ?? ""
        return [
            "\(said.seen) others reported that they saw it\(last); \(said.mistaken) reported it as a false positive"
        ]
    }

    private static func confidence(_ profile: Indicator.Profile, _ score: Int) -> String {
        guard let base = profile.confidence else {
            return "confidence \(score) of 100 at the time of the records; its source says none, 50 is assumed"
        }
        return score == Int(base)
            ? "confidence \(base) of 100"
            : "confidence \(base) of 100 when published, \(score) at the time of the records"
    }
}

extension Report.IndicatorSource {
    /// The source of an indicator, and who may learn of it.
    init(_ profile: Indicator.Profile) {
        self.init(source: profile.source, id: profile.id, tlp: profile.tlp?.label)
        recipients = profile.recipients ?? []
        techniqueTLP =
            switch profile.techniqueMarking {
            case .unmarked: ""
            case .tlp(let tlp): tlp.label
            case nil: nil
            }
    }
}

/// How confidence in an indicator decays with age.
///
/// The polynomial of MISP's decaying models: base x (1 - (age / lifetime) ^ (1 / speed)). Source: Mokaddem, Wagener, Dulaunoy,
/// Iklody: "Taxonomy driven indicator scoring in MISP threat intelligence platforms" (arXiv:1902.03914, 2019). Addresses change
/// hands within months, names and URLs somewhat later; a hash stays what it is.
enum IndicatorDecay {
    /// Days until nothing is left, and the speed of the decay; nil for what does not decay.
    private static func model(_ kind: Indicator.Kind) -> (lifetime: Double, speed: Double)? {
        switch kind {
        case .address, .network: (120, 2)
        case .domain, .url, .mail: (365, 2)
        case .hash, .certificate, .ja3, .ja4, .userAgent: nil
        }
    }

    /// Confidence from 0 to 100 at a time. Where its source says until when it is valid, that is the end, and nothing decays
    /// before; where it does not say from when, or the records not when they were written, its age is not known, and nothing decays
    /// either. What others report counts too
    /// (``Indicator/Sightings``).
    static func score(_ profile: Indicator.Profile, _ kind: Indicator.Kind, at time: Timestamp?) -> Int {
        let said = profile.sightings
        // The source's own word counts as one.
        let share = said.map { (1 + Double($0.seen)) / (1 + Double($0.seen) + Double($0.mistaken)) } ?? 1
        let base = Double(profile.confidence ?? 50) * share
        // A sighting makes it as good as new.
        let fresh = profile.validFrom.map { max($0, said?.last ?? $0) }
        guard profile.validUntil == nil, let time, let from = fresh, time > from, let model = model(kind) else {
            return Int(base)
        }
        let days = Double(time.microseconds - from.microseconds) / 86_400_000_000
        guard days < model.lifetime else { return 0 }
        return Int((base * (1 - pow(days / model.lifetime, 1 / model.speed))).rounded())
    }
}
