// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OutflowEvaluation
import OutflowLedger
import OutflowReports

/// `outflow evaluate`: scores reports against what is known to have happened.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Score reports against truth files: found, missed, false cases.",
        discussion: """
            A folder holds truth.json, as `outflow simulate` writes it, and a report (report.json, or a folder report or \
            outflow-report with it). With --report and --truth both are named.
            """)

    @Argument(help: "Folders with a truth and a report each.")
    var folders: [String] = []

    @Option(help: ArgumentHelp("Folder of a report.", valueName: "dir"))
    var report: String?

    @Option(help: ArgumentHelp("Truth that goes with --report.", valueName: "file"))
    var truth: String?

    @Option(help: ArgumentHelp("Of a truth with several data sets, the one to compare with.", valueName: "id"))
    var dataset: String?

    @Option(
        help: ArgumentHelp(
            "From which suspicion on a case counts: possible, likely or 'very likely'.", valueName: "word"))
    var threshold = Suspicion.likely

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("Write recall by size as an SVG picture.", valueName: "file"))
    var chart: String?

    func validate() throws {
        guard (report == nil) == (truth == nil) else {
            throw ValidationError("--report and --truth go together")
        }
        guard !folders.isEmpty || report != nil else {
            throw ValidationError("name a folder with truth.json and a report, or give --report DIR and --truth FILE")
        }
    }

    func run() throws {
        var scored: [(name: String, evaluation: Evaluation)] = []
        for folder in folders {
            let candidates = ["", "report/", "outflow-report/"].map { "\(folder)/\($0)report.json" }
            guard let path = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
                throw Problem("\(folder): holds no report; tried \(candidates.joined(separator: ", "))")
            }
            scored.append((folder, try evaluate(report: path, truth: "\(folder)/truth.json")))
        }
        if let report, let truth {
            scored.append((report, try evaluate(report: "\(report)/report.json", truth: truth)))
        }
        let recall = RecallChart(scored.map(\.evaluation))
        if let chart {
            guard FileManager.default.createFile(atPath: chart, contents: Data(RecallPicture.render(recall))) else {
                throw Problem("\(chart): cannot be written")
            }
        }
        if json {
            Terminal.write(String(decoding: EvaluationJSON.render(scored), as: UTF8.self))
            return
        }
        for (name, evaluation) in scored {
            let heading = scored.count > 1 ? name : nil
            Terminal.write(EvaluationText.render(evaluation, name: heading, width: Terminal.width) + "\n")
        }
        Terminal.write(EvaluationText.render(recall))
    }

    private func evaluate(report path: String, truth: String) throws -> Evaluation {
        do {
            return Evaluation(
                try JSONReportReader(try Self.content(path)).report, try Self.truth(truth, dataset: dataset),
                threshold: threshold)
        } catch let failure as JSONReportReader.Failure {
            throw Problem("\(path): \(failure)")
        }
    }

    /// The truth that a file tells.
    static func truth(_ path: String, dataset: String? = nil) throws -> Truth {
        do { return try Truth(json: try content(path), dataset: dataset) } catch let failure as Truth.Failure {
            throw Problem("\(path): \(failure)")
        }
    }

    private static func content(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw Problem("\(path): cannot be read") }
        return Array(data)
    }
}

extension Suspicion: ExpressibleByArgument {}
