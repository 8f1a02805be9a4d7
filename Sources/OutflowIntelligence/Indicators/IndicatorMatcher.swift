// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords

/// Looks for indicators in batches of activities. One matcher belongs to one thread; what it finds goes into ``hits``.
///
/// Values are hashed, and what memory has to bring for them is asked for, before the first of them is looked up: 128 look-ups
/// wait for memory together. Addresses that were no indicator a moment ago are not looked up again.
public final class IndicatorMatcher {
    /// Which part of a batch the pending look-ups are about.
    private enum Stage { case flows, queries, observables, objects, mail, exposures }

    private struct Pending {
        var fingerprint: UInt64
        /// Index of the activity.
        var item: UInt32
        /// Which of its values; for a name, how many bytes are before the suffix that is looked up.
        var part: UInt32
    }

    private static let batchSize = 128
    private static let memorySize = 4096

    private let sets: [IndicatorSet]
    /// What was found so far of indicators; one table a set.
    private var tables: [HitTable]
    /// What was found so far of patterns over several records.
    private var sightings = PatternSightings()
    /// What was read of the sets' profiles; one memory a set.
    private var profiles: [ProfileMemory]
    /// Which of the sets is looked into.
    private var current = 0
    private var pending: [Pending] = []
    /// Addresses of late that no set has, by hash; one memory a set.
    private var clear: [[IPAddress]]
    /// A matcher of some sets.
    public init(_ sets: [IndicatorSet]) {
        self.sets = sets
        pending.reserveCapacity(Self.batchSize + 256)
        tables = sets.map { _ in HitTable() }
        profiles = sets.map { _ in ProfileMemory() }
        clear = sets.map { _ in (0..<Self.memorySize).map(Self.absent) }
    }

    /// What was found so far. Made anew each time: ask once, in the end.
    public var hits: IndicatorHits {
        var hits = IndicatorHits()
        for (set, table) in zip(sets, tables) { hits.merge(IndicatorHits(table, of: set), inputMap: []) }
        hits.sightings = sightings
        return hits
    }

    /// Looks at all activities of a batch, whose records come from input number `input`.
    public func observe(_ batch: ActivityBatch, input: UInt32) {
        for index in sets.indices {
            let set = sets[index]
            current = index
            var memory: [IPAddress] = []
            swap(&memory, &clear[index])
            observeFlows(set, &memory, batch, input)
            observeNames(set, &memory, batch, input)
            observeAccesses(set, &memory, batch, input)
            swap(&memory, &clear[index])
        }
    }

    private func observeFlows(_ set: IndicatorSet, _ memory: inout [IPAddress], _ batch: ActivityBatch, _ input: UInt32)
    {
        for (item, flow) in batch.flows.enumerated() {
            look(flow.originator, item, 0, set, memory)
            look(flow.responder, item, 1, set, memory)
            if pending.count >= Self.batchSize { resolve(.flows, set, &memory, batch, input) }
        }
        resolve(.flows, set, &memory, batch, input)
    }

    private func observeNames(_ set: IndicatorSet, _ memory: inout [IPAddress], _ batch: ActivityBatch, _ input: UInt32)
    {
        for (item, query) in batch.queries.enumerated() {
            look(name: query.name, item, set)
            if pending.count >= Self.batchSize { resolve(.queries, set, &memory, batch, input) }
        }
        resolve(.queries, set, &memory, batch, input)
        for (item, seen) in batch.observables.enumerated() {
            if seen.kind == .domain {
                look(name: seen.value, item, set)
            } else {
                look(seen.kind.indicator, seen.value, item, 0, set)
            }
            if pending.count >= Self.batchSize { resolve(.observables, set, &memory, batch, input) }
        }
        resolve(.observables, set, &memory, batch, input)
    }

