// SPDX-License-Identifier: Apache-2.0

import OutflowIntelligence
import OutflowJSON

/// An alert as a MISP event (MISP core format, draft-dulaunoy-misp-core-format): made of what the judge let into the bundle, and of
/// nothing else.
public enum MISPEvent {
    /// The event of a bundle that ``Alert`` made.
    ///
    /// - Parameter sharingGroup: UUID of the MISP sharing group that stands for the recipients; nil for none.
    public static func event(_ alert: Alert, sharingGroup: String? = nil) -> JSONTree {
        let objects = alert.bundle["objects"]?.list ?? []
        let report = objects.first { $0["type"]?.string == "report" }
        let identity = objects.first { $0["type"]?.string == "identity" }
        let published = report?["published"]?.string ?? ""
        let seconds = timestamp(published)
        var tags = [tag(alert.marking)]
        for object in objects where object["type"]?.string == "attack-pattern" {
            guard let name = object["name"]?.string,
                let id = object["external_references"]?.list.first?["external_id"]?.string
            else { continue }
            tags.append(["name": .string("misp-galaxy:mitre-attack-pattern=\"\(name) - \(id)\"")])
        }
        var attributes: [JSONTree] = []
        let indicated = Set(
            objects.filter { $0["type"]?.string == "indicator" }.compactMap { $0["pattern"]?.string })
        for object in objects {
            if let attribute = attribute(object, seconds, indicated) { attributes.append(attribute) }
        }
        var event: JSONTree = [
            "uuid": .string(uuid(report?["id"]?.string)), "info": report?["name"] ?? "Data theft",
            "date": .string(String(published.prefix(10))), "threat_level_id": "2", "analysis": "1", "published": false,
            "timestamp": .string(String(seconds)), "distribution": .string(distribution(alert.marking, sharingGroup)),
            "Orgc": ["name": identity?["name"] ?? "", "uuid": .string(uuid(identity?["id"]?.string))],
            "Tag": .list(tags), "Attribute": .list(attributes),
        ]
        if let sharingGroup, alert.marking >= .amber { event["sharing_group_uuid"] = .string(sharingGroup) }
        return ["Event": event]
    }

    /// The files of a feed of some events, by name: one an event, and the manifest (MISP feed format).
    public static func feed(_ events: [JSONTree]) -> [(name: String, content: JSONTree)] {
        var files: [(name: String, content: JSONTree)] = []
        var manifest: JSONTree = [:]
        for event in events {
            guard let inner = event["Event"], let uuid = inner["uuid"]?.string else { continue }
            files.append(("\(uuid).json", event))
            var entry: JSONTree = [:]
            for key in ["Orgc", "Tag", "info", "date", "analysis", "threat_level_id", "timestamp"] {
                entry[key] = inner[key]
            }
            manifest[uuid] = entry
        }
        files.append(("manifest.json", manifest))
        return files
    }

    /// How far MISP may carry it: never further than the marking. AMBER and up stay with the organisation that gets it, or its
    /// sharing group; GREEN in the community; CLEAR goes anywhere.
    private static func distribution(_ tlp: TLP, _ sharingGroup: String?) -> String {
        switch tlp {
        case .clear: "3"
        case .green: "1"
        case .amber, .amberStrict, .red: sharingGroup == nil ? "0" : "4"
        }
    }

    private static func tag(_ tlp: TLP) -> JSONTree { ["name": .string(tlp.label.lowercased())] }

    private static func attribute(_ object: JSONTree, _ seconds: Int64, _ indicated: Set<String>) -> JSONTree? {
        let type: String
        let category: String
        let value: String
        switch object["type"]?.string {
        case "ipv4-addr", "ipv6-addr": (type, category, value) = ("ip-dst", "Network activity", text(object, "value"))
        case "domain-name": (type, category, value) = ("domain", "Network activity", text(object, "value"))
        case "email-addr": (type, category, value) = ("email", "Payload delivery", text(object, "value"))
        case "user-account":
            (type, category) = ("text", "Attribution")
            value = "cloud account " + (object["user_id"]?.string ?? text(object, "account_login"))
        case "file": (type, category, value) = ("filename", "Artifacts dropped", text(object, "name"))
        case "note": (type, category, value) = ("comment", "Other", text(object, "content"))
        case "course-of-action": (type, category, value) = ("text", "Other", text(object, "description"))
        default: return nil
        }
        let tlp = object["object_marking_refs"]?.strings.compactMap { TLP(stixID: $0) }.max()
        let isIndicated = indicated.contains {
            $0 == "[\(object["type"]?.string ?? ""):value = '\(value)']"
        }
        return [
            "uuid": .string(uuid(object["id"]?.string)), "type": .string(type), "category": .string(category),
            "value": .string(value), "to_ids": .bool(isIndicated), "timestamp": .string(String(seconds)),
            "distribution": "5", "Tag": .list([tag(tlp ?? .red)]),
        ]
    }

    private static func text(_ object: JSONTree, _ key: String) -> String { object[key]?.string ?? "" }

    /// The UUID of a STIX id.
    private static func uuid(_ id: String?) -> String { String((id ?? "").suffix(36)) }

    private static func timestamp(_ text: String) -> Int64 { STIXTime.seconds(text) ?? 0 }
}
