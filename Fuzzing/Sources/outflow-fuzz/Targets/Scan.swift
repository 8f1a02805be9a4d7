// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowLedger
import OutflowReaders
import OutflowRecords
import OutflowReports

extension FuzzTarget {
    /// From bytes to report, as a scan does it: blocks and repetitions change nothing, and the report can be read back.
    static let scan = FuzzTarget(name: "scan") { input in
        var choices = Choices(input)
        let report = observe(input, Reading(), Ledger())
        let text = JSONReport.render(report, version: "fuzz")
        renderAll(report)
        readBack(text)

        let parts = Reading.chosen(by: &choices)
        let split = observe(input, parts, Ledger())
        let other = JSONReport.render(split, version: "fuzz")
        check(other == text, "in blocks of \(parts.blockBytes) another report: \(difference(text, other))")

        let twice = Ledger()
        let (_, inputs) = parts.tally(of: input, recogniser: LogSources.source(for:)) {
            _ = twice.observe($0, input: 0)
        }
        let again = observe(input, parts, twice)
        for (one, other) in zip(report.ledger, again.ledger) where inputs.count == 1 {
            check(Figures(one) == Figures(other), "once: \(Figures(one)), twice: \(Figures(other))")
        }
        check(again.ledger.count == report.ledger.count, "other transfers when read twice")
    }

    /// Where two texts part.
    private static func difference(_ one: [UInt8], _ other: [UInt8]) -> String {
        let at =
            zip(one, other).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(one.count, other.count)
        func around(_ text: [UInt8]) -> String {
            String(decoding: text[max(0, at - 200)..<min(text.count, at + 200)], as: UTF8.self)
        }
        return "\(around(one))\n-- or --\n\(around(other))"
    }

    private struct Figures: Equatable {
        var id: String
        var bytes: ByteBounds
        var reads: UInt64
        var records: UInt64

        init(_ transfer: Report.Transfer) {
            (id, bytes, reads, records) = (transfer.id, transfer.bytes, transfer.reads, transfer.records)
        }
    }

    private static func observe(_ bytes: [UInt8], _ reading: Reading, _ ledger: Ledger) -> Report {
        let batch = ActivityBatch()
        let inputs = reading.forEachBlock(of: bytes) { next in
            next.source.read(next.block, into: batch)
            _ = ledger.observe(batch, input: next.input)
            return batch
        }
        let summed = inputs.map {
            Report.Input(
                path: $0.path, format: $0.format, bytes: $0.bytes, sha256: $0.sha256, records: $0.records,
                duplicates: $0.duplicates, first: $0.first, last: $0.last, rejected: $0.rejected)
        }
        return ledger.conclude(inputs: summed, estate: Estate())
    }
}
