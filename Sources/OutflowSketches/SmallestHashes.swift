// SPDX-License-Identifier: Apache-2.0

/// Counts of distinct things in many groups, each thing with a value: of every group the ``limit`` things with the smallest
/// hashes (bottom-k; Cohen, Kaplan: Summarizing data using bottom-k sketches, PODC 2007).
///
/// Exact as long as a group has no more than ``limit`` things; beyond, the count's standard error is 1/√(limit - 2), 6 %. What is
/// kept is a function of the set of things added: in whatever order, however often each, however split and merged. Of the
/// same thing added with several values the largest counts, and the lowest tag goes with it.
public struct SmallestHashes: Sendable {
    /// Things kept of a group.
    public static let limit = 256

    /// One thing of a group.
    public struct Thing: Sendable {
        /// Number of the group.
        public var group: UInt32
        /// Hash of the thing.
        public var hash: UInt64
        /// Its value, such as its size.
        public var value: UInt64
        /// What else is known of it: where a record of it stands. Two words for the user; ordered as numbers.
        public var tag: (UInt64, UInt64)

        /// A thing of its parts.
        public init(group: UInt32, hash: UInt64, value: UInt64, tag: (UInt64, UInt64)) {
            self.group = group
            self.hash = hash
            self.value = value
            self.tag = tag
        }
    }

    private var things: [Thing] = []
    /// Largest hash that a group may still take; by group.
    private var borders: [UInt64] = []
    /// Number of things after the last clean-up.
    private var settled = 0

    /// No groups.
    public init() {}

    /// Adds a thing. Groups are numbered from 0.
    @inlinable public mutating func add(_ thing: Thing) {
        if mayKeep(thing.hash, in: thing.group) { append(thing) }
    }

    @usableFromInline func mayKeep(_ hash: UInt64, in group: UInt32) -> Bool {
        Int(group) >= borders.count || hash <= borders[Int(group)]
    }

    @usableFromInline mutating func append(_ thing: Thing) {
        things.append(thing)
        if things.count >= 4096, things.count >= 2 * settled { settle() }
    }

    /// Puts things in order of group and hash, each once, and drops what no group keeps.
    public mutating func settle() {
        things.sort { a, b in
            if a.group != b.group { return a.group < b.group }
            if a.hash != b.hash { return a.hash < b.hash }
            if a.value != b.value { return a.value > b.value }
            return a.tag < b.tag
        }
        var kept = 0
        var start = 0
        for index in things.indices {
            let thing = things[index]
            if kept == 0 || things[kept - 1].group != thing.group { start = kept }
            if kept > start, things[kept - 1].hash == thing.hash { continue }
            if kept - start == Self.limit { continue }
            things[kept] = thing
            kept += 1
            if kept - start == Self.limit {
                while borders.count <= Int(thing.group) { borders.append(.max) }
                borders[Int(thing.group)] = thing.hash
            }
        }
        things.removeSubrange(kept...)
        settled = kept
    }

    /// What a group comes to.
    public struct Sum: Sendable {
        /// Number of distinct things; an estimate beyond ``limit``.
        public var count: UInt64 = 0
        /// Sum of their values, estimated likewise.
        public var value: UInt64 = 0
        /// The things that are kept, in order of hash.
        public var things: ArraySlice<Thing> = []
    }

    /// What each of the groups that have things comes to, in order; after ``settle()``.
    public func forEachGroup(_ body: (UInt32, Sum) -> Void) {
        var from = 0
        while from < things.count {
            var to = from
            var value: UInt64 = 0
            while to < things.count, things[to].group == things[from].group {
                let (sum, overflow) = value.addingReportingOverflow(things[to].value)
                value = overflow ? .max : sum
                to += 1
            }
            var sum = Sum(count: UInt64(to - from), value: value, things: things[from..<to])
            if to - from == Self.limit {
                let share = (Double(things[to - 1].hash) + 1) / 0x1p64
                let count = Double(Self.limit - 1) / share
                let larger = count / Double(Self.limit)
                sum.count = max(UInt64(Self.limit), UInt64(min(count, 1e18)))
                sum.value = UInt64(min(Double(value) * max(1, larger), 9e18))
            }
            body(things[from].group, sum)
            from = to
        }
    }

    /// All things that are kept, in order of group and hash; after ``settle()``.
    public var all: [Thing] { things }
}
