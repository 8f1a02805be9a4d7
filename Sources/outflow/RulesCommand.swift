// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowEngine
import OutflowRecords
import OutflowSigma

/// `outflow rules`: checks rules, explains matches, prints the mapping of log sources.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Check Sigma rules, explain matches, print the mapping of log sources.",
        subcommands: [Check.self, Explain.self, Mappings.self])

    /// `outflow rules check`.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell what is wrong with rules.",
            discussion:
                "Exit status 1 if a rule could not be loaded or a folder holds none, else 0: remarks are no errors.")

        @Argument(help: "Rule files, or folders of .yml files.")
        var paths: [String]

        @OptionGroup var ruleOptions: RuleOptions

        @Flag(help: "Print only what could not be loaded.")
        var errorsOnly = false

        func run() throws {
            let mapping = try ruleOptions.mapping()
            let collection = try ruleOptions.collection(paths + ruleOptions.rules)
            let set = RuleSet(collection, mapping: mapping)
            var text = ""
            for rejected in set.rejected { text += "\(rejected.path): error: \(rejected.problem)\n" }
            var remarks = 0
            for rule in set.rules {
                for remark in RuleLint.remarks(rule, mapping: mapping) {
                    remarks += 1
                    if !errorsOnly { text += "\(rule.header.path): \(remark)\n" }
                }
            }
            text +=
                "\(Wording.count(set.rules.count, "rule")) and "
                + "\(Wording.count(set.correlations.steps.count, "correlation")) loaded, \(set.rejected.count) not; "
                + "\(Wording.count(remarks, "remark"))\n"
            Terminal.write(text)
            if !set.rejected.isEmpty || !collection.foldersWithoutRules.isEmpty { throw ExitCode.failure }
        }
    }

    /// `outflow rules explain`.
    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show which parts of a rule hold for records.",
            discussion:
                "The event is a log of any format that is read, or a JSON object given as it is. Filters count, those of "
                + "the rule's file and those that --rules brings.")

        @Argument(help: "Rule file.")
        var rule: String

        @Argument(help: "Log file with the event, - for standard input, or a JSON object.")
        var event: String

        @Option(help: ArgumentHelp("How many records to show.", valueName: "n"))
        var limit = 5

        @OptionGroup var ruleOptions: RuleOptions

        func run() throws {
            let mapping = try ruleOptions.mapping()
            let collection = try ruleOptions.collection([rule])
            for rejected in collection.rejected { Terminal.complain("\(rejected.path): \(rejected.problem)") }
            guard !collection.rules.isEmpty else { throw Problem("\(rule): no rule could be loaded") }
            // Those of the file come first; the others may bring filters for them.
            let all = ruleOptions.rules.isEmpty ? collection : try ruleOptions.collection([rule] + ruleOptions.rules)
            var shown = 0
            for rule in all.filtered().rules.prefix(collection.rules.count) {
                do throws(RuleProblem) {
                    let explanation = try RuleExplanation(rule, mapping: mapping)
                    shown += RuleExplainer.explain(rule, explanation, event: event, limit: limit) {
                        _ = Terminal.write($0)
                    }
                } catch {
                    throw Problem("\(rule.header.path): \(error)")
                }
            }
            if shown == 0 { throw Problem("\(event.prefix(200)): no record could be read") }
        }
    }

    /// `outflow rules mappings`.
    struct Mappings: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print which records are of which log source, and their field names.",
            discussion: "The text is what --mappings takes: write your own from it.")

        func run() throws { Terminal.write(LogSourceMapping.standardText) }
    }
}
