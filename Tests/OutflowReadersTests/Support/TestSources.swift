// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowReaders
import OutflowRecords

/// A source for any text: counts records.
struct PlainSource: LogSource {
    static let card = testCard(of: "plain")

    static func recognise(_ head: StreamHead) -> Int { 100 }
    init?(_ head: StreamHead) {}

    func read(_ block: RecordBlock, into batch: ActivityBatch) {
        block.forEachRecord { _, _ in batch.records += 1 }
    }
}

/// A source for text whose headers begin with `#`. It knows the header in front of what it reads.
struct HeaderedSource: LogSource {
    static let card = testCard(of: "headered")
    static let headerMark: HeaderMark? = .firstByte(UInt8(ascii: "#"))
    let header: String

    static func recognise(_ head: StreamHead) -> Int { 100 }

    init?(_ head: StreamHead) {
        var header = ""
        for record in head.records {
            guard record.hasPrefix("#") else { break }
            header += record.string + "\n"
        }
        self.header = header
    }

    init(header: String) { self.header = header }
    func following(header: Bytes) -> any LogSource { HeaderedSource(header: header.string) }

    func read(_ block: RecordBlock, into batch: ActivityBatch) {
        block.forEachRecord { _, _ in batch.records += 1 }
    }
}

private func testCard(of format: String) -> SourceCard {
    SourceCard(
        format: format, title: "", routes: [], recognisedBy: "", activities: "", bytes: "", switchOn: "", reference: "")
}

/// Takes any text but such as begins with a control character.
let anyText: Recogniser = { head in
    if head.bytes.hasPrefix("#"), let source = HeaderedSource(head) { return (source, HeaderedSource.card) }
    guard head.bytes.count > 0, head.bytes[0] >= 0x20, let source = PlainSource(head) else { return nil }
    return (source, PlainSource.card)
}

/// A record as it was handed out.
struct Found: Hashable, Comparable, CustomStringConvertible {
    var path: String
    var offset: UInt64
    var text: String
    var header = ""

    var description: String { "\(path)@\(offset) \(text.debugDescription) \(header.debugDescription)" }

    static func < (left: Found, right: Found) -> Bool {
        (left.path, left.offset, left.text) < (right.path, right.offset, right.text)
    }
}

extension InputReader {
    /// Reads everything, in the calling thread.
    func readAll(through buffer: BlockBuffer = BlockBuffer()) -> [Found] {
        var found: [(UInt32, Found)] = []
        let batch = ActivityBatch()
        while let next = next(into: buffer) {
            // Line ends of headers are the source's affair.
            let header = String(((next.source as? HeaderedSource)?.header ?? "").unicodeScalars.filter { $0 != "\r" })
            next.block.forEachRecord { record, offset in
                found.append((next.input, Found(path: "", offset: offset, text: record.string, header: header)))
            }
            batch.clear()
            next.source.read(next.block, into: batch)
            account(batch, duplicates: 0, input: next.input)
        }
        let inputs = inputs
        return found.map { number, record in
            var record = record
            record.path = inputs[Int(number)].path
            return record
        }
    }
}

/// Reads `bytes` as if they were a file called `log`.
func read(_ bytes: [UInt8], limits: ReadLimits = .init()) -> (records: [Found], inputs: [InputSummary]) {
    let reader = InputReader(bytes: bytes, path: "log", limits: limits, recogniser: anyText)
    let records = reader.readAll()
    return (records, reader.inputs)
}

/// Reads `text` as if it were a file called `log`.
func read(_ text: String, limits: ReadLimits = .init()) -> (records: [Found], inputs: [InputSummary]) {
    read(Array(text.utf8), limits: limits)
}

/// Limits with one of them changed.
func limits(_ change: (inout ReadLimits) -> Void) -> ReadLimits {
    var limits = ReadLimits()
    change(&limits)
    return limits
}
