// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// One record that supports a transfer.
public struct Evidence: Sendable, Hashable {
    /// How strongly: its bytes, or messages; whatever orders records of one transfer by importance.
    public var weight: UInt64
    /// The record's identity.
    public var identity: UInt64
    /// Where it stands.
    public var origin: Origin

    /// A record of its parts.
    public init(weight: UInt64, identity: UInt64, origin: Origin) {
        self.weight = weight
        self.identity = identity
        self.origin = origin
    }

    /// Stronger evidence first; of equally strong, the lower identity first. `origin` does not count: it depends on
    /// which of several copies of a record was read.
    @inline(__always) func isStronger(than other: Evidence) -> Bool {
        weight != other.weight ? weight > other.weight : identity < other.identity
    }

    /// The better of two pieces of evidence, whatever their order; of the same record at the same weight, the lower
    /// origin.
    static func stronger(_ left: Evidence, _ right: Evidence) -> Evidence {
        if left.weight == right.weight, left.identity == right.identity {
            return left.origin <= right.origin ? left : right
        }
        return left.isStronger(than: right) ? left : right
    }

    /// The most that a transfer cites.
    public static let limit = 16

    /// The origins of the strongest pieces, each record once, at most ``limit``.
    static func origins(_ pieces: [Evidence]) -> [Origin] { strongest(pieces).map(\.origin) }

    /// The strongest pieces, each record once, at most ``limit``.
    public static func strongest(_ pieces: [Evidence]) -> [Evidence] {
        var best: [UInt64: Evidence] = [:]
        for piece in pieces { best[piece.identity] = best[piece.identity].map { stronger($0, piece) } ?? piece }
        return Array(best.values.sorted { $0.isStronger(than: $1) }.prefix(limit))
    }
}

/// The strongest records of one transfer that is being concluded.
struct StrongestRecords: Sendable {
    private var pieces: [Evidence] = []

    /// Adds a record; the same one may come again.
    mutating func add(_ piece: Evidence) {
        pieces.append(piece)
        if pieces.count >= 16 * Evidence.limit { pieces = Evidence.strongest(pieces) }
    }

    /// Where the strongest stand, at most ``Evidence/limit``.
    var origins: [Origin] { Evidence.origins(pieces) }
}

/// The strongest records of many groups (transfers), in bounded memory.
///
/// What it keeps is a function of the set of records added, whatever the order and however they were split and merged:
/// of each group the 16 strongest, and of those, if there are more than `capacity`, the ones that are stronger than the
/// (`capacity` + 1)-th strongest over all groups, so that ties at the border all go.
///
/// ## Why dropping early never drops what the end keeps
///
/// Let T(S) be the union of each group's 16 strongest of the records S, and c(S) the (capacity + 1)-th strongest of
/// T(S). Adding records to S moves the k-th strongest of a group only up, for each k, so T(S) can only get stronger
/// member by member, and c never falls. A record that is dropped because its group has 16 stronger ones has them at the
/// end too. One that is dropped because it is not above c(S) is not above the end's c either. And the c that is
/// computed later from the records left is right: if more than `capacity` of the final T lie above the old c, all of
/// them are still there and decide it alone; if not, the final c is the old c, which is kept as `floor`. A merge takes
/// the higher of two floors, by the same argument.
struct EvidencePool: Sendable {
    private struct Entry: Sendable {
        var piece: Evidence
        var group: UInt32
    }

    private static let few = 1024
    private let capacity: Int
    private var entries: [Entry] = []
    /// Nothing that is not stronger than this is kept; nil as long as everything has found room.
    private var floor: Evidence?
    private var floorWeight: UInt64 = 0

    /// An empty pool for at most `capacity` pieces in all.
    init(capacity: Int = 262_144) { self.capacity = capacity }

    /// Whether a record of this weight may be kept at all: a quick look before its identity is computed.
    @inline(__always) func mayKeep(weight: UInt64) -> Bool {
        weight >= floorWeight
    }

    /// Adds a record to a group. The same record may come again, also with another weight or origin: it counts once,
    /// with its highest weight, then its lowest origin.
    ///
    /// - Returns: whether it may be among what is kept in the end.
    @discardableResult
    @inline(__always) mutating func add(group: UInt32, weight: UInt64, identity: UInt64, origin: Origin) -> Bool {
        if weight < floorWeight { return false }
        return append(Entry(piece: Evidence(weight: weight, identity: identity, origin: origin), group: group))
    }

    @inline(never) private mutating func append(_ entry: Entry) -> Bool {
        if let floor, !entry.piece.isStronger(than: floor) { return false }
        // From here on it may fill up: room for all at once, as growing by doubling leaves holes in memory.
        if entries.count == Self.few { entries.reserveCapacity(2 * capacity) }
        entries.append(entry)
        if entries.count >= 2 * capacity { compact() }
        return true
    }

    private mutating func compact() {
        sortByGroup()
        var kept = 0
        var groupStart = 0
        for index in entries.indices {
            let entry = entries[index]
            if kept == 0 || entries[kept - 1].group != entry.group { groupStart = kept }
            // The group's pieces so far are stronger or the same record with a better weight or origin.
            if kept - groupStart == Evidence.limit { continue }
            if entries[groupStart..<kept].contains(where: { $0.piece.identity == entry.piece.identity }) { continue }
            entries[kept] = entry
            kept += 1
        }
        entries.removeSubrange(kept...)
        if entries.count > capacity { raise(strongest(at: capacity)) }
    }

