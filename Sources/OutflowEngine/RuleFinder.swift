// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowReaders
import OutflowRecords
import OutflowSigma

/// Keeps what rules match while a scan reads. It belongs to one thread.
final class RuleFinder {
    private let rules: RuleSet
    private let observer: RuleObserver
    /// What the observer counts and rejects, which the sources have counted and rejected already.
    private let batch = ActivityBatch()
    private var found = RuleMatches()
    private var correlated: CorrelationRecords
    /// Whether any rule is for logs of a format.
    private var concerned: [String: Bool] = [:]

    init(_ rules: RuleSet) {
        self.rules = rules
        observer = RuleObserver(RuleMatcher(rules))
        correlated = CorrelationRecords(bases: rules.correlations.bases.count)
    }

    /// Looks at the records of a block.
    ///
    /// - Parameter read: what the block's source has made of it.
    func observe(_ sourced: SourcedBlock, read: ActivityBatch) {
        let format = type(of: sourced.source).card.format
        if let known = concerned[format] {
            if !known { return }
        } else {
            let isConcerned = rules.concerns(format: format)
            concerned[format] = isConcerned
            if !isConcerned { return }
        }
        defer { batch.clear() }
        if observer.canSkip(sourced, read, batch) { return }
        observer.observe(sourced, batch) { record, matcher in
            guard !matcher.matches.isEmpty else { return }
            let identity = ContentHash.of(record.text)
            let origin = Origin(input: sourced.input, offset: record.offset, length: record.length)
            let time = matcher.time?.microseconds
            matcher.forEachCorrelated { base, values in
                correlated.add(
                    base, time: time, identity: identity, CorrelationRecords.Row(origin: origin, values: values))
            }
            var entities: [Report.NamedEntity]?
            for rule in matcher.matches where rules.isReported(rule) {
                let named = entities ?? matcher.entities.map { Report.NamedEntity(kind: $0.kind, id: $0.name) }.sorted()
                entities = named
                found.add(
                    rules.rules[rule].header, identity: identity, origin: origin,
                    RuleMatches.Match(time: time, origin: origin, entities: named))
            }
        }
    }

    /// Adds everything that was found.
    func deliver(into observations: inout Observations) {
        observations.rules.merge(found, inputMap: [])
        observations.correlations.add(rules.correlations, correlated)
    }
}
