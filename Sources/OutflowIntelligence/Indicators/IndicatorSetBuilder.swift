// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Collects indicators, and makes an ``IndicatorSet`` of them.
public struct IndicatorSetBuilder {
    private struct Key {
        var fingerprint: UInt64
        var place: Int
    }

    /// A profile of an indicator that has versions, or of none: equal profiles of two of them are two.
    private struct Owned: Hashable {
        var profile: Indicator.Profile
        var name: IndicatorFeed.Name?
    }

    private let seed: UInt64
    private var keys: [Key] = []
    private var records = BlobWriter()
    private var profiles: [Indicator.Profile] = []
    private var profileNumbers: [Owned: UInt64] = [:]
    private var last: (profile: Owned, number: UInt64)?
    /// What is to be kept besides the values.
    var memory = SetMemory()
    private var filters = [UInt8](repeating: 0, count: 16384)
    private var prefixes: (UInt64, UInt64) = (0, 0)

    /// A builder of an empty set. What hashes of values begin with is drawn anew for each set, so that nobody can choose
    /// values which collide.
    public init() { self.init(seed: .random(in: .min ... .max)) }

    init(seed: UInt64) { self.seed = seed }

    /// Number of indicators so far, repetitions among them.
    public var count: Int { keys.count }

    /// Adds an indicator.
    public mutating func add(_ indicator: Indicator) {
        indicator.value.withUnsafeBytes { add(indicator.kind, Bytes($0), indicator.profile) }
    }

    /// Adds an indicator of its parts; for long lists of one profile.
    public mutating func add(_ kind: Indicator.Kind, _ value: Bytes, _ profile: Indicator.Profile) {
        add(kind, value, profile, of: nil)
    }

    mutating func add(
        _ kind: Indicator.Kind, _ value: Bytes, _ profile: Indicator.Profile, of name: IndicatorFeed.Name?
    ) {
        guard let fingerprint = fingerprint(kind, value) else { return }
        keys.append(Key(fingerprint: fingerprint, place: records.bytes.count))
        records.byte(kind.rawValue)
        records.number(number(of: Owned(profile: profile, name: name)))
        records.append(UnsafeBufferPointer(start: value.start, count: value.count))
    }

    private mutating func fingerprint(_ kind: Indicator.Kind, _ value: Bytes) -> UInt64? {
        switch kind {
        case .address:
            guard value.count == 16 else { return nil }
            let address = IPAddress(bytes: value.array[...])
            return FingerprintTable.fingerprint(seed, address.high, address.low, prefix: 128)
        case .network:
            guard value.count == 17, value[16] < 128 else { return nil }
            let network = Network(IPAddress(bytes: value.prefix(upTo: 16).array[...]), prefixLength: Int(value[16]))
            note(network)
            return FingerprintTable.fingerprint(seed, network.base.high, network.base.low, prefix: network.prefixLength)
        default:
            return FingerprintTable.fingerprint(seed, kind, value)
        }
    }

    /// Marks the /16 that a network lies in or covers.
    private mutating func note(_ network: Network) {
        let length = network.prefixLength
        if length < 64 { prefixes.0 |= 1 << UInt64(length) } else { prefixes.1 |= 1 << UInt64(length - 64) }
        func mark(_ base: Int, _ first: Int, bits: Int) {
            for unit in first..<first + (1 << max(0, 16 - bits)) where unit < 65536 {
                filters[(base + unit) >> 3] |= 1 << UInt8((base + unit) & 7)
            }
        }
        if let v4 = network.base.v4, length >= 96 {
            mark(0, Int(v4 >> 16), bits: length - 96)
        } else {
            mark(65536, Int(network.base.high >> 48), bits: length)
            // A network of IPv6 that holds the mapped IPv4 addresses holds all of them.
            if network.contains(IPAddress(v4: 0)) { mark(0, 0, bits: 0) }
        }
    }

    private mutating func number(of profile: Owned) -> UInt64 {
        if let last, last.profile == profile { return last.number }
        let number = profileNumbers[profile] ?? UInt64(profiles.count)
        if number == UInt64(profiles.count) {
            profileNumbers[profile] = number
            profiles.append(profile.profile)
            if let name = profile.name { memory.versions[name]?.profiles.append(number) }
        }
        last = (profile, number)
        return number
    }

