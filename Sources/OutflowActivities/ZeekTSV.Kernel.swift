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
    /// The hot path: conn.log. Finds all tabs and line ends of the block with SIMD masks, then parses only the columns that
    /// the ledger needs. Anything unusual about a row goes to ``readRow(_:_:_:_:_:)``, which also words the rejection.
    func readConn(_ block: RecordBlock, _ columns: ZeekConnColumns, _ batch: ActivityBatch) {
        let text = block.bytes
        guard text.count > 0 else { return }
        let words = text.count / 64 + 1
        var rows = ZeekConnRows(batch)
        defer { rows.finish(batch) }
        let slotCount = ZeekField.allCases.count
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words) { maskBuffer in
            let masks = maskBuffer.baseAddress!
            outflow_mask2(text.start, text.count, UInt8(ascii: "\t"), UInt8(ascii: "\n"), masks)
            withUnsafeTemporaryAllocation(of: Int.self, capacity: ZeekConnColumns.most + 2) { endBuffer in
                withUnsafeTemporaryAllocation(of: Bytes.self, capacity: slotCount) { values in
                    let ends = endBuffer.baseAddress!
                    var word = 0
                    var mask = masks[0]
                    var lineStart = 0
                    var field = 0
                    while lineStart < text.count {
                        // Collect the ends of this line's fields.
                        var lineEnd = text.count
                        while true {
                            while mask == 0 {
                                word &+= 1
                                if word >= words { break }
                                mask = masks[word]
                            }
                            if word >= words { break }
                            let position = word &* 64 &+ mask.trailingZeroBitCount
                            mask &= mask &- 1
                            if text.start[position] == UInt8(ascii: "\n") {
                                lineEnd = position
                                break
                            }
                            if field < ZeekConnColumns.most { ends[field] = position }
                            field &+= 1
                        }
                        var contentEnd = lineEnd
                        if contentEnd > lineStart, text.start[contentEnd &- 1] == UInt8(ascii: "\r") {
                            contentEnd &-= 1
                        }
                        if contentEnd > lineStart, text.start[lineStart] != UInt8(ascii: "#") {
                            if field &+ 1 == columns.columns {
                                ends[field] = contentEnd
                                if !fastRow(text, lineStart, ends, columns, block.offset, contentEnd, &rows) {
                                    slowRow(
                                        text[lineStart..<contentEnd], block.offset &+ UInt64(lineStart),
                                        values.baseAddress!, slotCount, &rows, batch)
                                }
                            } else {
                                slowRow(
                                    text[lineStart..<contentEnd], block.offset &+ UInt64(lineStart),
                                    values.baseAddress!, slotCount, &rows, batch)
                            }
                        }
                        lineStart = lineEnd &+ 1
                        field = 0
                    }
                }
            }
        }
    }

    private func slowRow(
        _ line: Bytes, _ offset: UInt64, _ values: UnsafeMutablePointer<Bytes>, _ slotCount: Int,
        _ rows: inout ZeekConnRows, _ batch: ActivityBatch
    ) {
        rows.without(batch) {
            if let reason = readRow(line, offset, values, slotCount, batch) {
                batch.reject(offset: offset, reason)
            } else {
                batch.records += 1
            }
        }
    }

    /// Parses one row; false when anything about it is unusual.
    @inline(__always)
    private func fastRow(
        _ text: Bytes, _ lineStart: Int, _ ends: UnsafeMutablePointer<Int>, _ columns: ZeekConnColumns, _ base: UInt64,
        _ lineEnd: Int, _ rows: inout ZeekConnRows
    ) -> Bool {
        @inline(__always) func field(_ column: Int) -> Bytes {
            let start = column == 0 ? lineStart : ends[column &- 1] &+ 1
            return Bytes(start: text.start + start, count: ends[column] &- start)
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
