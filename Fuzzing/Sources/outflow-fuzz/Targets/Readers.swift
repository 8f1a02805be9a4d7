// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowReaders
import OutflowRecords

extension FuzzTarget {
    /// Decompression, archives, text and framing: whatever the blocks, the same records come out, and those of a file
    /// can be read again by their offsets.
    static let readers = FuzzTarget(name: "readers") { input in
        var choices = Choices(input)
        let recogniser: Recogniser = { head in
            if head.bytes.hasPrefix("#"), let source = ZeekTSV(head) { return (source, ZeekTSV.card) }
            return AnyLines(head).map { ($0, AnyLines.card) }
        }
        func records(_ reading: Reading) -> (Set<Record>, [InputSummary]) {
            var found: Set<Record> = []
            let inputs = reading.forEachBlock(of: input, recogniser: recogniser) { next in
                next.block.forEachRecord { record, offset in
                    check(record.count > 0, "an empty record")
                    found.insert(
                        Record(
                            input: next.input, offset: offset, length: UInt32(record.count),
                            content: ContentHash.of(record)))
                }
                return nil
            }
            return (found, inputs)
        }
        let (whole, inputs) = records(Reading())
        let parts = Reading.chosen(by: &choices)
        let (split, splitInputs) = records(parts)
        check(whole == split, "\(whole.count) records, but \(split.count) in blocks of \(parts.blockBytes)")
        check(
            inputs.map(\.path) == splitInputs.map(\.path) && inputs.map(\.format) == splitInputs.map(\.format)
                && inputs.map(\.rejected.count) == splitInputs.map(\.rejected.count),
            "other inputs in blocks of \(parts.blockBytes)")
        // A file is slow to write: now and then will do.
        if !whole.isEmpty, choices.next() % 16 == 0 { fetch(whole, of: inputs, in: input) }
    }

    private struct Record: Hashable {
        var input: UInt32
        var offset: UInt64
        var length: UInt32
        var content: UInt64
    }

    private static func fetch(_ records: Set<Record>, of inputs: [InputSummary], in file: [UInt8]) {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-fuzz-\(getpid())").path
        defer { try? FileManager.default.removeItem(atPath: place) }
        guard (try? Data(file).write(to: URL(fileURLWithPath: place))) != nil else { return }
        for (number, input) in inputs.enumerated() {
            // Of two members of one name, only the first is found.
            guard inputs.firstIndex(where: { $0.path == input.path }) == number else { continue }
            let wanted = records.filter { $0.input == number }.sorted { $0.offset < $1.offset }
            let path = place + input.path.dropFirst("log".count)
            do throws(ReadError) {
                try RecordFetcher.fetch(
                    path: path, ranges: wanted.map { ($0.offset, $0.length) }, limits: Reading().limits
                ) { index, record in
                    check(
                        ContentHash.of(record) == wanted[index].content,
                        "another record at \(wanted[index].offset) of \(input.path)")
                }
            } catch {
                fatalError("\(input.path): \(error)")
            }
        }
    }
}

/// A source for any text.
private struct AnyLines: LogSource {
    static let card = SourceCard(
        format: "any", title: "", routes: [], recognisedBy: "", activities: "", bytes: "", switchOn: "", reference: "")
    static func recognise(_ head: StreamHead) -> Int { 100 }
    init?(_ head: StreamHead) {}
    func read(_ block: RecordBlock, into batch: ActivityBatch) {}
}
