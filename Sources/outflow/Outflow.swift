// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct Outflow: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "outflow", abstract: "What left, how much, over which route, to whom.")
}
