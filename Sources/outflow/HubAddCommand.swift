// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OutflowEngine
import OutflowHub
import OutflowLedger
import OutflowRecords
import OutflowReports

/// `outflow hub add`.
struct HubAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Bring a report's cases, ledger and evidence into the hub.",
        discussion: """
            Reads the cited records again from the original logs, so that people can follow evidence in the hub's pages. \
            Logs that are missing only mean that their records cannot be shown. The server may be running.
            """)

    @Argument(help: ArgumentHelp("Folder of the report.", valueName: "report"))
    var report: String

    @Option(help: ArgumentHelp("What people see it called; the folder's name unless given.", valueName: "text"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "The configuration of the scan, if it describes log formats or time zones.", valueName: "file"))
    var config: String?

    @OptionGroup var options: HubOptions

    /// Bytes kept of one record.
    private static let longestRecord = 64 << 10

    func run() throws {
        let path = report.hasSuffix("/") ? "\(report)report.json" : "\(report)/report.json"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Problem("\(path): cannot be read; name the folder that outflow scan made")
        }
        let text = Array(data)
        let parsed: Report
        do { parsed = try JSONReportReader(text).report } catch { throw Problem("\(path): \(error)") }
        let (records, missing) = try cited(parsed)
        let database = try options.database(creates: true)
        do {
            let title = name ?? URL(fileURLWithPath: report).standardizedFileURL.lastPathComponent
            let summary = try HubAdministration(path: database, creates: true)
                .add(report: text, name: title, records: records)
            Terminal.write(
                "added \(summary.cases) cases, \(summary.transfers) transfers, \(summary.records) records"
                    + (summary.wasThere ? " (the report was there already)\n" : "\n"))
        } catch { throw Problem("\(error)") }
        for line in missing { Terminal.complain(line) }
    }

    /// The cited records with their text, and what could not be read.
    private func cited(_ report: Report) throws -> (records: [CitedRecord], missing: [String]) {
        var origins: Set<Origin> = []
        for transfer in report.ledger { origins.formUnion(transfer.evidence) }
        for copy in report.staging { origins.formUnion(copy.evidence) }
        for finding in report.findings { origins.formUnion(finding.evidence) }
        for told in report.cases { for step in told.story { origins.formUnion(step.evidence) } }
        guard !origins.isEmpty else { return ([], []) }
        var limits = Explainer.Options()
        limits.textLimit = Self.longestRecord
        limits.recordLimit = .max
        if let config { limits.sourceOptions = try EstateOptions.parse(["--config=\(config)"]).plan([]).sourceOptions }
        // All of them as the evidence of one finding: the logs are read once.
        var all = Report()
        all.inputs = report.inputs
        let order = origins.sorted { ($0.input, $0.offset, $0.length) < ($1.input, $1.offset, $1.length) }
        let (first, last) = (Timestamp(microseconds: 0), Timestamp(microseconds: 0))
        all.findings = [
            .init(id: "F-all", kind: .detector, name: "", title: "", first: first, last: last, evidence: order)
        ]
        let explanation: Explanation
        do { explanation = try Explainer(all, folder: self.report, options: limits).explain("F-all") } catch {
            throw Problem("\(error)")
        }
        var unsound: Set<UInt32> = []
        var missing: [String] = []
        for check in explanation.checks {
            switch check.state {
            case .unchanged: continue
            case .changed: missing.append("\(check.path): was changed since the scan")
            case .missing: missing.append("\(check.path): is missing; its records cannot be shown")
            case .unreadable(let reason): missing.append("\(check.path): \(reason)")
            case .unverified: missing.append("\(check.path): cannot be compared with the scan")
            }
            unsound.insert(check.number)
        }
        let records = explanation.records.filter { !$0.text.isEmpty }.map {
            CitedRecord(origin: $0.origin, text: $0.text, isSound: !unsound.contains($0.origin.input))
        }
        return (records, missing)
    }
}
