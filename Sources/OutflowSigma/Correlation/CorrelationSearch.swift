// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A correlation that holds: when, for which group, and on which records it rests.
public struct CorrelationMatch: Hashable, Sendable {
    /// The rule.
    public var header: RuleHeader
    /// Values that the records share, in the order of `group-by`.
    public var group: [String]
    /// Names of the fields, or aliases, that ``group`` are values of.
    public var groupBy: [String]
    /// Time of the first record in the window, in microseconds since the epoch.
    public var first: Int64
    /// Time of the record with which it began to hold.
    public var last: Int64
    /// How many records, or matches of other correlations, are in the window.
    public var records: Int
    /// The figure that was compared: count, sum, mean, percentile.
    public var figure: Double
    /// Where records of the window stand: the last first, at most 16.
    public var evidence: [Origin]
}

/// Finds where correlations hold among the records that were kept for them.
public struct CorrelationSearch {
    /// Most matches of one correlation; more are counted in ``dropped``.
    public static let matchLimit = 10_000
    /// Most records of one window that are looked through for a value.
    private static let trailLimit = 64

    private let plan: CorrelationPlan
    /// By base: keys and rows in order of time.
    private let rows: [[(key: CorrelationRecords.Key, row: CorrelationRecords.Row)]]
    /// By base: the time behind which records may be missing; nil while all are kept.
    private let exactUntil: [Int64?]
    private var found: [[Found]] = []
    /// How many matches went beyond ``matchLimit``, by step.
    public private(set) var dropped: [Int] = []

    /// Something that a correlation is about: a record, or a match of another correlation.
    private struct Reference {
        var input: Int
        var index: Int
    }

    private struct Found {
        var match: CorrelationMatch
        /// What is in the window, the last first.
        var trail: [Reference]
        var identity: UInt64
    }

    /// Searches all records.
    public init(_ plan: CorrelationPlan, _ records: CorrelationRecords) {
        self.plan = plan
        rows = records.kept.map { kept in
            kept.rows.sorted { $0.key < $1.key }.map { (key: $0.key, row: $0.value) }
        }
        exactUntil = records.kept.map { $0.exactUntil?.time }
        for step in plan.steps.indices {
            let (matches, more) = search(step)
            found.append(matches)
            dropped.append(more)
        }
    }

    /// The matches of all correlations that are not only there for others, in order of rule, time and group.
    public var matches: [CorrelationMatch] {
        let silent = plan.silent.steps
        return found.enumerated().flatMap { step, found in silent.contains(step) ? [] : found.map(\.match) }
    }

    /// Which matches are not told, in sentences.
    public var remarks: [String] {
        zip(plan.steps, dropped).compactMap { step, count in
            count == 0 ? nil : "correlation \(step.rule.header.key): \(count) matches beyond \(Self.matchLimit)"
        }
    }

