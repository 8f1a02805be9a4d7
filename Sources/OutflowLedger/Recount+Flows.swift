// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Counts a transfer or an internal copy that flows make up.
struct FlowRecount: RecountPart {
    /// What the id says besides the two ends.
    private struct Key: Hashable {
        var port: UInt16
        var proto: UInt8
        var answered: Bool
    }

    private let subject: Explanation.Subject
    private let source: IPAddress
    private let destinations: Set<IPAddress>
    private let keys: Set<Key>
    /// Bytes of bodies that the ledger took out of the flows, as its note says.
    private let bodies: UInt64
    /// The same of those that may have gone elsewhere.
    private let possibleBodies: UInt64
    /// Views between the two ends; the offset of each is the number of its match.
    private var views: [Flow] = []
    private(set) var count = 0

    /// For a transfer whose id shows that flows made it; nil for others.
    init?(_ transfer: Report.Transfer, _ report: Report) {
        guard let source = IPAddress(transfer.source.id) else { return nil }
        var identity = transfer.destination
        identity.addresses = []
        let found = Self.keys(transfer.service).filter {
            transfer.id
                == Report.Transfer.id(
                    route: transfer.route, state: transfer.state, source: transfer.source, destination: identity,
                    service: "\($0.port)/\($0.proto)\($0.answered ? " answered" : "")")
        }
        guard let key = found.first else { return nil }
        let own = IPAddress(transfer.destination.id)
        let addresses = Set(transfer.destination.addresses.compactMap { IPAddress($0) } + (own.map { [$0] } ?? []))
        subject = .transfer(transfer)
        self.source = source
        destinations = addresses
        keys = [key]
        func bytes(_ note: String) -> UInt64 {
            transfer.notes.lazy.filter { $0.hasSuffix(note) }.compactMap { UInt64($0.dropLast(note.count)) }.first ?? 0
        }
        bodies = bytes(FlowWording.bodiesNote)
        possibleBodies = bytes(FlowWording.possibleBodiesNote)
    }

    /// For an internal copy.
    init?(_ copy: Report.Staging) {
        guard let source = IPAddress(copy.source), let destination = IPAddress(copy.destination) else { return nil }
        let keys = Self.keys(copy.service).filter { Report.Staging.id(copy, answered: $0.answered) == copy.id }
        guard !keys.isEmpty else { return nil }
        subject = .staging(copy)
        self.source = source
        destinations = [destination]
        self.keys = Set(keys)
        (bodies, possibleBodies) = (0, 0)
    }

    /// Port, protocol and direction that a service like `443/tcp tls` or `icmp` may stand for.
    private static func keys(_ service: String) -> [Key] {
        let protocols: [(String, UInt8)] = [("tcp", 6), ("udp", 17), ("icmp", 1), ("icmp6", 58)]
        let word = service.split(separator: " ").first ?? ""
        let parts = word.split(separator: "/")
        let name = parts.last ?? ""
        let number = service.hasPrefix("ip protocol ") ? UInt8(service.dropFirst(12)) : nil
        guard let proto = number ?? protocols.first(where: { $0.0 == name })?.1 else { return [] }
        let ports = parts.count == 2 ? UInt16(parts[0]).map { $0...$0 } ?? 0...0 : 0...UInt16.max
        return ports.flatMap { port in
            [false, true].map { Key(port: port, proto: proto, answered: $0) }
        }
    }

    /// Whether a group of flows is part of the subject, and then whether the source answered.
    private func direction(_ group: FlowReplay.GroupKey) -> Bool? {
        let answered: Bool
        if group.originator == source, destinations.contains(group.responder) {
            answered = false
        } else if group.responder == source, destinations.contains(group.originator) {
            answered = true
        } else {
            return nil
        }
        return keys.contains(Key(port: group.port, proto: group.proto, answered: answered)) ? answered : nil
    }

    mutating func add(_ batch: ActivityBatch, _ context: inout RecountContext) {
        for flow in batch.flows where FlowLedger.carries(flow) && context.wants(flow.offset) {
            var view = flow
            let own = direction(FlowReplay.GroupKey(flow))
            let other = direction(FlowReplay.GroupKey(flow.fromOtherEnd))
            if own == nil, other == nil { continue }
            // What no sensor is sure to have seen from its beginning may be told from the wrong end.
            guard let answered = own ?? (flow.isRegular ? nil : other) else {
                view.offset = UInt64(Int.max)
                views.append(view)
                continue
            }
            let shown = own == nil ? flow.fromOtherEnd : flow
            let sides = [
                (shown.originatorLower, shown.originatorUpper), (shown.responderLower, shown.responderUpper),
            ]
            let (lower, upper) = answered ? sides[1] : sides[0]
            let isUnbounded = flow.services.contains(.unbounded) || sides.contains { $0.1 == ZeekUnset.value }
            let number = context.match(flow.offset, flow.length) {
                .flow(
                    from: Self.end(source, answered ? shown.responderPort : shown.originatorPort, flow.proto),
                    to: Self.end(
                        answered ? shown.originator : shown.responder,
                        answered ? shown.originatorPort : shown.responderPort, flow.proto),
                    originated: !answered, sensor: flow.sensor,
                    bytes: ByteBounds(atLeast: lower, atMost: isUnbounded ? nil : max(lower, upper)),
                    unfinished: flow.services.contains(.unfinished))
            }
            count += 1
            guard let number else { continue }
            view.offset = UInt64(number)
            views.append(view)
        }
    }

