// SPDX-License-Identifier: Apache-2.0

import OutflowCases
import OutflowLedger
import OutflowRecords

/// `findings.ocsf.jsonl`: each finding as a Detection Finding of the Open Cybersecurity Schema Framework, one JSON object
/// a line, for security data lakes and SIEMs.
///
/// Class 2004, activity Create, of OCSF 1.5.0 (https://schema.ocsf.io/1.5.0/classes/detection_finding). `time` is that of
/// the latest record, so that the same records give the same bytes. A case is the `correlation_uid` of its findings.
public enum OCSFReport {
    /// The version of the schema that the lines are to.
    static let schemaVersion: StaticString = "1.5.0"

    /// The findings, in the report's order.
    public static func render(_ report: Report, version: String) -> [UInt8] {
        var writer = JSONWriter()
        for finding in report.findings { line(finding, report, version, &writer) }
        return writer.bytes
    }

    private static func line(
        _ finding: Report.Finding, _ report: Report, _ version: String, _ writer: inout JSONWriter
    ) {
        writer.raw("{\"activity_id\":1,\"category_uid\":2,\"class_uid\":2004,\"confidence_id\":")
        writer.number(confidence(finding.suspicion))
        if finding.last != .unknown {
            writer.raw(",\"end_time\":")
            milliseconds(finding.last, &writer)
        }
        if !finding.evidence.isEmpty {
            writer.raw(",\"evidences\":")
            writer.list(finding.evidence) { evidence(&$0, $1, report) }
        }
        writer.raw(",\"finding_info\":")
        information(finding, &writer)
        writer.raw(",\"is_alert\":")
        writer.raw(finding.suspicion >= .likely ? "true" : "false")
        writer.raw(",\"message\":")
        writer.string(finding.title)
        writer.raw(",\"metadata\":{")
        if let told = finding.caseID {
            writer.raw("\"correlation_uid\":")
            writer.string(told)
            writer.raw(",")
        }
        writer.raw("\"product\":{\"name\":\"Outflow\",\"vendor_name\":\"Outflow\",\"version\":")
        writer.string(version)
        writer.raw("},\"version\":\"")
        writer.raw(schemaVersion)
        writer.raw("\"}")
        if !finding.entities.isEmpty {
            writer.raw(",\"observables\":")
            writer.list(finding.entities, observable)
        }
        writer.raw(",\"severity_id\":")
        writer.number(severity(finding.suspicion))
        if finding.first != .unknown {
            writer.raw(",\"start_time\":")
            milliseconds(finding.first, &writer)
        }
        writer.raw(",\"status_id\":1,\"time\":")
        milliseconds(finding.last, &writer)
        writer.raw(",\"type_uid\":200401,\"unmapped\":{\"notes\":")
        writer.list(finding.notes) { $0.string($1) }
        writer.raw(",\"suspicion\":")
        writer.string(finding.suspicion.rawValue)
        writer.raw("}}\n")
    }

    private static func information(_ finding: Report.Finding, _ writer: inout JSONWriter) {
        writer.raw("{\"analytic\":{\"name\":")
        writer.string(finding.name.isEmpty ? finding.title : finding.name)
        switch finding.kind {
        case .rule: writer.raw(",\"type\":\"Rule\",\"type_id\":1}")
        case .detector: writer.raw(",\"type\":\"Statistical\",\"type_id\":3}")
        case .indicator: writer.raw(",\"type\":\"Indicator\",\"type_id\":99}")
        }
        let attacks = finding.techniques.filter { AttackTechnique.named($0) != nil }
        if !attacks.isEmpty {
            writer.raw(",\"attacks\":")
            writer.list(attacks, attack)
        }
        if finding.first != .unknown {
            writer.raw(",\"first_seen_time\":")
            milliseconds(finding.first, &writer)
            writer.raw(",\"last_seen_time\":")
            milliseconds(finding.last, &writer)
        }
        writer.raw(",\"title\":")
        writer.string(finding.title)
        writer.raw(",\"types\":[")
        writer.string(finding.kind.rawValue)
        writer.raw("],\"uid\":")
        writer.string(finding.id)
        writer.raw("}")
    }

