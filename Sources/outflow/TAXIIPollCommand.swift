// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OutflowRecords
import OutflowReports
import OutflowSharing
import OutflowTAXII

/// `outflow taxii poll`.
struct TAXIIPollCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poll", abstract: "Read what was added to a collection since the last time.",
        discussion: """
            Writes bundles into a folder, for `outflow scan --indicators FOLDER`. The state says how far the collection was \
            read: each object version arrives once, and a poll that was interrupted goes on. With --partners, what comes in \
            the name of a partner whose keys are pinned there is let in only with its signature.
            """)

    @Argument(help: ArgumentHelp("Address of the collection.", valueName: "url"))
    var collection: String

    @Option(help: ArgumentHelp("Folder for the bundles; made if missing.", valueName: "dir"))
    var out: String

    @Option(help: ArgumentHelp("File that says how far the collection was read; made if missing.", valueName: "file"))
    var state: String

    @Option(
        name: .customLong("added-after"),
        help: ArgumentHelp("The first time, only what was added after this moment.", valueName: "time"))
    var addedAfter: String?

    @Option(name: .customLong("type"), help: ArgumentHelp("Only objects of this type; repeatable.", valueName: "type"))
    var types: [String] = []

    @Option(name: .customLong("page-size"), help: ArgumentHelp("Objects to ask for at once.", valueName: "n"))
    var pageSize = TAXIIPoll.Options().pageSize

    @Option(help: ArgumentHelp("The most objects of one run; the next one goes on.", valueName: "n"))
    var limit = TAXIIPoll.Options().mostObjects

    @Option(help: ArgumentHelp("Who we are, and partners with their pinned keys.", valueName: "file"))
    var partners: String?

    @Option(
        name: .customLong("addressed-to"),
        help: ArgumentHelp("A group that we are in, to whose name partners sign; repeatable.", valueName: "name"))
    var groups: [String] = []

    @OptionGroup var options: TAXIIOptions

    func validate() throws {
        if let addedAfter, Array(addedAfter.utf8).withUnsafeBytes({ Timestamp(iso8601: Bytes($0)) }) == nil {
            throw ValidationError("--added-after takes a time such as 2026-01-31T00:00:00Z")
        }
        guard limit > 0, pageSize > 0 else {
            throw ValidationError("--limit and --page-size take numbers above 0")
        }
        guard groups.isEmpty || partners != nil else { throw ValidationError("--addressed-to needs --partners FILE") }
    }

    func run() throws {
        let address = try options.address(collection)
        var poll = TAXIIPoll.Options()
        poll.addedAfter = addedAfter
        poll.types = types
        poll.pageSize = pageSize
        poll.mostObjects = limit
        var trust: (partners: [Partner], names: [String])?
        if let partners {
            let known = try SharingFiles.partners(partners)
            guard let us = known.from else { throw Problem("\(partners): \"from\" must say who we are") }
            trust = (known.all, [us] + groups)
        }
        let (settings, believed, folder, file) = (poll, trust, out, state)
        let summary = try options.withClient(of: address) { client in
            try await TAXIIPoll(
                client, collection: address, folder: folder, state: file, options: settings, trust: believed,
                now: { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
            ).run()
        }
        tell(summary)
    }

    private func tell(_ summary: TAXIIPoll.Summary) {
        for path in summary.bundles { Terminal.write("\(path)\n") }
        Terminal.write("\(summary.objects) objects arrived")
        for (partner, count) in summary.signed.sorted(by: { $0.key < $1.key }) {
            Terminal.write(", \(count) signed by \(VisibleText.escape(partner))")
        }
        Terminal.write(summary.isComplete ? "\n" : "; there are more: poll again\n")
        for refusal in summary.refused {
            Terminal.complain("\(VisibleText.escape(refusal.id)): \(VisibleText.escape(refusal.reason))")
        }
        if summary.waiting > 0 {
            Terminal.complain("\(summary.waiting) objects in the name of a partner wait for its signature")
        }
        if summary.dropped > 0 {
            Terminal.complain("\(summary.dropped) objects in the name of a partner were given up: it never signed them")
        }
        if summary.repeated > 0 { Terminal.complain("\(summary.repeated) objects were sent twice, and left out once") }
    }
}
