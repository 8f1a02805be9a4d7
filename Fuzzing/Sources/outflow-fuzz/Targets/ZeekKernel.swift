// SPDX-License-Identifier: Apache-2.0

@testable import OutflowActivities
import OutflowRecords

extension FuzzTarget {
    /// The quick way through a conn.log and its plain twin: they agree on every row. Header lines at the beginning of the
    /// input stand behind the usual ones.
    static let zeekKernel = FuzzTarget(name: "zeek-kernel") { input in
        var choices = Choices(input)
        let padding = Reading.chosen(by: &choices)
        let usual = Bytes(header)
        input.withUnsafeBytes { input in
            let text = Bytes(input)
            var own = 0
            while own < text.count, text[own] == UInt8(ascii: "#") {
                own = (text.firstIndex(of: 0x0A, from: own) ?? text.count - 1) + 1
            }
            let source = ZeekTSV(header: text.prefix(upTo: own), base: ZeekTSV(header: usual, base: nil))
            guard let columns = source.conn else { return }
            padding.withCopy(of: text.suffix(from: own)) { rows in
                let block = RecordBlock(bytes: rows, offset: choices.next() >> 2)
                let (quick, plain) = (ActivityBatch(), ActivityBatch())
                source.readConn(block, columns, quick)
                source.readRows(block, plain)
                var (one, other) = (Tally(), Tally())
                one.add(quick, of: block)
                other.add(plain, of: block)
                check(one == other, "quick: \(one)\nplain: \(other)")
                check(quick.rejections == plain.rejections, "\(quick.rejections) \(plain.rejections)")
            }
        }
    }

    private static let header: StaticString = """
        #fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\
        \tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\
        \ttunnel_parents
        #path\tconn

        """
}
