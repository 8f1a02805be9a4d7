// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// Tells flows that were seen before from new ones, at 8 bytes each.
///
/// An entry is a 33-bit tag of the 5-tuple and the stretch of 256 s, a 16-bit tag of the flow's sizes, a class of its
/// duration, and the sixteenth of a second within the stretch in which it began (its place). What two records with equal
/// tags say of the number of flows depends on how far apart they began:
///
/// - Within a sixteenth of a second and its neighbours they are **one flow**, read twice or seen by two sensors. So they are
///   when the earlier one lasted until the later one began: no sensor has two flows of one 5-tuple at the same time.
/// - Up to half a second apart they are **one flow or two**: two sensors whose clocks differ, or a 5-tuple used again at
///   once. The upper bound counts both, the lower bound one.
/// - Else they are two flows.
///
/// Sameness spreads over neighbours: of records at places 5, 6 and 7 all three are one flow, in whatever order they come.
/// ``insert(_:)`` therefore answers by how much the number of flows changed: +1 for a new one, 0 for one more view of a
/// known one, -1 for a view that joins two into one; once for the upper bound and once for the lower.
///
/// Records of one 5-tuple that begin together but differ in size may be one flow that two sensors saw differently, or two;
/// those of which one begins while the other lasts are one flow, of which a sensor saw a part (one that was started anew, or
/// a datagram flow joined late). Both count in the upper bound, and ``insert(_:)`` tells by how much the lower one must give
/// way. For that the tag of the sizes holds their order of magnitude.
///
/// False matches: an entry is compared with those of its own table (one of `FlowLedger.shardCount`) that stand in the same of
/// 1,024 regions and have the same tag: at ten million flows 10^7 / 8 / 2^43 on average, of which 3 in 4,096 begin close
/// enough to be one flow (257 in 4,096 for flows that last 8 s and more): 10^-10 to 10^-8 for flows that are all of one
/// size, and 1 in 256 of that for others.
struct FlowFingerprints: ~Copyable {
    /// The slots of all regions, one after the other.
    private var slots = MappedArray<UInt64>(capacity: regions * 4)
    private var regionSize = 4
    /// Entries of each region.
    private var fill = MappedArray<UInt32>(capacity: regions)
    private(set) var count = 0
    /// Whether ``reserve(_:)`` has made room.
    private var isReserved = false
    /// Scrambles regions and home slots, so that nobody can choose flows that all fall on one slot, or that are taken for
    /// each other. Differs from run to run; no result depends on it.
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed | 1 }

    /// A unit of places, in microseconds.
    static let unit: Int64 = 62_500
    /// Places in a stretch.
    static let stretch = 4096
    /// Views that begin so many places apart, or fewer, may be one flow: half a second.
    static let possible = 8

    /// How long a flow lasted, as far as it matters here.
    enum Lasting {
        /// 1 below half a second, 2 below 2 s, 3 below 8 s, 4 below 32 s, 5 below 64 s, 6 from there on. Never 0, which marks
        /// an empty slot.
        @inline(__always)
        static func kind(_ duration: Int64) -> UInt64 {
            if duration < 8_000_000 { return duration < 500_000 ? 1 : duration < 2_000_000 ? 2 : 3 }
            return duration < 32_000_000 ? 4 : duration < 64_000_000 ? 5 : 6
        }

        /// Views of a kind, and of the same sizes, that begin so many places apart, or fewer, are one flow: as long as all of
        /// the kind last, up to 8 s. Kinds 4 to 6 are one in this.
        @inline(__always)
        static func certain(_ kind: UInt64) -> Int {
            kind == 1 ? 1 : kind == 2 ? 8 : kind == 3 ? 32 : 128
        }

        /// For so many places after a flow of the kind began, it surely lasts.
        @inline(__always)
        static func lasts(_ kind: UInt64) -> Int { kind <= 4 ? certain(kind) : kind == 5 ? 512 : 1024 }

        /// For so many places after a flow of the kind began, it may last, as the sensor's clock has it that saw another part
        /// of it: flows of datagrams of 128 s and more are not counted at once.
        @inline(__always)
        static func mayLast(_ kind: UInt64) -> Int {
            let most = kind == 1 ? 8 : kind == 2 ? 32 : kind == 3 ? 128 : kind == 4 ? 512 : kind == 5 ? 1024 : 2048
            return most &+ FlowFingerprints.possible
        }

        /// What ``mayLast(_:)`` is at most.
        static let longest = 2048 + FlowFingerprints.possible
    }

    /// What identifies one view of a flow.
    struct Key {
        /// A hash of the 5-tuple (and of whatever else must agree).
        let tuple: UInt64
        /// Number of the stretch in which it began.
        let stretch: Int64
        /// Tag, sizes, kind of duration and place, see ``FlowFingerprints``.
        let entry: UInt64
        /// All of the hash of 5-tuple and stretch: the tag is a part of it, and the rest says in which region it stands.
        let hash: UInt64
        /// Whether it lasted beyond the next stretch, or may have.
        let isLong: Bool
        /// Whether a sensor may have joined it late without a sign of that: datagrams have no beginning to be seen.
        let isDatagrams: Bool

        /// - Parameters:
        ///   - tuple: a hash of the 5-tuple (and of whatever else must agree).
        ///   - size: a hash of the sizes.
        ///   - sent, received: the sizes.
        ///   - duration: how long it lasted, in microseconds.
        @inline(__always)
        init(
            tuple: UInt64, size: UInt64, sent: UInt64, received: UInt64, time: Timestamp, duration: Int64,
            isDatagrams: Bool
        ) {
            let units = FlowFingerprints.units(of: time)
            self.tuple = tuple
            self.isDatagrams = isDatagrams
            stretch = units >> 12
            isLong = duration >= Int64(FlowFingerprints.stretch) * FlowFingerprints.unit
            let sizes = size & 0xFF | Self.magnitude(received) << 8 | Self.magnitude(sent) << 12
            hash = Self.hash(tuple, stretch)
            entry =
                hash & FlowFingerprints.tagMask | sizes << 15 | Lasting.kind(duration) << 12
                | UInt64(truncatingIfNeeded: units & 0xFFF)
        }

        @inline(__always) var place: Int { Int(truncatingIfNeeded: entry & 0xFFF) }
        @inline(__always) var kind: UInt64 { entry >> 12 & 7 }

        /// Order of magnitude, in steps of 16: a size of magnitude m is less than ``ceiling(_:)`` of m. 4 bits.
        @inline(__always)
        static func magnitude(_ size: UInt64) -> UInt64 {
            UInt64(min(15, (64 &- size.leadingZeroBitCount &+ 3) >> 2))
        }

        /// A size that none of a magnitude exceeds.
        @inline(__always)
        static func ceiling(_ magnitude: UInt64) -> UInt64 { magnitude == 0 ? 0 : 1 << (4 &* magnitude) }

        /// Orders of magnitude in an entry.
        @inline(__always)
        static func sentMagnitude(_ entry: UInt64) -> UInt64 { entry >> 27 & 0xF }
        @inline(__always)
        static func receivedMagnitude(_ entry: UInt64) -> UInt64 { entry >> 23 & 0xF }

        @inline(__always)
        static func hash(_ tuple: UInt64, _ stretch: Int64) -> UInt64 {
            let product = (tuple ^ UInt64(bitPattern: stretch) &* 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(
                by: 0xD6E8_FEB8_6659_FD93)
            return product.high ^ product.low
        }
    }

    static let tagMask: UInt64 = ~0 << 31
    /// The tag of sizes: what must agree besides the tag.
    private static let sizesMask: UInt64 = 0x7FFF_8000

    /// Whether two entries of one tag are views of one size and kind of duration.
    @inline(__always)
    private static func areAlike(_ a: UInt64, _ b: UInt64) -> Bool {
        let differences = (a ^ b) & (sizesMask | 0x7000)
        if differences == 0 { return true }
        // Kinds 4 to 6.
        return differences & sizesMask == 0 && a & b & 0x4000 != 0
    }

    /// Sixteenths of a second since the epoch: floor division, also before 1970.
    @inline(__always)
    static func units(of time: Timestamp) -> Int64 {
        let units = time.microseconds / unit
        return time.microseconds % unit < 0 ? units - 1 : units
    }

    /// Regions of the table. An entry stands in the region that the bits of its hash choose which are not in its tag, so that
    /// they tell flows apart as well, at no cost of memory.
    private static let regions = 1024

    /// The region of a hash (multiply-shift hashing: Dietzfelbinger et al., A reliable randomized algorithm for the
    /// closest-pair problem, 1997).
    @inline(__always)
    private func region(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: (hash &* seed) >> 54) }

    /// Slot of a region at which a search for a tag begins.
    @inline(__always)
    private func home(_ tag: UInt64, _ region: Int) -> Int {
        let mixed = (tag >> 31) &* seed &* 0x9E37_79B9_7F4A_7C15
        return region &* regionSize &+ Int(truncatingIfNeeded: ((mixed >> 32) &* UInt64(regionSize)) >> 32)
    }

    /// The slot after one of a region.
    @inline(__always)
    private func after(_ slot: Int, _ region: Int) -> Int {
        slot &+ 1 == (region &+ 1) &* regionSize ? region &* regionSize : slot &+ 1
    }

    /// Starts to load what ``insert(_:)`` will look at.
    @inline(__always)
    func prefetch(_ key: Key) {
        prefetch(key.hash)
        if Self.reachesAcross(key) { prefetch(Key.hash(key.tuple, key.stretch &+ Self.stepAcross(key))) }
    }

    @inline(__always)
    private func prefetch(_ hash: UInt64) {
        let at = home(hash, region(hash))
        outflow_prefetch(slots.base + at)
        // A search seldom leaves its line, but when it begins near the end of one.
        if at & 7 >= 4 { outflow_prefetch(slots.base + at + 8) }
    }

    /// Whether a view is compared with those of the stretch before or after its own.
    @inline(__always)
    private static func reachesAcross(_ key: Key) -> Bool {
        let reach = max(possible, Lasting.certain(key.kind))
        let back = key.isDatagrams && looksBack(key.entry) ? Lasting.longest : reach
        // A later flow of the next stretch, which the same rule finds whichever comes first, may begin while this one lasts.
        let ahead = key.isDatagrams ? max(reach, Lasting.mayLast(key.kind)) : reach
        return key.place < back || key.place >= stretch &- ahead
    }

    /// Which of them.
    @inline(__always)
    private static func stepAcross(_ key: Key) -> Int64 { key.place < stretch / 2 ? -1 : 1 }

    /// What a view changes.
    struct Change {
        /// By how much the number of flows changed for the upper bound: 1, 0 or -1.
        var flows = 1
        /// The same for the lower bound; never above ``flows`` in sum over all views.
        var leastFlows = 1
        /// Whether this very view is new.
        var isNew = true
        /// How many places after this one another view began that the upper bound no longer counts by itself, because this
        /// one comes before it in the same flow: that one is taken away, on the day in which it began.
        var joinsAfter: Int?
        /// How much of the sizes may be counted twice, because another view of the flow has another size.
        var disputedSent: UInt64 = 0
        var disputedReceived: UInt64 = 0

        /// This very view was there already.
        static let known = Change(flows: 0, leastFlows: 0, isNew: false)
    }

    /// The nearest views of the same tags before and after a place.
    private struct Neighbours {
        var before = Int.max
        var after = Int.max

        @inline(__always)
        mutating func note(_ distance: Int) {
            if distance < 0 { before = min(before, -distance) } else { after = min(after, distance) }
        }

        /// Change of the number of chains whose links are at most `reach` long, and whether the view after is no longer the
        /// first of its chain.
        @inline(__always)
        func change(_ reach: Int) -> (flows: Int, joins: Bool) {
            let isBefore = before <= reach
            // What lies before and after may be in one chain already.
            let joins = after <= reach && !(isBefore && before &+ after <= reach)
            return (1 &- (isBefore ? 1 : 0) &- (joins ? 1 : 0), joins)
        }
    }

    /// Adds a view.
    @inline(__always)
    mutating func insert(_ key: Key) -> Change {
        let entry = key.entry
        let region = region(key.hash)
        makeRoom(region)
        var at = home(entry, region)
        var neighbours = Neighbours()
        var change = Change()
        var isAlone = true
        while true {
            let slot = slots.base[at]
            if slot == 0 { break }
            if slot == entry { return Change.known }
            if (slot ^ entry) & Self.tagMask == 0 {
                isAlone = false
                Self.compare(
                    slot, entry, Int(truncatingIfNeeded: slot & 0xFFF) &- key.place, isDatagrams: key.isDatagrams,
                    &neighbours, &change)
            }
            at = after(at, region)
        }
        slots.base[at] = entry
        fill.base[region] &+= 1
        count &+= 1
        if key.isLong { noteLong(key) }
        if Self.reachesAcross(key) { isAlone = compareAcross(key, &neighbours, &change) && isAlone }
        if isAlone { return change }
        let certain = Lasting.certain(key.kind)
        let reach = max(Self.possible, certain)
        let upper = neighbours.change(certain)
        change.flows = upper.flows
        if upper.joins { change.joinsAfter = neighbours.after }
        change.leastFlows = neighbours.change(reach).flows
        return change
    }

    @inline(__always)
    private static func compare(
        _ slot: UInt64, _ entry: UInt64, _ distance: Int, isDatagrams: Bool, _ neighbours: inout Neighbours,
        _ change: inout Change
    ) {
        if areAlike(slot, entry) {
            neighbours.note(distance)
        } else if mayOverlap(slot, entry, distance, isDatagrams: isDatagrams) {
            change.dispute(slot, entry)
        }
    }

    /// Whether one of two records began while the other lasted, or so little later that clocks may explain it.
    @inline(__always)
    private static func mayOverlap(_ slot: UInt64, _ entry: UInt64, _ distance: Int, isDatagrams: Bool) -> Bool {
        let kind = (distance < 0 ? slot : entry) >> 12 & 7
        // Connections begin with a handshake, so that only clocks let views begin apart: and not by more than seconds.
        return abs(distance) <= (isDatagrams ? Lasting.mayLast(kind) : max(possible, Lasting.certain(kind)))
    }

    /// Whether datagrams are compared with earlier ones of the stretch before, wherever they began: those of 32 s or 4 KiB
    /// and more are. Of smaller ones only those that began near the border.
    @inline(__always)
    static func looksBack(_ entry: UInt64) -> Bool {
        entry >> 12 & 7 >= 5 || max(Key.sentMagnitude(entry), Key.receivedMagnitude(entry)) >= 4
    }

    /// Compares with the views of the stretch before or after; whether there are none.
    ///
    /// Which pairs are compared depends on the two alone, never on which of them comes first.
    @inline(never)
    private func compareAcross(_ key: Key, _ neighbours: inout Neighbours, _ change: inout Change) -> Bool {
        var isAlone = true
        let step = Self.stepAcross(key)
        forEach(Key.hash(key.tuple, key.stretch &+ step)) { slot in
            let distance = Int(truncatingIfNeeded: slot & 0xFFF) &+ Int(step) &* Self.stretch &- key.place
            let (earlier, later) = distance < 0 ? (slot, key.entry) : (key.entry, slot)
            let reach = max(Self.possible, Lasting.certain(min(earlier >> 12 & 7, later >> 12 & 7)))
            guard abs(distance) <= reach || key.isDatagrams && Self.looksBack(later) else { return }
            isAlone = false
            Self.compare(slot, key.entry, distance, isDatagrams: key.isDatagrams, &neighbours, &change)
        }
        return isAlone
    }

    /// Calls `body` for every entry of a hash.
    private func forEach(_ hash: UInt64, _ body: (UInt64) -> Void) {
        let region = region(hash)
        var at = home(hash, region)
        while slots.base[at] != 0 {
            let slot = slots.base[at]
            if (slot ^ hash) & Self.tagMask == 0 { body(slot) }
            at = after(at, region)
        }
    }

    /// What is known of a 5-tuple near a moment, whatever the sizes.
    enum Acquaintance: Int, Comparable {
        /// No view began close to it.
        case none
        /// One began within half a second: it may be the same flow.
        case mayBeSame
        /// It is the same flow: one began with it, or lasted until then.
        case same

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    /// What views with this tuple tell of one more, which begins at `time` and lasts `duration` microseconds.
    ///
    /// Of a connection, one that was seen whole is all of it. Datagrams have no beginning that a sensor could miss: a view
    /// of them is only sure to be the same flow if it began with another and proves (`sent`, `received`) no greater order of
    /// magnitude.
    func acquaintance(
        _ tuple: UInt64, at time: Timestamp, lasting duration: Int64, isDatagrams: Bool, sent: UInt64, received: UInt64
    ) -> Acquaintance {
        let units = Self.units(of: time)
        let own = units >> 12
        var found = Acquaintance.none
        for stretch in own - 1...own + 1 {
            forEach(Key.hash(tuple, stretch)) { slot in
                let distance = units &- (stretch << 12 | Int64(slot & 0xFFF))
                let kind = slot >> 12 & 7
                let isDuring = distance > 0 ? distance <= Lasting.lasts(kind) : -distance < duration / Self.unit
                let isTogether = abs(distance) <= 1 || isDuring && abs(distance) <= Int64(Self.possible)
                let isNoLarger =
                    Key.magnitude(sent) <= Key.sentMagnitude(slot)
                    && Key.magnitude(received) <= Key.receivedMagnitude(slot)
                if isTogether || isDuring, isTogether && isNoLarger || !isDatagrams {
                    found = .same
                } else if isDuring || abs(distance) <= Int64(Self.possible) {
                    found = max(found, .mayBeSame)
                }
            }
        }
        return found
    }

    /// How much, by order of magnitude, the views of a tuple carried that began between two times or lasted until the first:
    /// what a flow that lasted all the time may count again. Looks at no more than `budget` stretches, and takes from it.
    func carried(
        _ tuple: UInt64, from start: Timestamp, to end: Timestamp, budget: inout Int
    ) -> (sent: UInt64, received: UInt64) {
        let (first, last) = (Self.units(of: start), Self.units(of: end))
        var sum: (sent: UInt64, received: UInt64) = (0, 0)
        var stretch = (first &- Int64(Lasting.longest)) >> 12
        while stretch <= last >> 12, budget > 0 {
            budget -= 1
            forEach(Key.hash(tuple, stretch)) { slot in
                let place = stretch << 12 | Int64(slot & 0xFFF)
                let kind = slot >> 12 & 7
                guard place <= last, place >= first || first &- place <= Int64(Lasting.mayLast(kind)) else { return }
                // More than any flow carries is enough.
                sum.sent = min(1 << 61, sum.sent &+ Key.ceiling(Key.sentMagnitude(slot)))
                sum.received = min(1 << 61, sum.received &+ Key.ceiling(Key.receivedMagnitude(slot)))
            }
            stretch += 1
        }
        return sum
    }

    // MARK: Long flows

    /// What stands in a slot for a long flow, besides its tag: a kind that no view has.
    private static let longKind: UInt64 = 7 << 12

    /// Hash of a 5-tuple of which a long flow began on a day, and what stands for it.
    private static func long(_ tuple: UInt64, day: Int64) -> (hash: UInt64, entry: UInt64) {
        let hash = Key.hash(~tuple, day)
        return (hash, hash & tagMask | longKind)
    }

    private static func day(of stretch: Int64) -> Int64 { (stretch &* 256) >> 16 }

    /// Remembers that a long flow of the 5-tuple began in this stretch of some 18 hours.
    @inline(never)
    private mutating func noteLong(_ key: Key) {
        let (hash, entry) = Self.long(key.tuple, day: Self.day(of: key.stretch))
        let region = region(hash)
        makeRoom(region)
        var at = home(entry, region)
        while slots.base[at] != 0 {
            if slots.base[at] == entry { return }
            at = after(at, region)
        }
        slots.base[at] = entry
        fill.base[region] &+= 1
        count &+= 1
    }

    /// Whether any view with this tuple began so shortly before `time` that it may last still, by its kind of duration: in
    /// the stretch or the one before it, or in the day before if it was long.
    func mayLast(_ tuple: UInt64, at time: Timestamp) -> Bool {
        let units = Self.units(of: time)
        let own = units >> 12
        var found = false
        for stretch in own - 1...own {
            forEach(Key.hash(tuple, stretch)) { slot in
                let kind = slot >> 12 & 7
                let distance = units &- (stretch << 12 | Int64(slot & 0xFFF))
                // Of connections, kind 6 has no end.
                if kind == 6 || distance <= Int64(Lasting.mayLast(kind)), slot & 0x7000 != Self.longKind {
                    found = true
                }
            }
        }
        return found || hasLong(tuple, near: own)
    }

    /// Whether a long flow of the tuple began on the day of a stretch or the day before.
    private func hasLong(_ tuple: UInt64, near stretch: Int64) -> Bool {
        var found = false
        for day in Self.day(of: stretch) - 1...Self.day(of: stretch) {
            let (hash, entry) = Self.long(tuple, day: day)
            forEach(hash) { if $0 == entry { found = true } }
        }
        return found
    }

    /// Clocks of two sensors, and of two logs of one, differ by so many microseconds at most.
    static let skew: Int64 = 8_000_000

    /// Whether any view with this tuple may have been under way at `time`, by its kind of duration, give or take ``skew``.
    func mayCarry(_ tuple: UInt64, at time: Timestamp) -> Bool {
        let units = Self.units(of: time)
        let skew = Self.skew / Self.unit
        var found = false
        for stretch in (units >> 12) - 1...(units &+ skew) >> 12 {
            forEach(Key.hash(tuple, stretch)) { slot in
                let kind = slot >> 12 & 7
                let distance = units &- (stretch << 12 | Int64(slot & 0xFFF))
                guard distance >= -skew, slot & 0x7000 != Self.longKind else { return }
                // Of connections, kind 6 has no end.
                if kind == 6 || distance <= Int64(Lasting.mayLast(kind)) &+ skew { found = true }
            }
        }
        return found || hasLong(tuple, near: units >> 12)
    }

    /// Makes room for `expected` entries at once, so that growing step by step is spared.
    mutating func reserve(_ expected: Int) {
        let size = expected / 6 * 7 / Self.regions
        if size > regionSize + regionSize / 2 {
            grow(to: size)
            isReserved = true
        }
    }

    /// Makes room for one more entry of a region; one slot stays empty, where searches end. Regions are filled alike, but for
    /// chance: as soon as one is full, all grow.
    @inline(__always)
    private mutating func makeRoom(_ region: Int) {
        let size = UInt32(truncatingIfNeeded: regionSize)
        if fill.base[region] &+ 1 >= size &- size / 32 { grow() }
    }

    /// By half; by little where room was made for what is expected, and only little more has come.
    @inline(never)
    private mutating func grow() { grow(to: regionSize + max(2, regionSize / (isReserved ? 32 : 2))) }

    private mutating func grow(to size: Int) {
        var old = MappedArray<UInt64>(capacity: Self.regions * size)
        swap(&old, &slots)
        let oldSize = regionSize
        regionSize = size
        for region in 0..<Self.regions {
            for index in region * oldSize..<(region + 1) * oldSize where old.base[index] != 0 {
                let entry = old.base[index]
                var at = home(entry, region)
                while slots.base[at] != 0 { at = after(at, region) }
                slots.base[at] = entry
            }
        }
    }
}

extension FlowFingerprints.Change {
    /// Notes that two views differ in size: the smaller of them may be counted in the larger.
    fileprivate mutating func dispute(_ a: UInt64, _ b: UInt64) {
        typealias Key = FlowFingerprints.Key
        disputedSent &+= min(Key.ceiling(Key.sentMagnitude(a)), Key.ceiling(Key.sentMagnitude(b)))
        disputedReceived &+= min(Key.ceiling(Key.receivedMagnitude(a)), Key.ceiling(Key.receivedMagnitude(b)))
    }
}
