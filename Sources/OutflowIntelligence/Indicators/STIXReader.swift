// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Indicators of STIX 2.0 and 2.1 bundles.
enum STIXReader {
    /// What the other objects of a bundle say about its indicators.
    private struct Surroundings {
        var names: [String: String] = [:]
        var markings = STIXMarkings()
        /// Techniques by the id of the attack pattern, and its own marking; nil when it has none: ATT&CK is public.
        var techniques: [String: (id: String, tlp: TLP?)] = [:]
        /// Techniques by the id of the indicator.
        var indicated: [String: Indicated] = [:]
    }

    /// The techniques that an indicator is a sign of, and who may learn that it is.
    private struct Indicated {
        var techniques: Set<String> = []
        /// The most restrictive marking of what says so; nil when some of it is not marked.
        var tlp: TLP? = .clear
    }

    /// Adds the indicators of a bundle to a feed. `fallback` names the source of indicators whose creator is not in the bundle.
    static func read(
        _ bundle: JSONValue, fallback: String, into feed: inout IndicatorFeed, _ summary: inout IndicatorFeed.Summary
    ) {
        var around = Surroundings()
        let objects = bundle["objects"]?.elements ?? .none
        for (_, object) in objects where object.string("type") == "marking-definition" { around.markings.add(object) }
        for (_, object) in objects { look(at: object, &around) }
        for (_, object) in objects where object.string("type") == "relationship" { relate(object, &around) }
        for (number, element) in objects.enumerated() where element.value.string("type") == "indicator" {
            if let reason = add(element.value, around, fallback, &feed, &summary) {
                summary.rejected.add(Rejection(offset: UInt64(number), reason: reason))
            }
        }
    }

    private static func look(at object: JSONValue, _ around: inout Surroundings) {
        let type = object.string("type")
        let id = object.string("id").string
        if type == "identity" {
            around.names[id] = object.string("name").string
        } else if type == "attack-pattern" {
            for (_, reference) in object["external_references"]?.elements ?? .none {
                let technique = reference.string("external_id").string
                if isTechnique(technique) { around.techniques[id] = (technique, around.markings.marking(of: object)) }
            }
        }
    }

    private static func relate(_ object: JSONValue, _ around: inout Surroundings) {
        guard object.string("relationship_type") == "indicates", object["revoked"]?.bool != true,
            let technique = around.techniques[object.string("target_ref").string]
        else { return }
        var indicated = around.indicated[object.string("source_ref").string] ?? Indicated()
        indicated.techniques.insert(technique.id)
        let own = around.markings.marking(of: object)
        indicated.tlp = indicated.tlp.flatMap { tlp in own.map { max(tlp, $0, technique.tlp ?? .clear) } }
        around.indicated[object.string("source_ref").string] = indicated
    }

    /// Whether a text is the id of an ATT&CK technique: `T1048`, `T1048.002`.
    static func isTechnique(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 5 || bytes.count == 9, bytes[0] == UInt8(ascii: "T") else { return false }
        return bytes.enumerated().dropFirst().allSatisfy { $0 == 5 ? $1 == UInt8(ascii: ".") : $1 &- 0x30 < 10 }
    }

    /// Adds one indicator; returns why not when it cannot be used.
    private static func add(
        _ object: JSONValue, _ around: Surroundings, _ fallback: String, _ feed: inout IndicatorFeed,
        _ summary: inout IndicatorFeed.Summary
    ) -> String? {
        let id = object.string("id").string
        let modified =
            time(object, "modified") ?? time(object, "created")
            ?? Timestamp(microseconds: Timestamp.earliest.microseconds)
        guard id.hasPrefix("indicator--") else { return "an indicator without an id" }
        let source = around.names[object.string("created_by_ref").string] ?? ""
        var profile = Indicator.Profile(
            source: source.isEmpty ? fallback : source, id: id, title: object.string("name").string)
        profile.tlp = around.markings.marking(of: object)
        profile.validFrom = time(object, "valid_from")
        profile.validUntil = time(object, "valid_until")
        let times: KeyValuePairs<StaticString, Timestamp?> = [
            "valid_from": profile.validFrom, "valid_until": profile.validUntil,
        ]
        for (key, time) in times where time == nil && object[key] != nil {
            return "\(id): \(key) '\(object.string(key).string.prefix(40))' is no time"
        }
        if let confidence = object["confidence"]?.unsigned, confidence <= 100 { profile.confidence = UInt8(confidence) }
        if let indicated = around.indicated[id] {
            profile.techniques = indicated.techniques.sorted().prefix(64).map { $0 }
            profile.mark(techniques: indicated.tlp)
        }
        let isRevoked = object["revoked"]?.bool ?? false
        var new = IndicatorFeed.Versioned(
            modified: modified, isRevoked: isRevoked, profile: profile, values: [], pattern: nil)
        if !isRevoked {
            let language = object.string("pattern_type")
            guard language.isEmpty || language == "stix" else {
                return "\(id): a pattern in \(language.string.prefix(40)), not in STIX"
            }
            let is20 = object.string("spec_version").isEmpty && language.isEmpty
            do throws(PatternError) {
                let text = PatternText(text: object.string("pattern").string, version: is20 ? .v20 : .v21)
                let pattern = try STIXPattern(text.text, version: text.version)
                if let values = pattern.values {
                    new.values = values
                } else if let conjunctions = pattern.conjunctions {
                    new.conjunctions = conjunctions
                } else {
                    new.pattern = text
                }
            } catch {
                return "\(id): \(error)"
            }
            summary.indicators += 1
        }
        // What a partner signed is changed and revoked by what the same partner signed, and by nothing else.
        let signer = object.string("x_outflow_signed_by").string
        let maker = object.string("created_by_ref").string
        feed.add(.init(id: id, maker: signer.isEmpty ? maker : "signed by \(signer) as \(maker)"), new)
        return nil
    }

    private static func time(_ object: JSONValue, _ key: StaticString) -> Timestamp? {
        object[key]?.string.flatMap { PatternTime.parse($0.string) }
    }
}
