// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowActivities
import OutflowRecords

/// One part of the flow ledger, behind a lock of its own.
final class FlowShard: @unchecked Sendable {
    private let lock = Lock()
    /// Guarded by ``lock``: touched through ``withTables(_:)`` only.
    private var tables: FlowTables

    init(seed: UInt64, keepsDays: Bool) { tables = FlowTables(seed: seed, keepsDays: keepsDays) }

    /// Runs `body` with the tables while no other thread has them.
    func withTables<Result>(_ body: (inout FlowTables) -> Result) -> Result {
        lock { body(&tables) }
    }
}

/// The tables of one shard: all flows whose pair of hosts hashes to it.
struct FlowTables: ~Copyable {
    private(set) var groups = MappedArray<FlowGroup>(capacity: 256)
    private(set) var groupCount = 0
    /// Slots of the index: number of a group plus one in the low 27 bits, 5 bits of its hash above. Empty is 0.
    private var index = MappedArray<UInt32>(capacity: 512)
    private var fingerprints: FlowFingerprints
    /// The groups' flows by day.
    private(set) var days = FlowDays()
    /// Whether ``days`` is filled: only detection asks for it.
    private let keepsDays: Bool
    private(set) var slack = FlowSlacks()
    /// Addresses of groups that are not IPv4, and their numbers.
    private(set) var addresses: [IPAddress] = []
    private var addressNumbers: [IPAddress: UInt32] = [:]
    /// Flows that are settled at the end.
    private var kept: [KeptFlow] = []
    /// The flows that sent most, by direction: which one matters is known when local networks are.
    var sentEvidence = EvidencePool(capacity: FlowLedger.evidenceLimit / FlowLedger.shardCount / 2)
    var receivedEvidence = EvidencePool(capacity: FlowLedger.evidenceLimit / FlowLedger.shardCount / 2)
    private let seed: UInt64

    init(seed: UInt64, keepsDays: Bool) {
        self.seed = seed
        self.keepsDays = keepsDays
        self.fingerprints = FlowFingerprints(seed: seed)
    }

    /// A flow made ready: hashes and packed key.
    struct Prepared: BitwiseCopyable {
        var flow: UInt32
        var shard: UInt32
        var pair: UInt64
        var tuple: UInt64
        var size: UInt64
    }

    /// Adds flows of `batch` (those of `prepared`), which all belong here. Returns how many were seen before; marks in
    /// `isNew` those records that a partial must keep: new ones, and further views that changed anything.
    mutating func observe(
        _ flows: UnsafePointer<Flow>, _ prepared: UnsafeBufferPointer<Prepared>, input: UInt32,
        isNew: UnsafeMutablePointer<Bool>?
    ) -> UInt64 {
        var duplicates: UInt64 = 0
        // Room first, so that slots stay where prefetching looks.
        makeRoom(for: prepared.count)
        // Look-ups miss the cache: what a flow needs is asked for in three steps, each some flows ahead of the next.
        let count = prepared.count
        for step in 0..<count &+ 40 {
            if step < count {
                // A flow takes up parts of two lines.
                let flow = UnsafeRawPointer(flows + Int(prepared[step].flow))
                outflow_prefetch(flow)
                outflow_prefetch(flow + 64)
            }
            if step >= 12, step &- 12 < count {
                let item = prepared[step &- 12]
                let flow = flows + Int(item.flow)
                fingerprints.prefetch(Self.key(item, flow))
                outflow_prefetch(index.base + slot(groupHash(item.pair, flow)))
            }
            if step >= 28, step &- 28 < count {
                let item = prepared[step &- 28]
                if let number = likelyGroup(groupHash(item.pair, flows + Int(item.flow))) {
                    outflow_prefetch(groups.base + number)
                    if keepsDays { days.prefetch(group: number) }
                }
            }
            guard step >= 40 else { continue }
            let item = prepared[step &- 40]
            let flow = flows + Int(item.flow)
            let change = self.count(flow, item, input: input, isNew: isNew)
            if change.flows <= 0 { duplicates &+= 1 }
        }
        return duplicates
    }

