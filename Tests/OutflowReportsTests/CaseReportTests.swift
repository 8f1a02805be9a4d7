// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowCases
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowReports

/// Cases, findings and limits, as people and programs see them.
@Suite struct CaseReportTests {
    private func page(_ report: Report) -> String {
        String(decoding: HTMLReport.render(report, version: "0.1.0"), as: UTF8.self)
    }

    @Test func theReportHasTwoCases() {
        let cases = DemoReport.suspicious.cases
        #expect(cases.map(\.suspicion) == [.veryLikely, .likely])
        #expect(cases.map(\.transfers) == [["T-5f0c1d9a7be24431"], ["T-0a71e3c5d8f96b20"]])
        #expect(cases.map(\.findings.count) == [3, 1])
    }

    @Test func casesComeFirstInThePage() throws {
        let text = page(DemoReport.suspicious)
        let places = try ["id=\"answer\"", "id=\"cases\"", "id=\"ledger\"", "id=\"findings\"", "id=\"limits\""].map {
            try #require(text.range(of: $0)).lowerBound
        }
        #expect(places == places.sorted())
        #expect(text.contains("<h3 id=\"case-1\"><span class=\"suspicion very-likely\">very likely</span>"))
        #expect(text.contains("T1567.002 Exfiltration Over Web Service: Exfiltration to Cloud Storage"))
        #expect(text.contains("<small>theft very likely</small>"))
        #expect(text.contains("Theft is very likely in 1 case, likely in 1 case."))
        #expect(text.contains("48.0 MB") && text.contains("41 documents") && text.contains("none caught"))
        #expect(text.contains("2,164,178 B on 2020-05-01; the most of its 30 days before was 0 B"))
    }

