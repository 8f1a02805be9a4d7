// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import OutflowSigma

/// Rules from the cache are the rules that were parsed, and whatever else lies there changes nothing.
@Suite("Cache of rules")
struct RuleCacheTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-\(UUID().uuidString)")
    private var rules: String { folder.appendingPathComponent("rules").path }
    private var cache: RuleCache { RuleCache(folder: folder.appendingPathComponent("cache").path) }

    /// One rule of each kind of test, a correlation, a filter, and two files that are rejected.
    private static let files = [
        "a.yml": ruleText(
            """
            selection:
                A|contains|all: [x, 'y?z']
                B|re|i: ^a.*b$
                C|cidr: 10.0.0.0/8
                D|gte: 5
                E|fieldref|endswith: F
                G|hour: 7
                H: null
                I|exists: true
                J|windash: ' -x'
                K|cased: Ab
            keywords: [one, 2]
            """, condition: "selection and not keywords or 1 of sel*"),
        "b.yml": ruleText("selection: {F: a}").replacingOccurrences(of: "title: t", with: "title: b\nname: base"),
        "c.yml": """
        title: c
        correlation: {type: event_count, rules: [base], group-by: [U], timespan: 1h, condition: {gte: 3}}
        """,
        "d.yml": """
        title: d
        logsource: {category: test}
        filter: {rules: [base], selection: {F: b}, condition: not selection}
        """,
        "e.yml": "title: [",
        "f.yml": ruleText("selection: {F|expand: '%nothing%'}"),
    ]

    private func withRules(_ body: () throws -> Void) throws {
        try FileManager.default.createDirectory(atPath: rules, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in Self.files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(rules)/\(name)")) }
        try body()
    }

    private var kept: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache")) ?? []).map {
            folder.path + "/cache/" + $0
        }
    }

    /// What is told of a collection, in full.
    private static func words(_ collection: RuleCollection) -> String {
        var text = ""
        dump(collection.rules, to: &text)
        dump(collection.rejected, to: &text)
        dump(collection.filters, to: &text)
        return text + "\(collection.correlations)"
    }

    @Test func whatIsKeptIsWhatWasParsed() throws {
        try withRules {
            let parsed = RuleCollection(paths: [rules])
            #expect(parsed.rules.count == 2 && parsed.correlations.count == 1 && parsed.filters.count == 1)
            #expect(parsed.rejected.count == 2)
            for _ in 0..<2 {
                #expect(Self.words(RuleCollection(paths: [rules], cache: cache)) == Self.words(parsed))
                #expect(kept.count == 1)
            }
            var copy = RuleCollection()
            let isTaken = copy.take(encoded: try #require(parsed.encoded()))
            #expect(isTaken)
            #expect(Self.words(copy) == Self.words(parsed))
        }
    }

    /// Ids that came from the cache are known: a rule with one of them is a duplicate.
    @Test func idsStayClaimed() throws {
        var one = RuleCollection()
        one.add(ruleText("selection: {F: a}").replacingOccurrences(of: "title: t", with: "title: t\nid: x"), path: "1")
        var two = RuleCollection()
        let isTaken = two.take(encoded: try #require(one.encoded()))
        #expect(isTaken)
        two.add(ruleText("selection: {F: b}").replacingOccurrences(of: "title: t", with: "title: t\nid: x"), path: "2")
        #expect(two.rules.count == 1 && two.rejected.count == 1)
    }

    @Test func otherContentsAndSettingsAreOtherRules() throws {
        try withRules {
            _ = RuleCollection(paths: [rules], cache: cache)
            let filled = RuleCollection(paths: [rules], placeholders: Placeholders(["nothing": ["x"]]), cache: cache)
            #expect(filled.rules.count == 3)
            let pipeline = try ProcessingPipeline("transformations: [{type: field_name_prefix, prefix: p.}]")
            let renamed = RuleCollection(paths: [rules], pipelines: [pipeline], cache: cache)
            #expect(Self.words(renamed) == Self.words(RuleCollection(paths: [rules], pipelines: [pipeline])))
            #expect(
                Self.words(renamed) == Self.words(RuleCollection(paths: [rules], pipelines: [pipeline], cache: cache)))
            try Data(ruleText("selection: {F: changed}").utf8).write(to: URL(fileURLWithPath: "\(rules)/b.yml"))
            let changed = RuleCollection(paths: [rules], cache: cache)
            #expect(Self.words(changed) == Self.words(RuleCollection(paths: [rules])))
            #expect(kept.count == 4)
        }
    }

    /// Damage, foreign files, and files that others may write are as good as none.
    @Test func damageIsNoticed() throws {
        try withRules {
            let parsed = Self.words(RuleCollection(paths: [rules], cache: cache))
            let path = try #require(kept.first)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for at in stride(from: 0, to: whole.count, by: max(1, whole.count / 40)) {
                var damaged = whole
                damaged[at] ^= 0x20
                try damaged.write(to: URL(fileURLWithPath: path))
                #expect(Self.words(RuleCollection(paths: [rules], cache: cache)) == parsed, "byte \(at)")
            }
            for damaged in [Data(), whole.prefix(20), whole.dropLast(), Data("outflow rules 1\n".utf8)] {
                try damaged.write(to: URL(fileURLWithPath: path))
                #expect(cache.find([]) == nil)
                #expect(Self.words(RuleCollection(paths: [rules], cache: cache)) == parsed)
            }
        }
    }

    @Test func onlyFilesThatNobodyElseMayWriteAreTaken() throws {
        try withRules {
            let key = [UInt8](repeating: 7, count: 32)
            cache.keep(key, [1, 2, 3])
            #expect(cache.find(key) == [1, 2, 3])
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: try #require(kept.first))
            #expect(cache.find(key) == nil)
        }
    }

    @Test func onlySomeSetsAreKept() throws {
        try withRules {
            for number in 0..<UInt8(RuleCache.limit + 5) { cache.keep([UInt8](repeating: number, count: 32), [number]) }
            #expect(kept.count == RuleCache.limit)
        }
    }

    /// A folder that cannot be made is no error.
    @Test func rulesLoadWithoutACache() throws {
        try withRules {
            let nowhere = RuleCache(folder: "/proc/nowhere")
            #expect(RuleCollection(paths: [rules], cache: nowhere).rules.count == 2)
        }
    }

    /// Any bytes are read to an end: behind a right digest too.
    @Test func anyBytesAreRules() throws {
        try withRules {
            let whole = try #require(RuleCollection(paths: [rules]).encoded())
            let seed = UInt64.random(in: 0 ... .max)
            var random = SeededRandom(seed)
            for _ in 0..<2000 {
                var damaged = whole
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    damaged[Int.random(in: 0..<damaged.count, using: &random)] = .random(in: 0...255, using: &random)
                }
                if Bool.random(using: &random) { damaged.removeLast(Int.random(in: 0..<damaged.count, using: &random)) }
                var collection = RuleCollection()
                if collection.take(encoded: damaged) { _ = RuleSet(collection, mapping: .everything) }
            }
            var collection = RuleCollection()
            let isTaken = collection.take(encoded: [UInt8](repeating: 2, count: 100_000))
            #expect(!isTaken, "nesting without end; seed \(seed)")
            #expect(collection.rules.isEmpty)
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
