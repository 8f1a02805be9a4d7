// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEngine
import OutflowLedger
import OutflowRecords
import Testing

/// A log that was off for hours looks like a quiet network, so the report says from when to when it is silent.
@Suite struct SilenceTests {
    private func conn(hour: Int) -> String {
        """
        {"_path":"conn","ts":\(1_772_400_000 + hour * 3600).5,"uid":"C\(hour)","id.orig_h":"10.1.0.6",\
        "id.orig_p":\(2000 + hour),"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","duration":1.0,\
        "orig_bytes":100,"resp_bytes":0,"conn_state":"SF","missed_bytes":0,"history":"ShADadFf"}

        """
    }

    /// Names and other logs go on: what counts is that connections were logged.
    private func dns(hour: Int) -> String {
        """
        {"_path":"dns","ts":\(1_772_400_000 + hour * 3600).5,"uid":"D\(hour)","id.orig_h":"10.1.0.6",\
        "id.orig_p":\(2000 + hour),"id.resp_h":"10.1.0.1","id.resp_p":53,"proto":"udp","query":"a.example",\
        "qtype_name":"A","rcode_name":"NOERROR"}

        """
    }

    private func silences(_ files: [[String]]) throws -> [Report.Gap] {
        let folder = try Folder()
        let paths = try files.enumerated().map { try folder.write("\($0).json", Array($1.joined().utf8)) }
        return try scanned(paths).gaps.filter { $0.what.hasPrefix("no record of Zeek") }
    }

    @Test func hoursWithoutConnectionsAreAGap() throws {
        let hours = (0..<72).filter { !(30..<37).contains($0) }
        let lines = (0..<72).map { dns(hour: $0) } + hours.map { conn(hour: $0) }
        let gaps = try silences([lines])
        let gap = try #require(gaps.first)
        #expect(gaps.count == 1 && gap.route == .network)
        #expect(gap.from == Timestamp(microseconds: 1_772_506_800_000_000))
        #expect(gap.to == Timestamp(microseconds: 1_772_532_000_000_000))
        #expect(gap.what.contains("for 7 hours"))
        // In whatever files and order.
        let shuffled = lines.shuffled()
        #expect(try silences([Array(shuffled[..<50]), Array(shuffled[50...]), Array(shuffled[20..<90])]) == gaps)
        #expect(try silences([lines + (30..<37).map { conn(hour: $0) }]).isEmpty)
    }
}
