// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@Suite("Zeek JSON: a row is read alike whatever came before it")
struct ZeekJSONShapeTests {
    /// Why the last of `rows` is rejected when all are one block.
    static func reason(_ rows: String...) throws -> String? {
        let text = rows.joined(separator: "\n")
        let batch = ActivityBatch()
        return try withBytes(of: text + String(repeating: " ", count: 64)) { bytes in
            let text = bytes.prefix(upTo: bytes.count - 64)
            let head = StreamHead(
                bytes: text, isWhole: true, framing: .lines, records: [text], options: SourceOptions())
            let source = try #require(ZeekJSON(head))
            source.read(RecordBlock(bytes: text, offset: 0), into: batch)
            return batch.rejections.examples.last?.reason
        }
    }

    @Test("The place where a row is broken does not depend on the row before it (found by fuzzing)")
    func brokenValueBehindAKnownKey() throws {
        let good = #"{"ts":1588205400.5,"uid":"C1"}"#
        let broken = #"{"ts":158x,"uid":"C1"}"#
        let alone = try Self.reason(broken)
        #expect(alone != nil)
        #expect(try Self.reason(good, broken) == alone)
    }

    @Test(
        "Half a row is no row, even if its keys are those of the row before it (found by fuzzing)",
        arguments: [
            #","uid":"C1"}"#, #"{"ts":1588205400.5{"ts":1588205400.5,"uid":"C1"}"#, #"{"ts":1,{"ts":1,"uid":"C1"}"#,
        ])
    func halfRow(half: String) throws {
        let good = #"{"ts":1588205400.5,"uid":"C1"}"#
        let alone = try Self.reason(half)
        #expect(alone != nil)
        #expect(try Self.reason(good, half) == alone)
    }
}