    /// Adds one flow; one that is settled at the end is only kept.
    @inline(__always)
    private mutating func count(
        _ flow: UnsafePointer<Flow>, _ item: Prepared, input: UInt32, isNew: UnsafeMutablePointer<Bool>?
    ) -> FlowFingerprints.Change {
        guard Self.isCountedAtOnce(flow.pointee) else { return keep(flow, item, input: input, isNew: isNew) }
        let change = fingerprints.insert(Self.key(item, flow))
        // A known flow adds no bytes; but another view of it may widen the interval, and is evidence too.
        let matters = add(flow, item, change, input: input)
        if change.disputedSent | change.disputedReceived != 0 {
            addSlack(group(flow, item.pair), change.disputedSent, change.disputedReceived)
        }
        isNew?[Int(item.flow)] = change.isNew || matters
        return change
    }

    /// Adds one flow by itself, and tells what it changed.
    mutating func count(_ flow: Flow, _ item: Prepared) -> FlowFingerprints.Change {
        makeRoom(for: 1)
        return withUnsafePointer(to: flow) { count($0, item, input: 0, isNew: nil) }
    }

    /// Keeps a flow until all are known. Only the very same record is dropped here.
    @inline(never)
    private mutating func keep(
        _ flow: UnsafePointer<Flow>, _ item: Prepared, input: UInt32, isNew: UnsafeMutablePointer<Bool>?
    ) -> FlowFingerprints.Change {
        var exact = ContentHash(seed: item.size)
        exact.combine(UInt64(bitPattern: flow.pointee.start.microseconds))
        exact.combine(UInt64(bitPattern: flow.pointee.duration))
        exact.combine(UInt64(flow.pointee.services.rawValue) << 8 | UInt64(FlowGroup.side(flow.pointee)))
        // All that the record says is in the tag: the few bits of sizes would not tell two views of one moment apart.
        let key = FlowFingerprints.Key(
            tuple: item.tuple ^ exact.value ^ 0x1E35_A7BD_5C32_61D3, size: 0, sent: 0, received: 0,
            time: flow.pointee.start, duration: 0, isDatagrams: false)
        var change = FlowFingerprints.Change()
        change.isNew = fingerprints.insert(key).isNew
        if !change.isNew { change.flows = 0 }
        if change.isNew { kept.append(KeptFlow(flow.pointee, input: input) { number(of: $0) }) }
        isNew?[Int(item.flow)] = change.isNew
        return change
    }

    @inline(__always)
    private static func key(_ item: Prepared, _ flow: UnsafePointer<Flow>) -> FlowFingerprints.Key {
        FlowFingerprints.Key(
            tuple: item.tuple, size: item.size, sent: flow.pointee.originatorUpper,
            received: flow.pointee.responderUpper, time: flow.pointee.start, duration: flow.pointee.duration,
            isDatagrams: flow.pointee.proto != 6)
    }

    /// Flows of so many bytes are compared with all others of their 5-tuple before they are counted, however far the clocks
    /// of their sensors differ: there are few of them, and one that is counted twice makes a figure wrong.
    static let large: UInt64 = 16 << 20

    /// So are flows of datagrams that last as long (in microseconds): a second sensor may join them late and see a part.
    static let long: Int64 = 128_000_000

    /// Whether a fingerprint is enough to tell a flow from others.
    @inline(__always)
    static func isCountedAtOnce(_ flow: borrowing Flow) -> Bool {
        guard flow.isRegular else { return false }
        // Intervals that overlap are not told by how they begin.
        if flow.sensor == .netflow { return false }
        if flow.duration >= long, flow.proto != 6 { return false }
        return flow.originatorUpper | flow.responderUpper < large
    }

    /// Makes room for `count` more groups.
    mutating func makeRoom(for count: Int) {
        while (groupCount + count) * 4 > index.capacity * 3 { growIndex() }
        if groupCount + count > groups.capacity {
            groups.grow(to: max(groups.capacity + groups.capacity / 32, groupCount + count + 128))
        }
        if keepsDays { days.makeRoom(groups: groupCount + count, flows: count) }
    }

