// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

/// The compiler of LogFormat directives.
struct LogFormatTests {
    @Test(
        "directives of all three dialects",
        arguments: [
            #"%h %l %u %t "%r" %s %b"#, #"LogFormat %h %{ezproxy-session}i %u %t "%r" %s %b"#,
            #"LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"" combined"#,
            #"LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O" vhost"#, #"%400,501{User-agent}i %h %t %m %U%q %>s %B %D %I"#,
            #"logformat combined %>a %[ui %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st "%{Referer}>h" "%{User-Agent}>h" %Ss:%Sh"#,
            #"logformat squid %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt"#,
            #"%{%Y-%m-%d}t %{%H:%M:%S}t %a %U"#, #"%{msec}t %a %U"#, #"%{%d/%b/%Y:%T %z}t|%u|%U"#,
        ])
    func compiles(directive: String) throws {
        let format = try LogFormat(directive)
        #expect(format.fields.contains(.time))
        #expect(format.fields.contains(.request) || format.fields.contains(.url))
    }

    @Test(
        "directives that cannot be used say why",
        arguments: [
            ("%h %u \"%r\"", LogFormatError.noTime), ("%h %t %u", .noRequest), ("", .noTime),
            ("%h%u %t %r", .adjacentFields("%h%u %t %r")),
            ("%h %t %r %{User", .unfinished("%{User")), ("%t %r %", .unfinished("%")), ("%{%Y}t %r", .time("%Y")),
        ])
    func refuses(directive: String, error: LogFormatError) {
        #expect(throws: error) { try LogFormat(directive) }
    }

    /// The site's own layout is read although no common one is like it.
    @Test(
        "configured layouts",
        arguments: [
            (
                #"%{%Y-%m-%d}t|%{%H:%M:%S}t|%u|%h|%m|%U|%s|%b|%{User-Agent}i|Default+inpl"#,
                "2012-03-05|00:07:21|Anna B|192.0.2.7|GET|http://x.example.org/a/10.1234/q.pdf|200|17|Mozilla/5.0 (X11)|Default+inpl"
            ),
            (
                #"LogFormat "%b %>s \"%{Referer}i\" \"%r\" %{sec}t %a %u""#,
                #"17 200 "http://r \"quoted\" " "GET http://x.example.org/a/10.1234/q.pdf HTTP/2" 1330906041 192.0.2.7 Anna B"#
            ),
            (
                #"%{%Y-%m-%dT%H:%M:%S%z}t %h "%u" "%r" %s %b %D"#,
                #"2012-03-05T00:07:21Z 192.0.2.7 "Anna B" "GET http://x.example.org/a/10.1234/q.pdf HTTP/1.1" 200 17 12"#
            ),
        ])
    func configured(directive: String, line: String) throws {
        let run = AccessLogRun(line + "\n", options: SourceOptions(logFormat: directive))
        #expect(run.rejections.count == 0, "\(run.rejections.examples)")
        let read = try #require(run.reads.first)
        #expect(read.source == "Anna B" && read.destination == "192.0.2.7" && read.bytes == 17)
        #expect(read.object == "10.1234/q#pdf" && read.time.description == "2012-03-05T00:07:21.000000Z")
    }

    @Test(
        "of two sizes of a reply, the one without headers counts, wherever it stands",
        arguments: [
            (#"%h %l %u %t "%r" %>s %b %I %O"#, 17, 0), (#"%h %l %u %t "%r" %>s %O %I %b"#, 1300, 0),
            (#"%h %l %u %t "%r" %>s %O %I %D"#, 17, 65_536),
        ] as [(String, UInt64, UInt64)])
    func sizesOfReplies(directive: String, bytes: UInt64, headers: UInt64) throws {
        let run = AccessLogRun(
            #"192.0.2.7 - - [05/Mar/2012:00:07:21 +0000] "GET http://x.example.org/a/10.1234/q.pdf HTTP/1.1" 200 17 500 1300"#
                + "\n", options: SourceOptions(logFormat: directive))
        let read = try #require(run.reads.first)
        #expect(read.bytes == bytes && read.headers == headers)
    }

    @Test func aConfiguredLayoutThatDoesNotFitIsTold() {
        let options = SourceOptions(logFormat: #"%t %h %u "%r" %s %b"#, format: "ezproxy")
        let run = AccessLogRun(AccessLogTests.line(), options: options)
        #expect(run.records == 0 && run.rejections.count == 1 && run.reads.isEmpty)
    }
}
