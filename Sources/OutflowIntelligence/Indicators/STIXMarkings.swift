// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

/// The marking definitions of a STIX bundle, as far as they say who may see something.
///
/// A marking that cannot be read, or that is not there, counts as TLP:RED: whoever set it meant to restrict something.
struct STIXMarkings {
    /// Ids of the marking definitions of TLP, of both versions: what they mean no bundle can change. Sources: STIX 2.1 section
    /// 7.2.1.4; OASIS and FIRST, "TLP Version 2.0 Extension Definition" (oasis-open/cti-stix-common-objects).
    private static let standard: [String: TLP] = [
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

    /// What each definition of the bundle says; nil when it says nothing about who may see something.
    private var own: [String: TLP?] = [:]

    /// Adds a marking definition. Of two with one id the more restrictive counts.
    mutating func add(_ definition: JSONValue) {
        let id = definition.string("id").string
        let tlp = Self.meaning(of: definition)
        if let known = own[id] {
            own[id] = .some([known, tlp].compactMap { $0 }.max())
        } else {
            own[id] = .some(tlp)
        }
    }

    /// What a marking definition says: TLP of version 1 (STIX 2.1 section 7.2.1.4), of version 2 (extension), or in a text, as
    /// tools write what STIX has no field for. A statement says nothing about who may see something, nor does the Permissible
    /// Actions Protocol (PAP).
    private static func meaning(of definition: JSONValue) -> TLP? {
        let inner = definition["definition"]
        var texts = [inner?.string("tlp"), inner?.string("TLP")].compactMap { $0 }.map(\.string).filter { !$0.isEmpty }
        for (_, extended) in definition["extensions"]?.elements ?? .none {
            let text = extended.string("tlp_2_0").string
            if !text.isEmpty { texts.append(text) }
        }
        let spoken = [
            definition.string("name").string, inner?.string("statement").string ?? "",
            definition.string("x_opencti_definition").string,
        ]
        texts += spoken.filter { $0.lowercased().hasPrefix("tlp:") }
        if !texts.isEmpty { return texts.map { TLP($0) ?? .red }.max() }
        let type = definition.string("definition_type").string.lowercased()
        let isHarmless = type == "statement" || type == "pap" || spoken.contains { $0.lowercased().hasPrefix("pap:") }
        return isHarmless ? nil : .red
    }

    /// The most restrictive of an object's markings, those of its parts among them; nil when nothing says who may see it.
    func marking(of object: JSONValue) -> TLP? {
        var found: TLP?
        func see(_ reference: Bytes?) {
            guard let id = reference?.string else { return }
            let meaning: TLP? = Self.standard[id] ?? own[id] ?? .red
            if let meaning { found = max(found ?? meaning, meaning) }
        }
        // What is there and is not as it should be was meant to restrict something.
        func elements(_ key: StaticString) -> JSONValue.Children {
            guard let value = object[key], value.kind != .null else { return .none }
            if value.kind != .array { found = .red }
            return value.elements
        }
        for (_, reference) in elements("object_marking_refs") {
            if reference.kind != .string { found = .red }
            see(reference.string)
        }
        for (_, part) in elements("granular_markings") {
            let reference = part["marking_ref"]
            // A granular marking may say a language instead (STIX 2.1 section 7.2.3).
            if reference?.kind != .string, reference != nil || part["lang"]?.kind != .string { found = .red }
            see(reference?.string)
        }
        return found
    }
}
