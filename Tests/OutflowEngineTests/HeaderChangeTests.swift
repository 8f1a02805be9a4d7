// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowLedger
import OutflowRecords
import Testing

/// Files of different layouts that were put one after the other.
@Suite struct HeaderChangeTests {
    @Test(arguments: [16, 100, 1000, 1 << 20])
    func vpcFlowLogsInAnotherOrder(blockBytes: Int) throws {
        let fields =
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
        func row(_ ends: String, _ bytes: Int, at start: Int) -> String {
            "2 1 eni-1 \(ends) 6 1 \(bytes) \(start) \(start + 60) ACCEPT OK\n"
        }
        let text =
            fields + "\n" + row("10.1.0.5 203.0.113.9 50000 443", 1_000_000, at: 1_772_400_000)
            + fields.replacingOccurrences(of: "srcaddr dstaddr", with: "dstaddr srcaddr") + "\n"
            + row("203.0.113.9 10.1.0.5 50001 443", 2_000_000, at: 1_772_400_100)
            + "2 1 eni-1 srcaddr x 1 2 6 1 1 1772400000 1772400060 ACCEPT OK\n"
            + fields + "\n" + row("10.1.0.5 203.0.113.9 50002 443", 4_000_000, at: 1_772_400_200)
        let folder = try Folder()
        let report = try scanned([try folder.write("flows.log", Array(text.utf8))], blockBytes: blockBytes)
        #expect(report.ledger.map(\.bytes.atMost) == [7_000_000])
        // A record that holds a field's name is no header.
        #expect(report.inputs.map(\.rejected.count) == [1])
        #expect(report.inputs.map(\.records) == [3])
    }
}
