// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowRecords

extension FlowLedger {
    /// Which networks are inside: configured, or inferred from all flows seen so far and from hosts that other logs show as
    /// clients.
    func localNetworks(_ estate: Estate, clients: Set<IPAddress>) -> LocalNetworks {
        if !estate.localNetworks.isEmpty { return LocalNetworks(configured: estate) }
        // Settling first makes the inference see flows that are kept one by one.
        settleIrregular()
        var byV4 = [LocalNetworks.Behaviour](repeating: .init(), count: 65_536)
        var byV6: [Network: LocalNetworks.Behaviour] = [:]
        byV4.withUnsafeMutableBufferPointer { byV4 in
            func count(_ address: IPAddress, _ body: (inout LocalNetworks.Behaviour) -> Void) {
                if address.isLocalOnly { return }
                if let v4 = address.v4 {
                    body(&byV4[Int(v4 >> 16)])
                } else {
                    body(&byV6[LocalNetworks.unit(of: address), default: .init()])
                }
            }
            for shard in shards {
                shard.withTables { tables in
                    for number in 0..<tables.groupCount {
                        let group = tables.groups.base[number]
                        let ends = tables.pair(of: group)
                        let side = FlowGroup.Side(rawValue: group.locality)
                        count(ends.originator) {
                            $0.opened += UInt64(group.records)
                            if side.contains(.originatorLocal) { $0.saidLocal = true }
                            if side.contains(.originatorRemote) { $0.saidRemote = true }
                        }
                        count(ends.responder) {
                            $0.answered += UInt64(group.records)
                            if side.contains(.responderLocal) { $0.saidLocal = true }
                            if side.contains(.responderRemote) { $0.saidRemote = true }
                        }
                    }
                }
            }
            for client in clients { count(client) { $0.opened += 1 } }
        }
        for (number, behaviour) in byV4.enumerated() where behaviour.opened + behaviour.answered > 0 {
            byV6[Network(IPAddress(v4: UInt32(number) << 16), prefixLength: 112)] = behaviour
        }
        return LocalNetworks(inferredFrom: byV6, excluding: estate.excludedNetworks)
    }

    /// Settles what was kept one by one; harmless to repeat.
    func settleIrregular() { for shard in shards { shard.withTables { $0.settleIrregular() } } }

