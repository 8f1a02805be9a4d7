// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowReports

@Suite struct JSONReportTests {
    private func expectEqual(_ one: Report, _ two: Report, _ note: String = "") {
        #expect(one.inputs == two.inputs, "\(note)")
        #expect(one.localNetworks == two.localNetworks, "\(note)")
        #expect(one.tenants == two.tenants, "\(note)")
        #expect(one.gaps == two.gaps, "\(note)")
        #expect(one.ledger == two.ledger, "\(note)")
        #expect(one.staging == two.staging, "\(note)")
        #expect(one.totals == two.totals, "\(note)")
    }

    @Test func readsBackWhatItWrote() throws {
        let reader = try JSONReportReader(JSONReport.render(DemoReport.full, version: "0.1.0"))
        expectEqual(reader.report, DemoReport.full)
        #expect(reader.version == "0.1.0")
        #expect(reader.transfer("T-5f0c1d9a7be24431")?.onWire == 2_164_178)
        #expect(reader.transfer("T-0000000000000000") == nil)
        #expect(reader.staging("S-71d0b6a2c94e8f35")?.followedBy == ["T-5f0c1d9a7be24431"])
    }

    @Test func emptyReport() throws {
        expectEqual(try JSONReportReader(JSONReport.render(Report(), version: "")).report, Report())
    }

    @Test(arguments: [41, 42, 43] as [UInt64]) func hostileStringsAndExtremesComeBack(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var report = DemoReport.replacingStrings(DemoReport.suspicious) { _ in Hostile.string(&random) }
        report.ledger[0].bytes = ByteBounds(atLeast: UInt64.max - 1, atMost: UInt64.max)
        report.ledger[0].onWire = UInt64.max
        report.ledger[1].first = .earliest
        report.ledger[1].last = .latest
        report.ledger[2].evidence[0] = Origin(input: 5, offset: .max, length: .max)
        expectEqual(try JSONReportReader(JSONReport.render(report, version: "1")).report, report, "seed \(seed)")
    }

    @Test func everyCharacterComesBack() throws {
        var report = Report()
        var all = String.UnicodeScalarView()
        for value in UInt32(0)..<0x3100 { if let scalar = Unicode.Scalar(value) { all.append(scalar) } }
        all.append(contentsOf: "\u{FEFF}\u{FFFE}\u{FFFF}\u{10FFFF}".unicodeScalars)
        report.tenants = [String(all)]
        let bytes = JSONReport.render(report, version: "1")
        #expect(try JSONReportReader(bytes).report.tenants == report.tenants)
        // Safe to look at and to embed: no control, no separator, no override stands in the file itself.
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars where scalar != "\n" {
            #expect(
                scalar.value >= 0x20 && scalar.properties.generalCategory != .control,
                "U+\(String(scalar.value, radix: 16))")
            #expect(![0x202E, 0x2066, 0x2028, 0x2029, 0x200B, 0xFEFF].contains(scalar.value))
        }
    }

    @Test(.enabled(if: Tools.hasPython, "needs python3")) func othersReadItAndKeysAreSorted() throws {
        let script = """
            import json,sys
            def pairs(items):
                keys=[k for k,_ in items]
                assert keys==sorted(keys) and len(keys)==len(set(keys)),keys
                return dict(items)
            r=json.loads(sys.stdin.buffer.read().decode("utf-8"),object_pairs_hook=pairs)
            t=[t for t in r["ledger"] if t["id"]=="T-5f0c1d9a7be24431"][0]
            print(sorted(r))
            print(sorted(t))
            print(t["bytes"],t["first"],t["objects"],t["suspicion"],t["case"],t["destination"])
            print(r["totals"]["by_route"]["cloud-object"],[t["bytes"] for t in r["ledger"] if t["route"]=="mail"])
            print(r["outflow"],r["findings"],r["cases"],r["limits"],r["inputs"][4]["rejected"]["count"])
            """
        let out = try Tools.python(script, input: JSONReport.render(DemoReport.full, version: "0.1.0"))
        #expect(
            out == """
                ['cases', 'estate', 'findings', 'gaps', 'inputs', 'ledger', 'limits', 'outflow', 'staging', 'totals']
                ['bytes', 'case', 'class', 'destination', 'evidence', 'first', 'id', 'last', 'notes', 'objects', 'records', 'route', 'sanctioned', 'service', 'session', 'source', 'state', 'store', 'suspicion']
                {'at_least': 1082089, 'at_most': 1082089, 'on_wire': 2164178} 2020-05-01T22:54:03.100000Z {'distinct': 1, 'reads': 2} none None {'addresses': ['192.0.2.44', '192.0.2.45'], 'id': 'dav.files-store.example', 'kind': 'domain', 'name': None, 'tenant': None}
                {'bytes': {'at_least': 89, 'at_most': 89}, 'on_wire': 178, 'reads': 2, 'records': 2, 'transfers': 1} [{'at_least': 0, 'at_most': None, 'on_wire': None}]
                {'schema': 1, 'version': '0.1.0'} [] [] [] 5

                """)
    }

    @Test(arguments: [
        ("\"schema\":1", "\"schema\":2", "outflow.schema: this program reads schema 1, not 2"),
        ("\"route\":\"dns\"", "\"route\":\"pigeon\"", "route: not a value that this program knows"),
        ("\"at_most\":1082089", "\"at_most\":1082088", "bytes.at_most: less than at_least"),
        ("\"at_least\":1082089", "\"at_least\":-1", "bytes.at_least: not a whole number"),
        ("\"at_least\":1082089", "\"at_least\":1e400", ""),
        ("\"evidence\":[{\"input\":4", "\"evidence\":[{\"input\":6", "there is no such input"),
        ("\"sanctioned\":false", "\"sanctioned\":\"no\"", "sanctioned: neither true nor false"),
        ("\"first\":\"2020-05-01T22:54:03.100000Z\"", "\"first\":\"yesterday\"", "first: not a time"),
        ("\"count\":5", "\"count\":1", "rejected.count: less than the examples"),
    ])
    func damagedReportsAreErrors(old: String, new: String, message: String) {
        let text = String(decoding: JSONReport.render(DemoReport.full, version: "1"), as: UTF8.self)
        let parts = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        #expect(parts.count == 2)
        let damaged =
            Array((parts.first.map { String($0) } ?? "").utf8) + Array(new.utf8)
            + Array((parts.last.map { String($0) } ?? "").utf8)
        let error = #expect(throws: JSONReportReader.Failure.self) { _ = try JSONReportReader(damaged) }
        #expect(error?.description.hasSuffix(message) ?? false || message.isEmpty, "\(error?.description ?? "")")
    }

    @Test func everyPrefixIsAnErrorNotACrash() {
        let bytes = JSONReport.render(DemoReport.small, version: "1")
        for length in stride(from: 0, to: bytes.count - 2, by: 211) {
            #expect(throws: JSONReportReader.Failure.self) { _ = try JSONReportReader(Array(bytes.prefix(length))) }
        }
        #expect(throws: JSONReportReader.Failure.self) {
            _ = try JSONReportReader(Array(repeating: UInt8(ascii: "["), count: 1_000_000))
        }
    }
}
