// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
@testable import OutflowSigma

extension FuzzTarget {
    /// A file of rules, correlations and filters: it loads or is rejected with words, and what loads runs.
    static let rules = FuzzTarget(name: "sigma-rules") { input in
        var collection = RuleCollection()
        collection.add(String(decoding: input, as: UTF8.self), path: "r.yml")
        guard let mapping = try? LogSourceMapping("sources: [{category: c, product: windows, service: s}]") else {
            fatalError("a mapping that is one is not read")
        }
        let set = RuleSet(collection, mapping: mapping)
        for rejected in set.rejected { check(!rejected.problem.description.isEmpty, "rejected without words") }
        let matcher = RuleMatcher(set)
        for event in events {
            let padded = Array(event.utf8) + [UInt8](repeating: 0, count: 64)
            padded.withUnsafeBytes { raw in
                let text = Bytes(UnsafeRawBufferPointer(rebasing: raw[..<(raw.count - 64)]))
                check(matcher.match(json: text) == nil, "an event is not read")
                check(matcher.matches.allSatisfy { $0 < set.rules.count }, "no such rule")
            }
        }
    }

    /// An event: it is read or not, and read twice it matches the same.
    static let ruleEvents = FuzzTarget(name: "sigma-events") { input in
        guard let set = eventRules else { fatalError("rules that are some are not read") }
        let (one, other) = (RuleMatcher(set), RuleMatcher(set))
        var choices = Choices(input)
        let padding = Reading.chosen(by: &choices)
        input.withUnsafeBytes { text in
            padding.withCopy(of: Bytes(text)) { text in
                let first = one.match(json: text)
                check(first.map { $0 <= text.count } ?? true, "broken behind its end")
                check(other.match(json: text) == first && one.matches == other.matches, "two answers")
                // What was found the first time is remembered, and must be found again.
                check(one.match(json: text) == first && one.matches == other.matches, "another answer the second time")
                _ = one.time
                _ = one.entities
                one.match(line: text, format: "f")
            }
        }
    }

    /// What a cache of parsed rules holds behind its hash: any bytes are taken or not, and what is taken compiles.
    static let ruleCache = FuzzTarget(name: "sigma-cache") { input in
        var collection = RuleCollection()
        if collection.take(encoded: Array(input)) { _ = RuleSet(collection, mapping: LogSourceMapping()) }
    }

    private static let events = [
        #"{"F":"abc","G":5,"H":{"I":["x",null,true]},"CommandLine":"a -b /c","time":"2024-01-01T00:00:00Z"}"#,
        #"{"F":null,"G":"","CommandLine":"\u0041\\","Image":"C:\\a.exe"}"#, "{}",
    ]

    private static let eventRules: RuleSet? = {
        guard
            let mapping = try? LogSourceMapping(
                "keys: [EventID]\ntransparent: [H]\ntimes: [time]\nentities: {account: [F]}\nsources: [{category: c}]")
        else { return nil }
        var collection = RuleCollection()
        let items = [
            "F|contains: abc", "F|re: 'a(?=b).*c'", "G|gte: 5", "H.I: x", "I|exists: true", "F|fieldref: G",
            "F|contains|windash: ' -e'", "F|base64offset|contains: abc", "F|cidr: 10.0.0.0/8", "F|hour: 3",
            "EventID: 1", "'|all': [mimikatz, abc]",
        ]
        for (number, item) in items.enumerated() {
            collection.add(
                "title: r\nlogsource: {category: c}\ndetection: {s: {\(item)}, condition: s}\n", path: "\(number).yml")
        }
        let set = RuleSet(collection, mapping: mapping)
        return set.rejected.isEmpty ? set : nil
    }()
}
