// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OutflowSigma

/// Options that tell which Sigma rules to use, and how: shared by the commands that match.
struct RuleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Rule file, or folder of .yml files; may be given several times.", valueName: "dir"))
    var rules: [String] = []

    @Option(
        help: ArgumentHelp(
            "Which records are of which log source, and their field names (see outflow rules mappings); read after "
                + "the standard ones.", valueName: "file"))
    var mappings: [String] = []

    @Option(help: ArgumentHelp("Values of placeholders: a YAML map of lists.", valueName: "file"))
    var placeholders: [String] = []

    @Option(
        name: .customLong("pipeline"),
        help: ArgumentHelp("Processing pipeline in pySigma's YAML; may be given several times.", valueName: "file"))
    var pipelines: [String] = []

    @Flag(help: "Parse rules anew, and keep nothing of them in $XDG_CACHE_HOME/outflow or ~/.cache/outflow.")
    var noCache = false

    /// The rules, compiled.
    func ruleSet() throws -> RuleSet { RuleSet(try collection(rules), mapping: try mapping()) }

    /// The rules, when there are any; complains of those that were not loaded.
    ///
    /// - Parameter own: whether the program's own rules are among them.
    func ruleSetIfAny(quiet: Bool, own: Bool) throws -> RuleSet? {
        guard !rules.isEmpty || own else { return nil }
        var collection = try collection(rules)
        let given = collection.rules.count + collection.correlations.count
        if own { collection.addOwnRules() }
        let set = RuleSet(collection, mapping: try mapping())
        if !quiet {
            for rejected in set.rejected { Terminal.complain("rule not loaded: \(rejected.path): \(rejected.problem)") }
        }
        if !rules.isEmpty, given == 0 { throw Problem("no rule could be loaded from \(rules.joined(separator: ", "))") }
        return set
    }

    /// The rules as they are read.
    func collection(_ paths: [String]) throws -> RuleCollection {
        let collection = RuleCollection(
            paths: paths, placeholders: try values(),
            pipelines: try pipelines.map { path in
                do { return try ProcessingPipeline(try Self.text(path)) } catch let error as RuleProblem {
                    throw Problem("\(path): \(error)")
                }
            }, cache: noCache ? nil : .standard())
        for folder in collection.foldersWithoutRules {
            Terminal.complain("\(folder): no rules found: there is no .yml or .yaml file in it")
        }
        return collection
    }

    /// The standard mapping and the user's.
    func mapping() throws -> LogSourceMapping {
        var mapping = LogSourceMapping.standard
        for path in mappings {
            do { mapping = mapping.merged(with: try LogSourceMapping(try Self.text(path))) } catch let error
                as RuleProblem
            {
                throw Problem("\(path): \(error)")
            }
        }
        return mapping
    }

    private func values() throws -> Placeholders {
        var all = Placeholders()
        for path in placeholders {
            do {
                for (name, values) in try Placeholders(yaml: try Self.text(path)).values {
                    all.values[name, default: []] += values
                }
            } catch let error as RuleProblem {
                throw Problem("\(path): \(error)")
            }
        }
        return all
    }

    static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 4 << 20,
            let text = String(validating: data, as: UTF8.self)
        else { throw Problem("\(path): cannot be read as UTF-8 text of 4 MiB at most") }
        return text
    }
}
