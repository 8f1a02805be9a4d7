// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

extension IndicatorSet {
    /// An indicator as it stands in a set.
    struct Entry {
        /// Where it stands: its number, for as long as the set is there.
        var place: Int
        var kind: Indicator.Kind
        var value: Bytes
        /// The number of its profile.
        var profile: UInt64
    }

    /// The indicators with one fingerprint.
    struct Group {
        /// Where the run of groups begins in which it stands.
        var start: Int
        /// How many groups of the run are before it.
        var skip: Int
    }

    /// How many fingerprints are before the one in a slot.
    @inline(__always) func rank(ofSlot slot: Int) -> UInt64 {
        var rank = word(part: 1, slot / FingerprintTable.block)
        for before in slot / FingerprintTable.block * FingerprintTable.block..<slot {
            rank = rank &+ (table.slots[before] == 0 ? 0 : 1)
        }
        return rank
    }

    /// The indicators behind the fingerprint of a rank; nil where there are none.
    @inline(__always) func group(_ rank: UInt64) -> Group? {
        let stride = UInt64(Layout.stride)
        guard rank < layout.groups, let start = Int(exactly: word(part: 2, Int(rank / stride))) else { return nil }
        return Group(start: start, skip: Int(rank % stride))
    }

    /// Calls `body` for each indicator of a group.
    @inline(__always) func forEachEntry(in group: Group, _ body: (Entry) -> Void) {
        var reader = BlobReader(records, at: group.start)
        for index in 0...group.skip {
            guard let count = reader.number(), count <= layout.entries else { return }
            for _ in 0..<count {
                guard let entry = Self.entry(&reader) else { return }
                if index == group.skip { body(entry) }
            }
        }
    }

    /// The indicator at a place; nil when there is none.
    func entry(at place: Int) -> Entry? {
        var reader = BlobReader(records, at: place)
        return Self.entry(&reader)
    }

    @inline(__always) private static func entry(_ reader: inout BlobReader) -> Entry? {
        let place = reader.at
        guard let code = reader.byte(), let kind = Indicator.Kind(rawValue: code), let profile = reader.number(),
            let value = reader.view()
        else { return nil }
        return Entry(place: place, kind: kind, value: value, profile: profile)
    }

    /// A profile by its number; nil when there is none, or it is damaged.
    func profile(_ number: UInt64) -> Indicator.Profile? {
        guard let place = place(ofProfile: number) else { return nil }
        var reader = profileReader(at: place)
        return Indicator.Profile(from: &reader)
    }

    /// Where the profile of a number begins; nil when there is none.
    @inline(__always) func place(ofProfile number: UInt64) -> Int? {
        number < layout.profiles ? Int(exactly: word(part: 4, Int(number))) : nil
    }

    /// A reader that stands before a profile.
    @inline(__always) func profileReader(at place: Int) -> BlobReader { BlobReader(profiles, at: place) }

    // MARK: Asking memory for what comes next

    /// For ``rank(ofSlot:)``.
    @inline(__always) func prefetchRank(ofSlot slot: Int) {
        var first = slot / FingerprintTable.block * FingerprintTable.block
        while first < slot {
            outflow_prefetch_read(table.slots + first)
            first += 8
        }
    }

    /// For ``group(_:)``.
    @inline(__always) func prefetchGroup(_ rank: UInt64) {
        guard rank < layout.groups else { return }
        prefetch(bytes, at: Int(layout.parts[2]) + Int(rank / UInt64(Layout.stride)) * 8, lines: 1)
    }

    /// For ``forEachEntry(in:_:)``: a run of groups has some 20 bytes for each.
    @inline(__always) func prefetch(_ group: Group) { prefetch(records, at: group.start, lines: 3) }

    /// For ``place(ofProfile:)``.
    @inline(__always) func prefetchPlace(ofProfile number: UInt64) {
        guard number < layout.profiles else { return }
        prefetch(bytes, at: Int(layout.parts[4]) + Int(number) * 8, lines: 1)
    }

    /// For what reads a profile.
    @inline(__always) func prefetch(profileAt place: Int) { prefetch(profiles, at: place, lines: 2) }

    @inline(__always) private func prefetch(_ part: UnsafeRawBufferPointer, at place: Int, lines: Int) {
        for line in 0..<lines {
            let at = place &+ line &* 64
            if part.indices.contains(at) { outflow_prefetch_read(part.baseAddress.unsafelyUnwrapped + at) }
        }
    }

    @inline(__always) private func word(part: Int, _ index: Int) -> UInt64 {
        let at = Int(layout.parts[part]) + index * 8
        guard at + 8 <= bytes.count else { return .max }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    }
}
