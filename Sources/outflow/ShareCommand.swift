// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OutflowIntelligence
import OutflowJSON
import OutflowLedger
import OutflowRecords
import OutflowReports
import OutflowSharing
import OutflowTAXII

/// `outflow share`: shows what a partner would get of a case and why; writes and signs it.
struct ShareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share", abstract: "Make an alert of a case: see what a partner would get, write and sign it.",
        discussion: """
            Without --out or --send this is a preview: it says of each object whether it is in or out, and why. With --out \
            FILE the bundle is written, and its signature to FILE.jws. With --send it is added to a collection, with a \
            signature that travels along. Never shared, unless named by --include: the \
            victim's addresses, users, hosts and file names. Records are never shared.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case stix, misp, mispFeed = "misp-feed" }

    @Argument(help: "Id of a case (C-…).")
    var id: String

    @Option(help: ArgumentHelp("Folder of the report.", valueName: "dir"))
    var report = "outflow-report"

    @Option(help: ArgumentHelp("The partner who is to get it.", valueName: "name"))
    var to: String

    @Option(
        help: ArgumentHelp("Marking of what is shared: clear, green, amber, amber+strict or red.", valueName: "tlp"))
    var tlp: String

    @Option(help: ArgumentHelp("Who we are and whom we share with, as docs/sharing.md says.", valueName: "file"))
    var partners: String?

    @Option(name: .customLong("include"), help: "A value of the victim's to be shared all the same; may be repeated.")
    var included: [String] = []

    @Option(help: "stix, misp or misp-feed (a folder).")
    var format = Format.stix

    @Option(help: ArgumentHelp("UUID of the MISP sharing group of the recipients.", valueName: "uuid"))
    var sharingGroup: String?

    @Option(help: ArgumentHelp("Bundle that this one replaces: its objects get new versions.", valueName: "file"))
    var replace: String?

    @Option(help: ArgumentHelp("File of our signing key; made when there is none.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("File to write; the signature goes to FILE.jws.", valueName: "file"))
    var out: String?

    @Flag(help: "Send it to the partner's collection: the one that --collection or the list of partners names.")
    var send = false

    @Option(help: ArgumentHelp("Address of the collection to send it to.", valueName: "url"))
    var collection: String?

    @OptionGroup(title: "Options for --send") var server: TAXIIOptions

    func validate() throws {
        guard TLP(tlp) != nil else { throw ValidationError("--tlp takes clear, green, amber, amber+strict or red") }
        guard out == nil && !send || key != nil else {
            throw ValidationError("--out and --send need --key FILE: alerts are signed")
        }
        guard !send || format == .stix else { throw ValidationError("--send sends STIX; leave out --format") }
        guard send || collection == nil else { throw ValidationError("--collection needs --send") }
    }

    func run() throws {
        let path = report.hasSuffix("/") ? "\(report)report.json" : "\(report)/report.json"
        guard let text = FileManager.default.contents(atPath: path) else {
            throw Problem("\(path): cannot be read; name the report's folder with --report, or run outflow scan first")
        }
        let contents: Report
        do { contents = try JSONReportReader(Array(text)).report } catch { throw Problem("\(path): \(error)") }
        guard let one = contents.cases.first(where: { $0.id == id }) else {
            throw Problem("\(path) has no case \(VisibleText.escape(id)); it has \(contents.cases.count) others")
        }
        let known = try SharingFiles.partners(partners)
        let recipient = known.named(to) ?? Partner(name: to)
        let target = send ? try destination(recipient) : nil
        let signing = try key.flatMap { try SharingFiles.key($0, create: out != nil || send) }
        let identifiers = signing?.identifiers ?? STIXIdentifier(namespace: SystemRandom.bytes(16))
        let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970) * 1_000_000)
        let alert = Alert(
            CaseFacts(one, of: contents), to: recipient, marking: TLP(tlp) ?? .red, sender: known.from,
            identifiers: identifiers, including: Set(included), bundleID: SystemRandom.uuid(), now: now,
            replacing: try replace.map { try previous($0, signing, now) })
        preview(alert, isKnown: known.named(to) != nil)
        guard out != nil || send, let signing else { return }
        guard !alert.isEmpty else {
            throw Problem("nothing may be shared with \(to) at \(tlp); nothing was written or sent")
        }
        if let out { try write(alert, to: out, signing, now) }
        if let target {
            let objects = alert.bundle["objects"]?.list ?? []
            let signature = TAXIIPushCommand.signature(of: objects, signing, to)
            try TAXIIPushCommand.send([signature] + objects, to: target, server)
            if out == nil { Terminal.write("signed; partners pin \(Base64URL.encode(signing.publicKey))\n") }
        }
    }

    /// Where it is to be sent, known before anything is.
    private func destination(_ recipient: Partner) throws -> TAXIIAddress {
        guard let text = collection ?? recipient.collection, text.contains("://") else {
            throw Problem(
                "no collection is known for \(to): name its address with --collection, or in the list of partners")
        }
        return try server.address(text)
    }

    /// The bundle that is replaced: what one partner got must not get to another, so our signature must say that it was for
    /// this one.
    private func previous(_ path: String, _ key: SigningKey?, _ now: Timestamp) throws -> JSONTree {
        guard let key else { throw Problem("--replace needs --key: the key that signed \(path)") }
        let document = try SharingFiles.json(path)
        let signature = try SharingFiles.signature(of: path)
        do {
            _ = try DetachedSignature.verify(
                signature, of: document, keys: [key.publicKey], for: to, now: now, days: 36_500)
        } catch { throw Problem("\(path): \(error)") }
        return document
    }

    private func preview(_ alert: Alert, isKnown: Bool) {
        var lines = ["\(id) for \(VisibleText.escape(to)), \(alert.marking.label)"]
        if !isKnown {
            lines.append(
                "\(VisibleText.escape(to)) is in no list of partners: what others marked goes there only as TLP:CLEAR")
        }
        for decision in alert.decisions {
            let what = "\(decision.type): \(VisibleText.escape(decision.title))"
            switch decision.verdict {
            case .shared(let tlp, _): lines.append("  in   \(what) (\(tlp.label))")
            case .withheld(let reason): lines.append("  out  \(what): \(VisibleText.escape(reason))")
            }
        }
        Terminal.write(lines.joined(separator: "\n") + "\n")
    }

    private func write(_ alert: Alert, to out: String, _ key: SigningKey, _ now: Timestamp) throws {
        func put(_ document: JSONTree, _ path: String) throws {
            try SharingFiles.write(document.text + "\n", path)
            let signature = DetachedSignature.sign(document, with: key, for: to, number: SystemRandom.uuid(), at: now)
            try SharingFiles.write(signature + "\n", path + ".jws")
        }
        switch format {
        case .stix: try put(alert.bundle, out)
        case .misp: try put(MISPEvent.event(alert, sharingGroup: sharingGroup), out)
        case .mispFeed:
            do { try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true) } catch {
                throw Problem("\(out): cannot be made: \(error.localizedDescription)")
            }
            for file in MISPEvent.feed([MISPEvent.event(alert, sharingGroup: sharingGroup)]) {
                try put(file.content, "\(out)/\(file.name)")
            }
        }
        Terminal.write("\(out): written and signed; partners pin \(Base64URL.encode(key.publicKey))\n")
    }
}
