// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowLedger
import OutflowRecords
import OutflowSigma

/// What is kept for correlations, with the correlations themselves: a partial carries both, so that whoever merges it needs
/// no rules.
struct CorrelationLog: Sendable {
    /// Records by plan; mostly there is one.
    private(set) var records: [CorrelationPlan: CorrelationRecords] = [:]

    /// Nothing.
    init() {}

    /// Adds what a thread has kept.
    mutating func add(_ plan: CorrelationPlan, _ kept: CorrelationRecords) {
        guard !plan.steps.isEmpty else { return }
        records[plan, default: CorrelationRecords(bases: plan.bases.count)].merge(kept)
    }

    /// Adds those of another, whose input `i` is `inputMap[i]` here.
    mutating func merge(_ other: CorrelationLog, inputMap: [UInt32]) {
        for (plan, var kept) in other.records {
            kept.renumber { Int($0) < inputMap.count ? inputMap[Int($0)] : $0 }
            add(plan, kept)
        }
    }

    /// What correlations took for one record, which depends on how often inputs were read, and what they could not look at,
    /// in sentences. A report has none of the first, and the second with what they found all the same.
    var remarks: [String] { ordered.flatMap { $0.kept.remarks($0.plan) + $0.kept.repetitions($0.plan) } }

    /// Matches of all correlations as findings.
    func findings() -> [Report.Finding] {
        ordered.flatMap { entry in
            var kept = entry.kept
            kept.prune()
            let search = CorrelationSearch(entry.plan, kept)
            let remarks = kept.remarks(entry.plan) + search.remarks
            return search.matches.map { match in
                var finding = match.finding
                finding.notes += remarks
                return finding
            }
        }
    }

    private var ordered: [(text: Data, plan: CorrelationPlan, kept: CorrelationRecords)] {
        let coder = JSONEncoder()
        coder.outputFormatting = .sortedKeys
        return records.compactMap { plan, kept in
            // What was decoded or made from text always encodes.
            (try? coder.encode(plan)).map { (text: $0, plan: plan, kept: kept) }
        }.sorted { $0.text.lexicographicallyPrecedes($1.text) }
    }

    /// Writes everything as a section.
    func encode(into encoder: inout StateEncoder) {
        encoder.begin(.correlations)
        encoder.write(UInt64(records.count))
        for (text, plan, kept) in ordered {
            var kept = kept
            kept.prune()
            text.withUnsafeBytes { encoder.write(Bytes($0)) }
            for (base, rows) in zip(plan.bases, kept.kept) {
                encoder.write(rows.hasTimeless ? 1 : 0)
                encoder.write(size: rows.exactUntil?.identity)
                encoder.write(signed: rows.exactUntil?.time ?? 0)
                let ordered = rows.rows.sorted { $0.key < $1.key }
                encoder.write(UInt64(ordered.count))
                encoder.timeColumn(ordered) { $0.key.time }
                encoder.fixedColumn(ordered) { $0.key.identity }
                encoder.originColumn(ordered) { $0.value.origin }
                for (_, row) in ordered {
                    for place in base.fields.indices {
                        let value = place < row.values.count ? row.values[place] : nil
                        encoder.write(value == nil ? 0 : 1)
                        if let value { encoder.write(text: value) }
                    }
                }
            }
        }
        encoder.end()
    }

    /// Reads what ``encode(into:)`` wrote.
    init(from decoder: inout StateDecoder) throws(StateError) {
        try decoder.begin(.correlations)
        for _ in 0..<(try decoder.readCount(bytesEach: 2)) {
            let text = try decoder.readBytes()
            guard let plan = try? JSONDecoder().decode(CorrelationPlan.self, from: Data(text)), plan.isSound else {
                throw decoder.error("correlations that cannot be read")
            }
            var kept = CorrelationRecords(bases: plan.bases.count)
            for (number, base) in plan.bases.enumerated() {
                let hasTimeless = try decoder.read(atMost: 1) == 1
                let identity = try decoder.readSize()
                let until = try decoder.readSigned()
                let count = try decoder.readCount(bytesEach: 12)
                let times = try decoder.timeColumn(count)
                let identities = try decoder.fixedColumn(count)
                let origins = try decoder.originColumn(count)
                guard count <= CorrelationRecords.limit else { throw decoder.error("too many records of one rule") }
                for row in 0..<count {
                    guard (Timestamp.earliest.microseconds...Timestamp.latest.microseconds).contains(times[row]) else {
                        throw decoder.error("a time that is none")
                    }
                    var values: [String?] = []
                    for _ in base.fields { values.append(try decoder.read(atMost: 1) == 1 ? decoder.readText() : nil) }
                    kept.add(
                        number, time: times[row], identity: identities[row],
                        CorrelationRecords.Row(origin: origins[row], values: values))
                }
                kept.limit(
                    number, exactUntil: identity.map { CorrelationRecords.Key(time: until, identity: $0) },
                    hasTimeless: hasTimeless)
            }
            records[plan] = kept
        }
        try decoder.end()
    }
}
