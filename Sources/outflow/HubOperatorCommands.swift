// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OutflowHub

/// `outflow hub token`.
struct HubTokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a token for a program, or take tokens back.",
        discussion: """
            A token signs an account in (Authorization: Bearer), with no more rights than it names. It is printed once; the \
            hub keeps a hash of it.
            """)

    @Argument(help: "Name of the account.")
    var account: String

    @Option(help: ArgumentHelp("Id of a collection that it may read, or *; repeatable.", valueName: "id"))
    var read: [String] = []

    @Option(help: ArgumentHelp("Id of a collection that it may write to, or *; repeatable.", valueName: "id"))
    var write: [String] = []

    @Option(help: ArgumentHelp("Days until it expires.", valueName: "n"))
    var days = 90

    @Option(help: ArgumentHelp("What it is for; names it when it is taken back.", valueName: "text"))
    var label = ""

    @Flag(help: "Take back all tokens of the account with this label.")
    var revoke = false

    @OptionGroup var options: HubOptions

    func validate() throws {
        guard (1...3_650).contains(days) else { throw ValidationError("--days takes a number from 1 to 3650") }
        guard revoke || !read.isEmpty || !write.isEmpty else {
            throw ValidationError("name what it may do with --read ID and --write ID")
        }
    }

    func run() throws {
        let path = try options.database(creates: false)
        do {
            let administration = try HubAdministration(path: path, creates: false)
            if revoke {
                Terminal.write("took back \(try administration.revokeTokens(account: account, label: label)) tokens\n")
            } else {
                let token = try administration.makeToken(
                    account: account, label: label, read: read, write: write, days: days)
                Terminal.write(token + "\n")
            }
        } catch { throw Problem("\(error)") }
    }
}

/// `outflow hub audit`.
struct HubAuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Print the audit log as JSON lines, and check that nothing in it was changed.",
        discussion: """
            Each row carries a hash of all before it. Keep the last hash elsewhere: printed again later, a row with that \
            hash proves that nothing up to it was changed. Exit status 1 when a row does not follow from the one before.
            """)

    @Flag(help: "Only check; print no rows.")
    var quiet = false

    @OptionGroup var options: HubOptions

    func run() throws {
        let path = try options.database(creates: false)
        do {
            let (count, last) = try HubAdministration(path: path, creates: false).audit { number, entry in
                if quiet { return }
                Terminal.write(entry.line(number) + "\n")
            }
            Terminal.complain("\(count) rows, unchanged; the last hash is \(last)")
        } catch { throw Problem("\(error)") }
    }
}
