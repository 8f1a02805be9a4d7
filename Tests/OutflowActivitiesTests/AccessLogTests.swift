// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

/// Lines as servers, sites and attackers write them.
struct AccessLogTests {
    static let pdf = "http://journal.example.org:80/doi/pdf/10.1234/abc.5"

    /// A default EZproxy line.
    static func line(
        client: String = "192.0.2.7", session: String = "gkD4AHFj7rDheJa", user: String = "anna",
        time: String = "05/Mar/2012:00:07:21 +0100", request: String = "GET \(pdf) HTTP/1.1", status: String = "200",
        bytes: String = "1000"
    ) -> String {
        "\(client) \(session) \(user) [\(time)] \"\(request)\" \(status) \(bytes)\n"
    }

    @Test func theDefaultLayoutTellsWhoReadWhat() throws {
        let run = AccessLogRun(Self.line())
        let read = try #require(run.reads.first)
        #expect(run.format == "ezproxy" && run.records == 1 && run.irrelevant == 0)
        #expect(read.route == .library && read.state == .taken)
        #expect(read.source == "anna" && read.session == "gkD4AHFj7rDheJa")
        #expect(read.destination == "192.0.2.7" && read.destinationKind == .address)
        #expect(read.store == "journal.example.org" && read.object == "10.1234/abc.5#pdf")
        #expect(read.bytes == 1000 && read.part == .whole)
        #expect(read.time.description == "2012-03-04T23:07:21.000000Z")
    }

    @Test(
        "who is named when fields are missing",
        arguments: [
            ("gkD4AHFj7rDheJa", "anna", "anna"), ("gkD4AHFj7rDheJa", "-", "gkD4AHFj7rDheJa"), ("-", "-", "192.0.2.7"),
            ("-", "Anna de la Rue", "Anna de la Rue"),
            ("-", "uid=x,ou=people,dc=example,dc=fr", "uid=x,ou=people,dc=example,dc=fr"),
            ("-", "a.b@example.fr%20P", "a.b@example.fr%20P"), ("-", "odd [user", "odd [user"),
        ])
    func principal(session: String, user: String, id: String) {
        #expect(AccessLogRun(Self.line(session: session, user: user)).reads.map(\.source) == [id])
    }

    @Test func unknownSizeIsNotZero() {
        #expect(AccessLogRun(Self.line(bytes: "-")).reads.map(\.bytes) == [nil])
        // Nothing was sent: nothing left.
        #expect(AccessLogRun(Self.line(bytes: "0")).reads.isEmpty)
    }

    @Test(
        "what is said about sizes, states and times that cannot be",
        arguments: [
            (line(bytes: "18446744073709551616"), "bytes"), (line(bytes: "-5"), "bytes"), (line(bytes: "1e3"), "bytes"),
            (line(time: "30/Feb/2012:00:07:21 +0100"), "time"), (line(time: "05/Mar/0000:00:07:21 +0100"), "time"),
            (line(time: "05/Mar/2012:24:07:21 +0100"), "time"), (line(time: "05/Mar/2012:00:07:21 +9900"), "time"),
            ("192.0.2.7 - anna [05/Mar/2012:00:07:21 +0100] \"GET \(pdf) HTTP/1.1 200 1000\n", "request"),
            ("192.0.2.7 - anna [05/Mar/2012:00:07:21 +0100] \"GET http://jour\n", "request"),
            ("complete nonsense\n", "session"), ("\u{0}\u{0}\n", "client"),
        ])
    func rejections(bad: String, field: String) throws {
        let good = String(repeating: Self.line(), count: 9)
        let run = AccessLogRun(good + bad + Self.line())
        #expect(run.records == 10 && run.reads.count == 10)
        #expect(run.rejections.count == 1)
        let example = try #require(run.rejections.examples.first)
        #expect(example.offset == UInt64(good.utf8.count))
        #expect(example.reason.contains(field), "\(example.reason)")
    }

    @Test func manyBadLinesAreCountedAndTenShown() {
        let run = AccessLogRun(String(repeating: Self.line(), count: 20) + String(repeating: "x\n", count: 5000))
        #expect(run.rejections.count == 5000 && run.rejections.examples.count == 10 && run.records == 20)
    }

