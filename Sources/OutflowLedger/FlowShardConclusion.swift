// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// What the flows of one shard come to, before the shards are put together.
struct FlowShardConclusion {
    /// What makes flows one transfer when a name or another log takes part; else each group is one by itself.
    struct NamedKey: Hashable {
        var source: IPAddress
        var name: String?
        var destination: IPAddress?
        var port: UInt16
        var proto: UInt8
        var answered: Bool
    }

    var sums = FlowConclusion()
    var named: [NamedKey: FlowSum] = [:]
    var largest: LargestFlows

    init(
        _ tables: borrowing FlowTables, shard: Int, context: FlowConclusion.Context, hasOneSensor: Bool,
        isLocal: (IPAddress) -> Bool
    ) {
        largest = LargestFlows(limit: context.limit)
        for number in 0..<tables.groupCount {
            let group = tables.groups.base[number]
            if group.records == 0 { continue }
            let ends = tables.pair(of: group)
            let slack = tables.slack[number]
            let originatorIsLocal = isLocal(ends.originator)
            let responderIsLocal = isLocal(ends.responder)
            let member = FlowSum.Member(shard: shard, group: UInt32(truncatingIfNeeded: number))
            if !originatorIsLocal && !responderIsLocal {
                sums.transit.add(group)
                continue
            }
            if group.services & Flow.Services.unfinished.rawValue != 0 { sums.unfinished.add(group) }
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
                        sums.keepStaging(sum)
                    }
                    continue
                }
                let end = Timestamp(microseconds: group.last)
                let names = answered ? [] : context.names(source, destination, group.port, end)
                let pair = FlowConclusion.Pair(
                    source: source, destination: destination, port: group.port, answered: answered)
                if names.isEmpty && hasOneSensor && !context.hasBodies(pair) {
                    largest.add(
                        LargestFlows.Candidate(
                            group, lower: lower, upper: upper, shard: shard, number: number, answered: answered))
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

extension FlowConclusion.Context {
    /// Whether bodies that were seen on the wire between two ends are counted as content.
    func hasBodies(_ pair: FlowConclusion.Pair) -> Bool {
        guard !bodies.isEmpty else { return false }
        // Not every sensor of bodies logs the port.
        var portless = pair
        portless.port = 0
        return bodies[pair] != nil || bodies[portless] != nil
    }
}

extension LargestFlows.Candidate {
    /// One direction of a group, from `lower` to `upper` bytes of it.
    init(_ group: FlowGroup, lower: UInt64, upper: UInt64, shard: Int, number: Int, answered: Bool) {
        let services = Flow.Services(rawValue: group.services)
        self.init(
            lower: lower, upper: services.contains(.unbounded) ? .max : upper,
            isUnbounded: services.contains(.unbounded),
            route: services.contains(.dns)
                ? .dns : services.contains(.smtp) ? .email : services.contains(.vpn) ? .vpn : .network,
            records: UInt64(group.records), shard: shard, number: number, answered: answered)
    }
}
