// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowSimulator

/// `outflow simulate`: writes a world of logs with known thefts.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Write a demonstration estate: logs with known thefts, and the truth beside them.")

    @Option(help: ArgumentHelp("Seed: the same seed writes the same bytes.", valueName: "n"))
    var seed: UInt64

    @Option(help: ArgumentHelp("Folder to write into; made if missing.", valueName: "dir"))
    var out: String

    func run() throws {
        let paths: [String]
        do { paths = try Demonstration(seed: seed).write(to: out) } catch { throw Problem("\(error)") }
        Terminal.write("wrote \(paths.count) files into \(out)\n")
    }
}