    /// Adds a view of a flow to its group: one flow more, none (only its interval counts), or one less. Returns whether it
    /// widened the group's interval or may be among its evidence.
    @discardableResult
    @inline(__always)
    mutating func add(
        _ flow: UnsafePointer<Flow>, _ item: Prepared, _ change: FlowFingerprints.Change, input: UInt32
    ) -> Bool {
        let number = group(flow, item.pair)
        let row = groups.base + number
        let matters = widen(row, flow, input: input)
        let isUnbounded = flow.pointee.services.contains(.unbounded)
        let sent = isUnbounded ? flow.pointee.originatorLower : flow.pointee.originatorUpper
        let received = isUnbounded ? flow.pointee.responderLower : flow.pointee.responderUpper
        let factor = UInt64(bitPattern: Int64(change.flows))
        row.pointee.records &+= UInt32(truncatingIfNeeded: change.flows)
        row.pointee.sent &+= factor &* sent
        row.pointee.received &+= factor &* received
        if keepsDays {
            days.add(
                group: number, time: flow.pointee.start.microseconds, duration: flow.pointee.duration, sent: sent,
                received: received, flows: change.flows, joinsAfter: change.joinsAfter)
        }
        let least = UInt64(bitPattern: Int64(change.leastFlows))
        let sentSlack = factor &* sent &- least &* min(sent, flow.pointee.originatorLower)
        let receivedSlack = factor &* received &- least &* min(received, flow.pointee.responderLower)
        if sentSlack | receivedSlack != 0 { addSlack(number, sentSlack, receivedSlack) }
        let isSentKept = sent > 0 && sentEvidence.mayKeep(weight: sent)
        let isReceivedKept = received > 0 && receivedEvidence.mayKeep(weight: received)
        guard isSentKept || isReceivedKept else { return matters }
        return keepEvidence(
            flow, item, number, input, sent: isSentKept ? sent : 0, received: isReceivedKept ? received : 0) || matters
    }

    /// Makes a view evidence of its group, for what it proves.
    mutating func cite(_ view: IrregularFlow) {
        makeRoom(for: 1)
        let item = FlowLedger.prepare(view.flow, 0)
        withUnsafePointer(to: view.flow) { flow in
            _ = keepEvidence(
                flow, item, group(flow, item.pair), view.input, sent: view.flow.originatorLower,
                received: view.flow.responderLower)
        }
    }

    /// Adds the flow to the evidence of its group, in each direction that carried something.
    @inline(never)
    private mutating func keepEvidence(
        _ flow: UnsafePointer<Flow>, _ item: Prepared, _ number: Int, _ input: UInt32, sent: UInt64, received: UInt64
    ) -> Bool {
        var identity = ContentHash(seed: item.tuple ^ item.size)
        identity.combine(UInt64(bitPattern: flow.pointee.start.microseconds))
        let origin = Origin(input: input, offset: flow.pointee.offset, length: flow.pointee.length)
        let group = UInt32(truncatingIfNeeded: number)
        let isSentKept =
            sent > 0
            && sentEvidence.add(group: group, weight: sent, identity: identity.value, origin: origin)
        let isReceivedKept =
            received > 0
            && receivedEvidence.add(group: group, weight: received, identity: identity.value, origin: origin)
        return isSentKept || isReceivedKept
    }

    /// Widens what a group says of all views of its flows alike: interval, services, locality. Returns whether that changed.
    @inline(__always)
    private func widen(_ row: UnsafeMutablePointer<FlowGroup>, _ flow: UnsafePointer<Flow>, input: UInt32) -> Bool {
        let start = flow.pointee.start.microseconds
        let end = start &+ flow.pointee.duration
        var hasChanged = false
        if start < row.pointee.first {
            row.pointee.first = start
            row.pointee.origin = FlowGroup.pack(input: input, offset: flow.pointee.offset)
            row.pointee.length = flow.pointee.length
            hasChanged = true
        }
        if end > row.pointee.last {
            row.pointee.last = end
            hasChanged = true
        }
        let services = row.pointee.services | flow.pointee.services.rawValue
        let locality = row.pointee.locality | FlowGroup.side(flow.pointee)
        hasChanged = hasChanged || services != row.pointee.services || locality != row.pointee.locality
        row.pointee.services = services
        row.pointee.locality = locality
        return hasChanged
    }