    private func observeAccesses(
        _ set: IndicatorSet, _ memory: inout [IPAddress], _ batch: ActivityBatch, _ input: UInt32
    ) {
        for (item, access) in batch.objects.enumerated() {
            look(access.destination, item, set, memory)
            if !access.client.isEmpty { look(.userAgent, access.client, item, 0, set) }
            if pending.count >= Self.batchSize { resolve(.objects, set, &memory, batch, input) }
        }
        resolve(.objects, set, &memory, batch, input)
        for (item, access) in batch.mail.enumerated() {
            look(access.destination, item, set, memory)
            if !access.client.isEmpty { look(.userAgent, access.client, item, 0, set) }
            if pending.count >= Self.batchSize { resolve(.mail, set, &memory, batch, input) }
        }
        resolve(.mail, set, &memory, batch, input)
        for (item, change) in batch.exposures.enumerated() {
            look(change.grantee, item, set, memory)
            if pending.count >= Self.batchSize { resolve(.exposures, set, &memory, batch, input) }
        }
        resolve(.exposures, set, &memory, batch, input)
    }

    // MARK: Looking up

    @inline(__always)
    private func push(_ fingerprint: UInt64, _ item: Int, _ part: Int, _ set: IndicatorSet) {
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

    @inline(__always)
    private func look(_ address: IPAddress, _ item: Int, _ part: Int, _ set: IndicatorSet, _ memory: [IPAddress]) {
        if memory[Self.place(address)] == address { return }
        push(FingerprintTable.fingerprint(set.seed, address.high, address.low, prefix: 128), item, part, set)
        if set.mayLieInNetwork(address) { lookForNetworks(address, item, part, set) }
    }

    private func lookForNetworks(_ address: IPAddress, _ item: Int, _ part: Int, _ set: IndicatorSet) {
        for length in set.prefixLengths {
            let (high, low) = Network.mask(of: length)
            push(
                FingerprintTable.fingerprint(set.seed, address.high & high, address.low & low, prefix: length), item,
                part,
                set)
        }
    }

    /// A name and all names above it that have a dot.
    @inline(__always)
    private func look(name: Bytes, _ item: Int, _ set: IndicatorSet) {
        guard name.count <= 255 else { return }
        var start = 0
        while true {
            let suffix = name.suffix(from: start)
            push(FingerprintTable.fingerprint(set.seed, .domain, suffix), item, start, set)
            guard let dot = suffix.firstIndex(of: UInt8(ascii: ".")) else { return }
            start += dot + 1
            guard suffix.firstIndex(of: UInt8(ascii: "."), from: dot + 1) != nil else { return }
        }
    }

    private func look(_ kind: Indicator.Kind, _ value: Bytes, _ item: Int, _ part: Int, _ set: IndicatorSet) {
        push(FingerprintTable.fingerprint(set.seed, kind, value), item, part, set)
    }

    /// Part 1 is the value itself; part 0 is left to what else an activity holds.
    private func look(_ entity: EntityView, _ item: Int, _ set: IndicatorSet, _ memory: [IPAddress]) {
        switch entity.kind {
        case .address, .host:
            if let address = IPAddress(entity.id) { look(address, item, 1, set, memory) }
        case .domain: look(name: entity.id, item, set)
        default:
            if entity.id.firstIndex(of: UInt8(ascii: "@")) != nil { look(.mail, entity.id, item, 1, set) }
        }
    }

    private func resolve(
        _ stage: Stage, _ set: IndicatorSet, _ memory: inout [IPAddress], _ batch: ActivityBatch, _ input: UInt32
    ) {
        // First what is no indicator is remembered, then what is one is forgotten: an address may have been looked up as
        // itself and as part of networks.
        if stage == .flows {
            for look in pending where set.table.find(look.fingerprint) == nil {
                let address = Self.address(look, batch)
                memory[Self.place(address)] = address
            }
        }
        for look in pending {
            guard let slot = set.table.find(look.fingerprint) else { continue }
            if stage == .flows {
                let place = Self.place(Self.address(look, batch))
                memory[place] = Self.absent(from: place)
            }
            set.forEachEntry(inSlot: slot) { found($0, look, stage, set, batch, input) }
        }
        pending.removeAll(keepingCapacity: true)
    }

    @inline(__always) private static func address(_ look: Pending, _ batch: ActivityBatch) -> IPAddress {
        let flow = batch.flows[Int(look.item)]
        return look.part == 0 ? flow.originator : flow.responder
    }

    // MARK: Found

    /// A fingerprint is in the set: compares the indicator itself, and keeps the hit.
    private func found(
        _ entry: IndicatorSet.Entry, _ look: Pending, _ stage: Stage, _ set: IndicatorSet, _ batch: ActivityBatch,
        _ input: UInt32
    ) {
        let part = Int(look.part)
        guard let meeting = Meeting(stage, Int(look.item), part, batch), meeting.is(entry.kind, entry.value, part),
            var reader = set.profileReader(entry.profile)
        else { return }
        let flow = stage == .flows ? batch.flows[Int(look.item)] : nil
        guard let outline = ProfileOutline(from: &reader, flow: flow), outline.isMet else { return }
        // What its source no longer holds for valid is no indicator any more.
        if let end = outline.validUntil, meeting.mark.time >= end { return }
        let origin = Origin(input: input, offset: meeting.mark.offset, length: meeting.mark.length)
        let evidence = Evidence(weight: meeting.weight, identity: meeting.mark.identity, origin: origin)
        if outline.hasPattern {
            guard let known = profiles[current].entry(entry.profile, of: set) else { return }
            return sighted(entry.kind, entry.value, known, meeting, flow, evidence)
        }
        let isItself = meeting.isItself(entry.kind, part)
        tables[current].add(
            .init(entry: entry.place, who: meeting.who), entry, outline.bytes, meeting.mark.time,
            seen: isItself ? nil : meeting.seen, evidence)
    }

    /// Keeps a record that meets steps of a pattern over several records.
    private func sighted(
        _ kind: Indicator.Kind, _ value: Bytes, _ entry: ProfileMemory.Entry, _ meeting: Meeting, _ flow: Flow?,
        _ evidence: Evidence
    ) {
        guard let pattern = entry.pattern, let steps = entry.steps else { return }
        let first = meeting.mark.time
        let last = flow?.last ?? first
        let met = steps.met(kind, value, flow, first, last)
        if met == 0 { return }
        sightings.add(
            pattern, .init(first: first, identity: evidence.identity),
            .init(
                last: last, steps: met, connection: flow?.connection,
                subjects: [.init(entity: meeting.who.entity, kind: kind, value: value.array)], evidence: evidence))
    }

    /// Who met which value, in one activity.
    private struct Meeting {
        enum Value {
            case address(IPAddress)
            case text(Bytes, Indicator.Kind)
        }

        var mark: RecordMark
        var who: HitTable.Who
        var value: Value
        var weight: UInt64 = 0

        init?(_ stage: Stage, _ item: Int, _ part: Int, _ batch: ActivityBatch) {
            switch stage {
            case .flows:
                let flow = batch.flows[item]
                let isOriginator = part == 0
                mark = RecordMark(time: flow.start, identity: flow.identity, offset: flow.offset, length: flow.length)
                value = .address(isOriginator ? flow.originator : flow.responder)
                who = .host(isOriginator ? flow.responder : flow.originator)
                weight = flow.originatorUpper.saturatingAdd(flow.responderUpper)
            case .queries:
                let query = batch.queries[item]
                mark = query.mark
                value = .text(query.name, .domain)
                who = .host(query.client)
            case .observables:
                let seen = batch.observables[item]
                mark = seen.mark
                value = .text(seen.value, seen.kind.indicator)
                who = .host(seen.host)
            case .objects:
                let access = batch.objects[item]
                mark = access.mark
                who = Self.entity(access.source)
                weight = access.bytes ?? 0
                value = Self.value(access.destination, client: access.client, part)
            case .mail:
                let access = batch.mail[item]
                mark = access.mark
                who = Self.entity(access.mailbox)
                weight = access.claimed
                value = Self.value(access.destination, client: access.client, part)
            case .exposures:
                let change = batch.exposures[item]
                mark = change.mark
                who = Self.entity(change.resource)
                weight = change.size ?? 0
                value = Self.value(change.grantee, client: .empty, part)
            }
        }

        private static func entity(_ view: EntityView) -> HitTable.Who {
            .named(.init(kind: view.kind.rawValue, id: view.id.string))
        }

        private static func value(_ entity: EntityView, client: Bytes, _ part: Int) -> Value {
            switch entity.kind {
            case .domain: .text(entity.id, .domain)
            case .address, .host:
                part == 1
                    ? IPAddress(entity.id).map { .address($0) } ?? .text(client, .userAgent) : .text(client, .userAgent)
            default: part == 1 ? .text(entity.id, .mail) : .text(client, .userAgent)
            }
        }

        /// Whether the value is the indicator, lies in it, or lies below it; equal fingerprints alone say nothing.
        func `is`(_ kind: Indicator.Kind, _ wanted: Bytes, _ part: Int) -> Bool {
            switch value {
            case .address(let address):
                if kind == .address { return IPAddress(network: wanted) == address }
                guard kind == .network, wanted.count == 17, wanted[16] < 128,
                    let base = IPAddress(network: wanted.prefix(upTo: 16))
                else { return false }
                return Network(base, prefixLength: Int(wanted[16])).contains(address)
            case .text(let text, let own):
                if kind == .domain, own == .domain { return part <= text.count && text.suffix(from: part) == wanted }
                return kind == own && text == wanted
            }
        }

        /// Whether what was seen is the indicator, letter by letter, and not something below it.
        func isItself(_ kind: Indicator.Kind, _ part: Int) -> Bool {
            switch value {
            case .address: kind == .address
            case .text: kind != .domain || part == 0
            }
        }

        /// What was seen, as it is told.
        var seen: String {
            switch value {
            case .address(let address): address.description
            case .text(let text, _): String(text.string.prefix(200))
            }
        }
    }
}

extension Observable.Kind {
    /// The kind of indicator that names such values.
    var indicator: Indicator.Kind {
        switch self {
        case .domain: .domain
        case .url: .url
        case .hash: .hash
        case .mail: .mail
        case .certificate: .certificate
        case .ja3: .ja3
        case .ja4: .ja4
        case .userAgent: .userAgent
        }
    }
}

extension Flow {
    /// When it was over.
    var last: Timestamp {
        let (end, overflow) = start.microseconds.addingReportingOverflow(max(duration, 0))
        return overflow ? .latest : min(Timestamp(microseconds: end), max(start, .latest))
    }

    /// What tells the connection from others at the same time, whichever end a sensor takes for the originator.
    var connection: UInt64 {
        let isTurned = (responder, responderPort) < (originator, originatorPort)
        var hash = ContentHash(seed: 0x434F_4E4E)
        hash.combine(isTurned ? responder : originator)
        hash.combine(isTurned ? originator : responder)
        let (low, high) = isTurned ? (responderPort, originatorPort) : (originatorPort, responderPort)
        hash.combine(UInt64(low) << 32 | UInt64(high) << 8 | UInt64(proto))
        return hash.value
    }

    /// Identity of the record, by what makes two flows the same.
    var identity: UInt64 {
        var hash = ContentHash(seed: 0x464C_4F57)
        hash.combine(originator)
        hash.combine(responder)
        hash.combine(UInt64(bitPattern: start.microseconds))
        hash.combine(UInt64(bitPattern: duration))
        hash.combine(UInt64(originatorPort) << 32 | UInt64(responderPort) << 8 | UInt64(proto))
        hash.combine(originatorUpper)
        hash.combine(responderUpper)
        return hash.value
    }
}
