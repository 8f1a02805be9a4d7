// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// A connection at a moment, as another log than that of flows tells of it.
struct ConnectionMoment {
    var connection: Connection
    var time: Timestamp

    /// The ports are part of what identifies a connection: without them it cannot be looked up.
    var isIdentified: Bool { connection.originatorPort > 0 && connection.responderPort > 0 }

    /// A flow of the connection, as a kind of sensor would report it.
    fileprivate func flow(_ sensor: Flow.Sensor) -> Flow {
        Flow(
            originator: connection.originator, responder: connection.responder, start: time, duration: 0,
            originatorBytes: 0, responderBytes: 0, originatorPort: connection.originatorPort,
            responderPort: connection.responderPort, proto: connection.proto, sensor: sensor)
    }

    /// What may identify the connection in a shard's tables: for each kind of sensor, from either end.
    fileprivate var tuples: [UInt64] {
        Flow.Sensor.allCases.flatMap { sensor in
            let flow = flow(sensor)
            return [FlowLedger.prepare(flow, 0).tuple, FlowLedger.prepare(flow.fromOtherEnd, 0).tuple]
        }
    }

    fileprivate var shard: Int { Int(FlowLedger.prepare(flow(.zeek), 0).shard) }
}

extension FlowLedger {
    /// Of each moment, whether a flow of that very connection is in the ledger that was under way then, give or take
    /// ``FlowFingerprints/skew``; false where the ports are not known. Comes before anything is concluded.
    func haveSeen(_ moments: [ConnectionMoment]) -> [Bool] {
        var result = [Bool](repeating: false, count: moments.count)
        var byShard = [[Int]](repeating: [], count: shards.count)
        for (index, moment) in moments.enumerated() where moment.isIdentified { byShard[moment.shard].append(index) }
        for (shard, indices) in zip(shards, byShard) where !indices.isEmpty {
            let seen = shard.withTables { $0.haveSeen(indices.map { moments[$0] }) }
            for (index, isSeen) in zip(indices, seen) { result[index] = isSeen }
        }
        return result
    }
}

extension FlowTables {
    fileprivate func haveSeen(_ moments: [ConnectionMoment]) -> [Bool] {
        var result = [Bool](repeating: false, count: moments.count)
        /// Those that were not counted at once, by what would identify them.
        var wanted: [UInt64: [Int]] = [:]
        for (index, moment) in moments.enumerated() {
            let tuples = moment.tuples
            result[index] = tuples.contains { mayHaveCounted($0, at: moment.time) }
            if !result[index] { for tuple in tuples { wanted[tuple, default: []].append(index) } }
        }
        if wanted.isEmpty { return result }
        forEachKept { view in
            guard let indices = wanted[FlowLedger.prepare(view.flow, 0).tuple] else { return }
            for index in indices {
                let time = moments[index].time.microseconds
                if view.flow.start.microseconds &- FlowFingerprints.skew <= time,
                    time &- FlowFingerprints.skew <= view.end
                {
                    result[index] = true
                }
            }
        }
        return result
    }
}
