// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// The search for the indicators of one set in batches of activities.
///
/// Values are hashed, and what memory has to bring for them is asked for, before the first of them is looked up: 128 look-ups
/// wait for memory together. Addresses that were no indicator a moment ago are not looked up again.
struct IndicatorSearch {
    /// Which part of a batch the pending look-ups are about.
    enum Stage { case flows, queries, observables, objects, mail, exposures, listings }

    struct Pending {
        var fingerprint: UInt64
        /// Index of the activity.
        var item: UInt32
        /// Which of its values; for a name, how many bytes are before the suffix that is looked up.
        var part: UInt32
    }

    /// What a batch holds, and the number of the input that it comes from.
    struct Records {
        let flows: [Flow]
        let queries: [DNSQuery]
        let observables: [Observable]
        let objects: [ObjectAccess]
        let mail: [MailAccess]
        let exposures: [ExposureChange]
        let listings: [StoreListing]
        let input: UInt32

        init(_ batch: ActivityBatch, input: UInt32) {
            flows = batch.flows
            queries = batch.queries
            observables = batch.observables
            objects = batch.objects
            mail = batch.mail
            exposures = batch.exposures
            listings = batch.listings
            self.input = input
        }
    }

    private static let batchSize = 128
    private static let memorySize = 4096

    let set: IndicatorSet
    /// Profiles that are not looked for.
    let left: Set<UInt64>
    /// What is known of values that were seen, by the allow-lists.
    var allowed: AllowMemory
    /// What was found so far of indicators.
    var table = HitTable()
    /// What was found so far of patterns over several records.
    var sightings = PatternSightings()
    /// What was read of the set's profiles of such patterns.
    var profiles = ProfileMemory()
    private(set) var pending: [Pending] = []
    private var candidates = HitCandidates()
    /// Addresses of late that the set does not have, by hash.
    private var clear: [IPAddress]

    init(_ set: IndicatorSet, without left: Set<UInt64> = [], allowLists: AllowLists = AllowLists()) {
        self.set = set
        self.left = left
        allowed = AllowMemory(allowLists)
        pending.reserveCapacity(Self.batchSize + 256)
        clear = (0..<Self.memorySize).map(Self.absent)
    }

    /// Looks at all activities of a batch.
    mutating func observe(_ records: Records) {
        observeFlows(records)
        observeNames(records)
        observeAccesses(records)
    }

    private mutating func observeFlows(_ records: Records) {
        for (item, flow) in records.flows.enumerated() {
            look(flow.originator, item, 0)
            look(flow.responder, item, 1)
            if pending.count >= Self.batchSize { resolve(.flows, records) }
        }
        resolve(.flows, records)
    }

    private mutating func observeNames(_ records: Records) {
        for (item, query) in records.queries.enumerated() {
            look(name: query.name, item)
            if pending.count >= Self.batchSize { resolve(.queries, records) }
        }
        resolve(.queries, records)
        for (item, seen) in records.observables.enumerated() {
            if seen.kind == .domain {
                look(name: seen.value, item)
            } else if seen.kind == .address {
                if let address = IPAddress(seen.value) { look(address, item, 0) }
            } else {
                look(seen.kind.indicator, seen.value, item, 0)
            }
            if pending.count >= Self.batchSize { resolve(.observables, records) }
        }
        resolve(.observables, records)
    }

    private mutating func observeAccesses(_ records: Records) {
        for (item, access) in records.objects.enumerated() {
            look(access.destination, item)
            if !access.client.isEmpty { look(.userAgent, access.client, item, 0) }
            if pending.count >= Self.batchSize { resolve(.objects, records) }
        }
        resolve(.objects, records)
        for (item, access) in records.mail.enumerated() {
            look(access.destination, item)
            if !access.client.isEmpty { look(.userAgent, access.client, item, 0) }
            if pending.count >= Self.batchSize { resolve(.mail, records) }
        }
        resolve(.mail, records)
        for (item, change) in records.exposures.enumerated() {
            look(change.grantee, item)
            if pending.count >= Self.batchSize { resolve(.exposures, records) }
        }
        resolve(.exposures, records)
        for (item, listing) in records.listings.enumerated() {
            look(listing.destination, item)
            if pending.count >= Self.batchSize { resolve(.listings, records) }
        }
        resolve(.listings, records)
    }

