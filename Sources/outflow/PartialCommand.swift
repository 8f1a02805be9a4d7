// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowEngine
import OutflowLedger
import OutflowRecords

/// `outflow partial`: the first half of a scan, into a file.
struct PartialCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partial", abstract: "Read logs and write what they come to into a file that can be merged.")

    @Argument(help: "Log files, folders of logs, archives; - reads standard input.")
    var paths: [String]

    @OptionGroup var estate: EstateOptions

    @OptionGroup var sought: IndicatorOptions

    @OptionGroup var ruleOptions: RuleOptions

    @OptionGroup var ownRules: OwnRuleOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("File to write.", valueName: "file"))
    var output: String

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        guard estate.local.isEmpty else {
            throw ValidationError(
                "--local is for what concludes: give it to `outflow merge --report`, a partial holds both directions")
        }
    }

    func run() throws {
        var plan = try estate.plan(paths)
        plan.indicators = try sought.indicators(quiet: quiet)
        plan.rules = try ownRules.rules(ruleOptions, ledgerAlone: plan.alarms == nil, quiet: quiet)
        let scan = Scan(plan)
        do {
            let partial = try PartialWriter(path: output)
            try Interruption.watch(scan, progress: !quiet && Terminal.errorIsTerminal) {
                try scan.observe(keeping: partial)
            }
            try scan.finish(partial)
            if !quiet { for remark in scan.remarks { Terminal.complain(remark) } }
        } catch let failure as PartialFile.Failure { throw Problem(failure.description) }
        if !quiet {
            let records = scan.inputs.reduce(0) { $0 + $1.records }
            let rejected = scan.inputs.reduce(0) { $0 + $1.rejected.count }
            Terminal.write("\(output): \(scan.inputs.count) inputs, \(records) records, \(rejected) rejected\n")
        }
    }
}
