// SPDX-License-Identifier: Apache-2.0

import OutflowEngine
import OutflowLedger
import OutflowRecords
import Testing

/// One content, sent twice, of which two sensors say different things: it is one content, wherever it counts.
@Suite struct TwoSensorsHashesTests {
    private static let ends = """
        "id.orig_h":"10.1.0.6","id.orig_p":50001,"id.resp_h":"203.0.113.9","id.resp_p":80
        """

    private func conn(bytes: Int) -> String {
        """
        {"_path":"conn","ts":1772400000.3,"uid":"C1",\(Self.ends),"proto":"tcp","service":"http","duration":9.0,\
        "orig_bytes":\(bytes),"resp_bytes":0,"conn_state":"SF","missed_bytes":0,"history":"ShADadFf"}

        """
    }

    private func put(_ sensor: String, _ number: Int, hash: String?) -> String {
        let time = 1_772_400_001.3 + Double(number) + (sensor == "D" ? 0.05 : 0)
        let request = """
            {"_path":"http","ts":\(time),"uid":"\(sensor)1",\(Self.ends),"trans_depth":\(number),"method":"POST",\
            "uri":"/u\(number)","request_body_len":500,"response_body_len":0,"status_code":200,\
            "orig_fuids":["\(sensor)F\(number)"]}

            """
        guard let hash else { return request }
        return request + """
            {"_path":"files","ts":\(time + 0.01),"fuid":"\(sensor)F\(number)","uid":"\(sensor)1",\(Self.ends),\
            "source":"HTTP","is_orig":true,"seen_bytes":500,"total_bytes":500,"missing_bytes":0,"overflow_bytes":0,\
            "timedout":false\(hash.isEmpty ? "" : ",\(hash)")}

            """
    }

    private static let sha1 = #""sha1":"0000000000000000000000000000000000005000""#
    private static let md5 = #""md5":"00112233445566778899aabbccddeeff""#

    /// The second sensor has another kind of hash, none, or lost the record of one file.
    @Test(arguments: [[md5, md5], [md5, nil], [nil, md5], ["", ""], ["", nil], [sha1, nil], [nil, sha1]])
    func contentCountsOnce(second: [String?]) throws {
        let lines = [
            conn(bytes: 1400), put("C", 1, hash: Self.sha1), put("C", 2, hash: Self.sha1),
            put("D", 1, hash: second[0]), put("D", 2, hash: second[1]),
        ]
        let folder = try Folder()
        let report = try scanned([try folder.write("zeek.json", Array(lines.joined().utf8))])
        let total = report.ledger.reduce(ByteBounds.zero) { $0 + $1.bytes }
        // 500 bytes of content, and 400 of headers; the second sending is nothing new.
        #expect(total.atLeast >= 500 && total.atLeast <= 900, "\(total)")
        #expect(total.atMost ?? .max >= 900, "\(total)")
    }
}