    /// Adds everything up, by where the two ends lie. The last thing that is asked of a ledger: what tells duplicates apart is
    /// given back first.
    func conclude(_ context: FlowConclusion.Context, isLocal: (IPAddress) -> Bool) -> FlowConclusion {
        settleIrregular()
        for shard in shards { shard.withTables { $0.finishObserving() } }
        var result = FlowConclusion()
        var named: [NamedKey: FlowSum] = [:]
        var largest = LargestFlows(limit: context.limit)
        let sensors = sensorKinds()
        for (shardNumber, shard) in shards.enumerated() {
            shard.withTables { tables in
                for number in 0..<tables.groupCount {
                    let group = tables.groups.base[number]
                    if group.records == 0 { continue }
                    let ends = tables.pair(of: group)
                    let slack = number < tables.slack.count ? tables.slack[number] : FlowSlack()
                    let originatorIsLocal = isLocal(ends.originator)
                    let responderIsLocal = isLocal(ends.responder)
                    let member = FlowSum.Member(shard: shardNumber, group: UInt32(truncatingIfNeeded: number))
                    if !originatorIsLocal && !responderIsLocal {
                        result.transit.add(group)
                        continue
                    }
                    if group.services & Flow.Services.unfinished.rawValue != 0 { result.unfinished.add(group) }
                    let isUnbounded = group.services & Flow.Services.unbounded.rawValue != 0
                    for answered in [false, true] {
                        // The side that loses data is the originator, or the responder who answers.
                        let upper = answered ? group.received : group.sent
                        let source = answered ? ends.responder : ends.originator
                        let destination = answered ? ends.originator : ends.responder
                        let sourceIsLocal = answered ? responderIsLocal : originatorIsLocal
                        let destinationIsLocal = answered ? originatorIsLocal : responderIsLocal
                        if !sourceIsLocal || (upper == 0 && !isUnbounded) || destination.isLocalOnly { continue }
                        let lower = upper &- min(upper, answered ? slack.received : slack.sent)
                        if destinationIsLocal {
                            if upper >= FlowConclusion.stagingFloor {
                                var sum = FlowSum(
                                    source: source, destination: destination, port: group.port, proto: group.proto,
                                    answered: answered)
                                sum.add(group, lower: lower, upper: upper, member: member)
                                result.keepStaging(sum)
                            }
                            continue
                        }
                        let end = Timestamp(microseconds: group.last)
                        let names = answered ? [] : context.names(source, destination, group.port, end)
                        let hasBodies =
                            !context.bodies.isEmpty
                            && [group.port, 0].contains { port in
                                context.bodies[
                                    FlowConclusion.Pair(
                                        source: source, destination: destination, port: port, answered: answered)]
                                    != nil
                            }
                        if names.isEmpty && sensors == 1 && !hasBodies {
                            largest.add(
                                lower: lower, upper: isUnbounded ? nil : upper, route: route(of: group),
                                records: UInt64(group.records), shard: shardNumber, number: number, answered: answered)
                            continue
                        }
                        let key = NamedKey(
                            source: source, name: names.count == 1 ? names[0] : nil,
                            destination: names.count == 1 ? nil : destination, port: group.port, proto: group.proto,
                            answered: answered)
                        var sum =
                            named[key]
                            ?? FlowSum(
                                source: source, destination: destination, name: key.name, port: group.port,
                                proto: group.proto, answered: answered)
                        // Of several addresses the lowest stands for all, whichever came first.
                        sum.destination = min(sum.destination, destination)
                        sum.addresses.insert(destination)
                        sum.add(group, lower: lower, upper: upper, member: member)
                        named[key] = sum
                    }
                }
            }
        }
        var bodies = context.bodies
        for sum in named.values.sorted(by: FlowSum.isTakenFromFirst) {
            var sum = sum
            sum.subtractBodies(&bodies)
            if sum.bounds.atMost == 0 { continue }
            result.sums.append(sum)
        }
        for candidate in largest.taken() {
            shards[candidate.shard].withTables { tables in
                let group = tables.groups.base[candidate.number]
                let ends = tables.pair(of: group)
                let slack = candidate.number < tables.slack.count ? tables.slack[candidate.number] : FlowSlack()
                let upper = candidate.answered ? group.received : group.sent
                var sum = FlowSum(
                    source: candidate.answered ? ends.responder : ends.originator,
                    destination: candidate.answered ? ends.originator : ends.responder, port: group.port,
                    proto: group.proto, answered: candidate.answered)
                sum.addresses = [sum.destination]
                sum.add(
                    group, lower: upper &- min(upper, candidate.answered ? slack.received : slack.sent), upper: upper,
                    member: FlowSum.Member(shard: candidate.shard, group: UInt32(candidate.number)))
                result.sums.append(sum)
            }
        }
        result.rest = largest.rest
        for shard in shards {
            shard.withTables {
                $0.sentEvidence.settle()
                $0.receivedEvidence.settle()
            }
        }
        return result
    }

    private func route(of group: FlowGroup) -> Route {
        let services = Flow.Services(rawValue: group.services)
        if services.contains(.dns) { return .dns }
        if services.contains(.smtp) { return .email }
        if services.contains(.vpn) { return .vpn }
        return .network
    }

    /// Number of different kinds of sensors that reported flows.
    private func sensorKinds() -> Int {
        var kinds = Set<UInt8>()
        for shard in shards {
            shard.withTables { tables in
                for number in 0..<tables.groupCount { kinds.insert(tables.groups.base[number].kind & 0x7F) }
            }
        }
        return kinds.count
    }

    private struct NamedKey: Hashable {
        var source: IPAddress
        var name: String?
        var destination: IPAddress?
        var port: UInt16
        var proto: UInt8
        var answered: Bool
    }

    /// The strongest records of a group in one direction; ``conclude(_:isLocal:)`` comes first.
    func evidence(_ member: FlowSum.Member, answered: Bool) -> [Evidence] {
        shards[member.shard].withTables {
            answered ? $0.receivedEvidence.pieces(of: member.group) : $0.sentEvidence.pieces(of: member.group)
        }
    }

    /// Origin of the first flow of a group: evidence when no stronger is kept.
    func firstOrigin(_ member: FlowSum.Member) -> Origin {
        shards[member.shard].withTables { $0.groups.base[Int(member.group)].unpackedOrigin }
    }
}

extension FlowConclusion {
    /// Internal copies smaller than this are no staging worth naming, in bytes.
    static let stagingFloor: UInt64 = 1_000_000
    /// How many internal copies are named.
    static let stagingLimit = 100

    mutating func keepStaging(_ sum: FlowSum) {
        staging.append(sum)
        if staging.count >= 16 * Self.stagingLimit { trimStaging() }
    }

    /// Keeps the largest internal copies.
    mutating func trimStaging() {
        staging.sort { a, b in
            let (x, y) = (a.bounds.atMost ?? .max, b.bounds.atMost ?? .max)
            return x != y
                ? x > y : (a.source, a.destination, a.port, a.first) < (b.source, b.destination, b.port, b.first)
        }
        if staging.count > Self.stagingLimit { staging.removeSubrange(Self.stagingLimit...) }
    }
}

