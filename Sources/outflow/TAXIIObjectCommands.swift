// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowRecords
import OutflowReports
import OutflowTAXII

/// `outflow taxii versions`.
struct TAXIIVersionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions", abstract: "List the versions of an object in a collection.")

    @Argument(help: ArgumentHelp("Address of the collection.", valueName: "url"))
    var collection: String

    @Argument(help: "Id of the object.")
    var id: String

    @OptionGroup var options: TAXIIOptions

    func run() throws {
        let address = try options.address(collection)
        let name = id
        let found = try options.withClient(of: address) { client in
            try await TAXIIObject(client, collection: address, id: name).versions()
        }
        for version in found { Terminal.write("\(VisibleText.escape(version))\n") }
    }
}

/// `outflow taxii delete`.
struct TAXIIDeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete an object of a collection, or one version of it.",
        discussion: """
            The account must be allowed to read and to write there. An object that others may have read is better revoked: \
            send a version that says so.
            """)

    @Argument(help: ArgumentHelp("Address of the collection.", valueName: "url"))
    var collection: String

    @Argument(help: "Id of the object.")
    var id: String

    @Option(
        help: ArgumentHelp(
            "Which version: all, first, last, or the time of one as `versions` lists it.", valueName: "version"))
    var version: String

    @OptionGroup var options: TAXIIOptions

    func validate() throws { _ = try choice() }

    private func choice() throws -> TAXIIObject.Choice {
        switch version {
        case "all": return .all
        case "first": return .first
        case "last": return .last
        default:
            guard Array(version.utf8).withUnsafeBytes({ Timestamp(iso8601: Bytes($0)) }) != nil else {
                throw ValidationError(
                    "--version takes all, first, last or a time such as 2026-01-31T00:00:00.000Z")
            }
            return .at(version)
        }
    }

    func run() throws {
        let address = try options.address(collection)
        let (name, choice) = (id, try choice())
        try options.withClient(of: address) { client in
            try await TAXIIObject(client, collection: address, id: name).delete(choice)
        }
        Terminal.write("\(VisibleText.escape(id)), version \(choice): deleted\n")
    }
}
