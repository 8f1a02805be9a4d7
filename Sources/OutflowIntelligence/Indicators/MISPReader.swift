// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Indicators of MISP events, as the server exports them and as feeds publish them (MISP core format,
/// draft-dulaunoy-misp-core-format).
enum MISPReader {
    /// What an attribute's type names; composite types hold two values with `|` between. Source: MISP core format, "type".
    static let kinds: [String: [Indicator.Kind?]] = [
        "ip-src": [.address], "ip-dst": [.address], "ip-src|port": [.address, nil], "ip-dst|port": [.address, nil],
        "domain": [.domain], "hostname": [.domain], "hostname|port": [.domain, nil], "domain|ip": [.domain, .address],
        "url": [.url], "link": [.url], "uri": [.url],
        "md5": [.hash], "sha1": [.hash], "sha224": [.hash], "sha256": [.hash], "sha384": [.hash], "sha512": [.hash],
        "filename|md5": [nil, .hash], "filename|sha1": [nil, .hash], "filename|sha224": [nil, .hash],
        "filename|sha256": [nil, .hash], "filename|sha384": [nil, .hash], "filename|sha512": [nil, .hash],
        "malware-sample": [nil, .hash], "whois-registrant-email": [.mail], "dns-soa-email": [.mail],
        "email": [.mail], "email-src": [.mail], "email-dst": [.mail], "email-reply-to": [.mail],
        "x509-fingerprint-md5": [.certificate], "x509-fingerprint-sha1": [.certificate],
        "x509-fingerprint-sha256": [.certificate], "ja3-fingerprint-md5": [.ja3], "ja4-plus": [.ja4],
        "user-agent": [.userAgent],
    ]

    /// What an attribute inherits.
    private struct Context {
        var profile: Indicator.Profile
        var modified: Timestamp
        /// UUID and name of the organisation that the event comes from.
        var owner: [String]
    }

    /// Whether a document is a MISP event, or a list of them.
    static func recognises(_ root: JSONValue) -> Bool { !events(root).isEmpty }

    private static func events(_ root: JSONValue) -> [JSONValue] {
        if let event = root["Event"], event.kind == .object { return [event] }
        let list = root["response"]?.elements ?? root.elements
        return list.compactMap { $0.value["Event"] }
    }

    /// Adds the indicators of some events to a feed: attributes that are meant for detection (`to_ids`) and not deleted.
    static func read(
        _ root: JSONValue, fallback: String, into feed: inout IndicatorFeed, _ summary: inout IndicatorFeed.Summary
    ) {
        for event in events(root) {
            let owner = event["Orgc"]?.string("name").string ?? ""
            var context = Context(
                profile: Indicator.Profile(
                    source: owner.isEmpty ? fallback : owner, title: event.string("info").string),
                modified: .earliest,
                owner: [event["Orgc"]?.string("uuid").string ?? "", owner].filter { !$0.isEmpty })
            apply(tags: event, &context.profile)
            restrict(event, &context.profile)
            for (_, attribute) in event["Attribute"]?.elements ?? .none {
                add(attribute, context, &feed, &summary)
            }
            for (_, object) in event["Object"]?.elements ?? .none where flag(object["deleted"]) != true {
                var context = context
                restrict(object, &context.profile)
                for (_, attribute) in object["Attribute"]?.elements ?? .none {
                    add(attribute, context, &feed, &summary)
                }
            }
        }
    }

    private static func add(
        _ attribute: JSONValue, _ event: Context, _ feed: inout IndicatorFeed, _ summary: inout IndicatorFeed.Summary
    ) {
        let type = attribute.string("type").string
        guard flag(attribute["to_ids"]) == true else { return }
        guard let kinds = kinds[type] else {
            if flag(attribute["deleted"]) != true { summary.leftOut[String(type.prefix(40)), default: 0] += 1 }
            return
        }
        var profile = event.profile
        profile.id = attribute.string("uuid").string
        profile.validFrom = seconds(attribute["first_seen"]) ?? seconds(attribute["timestamp"])
        apply(tags: attribute, &profile)
        restrict(attribute, &profile)
        let text = attribute.string("value").string
        let parts = kinds.count == 1 ? [text] : text.split(separator: "|", maxSplits: 1).map(String.init)
        var values: [(Indicator.Kind, [UInt8])] = []
        for (kind, part) in zip(kinds, parts) {
            guard let kind else { continue }
            if let value = IndicatorText.value(kind, part) { values.append(value) }
        }
        guard !values.isEmpty else {
            summary.rejected.add(
                Rejection(
                    offset: UInt64(summary.indicators), reason: "\(profile.id): '\(text.prefix(80))' is no \(type)"))
            return
        }
        summary.indicators += values.count
        let sightings = MISPSightings(attribute)
        if sightings.rejected > 0 {
            summary.rejected.add(
                Rejection(
                    offset: UInt64(summary.indicators),
                    reason: "\(profile.id): \(sightings.rejected) sightings without a type from 0 to 2 and a time"))
        }
        let isMistaken = !sightings.apply(to: &profile, owner: event.owner)
        let isDeleted = isMistaken || flag(attribute["deleted"]) == true
        let modified = seconds(attribute["timestamp"]) ?? event.modified
        let new = IndicatorFeed.Versioned(
            modified: modified, isRevoked: isDeleted, told: sightings.told, profile: profile,
            values: isDeleted ? [] : values, pattern: nil)
        // An attribute without an id has no versions.
        let id = profile.id.isEmpty ? "misp:\(profile.source):\(type):\(text)" : "misp:\(profile.id)"
        feed.add(.init(id: id, maker: event.owner.first ?? ""), new)
    }

