// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

/// Recognition, CSV rows and damage.
@Suite struct Microsoft365ShapeTests {
    static let record = Microsoft365FileTests.file("FileDownloaded", ",\"FileSizeBytes\":12")

    static func cell(_ text: String) -> String { "\"\(text.replacing("\"", with: "\"\""))\"" }

    @Test func recognition() {
        #expect(StreamSample(Self.record).score(as: Microsoft365.self) >= 90)
        #expect(
            StreamSample("RecordId,CreationDate,RecordType,Operation,UserId,AuditData\n").score(as: Microsoft365.self)
                >= 90)
        #expect(
            StreamSample("#TYPE Selected.Object\n\"CreationDate\";\"auditdata\"\n").score(as: Microsoft365.self) >= 90)
        for other in [
            "", "{", "[]", "{}", "{\"Operation\":\"x\"}", "a,b,c\n1,2,3\n",
            "{\"eventVersion\":\"1.08\",\"eventName\":\"GetObject\"}",
            "{\"event_type\":\"flow\",\"timestamp\":\"2020-04-30T00:08:02.361000+0000\"}",
            "{\"RawEventData\":null,\"ActionType\":\"LdapSearch\"}",
        ] {
            #expect(StreamSample(other).score(as: Microsoft365.self) < 50, "\(other)")
        }
    }

    /// Among all sources, each log finds its own.
    @Test func amongAllSources() {
        func format(_ text: String) -> String? {
            StreamSample(text).with { head, _ in LogSources.source(for: head)?.1.format }
        }
        #expect(format(Self.record) == "microsoft-365-audit")
        #expect(
            format("CreationDate,UserIds,Operations,AuditData\n1,a,b,\(Self.cell(Self.record))\n")
                == "microsoft-365-audit")
        #expect(format(SuricataEVETests.flow) == "suricata-eve")
        #expect(format(SuricataEVETests.post) == "suricata-eve")
    }

    @Test(arguments: [",", ";", "\t"]) func rows(separator: String) {
        let rows = [
            ["CreationDate", "UserIds", "Operations", "AuditData", "Extra"],
            ["3/5/2024 10:00:00 AM", "\"a, \"\"b\"\"\"", "FileDownloaded", Self.cell(Self.record), ""],
            ["CreationDate", "UserIds", "Operations", "AuditData", "Extra"],
            ["3/5/2024 10:00:00 AM", "b", "FileDownloaded", Self.cell(Self.record), "x"],
        ].map { $0.joined(separator: separator) }.joined(separator: "\r\n")
        let log = "sep=\(separator)\r\n" + rows
        let seen: Void? = StreamSample(log).read(as: Microsoft365.self) { batch in
            #expect(batch.records == 2 && batch.objects.count == 2 && batch.rejections.count == 0)
            #expect(batch.objects.last?.bytes == 12)
            let row = Array(log.utf8)[Int(batch.objects[0].mark.offset)...].prefix(Int(batch.objects[0].mark.length))
            #expect(String(decoding: row, as: UTF8.self).hasPrefix("3/5/2024"))
        }
        #expect(seen != nil)
    }

    /// What cannot be read is told with its offset, and its neighbours count.
    @Test func damagedRows() {
        let header = "CreationDate,AuditData\n"
        let good = "x,\(Self.cell(Self.record))\n"
        for (bad, reason) in [
            ("x,\"{\"\"Id\"\":\n", "open quote"), ("x\n", "without AuditData"), ("x,\"{}\"y\n", "closing quote"),
            ("x,\(Self.cell(String(Self.record.dropLast(30))))\n", "not JSON"), ("x,{}\n", "CreationTime"),
            ("x,[1]\n", "no JSON object"),
        ] {
            let seen: Void? = StreamSample(header + good + bad + good).read(as: Microsoft365.self, at: 500) { batch in
                #expect(batch.objects.count == 2, "\(bad)")
                #expect(batch.rejections.count == 1, "\(bad)")
                #expect(batch.rejections.examples.first?.offset == UInt64(500 + header.utf8.count + good.utf8.count))
                #expect(
                    batch.rejections.examples.first?.reason.contains(reason) == true, "\(batch.rejections.examples)")
            }
            #expect(seen != nil)
        }
    }

    @Test func damagedJSON() {
        let deep = String(repeating: "[", count: 100_000)
        for bad in [
            "{", "null", "3", "\"x\"", deep, "{\"Id\":\"\\ud800\"", "{\"CreationTime\":\"2024-13-05T10:00:00\"}",
            "\u{0}",
        ] {
            let seen: Void? = StreamSample(Self.record + "\n" + bad + "\n" + Self.record).read(as: Microsoft365.self) {
                batch in
                #expect(batch.records == 2 && batch.objects.count == 2, "\(bad.prefix(40))")
                #expect(batch.rejections.count == 1, "\(bad.prefix(40))")
                #expect(batch.rejections.examples.first?.offset == UInt64(Self.record.utf8.count + 1))
            }
            #expect(seen != nil)
        }
    }

    /// Whatever bytes are cut, doubled or changed: no trap, and every line is counted or rejected.
    @Test func mutations() {
        var random = Xorshift(state: 0x9E37_79B9_7F4A_7C15)
        let seeds = [
            Microsoft365MailTests.bind, Self.record, Microsoft365FileTests.file("AnonymousLinkUsed"),
            "CreationDate,AuditData\nx,\(Self.cell(Self.record))",
        ].map { Array($0.utf8) }
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
            let lines = text.split(whereSeparator: { $0 == 0x0A }).filter { $0 != [0x0D] }.count
            let seen: Void? = StreamSample(text).read(as: Microsoft365.self) { batch in
                let told = Int(batch.records + batch.rejections.count)
                // A header line of a table is neither.
                #expect(told == lines || told == lines - 1, "round \(round) of seed 0x9E3779B97F4A7C15")
                #expect(batch.irrelevant <= batch.records)
            }
            #expect(seen != nil)
        }
    }
}

/// A small generator whose numbers are the same everywhere.
struct Xorshift {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
