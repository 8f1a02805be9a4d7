// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowSigma
import Testing

/// The compiled matcher agrees with the plain evaluator on generated rules and records.
///
/// 100,000 pairs with `OUTFLOW_ALL_PAIRS` set and in release builds, 8,000 otherwise. `OUTFLOW_SEED` repeats a run.
@Suite("Compiled rules and the reference evaluator")
struct ReferenceTests {
    private static let sets: Int = {
        #if DEBUG
            ProcessInfo.processInfo.environment["OUTFLOW_ALL_PAIRS"] == nil ? 20 : 250
        #else
            250
        #endif
    }()

    @Test func agreeOnGeneratedPairs() throws {
        let seed =
            ProcessInfo.processInfo.environment["OUTFLOW_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1 << 32)
        print("OUTFLOW_SEED=\(seed)")
        var generator = PairGenerator(seed: seed)
        var (pairs, hits, failures) = (0, 0, 0)
        for _ in 0..<Self.sets {
            let rules = (0..<20).map { _ in generator.rule() }
            let set = RuleSet(rules)
            #expect(set.rejected.isEmpty, "seed \(seed): \(set.rejected.map(\.problem.description))")
            guard set.rejected.isEmpty else { return }
            let references = try rules.map { try Reference($0) }
            let matcher = RuleMatcher(set)
            for _ in 0..<20 {
                let event = generator.event()
                let json = event.json(style: generator.below(3))
                guard let found = matcher.matches(json) else {
                    Issue.record("seed \(seed): not read: \(json)")
                    return
                }
                for (number, reference) in references.enumerated() {
                    let expected = try reference.matches(event)
                    pairs += 1
                    if expected { hits += 1 }
                    if expected != found.contains(number) {
                        failures += 1
                        if failures <= 3 {
                            Issue.record("seed \(seed): \(expected) expected\n\(rules[number])\n\(json)")
                        }
                    }
                }
            }
        }
        #expect(failures == 0)
        // A test in which hardly anything matches would show little.
        #expect(hits > pairs / 20 && hits < pairs * 19 / 20, "\(hits) of \(pairs) matched")
        print("\(pairs) pairs, \(hits) of them match")
    }
}