    @inline(never)
    private mutating func addSlack(_ group: Int, _ sent: UInt64, _ received: UInt64) {
        slack.add(group: group, sent: sent, received: received)
    }

    @inline(__always)
    private func groupHash(_ pair: UInt64, _ flow: UnsafePointer<Flow>) -> UInt64 {
        let rest =
            UInt64(flow.pointee.responderPort) << 16 | UInt64(flow.pointee.proto) << 8
            | UInt64(flow.pointee.sensor.rawValue)
        let product = (pair ^ seed ^ rest &* 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return product.high ^ product.low
    }

    @inline(__always)
    private func slot(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: ((hash >> 32) &* UInt64(index.capacity)) >> 32)
    }

    /// The first group in the index whose mark fits: nearly always the right one. For prefetching.
    @inline(__always)
    private func likelyGroup(_ hash: UInt64) -> Int? {
        let mark = UInt32(truncatingIfNeeded: hash & 0x1F) << 27
        var at = slot(hash)
        while true {
            let entry = index.base[at]
            if entry == 0 { return nil }
            if entry & 0xF800_0000 == mark { return Int(entry & 0x7FF_FFFF) &- 1 }
            at &+= 1
            if at == index.capacity { return nil }
        }
    }

    /// The number of the flow's group, made if it is new.
    @inline(__always)
    private mutating func group(_ flow: UnsafePointer<Flow>, _ pair: UInt64) -> Int {
        let originator: UInt32
        let responder: UInt32
        var kind = flow.pointee.sensor.rawValue
        if let a = flow.pointee.originator.v4, let b = flow.pointee.responder.v4 {
            originator = a
            responder = b
        } else {
            originator = number(of: flow.pointee.originator)
            responder = number(of: flow.pointee.responder)
            kind |= FlowGroup.isV6
        }
        let hash = groupHash(pair, flow)
        let mark = UInt32(truncatingIfNeeded: hash & 0x1F) << 27
        var at = slot(hash)
        while true {
            let entry = index.base[at]
            if entry == 0 { break }
            if entry & 0xF800_0000 == mark {
                let row = groups.base + (Int(entry & 0x7FF_FFFF) &- 1)
                if row.pointee.originator == originator && row.pointee.responder == responder
                    && row.pointee.port == flow.pointee.responderPort && row.pointee.proto == flow.pointee.proto
                    && row.pointee.kind == kind
                {
                    return Int(entry & 0x7FF_FFFF) &- 1
                }
            }
            at &+= 1
            if at == index.capacity { at = 0 }
        }
        precondition(groupCount < 0x7FF_FFFF, "more than a billion pairs of hosts")
        groups.base[groupCount] = FlowGroup(
            originator: originator, responder: responder, port: flow.pointee.responderPort, proto: flow.pointee.proto,
            kind: kind, services: 0, locality: 0, records: 0, length: 0, first: .max, last: .min, sent: 0, received: 0,
            origin: 0)
        groupCount &+= 1
        index.base[at] = mark | UInt32(truncatingIfNeeded: groupCount)
        return groupCount &- 1
    }

    private mutating func number(of address: IPAddress) -> UInt32 {
        if let known = addressNumbers[address] { return known }
        let number = UInt32(addresses.count)
        addresses.append(address)
        addressNumbers[address] = number
        return number
    }

    /// Addresses of a group.
    func pair(of group: FlowGroup) -> (originator: IPAddress, responder: IPAddress) {
        if group.kind & FlowGroup.isV6 == 0 { return (IPAddress(v4: group.originator), IPAddress(v4: group.responder)) }
        return (addresses[Int(group.originator)], addresses[Int(group.responder)])
    }

