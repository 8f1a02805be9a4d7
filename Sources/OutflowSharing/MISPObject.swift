// SPDX-License-Identifier: Apache-2.0

import OutflowJSON

/// Parts of an alert as MISP objects: what belongs together and is no attribute by itself. Source: MISP/misp-objects,
/// objects/annotation and objects/course-of-action, definition.json.
enum MISPObject {
    private struct Template {
        let name: String
        let uuid: String
        let version: String
        let description: String
        /// Members of the STIX object by relation.
        let members: KeyValuePairs<String, String>
    }

    private static let annotation = Template(
        name: "annotation", uuid: "5d8dc046-15a1-4ca3-a09f-ed4ede7c4487", version: "2",
        description: "An annotation to an event, object or attribute.", members: ["text": "content"])
    private static let courseOfAction = Template(
        name: "course-of-action", uuid: "3d1c2c06-68a9-4394-8c8d-258d115f796f", version: "1",
        description: "A measure to prevent or answer an attack.",
        members: ["name": "name", "description": "description"])

    /// The object that a note or course of action becomes; nil for all else.
    static func object(_ object: JSONTree, _ seconds: Int64, tags: [JSONTree]) -> JSONTree? {
        let template: Template
        switch object["type"]?.string {
        case "note": template = annotation
        case "course-of-action": template = courseOfAction
        default: return nil
        }
        guard let id = object["id"]?.string else { return nil }
        let own = String(id.suffix(36))
        let attributes = template.members.compactMap { relation, member -> JSONTree? in
            guard let value = object[member]?.string else { return nil }
            return [
                "uuid": .string(uuid(own, relation)), "object_relation": .string(relation), "type": "text",
                "category": "Other", "value": .string(value), "to_ids": false, "disable_correlation": true,
                "timestamp": .string(String(seconds)), "distribution": "5", "Tag": .list(tags),
            ]
        }
        return [
            "uuid": .string(own), "name": .string(template.name), "meta-category": "misc",
            "description": .string(template.description), "template_uuid": .string(template.uuid),
            "template_version": .string(template.version), "timestamp": .string(String(seconds)), "distribution": "5",
            "Attribute": .list(attributes),
        ]
    }

    /// A UUID for a part of something that has one: the same every time.
    static func uuid(_ whole: String, _ part: String) -> String {
        String(STIXIdentifier(namespace: Array(whole.utf8)).id("part", part).suffix(36))
    }
}
