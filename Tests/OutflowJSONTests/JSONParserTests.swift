// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords
import Testing

@Suite("JSON parser")
struct JSONParserTests {
    /// What `body` makes of the member `v` of `{"v":TEXT}`.
    private func value<Result>(_ text: String, _ body: (JSONValue) -> Result) throws -> Result {
        let parser = JSONParser()
        return try withBytes(of: #"{"v":\#(text)}"#) { bytes in
            body(try #require(try parser.parse(copying: bytes)["v"]))
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("89", 89), ("89.0", 89), ("\"89\"", 89), ("9223372036854775807", 9_223_372_036_854_775_807),
        ] as [(String, UInt64)])
    func counts(text: String, count: UInt64) throws {
        #expect(try value(text) { $0.count } == count)
    }

    /// An unknown size is not zero.
    @Test(arguments: ["-1", "89.5", "\"\"", "\"-\"", "\"89 B\"", "null", "true", "[89]", "1e300", "\"-1\""])
    func whatIsNoCount(text: String) throws {
        #expect(try value(text) { $0.count } == nil)
    }

    @Test func integersAreExact() throws {
        #expect(try value("18446744073709551615") { $0.unsigned } == UInt64.max)
        #expect(try value("-9223372036854775808") { $0.signed } == Int64.min)
        #expect(try value("1.0") { $0.unsigned } == nil)
        #expect(try value("\"1\"") { $0.signed } == nil)
    }

    @Test func stringsAreUnescaped() throws {
        #expect(try value(#""a\n\u00e9\ud83d\ude00\u0000z""#) { $0.string?.string } == "a\né😀\0z")
        #expect(try value(#""True""#) { $0.bool } == true)
        #expect(try value(#""yes""#) { $0.bool } == nil)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":}", "01", "nul", "\"\\x\"", "\"\\ud800\"", "\"a\nb\"", "{} {}", "NaN", "'a'",
    ])
    func whatIsNoJSON(text: String) {
        let parser = JSONParser()
        withBytes(of: text) { bytes in
            #expect(throws: JSONParser.Failure.self) { _ = try parser.parse(copying: bytes) }
        }
    }

    /// UTF-8 that is none is an error, and the parser is whole after it.
    @Test func badUTF8() throws {
        let parser = JSONParser()
        let bad: [UInt8] = [0x22, 0xC3, 0x28, 0x22]
        bad.withUnsafeBytes { buffer in
            #expect(throws: JSONParser.Failure.self) { _ = try parser.parse(copying: Bytes(buffer)) }
        }
        let after = try withBytes(of: "[7]") { try parser.parse(copying: $0).elements.map { $0.value.unsigned } }
        #expect(after == [7])
    }

    /// Depth is bounded, whatever its kind; no stack is used up.
    @Test(arguments: ["[", "{\"a\":"])
    func deepNesting(opening: String) throws {
        let parser = JSONParser()
        func nested(_ depth: Int) -> String {
            String(repeating: opening, count: depth) + "1" + String(repeating: opening == "[" ? "]" : "}", count: depth)
        }
        withBytes(of: nested(1_000)) { bytes in #expect(throws: Never.self) { _ = try parser.parse(copying: bytes) } }
        withBytes(of: nested(100_000)) { bytes in
            #expect(throws: JSONParser.Failure.self) { _ = try parser.parse(copying: bytes) }
        }
    }

    @Test func documentsBeyondTheLimit() {
        let parser = JSONParser(limit: 1_000)
        withBytes(of: "\"" + String(repeating: "a", count: 2_000) + "\"") { bytes in
            #expect(throws: JSONParser.Failure.self) { _ = try parser.parse(copying: bytes) }
        }
    }

    @Test func membersInOrderRepeatedOnesToo() throws {
        let parser = JSONParser()
        let names = try withBytes(of: #"{"b":1,"a":2,"b":3}"#) { bytes in
            try parser.parse(copying: bytes).members.map { "\($0.key.string)\($0.value.unsigned ?? 0)" }
        }
        #expect(names == ["b1", "a2", "b3"])
        let none = try withBytes(of: "[1]") { try parser.parse(copying: $0).members.map { $0.key.string } }
        #expect(none.isEmpty)
    }
}
