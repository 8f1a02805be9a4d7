// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// Findings, cases and limits in `report.json`.
extension JSONReport {
    static func finding(_ writer: inout JSONWriter, _ finding: Report.Finding) {
        writer.raw("{\"case\":")
        writer.string(finding.caseID)
        writer.raw(",\"entities\":")
        writer.list(finding.entities, namedEntity)
        writer.raw(",\"evidence\":")
        writer.list(finding.evidence, origin)
        writer.raw(",\"first\":")
        writer.time(finding.first)
        writer.raw(",\"id\":")
        writer.string(finding.id)
        if let indicator = finding.indicator {
            writer.raw(",\"indicator\":{\"id\":")
            writer.string(indicator.id)
            if !indicator.recipients.isEmpty {
                writer.raw(",\"recipients\":")
                writer.list(indicator.recipients) { $0.string($1) }
            }
            writer.raw(",\"source\":")
            writer.string(indicator.source)
            if let tlp = indicator.techniqueTLP {
                writer.raw(",\"technique_tlp\":")
                writer.string(tlp)
            }
            writer.raw(",\"tlp\":")
            writer.string(indicator.tlp)
            writer.raw("}")
        }
        writer.raw(",\"kind\":")
        writer.string(finding.kind.rawValue)
        writer.raw(",\"last\":")
        writer.time(finding.last)
        writer.raw(",\"name\":")
        writer.string(finding.name)
        writer.raw(",\"notes\":")
        writer.list(finding.notes) { $0.string($1) }
        writer.raw(",\"suspicion\":")
        writer.string(finding.suspicion.rawValue)
        writer.raw(",\"techniques\":")
        writer.list(finding.techniques) { $0.string($1) }
        writer.raw(",\"title\":")
        writer.string(finding.title)
        writer.raw("}")
    }

    static func `case`(_ writer: inout JSONWriter, _ case: Report.Case) {
        writer.raw("{\"assessment\":{\"against\":")
        writer.list(`case`.assessment.against) { $0.string($1) }
        writer.raw(",\"bytes\":{\"at_least\":")
        writer.number(`case`.assessment.bytes.atLeast)
        writer.raw(",\"at_most\":")
        writer.number(`case`.assessment.bytes.atMost)
        writer.raw("},\"next\":")
        writer.list(`case`.assessment.next) { $0.string($1) }
        writer.raw(",\"supports\":")
        writer.list(`case`.assessment.supports) { $0.string($1) }
        writer.raw("},\"entities\":")
        writer.list(`case`.entities, namedEntity)
        writer.raw(",\"findings\":")
        writer.list(`case`.findings) { $0.string($1) }
        writer.raw(",\"id\":")
        writer.string(`case`.id)
        writer.raw(",\"story\":")
        writer.list(`case`.story) { writer, step in
            writer.raw("{\"at\":")
            writer.time(step.at)
            writer.raw(",\"evidence\":")
            writer.list(step.evidence, origin)
            writer.raw(",\"tactic\":")
            writer.string(step.tactic)
            writer.raw(",\"text\":")
            writer.string(step.text)
            writer.raw("}")
        }
        writer.raw(",\"suspicion\":")
        writer.string(`case`.suspicion.rawValue)
        writer.raw(",\"title\":")
        writer.string(`case`.title)
        writer.raw(",\"transfers\":")
        writer.list(`case`.transfers) { $0.string($1) }
        writer.raw("}")
    }

    static func limit(_ writer: inout JSONWriter, _ limit: Report.Limit) {
        writer.raw("{\"alarms\":")
        writer.string(limit.alarms)
        writer.raw(",\"over\":")
        writer.string(limit.over)
        writer.raw(",\"recall\":")
        writer.bytes.append(contentsOf: perMille(limit.recallPerMille).utf8)
        writer.raw(",\"route\":")
        writer.string(limit.route.rawValue)
        // Where the log shows no bytes, the limit is in things counted, and the size in bytes is unknown.
        writer.raw(",\"smallest\":")
        writer.number(limit.smallest)
        writer.raw(",\"smallest_bytes\":")
        writer.number(limit.unit == "bytes" ? limit.smallest : nil)
        writer.raw(",\"unit\":")
        writer.string(limit.unit)
        writer.raw("}")
    }

    private static func namedEntity(_ writer: inout JSONWriter, _ entity: Report.NamedEntity) {
        writer.raw("{\"id\":")
        writer.string(entity.id)
        writer.raw(",\"kind\":")
        writer.string(entity.kind)
        writer.raw("}")
    }

    /// Thousandths as a decimal number without useless zeros: 900 is `0.9`.
    private static func perMille(_ thousandths: UInt64) -> String {
        let (whole, rest) = thousandths.quotientAndRemainder(dividingBy: 1_000)
        guard rest > 0 else { return "\(whole)" }
        var digits = String(1_000 + rest).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
