// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowEVTX
import OutflowRecords
import OutflowSigma
import Testing

/// The folder of real logs and rules.
enum Corpora {
    static let path = ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"]
}

/// The rules of SigmaHQ with the Windows events that their authors gave for them: each rule matches as many as it is
/// expected to, and none that its own text excludes, by the reference evaluator.
@Suite("SigmaHQ's own samples", .enabled(if: Corpora.path != nil, "OUTFLOW_CORPORA is not set"))
struct RegressionTests {
    private struct Sample: Decodable {
        var rule_id: String
        var rule_path: String
        var evtx: String
        var expected_at_least: Int
    }

    @Test func everyRuleMatchesItsSamples() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["regression", "rules"] {
            let tar = try Process.run(
                URL(fileURLWithPath: "/usr/bin/env"),
                arguments: ["tar", "-xzf", "\(Corpora.path ?? "")/sigma/\(name).tar.gz", "-C", folder.path])
            tar.waitUntilExit()
            #expect(tar.terminationStatus == 0)
        }
        let samples = try JSONDecoder().decode(
            [Sample].self, from: Data(contentsOf: folder.appendingPathComponent("regression/expected.json")))
        #expect(samples.count > 50)
        var collection = RuleCollection()
        var texts: [String: String] = [:]
        for sample in samples {
            let text = try String(contentsOf: folder.appendingPathComponent(sample.rule_path), encoding: .utf8)
            texts[sample.rule_id] = text
            if !collection.rules.contains(where: { $0.header.id == sample.rule_id }) {
                collection.add(text, path: sample.rule_path)
            }
        }
        let set = RuleSet(collection, mapping: .standard)
        #expect(set.rejected.isEmpty)
        for sample in samples {
            guard let number = set.rules.firstIndex(where: { $0.header.id == sample.rule_id }) else {
                Issue.record("\(sample.rule_path) was not loaded")
                continue
            }
            let reference = try Reference(texts[sample.rule_id] ?? "")
            var matches = 0
            var wrong: [String] = []
            let matcher = RuleMatcher(set)
            try Self.events(of: folder.appendingPathComponent("regression/\(sample.evtx)")) { fields in
                matcher.match(fields, format: "windows-evtx")
                let isMatch = matcher.matches.contains(number)
                if isMatch { matches += 1 }
                let source = set.rules[number].logSource
                let isOfSource = matcher.sources.contains { source.includes($0) }
                let record = Self.record(fields)
                let expected = try reference.matches(record)
                if isMatch != (isOfSource && expected) { wrong.append(record.json()) }
            }
            #expect(
                matches >= sample.expected_at_least,
                "\(sample.rule_path): \(matches) of \(sample.expected_at_least)")
            #expect(wrong.isEmpty, "\(sample.rule_path): the reference disagrees on \(wrong.first ?? "")")
        }
    }

    /// Calls `body` with each event of a file.
    private static func events(of file: URL, _ body: (EventFields) throws -> Void) throws {
        let data = [UInt8](try Data(contentsOf: file)) + [UInt8](repeating: 0, count: 64)
        try data.withUnsafeBytes { raw in
            let whole = Bytes(UnsafeRawBufferPointer(rebasing: raw[..<(raw.count - 64)]))
            let scanner = EventLogScanner()
            let reader = EventLogReader()
            var at = EventLogScanner.fileHeader(whole)?.length ?? 0
            var failure: (any Error)?
            while at < whole.count {
                switch scanner.step(whole.suffix(from: at), isLast: true) {
                case .gap(let count): at += count
                case .stretch(let count):
                    reader.read(whole[at..<at + count], at: UInt64(at)) { event in
                        do { try body(event.fields) } catch { failure = error }
                    } damaged: { _, _ in
                    }
                    at += count
                }
            }
            if let failure { throw failure }
        }
    }

    /// The event as the reference sees it: fields by the names that rules use, worked out here once more.
    private static func record(_ fields: EventFields) -> Event {
        var members: [Event.Member] = []
        var named: Set<String> = []
        for field in fields.fields {
            var name = field.name.string
            for prefix in ["Event.System.", "Event.EventData.", "Event.UserData."] where name.hasPrefix(prefix) {
                name.removeFirst(prefix.count)
                if prefix == "Event.UserData.", let dot = name.firstIndex(of: ".") {
                    name = String(name[name.index(after: dot)...])
                }
            }
            let value: Event =
                switch field.kind {
                case .null: .null
                case .bool: .bool(field.value == "true")
                case .number: .number(field.value.string)
                case .string, .escapedString: .string(field.value.string)
                }
            members.append(Event.Member(name: name, value: value))
            named.insert(name)
        }
        let isProcess =
            members.contains(Event.Member(name: "Channel", value: .string("Security")))
            && members.contains(Event.Member(name: "EventID", value: .number("4688")))
        let others =
            ["Provider_Name": "Provider.#attributes.Name"]
            .merging(isProcess ? ["Image": "NewProcessName", "ParentImage": "ParentProcessName"] : [:]) { $1 }
        for (name, other) in others where !named.contains(name) {
            members += members.filter { $0.name == other }.map { Event.Member(name: name, value: $0.value) }
        }
        return .object(members)
    }
}
