// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

/// Types of records and names that do not exist, from both sensors' DNS logs.
@Suite struct NamesAskedForTests {
    @Test func zeek() throws {
        let text = """
            {"_path":"dns","ts":1700000000.0,"uid":"C1","id.orig_h":"10.0.0.1","id.orig_p":5353,"id.resp_h":"10.0.0.53",\
            "id.resp_p":53,"proto":"udp","trans_id":7,"query":"A.example","qtype":16,"qtype_name":"TXT","rcode":0}
            {"_path":"dns","ts":1700000001.0,"uid":"C2","id.orig_h":"10.0.0.1","id.orig_p":5354,"id.resp_h":"10.0.0.53",\
            "id.resp_p":53,"proto":"udp","trans_id":8,"query":"b.example","qtype":1,"qtype_name":"A","rcode":3}
            """
        let seen: Void? =
            StreamSample(text).read(as: ZeekJSON.self) { batch in
                #expect(batch.queries.map(\.type) == [16, 1])
                #expect(batch.queries.map(\.carriesText) == [true, false])
                #expect(batch.failures.count == 1)
                #expect(batch.failures.first?.name.string == "b.example")
            }
        #expect(seen != nil)
    }

    @Test func suricata() throws {
        func event(_ dns: String) -> String {
            #"{"timestamp":"2024-03-11T08:15:30.000000+0000","flow_id":1,"event_type":"dns","src_ip":"10.0.0.1","src_port":5353,"dest_ip":"10.0.0.53","dest_port":53,"proto":"UDP","dns":"#
                + dns + "}"
        }
        let text = [
            event(#"{"type":"query","id":7,"rrname":"a.example","rrtype":"TXT"}"#),
            event(#"{"type":"answer","id":8,"rrname":"b.example","rrtype":"A","rcode":"NXDOMAIN"}"#),
            event(#"{"type":"answer","id":9,"rrname":"c.example","rrtype":"A","rcode":"NOERROR","rdata":"192.0.2.1"}"#),
        ].joined(separator: "\n")
        let seen: Void? =
            StreamSample(text).read(as: SuricataEVE.self) { batch in
                #expect(batch.queries.map(\.type) == [16])
                #expect(batch.failures.map { $0.name.string } == ["b.example"])
                #expect(batch.failures.first?.client == IPAddress(v4: 0x0A00_0001))
            }
        #expect(seen != nil)
    }

    @Test func pagesThatAreNoDocuments() throws {
        let host = "http://www.nature.com:80"
        let text = [
            ("\(host)/search?q=x", 200), ("\(host)/nature/journal/v491/n7/abs/nature1.html", 304),
            ("\(host)/a.css", 200),
            ("\(host)/nature/journal/v491/n7/pdf/nature1.pdf", 200), ("\(host)/gone", 404),
        ].map { "192.0.2.7 - R1 [30/Nov/2012:09:00:00 +0100] \"GET \($0.0) HTTP/1.1\" \($0.1) 700" }
            .joined(separator: "\n")
        let seen: Void? =
            StreamSample(text).read(as: EZproxyLog.self) { batch in
                #expect(batch.pages.map { $0.page.string }.contains("/search?q=x"))
                #expect(!batch.pages.contains { $0.page == "/a.css" || $0.page == "/gone" })
                #expect(batch.pages.count == 2)
                #expect(batch.objects.count == 1)
            }
        #expect(seen != nil)
    }
}