    /// The set of all indicators added, each once.
    public consuming func finish() throws(IndicatorSet.Failure) -> IndicatorSet {
        let sorted = Self.sorted(keys)
        keys = []
        var groups = BlobWriter()
        var places: [UInt64] = []
        var fingerprints: [UInt64] = []
        fingerprints.reserveCapacity(sorted.count)
        var entries: UInt64 = 0
        records.bytes.withUnsafeBytes { records in
            var from = 0
            while from < sorted.count {
                var to = from + 1
                while to < sorted.count, sorted[to].fingerprint == sorted[from].fingerprint { to += 1 }
                if fingerprints.count % IndicatorSet.Layout.stride == 0 { places.append(UInt64(groups.bytes.count)) }
                fingerprints.append(sorted[from].fingerprint)
                entries += Self.write(sorted[from..<to].map(\.place), of: records, into: &groups)
                from = to
            }
        }
        let (slots, homes) = FingerprintTable.layOut(fingerprints)
        var ranks: [UInt64] = []
        var rank: UInt64 = 0
        for (index, slot) in slots.enumerated() {
            if index % FingerprintTable.block == 0 { ranks.append(rank) }
            if slot != 0 { rank += 1 }
        }
        while ranks.count < slots.count / FingerprintTable.block + 1 { ranks.append(rank) }
        while places.count < fingerprints.count / IndicatorSet.Layout.stride + 1 {
            places.append(UInt64(groups.bytes.count))
        }
        var profileBlob = BlobWriter()
        var profilePlaces: [UInt64] = []
        for profile in profiles {
            profilePlaces.append(UInt64(profileBlob.bytes.count))
            profile.write(into: &profileBlob)
        }
        var memoryBlob = BlobWriter()
        memory.write(into: &memoryBlob)
        let groupBytes = groups.bytes.count
        let sizes = [
            slots.count * 8, ranks.count * 8, places.count * 8, (groupBytes + 7) / 8 * 8, profilePlaces.count * 8,
            (profileBlob.bytes.count + 7) / 8 * 8, memoryBlob.bytes.count,
        ]
        let head = 8 + IndicatorSet.Layout.fields * 8
        var parts: [Int] = [head + 16384]
        for size in sizes { parts.append((parts.last ?? 0) + size) }
        let total = parts[7]
        let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: total, alignment: 64)
        whole.initializeMemory(as: UInt8.self, repeating: 0)
        func put(_ values: [UInt64], at offset: Int) {
            values.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: whole[offset...]).copyMemory(from: $0) }
        }
        func put(_ values: [UInt8], at offset: Int) {
            values.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: whole[offset...]).copyMemory(from: $0) }
        }
        put(IndicatorSet.Layout.magic, at: 0)
        put(
            [
                IndicatorSet.Layout.version, seed, homes, UInt64(slots.count), UInt64(fingerprints.count), entries,
                UInt64(profiles.count), prefixes.0, prefixes.1,
            ] + parts.prefix(7).map { UInt64($0) }, at: 8)
        put(filters, at: head)
        put(slots, at: parts[0])
        put(ranks, at: parts[1])
        put(places, at: parts[2])
        put(groups.bytes, at: parts[3])
        put(profilePlaces, at: parts[4])
        put(profileBlob.bytes, at: parts[5])
        put(memoryBlob.bytes, at: parts[6])
        return try IndicatorSet(UnsafeRawBufferPointer(whole), name: "indicators") { $0.deallocate() }
    }

    /// Writes the distinct entries at some places, in order of their bytes; returns how many they are.
    private static func write(
        _ places: [Int], of records: UnsafeRawBufferPointer, into groups: inout BlobWriter
    ) -> UInt64 {
        func entry(_ place: Int) -> UnsafeRawBufferPointer {
            var reader = BlobReader(records, at: place)
            _ = (reader.byte(), reader.number(), reader.view())
            return UnsafeRawBufferPointer(rebasing: records[place..<reader.at])
        }
        if places.count == 1 {
            groups.number(1)
            groups.raw(entry(places[0]))
            return 1
        }
        var distinct: [UnsafeRawBufferPointer] = []
        for next in places.map(entry).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            if let last = distinct.last, last.elementsEqual(next) { continue }
            distinct.append(next)
        }
        groups.number(UInt64(distinct.count))
        for entry in distinct { groups.raw(entry) }
        return UInt64(distinct.count)
    }

    /// Keys in order of fingerprint, by buckets of their first bits: fingerprints are evenly spread.
    private static func sorted(_ keys: [Key]) -> [Key] {
        guard keys.count > 4096 else { return keys.sorted { ($0.fingerprint, $0.place) < ($1.fingerprint, $1.place) } }
        let bits = UInt64(max(1, min(20, (Int.bitWidth - keys.count.leadingZeroBitCount) - 4)))
        var ends = [Int](repeating: 0, count: 1 << Int(bits) + 1)
        for key in keys { ends[Int(key.fingerprint >> (64 - bits)) + 1] += 1 }
        for bucket in 1..<ends.count { ends[bucket] += ends[bucket - 1] }
        let starts = ends
        var result = keys
        for key in keys {
            let bucket = Int(key.fingerprint >> (64 - bits))
            result[ends[bucket]] = key
            ends[bucket] += 1
        }
        for bucket in 0..<starts.count - 1 where ends[bucket] - starts[bucket] > 1 {
            result[starts[bucket]..<ends[bucket]].sort { ($0.fingerprint, $0.place) < ($1.fingerprint, $1.place) }
        }
        return result
    }
}
