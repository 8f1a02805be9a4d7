// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowEngine
import OutflowLedger

/// `outflow merge`: adds partials up, into another partial or a report.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Merge partials into one, or into a report.",
        discussion: "Give --output for another partial, --report for a report folder.")

    @Argument(help: "Partials, as `outflow partial` writes them.")
    var files: [String]

    @OptionGroup var estate: EstateOptions

    @OptionGroup var sought: IndicatorOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Partial to write.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Folder for the report.", valueName: "dir"))
    var report: String?

    @Option(help: ArgumentHelp("How many transfers to print.", valueName: "n"))
    var top = 20

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    @OptionGroup var outcome: OutcomeOptions

    func validate() throws {
        guard (output == nil) != (report == nil) else {
            throw ValidationError("give either --output FILE (a partial) or --report DIR (a report)")
        }
        guard top >= 0 else { throw ValidationError("--top takes a number that is not negative") }
    }

    func run() throws {
        var plan = try estate.plan([])
        plan.indicators = try sought.indicators(quiet: quiet)
        let merge = Merge()
        do {
            let partial = try output.map { try PartialWriter(path: $0) }
            for file in files { try merge.add(file, keeping: partial) }
            if let partial { try merge.finish(partial) }
        } catch let failure as PartialFile.Failure { throw Problem(failure.description) }
        guard let report else { return }
        let concluded = merge.conclude(plan)
        try ScanCommand.deliver(concluded, to: report, top: top, quiet: quiet, threads: estate.threads)
        try outcome.exit(concluded)
    }
}
