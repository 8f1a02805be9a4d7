// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// Where the columns that the ledger needs stand in a conn.log; all of them are there.
struct ZeekConnColumns: Sendable {
    let columns: Int
    let ts, originatorHost, originatorPort, responderHost, responderPort, proto, service, duration: Int
    let originatorBytes, responderBytes, connState, missedBytes, history: Int
    /// Columns that older or trimmed logs lack: -1 then.
    let localOriginator, localResponder, originatorPackets, responderPackets: Int

    /// Nil when a needed column is missing, there are too many columns, or one comes twice: the plain reader copes then.
    init?(slots: [Int8]) {
        guard slots.count <= ZeekConnColumns.most else { return nil }
        func column(_ field: ZeekField) -> Int { slots.firstIndex(of: Int8(field.rawValue)) ?? -1 }
        columns = slots.count
        ts = column(.ts)
        originatorHost = column(.originatorHost)
        originatorPort = column(.originatorPort)
        responderHost = column(.responderHost)
        responderPort = column(.responderPort)
        proto = column(.proto)
        service = column(.service)
        duration = column(.duration)
        originatorBytes = column(.originatorBytes)
        responderBytes = column(.responderBytes)
        connState = column(.connState)
        missedBytes = column(.missedBytes)
        history = column(.history)
        localOriginator = column(.localOriginator)
        localResponder = column(.localResponder)
        originatorPackets = column(.originatorPackets)
        responderPackets = column(.responderPackets)
        let needed = [
            ts, originatorHost, originatorPort, responderHost, responderPort, proto, service, duration, originatorBytes,
            responderBytes, connState, missedBytes, history,
        ]
        let known = slots.filter { $0 >= 0 }
        guard needed.allSatisfy({ $0 >= 0 }), Set(known).count == known.count else { return nil }
    }

    /// The most columns that the kernel's table of positions holds.
    static let most = 62
}

extension ZeekTSV {
    /// How much text is cut into fields at once: what the cuts take stays in the processor's cache.
    private static let stretch = 32 << 10

