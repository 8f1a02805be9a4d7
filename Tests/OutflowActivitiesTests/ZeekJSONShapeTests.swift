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

    @Test("Ends of a connection may stand in an object of their own")
    func nestedIdentity() throws {
        func flows(_ id: String) throws -> [String] {
            let row =
                #"{"ts":1588205400.5,"uid":"C1",\#(id),"proto":"tcp","duration":0.5,"orig_bytes":1000,"#
                + #""resp_bytes":7,"conn_state":"SF","missed_bytes":0,"history":"ShADadFf"}"#
            let text = row + "\n" + row.replacing("1588205400.5", with: "1588205460.5") + "\n"
            let batch = ActivityBatch()
            return try withBytes(of: text + String(repeating: " ", count: 64)) { bytes in
                let text = bytes.prefix(upTo: bytes.count - 64)
                let head = StreamHead(
                    bytes: text, isWhole: true, framing: .lines, records: [text], options: SourceOptions())
                #expect(ZeekJSON.recognise(head) > 0)
                try #require(ZeekJSON(head)).read(RecordBlock(bytes: text, offset: 0), into: batch)
                #expect(batch.rejections.count == 0)
                return batch.flows.map {
                    "\($0.originator):\($0.originatorPort) \($0.responder):\($0.responderPort) \($0.originatorUpper)"
                }
            }
        }
        let flat = try flows(#""id.orig_h":"10.0.0.2","id.orig_p":51515,"id.resp_h":"203.0.113.2","id.resp_p":443"#)
        let nested = try flows(#""id":{"orig_h":"10.0.0.2","orig_p":51515,"resp_h":"203.0.113.2","resp_p":443}"#)
        #expect(flat == ["10.0.0.2:51515 203.0.113.2:443 1000", "10.0.0.2:51515 203.0.113.2:443 1000"])
        #expect(nested == flat)
    }
}
