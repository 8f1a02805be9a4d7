// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@testable import OutflowReaders

@Suite struct ElementFraming {
    /// Documents, and the records in them.
    private static let documents: [(text: String, records: [String])] = [
        ("[{\"a\":1},\n {\"b\":\"]}\"} , {}]", ["{\"a\":1}", "{\"b\":\"]}\"}", "{}"]),
        ("[\n]", []),
        (
            "{\n \"Records\": [ {\"a\":[1,{\"x\":2}]}, {\"b\":\"\\\"}\\\\\"}\n]}",
            ["{\"a\":[1,{\"x\":2}]}", "{\"b\":\"\\\"}\\\\\"}"]
        ),
        ("{\"Records\":[{\"a\":1},{\"b\":2}]}", ["{\"a\":1}", "{\"b\":2}"]),
        (
            "{\"@odata.context\":\"x\",\"n\":[1,2],\"value\":[{\"a\":1}],\"@odata.nextLink\":\"y\",\"z\":{\"q\":[]}}\n",
            ["{\"a\":1}"]
        ),
        (
            "{\"took\":1,\"_shards\":{\"total\":5},\"hits\":{\"total\":{\"value\":2},\"max_score\":null,\"hits\":[{\"_id\":1},{\"_id\":2}]}}",
            ["{\"_id\":1}", "{\"_id\":2}"]
        ),
        ("{\"a\":1}{\"b\":2} {\"c\":3}", ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"]),
        (
            "{\n\"id\":{\"t\":1},\n\"events\":[{\"n\":1}]}\n{\n\"x\":2}",
            ["{\n\"id\":{\"t\":1},\n\"events\":[{\"n\":1}]}", "{\n\"x\":2}"]
        ),
        ("{\n\"Records\":[{\"a\":1}]}\n{\n\"Records\":[{\"b\":1}]}", ["{\"a\":1}", "{\"b\":1}"]),
        ("[{\"a\":1}]\n[{\"b\":2}]", ["{\"a\":1}", "{\"b\":2}"]),
        ("{\n\"Records\":[]}", ["{\n\"Records\":[]}"]),
        ("[{\"a\":1}, 2, \"x]\", null, [3], true]", ["{\"a\":1}", "2", "\"x]\"", "null", "[3]", "true"]),
        ("{\n\"data\":[1,2],\"x\":{\"y\":1}}", ["{\n\"data\":[1,2],\"x\":{\"y\":1}}"]),
    ]

    @Test(arguments: documents.indices) func everyBlockBorder(_ index: Int) {
        let (text, expected) = Self.documents[index]
        let bytes = Array(text.utf8)
        for block in 1...60 {
            let (records, inputs) = read(text, limits: limits { $0.blockBytes = block })
            #expect(records.map(\.text) == expected, "blocks of \(block)")
            for record in records {
                let at = Int(record.offset)
                #expect(String(decoding: bytes[at..<at + record.text.utf8.count], as: UTF8.self) == record.text)
            }
            #expect(inputs.map(\.rejected.count) == [0])
        }
    }

    /// What is out of place between records costs none of those behind it, and is told.
    @Test(arguments: ["][", "}{", "][,", "},{", "],["])
    func misplacedBrackets(_ between: String) {
        let text =
            "{\n\"Records\":[{\"a\":1}" + between.replacing("{", with: "{\"b\":2")
            + (between.hasSuffix("{") ? "}" : "{\"b\":2}")
            + ",{\"c\":3}]}"
        for block in 1...40 {
            let (records, inputs) = read(text, limits: limits { $0.blockBytes = block })
            #expect(records.first?.text == "{\"a\":1}" && records.last?.text == "{\"c\":3}", "\(text), \(block)")
            #expect(records.contains { $0.text == "{\"b\":2}" }, "\(text), \(block)")
            #expect(inputs.allSatisfy { $0.rejected.count > 0 }, "\(text), \(block)")
        }
    }

    @Test func objectsBesideTheRecordsAreTold() {
        let (records, inputs) = read(
            "{\"Records\":[{\"a\":1}],\"others\":[{\"b\":2}],\"none\":[],\"meta\":[{\"x\":1}]}")
        #expect(records.map(\.text) == ["{\"a\":1}"])
        #expect(inputs.map(\.rejected.count) == [1])
    }

    /// A line end that nobody escaped costs one value; so does a quote that is lost.
    @Test(arguments: [
        ("{\"Records\":[{\"a\":\"x\ny\"},{\"b\":2},{\"c\":3}]}", ["{\"a\":\"x\ny\"}", "{\"b\":2}", "{\"c\":3}"]),
        ("[\n{\"a\":\"x,\n\"b\":1},\n{\"c\":3}]", ["{\"a\":\"x,\n\"b\":1}", "{\"c\":3}"]),
        ("[\n{\"a\":\"x\n},\n{\"c\":3}]", ["{\"a\":\"x\n}", "{\"c\":3}"]),
    ])
    func lineEndsInStrings(_ text: String, _ expected: [String]) {
        for block in 1...40 {
            #expect(read(text, limits: limits { $0.blockBytes = block }).records.map(\.text) == expected, "\(block)")
        }
    }

    @Test(arguments: [
        ("{\"a\":1}\n{\"b\":2}\n", Framing.lines), ("{\"a\":1}", .lines), ("{\"Records\":[{}]}", .jsonElements),
        ("{\"Records\":[{}]}\n{\"Records\":[{}]}\n", .lines), ("{\n\"a\":1}", .jsonElements), ("[{}]", .jsonElements),
        ("[28/Nov/2012] x", .lines), ("[1] x", .lines), ("{a} x", .lines), ("{\"a\":1}{\"b\":2}", .jsonElements),
        ("{\"a\":1} trailing", .lines), ("  \n [ {}", .jsonElements), ("{\"half\":\n{\"a\":1}\n{\"b\":2}\n", .lines),
        ("{\"half\": \"x\n{\"a\":1}\n", .lines), ("#fields", .lines), ("{}\n", .lines), ("{", .jsonElements),
    ])
    func decision(_ text: String, _ framing: Framing) {
        #expect(withBytes(of: text) { Framing.decide($0, isWhole: true) } == framing)
    }

    @Test func truncationIsTold() {
        for (text, records, offset) in [
            ("[{\"a\":1},{\"b\":", ["{\"a\":1}"], 9), ("[{\"a\":1},", ["{\"a\":1}"], 9),
            ("{\n\"a\":1}{\"b", ["{\n\"a\":1}"], 8),
            ("{\"Records\":[{\"a\":1},{\"b\":\"x", ["{\"a\":1}"], 20),
        ] as [(String, [String], UInt64)] {
            for block in 1...20 {
                let (found, inputs) = read(text, limits: limits { $0.blockBytes = block })
                #expect(found.map(\.text) == records)
                #expect(inputs[0].rejected.count == 1)
                #expect(inputs[0].rejected.examples.first?.offset == offset)
            }
        }
    }

    @Test func aLostQuoteDoesNotSwallowTheRest() {
        let (records, _) = read("[\n{\"a\":\"x},\n{\"b\":1}},\n{\"c\":2}\n]")
        #expect(records.last?.text == "{\"c\":2}")
    }

    @Test func strayBracketsAreToldOnceARun() {
        let (records, inputs) = read("{\n\"a\":1}]]]}\n{\"b\":2}]")
        #expect(records.map(\.text) == ["{\n\"a\":1}", "{\"b\":2}"])
        #expect(inputs[0].rejected.examples.map(\.offset) == [8, 20])
    }

    @Test func longValuesArePassedOver() {
        let long = "{\"x\":\"" + String(repeating: "y", count: 995) + "\"}"
        let text = "[{\"a\":1},\(long),{\"b\":2}]"
        for block in [1, 10, 100, 5000] {
            let (records, inputs) = read(
                text,
                limits: limits {
                    $0.blockBytes = block
                    $0.maxRecordBytes = 1000
                })
            #expect(records.map(\.text) == ["{\"a\":1}", "{\"b\":2}"])
            #expect(inputs[0].rejected.examples.map(\.offset) == [9])
        }
    }

    @Test func aMillionBrackets() {
        for text in ["[", "{\"a\":", "{\n\"hits\":{\"hits\":", "]", "}"] {
            let many = "[{\"a\":1}" + String(repeating: text, count: 1_000_000)
            let (records, inputs) = read(many, limits: limits { $0.maxRecordBytes = 1 << 16 })
            #expect(records.first?.text == "{\"a\":1}")
            #expect(inputs[0].rejected.count >= 1)
        }
    }

    @Test func randomBytesNeverTrapAndBlockSizesAgree() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(state: seed)
        let words = [
            "{", "}", "[", "]", "\"", "\\", ",", ":", "\n", " ", "1", "\"Records\":", "\"hits\":", "{\"a\":1}", "x",
        ]
        for round in 0..<500 {
            var text = "[{"
            for _ in 0..<random.next() % 60 { text += words[Int(random.next() % UInt64(words.count))] }
            let small = limits {
                $0.blockBytes = 1 + Int(random.next() % 9)
                $0.maxRecordBytes = 40
            }
            let large = limits { $0.maxRecordBytes = 40 }
            let (some, someInputs) = read(text, limits: small)
            let (all, allInputs) = read(text, limits: large)
            #expect(some == all, "seed \(seed), round \(round): \(text.debugDescription)")
            #expect(
                someInputs[0].rejected.count == allInputs[0].rejected.count,
                "seed \(seed), round \(round): \(text.debugDescription)")
        }
    }
}
