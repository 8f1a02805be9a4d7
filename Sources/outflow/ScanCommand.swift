// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowEngine
import OutflowLedger
import OutflowReports

/// `outflow scan`: reads logs, prints what left, writes a report folder.
struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Read logs, print what left, write a report folder.",
        discussion: "Files, folders, archives, or - for standard input; formats are recognised from content.")

    @Argument(help: "Log files, folders of logs, archives; - reads standard input.")
    var paths: [String]

    @OptionGroup var estate: EstateOptions

    @OptionGroup var sought: IndicatorOptions

    @OptionGroup var ruleOptions: RuleOptions

    @OptionGroup var ownRules: OwnRuleOptions

    @Option(
        name: [.long, .customShort("o"), .customLong("report")],
        help: ArgumentHelp("Folder for the report.", valueName: "dir"))
    var out = "outflow-report"

    @Option(help: ArgumentHelp("How many transfers to print.", valueName: "n"))
    var top = 20

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    @OptionGroup var outcome: OutcomeOptions

    func validate() throws {
        guard top >= 0 else { throw ValidationError("--top takes a number that is not negative") }
    }

    func run() throws {
        var plan = try estate.plan(paths)
        plan.indicators = try sought.indicators(quiet: quiet)
        plan.rules = try ownRules.rules(ruleOptions, ledgerAlone: plan.alarms == nil, quiet: quiet)
        plan.isLast = true
        let scan = Scan(plan)
        try run(scan, quiet: quiet) { try scan.observe() }
        if !quiet { for remark in scan.remarks { Terminal.complain(remark) } }
        let report = scan.conclude()
        try Self.deliver(report, to: out, top: top, quiet: quiet, threads: estate.threads)
        try outcome.exit(report)
    }

    /// Runs `body` with progress on a terminal, and with Ctrl-C ending it cleanly.
    func run(_ scan: Scan, quiet: Bool, _ body: () throws -> Void) throws {
        try Interruption.watch(scan, progress: !quiet && Terminal.errorIsTerminal, body)
    }

    /// Writes the report folder and prints the ledger.
    static func deliver(_ report: Report, to folder: String, top: Int, quiet: Bool, threads: Int) throws {
        do {
            try ReportFolder.write(report, to: folder, version: Outflow.version, threads: threads)
        } catch { throw Problem("\(error)") }
        if !quiet {
            let layout = TerminalReport.Layout(
                width: Terminal.width, hasColour: Terminal.hasColour, limit: top, folder: folder)
            Terminal.write(TerminalReport.render(report, layout))
        }
        // An empty ledger must not pass for a clean one: this is an error whether or not anybody wants words.
        if report.inputs.isEmpty || report.inputs.allSatisfy({ $0.format == "unreadable" }) {
            throw Problem("nothing could be read; \(folder) tells which paths and why")
        }
    }
}