    /// The hot path: conn.log. Finds all tabs and line ends of the block with SIMD masks, then parses only the columns that
    /// the ledger needs. Anything unusual about a row goes to ``readRow(_:_:_:_:_:)``, which also words the rejection.
    func readConn(_ block: RecordBlock, _ columns: ZeekConnColumns, _ batch: ActivityBatch) {
        let text = block.bytes
        var rows = ZeekConnRows(batch)
        defer { rows.finish(batch) }
        // Room for a stretch of nothing but line ends, one more for an end that is not there, and what is written too far.
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * (Self.stretch + 80)) { cuts in
            let ends = cuts.baseAddress!
            let lines = ends + Self.stretch + 80
            withUnsafeTemporaryAllocation(of: Bytes.self, capacity: ZeekField.allCases.count) { values in
                var at = 0
                while at < text.count {
                    let stretch = Self.wholeLines(text, at)
                    if stretch.count > Self.stretch {
                        // One line as long as this is no usual row.
                        slowRow(stretch, block.offset &+ UInt64(at), values.baseAddress!, &rows, batch)
                    } else {
                        readStretch(
                            stretch, block.offset &+ UInt64(at), columns, ends, lines, values.baseAddress!, &rows, batch
                        )
                    }
                    at &+= stretch.count
                }
            }
        }
    }

    /// The text from `at` up to the last line end within a stretch; one whole line if that is longer.
    private static func wholeLines(_ text: Bytes, _ at: Int) -> Bytes {
        if text.count &- at <= stretch { return text.suffix(from: at) }
        let newline = UInt8(ascii: "\n")
        var end = at &+ stretch
        while end > at, text.start[end &- 1] != newline { end &-= 1 }
        if end == at { end = (text.firstIndex(of: newline, from: at) ?? text.count &- 1) &+ 1 }
        return text[at..<end]
    }

    /// Reads whole lines (the last may lack its end) of at most a stretch.
    @inline(__always)
    private func readStretch(
        _ text: Bytes, _ offset: UInt64, _ columns: ZeekConnColumns, _ ends: UnsafeMutablePointer<UInt32>,
        _ lines: UnsafeMutablePointer<UInt32>, _ values: UnsafeMutablePointer<Bytes>, _ rows: inout ZeekConnRows,
        _ batch: ActivityBatch
    ) {
        var lineCount = 0
        let endCount = outflow_cut(
            text.start, text.count, UInt8(ascii: "\t"), UInt8(ascii: "\n"), ends, lines, &lineCount)
        if text.start[text.count &- 1] != UInt8(ascii: "\n") {
            ends[endCount] = UInt32(truncatingIfNeeded: text.count)
            lines[lineCount] = UInt32(truncatingIfNeeded: endCount)
            lineCount &+= 1
        }
        var lineStart = 0
        var first = 0
        for line in 0..<lineCount {
            let last = Int(lines[line])
            let lineEnd = Int(ends[last])
            var contentEnd = lineEnd
            if contentEnd > lineStart, text.start[contentEnd &- 1] == UInt8(ascii: "\r") { contentEnd &-= 1 }
            if contentEnd > lineStart, text.start[lineStart] != UInt8(ascii: "#") {
                ends[last] = UInt32(truncatingIfNeeded: contentEnd)
                if last &- first &+ 1 != columns.columns
                    || !fastRow(text, lineStart, ends + first, columns, offset, contentEnd, &rows)
                {
                    slowRow(text[lineStart..<contentEnd], offset &+ UInt64(lineStart), values, &rows, batch)
                }
            }
            lineStart = lineEnd &+ 1
            first = last &+ 1
        }
    }

    /// Reads a line the plain way; a comment or an empty one is passed over.
    @inline(never)
    private func slowRow(
        _ text: Bytes, _ offset: UInt64, _ values: UnsafeMutablePointer<Bytes>, _ rows: inout ZeekConnRows,
        _ batch: ActivityBatch
    ) {
        rows.without(batch) {
            RecordBlock(bytes: text, offset: offset).forEachRecord { line, offset in
                if line[0] == UInt8(ascii: "#") { return }
                if let reason = readRow(line, offset, values, ZeekField.allCases.count, batch) {
                    batch.reject(offset: offset, reason)
                } else {
                    batch.records += 1
                }
            }
        }
    }

    /// Parses one row, whose fields end at `ends`; false when anything about it is unusual.
    @inline(__always)
    private func fastRow(
        _ text: Bytes, _ lineStart: Int, _ ends: UnsafeMutablePointer<UInt32>, _ columns: ZeekConnColumns,
        _ base: UInt64, _ lineEnd: Int, _ rows: inout ZeekConnRows
    ) -> Bool {
        @inline(__always) func field(_ column: Int) -> Bytes {
            let start = column == 0 ? lineStart : Int(ends[column &- 1]) &+ 1
            return Bytes(start: text.start + start, count: Int(ends[column]) &- start)
        }
        @inline(__always) func optional(_ column: Int) -> Bytes { column < 0 ? .empty : field(column) }
        let fields = ZeekConnFields(
            ts: field(columns.ts), originator: field(columns.originatorHost),
            originatorPort: field(columns.originatorPort), responder: field(columns.responderHost),
            responderPort: field(columns.responderPort), proto: field(columns.proto), service: field(columns.service),
            duration: field(columns.duration), sent: field(columns.originatorBytes),
            received: field(columns.responderBytes), state: field(columns.connState),
            missed: field(columns.missedBytes), history: field(columns.history),
            localOriginator: optional(columns.localOriginator), localResponder: optional(columns.localResponder),
            originatorPackets: optional(columns.originatorPackets),
            responderPackets: optional(columns.responderPackets))
        guard
            let flow = fields.flow(
                offset: base &+ UInt64(lineStart), length: UInt32(truncatingIfNeeded: lineEnd &- lineStart))
        else { return false }
        rows.add(flow)
        return true
    }
}
