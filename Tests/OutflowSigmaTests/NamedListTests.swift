// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowSigma

/// Lists whose elements have names, and JSON within strings.
@Suite("Named lists and JSON in strings")
struct NamedListTests {
    private static func mapping() throws -> LogSourceMapping {
        try LogSourceMapping(
            """
            transparent: [Wrap]
            embedded: [Wrap, P, D.N]
            named lists: {P: [Name, Value], S: Effect, D: [key, N]}
            sources: [{category: test}]
            """)
    }

    private static func matches(_ selection: String, _ json: String) throws -> Bool {
        var collection = RuleCollection()
        collection.add(ruleText("selection: {\(selection)}"), path: "r.yml")
        let set = RuleSet(collection, mapping: try mapping())
        #expect(set.rejected.isEmpty)
        return RuleMatcher(set).matches(json) == [0]
    }

    /// The same record in the shapes that it comes in.
    private static let shapes = [
        #"{"Op":"Set","P":[{"Name":"To","Value":"x@y"},{"Value":false,"Name":"Keep"},{"Name":"N","Value":5}]}"#,
        #"{"Op":"Set","P":"[{\"Name\":\"To\",\"Value\":\"x@y\"},{\"Name\":\"Keep\",\"Value\":false},{\"Name\":\"N\",\"Value\":5}]"}"#,
        #"{"Wrap":{"Op":"Set","P":[{"Name":"To","Value":"x@y"},{"Name":"Keep","Value":false},{"Name":"N","Value":5}]}}"#,
        #"{"id":1,"Wrap":"{\"Op\":\"Set\",\"P\":[{\"Name\":\"To\",\"Value\":\"x@y\"},{\"Name\":\"Keep\",\"Value\":false},{\"Name\":\"N\",\"Value\":5}]}"}"#,
        #"{"Wrap":"{\"Op\":\"Set\",\"P\":\"[{\\\"Name\\\":\\\"\\\\u0054o\\\",\\\"Value\\\":\\\"x@y\\\"},{\\\"Name\\\":\\\"Keep\\\",\\\"Value\\\":false},{\\\"Name\\\":\\\"N\\\",\\\"Value\\\":5}]\"}"}"#,
    ]

    @Test(arguments: shapes) func valuesBelongToTheirNames(json: String) throws {
        #expect(try Self.matches("Op: Set, P.To: x@y, P.Keep: false, P.N: 5", json))
        #expect(try Self.matches("P.Name: To, P.Value: x@y", json))
        #expect(try Self.matches("P.Name: [To, Keep], P.Value: 5", json))  // What the native names cannot tell.
        #expect(try !Self.matches("P.To: 5", json))
        #expect(try !Self.matches("P.Keep: x@y", json))
        #expect(try !Self.matches("P.Other|exists: true", json))
        // Who names what is looked through means the same.
        #expect(try Self.matches("Wrap.Op: Set, Wrap.P.To: x@y", json))
    }

    @Test func elementsAsAWhole() throws {
        let json = #"{"S":[{"Effect":"Deny","Who":"*"},{"Effect":"Allow","Who":{"A":["r1","r2"]},"Do":["get","put"]}]}"#
        #expect(try Self.matches("S.Allow.Who.A: r2, S.Allow.Do: put, S.Deny.Who: '\\*'", json))
        #expect(try !Self.matches("S.Allow.Who: '\\*'", json))
        #expect(try !Self.matches("S.Deny.Who.A: r1", json))
        // One object where others have a list.
        #expect(try Self.matches("S.Allow.Who: x", #"{"S":{"Effect":"Allow","Who":"x"}}"#))
    }

    @Test func valuesThatAreObjectsOrLists() throws {
        let json = #"{"P":[{"Name":"a","Value":["x","y"]},{"Name":"b","Value":{"c":{"d":"z"}}}]}"#
        #expect(try Self.matches("P.a: y, P.b.c.d: z, P.b|contains: '\"d\"'", json))
        #expect(try !Self.matches("P.b: y", json))
    }

    @Test(arguments: [
        #"{"P":[]}"#, #"{"P":[{}]}"#, #"{"P":[{"Name":"To"}]}"#, #"{"P":[{"Value":"x@y"}]}"#, #"{"P":"[{\"Name\":"}"#,
        #"{"P":[{"Name":null,"Value":"x@y"}]}"#, #"{"P":"x\"y"}"#, #"{"P":"\""}"#,
        #"{"P":[[{"Name":"Q","Value":"x@y"}]]}"#,
        #"{"Wrap":"{\"Op\":\"Set\""}"#, #"{"Wrap":"[]"}"#, #"{"Wrap":"\n"}"#,
    ]) func whatIsNoneIsPassedOver(json: String) throws {
        #expect(try !Self.matches("P.To: x@y", json))
        // The record itself is whole.
        #expect(try Self.matches("'P.To|exists': false", json))
    }

    @Test func brokenPartsAreTold() throws {
        var collection = RuleCollection()
        collection.add(ruleText("selection: {Op: Set}"), path: "r.yml")
        let matcher = RuleMatcher(RuleSet(collection, mapping: try Self.mapping()))
        #expect(matcher.matches(#"{"Wrap":"{\"Op\":\"Set\",\"P\":"}"#) == [0] && matcher.hasBrokenPart)
        #expect(matcher.matches(#"{"Wrap":"{\"Op\":\"Set\"}"}"#) == [0] && !matcher.hasBrokenPart)
        #expect(matcher.matches(#"{"Op":"Set","P":"no \"JSON\""}"#) == [0] && !matcher.hasBrokenPart)
    }

    /// Records that hold themselves, deep and many times, end.
    @Test func hostileRecordsEnd() throws {
        var json = #"{"P":[{"Name":"To","Value":"x@y"}]}"#
        for _ in 0..<9 {
            let escaped = json.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            json = #"{"Wrap":"\#(escaped)"}"#
            if json.utf8.count > 1 << 20 { break }
        }
        #expect(try !Self.matches("P.To: x@y", json))
        let many = (0..<20_000).map { #"{"Name":"n\#($0)","Value":"x"}"# }.joined(separator: ",")
        #expect(try Self.matches("P.n4000: x", #"{"P":[\#(many)]}"#))
        #expect(try !Self.matches("P.n19999: x", #"{"P":[\#(many)]}"#))
    }
}