    private static func attack(_ writer: inout JSONWriter, _ id: String) {
        guard let technique = AttackTechnique.named(id) else { return }
        writer.raw("{")
        if id.contains(".") {
            writer.raw("\"sub_technique\":{\"name\":")
            writer.string(technique.subName)
            writer.raw(",\"uid\":")
            writer.string(id)
            writer.raw("},")
        }
        if let tactic = technique.tactics.first {
            writer.raw("\"tactic\":{\"name\":")
            writer.string(tactic.name)
            writer.raw(",\"uid\":")
            writer.string(tactic.id)
            writer.raw("},")
        }
        let parent = String(id.prefix { $0 != "." })
        writer.raw("\"technique\":{\"name\":")
        writer.string(AttackTechnique.named(parent)?.name)
        writer.raw(",\"uid\":")
        writer.string(parent)
        writer.raw("},\"version\":")
        writer.string(AttackTechnique.attackVersion)
        writer.raw("}")
    }

    private static func evidence(_ writer: inout JSONWriter, _ origin: Origin, _ report: Report) {
        let input = Int(origin.input)
        writer.raw("{\"data\":{\"input\":")
        writer.string(input < report.inputs.count ? report.inputs[input].path : nil)
        writer.raw(",\"length\":")
        writer.number(UInt64(origin.length))
        writer.raw(",\"offset\":")
        writer.number(origin.offset)
        writer.raw(",\"sha256\":")
        writer.string(input < report.inputs.count ? report.inputs[input].sha256 : nil)
        writer.raw("}}")
    }

    private static func observable(_ writer: inout JSONWriter, _ entity: Report.NamedEntity) {
        writer.raw("{\"name\":\"unmapped.entities\",\"type\":")
        let (id, name) = observableType(entity)
        writer.string(name)
        writer.raw(",\"type_id\":")
        writer.number(id)
        writer.raw(",\"value\":")
        writer.string(entity.id)
        writer.raw("}")
    }

    /// The type of an observable, by the schema's enumeration; what it has no type for is Other, by our own name.
    private static func observableType(_ entity: Report.NamedEntity) -> (UInt64, String) {
        switch entity.kind {
        case "host", "address", "ip": IPAddress(entity.id) == nil ? (1, "Hostname") : (2, "IP Address")
        case "domain": (1, "Hostname")
        case "account", "principal", "user": (4, "User Name")
        case "mailbox", "email", "mail": (5, "Email Address")
        case "url": (6, "URL String")
        case "file": (7, "File Name")
        case "hash": (8, "Hash")
        case "store", "bucket": (10, "Resource UID")
        default: (99, entity.kind)
        }
    }

    /// Severity ids of OCSF: 1 Informational, 2 Low, 4 High, 5 Critical.
    private static func severity(_ suspicion: Suspicion) -> UInt64 {
        switch suspicion {
        case .none: 1
        case .possible: 2
        case .likely: 4
        case .veryLikely: 5
        }
    }

    /// Confidence ids of OCSF: 0 Unknown, 1 Low, 2 Medium, 3 High.
    private static func confidence(_ suspicion: Suspicion) -> UInt64 {
        switch suspicion {
        case .none: 0
        case .possible: 1
        case .likely: 2
        case .veryLikely: 3
        }
    }

    /// Milliseconds since 1970, as OCSF counts time, rounded down.
    private static func milliseconds(_ time: Timestamp, _ writer: inout JSONWriter) {
        // OCSF knows no unknown time; null is no false one.
        if time == .unknown { return writer.raw("null") }
        let (quotient, rest) = time.microseconds.quotientAndRemainder(dividingBy: 1_000)
        let value = rest < 0 ? quotient - 1 : quotient
        if value < 0 { writer.raw("-") }
        writer.number(value.magnitude)
    }
}
