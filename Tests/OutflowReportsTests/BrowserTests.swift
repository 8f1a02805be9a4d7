// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowLedger
import Testing

@testable import OutflowReports

/// The page in a real browser, without a window. Set `OUTFLOW_SCREENSHOTS` to a folder to keep the pictures and look at
/// them.
@Suite(.enabled(if: Browser.path != nil, "needs chromium (apt-get install chromium)"), .serialized)
struct BrowserTests {
    @Test(arguments: ["light", "dark"]) func screenshotsDiffer(theme: String) throws {
        let browser = try Browser(DemoReport.full)
        defer { browser.remove() }
        let picture = try browser.screenshot("page-\(theme)", width: 1280, height: 5000, isDark: theme == "dark")
        // A page that did not come up is white and compresses to next to nothing.
        #expect(picture.count > 60_000)
        #expect(Array(picture.prefix(4)) == [0x89, 0x50, 0x4E, 0x47])
    }

    @Test func narrowScreens() throws {
        let browser = try Browser(DemoReport.full)
        defer { browser.remove() }
        #expect(try browser.screenshot("page-narrow", width: 480, height: 3600, isDark: false).count > 40_000)
    }

    @Test func printing() throws {
        let browser = try Browser(DemoReport.full)
        defer { browser.remove() }
        let pdf = try browser.pdf("page")
        #expect(pdf.starts(with: Array("%PDF".utf8)))
        guard let converter = Tools.path("pdftotext") else { return }
        let text = try Tools.run(converter, [browser.folder.appendingPathComponent("page.pdf").path, "-"]).out
        // What is folded on the screen is open on paper.
        #expect(text.contains("the same content by SHA-1"))
        #expect(text.contains("2,164,178 B"))
    }

    @Test func domHasAllPartsAndTheScriptRan() throws {
        let browser = try Browser(DemoReport.full)
        defer { browser.remove() }
        let (dom, messages) = try browser.dom()
        #expect(dom.contains("At least 411 MB left over 5 routes to 6 destinations"))
        #expect(dom.contains("dav.files-store.example"))
        #expect(dom.components(separatedBy: "<svg").count == 3)
        #expect(dom.contains("id=\"ledger-table\""))
        // These buttons are made by the script: its hash in the policy is right.
        #expect(dom.contains("class=\"sort\""))
        #expect(!messages.contains("CONSOLE"), "\(messages)")
    }

    @Test func theLedgerSortsAndFilters() throws {
        let browser = try Browser(DemoReport.full)
        defer { browser.remove() }
        // The same page, without its policy, and with somebody who types and clicks.
        let file = browser.folder.appendingPathComponent("report.html")
        var page = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        page = page.replacingOccurrences(of: "Content-Security-Policy", with: "x-none")
        page = page.replacingOccurrences(
            of: "</body>",
            with: """
                <script>document.querySelectorAll(".sort")[0].click();const f=document.querySelector("[type=search]");
                f.value="BACKUP01";f.dispatchEvent(new Event("input"))</script></body>
                """)
        try Data(page.utf8).write(to: file)
        let (dom, messages) = try browser.dom()
        let rows = dom.components(separatedBy: "<tbody role=\"rowgroup\"")
        #expect(dom.contains("<th scope=\"col\" role=\"columnheader\" aria-sort=\"descending\">"))
        #expect(rows.count == 10)
        // The sanctioned backup is the largest: first after sorting, and the only row that the filter leaves.
        #expect(rows[1].contains("backup01") && !rows[1].hasPrefix(" hidden"))
        #expect(rows.dropFirst(2).allSatisfy { $0.hasPrefix(" hidden") })
        #expect(dom.contains("Transfers shown: 1"))
        #expect(!messages.contains("CONSOLE"), "\(messages)")
    }

    @Test(arguments: [("cases-light", 1280, false), ("cases-dark", 1280, true), ("cases-narrow", 480, false)])
    func casesFindingsAndLimits(name: String, width: Int, isDark: Bool) throws {
        let browser = try Browser(DemoReport.suspicious)
        defer { browser.remove() }
        let picture = try browser.screenshot(name, width: width, height: isDark ? 2400 : 6800, isDark: isDark)
        #expect(picture.count > 60_000)
        let (dom, messages) = try browser.dom()
        #expect(dom.components(separatedBy: "<article class=\"case\"").count == 3)
        #expect(dom.components(separatedBy: "<svg").count == 4)
        #expect(dom.contains("<a href=\"#cases\">Cases</a>") && dom.contains("class=\"limit open\""))
        #expect(!messages.contains("CONSOLE"), "\(messages)")
    }

    @Test func hostileStringsRunNothing() throws {
        var index = 0
        let report = DemoReport.replacingStrings(DemoReport.suspicious) { _ in
            index += 1
            return Hostile.strings[index % Hostile.strings.count] + "<script>document.title='owned'</script>"
        }
        let browser = try Browser(report)
        defer { browser.remove() }
        let (dom, messages) = try browser.dom()
        #expect(!dom.contains("<title>owned"))
        #expect(dom.contains("&lt;script&gt;document.title"))
        #expect(!messages.contains("CONSOLE"), "\(messages)")
    }

    @Test func aLargeLedgerStaysUsable() throws {
        let report = DemoReport.large(10_000)
        let browser = try Browser(report)
        defer { browser.remove() }
        let (dom, _) = try browser.dom()
        #expect(dom.contains("The first 1,000 of 10,000 transfers; all are in ledger.csv."))
        #expect(try browser.screenshot("page-large", width: 1280, height: 2600, isDark: false).count > 60_000)
    }
}

/// Headless Chromium and a page to show in it.
struct Browser {
    static let path = ["chromium", "chromium-browser", "google-chrome"].compactMap { Tools.path($0) }.first
    let folder: URL

    init(_ report: Report) throws {
        folder = try Tools.temporaryFolder()
        try Data(HTMLReport.render(report, version: "0.1.0")).write(to: folder.appendingPathComponent("report.html"))
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    private func run(_ arguments: [String]) throws -> (out: String, error: String) {
        let page = folder.appendingPathComponent("report.html").absoluteString
        let fixed = [
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--enable-logging=stderr",
            "--user-data-dir=\(folder.appendingPathComponent("profile").path)", "--host-resolver-rules=MAP * ~NOTFOUND",
        ]
        let result = try Tools.run(Browser.path ?? "chromium", fixed + arguments + [page])
        return (result.out, result.error)
    }

    func dom() throws -> (dom: String, messages: String) {
        let result = try run(["--dump-dom"])
        return (result.out, result.error)
    }

    func screenshot(_ name: String, width: Int, height: Int, isDark: Bool) throws -> Data {
        let file = folder.appendingPathComponent("\(name).png")
        // Blink's PreferredColorScheme: 0 is dark, 1 is light.
        _ = try run([
            "--screenshot=\(file.path)", "--window-size=\(width),\(height)",
            "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)",
        ])
        return try keep(file)
    }

    func pdf(_ name: String) throws -> Data {
        let file = folder.appendingPathComponent("\(name).pdf")
        _ = try run(["--print-to-pdf=\(file.path)", "--no-pdf-header-footer"])
        return try keep(file)
    }

    private func keep(_ file: URL) throws -> Data {
        let data = try Data(contentsOf: file)
        if let target = ProcessInfo.processInfo.environment["OUTFLOW_SCREENSHOTS"] {
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            try data.write(to: URL(fileURLWithPath: target).appendingPathComponent(file.lastPathComponent))
        }
        return data
    }
}
