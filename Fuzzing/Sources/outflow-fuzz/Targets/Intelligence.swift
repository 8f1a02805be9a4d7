// SPDX-License-Identifier: Apache-2.0

@testable import OutflowIntelligence
import OutflowJSON
import OutflowRecords
@testable import OutflowSharing

extension FuzzTarget {
    /// A STIX pattern from who knows where: an error, or a pattern that can be matched. A line break parts it from
    /// observations in JSON, which may be anything.
    static let pattern = FuzzTarget(name: "pattern") { input in
        let parts = input.split(separator: 0x0A, maxSplits: 1)
        guard let text = parts.first else { return }
        for version in STIXPattern.Version.allCases {
            guard let pattern = try? STIXPattern(String(decoding: text, as: UTF8.self), version: version) else {
                continue
            }
            for (kind, value) in pattern.values ?? [] {
                check(!value.isEmpty, "an empty \(kind)")
                _ = Indicator.text(kind, value)
            }
            guard parts.count == 2 else { continue }
            let parser = JSONParser()
            parts[1].withUnsafeBytes { bytes in
                guard let list = try? parser.parse(copying: Bytes(bytes)) else { return }
                let observations = version == .v20 ? try? Observation.v20(list) : try? Observation.v21(list)
                if let observations, let matched = try? pattern.match(observations) {
                    check(matched.allSatisfy(observations.indices.contains), "an observation that is not there")
                }
            }
        }
    }

    /// Files of indicators: bundles, MISP events, CSV, lists. Whatever they hold becomes a set, and each of its values is found.
    static let indicators = FuzzTarget(name: "indicators") { input in
        var feed = IndicatorFeed()
        let summary = input.withUnsafeBytes { feed.read(Bytes($0), path: "p", source: "s") }
        check(summary.indicators >= 0, "a negative count")
        for (_, indicator) in feed.versioned where !indicator.isRevoked {
            for (kind, value) in indicator.values { feed.add(kind, value, indicator.profile) }
        }
        _ = feed.allowLists.name(of: .domain, Array("www.example".utf8))
        guard feed.builder.count > 0, let set = try? feed.builder.finish() else { return }
        check(set.count > 0, "a set of nothing")
    }

    /// A document and its signature, both from outside: nothing that was not signed is accepted.
    static let signature = FuzzTarget(name: "signature") { input in
        let parts = input.split(separator: 0x0A, maxSplits: 1).map { Array($0) }
        guard parts.count == 2, let document = try? JSONTree(parsing: parts[1]) else { return }
        let accepted = try? DetachedSignature.verify(
            String(decoding: parts[0], as: UTF8.self), of: document, keys: [[UInt8](repeating: 9, count: 32)],
            for: "us",
            now: Timestamp(microseconds: 1_700_000_000_000_000))
        check(accepted == nil, "a forged signature was accepted")
        _ = try? Partners(parts[1])
        // The canonical text says the same, and is its own canonical text.
        let canonical = document.canonical
        if let again = try? JSONTree(parsing: canonical) { check(again.canonical == canonical, "not canonical") }
    }
}
