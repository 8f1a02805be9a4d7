// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OutflowJSON
import OutflowRecords
import OutflowSharing

/// `outflow receive`: checks what a partner sent: signature, pinned key, recipient, age, replay.
struct ReceiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receive", abstract: "Check a signed alert of a partner's.",
        discussion: """
            Exit status 0 when a pinned key of the partner's signed it for us, lately, and it was not received before. It can \
            then be given to `outflow scan --indicators`.
            """)

    @Argument(help: "The alert; its signature lies beside it as FILE.jws.")
    var file: String

    @Option(help: ArgumentHelp("The partner who sent it.", valueName: "name"))
    var from: String

    @Option(help: ArgumentHelp("Who we are, and partners with their pinned keys.", valueName: "file"))
    var partners: String

    @Option(
        help: ArgumentHelp(
            "File that keeps what was received: numbers, and who signed which identity.", valueName: "file"))
    var seen: String

    func run() throws {
        let known = try SharingFiles.partners(partners)
        guard let sender = known.named(from), !sender.keys.isEmpty else {
            throw Problem("\(partners): no keys are pinned for '\(from)'")
        }
        guard let us = known.from else { throw Problem("\(partners): \"from\" must say who we are") }
        let document = try SharingFiles.json(file)
        let signature = try SharingFiles.signature(of: file)
        let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970) * 1_000_000)
        var replays = ReplayGuard()
        var makers = ObjectMakers()
        if let old = FileManager.default.contents(atPath: seen) {
            replays = ReplayGuard(String(decoding: old, as: UTF8.self))
            makers = ObjectMakers(String(decoding: old, as: UTF8.self))
        } else if FileManager.default.fileExists(atPath: seen) {
            throw Problem("\(seen): cannot be read; without it replays cannot be told")
        }
        do {
            let statement = try DetachedSignature.verify(
                signature, of: document, keys: sender.keys, for: us, now: now)
            // A key speaks for its partner only.
            if let other = PartnerName.impersonated(in: document, by: sender, known) {
                throw Problem("\(file): signed by \(from), but says that it is \(other)'s; only \(other) may sign that")
            }
            if let reason = makers.take(document, from: sender.name) { throw Problem("\(file): \(reason)") }
            try replays.accept(statement, from: sender.name)
            // Twice the age at which signatures are refused anyhow.
            replays.forget(before: Timestamp(microseconds: now.microseconds - 60 * 86_400_000_000))
            try SharingFiles.write(replays.text + makers.text, seen)
            let count = document["objects"]?.list.count ?? 1
            Terminal.write("\(file): from \(sender.name), signed at \(statement.time), \(count) objects\n")
        } catch let refusal as DetachedSignature.Refusal { throw Problem("\(file): \(refusal)") }
    }
}