    private static func end(_ address: IPAddress, _ port: UInt16, _ proto: UInt8) -> String {
        if proto != 6 && proto != 17 { return address.description }
        return address.v4 == nil ? "[\(address)]:\(port)" : "\(address):\(port)"
    }

    // MARK: Sums

    func conclude() -> Recount.Conclusion {
        let empty = FlowSum(source: source, destination: source, port: 0, proto: 0, answered: false)
        let replay = FlowReplay(views, empty: empty) { direction($0) }
        let sum = replay.sum
        var standings: [Int: Explanation.Standing] = [:]
        for share in replay.shares where !share.isCounted { standings[share.number] = .seenAgain }
        let isUnbounded = sum.services.contains(.unbounded)
        var steps: [Explanation.Step] = []
        var kinds = 0
        for sensor in Flow.Sensor.allCases {
            let mine = replay.shares.filter { $0.sensor == sensor && $0.isCounted }
            if mine.isEmpty { continue }
            kinds += 1
            let isAlone = replay.shares.allSatisfy { $0.sensor == sensor || !$0.isCounted }
            let upper = mine.map { max($0.lower, $0.upper) }
            let lower = mine.map(\.lower)
            steps += Explanation.sums(lower, isUnbounded ? nil : upper, what: isAlone ? "" : "\(sensor)")
            let least = [sum.lower.0, sum.lower.1, sum.lower.2][Int(sensor.rawValue)]
            if let added = Explanation.total(Explanation.terms(lower)), added > least {
                steps.append(
                    .difference(
                        name: "at least", from: added, less: added - least, total: least,
                        why: "records that begin together but differ in size may be one connection"))
            }
        }
        if kinds > 1 {
            steps.append(
                .remark("several kinds of sensors: at least the largest of their sums, at most all of them together"))
        }
        if isUnbounded {
            steps.append(.remark("the size of at least one flow was not logged: there is no upper bound"))
        }
        var bounds = sum.bounds
        steps += lessBodies(&bounds)
        let seen = bounds.atMost
        let isExact = kinds <= 1 && bounds.atMost == bounds.atLeast
        steps += widened(&bounds)
        let wire = isExact && bounds.atMost == seen ? seen : nil
        var comparisons = [
            Explanation.Comparison("at_least", reported: subject.bytes.atLeast, recounted: bounds.atLeast),
            Explanation.Comparison("at_most", reported: subject.bytes.atMost, recounted: bounds.atMost),
        ]
        if case .transfer(let transfer) = subject {
            comparisons.append(.init("on_wire", reported: transfer.onWire, recounted: wire))
        }
        comparisons.append(.init("records", reported: subject.records, recounted: sum.records))
        return Recount.Conclusion(steps: steps, comparisons: comparisons, standings: standings)
    }

    /// Takes out what is counted as content elsewhere.
    private func lessBodies(_ bounds: inout ByteBounds) -> [Explanation.Step] {
        var steps: [Explanation.Step] = []
        for (wire, why) in [
            (bodies, "bodies counted with their content"),
            (possibleBodies, "bodies counted with their content that may have gone in these flows"),
        ] where wire > 0 {
            let less = min(bounds.atLeast, wire)
            steps.append(
                .difference(name: "at least", from: bounds.atLeast, less: less, total: bounds.atLeast - less, why: why))
            bounds.atLeast -= less
        }
        if bodies > 0, let high = bounds.atMost, high >= bodies {
            steps.append(
                .difference(
                    name: "at most", from: high, less: bodies, total: high - bodies,
                    why: "bodies counted with their content"))
            bounds.atMost = high - bodies
        }
        return steps
    }

    /// Raises the upper bound as the ledger does for what the sensors admit to have lost; the share is in the notes.
    private func widened(_ bounds: inout ByteBounds) -> [Explanation.Step] {
        guard case .transfer(let transfer) = subject, let high = bounds.atMost, high != transfer.bytes.atMost else {
            return []
        }
        let prefix = "the sensor admits to have lost up to "
        for note in transfer.notes where note.hasPrefix(prefix) {
            guard let share = Double(note.dropFirst(prefix.count).prefix { $0.isNumber || $0 == "." }), share > 0,
                share < 100
            else { continue }
            let lost = UInt64((share * 10_000).rounded())
            let (product, overflow) = high.multipliedReportingOverflow(by: lost)
            guard !overflow, lost < 1_000_000 else { continue }
            let extra = product / (1_000_000 - lost) + 1
            let terms = [Explanation.Term(high), Explanation.Term(extra)]
            bounds.atMost = Explanation.total(terms)
            return [
                .sum(
                    name: "at most, with what the sensors admit to have lost (up to \(share) %)", terms: terms,
                    total: bounds.atMost)
            ]
        }
        return []
    }
}

extension Report.Staging {
    /// The id of an internal copy, see ``FlowWording``.
    static func id(_ copy: Report.Staging, answered: Bool) -> String {
        var hash = ContentHash(seed: 0x5346_4741_7465_6E67)
        for part in [copy.source, copy.destination, copy.service, answered ? "answered" : ""] { hash.combine(part) }
        let digits = String(hash.value, radix: 16)
        return "S-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