    @Test func aReportWithoutThemHasNoEmptyParts() {
        let text = page(DemoReport.full)
        for part in ["id=\"cases\"", "id=\"findings\"", "id=\"limits\"", "href=\"#cases\""] {
            #expect(!text.contains(part))
        }
        let terminal = TerminalReport.render(DemoReport.full)
        for part in ["Cases", "Findings", "Detection limits"] { #expect(!terminal.contains("\n\(part)  (")) }
    }

    @Test func goldenTerminal() throws {
        let text = TerminalReport.render(DemoReport.suspicious, .init(folder: "out"))
        let cases = try #require(text.range(of: "Cases  ("))
        let ledger = try #require(text.range(of: "\nLedger  ("))
        #expect(ledger.lowerBound < cases.lowerBound)
        let next = try #require(text.range(of: "\nBy route  (", range: cases.upperBound..<text.endIndex))
        #expect(
            text[cases.lowerBound..<next.lowerBound] == """
                Cases  (what belongs together, most suspicious first; times in UTC)
                very likely  NASHUA (10.0.1.4) to dav.files-store.example: exactly 1,082,089 B
                             over the network route
                             C-990aa4094c4b6e0c · 3 findings · 1 transfer
                             left: exactly 1,082,089 B
                             - 2020-05-01 22:40 Collection: Archive with a password made by
                               rar.exe: UNI\\pbeesly and NASHUA (rule
                               7d4d4b1e-d4a5-4f7e-9c53-1a3a4d3f2b10, F-2b3c4d5e6f708192).
                             - 2020-05-01 22:41 Collection: Exactly 3,407,872 B was copied
                               inside, from 10.0.1.6 to 10.0.1.4, 445/tcp smb
                               (S-71d0b6a2c94e8f35).
                             - 2020-05-01 Exfiltration: Sent far more than ever to a destination
                               that is new: 10.0.1.4 (detector new-destination,
                               F-1a2b3c4d5e6f7081).
                             - 2020-05-01 22:54 Exfiltration: Address of a server to which
                               stolen data was sent: 10.0.1.4 (indicator national CERT, event
                               4711, F-3c4d5e6f70819203).
                             - 2020-05-01 22:54 Exfiltration: Exactly 1,082,089 B in 1 object
                               left NASHUA (10.0.1.4) for dav.files-store.example over the
                               network route, 80/tcp http (T-5f0c1d9a7be24431).
                             Next: Endpoint logs of the source (process with network connection:
                             Sysmon event 3, or EDR): which program and account opened the
                             connection. A known program that the user started refutes.
                likely       assumed role web-server (AROA3X:web-server) to 203.0.113.9: exactly
                             89 B over the cloud-object route
                             C-3552ad98260fd739 · 1 finding · 1 transfer · left: exactly 89 B
                             - 2020-05-02 11:02 Collection: Bucket read from a network that is
                               new to it: AROA3X:web-server (detector bucket-new-network,
                               F-4d5e6f7081920314).
                             - 2020-05-02 11:02 Exfiltration: Exactly 89 B in 1 object left
                               assumed role web-server (AROA3X:web-server) from uni-backups-2019
                               for 203.0.113.9 over the cloud-object route, s3 GetObject,
                               session ASIA3XAMPLE7KEY (T-0a71e3c5d8f96b20).
                             Next: The audit log of the account that holds the credentials
                             (sign-ins, AssumeRole, key creation): from where the session began.
                             Ask the owner of the bucket whether the reader is known.

                """)
        let findings = try #require(text.range(of: "Findings  ("))
        let gaps = try #require(text.range(of: "\nGaps  ("))
        #expect(
            text[findings.lowerBound..<gaps.lowerBound] == """
                Findings  (reasons for suspicion, strongest first)
                likely       Sent far more than ever to a destination that is new
                             F-1a2b3c4d5e6f7081 · detector · 2020-05-01 00:00 – 23:59
                             dav.files-store.example · 10.0.1.4
                             T1048 Exfiltration Over Alternative Protocol
                             T1567.002 Exfiltration Over Web S…ce: Exfiltration to Cloud Storage
                likely       Bucket read from a network that is new to it
                             F-4d5e6f7081920314 · detector · 2020-05-02 11:02
                             AROA3X:web-server · uni-backups-2019
                             T1530 Data from Cloud Storage
                possible     Archive with a password made by rar.exe
                             F-2b3c4d5e6f708192 · rule · 2020-05-01 22:40 · UNI\\pbeesly · NASHUA
                             T1560.001 Archive Collected Data: Archive via Utility
                possible     Address of a server to which stolen data was sent
                             F-3c4d5e6f70819203 · indicator · 2020-05-01 22:54 – 22:58
                             192.0.2.44 · 10.0.1.4 · T1041 Exfiltration Over C2 Channel
                none         Sign-in from a new device
                             F-5e6f708192031425 · rule · 2020-05-02 07:00
                             a.svensson@uni.example · T9999

                Detection limits  (smallest theft caught: 9 of 10 times at 1/month)
                  ROUTE              1 minute         1 hour          1 day        30 days
                  network             48.0 MB        31.0 MB        4.20 MB      880,000 B
                  dns                       –       61,000 B              –           none
                  library                   –              –   41 documents              –

                """)
        #expect(text.contains("Story and records of a case: outflow explain \(DemoReport.suspicious.cases[0].id)"))
    }

    @Test(arguments: [80, 120]) func linesFit(width: Int) {
        for line in TerminalReport.render(DemoReport.suspicious, .init(width: width)).split(separator: "\n") {
            #expect(VisibleText.width(String(line)) <= width, "\(line)")
        }
    }

    @Test func writtenAndReadBack() throws {
        var report = DemoReport.suspicious
        report.findings[0].indicator = .init(source: "CERT North", id: "5a7", tlp: "TLP:RED")
        report.findings[0].indicator?.recipients = ["isac", "university"]
        let read = try JSONReportReader(JSONReport.render(report, version: "1")).report
        #expect(read.cases == report.cases && read.findings == report.findings && read.limits == report.limits)
        #expect(read.ledger == report.ledger)
    }

    @Test func limitsAsATable() {
        let table = LimitTable(DemoReport.suspicious.limits)
        #expect(table.durations == ["1 minute", "1 hour", "1 day", "30 days"])
        #expect(table.terms == "9 of 10 times at 1/month")
        #expect(table.rows.map(\.route) == [.network, .dns, .library])
        #expect(table.rows[1].cells.map { $0?.words } == [nil, "61,000 B", nil, "none"])
    }

    @Test func hugeLimitsStayInTheirChart() {
        var report = DemoReport.suspicious
        for (index, size) in [0, 1, 9, 10, .max, .max - 1].enumerated() as EnumeratedSequence<[UInt64]> {
            report.limits.append(.init(route: .mail, over: "\(index) days", smallest: size, alarms: "1/week"))
        }
        #expect(page(report).contains("class=\"limit\""))
    }
}
