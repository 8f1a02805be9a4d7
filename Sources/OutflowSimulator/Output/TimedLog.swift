// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Records of one log, in whatever order they were made, to be drained in order of time.
///
/// Records are lines of text without their line ends. Life, thefts and machines all write into the same log; each renders its record at once, and only the bytes and
/// their time are kept until the log is drained, a day or an hour at a time.
struct TimedLog: Sendable {
    private struct Entry {
        let time: Int64
        let start: Int
        let count: Int
    }

    private var text = ByteText()
    private var entries: [Entry] = []

    /// Whether there are no records.
    var isEmpty: Bool { entries.isEmpty }

    /// Adds the record of `time` that `render` appends to the text.
    mutating func add(at time: Timestamp, _ render: (inout ByteText) -> Void) {
        let start = text.count
        render(&text)
        entries.append(Entry(time: time.microseconds, start: start, count: text.count - start))
        text.add("\n")
    }

    /// Hands over all records before `end`, earliest first (of equal times, the one added first), and forgets them.
    mutating func drain(before end: Timestamp, _ body: (Timestamp, ArraySlice<UInt8>) throws -> Void) rethrows {
        entries.sort { ($0.time, $0.start) < ($1.time, $1.start) }
        let due = entries.prefix { $0.time < end.microseconds }.count
        for entry in entries[..<due] {
            try body(Timestamp(microseconds: entry.time), text.bytes[entry.start..<entry.start + entry.count])
        }
        var rest = ByteText()
        var kept: [Entry] = []
        for entry in entries[due...] {
            kept.append(Entry(time: entry.time, start: rest.count, count: entry.count))
            rest.add(text.bytes[entry.start...entry.start + entry.count])
        }
        text = rest
        entries = kept
    }
}
