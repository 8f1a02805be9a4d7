// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowEngine
import OutflowLedger
import OutflowReaders
import OutflowRecords
import Testing

/// Law 6: what a transfer cites can be read again, and is a record of it.
@Suite("Law 6: evidence")
struct EvidenceTests {
    @Test("each range is exactly one record, of this transfer", arguments: seeds(8))
    func ranges(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let (report, files, folder) = try scanned(
            SmallWorld(seed: seed), .random, dice: &dice, threads: 2, blockBytes: 700)
        var checked = 0
        for transfer in report.ledger {
            #expect(!transfer.evidence.isEmpty && transfer.evidence.count <= 16)
            #expect(Set(transfer.evidence).count == transfer.evidence.count)
            for origin in transfer.evidence {
                let input = report.inputs[Int(origin.input)]
                let file = try #require(files.first { folder.path + "/" + $0.name == input.path })
                var texts: [String] = []
                try RecordFetcher.fetch(path: input.path, ranges: [(origin.offset, origin.length)]) {
                    texts.append($1.string)
                }
                #expect(texts.count == 1 && file.records.contains(texts[0]), "seed \(seed) \(input.path) \(texts)")
                #expect(
                    Self.isOf(transfer, texts[0]), "seed \(seed) \(transfer.route) \(transfer.source.id): \(texts[0])")
                checked += 1
            }
        }
        #expect(checked > 50)
    }

    /// Whether the record names source and destination of the transfer.
    private static func isOf(_ transfer: Report.Transfer, _ record: String) -> Bool {
        guard record.contains(transfer.source.id) else { return false }
        switch transfer.route {
        case .network, .web, .dns:
            return transfer.destination.addresses.contains { record.contains($0) }
                || record.contains(transfer.destination.id)
        case .cloudObject:
            return record.contains(transfer.destination.id)
                && record.contains(transfer.store?.split(separator: ":").last ?? "?")
        default: return record.contains(transfer.destination.id)
        }
    }

    /// Law 1, as far as a test can see it: every byte on disk is read once.
    @Test("no byte is read twice", arguments: seeds(4))
    func onePass(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let folder = try Folder()
        let files = Layout.random.files(SmallWorld(seed: seed), &dice)
        for file in files { try folder.write(file.name, file.bytes) }
        let scan = Scan(ScanPlan(paths: [folder.path], estate: SmallWorld.estate, threads: 2))
        try scan.observe()
        _ = scan.conclude()
        let size = files.reduce(0) { $0 + $1.bytes.count }
        #expect(scan.progress.read == UInt64(size) && scan.progress.total == UInt64(size))
        #expect(scan.inputs.reduce(0) { $0 + $1.bytes } == UInt64(size))
        #expect(scan.inputs.map(\.records).reduce(0, +) == UInt64(files.reduce(0) { $0 + $1.records.count }))
    }
}
