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

    /// One record's view of a flow, in the direction that counts.
    private struct View {
        var number: Int
        var tuple: UInt64
        var sizes: UInt64
        var start: Int64
        var lower: UInt64
        var upper: UInt64
        var sensor: Flow.Sensor
        var isRegular: Bool
        var isUnbounded: Bool

        /// The second in which it began, rounded down also before 1970.
        var second: Int64 { (start - (start % 1_000_000 + 1_000_000) % 1_000_000) / 1_000_000 }
    }

    /// A distinct flow: the view that counts, with the widest proven bounds, and the others.
    private struct Distinct {
        var best: View
        var others: [Int]
    }

    private let subject: Explanation.Subject
    private let source: IPAddress
    private let destinations: Set<IPAddress>
    private let keys: Set<Key>
    /// Bytes of bodies that the ledger took out of the flows, as its note says.
    private let bodies: UInt64
    private var views: [View] = []
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
        bodies =
            transfer.notes.lazy.filter { $0.hasSuffix(FlowWording.bodiesNote) }
            .compactMap { UInt64($0.dropLast(FlowWording.bodiesNote.count)) }.first ?? 0
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
        bodies = 0
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

    mutating func add(_ batch: ActivityBatch, _ context: inout RecountContext) {
        for flow in batch.flows {
            let answered: Bool
            if flow.originator == source, destinations.contains(flow.responder) {
                answered = false
            } else if flow.responder == source, destinations.contains(flow.originator) {
                answered = true
            } else {
                continue
            }
            guard keys.contains(Key(port: flow.responderPort, proto: flow.proto, answered: answered)),
                FlowLedger.carries(flow), context.wants(flow.offset)
            else { continue }
            let sides = [
                (flow.originatorLower, flow.originatorUpper), (flow.responderLower, flow.responderUpper),
            ]
            let (lower, upper) = answered ? sides[1] : sides[0]
            let isUnbounded = flow.services.contains(.unbounded) || sides.contains { $0.1 == ZeekUnset.value }
            let number = context.match(flow.offset, flow.length) {
                .flow(
                    from: Self.end(source, answered ? flow.responderPort : flow.originatorPort, flow.proto),
                    to: Self.end(
                        answered ? flow.originator : flow.responder,
                        answered ? flow.originatorPort : flow.responderPort, flow.proto),
                    originated: !answered, sensor: flow.sensor,
                    bytes: ByteBounds(atLeast: lower, atMost: isUnbounded ? nil : max(lower, upper)),
                    unfinished: flow.services.contains(.unfinished))
            }
            count += 1
            guard let number else { continue }
            let prepared = FlowLedger.prepare(flow, 0)
            views.append(
                View(
                    number: number, tuple: prepared.tuple, sizes: prepared.size, start: flow.start.microseconds,
                    lower: lower, upper: upper, sensor: flow.sensor, isRegular: flow.isRegular, isUnbounded: isUnbounded
                ))
        }
    }

    private static func end(_ address: IPAddress, _ port: UInt16, _ proto: UInt8) -> String {
        if proto != 6 && proto != 17 { return address.description }
        return address.v4 == nil ? "[\(address)]:\(port)" : "\(address):\(port)"
    }

    // MARK: Distinct flows

    /// Views of one flow together, by the rules of ``FlowFingerprints`` and `FlowTables.settleIrregular`.
    private func distinct() -> [Distinct] {
        let sorted = views.sorted { ($0.tuple, $0.start, $0.number) < ($1.tuple, $1.start, $1.number) }
        var result: [Distinct] = []
        var start = 0
        while start < sorted.count {
            var end = start + 1
            while end < sorted.count, sorted[end].tuple == sorted[start].tuple { end += 1 }
            result += Self.distinct(sorted[start..<end])
            start = end
        }
        return result
    }

    /// Distinct flows of one 5-tuple and sensor, whose views are in order of time.
    private static func distinct(_ views: ArraySlice<View>) -> [Distinct] {
        var result: [Distinct] = []
        // Regular views of the same sizes that lie in the same or adjacent seconds are one flow.
        var open: [UInt64: (flow: Int, second: Int64)] = [:]
        var regularSeconds: Set<Int64> = []
        for view in views where view.isRegular {
            if let known = open[view.sizes], view.second - known.second <= 1 {
                result[known.flow].others.append(view.number)
                open[view.sizes] = (known.flow, view.second)
            } else {
                open[view.sizes] = (result.count, view.second)
                result.append(Distinct(best: view, others: []))
            }
            regularSeconds.insert(view.second)
        }
        // Irregular ones that begin within a second of each other are one flow, or a regular one that is counted.
        let irregular = views.filter { !$0.isRegular }
        var start = 0
        while start < irregular.count {
            var end = start + 1
            while end < irregular.count, irregular[end].start - irregular[end - 1].start <= 1_000_000 { end += 1 }
            let cluster = irregular[start..<end]
            start = end
            let known = cluster.contains { view in
                (-1...1).contains { regularSeconds.contains(view.second + $0) }
            }
            if known,
                let near = result.indices.first(where: {
                    abs(result[$0].best.start - cluster[cluster.startIndex].start) <= 2_000_000
                })
            {
                result[near].others += cluster.map(\.number)
                continue
            }
            guard var best = cluster.max(by: { ($0.upper, $1.number) < ($1.upper, $0.number) }) else { continue }
            best.lower = cluster.map(\.lower).max() ?? best.lower
            best.upper = cluster.map(\.upper).max() ?? best.upper
            best.isUnbounded = cluster.contains(where: \.isUnbounded)
            result.append(Distinct(best: best, others: cluster.map(\.number).filter { $0 != best.number }))
        }
        return result
    }

    // MARK: Sums

    func conclude() -> Recount.Conclusion {
        let flows = distinct()
        var standings: [Int: Explanation.Standing] = [:]
        for flow in flows { for number in flow.others { standings[number] = .seenAgain } }
        let isUnbounded = flows.contains(where: \.best.isUnbounded)
        var steps: [Explanation.Step] = []
        var lowest: UInt64 = 0
        var highest = KnownSum()
        var kinds = 0
        for sensor in Flow.Sensor.allCases {
            let mine = flows.map(\.best).filter { $0.sensor == sensor }
            if mine.isEmpty { continue }
            kinds += 1
            let lower = mine.map(\.lower)
            let upper = mine.map { $0.isUnbounded ? $0.lower : max($0.lower, $0.upper) }
            let isAlone = flows.count == mine.count
            steps += Explanation.sums(lower, isUnbounded ? nil : upper, what: isAlone ? "" : "\(sensor)")
            lowest = max(lowest, Explanation.total(Explanation.terms(lower)) ?? .max)
            for value in upper { highest.add(value) }
        }
        if kinds > 1 {
            steps.append(
                .remark("several kinds of sensors: at least the largest of their sums, at most all of them together"))
        }
        if isUnbounded {
            steps.append(.remark("the size of at least one flow was not logged: there is no upper bound"))
        }
        var bounds = ByteBounds(atLeast: lowest, atMost: isUnbounded ? nil : highest.value.map { max(lowest, $0) })
        steps += lessBodies(&bounds)
        let wire = kinds <= 1 && !isUnbounded ? bounds.atMost : nil
        steps += widened(&bounds)
        var comparisons = [
            Explanation.Comparison("at_least", reported: subject.bytes.atLeast, recounted: bounds.atLeast),
            Explanation.Comparison("at_most", reported: subject.bytes.atMost, recounted: bounds.atMost),
        ]
        if case .transfer(let transfer) = subject {
            comparisons.append(.init("on_wire", reported: transfer.onWire, recounted: wire))
        }
        comparisons.append(.init("records", reported: subject.records, recounted: UInt64(flows.count)))
        return Recount.Conclusion(steps: steps, comparisons: comparisons, standings: standings)
    }

    /// Takes out what is counted as content elsewhere.
    private func lessBodies(_ bounds: inout ByteBounds) -> [Explanation.Step] {
        let wire = bodies
        guard wire > 0 else { return [] }
        let why = "bodies counted with their content"
        var steps: [Explanation.Step] = []
        let less = min(bounds.atLeast, wire)
        steps.append(
            .difference(name: "at least", from: bounds.atLeast, less: less, total: bounds.atLeast - less, why: why))
        bounds.atLeast -= less
        if let high = bounds.atMost, high >= wire {
            steps.append(.difference(name: "at most", from: high, less: wire, total: high - wire, why: why))
            bounds.atMost = high - wire
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
