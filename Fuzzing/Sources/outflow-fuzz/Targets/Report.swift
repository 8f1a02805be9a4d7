// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowReports

extension FuzzTarget {
    /// A report.json from who knows where: what can be read can be written in all forms, and read again.
    static let report = FuzzTarget(name: "report") { input in
        guard let reader = try? JSONReportReader(input) else { return }
        renderAll(reader.report)
        readBack(JSONReport.render(reader.report, version: reader.version))
    }

    /// Writes a report in all forms, none of which may fail.
    static func renderAll(_ report: Report) {
        check(!HTMLReport.render(report, version: "fuzz").isEmpty, "an empty page")
        check(!CSVReport.render(report).isEmpty, "an empty table")
        check(!TerminalReport.render(report).isEmpty, "nothing on the terminal")
    }

    /// A report can be written, read, and is written alike.
    static func readBack(_ report: Report) { readBack(JSONReport.render(report, version: "fuzz")) }

    /// What was written can be read, and is written alike.
    static func readBack(_ text: [UInt8]) {
        do throws(JSONReportReader.Failure) {
            let reader = try JSONReportReader(text)
            check(JSONReport.render(reader.report, version: reader.version) == text, "report.json changes when read")
        } catch {
            fatalError("report.json cannot be read: \(error)")
        }
    }
}
