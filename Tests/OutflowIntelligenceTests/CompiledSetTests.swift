// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowIntelligence

/// Files that were compiled mean the same as the files themselves, alone, together, and beside others.
@Suite struct CompiledSetTests {
    private typealias Dice = IndicatorSetTests.Dice

    /// A file of some kind about few indicators, so that versions meet.
    private func file(_ dice: inout Dice) -> String {
        func name() -> String { "\(["a", "b", "c", "x.a"][Int(dice.roll(4))]).example" }
        switch dice.roll(5) {
        case 0: return (0...dice.roll(3)).map { _ in name() }.joined(separator: "\n") + "\n198.51.100.0/24\n"
        case 1:
            let type = ["hostname", "string"][Int(dice.roll(2))]
            let matching = ["", #""matching_attributes": ["domain"],"#, #""matching_attributes": ["md5"],"#]
            return
                #"{"name": "L\#(dice.roll(3))", "type": "\#(type)", \#(matching[Int(dice.roll(3))]) "list": ["\#(name())"]}"#
        case 2:
            return #"{"name": "N", "type": "cidr", "list": ["198.51.100.\#(dice.roll(3))/32", "203.0.113.0/24"]}"#
        default:
            let objects = (0...dice.roll(3)).map { _ in
                let isRevoked = dice.roll(3) == 0 ? "\"revoked\": true," : ""
                return """
                    {"type": "indicator", "id": "indicator--\(dice.roll(3))", "created_by_ref": "identity--\(dice.roll(2))", \(isRevoked)
                     "modified": "2026-01-0\(1 + dice.roll(4))T00:00:00Z", "pattern": "[domain-name:value = '\(name())']",
                     "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z"}
                    """
            }
            return #"{"type": "bundle", "objects": [\#(objects.joined(separator: ","))]}"#
        }
    }

    private func findings(_ indicators: Indicators) -> [Report.Finding] {
        let batch = ActivityBatch()
        for (index, name) in ["a.example", "y.x.a.example", "b.example", "c.example"].enumerated() {
            let mark = RecordMark(
                time: Timestamp(microseconds: 1_800_000_000_000_000), identity: UInt64(index), offset: UInt64(index),
                length: 1)
            batch.queries.append(
                DNSQuery(
                    mark: mark, client: IPAddress(v4: 0x0A00_0001), resolver: IPAddress(v4: 0x0A00_0035),
                    name: batch.arena.copy(name)))
        }
        for last in 0..<4 {
            batch.flows.append(
                Flow(
                    originator: IPAddress(v4: 0x0A00_0001 + UInt32(last % 2)),
                    responder: IPAddress(v4: 0xC633_6400 + UInt32(last)), start: Timestamp(microseconds: 1),
                    duration: 0, originatorBytes: 0, responderBytes: 0, originatorPort: 0, responderPort: 0, proto: 6,
                    sensor: .zeek))
        }
        let matcher = IndicatorMatcher(indicators)
        matcher.observe(batch, input: 0)
        return matcher.hits.findings(indicators.allowLists)
    }

    @Test func compiledIsUncompiled() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(state: seed)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-sets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var found = 0
        for round in 0..<150 {
            var paths: [String] = []
            var mixed: [String] = []
            var group: [String] = []
            func compile() throws {
                if group.isEmpty { return }
                let path = folder.appendingPathComponent("\(round)-\(mixed.count).set").path
                let set = try #require(try Indicators(paths: group, compiles: true).sets.first)
                try set.write(to: path)
                mixed.append(path)
                group = []
            }
            for number in 0...dice.roll(4) {
                let path = folder.appendingPathComponent("\(round)-\(number).txt").path
                try Data(file(&dice).utf8).write(to: URL(fileURLWithPath: path))
                paths.append(path)
                group.append(path)
                if dice.roll(2) == 0 {
                    try compile()
                } else if group.count == 1, dice.roll(2) == 0 {
                    mixed += group
                    group = []
                }
            }
            try compile()
            let plain = findings(try Indicators(paths: paths))
            #expect(findings(try Indicators(paths: mixed)) == plain, "round \(round), seed \(seed)")
            found += plain.count
        }
        #expect(found > 50, "seed \(seed)")
    }

    /// Versions of one indicator in two sets: the later one counts, and a revocation is one whichever set it is in.
    @Test func revocationsCountAcrossSets() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-sets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func set(_ name: String, _ day: Int, _ extra: String) throws -> String {
            let path = folder.appendingPathComponent(name).path
            let text = """
                {"objects": [{"type": "indicator", "id": "indicator--1", \(extra) "modified": "2026-01-0\(day)T00:00:00Z",
                 "pattern": "[domain-name:value = 'a.example']", "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z"}]}
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try #require(try Indicators(paths: [path], compiles: true).sets.first).write(to: path + ".set")
            return path
        }
        let one = try set("one", 1, "")
        let two = try set("two", 2, "\"revoked\": true,")
        let three = try set("three", 3, "")
        for (paths, count) in [([one], 1), ([one, two], 0), ([two, one], 0), ([one, two, three], 1)] {
            for suffixes in [["", ""], [".set", ""], ["", ".set"], [".set", ".set"]] {
                let mixed = paths.enumerated().map { $1 + suffixes[$0 % 2] }
                #expect(findings(try Indicators(paths: mixed)).count == count, "\(mixed)")
            }
        }
    }
}
