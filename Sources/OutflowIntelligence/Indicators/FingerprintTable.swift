// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// A set of 64-bit fingerprints that is looked up much faster than memory answers one question after the other.
///
/// Fingerprints lie in order of value in an array with gaps: each at the place that its value as a fraction of 2^64 points to,
/// or where the one before it ends. A search begins at that place and ends at the first slot that is empty or holds more, so
/// it seldom leaves its cache line; 8 bytes a slot at ten slots for seven fingerprints make 11.4 bytes each. Value 0 marks an
/// empty slot.
struct FingerprintTable: Sendable {
    /// Of a hundred slots so many are taken.
    private static let load = 70
    /// Slots in which the rank of the first is kept.
    static let block = 64

    /// The slots; the last one is empty.
    nonisolated(unsafe) let slots: UnsafePointer<UInt64>
    /// Number of slots.
    let count: Int
    /// Slots that fingerprints point to; the rest takes what those at the end have no room for.
    let homes: UInt64

    /// The fingerprint of a text or an address of some kind.
    @inline(__always)
    static func fingerprint(_ seed: UInt64, _ kind: Indicator.Kind, _ value: Bytes) -> UInt64 {
        var hash = ContentHash(seed: seed &+ UInt64(kind.rawValue) &* 0x9E37_79B9_7F4A_7C15)
        hash.combine(value)
        return max(hash.value, 1)
    }

    /// The fingerprint of an address, or of the network of that base address and prefix length.
    @inline(__always)
    static func fingerprint(_ seed: UInt64, _ high: UInt64, _ low: UInt64, prefix: Int) -> UInt64 {
        var hash = ContentHash(seed: seed &+ UInt64(truncatingIfNeeded: prefix) << 32)
        hash.combine(high)
        hash.combine(low)
        return max(hash.value, 1)
    }

    @inline(__always) private func home(_ fingerprint: UInt64) -> Int {
        Int(truncatingIfNeeded: fingerprint.multipliedFullWidth(by: homes).high)
    }

    /// Starts to load what ``find(_:)`` will look at.
    @inline(__always) func prefetch(_ fingerprint: UInt64) { outflow_prefetch(slots + home(fingerprint)) }

    /// The slot of a fingerprint, or nil.
    @inline(__always) func find(_ fingerprint: UInt64) -> Int? {
        var at = home(fingerprint)
        while at < count {
            let found = slots[at]
            if found >= fingerprint { return found == fingerprint ? at : nil }
            if found == 0 { return nil }
            at &+= 1
        }
        return nil
    }

    /// Lays out fingerprints, which are sorted and distinct.
    static func layOut(_ sorted: some RandomAccessCollection<UInt64>) -> (slots: [UInt64], homes: UInt64) {
        let homes = UInt64(sorted.count) * 100 / UInt64(load) + 1
        var slots: [UInt64] = []
        slots.reserveCapacity(Int(homes) + 64)
        for fingerprint in sorted {
            let home = Int(truncatingIfNeeded: fingerprint.multipliedFullWidth(by: homes).high)
            while slots.count < home { slots.append(0) }
            slots.append(fingerprint)
        }
        while slots.count <= Int(homes) { slots.append(0) }
        // The last slot is empty.
        slots.append(0)
        return (slots, homes)
    }
}
