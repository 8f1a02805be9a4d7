// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What is kept of the records that correlations are about: exact sets, so that the order in which records come, and
/// records that come twice, are of no account.
///
/// Records that are the same, byte for byte, are one, also where one file has them several times. No rule can do better that
/// does not depend on how files are split: for a file with two such lines, its two halves are the same files as two copies of
/// a file with one. How many there were is told (``repetitions(_:)``).
///
/// Each rule keeps ``limit`` records, the earliest. When there are more, what lies behind ``Kept/exactUntil`` is not
/// searched, and that is told.
public struct CorrelationRecords: Sendable {
    /// Most records that are kept of one rule.
    public static let limit = 262_144

    /// A record's place in time, and its identity.
    public struct Key: Hashable, Comparable, Sendable {
        /// When, in microseconds since the epoch.
        public var time: Int64
        /// Hash of the record's content.
        public var identity: UInt64

        /// By time, then identity.
        public static func < (one: Key, other: Key) -> Bool {
            (one.time, one.identity) < (other.time, other.identity)
        }

        /// A key of its parts.
        public init(time: Int64, identity: UInt64) {
            self.time = time
            self.identity = identity
        }
    }

    /// The rest of a record.
    public struct Row: Hashable, Sendable {
        /// Where it stands; of several copies the first.
        public var origin: Origin
        /// Its fields' values, by the plan's order; nil for those it does not have.
        public var values: [String?]
        /// How many more records there were that are the same, byte for byte.
        public var copies: UInt32

        /// A row of its parts.
        public init(origin: Origin, values: [String?], copies: UInt32 = 0) {
            self.origin = origin
            self.values = values
            self.copies = copies
        }
    }

    /// The records of one rule.
    public struct Kept: Sendable {
        /// By key.
        public internal(set) var rows: [Key: Row] = [:]
        /// The last record that is surely kept; nil while all are.
        public internal(set) var exactUntil: Key?
        /// Whether there were records without a time, which no window can hold.
        public internal(set) var hasTimeless = false

        mutating func insert(_ key: Key, _ row: Row) {
            if let exactUntil, key > exactUntil { return }
            if let known = rows[key] {
                if row.origin < known.origin { rows[key]?.origin = row.origin }
                let copies = known.copies.addingReportingOverflow(row.copies &+ 1)
                rows[key]?.copies = copies.overflow ? .max : copies.partialValue
                return
            }
            rows[key] = row
            if rows.count >= 2 * CorrelationRecords.limit { prune() }
        }

        mutating func prune() {
            guard rows.count > CorrelationRecords.limit else { return }
            let last = rows.keys.sorted()[CorrelationRecords.limit - 1]
            exactUntil = exactUntil.map { min($0, last) } ?? last
            rows = rows.filter { $0.key <= last }
        }

        mutating func merge(_ other: Kept) {
            hasTimeless = hasTimeless || other.hasTimeless
            if let limit = other.exactUntil {
                exactUntil = exactUntil.map { min($0, limit) } ?? limit
                rows = rows.filter { $0.key <= limit }
            }
            for (key, row) in other.rows { insert(key, row) }
        }
    }

    /// By number of the plan's base.
    public internal(set) var kept: [Kept]

    /// Nothing, for so many rules.
    public init(bases: Int) { kept = Array(repeating: Kept(), count: bases) }

    /// Adds a record of a rule; `time` in microseconds.
    public mutating func add(_ base: Int, time: Int64?, identity: UInt64, _ row: Row) {
        guard let time else {
            kept[base].hasTimeless = true
            return
        }
        kept[base].insert(Key(time: time, identity: identity), row)
    }

    /// Adds those of others, for the same plan.
    public mutating func merge(_ other: CorrelationRecords) {
        for base in kept.indices where base < other.kept.count { kept[base].merge(other.kept[base]) }
    }

    /// Tells what was not kept where these records come from.
    public mutating func limit(_ base: Int, exactUntil key: Key?, hasTimeless: Bool) {
        kept[base].exactUntil = key
        kept[base].hasTimeless = hasTimeless
    }

    /// Leaves of each rule no more than ``limit`` records: the same ones, whatever came first.
    public mutating func prune() { for base in kept.indices { kept[base].prune() } }

    /// Replaces the numbers of inputs.
    public mutating func renumber(_ number: (UInt32) -> UInt32) {
        for base in kept.indices {
            for key in kept[base].rows.keys {
                if let input = kept[base].rows[key]?.origin.input { kept[base].rows[key]?.origin.input = number(input) }
            }
        }
    }

    /// Whether nothing was kept.
    public var isEmpty: Bool { kept.allSatisfy { $0.rows.isEmpty && !$0.hasTimeless } }

    /// Which rules matched records that are the same, byte for byte, and how many more than count, in sentences.
    public func repetitions(_ plan: CorrelationPlan) -> [String] {
        zip(plan.bases, kept).compactMap { base, kept in
            let copies = kept.rows.values.reduce(0) { $0 + UInt64($1.copies) }
            return copies == 0
                ? nil
                : "correlations: \(copies) records that rule \(base.key) matched are the same, byte for byte, as others, and "
                    + "count once with them: nothing tells an event that was read twice from one that happened twice"
        }
    }

    /// What was kept of no record, in sentences.
    public func remarks(_ plan: CorrelationPlan) -> [String] {
        zip(plan.bases, kept).flatMap { base, kept -> [String] in
            var remarks: [String] = []
            if let until = kept.exactUntil {
                remarks.append(
                    "correlations: rule \(base.key) matched more than \(Self.limit) records; "
                        + "those after \(Timestamp(microseconds: until.time)) were not looked at")
            }
            if kept.hasTimeless {
                remarks.append("correlations: records of rule \(base.key) that tell no time were not looked at")
            }
            return remarks
        }
    }
}
