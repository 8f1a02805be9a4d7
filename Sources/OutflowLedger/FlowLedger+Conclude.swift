// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowRecords

extension FlowLedger {
    /// Which networks are inside: configured, or inferred from all flows seen so far and from hosts that other logs show as
    /// clients. Nothing can be observed after it.
    func localNetworks(_ estate: Estate, clients: Set<IPAddress>, threads: Int = 1) -> LocalNetworks {
        if !estate.localNetworks.isEmpty { return LocalNetworks(configured: estate) }
        // Settling first makes the inference see flows that are kept one by one; what tells duplicates apart is not needed
        // after it, and its memory is.
        settleIrregular(threads: threads)
        for shard in shards { shard.withTables { $0.finishObserving() } }
        let halves = Parallel.map(2, threads: threads) { half in
            var behaviour = NetworkBehaviour()
            for shard in half * shards.count / 2..<(half + 1) * shards.count / 2 {
                shards[shard].withTables { behaviour.count($0) }
            }
            return behaviour
        }
        var behaviour = halves[0]
        behaviour.add(halves[1])
        behaviour.count(clients)
        return LocalNetworks(inferredFrom: behaviour.byNetwork, excluding: estate.excludedNetworks)
    }

    /// Settles what was kept one by one; harmless to repeat.
    func settleIrregular(threads: Int = 1) {
        _ = Parallel.map(shards.count, threads: threads) { number in
            shards[number].withTables { $0.settleIrregular() }
        }
    }

    /// Adds everything up, by where the two ends lie. The last thing that is asked of a ledger: what tells duplicates apart is
    /// given back first.
    func conclude(
        _ context: FlowConclusion.Context, threads: Int = 1, isLocal: (IPAddress) -> Bool
    ) -> FlowConclusion {
        settleIrregular(threads: threads)
        for shard in shards { shard.withTables { $0.finishObserving() } }
        let sensors = sensorKinds()
        let parts = Parallel.map(shards.count, threads: threads) { number in
            shards[number].withTables { tables in
                tables.sentEvidence.settle()
                tables.receivedEvidence.settle()
                return FlowShardConclusion(
                    tables, shard: number, context: context, hasOneSensor: sensors == 1, isLocal: isLocal)
            }
        }
        var result = FlowConclusion()
        var named: [FlowShardConclusion.NamedKey: FlowSum] = [:]
        var largest = LargestFlows(limit: context.limit)
        for part in parts {
            result.add(part)
            named.merge(part.named) { $0.joined(with: $1) }
            largest.add(part.largest)
        }
        var bodies = context.bodies.mapValues(PairBodies.init)
        for sum in named.values.sorted(by: FlowSum.isTakenFromFirst) {
            var sum = sum
            sum.subtractBodies(&bodies)
            if sum.bounds.atMost == 0 { continue }
            result.sums.append(sum)
        }
        result.sums += largest.taken().map(sum)
        result.rest = largest.rest
        return result
    }

    /// The sum that a candidate stands for.
    func sum(_ candidate: LargestFlows.Candidate) -> FlowSum {
        shards[candidate.shard].withTables { tables in
            let group = tables.groups.base[candidate.number]
            let ends = tables.pair(of: group)
            let slack = tables.slack[candidate.number]
            let upper = candidate.answered ? group.received : group.sent
            var sum = FlowSum(
                source: candidate.answered ? ends.responder : ends.originator,
                destination: candidate.answered ? ends.originator : ends.responder, port: group.port,
                proto: group.proto, answered: candidate.answered)
            sum.addresses = [sum.destination]
            sum.add(
                group, lower: upper &- min(upper, candidate.answered ? slack.received : slack.sent), upper: upper,
                member: FlowSum.Member(shard: candidate.shard, group: UInt32(candidate.number)))
            return sum
        }
    }

    /// Number of different kinds of sensors that reported flows.
    func sensorKinds() -> Int {
        var kinds = Set<UInt8>()
        for shard in shards {
            shard.withTables { tables in
                for number in 0..<tables.groupCount { kinds.insert(tables.groups.base[number].kind & 0x7F) }
            }
        }
        return kinds.count
    }

    /// The strongest records of a group in one direction; ``conclude(_:isLocal:)`` comes first.
    func evidence(_ member: FlowSum.Member, answered: Bool) -> [Evidence] {
        shards[member.shard].withTables {
            answered ? $0.receivedEvidence.pieces(of: member.group) : $0.sentEvidence.pieces(of: member.group)
        }
    }

    /// First and last moment of a group's flows.
    func span(_ member: FlowSum.Member) -> (first: Timestamp, last: Timestamp) {
        shards[member.shard].withTables {
            let group = $0.groups.base[Int(member.group)]
            return (Timestamp(microseconds: group.first), Timestamp(microseconds: group.last))
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

    /// Adds what one shard comes to.
    fileprivate mutating func add(_ part: FlowShardConclusion) {
        transit.add(part.sums.transit)
        unfinished.add(part.sums.unfinished)
        for sum in part.sums.staging { keepStaging(sum) }
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
    fileprivate mutating func add(_ other: Self) {
        records += other.records
        bytes &+= other.bytes
        first = min(first, other.first)
        last = max(last, other.last)
    }

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

    /// Takes out what is counted as content: bodies that were seen in these connections. What is taken out of one sum is in no
    /// other.
    ///
    /// A body whose connection is not known, or not among the flows, may be in these or in none; and of bodies with one
    /// content, some may be views of another, or have been sent again. What only may be in these flows lessens their lower
    /// bound, in each sum that it may be in.
    mutating func subtractBodies(_ bodies: inout [FlowConclusion.Pair: PairBodies]) {
        // Bodies go over TCP.
        guard proto == 6, !bodies.isEmpty else { return }
        var possible: UInt64 = 0
        let skew = FlowFingerprints.skew
        let room = largestUpper
        for address in addresses.sorted() {
            for port in port == 0 ? [0] : [port, 0] {
                let pair = FlowConclusion.Pair(source: source, destination: address, port: port, answered: answered)
                guard let taken = bodies[pair]?.take(room: room - self.bodies) else { continue }
                self.bodies += taken.wire
                for bytes in [taken.possible, bodies[pair]?.possible(from: first &- skew, to: last &+ skew) ?? 0] {
                    possible += min(bytes, .max - possible)
                }
            }
        }
        // The kind of sensor that saw most has seen the bodies.
        if upper.0 == room {
            upper.0 &-= self.bodies
        } else if upper.1 == room {
            upper.1 &-= self.bodies
        } else {
            upper.2 &-= self.bodies
        }
        lessen(by: self.bodies)
        let proven = max(lower.0, lower.1, lower.2)
        lessen(by: possible)
        possibleBodies = proven &- max(lower.0, lower.1, lower.2)
    }

    private mutating func lessen(by bytes: UInt64) {
        lower = (lower.0 &- min(lower.0, bytes), lower.1 &- min(lower.1, bytes), lower.2 &- min(lower.2, bytes))
    }

    private var largestUpper: UInt64 { max(upper.0, upper.1, upper.2) }
}