    /// A truth value as such, or as 0 and 1, also in text: how versions of MISP and tools write it. Nil for anything else.
    static func flag(_ value: JSONValue?) -> Bool? {
        if let truth = value?.bool { return truth }
        switch value?.string?.string.lowercased() {
        case "true": return true
        case "false": return false
        default: return number(value).flatMap { $0 < 2 ? $0 == 1 : nil }
        }
    }

    /// A whole number as a number, or as text.
    static func number(_ value: JSONValue?) -> UInt64? {
        value?.unsigned ?? value?.string.flatMap { UInt64($0.string) }
    }

    /// Seconds since the epoch as a string or number, or RFC 3339.
    static func seconds(_ value: JSONValue?) -> Timestamp? {
        guard let value else { return nil }
        if let text = value.string { return Timestamp(epochSeconds: text) ?? Timestamp(iso8601: text) }
        guard let number = value.unsigned, number < 1 << 40 else { return nil }
        return Timestamp(microseconds: Int64(number) * 1_000_000)
    }

    /// Who may see it, how sure it is and which techniques it belongs to, as tags of MISP's taxonomies and galaxies say.
    private static func apply(tags holder: JSONValue, _ profile: inout Indicator.Profile) {
        var techniques = Set(profile.techniques)
        var names = (holder["Tag"]?.elements ?? .none).map { $0.value.string("name").string }
        for (_, galaxy) in holder["Galaxy"]?.elements ?? .none {
            names += (galaxy["GalaxyCluster"]?.elements ?? .none).map { $0.value.string("tag_name").string }
        }
        for name in names {
            if name.lowercased().hasPrefix("tlp:") {
                // The most restrictive wins; one that we do not know counts as RED.
                let tlp = TLP(name) ?? .red
                profile.tlp = max(profile.tlp ?? tlp, tlp)
            } else if name.hasPrefix("misp-galaxy:mitre-attack-pattern="), let dash = name.lastIndex(of: "-") {
                let id = name[name.index(after: dash)...].filter { $0 != "\"" && $0 != " " }
                if STIXReader.isTechnique(id) { techniques.insert(id) }
            } else if let confidence = confidences[name.lowercased()] {
                profile.confidence = confidence
            }
        }
        profile.techniques = techniques.sorted().prefix(64).map { $0 }
    }

    /// Makes a marking as restrictive as the distribution of an event, object or attribute demands (MISP core format,
    /// "distribution"): 0 stays in the organisation, 1 and 2 in communities, 4 is for a sharing group, that is for those it
    /// names (``Indicator/Profile/recipients``). 3 (all communities) and 5 (inherit) demand nothing more. Without a TLP tag it stays unmarked: shared with nobody.
    private static func restrict(_ holder: JSONValue, _ profile: inout Indicator.Profile) {
        guard let value = holder["distribution"] else { return }
        let level = number(value)
        if level == 4 {
            // Groups within groups: those who are in all of them.
            let members = MISPSharingGroup.members(holder)
            profile.recipients = profile.recipients.map { $0.filter(Set(members).contains) } ?? members
        }
        guard let tlp = profile.tlp else { return }
        let floor: TLP? =
            switch level {
            case 0: .amberStrict
            case 1, 2: .green
            case 3, 5: nil
            default: .red
            }
        if let floor { profile.tlp = max(tlp, floor) }
    }

    /// MISP taxonomy "misp", predicate confidence-level, with the values that it gives them.
    private static let confidences: [String: UInt8] = [
        "misp:confidence-level=\"completely-confident\"": 100, "misp:confidence-level=\"usually-confident\"": 75,
        "misp:confidence-level=\"fairly-confident\"": 50, "misp:confidence-level=\"rarely-confident\"": 25,
        "misp:confidence-level=\"unconfident\"": 0,
    ]
}
