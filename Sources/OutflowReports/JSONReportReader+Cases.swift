// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

/// Findings, cases and limits of `report.json`, read back.
extension JSONReportReader {
    static func finding(_ node: ReportNode, _ inputs: Int) throws -> Report.Finding {
        Report.Finding(
            id: try node["id"].text(), kind: try node["kind"].choice(), name: try node["name"].text(),
            title: try node["title"].text(), techniques: try node["techniques"].list { try $0.text() },
            entities: try node["entities"].list(namedEntity), first: try node["first"].time() ?? .unknown,
            last: try node["last"].time() ?? .unknown, evidence: try node["evidence"].list { try origin($0, inputs) },
            caseID: try node["case"].optionalText(), suspicion: try node["suspicion"].choice(),
            notes: try node["notes"].list { try $0.text() },
            indicator: node.has("indicator") ? try indicator(node["indicator"]) : nil)
    }

    private static func indicator(_ node: ReportNode) throws -> Report.IndicatorSource {
        var source = Report.IndicatorSource(
            source: try node["source"].text(), id: try node["id"].text(), tlp: try node["tlp"].optionalText())
        if node.has("recipients") { source.recipients = try node["recipients"].list { try $0.text() } }
        if node.has("technique_tlp") { source.techniqueTLP = try node["technique_tlp"].text() }
        return source
    }

    static func `case`(_ node: ReportNode, _ inputs: Int) throws -> Report.Case {
        let assessment = node["assessment"]
        return Report.Case(
            id: try node["id"].text(), title: try node["title"].text(), suspicion: try node["suspicion"].choice(),
            transfers: try node["transfers"].list { try $0.text() },
            findings: try node["findings"].list { try $0.text() }, entities: try node["entities"].list(namedEntity),
            story: try node["story"].list { step in
                Report.StoryStep(
                    at: try step["at"].time() ?? .unknown, tactic: try step["tactic"].text(),
                    text: try step["text"].text(),
                    evidence: try step["evidence"].list { try origin($0, inputs) })
            },
            assessment: Report.Assessment(
                bytes: try bounds(assessment["bytes"]), supports: try assessment["supports"].list { try $0.text() },
                against: try assessment["against"].list { try $0.text() },
                next: try assessment["next"].list { try $0.text() }))
    }

    static func limit(_ node: ReportNode) throws -> Report.Limit {
        Report.Limit(
            route: try node["route"].choice(), over: try node["over"].text(),
            smallest: try node["smallest"].optionalNumber(), unit: try node["unit"].text(),
            recallPerMille: try node["recall"].perMille(), alarms: try node["alarms"].text())
    }

    private static func namedEntity(_ node: ReportNode) throws -> Report.NamedEntity {
        Report.NamedEntity(kind: try node["kind"].text(), id: try node["id"].text())
    }
}