    private func search(_ number: Int) -> (found: [Found], dropped: Int) {
        let step = plan.steps[number]
        let limit = step.rule.hasNegation ? exactUntil(step) : nil
        var groups: [[String]: [(window: CorrelationWindow.Record, reference: Reference)]] = [:]
        for (position, input) in step.inputs.enumerated() {
            let count = input.isStep ? found[input.number].count : rows[input.number].count
            for index in 0..<count {
                let reference = Reference(input: position, index: index)
                // A record without one of the values belongs to no group.
                let group = step.rule.groupBy.compactMap { value($0, of: reference, in: step) }
                guard group.count == step.rule.groupBy.count else { continue }
                let values = step.rule.fields.compactMap { value($0, of: reference, in: step) }
                let isWhole = !step.rule.fields.isEmpty && values.count == step.rule.fields.count
                groups[group, default: []].append(
                    (
                        CorrelationWindow.Record(
                            time: time(of: reference, in: step), input: position,
                            identity: identity(of: reference, in: step),
                            value: isWhole ? values.joined(separator: "\u{1F}") : nil), reference
                    ))
            }
        }
        var result: [Found] = []
        for group in groups.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            var members = groups[group] ?? []
            members.sort {
                ($0.window.time, $0.window.identity, $0.window.input)
                    < ($1.window.time, $1.window.identity, $1.window.input)
            }
            if !step.rule.kind.isTemporal {
                // A record that several of the rules match is one record.
                var last: (Int64, UInt64)?
                members = members.filter { member in
                    defer { last = (member.window.time, member.window.identity) }
                    return last.map { $0 != (member.window.time, member.window.identity) } ?? true
                }
            }
            for hit in CorrelationWindow.hits(members.map(\.window), step.rule, inputs: step.inputs.count) {
                // Of what was not kept nobody knows that it is not there.
                if let limit, members[hit.last].window.time &+ step.rule.timespan > limit { continue }
                result.append(conclusion(hit, members, group, step))
            }
        }
        result.sort { ($0.match.last, $0.match.first) < ($1.match.last, $1.match.first) }
        return (Array(result.prefix(Self.matchLimit)), max(0, result.count - Self.matchLimit))
    }

    private func conclusion(
        _ hit: CorrelationWindow.Hit, _ members: [(window: CorrelationWindow.Record, reference: Reference)],
        _ group: [String], _ step: CorrelationPlan.Step
    ) -> Found {
        let window = members[hit.first...hit.last].reversed()
        var evidence: [Origin] = []
        for member in window where evidence.count < 16 {
            for origin in origins(of: member.reference, in: step) where evidence.count < 16 {
                if !evidence.contains(origin) { evidence.append(origin) }
            }
        }
        var identity = ContentHash()
        identity.combine(step.rule.header.key)
        for value in group { identity.combine(value) }
        identity.combine(UInt64(bitPattern: members[hit.last].window.time))
        return Found(
            match: CorrelationMatch(
                header: step.rule.header, group: group, groupBy: step.rule.groupBy,
                first: members[hit.first].window.time, last: members[hit.last].window.time,
                records: hit.last - hit.first + 1, figure: hit.figure, evidence: evidence),
            trail: window.prefix(Self.trailLimit).map(\.reference), identity: identity.value)
    }

    /// The time behind which records that a step is about may be missing.
    private func exactUntil(_ step: CorrelationPlan.Step) -> Int64? {
        step.inputs.compactMap { $0.isStep ? exactUntil(plan.steps[$0.number]) : exactUntil[$0.number] }.min()
    }

    // MARK: What is known of a record or a match

    private func time(of reference: Reference, in step: CorrelationPlan.Step) -> Int64 {
        let input = step.inputs[reference.input]
        return input.isStep
            ? found[input.number][reference.index].match.last : rows[input.number][reference.index].key.time
    }

    private func identity(of reference: Reference, in step: CorrelationPlan.Step) -> UInt64 {
        let input = step.inputs[reference.input]
        return input.isStep
            ? found[input.number][reference.index].identity : rows[input.number][reference.index].key.identity
    }

    private func origins(of reference: Reference, in step: CorrelationPlan.Step) -> [Origin] {
        let input = step.inputs[reference.input]
        return input.isStep
            ? found[input.number][reference.index].match.evidence : [rows[input.number][reference.index].row.origin]
    }

    /// The value that a field of the correlation has: of a match, that of the last record that has one.
    private func value(_ field: String, of reference: Reference, in step: CorrelationPlan.Step) -> String? {
        let input = step.inputs[reference.input]
        let name = CorrelationPlan.name(field, of: input, in: step.rule)
        if input.isStep {
            let inner = plan.steps[input.number]
            for deeper in found[input.number][reference.index].trail {
                if let value = value(name, of: deeper, in: inner) { return value }
            }
            return nil
        }
        guard let place = plan.bases[input.number].fields.firstIndex(of: name) else { return nil }
        let values = rows[input.number][reference.index].row.values
        return place < values.count ? values[place] : nil
    }
}
