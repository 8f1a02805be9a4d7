// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowEstate
import OutflowLedger
import OutflowReaders
import OutflowRecords
import Testing

/// Real logs from path to report, against what is known to be true of them.
@Suite(.enabled(if: Corpora.path != nil, "OUTFLOW_CORPORA is not set"))
struct CorporaTests {
    static let configured = Estate(localNetworks: ["10.0.0.0/16"].compactMap { Network($0) })

    private func fetched(_ transfer: Report.Transfer, _ report: Report) throws -> [String] {
        var texts: [String] = []
        for origin in transfer.evidence {
            try RecordFetcher.fetch(
                path: report.inputs[Int(origin.input)].path, ranges: [(origin.offset, origin.length)]
            ) { texts.append($1.string) }
        }
        return texts
    }

    /// An emulated intrusion seen by two sensors, with local networks given and found out.
    @Test(arguments: [true, false])
    func apt29(isConfigured: Bool) throws {
        let report = try scanned(
            [Corpora.file("apt29-day1")], estate: isConfigured ? Self.configured : Estate(), threads: 2)
        let truth = try Corpora.truth("apt29-day1/truth.json")
        #expect(report.localNetworks.map(\.cidr) == truth["local_networks"].list.compactMap(\.text))
        #expect(report.localNetworks.allSatisfy { !$0.why.isEmpty })

        #expect(truth["thefts"].list.count == 4)
        for theft in truth["thefts"].list {
            let source = try #require(theft["src"].text)
            let service = "\(try #require(theft["dst_port"].number))/tcp"
            let target = try #require(theft["dst"].text)
            let all = report.ledger.filter {
                $0.source.id == source && $0.destination.id == target && $0.service.hasPrefix(service)
            }
            if let wire = theft["wire_body_bytes"].number {
                // An upload that was sent twice: content once, wire twice, and the flow around it apart.
                let upload = try #require(all.first { $0.route == .web })
                let stolen = try #require(theft["stolen_bytes"]["low"].number)
                #expect(upload.bytes == .exactly(UInt64(stolen)) && upload.onWire == UInt64(wire))
                #expect(upload.distinctObjects == theft["unique_files"].number.map { UInt64($0) } && upload.reads == 2)
                let digest = try #require(theft["sha1"].text)
                #expect(try fetched(upload, report).contains { $0.contains(digest) })
                let around = all.filter { $0.route == .network }
                let flow = try #require(theft["orig_bytes"].number)
                #expect(around.count == 1 && (around[0].bytes.atMost ?? 0) >= UInt64(flow - wire))
                continue
            }
            // Bounds are the payload of exactly the flows that the truth names.
            let channel = theft["channel_total"]
            let payload = try #require(channel["orig_bytes"].number ?? theft["orig_bytes"].number)
            let flows = channel["connections"].number ?? theft["uids"].members.values.flatMap(\.list).count
            let transfer = try #require(all.first)
            #expect(all.count == 1 && transfer.route == .network && transfer.state == .taken)
            #expect(transfer.bytes == .exactly(UInt64(payload)) && transfer.onWire == UInt64(payload), "\(service)")
            #expect(transfer.records == UInt64(flows), "\(service)")
            let texts = try fetched(transfer, report)
            for uid in theft["uids"].members.values.flatMap(\.list).compactMap(\.text) {
                #expect(texts.contains { $0.contains(uid) }, "\(uid)")
            }
            let high = try #require(theft["stolen_bytes"]["high"].number)
            #expect(transfer.bytes.atMost ?? .max >= UInt64(high))
        }
        // Nothing but the thefts and what surrounds the upload.
        #expect(report.ledger.count == truth["thefts"].list.count + 1)

        // The internal copy is staging, once although two sensors saw it, and in no sum.
        let copy = try #require(truth["decoys_not_theft"].list.first)
        let staged = report.staging.filter {
            $0.source == copy["src"].text && $0.destination == copy["dst"].text
        }
        #expect(staged.count == 1)
        let size = try #require(copy["orig_bytes"].number)
        #expect(
            staged.first?.bytes.atMost ?? 0 >= UInt64(size) && staged.first?.bytes.atMost ?? .max < UInt64(2 * size))
        #expect(!report.ledger.contains { $0.destination.id == copy["dst"].text })
    }

    @Test func s3Theft() throws {
        let report = try scanned([Corpora.file("aws/otrf-s3-exfiltration.zip")], estate: Estate())
        let truth = try #require(
            try Corpora.truth("cloud-truth.json")["datasets"].list.first { $0["id"].text == "otrf-ec2-proxy-s3" })
        let theft = try #require(truth["thefts"].list.first)
        let transfer = try #require(report.ledger.first)
        #expect(report.ledger.count == 1 && transfer.route == .cloudObject && transfer.state == .taken)
        #expect(transfer.source.id == theft["actor_identity"].text && transfer.session == theft["access_key"].text)
        #expect(transfer.bytes == .exactly(UInt64(try #require(theft["bytes_unique_objects"].number))))
        #expect(transfer.onWire == theft["bytes_sent_total"].number.map { UInt64($0) })
        #expect(transfer.reads == UInt64(theft["read_events"].list.count) && transfer.records == transfer.reads)
        #expect(transfer.distinctObjects == UInt64(theft["objects"].list.count))
        #expect(report.inputs.map(\.records) == [UInt64(try #require(truth["records"].number))])
        let texts = try fetched(transfer, report)
        for event in theft["read_events"].list.compactMap({ $0["eventID"].text }) {
            #expect(texts.contains { $0.contains(event) })
        }
    }

    @Test func mailTheft() throws {
        let report = try scanned([Corpora.file("m365")], estate: Estate(), threads: 2)
        let dataset = try #require(
            try Corpora.truth("cloud-truth.json")["datasets"].list.first { $0["id"].text == "otrf-goldensaml" })
        let theft = try #require(dataset["thefts"].list.first { $0["route"].text == "saas-mail" })
        let transfer = try #require(report.ledger.first)
        #expect(report.ledger.count == 1 && transfer.route == .mail && transfer.state == .accessed)
        let messages = try #require(theft["messages"].number)
        #expect(transfer.reads == UInt64(messages) && transfer.records == 1)
        #expect(!theft["bytes"].isThere && transfer.bytes == .unknown && transfer.onWire == nil)
        // Two exports hold the record: one of them is a repetition.
        #expect(report.inputs.reduce(0) { $0 + $1.duplicates } == 1)
        #expect(try fetched(transfer, report).allSatisfy { $0.contains(theft["record_id"].text ?? "?") })
    }

    @Test func sharedSnapshotsAndImages() throws {
        let report = try scanned([Corpora.file("aws/stratus-detonation-logs.tar.gz")], estate: Estate(), threads: 2)
        let files = try #require(
            try Corpora.truth("cloud-truth.json")["datasets"].list.first { $0["id"].text == "stratus-detonation-logs" }
        )["files"].list
        let sharing: Set = ["ModifySnapshotAttribute", "ModifyImageAttribute", "ModifyDBSnapshotAttribute"]
        let expected = files.filter { !sharing.isDisjoint(with: $0["names"].members.keys) }
        let exposed = report.ledger.filter { $0.state == .exposed }
        #expect(expected.count == 3 && exposed.count == expected.count)
        #expect(exposed.allSatisfy { $0.route == .snapshot && $0.bytes.atLeast == 0 && $0.onWire == nil })
        // Each of them rests on the file that the truth names, and all records of the truth were read.
        let paths = exposed.flatMap(\.evidence).map { report.inputs[Int($0.input)].path }
        for file in expected { #expect(paths.contains { $0.hasSuffix("!" + (file["file"].text ?? "?")) }) }
        for file in files {
            let input = report.inputs.first { $0.path.hasSuffix("!" + (file["file"].text ?? "?")) }
            #expect(input?.records == file["events"].number.map { UInt64($0) }, "\(file["file"].text ?? "")")
        }
        // Emulated attacks on secrets are reads of unknown size, refused ones are attempts; none has bytes.
        #expect(!report.ledger.contains { $0.state == .taken })
    }

    /// All layouts in one archive: documents, as the expected results say.
    @Test func libraryLayouts() throws {
        let report = try scanned([Corpora.file("library/multiformat.tar.gz")], estate: Estate(), threads: 2)
        let folder = try Folder()
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-xzf", Corpora.file("library/multiformat.tar.gz"), "-C", folder.path]
        try tar.run()
        tar.waitUntilExit()
        let logs = report.inputs.filter { $0.path.hasSuffix(".log") }
        #expect(logs.count >= 8)
        var seen = 0
        for input in logs {
            #expect(input.format != "unrecognised" && input.rejected.count == 0, "\(input.path)")
            // Some of the logs hold the same lines: what is in each is asked of it alone.
            guard let member = input.path.split(separator: "!").last else { continue }
            let result = folder.path + "/" + member.dropLast(4) + ".result.json"
            guard FileManager.default.fileExists(atPath: result) else { continue }
            let articles = try Truth(path: result).list.filter { $0["rtype"].text == "ARTICLE" }
            let transfers = try scanned([folder.path + "/" + member], estate: Estate()).ledger.filter {
                $0.route == .library && $0.state != .attempted
            }
            #expect(transfers.reduce(0) { $0 + $1.reads } == UInt64(articles.count), "\(input.path)")
            let sizes = articles.compactMap { $0["size"].text.flatMap { UInt64($0) } }
            if sizes.count == articles.count {
                #expect(transfers.reduce(0) { $0 + ($1.onWire ?? 0) } == sizes.reduce(0, +), "\(input.path)")
            }
            seen += 1
        }
        #expect(seen >= 8)
    }

    /// A real day: documents, not requests, whoever fetched them and in however many pieces.
    @Test(arguments: ["library/edp.2013-01-23.log", "library/npg.2012-11-30.log.gz"])
    func libraryDays(name: String) throws {
        let report = try scanned([Corpora.file(name)], estate: Estate(), threads: 2)
        let input = try #require(report.inputs.first)
        let taken = report.ledger.filter { $0.route == .library && $0.state == .taken }
        let reads = taken.reduce(0) { $0 + $1.reads }
        #expect(input.rejected.count == 0 && !taken.isEmpty)
        #expect(reads > 0 && reads < input.records / 5)
        for transfer in taken {
            #expect(transfer.distinctObjects ?? 0 <= transfer.reads && transfer.records == transfer.reads)
            if let wire = transfer.onWire, let most = transfer.bytes.atMost {
                #expect(transfer.bytes.atLeast <= most && most <= wire)
            }
        }
    }

    /// The same questions as TSV and as JSON: each counts once.
    @Test func zeekInTwoForms() throws {
        let one = try scanned([Corpora.file("zeek/dns.log.gz")], estate: Estate())
        let both = try scanned(
            [Corpora.file("zeek/dns.json.gz"), Corpora.file("zeek/dns.log.gz")], estate: Estate(), threads: 2)
        let isSame = one.comparable == both.comparable
        #expect(isSame, "\(difference(one.comparable, both.comparable).prefix(2_000))")
        #expect(both.inputs.map(\.records).min() == both.inputs.map(\.records).max())
        #expect(both.inputs.reduce(0) { $0 + $1.duplicates } > 0)
    }

    /// Every log of the exercise network is read or named; nothing of it is rejected.
    @Test func zeekLogs() throws {
        let report = try scanned([Corpora.file("zeek")], estate: Estate(), threads: 2)
        for input in report.inputs where !input.path.hasSuffix("LICENSE") {
            #expect(input.format.hasPrefix("zeek") && input.records > 0, "\(input.path) \(input.format)")
            #expect(input.rejected.count == 0, "\(input.path) \(input.rejected.examples)")
        }
    }
}
