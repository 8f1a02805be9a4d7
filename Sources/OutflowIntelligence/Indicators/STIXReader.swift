// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// Indicators of STIX 2.0 and 2.1 bundles.
enum STIXReader {
    /// Ids of the marking definitions of TLP, of both versions. Sources: STIX 2.1 section 7.2.1.4; FIRST and OASIS, "TLP
    /// Version 2.0 STIX 2.1 marking definitions" (oasis-open/cti-stix-common-objects).
    static let markings: [String: TLP] = [
        "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": .clear,
        "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": .green,
        "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": .amber,
        "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": .red,
        "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": .clear,
        "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": .green,
        "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": .amber,
        "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": .amberStrict,
        "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": .red,
    ]

    /// What the other objects of a bundle say about its indicators.
    private struct Surroundings {
        var names: [String: String] = [:]
        var markings = STIXReader.markings
        var techniques: [String: String] = [:]
        /// Techniques by the id of the indicator.
        var indicated: [String: Set<String>] = [:]
    }

    /// Adds the indicators of a bundle to a feed. `fallback` names the source of indicators whose creator is not in the bundle.
    static func read(
        _ bundle: JSONValue, fallback: String, into feed: inout IndicatorFeed, _ summary: inout IndicatorFeed.Summary
    ) {
        var around = Surroundings()
        let objects = bundle["objects"]?.elements ?? .none
        for (_, object) in objects { look(at: object, &around) }
        for (_, object) in objects where object.string("type") == "relationship" {
            guard object.string("relationship_type") == "indicates",
                let technique = around.techniques[object.string("target_ref").string]
            else { continue }
            around.indicated[object.string("source_ref").string, default: []].insert(technique)
        }
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
        } else if type == "marking-definition" {
            if let tlp = TLP(object["definition"]?.string("tlp").string ?? "") { around.markings[id] = tlp }
        } else if type == "attack-pattern" {
            for (_, reference) in object["external_references"]?.elements ?? .none {
                let technique = reference.string("external_id").string
                if isTechnique(technique) { around.techniques[id] = technique }
            }
        }
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
        profile.tlp = marking(of: object, around)
        profile.validFrom = time(object, "valid_from")
        profile.validUntil = time(object, "valid_until")
        if let confidence = object["confidence"]?.unsigned, confidence <= 100 { profile.confidence = UInt8(confidence) }
        profile.techniques = (around.indicated[id] ?? []).sorted().prefix(64).map { $0 }
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
        feed.add(id, new)
        return nil
    }

    private static func time(_ object: JSONValue, _ key: StaticString) -> Timestamp? {
        object[key]?.string.flatMap { PatternTime.parse($0.string) }
    }

    /// The most restrictive of an object's markings, those of its parts among them.
    private static func marking(of object: JSONValue, _ around: Surroundings) -> TLP? {
        var found: TLP?
        func see(_ id: Bytes?) {
            guard let tlp = id.flatMap({ around.markings[$0.string] }) else { return }
            found = max(found ?? tlp, tlp)
        }
        for (_, reference) in object["object_marking_refs"]?.elements ?? .none { see(reference.string) }
        for (_, part) in object["granular_markings"]?.elements ?? .none { see(part["marking_ref"]?.string) }
        return found
    }
}
