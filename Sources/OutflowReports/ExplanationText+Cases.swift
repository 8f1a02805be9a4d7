// SPDX-License-Identifier: Apache-2.0

import OutflowCases
import OutflowLedger
import OutflowRecords

/// Findings and cases explained.
extension ExplanationPage {
    /// What a finding says, about whom, and how it came about.
    mutating func finding(_ finding: Report.Finding) {
        add("\(shown(finding.id))  \(finding.kind.rawValue), \(finding.suspicion.rawValue)", .bold)
        paragraph(shown(finding.title))
        let reach = Amounts.reach(finding.first, finding.last)
        if reach.contains(":") {
            when(finding.first, finding.last)
        } else {
            paragraph("\(reach), whole days in UTC", .dim)
        }
        if !finding.name.isEmpty, finding.name != finding.title {
            paragraph("\(finding.kind.rawValue.capitalisedFirst): \(shown(finding.name))")
        }
        for technique in finding.techniques.prefix(Self.memberLimit) {
            paragraph("ATT&CK: \(shown(technique.techniqueWords))")
        }
        if let told = finding.caseID { paragraph("Case: \(shown(told))") }
        if !finding.entities.isEmpty {
            section("About", nil)
            for entity in finding.entities.prefix(Self.memberLimit) {
                item("\(shown(entity.kind)) \(shown(entity.id))")
            }
            more(finding.entities.count)
        }
        if !finding.notes.isEmpty {
            section("How it came about", nil)
            for note in finding.notes { item(VisibleText.excerpt(note, limit: 2_000)) }
        }
    }

    /// What a case tells, what speaks for and against it, and what belongs to it.
    mutating func story(_ told: Report.Case) {
        add("\(shown(told.id))  \(told.suspicion.rawValue)", .bold)
        paragraph(shown(told.title))
        if !told.transfers.isEmpty {
            paragraph("\(told.leftWords.capitalisedFirst): \(Amounts.precise(told.assessment.bytes))")
        }
        section("Story", "in the order of ATT&CK tactics; numbers are those of the records below")
        var numbers: [Origin: Int] = [:]
        for origin in explanation.subject.evidence { numbers[origin] = numbers.count + 1 }
        var tactic = ""
        for step in told.story {
            if step.tactic != tactic {
                add(shown(step.tactic), .bold)
                tactic = step.tactic
            }
            let cited = step.evidence.compactMap { numbers[$0] }.map(String.init).joined(separator: ", ")
            item("\(Amounts.secondOrDay(step.at)): \(shown(step.text))\(cited.isEmpty ? "" : " [\(cited)]")")
        }
        for (title, lines) in [
            ("What speaks for theft", told.assessment.supports), ("What speaks against it", told.assessment.against),
            ("What would confirm or refute it", told.assessment.next),
        ] where !lines.isEmpty {
            section(title, nil)
            for line in lines { item(shown(line)) }
        }
        for (title, ids) in [("Transfers", told.transfers), ("Findings", told.findings)] where !ids.isEmpty {
            section(title, Wording.grouped(UInt64(ids.count)))
            for id in ids.prefix(Self.memberLimit) { item(shown(id)) }
            more(ids.count)
        }
    }

    /// Most members of a case, or entities of a finding, that are listed.
    private static var memberLimit: Int { 50 }

    private mutating func more(_ count: Int) {
        guard count > Self.memberLimit else { return }
        item("and \(Wording.grouped(UInt64(count - Self.memberLimit))) more, see report.json")
    }
}

extension String {
    /// `Rule` of `rule`.
    var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }

    /// A technique's id with its current name: `T1041 Exfiltration Over C2 Channel`; of an id that has none, the id.
    var techniqueWords: String {
        guard let technique = AttackTechnique.named(self) else { return self }
        return "\(self) \(technique.name)"
    }
}