    @Test func oddBytesAreReadOver() {
        // Latin-1 in a name, an unescaped quote and blanks within the request, an IPv6 client, no end of line.
        var bytes = Array("2001:db8::7 - ".utf8) + [0xE9, 0xFF]
        bytes += Array(
            " [05/Mar/2012:00:07:21 +0100] \"GET http://a.example.org/x\" 404 y/10.1234/abc.pdf HTTP/1.1\" 200 12\r\n"
                .utf8)
        bytes += Array(
            Self.line(request: "GET http://a.example.org/with blank/10.1234/Abc.PDF.pdf HTTP/1.1").utf8.dropLast())
        let run = AccessLogRun(bytes)
        #expect(run.rejections.count == 0)
        #expect(run.reads.map(\.destination) == ["2001:db8::7", "192.0.2.7"])
        #expect(run.reads.map(\.bytes) == [12, 1000])
        #expect(run.reads.map(\.object) == ["10.1234/abc#pdf", "10.1234/abc.pdf#pdf"])
    }

    @Test func zonesAreTheLogsOwnElseTheSites() {
        let bare = Self.line(time: "05/Mar/2012:00:07:21")
        #expect(AccessLogRun(bare).reads.map(\.time.description) == ["2012-03-05T00:07:21.000000Z"])
        let paris = SourceOptions(zoneOffsetMinutes: 60)
        #expect(AccessLogRun(bare, options: paris).reads.map(\.time.description) == ["2012-03-04T23:07:21.000000Z"])
        #expect(
            AccessLogRun(Self.line(), options: paris).reads.map(\.time.description) == ["2012-03-04T23:07:21.000000Z"])
    }

    @Test func sessionAndUserInEitherOrder() {
        let swapped = Self.line(session: "anna", user: "gkD4AHFj7rDheJa")
        let run = AccessLogRun(swapped + Self.line(session: "bob", user: "oBzrStkEVAeUDeA"))
        #expect(run.reads.map(\.source) == ["anna", "bob"])
        #expect(run.reads.map(\.session) == ["gkD4AHFj7rDheJa", "oBzrStkEVAeUDeA"])
    }

    @Test func tabsMayStandForBlanks() {
        let line = "192.0.2.7\t-\tanna\t[05/Mar/2012:00:07:21 +0100]\t\"GET \(Self.pdf) HTTP/1.1\"\t200\t7\n"
        #expect(AccessLogRun(line).reads.map(\.bytes) == [7])
    }

    @Test func redirectsRefusalsAndDoors() {
        let run = AccessLogRun(
            [
                Self.line(status: "302", bytes: "444"), Self.line(status: "304", bytes: "0"),
                Self.line(status: "401", bytes: "300"), Self.line(request: "HEAD \(Self.pdf) HTTP/1.1"),
                Self.line(request: "GET http://proxy.example.org:2048/login?url=\(Self.pdf) HTTP/1.1"),
                Self.line(request: "GET http://proxy.example.org:2048/connect?session=s1&url=\(Self.pdf) HTTP/1.1"),
                Self.line(request: "-", status: "408", bytes: "-"), Self.line(status: "-", bytes: "9"),
            ].joined())
        #expect(run.reads.map(\.state) == [.attempted, .taken])
        #expect(run.reads.map(\.bytes) == [nil, 9])
        #expect(run.irrelevant == 6 && run.records == 8)
    }

    @Test func aDocumentInPiecesIsOneObject() {
        let directive = #"%h %{ezproxy-session}i %u %t "%r" %s %b "%{Range}i""#
        let options = SourceOptions(logFormat: directive)
        func piece(_ range: String, _ bytes: String) -> String {
            Self.line(status: "206", bytes: bytes).dropLast() + " \"\(range)\"\n"
        }
        let run = AccessLogRun(
            piece("bytes=0-499", "500") + piece("bytes=500-999", "300") + piece("bytes=900-", "100")
                + piece("bytes=-50", "50") + piece("bytes=0-1,5-9", "9") + piece("-", "10")
                + piece("bytes=18446744073709551615-", "10") + piece("bytes=9-2", "10"), options: options)
        #expect(run.documents == ["10.1234/abc.5#pdf"])
        #expect(
            run.reads.map(\.part) == [
                .range(from: 0, to: 500), .range(from: 500, to: 800), .range(from: 900, to: 1000), .unknownPart,
                .unknownPart, .unknownPart, .unknownPart, .unknownPart,
            ])
        // Without the header it is not known which part it was.
        #expect(AccessLogRun(Self.line(status: "206")).reads.map(\.part) == [.unknownPart])
    }

    @Test func identicalLinesHaveOneIdentity() {
        let run = AccessLogRun(Self.line() + Self.line() + Self.line(bytes: "1001"))
        #expect(run.reads[0].identity == run.reads[1].identity && run.reads[0].identity != run.reads[2].identity)
    }

    /// Servers of several layouts may write one log: most lines decide, and the others are told.
    @Test func mixedLayouts() {
        let combined = #"192.0.2.7 - - [10/Apr/2012:09:38:11 +0200] "GET /a HTTP/1.1" 200 290 "-" "curl""#
        let common = #"192.0.2.7 - - [10/Apr/2012:09:38:12 +0200] "GET /b HTTP/1.1" 200 290"#
        let host =
            #"www.example.org:443 192.0.2.7 - - [10/Apr/2012:09:38:13 +0200] "GET /c HTTP/1.1" 200 290 "-" "curl""#
        let run = AccessLogRun([combined, common, host, combined, host, combined].joined(separator: "\n") + "\n")
        #expect(run.format == "combined")
        #expect(run.reads.map(\.object) == ["/a", "/a", "/a"])
        #expect(run.rejections.count == 3)
        // What is no access log for the most part is none.
        #expect(AccessLogRun([combined, "one", "two", "three"].joined(separator: "\n") + "\n").format != "combined")
    }

    /// A line of another layout costs that line, and not the fields which all others have.
    @Test(
        "one odd line among combined ones",
        arguments: [
            #"192.0.2.7 - - [10/Apr/2012:09:38:12 +0200] "GET /b HTTP/1.1" 200 290 "-" "curl" "203.0.113.9""#,
            #"192.0.2.7 - - [10/Apr/2012:09:38:12 +0200] "GET /b HTTP/1.1" 200 290"#,
            #"192.0.2.7 - - [10/Apr/2012:09:38:12 +0200] "GET /b HTTP/1.1" 200 290 "-" "c "d"""#,
        ], [0, 4, 9])
    func oneOddLine(odd: String, place: Int) throws {
        let combined = #"192.0.2.7 - - [10/Apr/2012:09:38:11 +0200] "GET /a HTTP/1.1" 200 290 "-" "curl""#
        var lines = [String](repeating: combined, count: 9)
        lines.insert(odd, at: place)
        let run = AccessLogRun(lines.joined(separator: "\n") + "\n")
        #expect(run.format == "combined")
        #expect(run.reads.map(\.client) == [String](repeating: "curl", count: 9))
        #expect(run.rejections.count == 1)
        #expect(run.rejections.examples.first?.offset == UInt64(place * (combined.utf8.count + 1)))
        #expect(try #require(run.rejections.examples.first).reason.contains("layout"))
    }

    /// Where most lines have more behind, that is their layout.
    @Test func mostLinesHaveMoreBehind() {
        let combined = #"192.0.2.7 - - [10/Apr/2012:09:38:11 +0200] "GET /a HTTP/1.1" 200 290 "-" "curl""#
        let more = [String](repeating: combined + #" "203.0.113.9""#, count: 9)
        let run = AccessLogRun((more + [combined]).joined(separator: "\n") + "\n")
        #expect(run.reads.map(\.client) == [String](repeating: "curl", count: 9) && run.rejections.count == 1)
    }

    @Test func theOrganisationsOwnWebServer() {
        let log = """
            www.example.org:443 192.0.2.7 - - [10/Apr/2012:09:38:11 +0200] "GET /data/list.csv?all=1 HTTP/1.1" 200 290 "-" "curl \\"8\\""
            www.example.org:443 host.example.net - - [10/Apr/2012:09:38:12 +0200] "GET /private HTTP/1.1" 403 12 "-" "curl"
            www.example.org:443 192.0.2.7 - - [10/Apr/2012:09:38:13 +0200] "POST /form HTTP/1.1" 200 12 "-" "curl"
            www.example.org:443 192.0.2.7 - - [10/Apr/2012:09:38:14 +0200] "\\x16\\x03\\x01" 400 0 "-" "-"
            www.example.org:443 192.0.2.7 - - [10/Apr/2012:09:38:15 +0200] "GET /https/www.sciencedirect.com/science/article/pii/S1875389212003823 HTTP/1.1" 200 99 "-" "curl"
            """
        let run = AccessLogRun(log)
        #expect(run.format == "combined" && run.rejections.count == 0)
        #expect(run.reads.map(\.route) == [.web, .web, .library])
        #expect(run.reads.map(\.state) == [.taken, .attempted, .taken])
        #expect(run.reads.map(\.source) == ["www.example.org", "www.example.org", "192.0.2.7"])
        #expect(run.reads.map(\.object) == ["/data/list.csv?all=1", "/private", "S1875389212003823#html"])
        #expect(run.reads.map(\.destinationKind) == [.address, .domain, .address])
        #expect(run.reads.map(\.client) == [#"curl \"8\""#, "curl", "curl"])
    }

    @Test func squidCountsDocumentsAndOnlyWithItsSizeUploads() {
        let native = """
            1319061710.284   2102 192.0.2.7 TCP_MISS/200 309401 GET http://www.sciencedirect.com/science/article/pii/S0166218X11003477 anna DIRECT/198.51.100.2 text/html
            1319061710.285     10 192.0.2.7 TCP_MISS/200 5000 GET http://shop.example.com/brochure.pdf anna DIRECT/198.51.100.2 application/pdf
            1319061710.286     10 192.0.2.7 TCP_MISS/200 5000 POST http://drop.example.com/up anna DIRECT/198.51.100.2 text/html
            1319061710.287     10 192.0.2.7 TCP_TUNNEL/200 5000 CONNECT drop.example.com:443 anna DIRECT/198.51.100.2 -
            1319061710.288     10 192.0.2.7 TCP_MISS_ABORTED/200 50 GET http://arxiv.org/pdf/1201.0001v2 - DIRECT/198.51.100.2 application/pdf
            1319061710.289     10 192.0.2.7 TCP_MISS/200 50 GET http://arxiv.org/pdf/1201.0002 - DIRECT/198.51.100.2 text/html; charset=utf-8
            """
        let run = AccessLogRun(native)
        #expect(run.format == "squid" && run.rejections.count == 0 && run.irrelevant == 4)
        #expect(run.reads.map(\.object) == ["S0166218X11003477#html", "1201.0001v2#pdf"])
        #expect(run.reads.map(\.part) == [.whole, .unknownPart])
        #expect(run.reads.first?.time.description == "2011-10-19T22:01:50.284000Z")

        let options = SourceOptions(logFormat: "logformat up %ts.%03tu %>a %un %rm %ru %>Hs %>st %<st")
        let sized = AccessLogRun(
            """
            1319061710.286 192.0.2.7 anna POST http://Drop.example.com/up 200 123456 500
            1319061710.286 192.0.2.7 - PUT http://drop.example.com/up 204 77 500
            1319061710.286 192.0.2.7 - PUT http://drop.example.com/up 403 77 500
            """, options: options)
        #expect(sized.format == "squid")
        #expect(sized.reads.map(\.route) == [.web, .web, .web])
        #expect(sized.reads.map(\.bytes) == [123_456, 77, nil])
        #expect(sized.reads.map(\.source) == ["anna", "192.0.2.7", "192.0.2.7"])
        #expect(sized.reads.map(\.destination) == ["drop.example.com", "drop.example.com", "drop.example.com"])
        #expect(Set(sized.reads.map(\.object)).count == 3)
    }

    @Test func otherLogsAreNotTaken() {
        for text in [
            "#separator \\x09\n#fields\tts\tuid\n1\t2\n", "{\"a\":1}\n",
            "Mar  5 00:07:21 host sshd[1]: Accepted password\n", "a,b,c\n1,2,3\n",
            "79a59df900b949e5 bucket [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e5 3E57427F3EXAMPLE REST.GET.OBJECT key \"GET /bucket/key HTTP/1.1\" 200 - 113 - 7 - \"-\" \"S3Console/0.4\" -\n",
            "\n \n", "",
        ] {
            #expect(!["ezproxy", "squid", "combined"].contains(AccessLogRun(text).format), "\(text)")
        }
    }

    /// Whatever the bytes: every line is read, passed over or rejected, and nothing traps.
    @Test func damagedLinesNeverTrap() {
        let seed: UInt64 = 20_120_305
        var state = seed
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        let whole = Array(
            (Self.line() + Self.line(request: "GET http://a.example.org/a%2Fb/10.1234%2Fq%?pid=x.pdf&_pii=S1 HTTP/1.1"))
                .utf8)
        let options = SourceOptions(logFormat: #"%h %{ezproxy-session}i %u %t "%r" %s %b"#, format: "ezproxy")
        for _ in 0..<2000 {
            var bytes = whole
            for _ in 0..<(1 + random() % 8) {
                let at = Int(random() % UInt64(bytes.count))
                switch random() % 3 {
                case 0: bytes[at] = UInt8(truncatingIfNeeded: random())
                case 1: bytes.remove(at: at)
                default:
                    bytes.insert(
                        UInt8(truncatingIfNeeded: "%\"[] /?.-#:@&=10".utf8.randomElement(seed: random())), at: at)
                }
            }
            let run = AccessLogRun(bytes, options: options)
            #expect(run.records == UInt64(run.reads.count) + run.irrelevant, "seed \(seed)")
            let lines = bytes.split(separator: 0x0A).map { $0.last == 0x0D ? $0.dropLast() : $0 }
            let written = lines.count { line in line.contains { $0 != 0x20 && $0 != 0x09 } }
            // Unless no layout at all was found, and so nothing read.
            #expect(run.format == nil || run.records + run.rejections.count == UInt64(written), "seed \(seed)")
        }
    }
}

extension String.UTF8View {
    fileprivate func randomElement(seed: UInt64) -> UInt8 {
        self[index(startIndex, offsetBy: Int(seed % UInt64(count)))]
    }
}
