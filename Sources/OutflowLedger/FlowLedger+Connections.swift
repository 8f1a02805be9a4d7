// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// A connection at a moment, as a record of another log than that of flows tells of it.
struct ConnectionMoment {
    /// Identity of the record.
    var identity: UInt64
    var connection: Connection
    var time: Timestamp

    /// The ports are part of what identifies a connection: without them it cannot be looked up.
    private var isIdentified: Bool { connection.originatorPort > 0 && connection.responderPort > 0 }

    /// A flow of the connection, as a kind of sensor would report it.
    private func flow(_ sensor: Flow.Sensor) -> Flow {
        Flow(
            originator: connection.originator, responder: connection.responder, start: time, duration: 0,
            originatorBytes: 0, responderBytes: 0, originatorPort: connection.originatorPort,
            responderPort: connection.responderPort, proto: connection.proto, sensor: sensor)
    }

    /// Whether a condition holds of anything that may identify the connection in a shard's tables: for each kind of sensor,
    /// from either end.
    fileprivate func hasTuple(where holds: (UInt64) -> Bool) -> Bool {
        isIdentified
            && Flow.Sensor.allCases.contains { sensor in
                let flow = flow(sensor)
                return holds(FlowLedger.prepare(flow, 0).tuple) || holds(FlowLedger.prepare(flow.fromOtherEnd, 0).tuple)
            }
    }

    fileprivate var shard: Int { Int(FlowLedger.prepare(flow(.zeek), 0).shard) }
}

extension FlowLedger {
    /// The records whose connection is not among the flows, or not known: no flow of it was under way then, give or take
    /// ``FlowFingerprints/skew``. Comes before anything is concluded.
    ///
    /// - Parameter moments: calls its argument with each record.
    func unseen(_ moments: (_ body: (ConnectionMoment) -> Void) -> Void) -> Set<UInt64> {
        var missing = [[ConnectionMoment]](repeating: [], count: shards.count)
        moments { moment in
            let shard = moment.shard
            let isSeen = shards[shard].withTables { tables in
                moment.hasTuple { tables.mayHaveCounted($0, at: moment.time) }
            }
            if !isSeen { missing[shard].append(moment) }
        }
        var result: Set<UInt64> = []
        for (shard, moments) in zip(shards, missing) where !moments.isEmpty {
            result.formUnion(shard.withTables { $0.notKept(moments) })
        }
        return result
    }
}

extension FlowTables {
    /// Those of the moments of which no flow that waits to be settled is either.
    fileprivate func notKept(_ moments: [ConnectionMoment]) -> Set<UInt64> {
        // The times of each kept connection's flows, joined where they touch: any number of them may be of one connection.
        var times: [UInt64: [(from: Int64, to: Int64)]] = [:]
        var wanted: Set<UInt64> = []
        for moment in moments {
            _ = moment.hasTuple {
                wanted.insert($0)
                return false
            }
        }
        forEachKept { view in
            let tuple = FlowLedger.prepare(view.flow, 0).tuple
            guard wanted.contains(tuple) else { return }
            times[tuple, default: []].append(
                (view.flow.start.microseconds &- FlowFingerprints.skew, view.end &+ FlowFingerprints.skew))
        }
        for tuple in times.keys { times[tuple] = Self.joined(times[tuple] ?? []) }
        let missing = moments.lazy.filter { moment in
            let time = moment.time.microseconds
            return !moment.hasTuple { tuple in
                guard let times = times[tuple] else { return false }
                // The last that begins by then.
                let next = times.partitioningIndex { $0.from > time }
                return next > 0 && time <= times[next - 1].to
            }
        }
        return Set(missing.map(\.identity))
    }

    /// Stretches of time in order, those that touch made one.
    private static func joined(_ times: [(from: Int64, to: Int64)]) -> [(from: Int64, to: Int64)] {
        var result: [(from: Int64, to: Int64)] = []
        for time in times.sorted(by: { $0.from < $1.from }) {
            if let last = result.last, time.from <= last.to {
                result[result.count - 1].to = max(last.to, time.to)
            } else {
                result.append(time)
            }
        }
        return result
    }
}
