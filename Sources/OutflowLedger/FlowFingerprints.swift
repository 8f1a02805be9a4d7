// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// Tells flows that were seen before from new ones, at 8 bytes each.
///
/// An entry is a 35-bit tag of the 5-tuple and the hour (of 4,096 s), a 16-bit tag of the flow's sizes, and its second within
/// that hour. Two records with equal tags whose seconds are equal or adjacent are the same flow: read twice, or seen by two
/// sensors whose clocks differ a little. Sameness spreads over neighbours: of records at seconds 5, 6 and 7 all three are
/// one flow, in whatever order they come. ``insert(_:)`` therefore answers by how much the number of distinct flows changed:
/// +1 for a new one, 0 for one more view of a known one, -1 for a view that joins two known ones into one.
///
/// False matches: an entry is compared with those of its own table (one of `FlowLedger.shardCount`) that have the same tag:
/// at a billion flows 10^9 / 8 / 2^35 on average, of which 3 in 4,096 are of the same second and 1 in 65,536 of the same
/// size: 4 * 10^-11 for one record, and less than 10^-9 to be asked for.
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
        @inline(__always)
        init(tuple: UInt64, size: UInt64, time: Timestamp) {
            let seconds = FlowFingerprints.second(of: time)
            let hour = seconds >> 12
            second = UInt64(bitPattern: seconds) & 0xFFF
            tag = Self.tag(tuple, hour)
            self.size = size & 0xFFFF
            neighbourTag = second == 0 ? Self.tag(tuple, hour - 1) : second == 0xFFF ? Self.tag(tuple, hour + 1) : 0
        }

        @inline(__always)
        static func tag(_ tuple: UInt64, _ hour: Int64) -> UInt64 {
            let product = (tuple ^ UInt64(bitPattern: hour) &* 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(
                by: 0xD6E8_FEB8_6659_FD93)
            // Never 0, which marks an empty slot.
            return (product.high ^ product.low) & 0xFFFF_FFFF_F000_0000 | 0x1000_0000
        }

        @inline(__always) var entry: UInt64 { tag | size << 12 | second }
    }

    /// The second that a time lies in: floor division, also before 1970.
    @inline(__always)
    static func second(of time: Timestamp) -> Int64 {
        let seconds = time.microseconds / 1_000_000
        return time.microseconds % 1_000_000 < 0 ? seconds - 1 : seconds
    }

    @inline(__always)
    private func home(_ tag: UInt64) -> Int {
        let mixed = (tag >> 28) &* seed &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: ((mixed >> 32) &* UInt64(slots.capacity)) >> 32)
    }

    /// Starts to load what ``insert(_:)`` will look at.
    @inline(__always)
    func prefetch(_ key: Key) {
        let slot = slots.base + home(key.tag)
        outflow_prefetch(slot)
        outflow_prefetch(slot + 8)
    }

    /// Adds a view; returns by how much the number of distinct flows changed, and whether this very view is new.
    @inline(__always)
    mutating func insert(_ key: Key) -> (change: Int, isNew: Bool) {
        if (count &+ 1) &* 8 > slots.capacity &* 7 { grow() }
        let entry = key.entry
        var at = home(key.tag)
        var before = false
        var after = false
        while true {
            let slot = slots.base[at]
            if slot == 0 { break }
            if slot == entry { return (0, false) }
            if slot &+ 1 == entry && key.second != 0 { before = true }
            if slot == entry &+ 1 && key.second != 0xFFF { after = true }
            at &+= 1
            if at == slots.capacity { at = 0 }
        }
        slots.base[at] = entry
        count &+= 1
        if key.neighbourTag != 0 {
            if key.second == 0 {
                before = contains(key.neighbourTag | key.size << 12 | 0xFFF, key.neighbourTag)
            } else {
                after = contains(key.neighbourTag | key.size << 12, key.neighbourTag)
            }
        }
        return (1 &- (before ? 1 : 0) &- (after ? 1 : 0), true)
    }

    private func contains(_ entry: UInt64, _ tag: UInt64) -> Bool {
        var at = home(tag)
        while slots.base[at] != 0 {
            if slots.base[at] == entry { return true }
            at += 1
            if at == slots.capacity { at = 0 }
        }
        return false
    }

    /// Whether any view with this tuple, whatever its size, is within a second of `key`.
    func containsTuple(_ key: Key) -> Bool {
        func near(_ tag: UInt64, _ seconds: ClosedRange<UInt64>) -> Bool {
            var at = home(tag)
            while slots.base[at] != 0 {
                let slot = slots.base[at]
                if slot & 0xFFFF_FFFF_F000_0000 == tag & 0xFFFF_FFFF_F000_0000, seconds.contains(slot & 0xFFF) {
                    return true
                }
                at += 1
                if at == slots.capacity { at = 0 }
            }
            return false
        }
        if near(key.tag, (key.second == 0 ? 0 : key.second - 1)...min(key.second + 1, 0xFFF)) { return true }
        guard key.neighbourTag != 0 else { return false }
        return near(key.neighbourTag, key.second == 0 ? 0xFFF...0xFFF : 0...0)
    }

    @inline(never)
    private mutating func grow() {
        var old = MappedArray<UInt64>(capacity: slots.capacity + slots.capacity / 2)
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
