// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Counts a few flows anew, by the ledger's own rules on which views are one flow, and tells what each view added: the
/// arithmetic that `explain` shows.
struct FlowReplay {
    /// What one view added, in the direction that counts.
    struct Share {
        /// Number that the view was given.
        var number: Int
        var sensor: Flow.Sensor
        /// Bytes added to the lower and to the upper bound.
        var lower: UInt64
        var upper: UInt64
        /// Whether it is a flow by itself, at least in the upper bound.
        var isCounted: Bool
    }

    /// What the views added, in the order of their numbers.
    private(set) var shares: [Share] = []
    /// Their sum, as the ledger has it.
    private(set) var sum: FlowSum

    /// Counts the views; `number` of a view stands in the offset of its flow.
    ///
    /// - Parameters:
    ///   - views: all views of 5-tuples between the ends, from either of them.
    ///   - direction: for a group of flows, whether the responder's bytes are those that count; nil if none do.
    init(_ views: [Flow], empty: FlowSum, direction: (_ group: GroupKey) -> Bool?) {
        sum = empty
        let ledger = FlowLedger(seed: 1, keepsDays: false)
        // In order of time no view takes back what another has added.
        let sorted = views.sorted { ($0.start, $0.offset) < ($1.start, $1.offset) }
        for flow in sorted where FlowTables.isCountedAtOnce(flow) {
            let answered = direction(GroupKey(flow))
            let change = ledger.count(flow)
            guard let answered else { continue }
            let size = answered ? flow.responderUpper : flow.originatorUpper
            let least = answered ? flow.responderLower : flow.originatorLower
            shares.append(
                Share(
                    number: Int(flow.offset), sensor: flow.sensor, lower: UInt64(max(0, change.leastFlows)) &* least,
                    upper: UInt64(max(0, change.flows)) &* size, isCounted: change.flows > 0))
        }
        var repeated: [Flow] = []
        for flow in sorted where !FlowTables.isCountedAtOnce(flow) {
            if ledger.count(flow).flows == 0 { repeated.append(flow) }
        }
        var settled: [SettledFlows] = []
        for shard in ledger.shards { shard.withTables { $0.settleIrregular { settled.append($0) } } }
        for item in settled.flatMap(\.counted) {
            guard let answered = direction(GroupKey(item.flow)) else { continue }
            let flow = item.flow
            shares.append(
                Share(
                    number: Int(flow.offset), sensor: flow.sensor,
                    lower: answered ? flow.responderLower : flow.originatorLower,
                    upper: answered ? flow.responderUpper : flow.originatorUpper, isCounted: true))
        }
        repeated += settled.flatMap(\.repeated).map(\.flow)
        for flow in repeated {
            shares.append(Share(number: Int(flow.offset), sensor: flow.sensor, lower: 0, upper: 0, isCounted: false))
        }
        shares.sort { $0.number < $1.number }
        for shard in ledger.shards { shard.withTables { addGroups(of: $0, direction) } }
    }

    /// Ends, port and protocol of a group of flows.
    struct GroupKey {
        var originator: IPAddress
        var responder: IPAddress
        var port: UInt16
        var proto: UInt8

        init(_ flow: Flow) {
            originator = flow.originator
            responder = flow.responder
            port = flow.responderPort
            proto = flow.proto
        }

        fileprivate init(_ group: FlowGroup, _ ends: (originator: IPAddress, responder: IPAddress)) {
            originator = ends.originator
            responder = ends.responder
            port = group.port
            proto = group.proto
        }
    }

    private mutating func addGroups(of tables: borrowing FlowTables, _ direction: (GroupKey) -> Bool?) {
        for number in 0..<tables.groupCount {
            let group = tables.groups.base[number]
            guard let answered = direction(GroupKey(group, tables.pair(of: group))) else { continue }
            let slack = tables.slack[number]
            let upper = answered ? group.received : group.sent
            sum.add(
                group, lower: upper &- min(upper, answered ? slack.received : slack.sent), upper: upper,
                member: FlowSum.Member(shard: 0, group: 0))
        }
    }
}

extension FlowLedger {
    /// Adds one flow, and tells what it changed.
    fileprivate func count(_ flow: Flow) -> FlowFingerprints.Change {
        let item = Self.prepare(flow, 0)
        return shards[Int(item.shard)].withTables { $0.count(flow, item) }
    }
}
