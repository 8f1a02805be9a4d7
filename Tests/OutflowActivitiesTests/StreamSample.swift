// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// A stream in memory, as the reader would hand it to a source: one record a line.
struct StreamSample {
    let bytes: [UInt8]
    let count: Int
    private let lines: [Range<Int>]

    init(_ text: String) { self.init(Array(text.utf8)) }

    init(_ text: [UInt8]) {
        count = text.count
        // A source may look at 64 bytes behind a block.
        bytes = text + [UInt8](repeating: 0x20, count: 64)
        var lines: [Range<Int>] = []
        var from = 0
        for index in 0...text.count where index == text.count || text[index] == UInt8(ascii: "\n") {
            let end = index > from && text[index - 1] == UInt8(ascii: "\r") ? index - 1 : index
            if end > from { lines.append(from..<end) }
            from = index + 1
        }
        self.lines = lines
    }

    /// Runs `body` with the head of the stream and with all of it as one block at `offset`.
    func with<Result>(at offset: UInt64 = 0, _ body: (StreamHead, RecordBlock) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { raw in
            let whole = Bytes(raw)[0..<count]
            let head = StreamHead(
                bytes: whole, isWhole: true, framing: .lines, records: lines.prefix(20).map { whole[$0] },
                options: SourceOptions())
            return try body(head, RecordBlock(bytes: whole, offset: offset))
        }
    }

    /// What `type` reads from the stream, given to `check` while the views live.
    func read<Source: LogSource, Result>(
        as type: Source.Type, at offset: UInt64 = 0, _ check: (ActivityBatch) throws -> Result
    ) rethrows -> Result? {
        try with(at: offset) { head, block in
            guard let source = Source(head) else { return nil }
            let batch = ActivityBatch()
            source.read(block, into: batch)
            OtherRecords().read(batch, after: source)
            return try check(batch)
        }
    }

    /// How sure `type` is of the stream.
    func score<Source: LogSource>(as type: Source.Type) -> Int { with { head, _ in Source.recognise(head) } }
}
