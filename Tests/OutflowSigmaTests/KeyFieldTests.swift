// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowSigma

/// Fields that choose among rules: lists of any length, objects, and mappings with many patterns.
@Suite("Key fields")
struct KeyFieldTests {
    private static func set(_ selections: [String], mapping: LogSourceMapping) -> RuleSet {
        var collection = RuleCollection()
        for (number, selection) in selections.enumerated() {
            collection.add(
                "title: t\nlogsource: {category: test}\ndetection: {s: {\(selection)}, condition: s}\n",
                path: "r\(number).yml")
        }
        return RuleSet(collection, mapping: mapping)
    }

    private static func list(_ values: [String]) -> String {
        #"{"kind":[\#(values.map { "\"\($0)\"" }.joined(separator: ","))]}"#
    }

    /// Whatever stands before it, and whatever was read before, the last value counts like the first.
    @Test func longLists() throws {
        let mapping = try LogSourceMapping("keys: [kind]\nsources: [{category: test, when: {kind: [a, 'p*']}}]")
        let others = (0..<40).map { "x\($0)" }
        let records = [
            Self.list(others), Self.list(others + ["a"]), Self.list(["a"] + others), Self.list(others + ["pa"]),
            Self.list(others + ["a", "x1", "b"]), Self.list(["a", "a"]), Self.list(["a"]), Self.list(["b", "a"]),
        ]
        let selections = ["kind: b", "kind: x39", "kind: a", "kind|endswith: a"]
        let expected: [[Int]] = [[], [1, 2, 3], [1, 2, 3], [1, 3], [0, 1, 2, 3], [2, 3], [2, 3], [0, 2, 3]]
        for order in [Array(records.indices), records.indices.reversed()] {
            for rules in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2]] {
                // One matcher for all: what it remembers of groups must not change what it finds.
                let matcher = RuleMatcher(Self.set(rules.map { selections[$0] }, mapping: mapping))
                for record in order {
                    let found = matcher.matches(records[record]).map { $0.map { rules[$0] }.sorted() }
                    #expect(found == expected[record], "record \(record)")
                }
            }
        }
    }

    /// More patterns of one field than a token has bits.
    @Test func manyPatterns() throws {
        let sources = (0..<200).map { "  - {category: c\($0), when: {kind: 'k\($0)-*'}}" }
        let mapping = try LogSourceMapping("keys: [kind]\nsources:\n" + sources.joined(separator: "\n"))
        var collection = RuleCollection()
        for number in 0..<200 {
            collection.add(
                "title: t\nlogsource: {category: c\(number)}\ndetection: {s: {a: 1}, condition: s}", path: "\(number)")
        }
        let set = RuleSet(collection, mapping: mapping)
        let matcher = RuleMatcher(set)
        for number in [0, 23, 24, 25, 55, 56, 57, 199, 0, 199] {
            #expect(matcher.matches(#"{"kind":"k\#(number)-x","a":1}"#) == [number])
        }
        #expect(matcher.matches(#"{"kind":["k3-x","k150-x","k199-y"],"a":1}"#) == [3, 150, 199])
    }

    /// An object is there, whether or not mappings ask for its name; what it holds is its members' business.
    @Test(arguments: [#"{"kind":{"a":1}}"#, #"{"kind":[{"a":1}]}"#, #"{"kind":{}}"#, #"{"kind":[]}"#])
    func objectsAreThere(json: String) throws {
        for mapping in ["keys: [kind]\nsources: [{category: test}]", "sources: [{category: test}]"] {
            let set = Self.set(
                ["kind|exists: true", "kind|exists: false", "kind.a: 1", "kind: null"],
                mapping: try LogSourceMapping(mapping))
            let matcher = RuleMatcher(set)
            #expect(matcher.matches(json) == (json.contains("a") ? [0, 2] : [0]), "\(mapping)")
            #expect(matcher.matches(#"{"other":1}"#) == [1])
            #expect(matcher.matches(#"{"kind":"x"}"#) == [0])
            #expect(matcher.matches(#"{"kind":null}"#) == [0, 3])
        }
        let aside = try LogSourceMapping(
            "sources: [{category: test}, {product: x, when: {kind: '*'}}, {product: y, when: {kind: z}}]")
        #expect(
            RuleMatcher(Self.set(["kind|exists: true", "kind|exists: false"], mapping: aside)).matches(json) == [0])
    }

    /// An id in an object around it still chooses, and is found.
    @Test func objectsAroundKeys() {
        var collection = RuleCollection()
        collection.add(
            "title: t\nlogsource: {product: windows, service: security}\n"
                + "detection: {s: {EventID: 4625}, condition: s}", path: "r.yml")
        let matcher = RuleMatcher(RuleSet(collection, mapping: .standard))
        let event =
            ##"{"Event":{"System":{"Channel":"Security","EventID":{"#attributes":{"Qualifiers":1},"#text":4625},"Computer":"h"}}}"##
        #expect(matcher.matches(event) == [0] && matcher.candidates == 1)
        #expect(matcher.matches(event.replacing("4625", with: "4624")) == [] && matcher.candidates == 0)
    }
}
