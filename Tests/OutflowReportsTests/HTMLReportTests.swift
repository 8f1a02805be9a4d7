// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowReports

@Suite struct HTMLReportTests {
    private func page(_ report: Report) -> String {
        String(decoding: HTMLReport.render(report, version: "0.1.0"), as: UTF8.self)
    }

    @Test func theAnswerComesFirst() throws {
        let text = page(DemoReport.full)
        let answer = try #require(
            text.range(of: "<h1 id=\"answer-title\">At least 411 MB left over 5 routes to 6 destinations"))
        let ledger = try #require(text.range(of: "id=\"ledger\""))
        #expect(answer.lowerBound < ledger.lowerBound)
        #expect(text.contains("outflow explain T-5f0c1d9a7be24431"))
        #expect(text.contains("Müller-Weber, Marta"))
        #expect(text.contains("gzip stream ends early"))
    }

    @Test func anEmptyReportIsAPageToo() {
        let text = page(Report())
        #expect(text.contains("No record could be read"))
        #expect(text.contains("No transfer was found"))
        #expect(!text.contains("<svg"))
        #expect(text.hasSuffix("</html>\n"))
    }

    @Test func equalReportsGiveEqualBytes() {
        #expect(HTMLReport.render(DemoReport.full, version: "1") == HTMLReport.render(DemoReport.full, version: "1"))
    }

    @Test func largeLedgersAreCutAndSaySo() {
        let text = page(DemoReport.large(2_000))
        #expect(text.contains("The first 1,000 of 2,000 transfers; all are in ledger.csv."))
        #expect(text.split(separator: "<tr class=\"more\"").count - 1 == HTMLReport.rowLimit)
    }

    @Test func timesAtTheEndsOfTheCalendarDrawNoEndlessAxis() {
        var report = DemoReport.small
        report.ledger[0].first = .earliest
        report.ledger[0].last = .latest
        report.gaps[0].from = .latest
        report.gaps[0].to = .earliest
        #expect(page(report).split(separator: "class=\"tick\"").count < 20)
        for index in report.ledger.indices {
            report.ledger[index].first = Timestamp(microseconds: .min)
            report.ledger[index].last = Timestamp(microseconds: .max)
        }
        #expect(page(report).split(separator: "class=\"tick\"").count < 20)
    }

    @Test(.enabled(if: Tools.hasPython, "needs python3")) func hashesInThePolicyAreThoseOfThePage() throws {
        let script = """
            import re,sys,hashlib,base64
            page=sys.stdin.buffer.read()
            for name in (b"style",b"script"):
                content=re.search(b"<"+name+b">(.*?)</"+name+b">",page,re.S).group(1)
                print(base64.b64encode(hashlib.sha256(content).digest()).decode())
            """
        let hashes = try Tools.python(script, input: HTMLReport.render(DemoReport.small, version: "1")).split(
            separator: "\n")
        #expect(hashes.count == 2)
        #expect(String(describing: PageAssets.styleHash) == String(hashes[0]))
        #expect(String(describing: PageAssets.scriptHash) == String(hashes[1]))
    }

    /// Prints tags and attributes (names, and values of those that could load or run something) in order.
    private static let skeleton = """
        import sys
        from html.parser import HTMLParser
        class Skeleton(HTMLParser):
            def handle_starttag(self,tag,attrs):
                print(tag,*["%s=%s"%(k,v) if k in("href","src","style","class","id","content") else k for k,v in attrs])
            def handle_endtag(self,tag): print("/"+tag)
            def handle_comment(self,data): print("comment")
            def handle_decl(self,decl): print("decl",decl)
            def handle_pi(self,data): print("pi")
            def unknown_decl(self,data): print("unknown")
        Skeleton(convert_charrefs=True).feed(sys.stdin.buffer.read().decode("utf-8"))
        """

    @Test(.enabled(if: Tools.hasPython, "needs python3"), arguments: [11, 12, 13, 14] as [UInt64])
    func hostileStringsAddNoMarkup(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        // The benign twin has strings of the same kind at the same places, so both pages have the same parts.
        let benign = DemoReport.replacingStrings(DemoReport.suspicious) { $0.isEmpty ? "" : "name\($0.count)" }
        let hostile = DemoReport.replacingStrings(DemoReport.suspicious) {
            $0.isEmpty ? "" : "x" + Hostile.string(&random)
        }
        let one = try Tools.python(Self.skeleton, input: HTMLReport.render(benign, version: "1"))
        let two = try Tools.python(Self.skeleton, input: HTMLReport.render(hostile, version: "1"))
        #expect(one.count > 1_000)
        // Bands are merged by who is at their ends, so their number may differ: compare the kinds of lines.
        #expect(Set(one.split(separator: "\n")) == Set(two.split(separator: "\n")), "seed \(seed)")
    }

    @Test(.enabled(if: Tools.hasPython, "needs python3")) func nothingIsLoadedFromAnywhere() throws {
        let lines = try Tools.python(Self.skeleton, input: HTMLReport.render(DemoReport.full, version: "1")).split(
            separator: "\n")
        for line in lines where line.contains("href=") || line.contains("src=") {
            #expect(line.contains("href=#") || line.contains("href=data:,"), "\(line)")
        }
        #expect(!lines.contains { $0.hasPrefix("img") || $0.hasPrefix("iframe") || $0.contains("style=") })
    }

    @Test func whatCannotBeSeenIsSpelledOut() {
        var report = DemoReport.small
        report.ledger[0].destination.id = "evil\u{202E}moc.elgoog\u{0}\u{1B}[2J\u{200B}"
        report.ledger[0].destination.name = nil
        let bytes = HTMLReport.render(report, version: "1")
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("evil\\u{202E}moc.elgoog\\u{0}\\u{1B}[2J\\u{200B}"))
        #expect(!text.unicodeScalars.contains { $0 != "\n" && VisibleText.isHidden($0) })
    }
}
