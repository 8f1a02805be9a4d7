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
            let slack = number < tables.slack.count ? tables.slack[number] : FlowSlack()
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
                let hasBodies =
                    !context.bodies.isEmpty
                    && [group.port, 0].contains { port in
                        context.bodies[
                            FlowConclusion.Pair(
                                source: source, destination: destination, port: port, answered: answered)]
                            != nil
                    }
                if names.isEmpty && hasOneSensor && !hasBodies {
                    largest.add(
                        lower: lower, upper: isUnbounded ? nil : upper, route: Self.route(of: group),
                        records: UInt64(group.records), shard: shard, number: number, answered: answered)
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

    private static func route(of group: FlowGroup) -> Route {
        let services = Flow.Services(rawValue: group.services)
        if services.contains(.dns) { return .dns }
        if services.contains(.smtp) { return .email }
        if services.contains(.vpn) { return .vpn }
        return .network
    }
}
