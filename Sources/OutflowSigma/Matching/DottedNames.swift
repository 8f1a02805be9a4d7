// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Finds what is known of fields that come with whole dotted names, `Event.EventData.Image`: the same that
/// ``JSONFields`` finds when it walks from object to object. It belongs to one thread.
///
/// Names come again and again, so the last few thousand are remembered: one place for each hash, which whoever comes next
/// takes over. Nobody can crowd that.
final class DottedNames {
    private static let capacity = 4096
    /// Longer names are not remembered.
    private static let longest = 96

    /// Where a name leads.
    struct Place {
        /// What is known of the field; nil if it does not matter.
        var entry: FieldTable.Entry?
        /// Where the name begins behind the objects that are looked through.
        var base = 0
        /// Whether the last object but one lets the objects in it be looked through.
        var seesBelow = false
    }

    private struct Known {
        var hash: UInt64 = 0
        var length = 0
        var place = Place()
    }

    private let table: FieldTable
    private let known: UnsafeMutablePointer<Known>
    /// The names of ``known``, each in as many bytes as the longest may have.
    private let names: UnsafeMutablePointer<UInt8>

    init(table: FieldTable) {
        self.table = table
        known = .allocate(capacity: Self.capacity)
        known.initialize(repeating: Known(), count: Self.capacity)
        names = .allocate(capacity: Self.capacity * Self.longest)
    }

    deinit {
        known.deallocate()
        names.deallocate()
    }

    /// What is known of a field's name.
    func find(_ name: Bytes) -> Place {
        guard name.count <= Self.longest, name.count > 0 else { return resolve(name) }
        var hash = UInt64(name.count) &* 0x9E37_79B9_7F4A_7C15
        let raw = UnsafeRawPointer(name.start)
        var at = 0
        while at &+ 8 <= name.count {
            hash = (hash ^ raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* 0xC2B2_AE3D_27D4_EB4F
            hash ^= hash >> 29
            at &+= 8
        }
        while at < name.count {
            hash = (hash ^ UInt64(name.start[at])) &* 0x100_0000_01B3
            at &+= 1
        }
        hash ^= hash >> 32
        let place = Int(truncatingIfNeeded: hash) & (Self.capacity &- 1)
        let kept = names + place &* Self.longest
        if known[place].hash == hash, known[place].length == name.count,
            Bytes(start: kept, count: name.count) == name
        {
            return known[place].place
        }
        let found = resolve(name)
        kept.update(from: name.start, count: name.count)
        known[place] = Known(hash: hash, length: name.count, place: found)
        return found
    }

    /// Walks down the name's objects: those that are looked through do not count.
    private func resolve(_ name: Bytes) -> Place {
        var base = 0
        var seesBelow = false
        var at = 0
        while at < name.count {
            if name.start[at] == UInt8(ascii: ".") {
                let entry = table.find(name[base..<at])
                if seesBelow || entry?.isTransparent == true { base = at &+ 1 }
                seesBelow = entry?.isTransparentBelow == true
            }
            at &+= 1
        }
        return Place(entry: table.find(name[base..<name.count]), base: base, seesBelow: seesBelow)
    }
}