    // MARK: Looking up

    @inline(__always) private mutating func push(_ fingerprint: UInt64, _ item: Int, _ part: Int) {
        set.table.prefetch(fingerprint)
        pending.append(
            Pending(
                fingerprint: fingerprint, item: UInt32(truncatingIfNeeded: item), part: UInt32(truncatingIfNeeded: part)
            ))
    }

    @inline(__always) private static func place(_ address: IPAddress) -> Int {
        let mixed = (address.low ^ address.high &* 0x9E37_79B9_7F4A_7C15) &* 0xE703_7ED1_A0B4_28DB
        return Int(truncatingIfNeeded: mixed >> 52)
    }

    /// An address that belongs to another place: what an empty place holds.
    private static func absent(from place: Int) -> IPAddress {
        let zero = IPAddress(high: 0, low: 0)
        return Self.place(zero) == place ? IPAddress(high: 0, low: 1) : zero
    }

    @inline(__always) private mutating func look(_ address: IPAddress, _ item: Int, _ part: Int) {
        if clear[Self.place(address)] == address { return }
        push(FingerprintTable.fingerprint(set.seed, address.high, address.low, prefix: 128), item, part)
        if set.mayLieInNetwork(address) { lookForNetworks(address, item, part) }
    }

    private mutating func lookForNetworks(_ address: IPAddress, _ item: Int, _ part: Int) {
        for length in set.prefixLengths {
            let (high, low) = Network.mask(of: length)
            push(
                FingerprintTable.fingerprint(set.seed, address.high & high, address.low & low, prefix: length), item,
                part)
        }
    }

    /// A name and all names above it that have a dot.
    @inline(__always) private mutating func look(name: Bytes, _ item: Int) {
        guard name.count <= 255 else { return }
        var start = 0
        while true {
            let suffix = name.suffix(from: start)
            push(FingerprintTable.fingerprint(set.seed, .domain, suffix), item, start)
            guard let dot = suffix.firstIndex(of: UInt8(ascii: ".")) else { return }
            start += dot + 1
            guard suffix.firstIndex(of: UInt8(ascii: "."), from: dot + 1) != nil else { return }
        }
    }

    private mutating func look(_ kind: Indicator.Kind, _ value: Bytes, _ item: Int, _ part: Int) {
        push(FingerprintTable.fingerprint(set.seed, kind, value), item, part)
    }

    /// Part 1 is the value itself; part 0 is left to what else an activity holds.
    private mutating func look(_ entity: EntityView, _ item: Int) {
        switch entity.kind {
        case .address, .host:
            if let address = IPAddress(entity.id) {
                look(address, item, 1)
            } else if entity.id.firstIndex(of: UInt8(ascii: "@")) != nil {
                look(.mail, entity.id, item, 1)
            }
        case .domain: look(name: entity.id, item)
        default:
            if entity.id.firstIndex(of: UInt8(ascii: "@")) != nil { look(.mail, entity.id, item, 1) }
        }
    }

    /// Answers what is pending.
    private mutating func resolve(_ stage: Stage, _ records: Records) {
        for look in pending {
            if let slot = set.table.find(look.fingerprint) {
                candidates.append(look, slot: slot, set)
            } else if stage == .flows {
                let address = Self.address(look, records)
                clear[Self.place(address)] = address
            }
        }
        pending.removeAll(keepingCapacity: true)
        // First what is no indicator is remembered, then what is one is forgotten: an address may have been looked up as
        // itself and as part of networks.
        if stage == .flows {
            for look in candidates.looks {
                let place = Self.place(Self.address(look, records))
                clear[place] = Self.absent(from: place)
            }
        }
        // Taken out, so that it and what it finds are changed in place.
        var found = HitCandidates()
        swap(&found, &candidates)
        found.forEachEntry(of: set) { entry, place, look in
            self.found(entry, profileAt: place, look, stage, records)
        }
        swap(&found, &candidates)
    }

    @inline(__always) private static func address(_ look: Pending, _ records: Records) -> IPAddress {
        look.part == 0 ? records.flows[Int(look.item)].originator : records.flows[Int(look.item)].responder
    }
}