extension FlowConclusion.Transit {
    mutating func add(_ group: FlowGroup) {
        records += UInt64(group.records)
        bytes &+= group.sent &+ group.received
        first = min(first, group.first)
        last = max(last, group.last)
    }
}

extension FlowSum {
    /// Order in which bodies without a port are taken out of sums: largest first, then by what identifies them.
    static func isTakenFromFirst(_ a: FlowSum, _ b: FlowSum) -> Bool {
        if a.largestUpper != b.largestUpper { return a.largestUpper > b.largestUpper }
        if a.source != b.source { return a.source < b.source }
        if a.destination != b.destination { return a.destination < b.destination }
        return (a.port, a.proto, a.name ?? "") < (b.port, b.proto, b.name ?? "")
    }

    /// Takes out what is counted as content: bodies that were seen while these connections were open. What is taken out of one
    /// sum is in no other.
    mutating func subtractBodies(_ bodies: inout [FlowConclusion.Pair: [UploadConclusion.Bodies.Piece]]) {
        // Bodies go over TCP.
        guard proto == 6, !bodies.isEmpty else { return }
        var wire: UInt64 = 0
        for address in addresses.sorted() {
            for port in [port, 0] {
                let pair = FlowConclusion.Pair(source: source, destination: address, port: port, answered: answered)
                bodies[pair]?.removeAll { piece in
                    guard piece.span.first >= first, piece.span.last <= last &+ 1_000_000,
                        piece.wire <= largestUpper &- min(largestUpper, wire)
                    else { return false }
                    wire &+= piece.wire
                    return true
                }
            }
        }
        guard wire > 0 else { return }
        self.bodies = wire
        lower = (lower.0 &- min(lower.0, wire), lower.1 &- min(lower.1, wire), lower.2 &- min(lower.2, wire))
        // The kind of sensor that saw most has seen the bodies.
        if upper.0 == largestUpper {
            upper.0 &-= wire
        } else if upper.1 == largestUpper {
            upper.1 &-= wire
        } else {
            upper.2 &-= wire
        }
    }

    private var largestUpper: UInt64 { max(upper.0, upper.1, upper.2) }
}

/// Finds the largest of very many sums without putting any into words.
struct LargestFlows {
    struct Candidate {
        var lower: UInt64
        var upper: UInt64
        var isUnbounded: Bool
        var route: Route
        var records: UInt64
        var shard: Int
        var number: Int
        var answered: Bool

        /// Larger first; equal ones are told apart by what does not depend on order of input.
        static func isLarger(_ a: Candidate, _ b: Candidate) -> Bool {
            a.lower != b.lower ? a.lower > b.lower : a.upper > b.upper
        }
    }

    let limit: Int
    private var kept: [Candidate] = []
    private var floor: (UInt64, UInt64)?
    /// Those that were left out, added up.
    private(set) var rest: [Route: Report.Total] = [:]
    private var codes = [Report.Total](repeating: .init(), count: Route.allCases.count)

    init(limit: Int) { self.limit = limit }

    mutating func add(
        lower: UInt64, upper: UInt64?, route: Route, records: UInt64, shard: Int, number: Int, answered: Bool
    ) {
        let candidate = Candidate(
            lower: lower, upper: upper ?? .max, isUnbounded: upper == nil, route: route, records: records, shard: shard,
            number: number, answered: answered)
        if let floor, (lower, candidate.upper) < floor {
            drop(candidate)
            return
        }
        kept.append(candidate)
        if kept.count >= 4 * limit + 1024 { trim() }
    }

    private mutating func drop(_ candidate: Candidate) {
        let code = Int(candidate.route.code)
        codes[code].transfers += 1
        codes[code].bytes += ByteBounds(
            atLeast: candidate.lower, atMost: candidate.isUnbounded ? nil : candidate.upper)
        codes[code].onWire &+= candidate.isUnbounded ? 0 : candidate.upper
        codes[code].reads += 0
        codes[code].records += candidate.records
    }

    /// Drops what is smaller than the limit-th largest; equals of it stay, however many.
    private mutating func trim() {
        guard kept.count > limit else { return }
        kept.sort(by: Candidate.isLarger)
        let border = kept[limit - 1]
        floor = (border.lower, border.upper)
        while let last = kept.last, (last.lower, last.upper) < (border.lower, border.upper) {
            drop(last)
            kept.removeLast()
        }
    }

    /// The largest, at least `limit` of them if there are so many, with all equals of the smallest.
    mutating func taken() -> [Candidate] {
        trim()
        for (code, total) in codes.enumerated() where total.transfers > 0 { rest[Route.allCases[code]] = total }
        return kept
    }
}
