// SPDX-License-Identifier: Apache-2.0

import OutflowIntelligence
import OutflowJSON

/// An alert as a MISP event (MISP core format, draft-dulaunoy-misp-core-format): made of what the judge let into the bundle, and of
/// nothing else.
public enum MISPEvent {
    /// The event of a bundle that ``Alert`` made.
    ///
    /// - Parameters:
    ///   - alert: what is told.
    ///   - sharingGroup: UUID of the MISP sharing group that stands for the recipients; nil for none.
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
        let seen = lastSeen(objects)
        let indicated = Set(
            objects.filter { $0["type"]?.string == "indicator" }.compactMap { $0["pattern"]?.string })
        for object in objects {
            guard var attribute = attribute(object, seconds, indicated) else { continue }
            if let id = object["id"]?.string, let time = seen[id] {
                attribute["Sighting"] = [sighting(of: uuid(id), at: time, source: identity?["name"]?.string ?? "")]
            }
            attributes.append(attribute)
        }
        let parts = objects.compactMap { MISPObject.object($0, seconds, tags: markings($0)) }
        let galaxies = galaxies(objects)
        var event: JSONTree = [
            "uuid": .string(uuid(report?["id"]?.string)), "info": report?["name"] ?? "Data theft",
            "date": .string(String(published.prefix(10))), "threat_level_id": "2", "analysis": "1", "published": false,
            "timestamp": .string(String(seconds)), "distribution": .string(distribution(alert.marking, sharingGroup)),
            "Orgc": ["name": identity?["name"] ?? "", "uuid": .string(uuid(identity?["id"]?.string))],
            "Tag": .list(tags), "Attribute": .list(attributes), "Object": .list(parts), "Galaxy": .list(galaxies),
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
        default: return nil
        }
        let isIndicated = indicated.contains {
            $0 == "[\(object["type"]?.string ?? ""):value = '\(value)']"
        }
        return [
            "uuid": .string(uuid(object["id"]?.string)), "type": .string(type), "category": .string(category),
            "value": .string(value), "to_ids": .bool(isIndicated), "timestamp": .string(String(seconds)),
            "distribution": "5", "Tag": .list(markings(object)),
        ]
    }

    /// The tag of an object's own marking.
    private static func markings(_ object: JSONTree) -> [JSONTree] {
        let tlp = object["object_marking_refs"]?.strings.compactMap { TLP(stixID: $0) }.max()
        return [tag(tlp ?? .red)]
    }

    /// When data last went to each observable: to the hour, as observed data says.
    private static func lastSeen(_ objects: [JSONTree]) -> [String: Int64] {
        var seen: [String: Int64] = [:]
        for object in objects where object["type"]?.string == "observed-data" {
            for id in object["object_refs"]?.strings ?? [] { seen[id] = timestamp(text(object, "last_observed")) }
        }
        return seen
    }

    /// That an attribute was seen (MISP core format, "Sighting": type 0).
    private static func sighting(of attribute: String, at seconds: Int64, source: String) -> JSONTree {
        [
            "uuid": .string(MISPObject.uuid(attribute, "sighting")), "attribute_uuid": .string(attribute), "type": "0",
            "date_sighting": .string(String(seconds)), "source": .string(source),
        ]
    }

    /// ATT&CK's techniques as clusters of their galaxy. Source: MISP/misp-galaxy, galaxies/mitre-attack-pattern.json.
    private static func galaxies(_ objects: [JSONTree]) -> [JSONTree] {
        let clusters = objects.filter { $0["type"]?.string == "attack-pattern" }.compactMap { object -> JSONTree? in
            guard let name = object["name"]?.string,
                let id = object["external_references"]?.list.first?["external_id"]?.string
            else { return nil }
            return [
                "type": "mitre-attack-pattern", "value": .string("\(name) - \(id)"),
                "tag_name": .string("misp-galaxy:mitre-attack-pattern=\"\(name) - \(id)\""),
                "meta": ["external_id": [.string(id)]],
            ]
        }
        guard !clusters.isEmpty else { return [] }
        return [
            [
                "uuid": "c4e851fa-775f-11e7-8163-b774922098cd", "name": "MITRE ATT&CK Techniques",
                "type": "mitre-attack-pattern", "namespace": "mitre", "GalaxyCluster": .list(clusters),
            ]
        ]
    }

    private static func text(_ object: JSONTree, _ key: String) -> String { object[key]?.string ?? "" }

    /// The UUID of a STIX id.
    private static func uuid(_ id: String?) -> String { String((id ?? "").suffix(36)) }

    private static func timestamp(_ text: String) -> Int64 { STIXTime.seconds(text) ?? 0 }
}
