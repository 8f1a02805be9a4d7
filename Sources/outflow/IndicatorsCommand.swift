// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowIntelligence

/// `outflow indicators`: checks files of indicators, and compiles them into one set that is opened at once.
struct IndicatorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "indicators", abstract: "Check indicators, and compile them for quick use.")

    @Argument(help: "STIX bundles, MISP events and warninglists, CSV, plain lists, folders of them.")
    var files: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("Compiled set to write.", valueName: "file"))
    var output: String?

    func run() throws {
        do {
            let indicators = try Indicators(paths: files, compiles: output != nil)
            for file in indicators.summaries {
                Terminal.write("\(file.path): \(file.format), \(file.indicators) indicators\n")
            }
            IndicatorOptions.complain(indicators)
            if let output {
                guard indicators.sets.count == 1, let set = indicators.sets.first,
                    !indicators.summaries.contains(where: { $0.format == "compiled" })
                else {
                    throw Problem("what is compiled already cannot be compiled again; give the files it was made of")
                }
                try set.write(to: output)
                Terminal.write(
                    "\(output): \(set.count) indicators; looking them up takes \(set.residentBytes) bytes of memory\n")
            }
        } catch let failure as IndicatorSet.Failure { throw Problem(failure.description) }
    }
}
