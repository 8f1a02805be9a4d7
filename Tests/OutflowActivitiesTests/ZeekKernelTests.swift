// SPDX-License-Identifier: Apache-2.0

@testable import OutflowActivities
import OutflowRecords
import Testing

@Suite("Zeek conn.log: the quick way and its plain twin")
struct ZeekKernelTests {
    static let fields =
        "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes"
        + "\tconn_state\tmissed_bytes\thistory\n#path\tconn\n"

    /// Flows of `rows` in words, read quickly and plainly; nil where the quick way is not taken.
    static func twins(header: String = fields, _ rows: String) -> (quick: [String]?, plain: [String]) {
        let source = withBytes(of: header) { ZeekTSV(header: $0, base: nil) }
        func flows(_ read: (RecordBlock, ActivityBatch) -> Void) -> [String] {
            let batch = ActivityBatch()
            return withBytes(of: rows + String(repeating: "\0", count: 64)) { text in
                read(RecordBlock(bytes: text.prefix(upTo: text.count - 64), offset: 7), batch)
                return batch.flows.map { "\($0)" } + batch.rejections.examples.map { "\($0.offset): \($0.reason)" }
            }
        }
        return (source.conn.map { columns in flows { source.readConn($0, columns, $1) } }, flows(source.readRows))
    }

    static func row(history: String = "ShADadFf", proto: String = "tcp", port: String = "2") -> String {
        "1588205402.5\tC3\t10.0.0.2\t1\t203.0.113.2\t\(port)\t\(proto)\t-\t0.1\t1844\t7\tSF\t0\t\(history)\n"
    }

    @Test(
        "A history that only begins like an unset one is a history (found by fuzzing)",
        arguments: [
            "-", "(empty)", "", "ShADadFf", "-D", "--", "(", "(emptY)",
        ])
    func historyLikeUnset(history: String) {
        let (quick, plain) = Self.twins(Self.row(history: history))
        #expect(quick == plain)
        #expect(plain.count == 1)
    }

    @Test(
        "A protocol that is unset or unheard of is so both ways (found by fuzzing)",
        arguments: ["tcp", "udp", "icmp", "-", "", "(empty)", "unknown_transport", "3cps4tsl"])
    func oddProtocol(proto: String) {
        let (quick, plain) = Self.twins(Self.row(proto: proto))
        #expect(quick == plain)
        #expect(plain.count == 1)
    }

    @Test("A number beyond all ports is no port, rather than another one")
    func portTooLarge() {
        let (quick, plain) = Self.twins(Self.row(port: "65579"))
        #expect(quick == plain)
        #expect(plain == Self.twins(Self.row(port: "00000")).plain)
    }

    @Test("A log with another word for empty fields is read plainly")
    func otherEmptyField() {
        let (quick, plain) = Self.twins(header: "#empty_field\tD\n" + Self.fields, Self.row(history: "D"))
        #expect(quick == nil)
        #expect(plain == Self.twins(Self.row(history: "-")).plain)
    }
}
