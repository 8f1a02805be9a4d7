// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// Tells flows that were seen before from new ones, at 8 bytes each.
///
/// An entry is a 35-bit tag of the 5-tuple and the stretch of 1,024 s, a 16-bit tag of the flow's sizes, and the quarter of a
/// second within that stretch. Two records with equal tags whose quarters are equal or adjacent are the same flow: read
/// twice, or seen by two sensors whose clocks differ a little. Sameness spreads over neighbours: of records at quarters 5, 6
/// and 7 all three are one flow, in whatever order they come. ``insert(_:)`` therefore answers by how much the number of
/// distinct flows changed: +1 for a new one, 0 for one more view of a known one, -1 for a view that joins two into one.
///
/// Records of one 5-tuple that begin together but differ in size may be one flow that two sensors saw differently, or two:
/// both count in the upper bound, and ``insert(_:)`` tells by how much the lower one must give way. For that the tag of the
/// sizes holds their order of magnitude.
///
/// False matches: an entry is compared with those of its own table (one of `FlowLedger.shardCount`) that have the same tag:
/// at a hundred million flows 10^8 / 8 / 2^35 on average, of which 3 in 4,096 begin together and 1 in 256 at most have the
/// same size: 10^-9 for one record, and a tenth of that at ten million.
struct FlowFingerprints: ~Copyable {
    private var slots = MappedArray<UInt64>(capacity: 512)
    private(set) var count = 0
    /// Scrambles home slots, so that nobody can choose flows that all fall on one slot. Differs from run to run; no result depends on it.
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed | 1 }

    /// What identifies one view of a flow.
    struct Key {
        /// 35 bits of tag in the upper part, then a set bit.
        let tag: UInt64
        /// 16 bits.
        let size: UInt64
        /// 12 bits.
        let second: UInt64
        /// Tag of the same flow in the hour before or after, when the second is at the border.
        let neighbourTag: UInt64

        /// - Parameters:
        ///   - tuple: a hash of the 5-tuple (and of whatever else must agree).
        ///   - size: a hash of the sizes.
        ///   - sent, received: the sizes.
        @inline(__always)
        init(tuple: UInt64, size: UInt64, sent: UInt64, received: UInt64, time: Timestamp) {
            let quarters = FlowFingerprints.quarter(of: time)
            let stretch = quarters >> 12
            second = UInt64(bitPattern: quarters) & 0xFFF
            tag = Self.tag(tuple, stretch)
            self.size = size & 0xFF | Self.magnitude(received) << 8 | Self.magnitude(sent) << 12
            neighbourTag =
                second == 0 ? Self.tag(tuple, stretch - 1) : second == 0xFFF ? Self.tag(tuple, stretch + 1) : 0
        }

        /// Order of magnitude, in steps of 16: a size of magnitude m is less than ``ceiling(_:)`` of m. 4 bits.
        @inline(__always)
        static func magnitude(_ size: UInt64) -> UInt64 {
            UInt64(min(15, (64 &- size.leadingZeroBitCount &+ 3) >> 2))
        }

        /// A size that none of a magnitude exceeds.
        @inline(__always)
        static func ceiling(_ magnitude: UInt64) -> UInt64 { magnitude == 0 ? 0 : 1 << (4 &* magnitude) }

        @inline(__always)
        static func tag(_ tuple: UInt64, _ hour: Int64) -> UInt64 {
            let product = (tuple ^ UInt64(bitPattern: hour) &* 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(
                by: 0xD6E8_FEB8_6659_FD93)
            // Never 0, which marks an empty slot.
            return (product.high ^ product.low) & 0xFFFF_FFFF_F000_0000 | 0x1000_0000
        }

        @inline(__always) var entry: UInt64 { tag | size << 12 | second }
    }

    /// The quarter of a second that a time lies in: floor division, also before 1970. Twice this is the tolerance between
    /// clocks.
    @inline(__always)
    static func quarter(of time: Timestamp) -> Int64 {
        let quarters = time.microseconds / 250_000
        return time.microseconds % 250_000 < 0 ? quarters - 1 : quarters
    }

    @inline(__always)
    private func home(_ tag: UInt64) -> Int {
        let mixed = (tag >> 28) &* seed &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: ((mixed >> 32) &* UInt64(slots.capacity)) >> 32)
    }

    /// Starts to load what ``insert(_:)`` will look at.
    @inline(__always)
    func prefetch(_ key: Key) {
        let at = home(key.tag)
        outflow_prefetch(slots.base + at)
        // A search seldom leaves its line, but when it begins near the end of one.
        if at & 7 >= 4 { outflow_prefetch(slots.base + at + 8) }
    }

    /// What a view changes.
    struct Change {
        /// By how much the number of distinct flows changed: 1, 0 or less.
        var flows: Int
        /// Whether this very view is new.
        var isNew: Bool
        /// Whether one of the views that this one joins began in the quarter of a second after it: that one is taken away,
        /// on the day in which it began.
        var joinsNext = false
        /// How much of the sizes may be counted twice, because another view of the flow has another size.
        var disputedSent: UInt64 = 0
        var disputedReceived: UInt64 = 0
    }

    /// Adds a view.
    @inline(__always)
    mutating func insert(_ key: Key) -> Change {
        if (count &+ 1) &* 8 > slots.capacity &* 7 { grow() }
        let entry = key.entry
        var at = home(key.tag)
        var before = false
        var after = false
        var change = Change(flows: 0, isNew: true)
        while true {
            let slot = slots.base[at]
            if slot == 0 { break }
            if slot == entry { return Change(flows: 0, isNew: false) }
            if (slot ^ entry) >> 28 == 0 {
                let distance = (slot & 0xFFF) &- key.second &+ 1
                if distance <= 2 {
                    if (slot ^ entry) & 0xFFFF000 != 0 {
                        change.dispute(slot, entry)
                    } else if distance == 0 {
                        before = true
                    } else {
                        after = true
                    }
                }
            }
            at &+= 1
            if at == slots.capacity { at = 0 }
        }
        slots.base[at] = entry
        count &+= 1
        if key.neighbourTag != 0 {
            let edge: UInt64 = key.second == 0 ? 0xFFF : 0
            forEach(key.neighbourTag) { slot in
                guard slot & 0xFFF == edge else { return }
                if (slot ^ entry) & 0xFFFF000 != 0 {
                    change.dispute(slot, entry)
                } else if edge == 0 {
                    after = true
                } else {
                    before = true
                }
            }
        }
        change.flows = 1 &- (before ? 1 : 0) &- (after ? 1 : 0)
        change.joinsNext = after
        return change
    }

    /// Calls `body` for every entry of a tag.
    private func forEach(_ tag: UInt64, _ body: (UInt64) -> Void) {
        var at = home(tag)
        while slots.base[at] != 0 {
            let slot = slots.base[at]
            if (slot ^ tag) >> 28 == 0 { body(slot) }
            at += 1
            if at == slots.capacity { at = 0 }
        }
    }

    /// Whether any view with this tuple, whatever its size, begins with `key`, or a neighbouring quarter of a second.
    func containsTuple(_ key: Key) -> Bool {
        var found = false
        forEach(key.tag) { if ($0 & 0xFFF) &- key.second &+ 1 <= 2 { found = true } }
        if key.neighbourTag != 0 {
            let edge: UInt64 = key.second == 0 ? 0xFFF : 0
            forEach(key.neighbourTag) { if $0 & 0xFFF == edge { found = true } }
        }
        return found
    }

    /// Whether any view with this tuple begins in the day before `time`: the flow that a view without beginning may be part of.
    func containsTuple(_ tuple: UInt64, inDayBefore time: Timestamp) -> Bool {
        let last = Self.quarter(of: time) >> 12
        var found = false
        for stretch in last - 84...last { forEach(Key.tag(tuple, stretch)) { _ in found = true } }
        return found
    }

    /// Makes room for `expected` entries at once, so that growing step by step is spared.
    mutating func reserve(_ expected: Int) {
        let capacity = expected / 6 * 7
        if capacity > slots.capacity + slots.capacity / 2 { grow(to: capacity) }
    }

    @inline(never)
    private mutating func grow() { grow(to: slots.capacity + slots.capacity / 2) }

    private mutating func grow(to capacity: Int) {
        var old = MappedArray<UInt64>(capacity: capacity)
        swap(&old, &slots)
        for index in 0..<old.capacity where old.base[index] != 0 {
            let entry = old.base[index]
            var at = home(entry & 0xFFFF_FFFF_F000_0000 | 0x1000_0000)
            while slots.base[at] != 0 {
                at += 1
                if at == slots.capacity { at = 0 }
            }
            slots.base[at] = entry
        }
    }
}

extension FlowFingerprints.Change {
    /// Notes that two views differ in size: the smaller of them may be counted in the larger.
    fileprivate mutating func dispute(_ a: UInt64, _ b: UInt64) {
        typealias Key = FlowFingerprints.Key
        disputedSent &+= min(Key.ceiling(a >> 24 & 0xF), Key.ceiling(b >> 24 & 0xF))
        disputedReceived &+= min(Key.ceiling(a >> 20 & 0xF), Key.ceiling(b >> 20 & 0xF))
    }
}
