// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowLedger
import OutflowReaders
import OutflowRecords

extension FuzzTarget {
    /// A log source: recognises the input, reads it whole and in small blocks, which must come to the same, and hands
    /// what it means to a ledger.
    static func source(_ type: any LogSource.Type) -> FuzzTarget {
        FuzzTarget(name: type.card.format) { input in
            var choices = Choices(input)
            let recogniser: Recogniser = { head in
                let score = type.recognise(head)
                check((0...100).contains(score), "a score of \(score)")
                return type.init(head).map { ($0, type.card) }
            }
            let options = SourceOptions(zoneOffsetMinutes: Int.random(in: -720...840, using: &choices))
            let ledger = Ledger()
            let (whole, inputs) = Reading().tally(of: input, recogniser: recogniser, options: options) {
                _ = ledger.observe($0, input: 0)
            }
            let parts = Reading.chosen(by: &choices)
            let (split, splitInputs) = parts.tally(of: input, recogniser: recogniser, options: options)
            check(whole == split, "whole: \(whole)\nin blocks of \(parts.blockBytes): \(split)")
            check(
                inputs.map(\.rejected.count) == splitInputs.map(\.rejected.count),
                "in blocks of \(parts.blockBytes), other things are rejected")
            readAsOneRecord(input, type, &choices)
            let report = ledger.conclude(inputs: [], estate: Estate())
            for transfer in report.ledger {
                check(transfer.bytes.atLeast <= transfer.bytes.atMost ?? .max, "\(transfer.id): \(transfer.bytes)")
                check(transfer.first <= transfer.last, "\(transfer.id) ends before it begins")
            }
        }
    }
    /// Hands all of the input to the source as one JSON value, which no reader would do.
    private static func readAsOneRecord(_ input: [UInt8], _ type: any LogSource.Type, _ choices: inout Choices) {
        let padding = Reading.chosen(by: &choices)
        input.withUnsafeBytes { input in
            padding.withCopy(of: Bytes(input)) { bytes in
                let head = StreamHead(
                    bytes: bytes, isWhole: true, framing: .jsonElements, records: [bytes], options: SourceOptions())
                let block = RecordBlock(bytes: bytes, offset: 0, framing: .jsonElements, elements: [0..<bytes.count])
                _ = type.recognise(head)
                let batch = ActivityBatch()
                batch.wantsObservables = true
                var tally = Tally()
                type.init(head)?.read(block, into: batch)
                tally.add(batch, of: block)
            }
        }
    }
}
