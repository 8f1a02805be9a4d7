// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import Testing

@testable import OutflowReports

@Suite struct CSVReportTests {
    @Test func golden() {
        var report = DemoReport.small
        report.ledger = report.ledger.filter { $0.route == .cloudObject || $0.route == .mail }
        report.ledger[0].notes = ["=1+1", "said \"yes\""]
        let text = String(decoding: CSVReport.render(report), as: UTF8.self)
        #expect(
            text.split(separator: "\r\n").map { String($0) } == [
                "\"id\",\"state\",\"route\",\"sanctioned\",\"bytes_at_least\",\"bytes_at_most\",\"bytes_on_wire\",\"objects_distinct\",\"reads\",\"first\",\"last\",\"source_kind\",\"source\",\"source_name\",\"source_tenant\",\"destination_kind\",\"destination\",\"destination_name\",\"destination_addresses\",\"destination_class\",\"service\",\"store\",\"session\",\"records\",\"evidence\",\"notes\"",
                "\"T-0a71e3c5d8f96b20\",\"taken\",\"cloud-object\",\"no\",\"89\",\"89\",\"178\",\"1\",\"2\",\"2020-05-02T11:02:08.000000Z\",\"2020-05-02T11:02:41.000000Z\",\"principal\",\"AROA3X:web-server\",\"assumed role web-server\",\"university\",\"address\",\"203.0.113.9\",\"\",\"\",\"unknown\",\"s3 GetObject\",\"uni-backups-2019\",\"ASIA3XAMPLE7KEY\",\"2\",\"logs/aws/cloudtrail.zip!2020/05/02/events.json @4118+1804 logs/aws/cloudtrail.zip!2020/05/02/events.json @9552+1811\",\"'=1+1 said \"\"yes\"\"\"",
                "\"T-c4d1207fe85a93b6\",\"accessed\",\"mail\",\"no\",\"0\",\"\",\"\",\"7\",\"7\",\"2020-05-01T23:14:00.000000Z\",\"2020-05-01T23:40:12.000000Z\",\"mailbox\",\"m.weber@uni.example\",\"Müller-Weber, Marta\",\"university\",\"address\",\"2001:db8:ffff::25\",\"\",\"\",\"unknown\",\"Exchange REST\",\"\",\"app 8f2c (GraphRunner)\",\"7\",\"logs/m365/audit-export.csv @1104881+3122\",\"Two exports hold these records; each counts once. The log does not tell the size of messages.\"",
            ])
    }

    @Test(arguments: [
        ("=1", "'=1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "\\u{9}=1"), ("\r", "\\u{D}"),
        (" =1", " '=1"),
        ("\"=1", "\"'=1"), ("'=1", "''=1"), ("\u{FF1D}1", "'\u{FF1D}1"), ("a;=1", "a;'=1"), ("a-b", "a-b"),
        ("a@b.example", "a@b.example"),
        ("x=1,-2", "x=1,'-2"), ("\u{A0}=1", "\\u{A0}=1"), ("", ""), ("1.5", "1.5"),
    ])
    func formulasAreText(cell: String, safe: String) { #expect(CSVReport.neutralised(cell) == safe) }

    @Test(.enabled(if: Tools.hasPython, "needs python3"), arguments: [51, 52, 53] as [UInt64])
    func pythonReadsBackSafeCells(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let report = DemoReport.replacingStrings(DemoReport.full) { _ in Hostile.string(&random) }
        // Cells are printed as code points; none may begin with what a spreadsheet takes for a formula, whether it splits
        // at commas, semicolons or tabs, and whether or not it looks at quotes.
        let script = """
            import csv,io,re,sys
            text=sys.stdin.buffer.read().decode("utf-8")
            bad="=+-@\\t\\r\\uff1d\\uff0b\\uff0d\\uff20"
            for row in csv.reader(io.StringIO(text,newline=""),strict=True):
                assert len(row)==\(CSVReport.header.count),row
                for cell in row:
                    assert not cell.lstrip()[:1] or cell.lstrip()[0] not in bad,cell
                    print(" ".join(str(ord(c)) for c in cell))
            for line in text.split("\\r\\n"):
                for cell in re.split("[,;|\\t]",line):
                    cell=cell.strip(" \\"")
                    assert not cell or cell[0] not in bad,cell
            """
        let out = try Tools.python(script, input: CSVReport.render(report))
        let rows = out.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(rows.count == CSVReport.header.count * (report.ledger.count + 1) + 1)
        for (index, transfer) in report.ledger.enumerated() {
            let cell = rows[CSVReport.header.count * (index + 1) + 16]
            let expected = CSVReport.neutralised(transfer.destination.id).unicodeScalars.map { String($0.value) }
                .joined(separator: " ")
            #expect(cell == expected, "seed \(seed)")
        }
    }
}
