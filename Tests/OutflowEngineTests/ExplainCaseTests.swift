// SPDX-License-Identifier: Apache-2.0

import OutflowCases
import OutflowEngine
import OutflowLedger
import OutflowRecords
import OutflowReports
import Testing

/// `outflow explain` of findings and cases: their records come out of the original files.
@Suite struct ExplainCaseTests {
    @Test func recordsOfAFindingAndOfACase() throws {
        let folder = try Folder()
        let line = "1772323200.0\tC1\t10.1.0.1\t5000\t198.51.100.7\t443\ttcp\tssl\t1.0\t5000\t100\tSF\t0\n"
        let header =
            "#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice"
            + "\tduration\torig_bytes\tresp_bytes\tconn_state\tmissed_bytes\n"
        try folder.write("conn.log", header + line)
        var report = try scanned([folder.path + "/conn.log"])
        let transfer = try #require(report.ledger.first)
        report.findings = [
            .init(
                id: "F-0000000000000001", kind: .detector, name: "new-destination", title: "New and large",
                techniques: ["T1041"],
                entities: [.init(kind: "address", id: "198.51.100.7"), .init(kind: "host", id: "10.1.0.1")],
                first: transfer.first, last: transfer.last, evidence: transfer.evidence, suspicion: .likely,
                notes: ["p = 1/1,801"])
        ]
        report.joinCases()
        let told = try #require(report.cases.first)
        let explainer = Explainer(report, folder: folder.path)
        for id in ["F-0000000000000001", told.id] {
            let explanation = try explainer.explain(id)
            #expect(explanation.records.count == 1 && explanation.inputsAreSound && explanation.isComplete)
            #expect(explanation.records[0].text == Array(line.utf8.dropLast()))
            #expect(explanation.agrees && explanation.steps.isEmpty)
            let text = ExplanationText.render(explanation)
            #expect(text.contains("198.51.100.7\t443") && !text.contains("\nResult"))
            #expect(text.contains(id == told.id ? "What would confirm or refute it" : "p = 1/1,801"))
            #expect(text.contains("T1041 Exfiltration Over C2 Channel") == (id != told.id))
            #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.contains("\t") })
        }
        #expect(throws: Explainer.UnknownID.self) { try explainer.explain("C-0000000000000000") }
    }
}
