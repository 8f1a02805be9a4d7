// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowSigma

/// Records that readers have taken apart match like the same records as JSON.
@Suite("Fields from readers")
struct FieldInputTests {
    /// Leaves of a JSON value by dotted names, as a reader hands them in.
    private static func leaves(_ event: Event, _ name: String) -> [(name: String, value: Event)] {
        switch event {
        case .object(let members):
            members.flatMap { leaves($0.value, name.isEmpty ? $0.name : "\(name).\($0.name)") }
        case .list(let values): values.flatMap { leaves($0, name) }
        default: [(name, event)]
        }
    }

    @Test func matchLikeJSON() {
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var generator = PairGenerator(seed: seed)
        var hits = 0
        for _ in 0..<60 {
            let set = RuleSet((0..<20).map { _ in generator.rule() })
            let matcher = RuleMatcher(set)
            for _ in 0..<10 {
                let event = generator.event()
                // What has no leaf cannot be handed in.
                let json = event.json()
                if json.contains("[]") || json.contains("{}") || json.contains("[[") { continue }
                let expected = matcher.matches(json) ?? []
                let leaves = Self.leaves(event, "")
                let fields = EventFields()
                let memory = leaves.map { leaf -> (name: [UInt8], value: [UInt8], kind: EventFields.Kind) in
                    let kind: EventFields.Kind =
                        switch leaf.value {
                        case .null: .null
                        case .bool: .bool
                        case .number: .number
                        default: .string
                        }
                    let padding = [UInt8](repeating: 0, count: 64)
                    var text = ""
                    if case .string(let value) = leaf.value { text = value } else { text = leaf.value.json() }
                    return (Array(leaf.name.utf8) + padding, Array(text.utf8) + padding, kind)
                }
                for leaf in memory {
                    leaf.name.withUnsafeBytes { name in
                        leaf.value.withUnsafeBytes { value in
                            fields.add(
                                Bytes(UnsafeRawBufferPointer(rebasing: name.dropLast(64))),
                                Bytes(UnsafeRawBufferPointer(rebasing: value.dropLast(64))), leaf.kind)
                        }
                    }
                }
                withExtendedLifetime(memory) { matcher.match(fields, format: "json-lines") }
                // Objects as a whole are no fields of readers.
                let asked = set.rules.filter { $0.expression.tests.contains { $0.field == "H" } }
                #expect(asked.isEmpty && matcher.matches == expected, "seed \(seed): \(json)")
                hits += expected.count
            }
        }
        #expect(hits > 500)
    }

    @Test func wrappersAreLookedThrough() throws {
        let mapping = try LogSourceMapping("transparent: [A, U, U.*]\nsources: [{category: test}]")
        var collection = RuleCollection()
        collection.add(ruleText("selection: {F: x}"), path: "r.yml")
        let matcher = RuleMatcher(RuleSet(collection, mapping: mapping))
        let value = [UInt8]("x".utf8) + [UInt8](repeating: 0, count: 64)
        for (name, isFound) in [("F", true), ("A.F", true), ("A.U.Q.F", true), ("B.F", false), ("A.B.F", false)] {
            let fields = EventFields()
            withBytes(of: name) { name in
                value.withUnsafeBytes { value in
                    fields.add(name, Bytes(UnsafeRawBufferPointer(rebasing: value[..<1])), .string)
                    matcher.match(fields, format: "f")
                }
            }
            #expect((matcher.matches == [0]) == isFound, "\(name)")
        }
    }
}

/// The quick look for keywords misses none.
@Suite("Keywords at a glance")
struct KeywordPiecesTests {
    @Test func findWhatAPlainSearchFinds() throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var generator = PairGenerator(seed: seed)
        let letters = Array("abcABC:x -".utf8)
        var found = 0
        for _ in 0..<300 {
            let texts = (0..<1 + generator.below(20)).map { _ in
                (0..<3 + generator.below(4)).map { _ in CaseFolding.fold([letters[generator.below(10)]])[0] }
            }
            let pieces = try #require(KeywordPieces(texts))
            for _ in 0..<20 {
                let text = (0..<generator.below(90)).map { _ in letters[generator.below(10)] }
                let folded = CaseFolding.fold(text)
                let expected = texts.contains { piece in
                    folded.indices.contains { folded[$0...].starts(with: piece) }
                }
                let padded = text + [UInt8](repeating: 0x61, count: 64)
                let answer = padded.withUnsafeBytes {
                    pieces.mayBe(in: Bytes(UnsafeRawBufferPointer(rebasing: $0[..<text.count])))
                }
                if expected { found += 1 }
                #expect(answer == expected, "seed \(seed): \(texts) in \(text)")
            }
        }
        #expect(found > 300)
    }
}
