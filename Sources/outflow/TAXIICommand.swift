// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowReports
import OutflowTAXII

/// `outflow taxii`: the client.
struct TAXIICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "taxii", abstract: "Read and write collections of TAXII 2.1 servers.",
        subcommands: [
            TAXIIDiscoverCommand.self, TAXIICollectionsCommand.self, TAXIIPollCommand.self, TAXIIPushCommand.self,
            TAXIIVersionsCommand.self, TAXIIDeleteCommand.self,
        ])
}

/// `outflow taxii discover`.
struct TAXIIDiscoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover", abstract: "Show what a server says of itself, and its API roots.")

    @Argument(help: ArgumentHelp("Address of the server: https://host/taxii2/", valueName: "url"))
    var server: String

    @OptionGroup var options: TAXIIOptions

    func run() throws {
        let address = try options.address(server)
        let found = try options.withClient(of: address) { try await $0.discovery(address) }
        Terminal.write("\(VisibleText.escape(found.title))\n")
        if let text = found.description { Terminal.write("  \(VisibleText.escape(text))\n") }
        if let contact = found.contact { Terminal.write("  contact: \(VisibleText.escape(contact))\n") }
        for root in found.roots { Terminal.write("\(VisibleText.escape(root))\n") }
    }
}

/// `outflow taxii collections`.
struct TAXIICollectionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collections", abstract: "List the collections of an API root, with their addresses.")

    @Argument(help: ArgumentHelp("Address of the API root.", valueName: "url"))
    var root: String

    @OptionGroup var options: TAXIIOptions

    func run() throws {
        let address = try options.address(root)
        let found = try options.withClient(of: address) { try await $0.collections(address) }
        for one in found {
            let rights =
                (one.canRead ? "read" : "") + (one.canRead && one.canWrite ? "+" : "")
                + (one.canWrite ? "write" : "")
            Terminal.write(
                "\(one.address)  \(rights.isEmpty ? "-" : rights)  \(VisibleText.escape(one.title))\n")
        }
    }
}
