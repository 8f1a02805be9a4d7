// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OutflowEngine
import OutflowLedger
import OutflowRecords
import OutflowSigma

/// `outflow match`: Sigma rules over logs, a JSON line for each match.
struct MatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "match", abstract: "Match Sigma rules against logs: one JSON line per match.",
        discussion: """
            Prints {"rule","title","level","file","offset","record","at","tags"} for each match on standard output, in \
            the order of the inputs; a summary, and each rule that was not loaded with the reason, on standard error. \
            Exit status 0 whether or not anything matched.
            """)

    @Argument(help: "Log files, folders of logs, archives; - reads standard input.")
    var paths: [String]

    @OptionGroup var ruleOptions: RuleOptions

    @OptionGroup var estate: EstateOptions

    @Option(
        help: ArgumentHelp(
            "Where to write, as JSON, how many rules were loaded and why others were not.", valueName: "file"))
    var rulesReport: String?

    @Flag(help: "Tell where time went: loading rules, reading, parsing, matching.")
    var timings = false

    @Flag(help: "Print matches and errors only.")
    var quiet = false

    func validate() throws {
        if ruleOptions.rules.isEmpty {
            throw ValidationError("--rules is missing: name a rule file or a folder of rules")
        }
    }

    func run() throws {
        let began = ContinuousClock.now
        let set = try ruleOptions.ruleSet()
        let loading = ContinuousClock.now - began
        if let rulesReport { try Self.write(RulesReport.json(set), to: rulesReport) }
        if !quiet {
            for rejected in set.rejected { Terminal.complain("rule not loaded: \(rejected.path): \(rejected.problem)") }
        }
        if set.rules.isEmpty {
            throw Problem("no rule could be loaded from \(ruleOptions.rules.joined(separator: ", "))")
        }
        let run = RuleRun(try estate.plan(paths), rules: set, measures: timings)
        var summary = RuleRun.Summary()
        try Interruption.watch(run, progress: !quiet && Terminal.errorIsTerminal && !Terminal.outputIsTerminal) {
            summary = try run.run { Terminal.write(bytes: $0) }
        }
        if !quiet { Terminal.complain(Self.words(summary, set)) }
        if timings { Terminal.complain(Self.words(summary.times, loading: loading)) }
        if summary.inputs.isEmpty || summary.inputs.allSatisfy({ $0.format == "unreadable" }) {
            throw Problem("nothing could be read")
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        do { try Data(bytes).write(to: URL(fileURLWithPath: path)) } catch {
            throw Problem("\(path): cannot be written: \(error.localizedDescription)")
        }
    }

    private static func words(_ times: RuleRun.Times, loading: Duration) -> String {
        func seconds(_ nanoseconds: UInt64) -> String { String(format: "%.2f", Double(nanoseconds) / 1e9) }
        let (whole, rest) = loading.components
        return String(format: "seconds: loading rules %.2f", Double(whole) + Double(rest) / 1e18)
            + "; of all threads: reading \(seconds(times.reading)), parsing \(seconds(times.parsing)), "
            + "matching \(seconds(times.matching))"
    }

    private static func words(_ summary: RuleRun.Summary, _ set: RuleSet) -> String {
        var lines: [String] = []
        for input in summary.inputs {
            if input.rejected.count > 0 {
                let example = input.rejected.examples.first.map { ", first at \($0.offset): \($0.reason)" } ?? ""
                lines.append("\(input.path): \(input.rejected.count) rejected\(example)")
            }
        }
        lines += summary.remarks
        if summary.abandonedSearches > 0 {
            lines.append(
                "\(summary.abandonedSearches) searches by regular expressions were given up, and count as not found: "
                    + "simplify rules that look around or refer back")
        }
        let matches = summary.matches.values.reduce(0, +)
        lines.append(
            "\(set.rules.count) rules loaded, \(set.rejected.count) not; \(summary.inputs.count) inputs, "
                + "\(summary.records) records (\(summary.unmatchable) of log sources without rules); "
                + "\(matches) matches of \(summary.matches.count) rules"
                + (set.correlations.steps.isEmpty
                    ? "" : ", \(summary.correlations) of \(set.correlations.steps.count) correlations"))
        return lines.joined(separator: "\n")
    }
}
