// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OutflowJSON
import OutflowRecords
import OutflowReports
import OutflowSharing
import OutflowTAXII

/// `outflow taxii push`.
struct TAXIIPushCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Add the objects of bundles to a collection.",
        discussion: """
            Sends them in pieces that the server takes, waits until it has processed them, and names each object that it did \
            not take (exit status 1). Sending again is harmless. With --key a signature goes along.
            """)

    @Argument(help: ArgumentHelp("Address of the collection.", valueName: "url"))
    var collection: String

    @Argument(help: "STIX bundles.")
    var files: [String]

    @Option(help: ArgumentHelp("Sign with this key, for the partner that --to names.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("The partner, or group, that it is signed for.", valueName: "name"))
    var to: String?

    @OptionGroup var options: TAXIIOptions

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("name a bundle to send") }
        guard (key == nil) == (to == nil) else { throw ValidationError("name --key and --to together") }
    }

    func run() throws {
        let address = try options.address(collection)
        var objects: [JSONTree] = []
        for file in files {
            let bundle = try SharingFiles.json(file)
            guard bundle["type"]?.string == "bundle" else { throw Problem("\(file): is no STIX bundle") }
            objects += bundle["objects"]?.list ?? []
        }
        if let key, let to {
            guard let signing = try SharingFiles.key(key, create: false) else {
                throw Problem("\(key): there is no key")
            }
            objects.insert(Self.signature(of: objects, signing, to), at: 0)
        }
        try Self.send(objects, to: address, options)
    }

    /// A signature that travels with the objects, before them.
    static func signature(of objects: [JSONTree], _ key: SigningKey, _ to: String) -> JSONTree {
        SignedManifest.note(
            for: objects.filter { $0["type"]?.string != "marking-definition" }, with: key, for: to,
            number: SystemRandom.uuid(), uuid: SystemRandom.uuid(),
            at: Timestamp(microseconds: Int64(Date().timeIntervalSince1970) * 1_000_000))
    }

    /// Sends objects and tells what became of them.
    static func send(_ objects: [JSONTree], to address: TAXIIAddress, _ options: TAXIIOptions) throws {
        let summary = try options.withClient(of: address) { client in
            try await TAXIIPush(client, collection: address).send(objects)
        }
        Terminal.write("\(address): \(summary.accepted) of \(objects.count) objects taken\n")
        for refusal in summary.refused {
            let name = refusal.id.isEmpty ? "an object" : refusal.id
            Terminal.complain(
                "\(VisibleText.escape(name)) \(VisibleText.escape(refusal.version)): \(VisibleText.escape(refusal.reason))"
            )
        }
        if summary.pending > 0 {
            Terminal.complain("\(summary.pending) objects were still pending; send again to learn what became of them")
        }
        guard summary.refused.isEmpty, summary.pending == 0 else {
            throw Problem("\(summary.refused.count + summary.pending) objects were not taken")
        }
    }
}
