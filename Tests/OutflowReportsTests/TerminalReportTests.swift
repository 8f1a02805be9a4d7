// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowReports

@Suite struct TerminalReportTests {
    @Test func golden() {
        #expect(
            TerminalReport.render(DemoReport.small, .init(folder: "./outflow-report")) == """
                At least 1.08 MB left over 3 routes to 3 destinations between 2020-05-01 and
                2020-05-02.
                How much at most, these logs do not tell: 1 transfer of 3 has no upper limit;
                the other 2 are at most 1.09 MB together.
                - Read, amount not certain: 1 transfer.
                - Not counted above: 1 item made reachable from outside (a read that was seen
                  counts above), of at most 80.0 GB.
                - Sanctioned destinations, not counted above: 1 transfer, between 5.20 GB and
                  5.21 GB.
                - 2 gaps in the logs: more may have left than they show.
                - 1 input could not be used; 6 records could not be read.

                Ledger  (biggest unexplained outflow first; times in UTC)
                           AMOUNT  STATE       ROUTE         WHEN
                          1.08 MB  taken       network       2020-05-01 22:54 – 22:58
                                   NASHUA → dav.files-store.example
                                   T-5f0c1d9a7be24431 · 1 object, 2 times · exactly 1,082,089 B
                                   2,164,178 B with repeats · 80/tcp http · cloud-storage
                             89 B  taken       cloud-object  2020-05-02 11:02
                                   assumed role web-server → 203.0.113.9
                                   T-0a71e3c5d8f96b20 · 1 object, 2 reads · 178 B with repeats
                                   from uni-backups-2019 · by ASIA3XAMPLE7KEY · s3 GetObject
                    0 B – 80.0 GB  exposed     snapshot      2020-05-02 12:30 – 2020-05-03 12:30
                                   snapshot of db-students → 612899039241
                                   T-8e5b30c97f1a6d42 · 1 object · 0 B to 80,000,000,000 B
                                   ec2 ModifySnapshotAttribute
                          unknown  accessed    mail          2020-05-01 23:14 – 23:40
                                   Müller-Weber, Marta → 2001:db8:ffff::25
                                   T-c4d1207fe85a93b6 · 7 messages, 7 reads
                                   by app 8f2c (GraphRunner) · Exchange REST
                5.20 GB – 5.21 GB  sanctioned  network       2020-05-01 01:00 – 2020-05-03 01:48
                                   backup01 → vault.backup-provider.example
                                   T-39f8a6d1042ce57b · 3 times
                                   5,204,118,004 B to 5,204,220,118 B · 443/tcp tls
                                   cloud-storage · taken

                By route  (unsanctioned, all states)
                          1.08 MB  network       1 transfer
                             89 B  cloud-object  1 transfer
                    0 B – 80.0 GB  snapshot      1 transfer
                          unknown  mail          1 transfer

                Internal copies that may have prepared it  (not in the sums)
                          3.40 MB  10.0.1.6 → 10.0.1.4
                                   S-71d0b6a2c94e8f35 · 2020-05-01 22:41 – 22:43 · 445/tcp smb ·
                                   then T-5f0c1d9a7be24431

                Networks taken as inside
                  10.0.0.0/16       configured (--local)
                  2001:db8:40::/48  inferred: 96 % of connections start here, and its hosts
                                    answer to each other and to nobody outside

                Gaps  (what these logs cannot show)
                  network       no records from sensor zeek-1, which wrote every minute before
                                and after → flows of two and a half hours are missing; at_least
                                still holds (2020-05-02 03:10 – 05:40)
                  mail          MailItemsAccessed was throttled (IsThrottled) for
                                m.weber@uni.example → more messages may have been read than are
                                listed (2020-05-01 23:00 – 23:59)

                Not counted  (offsets in the decompressed stream)
                  logs/old/router.bin: unrecognised, 77,214 B
                    at 0: no known log format begins like this
                  logs/zeek/conn.2020-05-01.log.gz: 5 records rejected of 1,204,336
                    at 81,120,441: line ends in the middle of field id.resp_h
                    at 99,310,007: orig_bytes is not a number: "1.2.3"
                    … and 3 more
                  logs/zeek/http.2020-05-02.log.gz: 1 record rejected of 20,119
                    at 8,388,608: gzip stream ends early; the file is cut off

                ./outflow-report: report.html, report.json, ledger.csv, findings.ocsf.jsonl
                Records behind a figure: outflow explain T-5f0c1d9a7be24431

                """)
    }

    @Test func nothingFoundIsNotNothingLeft() {
        #expect(
            TerminalReport.render(Report()) == """
                No record could be read, so nothing can be said about what left.

                """)
        var report = Report()
        report.inputs = [Report.Input(path: "conn.log", format: "zeek-tsv", bytes: 9_000, sha256: "00", records: 40)]
        #expect(
            TerminalReport.render(report) == """
                These logs show no data leaving.
                That is no proof that none left: logs show only what they record.

                """)
    }

    @Test(arguments: [40, 80, 120, 200]) func linesFit(width: Int) {
        for line in lines(TerminalReport.render(DemoReport.full, .init(width: width, folder: "out"))) {
            #expect(VisibleText.width(line) <= max(width, 80), "\(line)")
            #expect(line.last != " ")
        }
    }

    @Test func longLedgersAreCutAndSaySo() {
        let text = TerminalReport.render(DemoReport.large(332), .init(limit: 20, folder: "out"))
        #expect(text.contains("\n  … and 312 more, see report.html\n"))
        #expect(text.split(separator: "\n").count < 170)
    }

    @Test func gapsThatDifferInNumbersOnlyAreFolded() {
        var report = DemoReport.small
        report.gaps = (0..<9).map { hour in
            Report.Gap(
                route: .network, from: Timestamp(microseconds: hour * 3_600_000_000),
                to: Timestamp(microseconds: (hour + 1) * 3_600_000_000), what: "capture loss up to 0.\(hour) %",
                effect: "more may have left")
        }
        let text = TerminalReport.render(report)
        #expect(text.contains("capture loss up to 0.2 %"))
        #expect(!text.contains("capture loss up to 0.3 %"))
        #expect(text.contains("… and 6 more like"))
    }

    @Test func unlistedTransfersAreNamed() {
        var report = DemoReport.small
        report.totals.unlisted.transfers = 5_000
        #expect(TerminalReport.render(report).contains("… and 5,000 smaller transfers that are in the totals only"))
    }

    @Test func coloursOnlyWhenAskedFor() {
        #expect(!TerminalReport.render(DemoReport.full).contains("\u{1B}"))
        let coloured = TerminalReport.render(DemoReport.full, .init(hasColour: true))
        #expect(coloured.contains("\u{1B}[1;31mtaken"))
        // Without its colours it is the same text.
        var plain = coloured
        while let start = plain.firstIndex(of: "\u{1B}"), let end = plain[start...].firstIndex(of: "m") {
            plain.removeSubrange(start...end)
        }
        #expect(lines(plain).map(trimmed) == lines(TerminalReport.render(DemoReport.full)).map(trimmed))
    }

    @Test(arguments: [61, 62, 63] as [UInt64]) func hostileStringsStayInTheirPlace(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let report = DemoReport.replacingStrings(DemoReport.suspicious) { _ in Hostile.string(&random) }
        for line in lines(TerminalReport.render(report, .init(width: 80, folder: "a\u{1B}[2Jb"))) {
            #expect(!line.unicodeScalars.contains { VisibleText.isHidden($0) }, "seed \(seed): \(line)")
            #expect(VisibleText.width(line) <= 80, "seed \(seed): \(line)")
        }
    }

    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    private func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
