// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Glibc
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
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        let isWritten = file >= 0 && Terminal.write(bytes, to: file)
        let problem = errno
        if file >= 0 { close(file) }
        guard isWritten else { throw Problem("\(path): cannot be written: \(String(cString: strerror(problem)))") }
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
        lines += undecided(summary, set)
        let matches = summary.matches.values.reduce(0, +)
        var words = "\(Wording.count(set.rules.count, "rule"))"
        if !set.correlations.steps.isEmpty {
            words += " and \(Wording.count(set.correlations.steps.count, "correlation"))"
        }
        words += " loaded"
        if !set.rejected.isEmpty { words += ", \(set.rejected.count) not" }
        words += "; \(Wording.count(summary.records, "record")) in \(Wording.count(summary.inputs.count, "input"))"
        if summary.unmatchable > 0 { words += ", \(summary.unmatchable) of log sources that no rule is for" }
        words +=
            "; "
            + (matches == 0
                ? "no match"
                : "\(Wording.count(matches, "match", "matches")) of \(Wording.count(summary.matches.count, "rule"))")
        if summary.correlations > 0 {
            words += ", \(Wording.count(summary.correlations, "match", "matches")) of correlations"
        }
        lines.append(words)
        return lines.joined(separator: "\n")
    }

    /// Rules whose searches were given up, those with the most records first.
    private static func undecided(_ summary: RuleRun.Summary, _ set: RuleSet) -> [String] {
        let most = summary.undecided.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var lines = most.prefix(10).map { rule, records in
            "\(set.rules[rule].header.path): not decided on \(Wording.count(records, "record")): searches were given up at a limit "
                + "of steps, and count as not found; simplify expressions that look around or refer back, values with "
                + "many single wildcards, and fieldref on long lists"
        }
        if most.count > 10 { lines.append("\(most.count - 10) more rules were not decided on some records") }
        return lines
    }
}
