// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

/// Records of line formats, taken apart for rules.
@Suite("Fields of records")
struct RecordFieldsTests {
    /// `name=value` of each field of the last record; numbers behind `#`, truth values behind `!`.
    private static func fields<Source: LogSource>(_ text: String, _ type: Source.Type) -> [String]? {
        StreamSample(text).with { head, block -> [String]? in
            guard let source = Source(head) else { return nil }
            let (batch, fields) = (ActivityBatch(), EventFields())
            var isRead = false
            block.forEachRecord { record, _ in
                fields.clear()
                isRead = source.fields(of: record, into: fields, batch) == .read
            }
            guard isRead else { return nil }
            return fields.fields.map { field in
                let mark = field.kind == .number ? "#" : field.kind == .bool ? "!" : ""
                return "\(field.name.string)=\(mark)\(field.value.string)"
            }
        }
    }

    private static let zeek = [
        "#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\thttp",
        "#fields\tts\tid.orig_h\turi\tuser\ttags\ttrans_depth\tis_orig",
        "#types\ttime\taddr\tstring\tstring\tset[enum]\tcount\tbool", "",
    ].joined(separator: "\n")

    /// A row that is cut short may hold half a value.
    @Test func rowsCutShortAreTold() {
        let reading = StreamSample(Self.zeek + "1.5\t10.0.0.1\t/a\n").with { head, _ -> FieldReading? in
            guard let source = ZeekTSV(head), let row = head.records.last else { return nil }
            return source.fields(of: row, into: EventFields(), ActivityBatch())
        }
        #expect(reading == .unreadable("row has 3 columns, the header names 7: cut short, or a header line is missing"))
    }

    @Test func zeekColumns() throws {
        #expect(
            Self.fields(Self.zeek + "1.5\t10.0.0.1\t/a\\x09b\\\\c\t-\tHTTP::A,HTTP::B\t2\tT\n", ZeekTSV.self) == [
                "_path=http", "ts=#1.5", "id.orig_h=10.0.0.1", "uri=/a\tb\\c", "tags=HTTP::A", "tags=HTTP::B",
                "trans_depth=#2", "is_orig=!true",
            ])
        #expect(
            Self.fields(Self.zeek + "1.5\t10.0.0.1\t(empty)\tx\t(empty)\t2\tF\n", ZeekTSV.self) == [
                "_path=http", "ts=#1.5", "id.orig_h=10.0.0.1", "uri=", "user=x", "trans_depth=#2", "is_orig=!false",
            ])
        // What is no escape stays as it is.
        #expect(Self.fields(Self.zeek + "1.5\t10.0.0.1\t/a\\x0\t-\t-\t-\t-\n", ZeekTSV.self)?.last == "uri=/a\\x0")
    }

    @Test func accessLogs() throws {
        let line =
            #"10.0.0.7 - eve [01/May/2024:10:00:01 +0000] "POST /up/a.php?x=1&y=../ HTTP/1.1" 200 512 "-" "curl/8""#
        let fields = try #require(Self.fields(line + "\n", CombinedLog.self))
        for expected in [
            "c-ip=10.0.0.7", "cs-username=eve", "cs-method=POST", "cs-uri=/up/a.php?x=1&y=../", "cs-uri-stem=/up/a.php",
            "cs-uri-query=x=1&y=../", "cs-uri-extension=php", "sc-status=#200", "sc-bytes=#512", "cs-user-agent=curl/8",
            "time=#1714557601000000",
        ] {
            #expect(fields.contains(expected), "\(expected) in \(fields)")
        }
        let squid =
            "1714557601.123    200 10.0.0.7 TCP_MISS/200 4512 GET http://files.example.org/a/b.zip?k=v - HIER_DIRECT/192.0.2.1 application/zip\n"
        let proxied = try #require(Self.fields(squid, SquidLog.self))
        for expected in [
            "c-ip=10.0.0.7", "cs-host=files.example.org", "cs-uri-stem=/a/b.zip", "cs-uri-query=k=v",
            "cs-uri-extension=zip", "sc-status=#200",
        ] {
            #expect(proxied.contains(expected), "\(expected) in \(proxied)")
        }
    }

    @Test func jsonIsLookedAtInPlace() {
        #expect(Self.fields("{\"a\":1}\n", JSONLines.self) == nil)
    }
}
