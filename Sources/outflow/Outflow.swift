// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The program: one file a command; each turns arguments into a plan, and runs it.
@main
struct Outflow: ParsableCommand {
    /// Version of the program, as in reports.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "outflow",
        abstract: "Reads logs and says what data left, how much, over which route, to whom.",
        discussion: "Makes no network connection unless told to. Exit status: 0 done, 1 could not, 2 wrong usage.",
        version: version,
        subcommands: [
            ScanCommand.self, ExplainCommand.self, EvaluateCommand.self, PartialCommand.self, MergeCommand.self,
            MatchCommand.self, RulesCommand.self, IndicatorsCommand.self, PatternCommand.self, ShareCommand.self,
            ReceiveCommand.self, SimulateCommand.self, SourcesCommand.self, HubCommand.self, TAXIICommand.self,
        ])

    static func main() {
        openStandardDescriptors()
        // A reader of our output that has seen enough is no failure.
        ignoreClosedPipes()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as Problem {
            Terminal.complain("outflow: \(error)")
            exit(withError: ExitCode(1))
        } catch {
            // ArgumentParser's own code for wrong usage is 64 (sysexits); ours is 2.
            let code = exitCode(for: error)
            if code == .validationFailure {
                Terminal.complain(fullMessage(for: error))
                exit(withError: ExitCode(2))
            }
            exit(withError: error)
        }
    }
}
