// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OutflowEngine
import OutflowLedger
import OutflowReports

/// `outflow explain`: the records behind a transfer, and the arithmetic that leads to its figure; the story of a case.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show the records behind a transfer, finding or case, and how a figure adds up.",
        discussion: """
            Reads the original files again, decompressing as needed, and checks that they are those of the scan. Exit \
            status 1 when one is missing or was changed, or when the records do not come to what the report says.
            """)

    @Argument(help: "Id of a transfer (T-…), an internal copy (S-…), a finding (F-…) or a case (C-…).")
    var id: String

    @Option(help: ArgumentHelp("Folder of the report.", valueName: "dir"))
    var report = "outflow-report"

    @Flag(help: "Search all inputs for all records, not only the 16 that a report cites at most.")
    var all = false

    @Option(help: ArgumentHelp("How many records to print with --all; all are counted.", valueName: "n"))
    var limit = 1000

    @Flag(help: "Print long records whole.")
    var full = false

    @Option(
        help: ArgumentHelp(
            "The configuration of the scan, if it describes log formats or time zones.", valueName: "file"))
    var config: String?

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit takes a number that is not negative") }
    }

    func run() throws {
        let path = report.hasSuffix("/") ? "\(report)report.json" : "\(report)/report.json"
        guard let text = FileManager.default.contents(atPath: path) else {
            throw Problem("\(path): cannot be read; name the report's folder with --report, or run outflow scan first")
        }
        var options = Explainer.Options()
        options.searchesAll = all
        options.recordLimit = limit
        if full { options.textLimit = .max }
        if let config { options.sourceOptions = try EstateOptions.parse(["--config=\(config)"]).plan([]).sourceOptions }
        do {
            let explainer = Explainer(try JSONReportReader(Array(text)).report, folder: report, options: options)
            let explanation = try explainer.explain(id)
            Terminal.write(
                ExplanationText.render(explanation, width: Terminal.width, hasColour: Terminal.hasColour))
            let isShort = !explanation.agrees && explanation.isComplete
            if isShort, explanation.inputsAreSound, config == nil {
                Terminal.complain("outflow: if the scan had a --config, the explanation needs it too")
            }
            if !explanation.inputsAreSound || isShort { throw ExitCode(1) }
        } catch let failure as JSONReportReader.Failure {
            throw Problem("\(path): \(failure)")
        } catch let unknown as Explainer.UnknownID {
            throw Problem("\(unknown)")
        }
    }
}
