// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@Suite struct SuricataEVETests {
    /// An event in the layout of Suricata's documentation.
    static func event(
        _ type: String, _ rest: String, from: String = "10.0.0.5\",\"src_port\":51239",
        to: String = "203.0.113.10\",\"dest_port\":443",
        proto: String = "TCP", time: String = "2020-04-30T00:08:02.361000+0000"
    ) -> String {
        """
        {"timestamp":"\(time)","flow_id":1805461738637437,"in_iface":"eth0","event_type":"\(type)","src_ip":"\(from),\
        "dest_ip":"\(to),"proto":"\(proto)",\(rest)}
        """
    }

    static let flow = event(
        "flow",
        """
        "app_proto":"tls","flow":{"pkts_toserver":100,"pkts_toclient":50,"bytes_toserver":140000,"bytes_toclient":5000,\
        "start":"2020-04-30T02:07:02.361000+0200","end":"2020-04-30T00:08:02.000000+0000","age":60,"state":"closed",\
        "reason":"timeout","alerted":false},"tcp":{"tcp_flags":"1b","tcp_flags_ts":"1b","tcp_flags_tc":"1b","syn":true,"state":"closed"}
        """)

    @Test func recognition() {
        #expect(StreamSample(Self.flow).score(as: SuricataEVE.self) >= 90)
        #expect(StreamSample("@cee: " + Self.flow).score(as: SuricataEVE.self) >= 90)
        #expect(
            StreamSample(
                "{\"timestamp\":\"2020-02-29T00:00:18.000491+0000\",\"event_type\":\"stats\",\"stats\":{\"uptime\":1}}"
            )
            .score(as: SuricataEVE.self) >= 90)
        for other in [
            "", "{", "{\"timestamp\":\"x\"}", Microsoft365MailTests.bind, "{\"event_type\":\"login\"}",
            "{\"event_type\":\"login\",\"timestamp\":\"2020-04-30T00:08:02Z\",\"src_ip\":\"192.0.2.1\"}",
            "event_type flow",
        ] {
            #expect(StreamSample(other).score(as: SuricataEVE.self) < 50, "\(other)")
        }
        #expect(StreamSample(Self.flow).score(as: Microsoft365.self) < 50)
    }

    @Test func droppedPacketsAreALoss() {
        func losses(_ stats: String) -> [CloudSample.Loss] {
            CloudSample(
                #"{"timestamp":"2026-03-01T00:11:40.000000+0000","event_type":"stats","stats":{\#(stats)}}"# + "\n",
                format: "suricata-eve"
            ).losses
        }
        let end = Timestamp(microseconds: 1_772_323_900_000_000)
        let counters = #""uptime":700,"capture":{"kernel_packets":200,"kernel_drops":50"#
        #expect(
            losses(counters + "}")
                == [.init(from: Timestamp(microseconds: 1_772_323_200_000_000), to: end, perMillion: 250_000)])
        #expect(losses(counters.replacing("50", with: "0") + "}").isEmpty)
        // Where the log has differences, those since the last record count, which was 8 s ago.
        #expect(losses(counters + #","kernel_packets_delta":10,"kernel_drops_delta":0}"#).isEmpty)
        #expect(
            losses(counters + #","kernel_packets_delta":10,"kernel_drops_delta":1}"#)
                == [.init(from: Timestamp(microseconds: 1_772_323_892_000_000), to: end, perMillion: 100_000)])
        #expect(losses(#""uptime":-5,"capture":{"kernel_packets":"x","kernel_drops":1e99}"#).count <= 1)
    }

    @Test func flowsHaveBoundsOfPayload() {
        let seen: Void? = StreamSample(Self.flow).read(as: SuricataEVE.self, at: 77) { batch in
            #expect(batch.records == 1 && batch.irrelevant == 0 && batch.flows.count == 1)
            guard let flow = batch.flows.first else { return }
            #expect(flow.originator.description == "10.0.0.5" && flow.responder.description == "203.0.113.10")
            #expect(flow.originatorPort == 51239 && flow.responderPort == 443 && flow.proto == 6)
            // 100 packets: at least 40 bytes of headers each, at most 142.
            #expect(flow.originatorLower == 140_000 - 14_200 && flow.originatorUpper == 140_000 - 4_000)
            #expect(flow.responderLower == 0 && flow.responderUpper == 5_000 - 2_000)
            #expect(flow.start.description == "2020-04-30T00:07:02.361000Z")
            #expect(flow.duration == 59_639_000)
            #expect(flow.sensor == .suricata && flow.services == .tls && flow.isRegular)
            #expect(flow.offset == 77)
            #expect(batch.first == flow.start && batch.last?.description == "2020-04-30T00:08:02.361000Z")
        }
        #expect(seen != nil)
    }

    @Test func theRealPayloadLiesWithinTheBounds() {
        // Ethernet, IP, TCP with timestamps: 66 bytes a packet; UDP over IPv6: 62; each with 1,000 bytes of payload.
        for (from, to, proto, header) in [
            ("10.0.0.5\",\"src_port\":1", "203.0.113.10\",\"dest_port\":2", "TCP", 66),
            ("10.0.0.5\",\"src_port\":1", "203.0.113.10\",\"dest_port\":2", "UDP", 42),
            ("2001:db8::1\",\"src_port\":1", "2001:db8::2\",\"dest_port\":2", "UDP", 62),
            ("2001:db8::1\",\"src_port\":1", "2001:db8::2\",\"dest_port\":2", "TCP", 86),
            ("10.0.0.5\"", "203.0.113.10\"", "ICMP", 42),
        ] {
            let bytes = 10 * (1000 + header)
            let text = Self.event(
                "flow",
                "\"flow\":{\"pkts_toserver\":10,\"pkts_toclient\":0,\"bytes_toserver\":\(bytes),\"bytes_toclient\":0}",
                from: from, to: to, proto: proto)
            let seen: Void? = StreamSample(text).read(as: SuricataEVE.self) { batch in
                guard let flow = batch.flows.first else { return #expect(Bool(false), "\(proto)") }
                #expect(
                    flow.originatorLower <= 10_000 && flow.originatorLower >= 8_500, "\(proto) \(flow.originatorLower)")
                #expect(
                    flow.originatorUpper >= 10_000 && flow.originatorUpper <= 10_700, "\(proto) \(flow.originatorUpper)"
                )
            }
            #expect(seen != nil)
        }
    }

    @Test func disturbedFlows() {
        func first(_ change: (String) -> String) -> Flow? {
            StreamSample(change(Self.flow)).read(as: SuricataEVE.self) { $0.flows.first } ?? nil
        }
        #expect(first { $0 }?.services.contains(.unfinished) == false)
        #expect(
            first { $0.replacing("\"reason\":\"timeout\"", with: "\"reason\":\"shutdown\"") }?.services.contains(
                .unfinished) == true)
        #expect(
            first { $0.replacing("\"tcp_flags\":\"1b\"", with: "\"tcp_flags\":\"18\"") }?.services.contains(.unfinished)
                == true)
        let gap = first { $0.replacing("\"syn\":true", with: "\"syn\":true,\"ts_gap\":true") }
        #expect(gap?.isRegular == false && gap?.services.contains(.unbounded) == true)
        let uncounted = first { $0.replacing("\"pkts_toserver\":100,", with: "") }
        #expect(uncounted?.originatorLower == 0 && uncounted?.originatorUpper == 140_000)
        let odd = first { $0.replacing("\"pkts_toserver\":100", with: "\"pkts_toserver\":9223372036854775807") }
        #expect(odd?.originatorLower == 0 && odd?.originatorUpper == 0)
    }

    @Test func netflowAndAlertsAreIrrelevant() {
        let log = ["netflow", "alert", "drop", "anomaly", "ssh"].map { Self.event($0, "\"x\":{}") }.joined(
            separator: "\n")
        let seen: Void? = StreamSample(log).read(as: SuricataEVE.self) { batch in
            #expect(batch.records == 5 && batch.irrelevant == 5 && batch.flows.isEmpty && batch.rejections.count == 0)
        }
        #expect(seen != nil)
    }

    @Test func serverNames() {
        let log = [
            Self.event("tls", "\"tls\":{\"sni\":\"Files.Example.NET.\",\"version\":\"TLS 1.3\"}"),
            Self.event("quic", "\"quic\":{\"version\":\"1\",\"sni\":\"q.example\"}", proto: "UDP"),
            Self.event("tls", "\"tls\":{\"version\":\"TLS 1.2\"}"),
        ].joined(separator: "\n")
        let seen: Void? = StreamSample(log).read(as: SuricataEVE.self) { batch in
            #expect(batch.names.map { $0.name.string } == ["files.example.net", "q.example"])
            #expect(batch.names.allSatisfy { $0.source == .tlsServerName && $0.port == 443 })
            #expect(batch.names.first?.client.description == "10.0.0.5")
            #expect(batch.names.first?.address.description == "203.0.113.10")
            #expect(batch.irrelevant == 1)
        }
        #expect(seen != nil)
    }

    /// The same question and answer as Suricata 3, 6 and 8 log them.
    @Test(arguments: [
        (
            "\"dns\":{\"type\":\"query\",\"id\":1,\"rrname\":\"Drop.Example.\",\"rrtype\":\"A\",\"tx_id\":0}",
            "\"dns\":{\"type\":\"answer\",\"id\":1,\"rcode\":\"NOERROR\",\"rrname\":\"drop.example\",\"rrtype\":\"A\",\"ttl\":5,\"rdata\":\"198.51.100.7\"}",
            false
        ),
        (
            "\"dns\":{\"version\":2,\"type\":\"query\",\"id\":1,\"rrname\":\"drop.example\",\"rrtype\":\"A\",\"tx_id\":0}",
            """
            "dns":{"version":2,"type":"answer","id":1,"rrname":"drop.example","rrtype":"A","rcode":"NOERROR","answers":[\
            {"rrname":"drop.example","rrtype":"CNAME","rdata":"cdn.example"},{"rrname":"cdn.example","rrtype":"A","rdata":"198.51.100.7"}],\
            "grouped":{"CNAME":["cdn.example"],"A":["198.51.100.7"]}}
            """, false
        ),
        (
            "\"dns\":{\"version\":2,\"type\":\"query\",\"id\":1,\"rrname\":\"drop.example\",\"rrtype\":\"A\",\"tx_id\":0}",
            "\"dns\":{\"version\":2,\"type\":\"answer\",\"id\":1,\"rrname\":\"drop.example\",\"grouped\":{\"A\":[\"198.51.100.7\"],\"MX\":[\"m\"]}}",
            false
        ),
        (
            "\"dns\":{\"version\":3,\"type\":\"request\",\"tx_id\":0,\"id\":1,\"queries\":[{\"rrname\":\"drop.example\",\"rrtype\":\"A\"}]}",
            """
            "dns":{"version":3,"type":"response","tx_id":1,"id":1,"rcode":"NOERROR","queries":[{"rrname":"drop.example","rrtype":"A"}],\
            "answers":[{"rrname":"drop.example","rrtype":"A","ttl":5,"rdata":"198.51.100.7"}]}
            """, true
        ),
    ]) func names(query: String, answer: String, isReversed: Bool) {
        let client = "10.0.0.5\",\"src_port\":5353"
        let server = "9.9.9.9\",\"dest_port\":53"
        let reply =
            isReversed
            ? Self.event(
                "dns", answer, from: "9.9.9.9\",\"src_port\":53", to: "10.0.0.5\",\"dest_port\":5353", proto: "UDP")
            : Self.event("dns", answer, from: client, to: server, proto: "UDP")
        let log = Self.event("dns", query, from: client, to: server, proto: "UDP") + "\n" + reply
        let seen: Void? = StreamSample(log).read(as: SuricataEVE.self) { batch in
            #expect(batch.records == 2 && batch.irrelevant == 0)
            #expect(batch.queries.count == 1 && batch.queries.first?.name.string == "drop.example")
            #expect(batch.queries.first?.client.description == "10.0.0.5")
            #expect(batch.queries.first?.resolver.description == "9.9.9.9")
            #expect(batch.names.count == 1 && batch.names.first?.source == .dnsAnswer)
            #expect(batch.names.first?.name.string == "drop.example")
            #expect(batch.names.first?.client.description == "10.0.0.5")
            #expect(batch.names.first?.address.description == "198.51.100.7")
        }
        #expect(seen != nil)
    }

    static let post = event(
        "http",
        """
        "tx_id":3,"http":{"hostname":"drop.example","url":"/in","http_user_agent":"curl/8.0","http_method":"POST",\
        "protocol":"HTTP/1.1","status":201,"length":12}
        """, to: "203.0.113.10\",\"dest_port\":80")

    static func file(_ rest: String, from: String, to: String, method: String = "POST", direction: String = "")
        -> String
    {
        event(
            "fileinfo",
            """
            \(direction)"http":{"hostname":"drop.example","url":"/in","http_method":"\(method)","status":201,"length":12},"app_proto":"http",\
            "fileinfo":{"filename":"/in","gaps":false,"stored":false,\(rest),"tx_id":3}
            """, from: from, to: to)
    }

    @Test func anUploadAndItsFileMeet() {
        let client = "10.0.0.5\",\"src_port\":51239"
        let server = "203.0.113.10\",\"dest_port\":80"
        let body = Self.file("\"state\":\"CLOSED\",\"sha256\":\"aa\",\"size\":4096", from: client, to: server)
        let reply = Self.file(
            "\"state\":\"CLOSED\",\"size\":12", from: "203.0.113.10\",\"src_port\":80",
            to: "10.0.0.5\",\"dest_port\":51239")
        let seen: Void? = StreamSample([Self.post, body, reply].joined(separator: "\n")).read(as: SuricataEVE.self) {
            batch in
            #expect(batch.uploads.count == 1 && batch.files.count == 2 && batch.names.count == 1)
            guard let upload = batch.uploads.first, batch.files.count == 2 else { return }
            #expect(upload.body == nil && upload.depth == 4 && upload.status == 201)
            #expect(
                upload.method.string == "POST" && upload.host.string == "drop.example" && upload.uri.string == "/in")
            let (sent, received) = (batch.files[0], batch.files[1])
            #expect(sent.fileID == upload.fileID && received.fileID != upload.fileID)
            #expect(sent.fromOriginator && sent.sender.description == "10.0.0.5" && sent.port == 80)
            #expect(sent.seen == 4096 && sent.total == 4096 && sent.missing == 0 && sent.content != nil)
            #expect(sent.carrier == .http && sent.name.string == "/in")
            #expect(!received.fromOriginator && received.sender.description == "203.0.113.10" && received.port == 80)
            #expect(received.content == nil)
            #expect(sent.mark.identity != received.mark.identity)
        }
        #expect(seen != nil)
    }

    @Test func directionsOfFiles() {
        func direction(_ text: String) -> [String] {
            StreamSample(text).read(as: SuricataEVE.self) { batch in
                batch.files.map { "\($0.sender) \($0.receiver) \($0.port) \($0.fromOriginator)" }
            } ?? []
        }
        let size = "\"state\":\"CLOSED\",\"size\":1"
        // As logged, against what ports and method suggest.
        #expect(
            direction(
                Self.file(
                    size, from: "10.0.0.5\",\"src_port\":80", to: "10.0.0.6\",\"dest_port\":4000",
                    direction: "\"direction\":\"to_server\","))
                == ["10.0.0.5 10.0.0.6 4000 true"])
        // Suricata 4 wrote a download in the direction of the packet that ended it.
        #expect(
            direction(
                Self.file(
                    size, from: "10.0.0.5\",\"src_port\":51239", to: "203.0.113.10\",\"dest_port\":80", method: "GET"))
                == ["203.0.113.10 10.0.0.5 80 false"])
        let smb = Self.event(
            "fileinfo", "\"app_proto\":\"smb\",\"fileinfo\":{\"filename\":\"a\",\(size),\"tx_id\":1}",
            from: "10.3.1.1\",\"src_port\":445",
            to: "10.3.1.2\",\"dest_port\":56746")
        #expect(direction(smb) == ["10.3.1.1 10.3.1.2 445 false"])
    }

    @Test func aCutFileIsOfUnknownSize() {
        for state in [
            "\"state\":\"TRUNCATED\",\"size\":100000,\"sha256\":\"aa\"",
            "\"state\":\"CLOSED\",\"gaps\":true,\"size\":100000",
        ] {
            let text = Self.file(
                state, from: "10.0.0.5\",\"src_port\":51239", to: "203.0.113.10\",\"dest_port\":80"
            ).replacing("\"gaps\":false,\"stored\":false,\"state\":\"CLOSED\"", with: "\"state\":\"CLOSED\"")
            let seen: Void? = StreamSample(text).read(as: SuricataEVE.self) { batch in
                #expect(batch.files.count == 1)
                #expect(batch.files.first?.total == nil && batch.files.first?.missing == FileSeen.unknownMissing)
                #expect(batch.files.first?.content == nil && batch.files.first?.seen == 100_000)
            }
            #expect(seen != nil)
        }
    }

    @Test func aProxyDoesNotGetTheNamesOfOthers() {
        for http in [
            "\"hostname\":\"a.example\",\"http_method\":\"CONNECT\",\"url\":\"a.example:443\"",
            "\"hostname\":\"a.example\",\"http_method\":\"GET\",\"url\":\"http://a.example/\"",
            "\"hostname\":\"192.0.2.1\",\"http_method\":\"GET\",\"url\":\"/\"",
        ] {
            let seen: Void? = StreamSample(Self.event("http", "\"http\":{\(http)}")).read(as: SuricataEVE.self) {
                batch in
                #expect(batch.names.isEmpty && batch.irrelevant == 1, "\(http)")
            }
            #expect(seen != nil)
        }
    }

    @Test func damageIsTold() {
        for (bad, reason) in [
            ("{\"timestamp\":\"2020", "not JSON"), ("{}", "kind that is not read"),
            ("{\"event_type\":\"flow\"}", "timestamp"),
            (Self.event("flow", "\"flow\":{\"bytes_toserver\":-1,\"bytes_toclient\":0}"), "byte counts"),
            (Self.event("flow", "\"flow\":{\"bytes_toserver\":1e400,\"bytes_toclient\":0}"), "not JSON"),
            (Self.event("flow", "\"flow\":{\"bytes_toserver\":1.5,\"bytes_toclient\":0}"), "byte counts"),
            (Self.event("flow", "\"flow\":{\"bytes_toserver\":18446744073709551616,\"bytes_toclient\":0}"), ""),
            (Self.event("flow", "\"flow\":{\"bytes_toserver\":1}", from: "10.0.0.999\""), "addresses"),
            (Self.event("fileinfo", "\"fileinfo\":{}"), "size"), ("\u{0}\u{1}", "not JSON"),
        ] {
            let seen: Void? = StreamSample([Self.flow, bad, Self.flow].joined(separator: "\n")).read(
                as: SuricataEVE.self
            ) { batch in
                #expect(batch.flows.count == 2 && batch.records == 2, "\(bad)")
                #expect(batch.rejections.count == 1, "\(bad)")
                #expect(batch.rejections.examples.first?.offset == UInt64(Self.flow.utf8.count + 1))
                #expect(
                    batch.rejections.examples.first?.reason.contains(reason) == true || reason.isEmpty,
                    "\(batch.rejections.examples)")
            }
            #expect(seen != nil)
        }
    }

    /// The same event read twice is one record, and other events are others.
    @Test func identity() {
        func identity(_ text: String) -> UInt64? {
            StreamSample(text).read(as: SuricataEVE.self, at: UInt64.random(in: 0...9)) {
                $0.uploads.first?.mark.identity
            } ?? nil
        }
        #expect(identity(Self.post) != nil && identity(Self.post) == identity(Self.post))
        #expect(identity(Self.post) != identity(Self.post.replacing("\"tx_id\":3", with: "\"tx_id\":4")))
        #expect(identity(Self.post) != identity(Self.post.replacing("361000", with: "361001")))
    }

    @Test func mutations() {
        var random = Xorshift(state: 0xD1B5_4A32_D192_ED03)
        let seeds = [Self.flow, Self.post, Self.event("dns", "\"dns\":{\"type\":\"query\",\"rrname\":\"a.b\"}")].map {
            Array($0.utf8)
        }
        for round in 0..<2000 {
            var text = seeds[Int(random.next() % UInt64(seeds.count))]
            for _ in 0...random.next() % 4 {
                let at = Int(random.next() % UInt64(text.count))
                switch random.next() % 3 {
                case 0: text[at] = UInt8(truncatingIfNeeded: random.next())
                case 1: text.remove(at: at)
                default: text.insert(contentsOf: text[at..<min(text.count, at + 9)], at: at)
                }
            }
            let lines = text.split(separator: 0x0A).filter { $0 != [0x0D] }.count
            let seen: Void? = StreamSample(text).read(as: SuricataEVE.self) { batch in
                #expect(
                    Int(batch.records + batch.rejections.count) == lines, "round \(round) of seed 0xD1B54A32D192ED03")
            }
            #expect(seen != nil)
        }
    }
}