    @inline(never)
    private mutating func growIndex() {
        var larger = MappedArray<UInt32>(capacity: 2 * index.capacity)
        swap(&larger, &index)
        // Hashes are computed again from the rows: they are not kept.
        for number in 0..<groupCount {
            let row = groups.base[number]
            let ends = pair(of: row)
            var flow = Flow(
                originator: ends.originator, responder: ends.responder, start: Timestamp(microseconds: 0), duration: 0,
                originatorBytes: 0, responderBytes: 0, originatorPort: 0, responderPort: row.port, proto: row.proto,
                sensor: Flow.Sensor(rawValue: row.kind & 0x7F) ?? .zeek)
            let hash = groupHash(FlowLedger.pairHash(flow.originator, flow.responder), &flow)
            var at = slot(hash)
            while index.base[at] != 0 {
                at += 1
                if at == index.capacity { at = 0 }
            }
            index.base[at] = UInt32(truncatingIfNeeded: hash & 0x1F) << 27 | UInt32(number + 1)
        }
    }

    /// What the flows that were counted at once tell of one more, from whichever end it was seen.
    func acquaintance(_ flow: Flow) -> FlowFingerprints.Acquaintance {
        func known(_ flow: Flow) -> FlowFingerprints.Acquaintance {
            fingerprints.acquaintance(
                FlowLedger.prepare(flow, 0).tuple, at: flow.start, lasting: flow.duration,
                isDatagrams: flow.proto != 6, sent: flow.originatorLower,
                received: flow.responderLower)
        }
        return max(known(flow), known(flow.fromOtherEnd))
    }

    /// What of a flow may have been counted at once, as views that began while it lasted: at most so much, by direction.
    func countedMeanwhile(_ flow: Flow, budget: inout Int) -> (sent: UInt64, received: UInt64) {
        let end = Timestamp(microseconds: flow.start.microseconds &+ max(0, flow.duration))
        let same = fingerprints.carried(
            FlowLedger.prepare(flow, 0).tuple, from: flow.start, to: end, budget: &budget)
        let turned = fingerprints.carried(
            FlowLedger.prepare(flow.fromOtherEnd, 0).tuple, from: flow.start, to: end, budget: &budget)
        return (same.sent &+ turned.received, same.received &+ turned.sent)
    }

    /// How many stretches of time settling may look at: far more than logs need, and a bound on what broken durations cost.
    var stretchesToLookAt: Int { 1 << 22 &+ 64 &* kept.count }

    /// Whether a flow of the same 5-tuple that was counted at once began in the day before: a view without beginning may be
    /// its end.
    func mayContinue(_ flow: Flow) -> Bool {
        fingerprints.mayLast(FlowLedger.prepare(flow, 0).tuple, at: flow.start)
            || fingerprints.mayLast(FlowLedger.prepare(flow.fromOtherEnd, 0).tuple, at: flow.start)
    }

    /// Takes what was observed so far as a share of what will come, and makes room for the rest. Only a matter of speed.
    mutating func expect(share: Double) {
        guard canExpect else { return }
        fingerprints.reserve(Int(min(Double(fingerprints.count) / share, 16e6)))
    }

    /// Whether enough was seen to go by.
    var canExpect: Bool { fingerprints.count > 30_000 }

    /// Whether a flow of the 5-tuple was counted at once that may have been under way at `time`.
    func mayHaveCounted(_ tuple: UInt64, at time: Timestamp) -> Bool { fingerprints.mayCarry(tuple, at: time) }

    /// Calls `body` with every flow that waits to be settled.
    func forEachKept(_ body: (IrregularFlow) -> Void) {
        for flow in kept { body(flow.unpacked(addresses)) }
    }

    /// Gives back what only observing needs.
    mutating func finishObserving() { fingerprints = FlowFingerprints(seed: seed) }

    /// Gives back the days: nobody will ask for them again.
    mutating func forgetDays() { days = FlowDays() }

    /// Hands out the flows that are to be settled, and forgets them.
    mutating func takeKept() -> [KeptFlow] {
        defer { kept = [] }
        return kept
    }
}
