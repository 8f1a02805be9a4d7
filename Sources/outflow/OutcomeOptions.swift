// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowLedger

/// What a report means for the exit status: for scripts that act on it.
struct OutcomeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Exit with this status, 3 to 125, when a case was found; without it a case is no failure.",
            valueName: "n"))
    var exitCode: Int32?

    func validate() throws {
        // 0, 1 and 2 have their meanings; shells use 126 and up.
        if let exitCode, !(3...125).contains(exitCode) {
            throw ValidationError("--exit-code takes a number from 3 to 125, not \(exitCode)")
        }
    }

    /// Throws the status that was asked for if there is a case.
    func exit(_ report: Report) throws {
        if let exitCode, !report.cases.isEmpty { throw ExitCode(exitCode) }
    }
}