    /// Sorts by group, in each the strongest first, the same record's lowest origin first.
    private mutating func sortByGroup() {
        // What is moved about is a third of an entry; what it lacks decides between equals only.
        struct Key {
            var group: UInt32
            var index: UInt32
            var weight: UInt64
        }
        var keys: [Key] = []
        keys.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() {
            keys.append(
                Key(group: entry.group, index: UInt32(truncatingIfNeeded: index), weight: entry.piece.weight))
        }
        entries.withUnsafeMutableBufferPointer { entries in
            let unsorted = UnsafeBufferPointer(entries)
            keys.sort { left, right in
                if left.group != right.group { return left.group < right.group }
                if left.weight != right.weight { return left.weight > right.weight }
                let (a, b) = (unsorted[Int(left.index)].piece, unsorted[Int(right.index)].piece)
                return a.identity != b.identity ? a.identity < b.identity : a.origin < b.origin
            }
            // Each goes to its place, cycle by cycle: no second copy is needed.
            for start in keys.indices where keys[start].index != UInt32(truncatingIfNeeded: start) {
                let first = entries[start]
                var place = start
                while true {
                    let source = Int(keys[place].index)
                    keys[place].index = UInt32(truncatingIfNeeded: place)
                    if source == start { break }
                    entries[place] = entries[source]
                    place = source
                }
                entries[place] = first
            }
        }
    }

    /// The piece that has `rank` stronger ones.
    private func strongest(at rank: Int) -> Evidence {
        var weights = entries.map(\.piece.weight)
        let weight = selected(rank, of: &weights, by: >)
        let stronger = entries.count { $0.piece.weight > weight }
        let equal = entries.lazy.map(\.piece).filter { $0.weight == weight }.sorted { $0.isStronger(than: $1) }
        return equal[rank - stronger]
    }

    private mutating func raise(_ border: Evidence) {
        if let floor, !border.isStronger(than: floor) { return }
        floor = border
        floorWeight = border.weight
        entries.removeAll { !$0.piece.isStronger(than: border) }
    }

    /// Adds all of another pool, whose group `g` is `groups[g]` here and whose input `i` is `inputs[i]`.
    mutating func merge(_ other: consuming EvidencePool, groups: [UInt32], inputs: [UInt32]) {
        if let border = other.floor { raise(border) }
        for entry in other.entries {
            add(
                group: groups[Int(entry.group)], weight: entry.piece.weight, identity: entry.piece.identity,
                origin: entry.piece.origin.renumbered(inputs))
        }
    }

    /// Makes the pool ready for ``pieces(of:)``.
    mutating func settle() { compact() }

    /// The pieces of a group that are kept in the end, strongest first; after ``settle()``.
    func pieces(of group: UInt32) -> [Evidence] {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].group < group { low = middle + 1 } else { high = middle }
        }
        var result: [Evidence] = []
        while low < entries.count, entries[low].group == group {
            result.append(entries[low].piece)
            low += 1
        }
        return result
    }

    /// The pieces of each group that are kept in the end, strongest first.
    mutating func conclude() -> [UInt32: [Evidence]] {
        compact()
        var result: [UInt32: [Evidence]] = [:]
        for entry in entries { result[entry.group, default: []].append(entry.piece) }
        return result
    }

    /// Writes the pool.
    mutating func encode(into encoder: inout StateEncoder) {
        compact()
        encoder.write(floor == nil ? 0 : 1)
        if let floor {
            encoder.write(floor.weight)
            encoder.write(fixed: floor.identity)
        }
        encoder.write(UInt64(entries.count))
        encoder.column(entries) { UInt64($0.group) }
        encoder.column(entries) { $0.piece.weight }
        encoder.fixedColumn(entries) { $0.piece.identity }
        encoder.originColumn(entries) { $0.piece.origin }
    }

    /// Reads what ``encode(into:)`` wrote, for groups below `groups`.
    init(from decoder: inout StateDecoder, groups limit: Int, capacity: Int = 262_144) throws(StateError) {
        self.init(capacity: capacity)
        if try decoder.read(atMost: 1) == 1 {
            let weight = try decoder.read()
            let identity = try decoder.readFixed()
            raise(Evidence(weight: weight, identity: identity, origin: Origin(input: 0, offset: 0, length: 0)))
        }
        let count = try decoder.readCount(bytesEach: 13)
        let groups = try decoder.references(count, below: limit)
        let weights = try decoder.column(count)
        let identities = try decoder.fixedColumn(count)
        let origins = try decoder.originColumn(count)
        for index in 0..<count {
            add(group: groups[index], weight: weights[index], identity: identities[index], origin: origins[index])
        }
    }
}

extension Origin {
    /// The same place when input `i` is now `inputs[i]`. An input without a new number keeps its own, which a damaged
    /// partial may ask for.
    func renumbered(_ inputs: [UInt32]) -> Origin {
        Int(input) < inputs.count ? Origin(input: inputs[Int(input)], offset: offset, length: length) : self
    }
}
