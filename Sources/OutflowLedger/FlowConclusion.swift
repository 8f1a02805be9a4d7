// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowRecords

/// What the flows of one source to one destination on one port come to, before it is put into words.
struct FlowSum {
    /// Where the sum's groups stand, for evidence.
    struct Member {
        var shard: Int
        var group: UInt32
    }

    var source: IPAddress
    var destination: IPAddress
    /// Name of the destination when all its flows go by one; nil otherwise.
    var name: String?
    var addresses: Set<IPAddress> = []
    var port: UInt16
    var proto: UInt8
    /// Whether the source answered the connections rather than opened them.
    var answered: Bool
    var services: Flow.Services = []
    var records: UInt64 = 0
    var first = Int64.max
    var last = Int64.min
    /// Sums by kind of sensor: lower and upper bounds. Different kinds may have seen the same flows.
    var lower: (UInt64, UInt64, UInt64) = (0, 0, 0)
    var upper: (UInt64, UInt64, UInt64) = (0, 0, 0)
    var members: [Member] = []
    /// Bytes of bodies that were taken out, because they are counted as content elsewhere.
    var bodies: UInt64 = 0
    /// Bytes by which the lower bound gave way to bodies that may be in these flows, and are counted as content elsewhere.
    var possibleBodies: UInt64 = 0

    /// Bounds over all sensors: any kind alone proves its lower bound; together they saw at most the sum of all.
    var bounds: ByteBounds {
        let low = max(lower.0, lower.1, lower.2)
        let high = upper.0 &+ upper.1 &+ upper.2
        return ByteBounds(atLeast: low, atMost: services.contains(.unbounded) ? nil : max(low, high))
    }

    /// What crossed the wire, where that is known to the byte.
    var onWire: UInt64? {
        let bounds = bounds
        return sensors <= 1 && bounds.atMost == bounds.atLeast ? bounds.atMost : nil
    }

    var sensors: Int { (upper.0 > 0 ? 1 : 0) + (upper.1 > 0 ? 1 : 0) + (upper.2 > 0 ? 1 : 0) }

    mutating func add(_ group: FlowGroup, lower low: UInt64, upper high: UInt64, member: Member) {
        switch group.kind & 0x7F {
        case 0: lower.0 &+= low; upper.0 &+= high
        case 1: lower.1 &+= low; upper.1 &+= high
        default: lower.2 &+= low; upper.2 &+= high
        }
        services.formUnion(Flow.Services(rawValue: group.services))
        records += UInt64(group.records)
        first = min(first, group.first)
        last = max(last, group.last)
        members.append(member)
    }

    /// Both together, which have the same key: of several addresses the lowest stands for all.
    func joined(with other: FlowSum) -> FlowSum {
        var sum = self
        sum.destination = min(destination, other.destination)
        sum.addresses.formUnion(other.addresses)
        sum.services.formUnion(other.services)
        sum.records += other.records
        sum.first = min(first, other.first)
        sum.last = max(last, other.last)
        sum.lower = (lower.0 &+ other.lower.0, lower.1 &+ other.lower.1, lower.2 &+ other.lower.2)
        sum.upper = (upper.0 &+ other.upper.0, upper.1 &+ other.upper.1, upper.2 &+ other.upper.2)
        sum.members += other.members
        return sum
    }

    var route: Route {
        if services.contains(.dns) { return .dns }
        if services.contains(.smtp) { return .email }
        if services.contains(.vpn) { return .vpn }
        return .network
    }
}

/// The mark of an upper bound that no log gives.
enum ZeekUnset { static let value = UInt64.max }

/// Everything that flows alone come to.
struct FlowConclusion {
    /// Names and bodies that other logs know of flows.
    struct Context {
        var estate: Estate
        /// Names of an address for a client on a port, best first, known before the given time.
        var names: (_ client: IPAddress, _ address: IPAddress, _ port: UInt16, _ before: Timestamp) -> [String]
        /// Payload that is counted elsewhere, as content: each body on the wire, and when.
        var bodies: [Pair: [UploadConclusion.Body]]
        /// Clients whose DNS questions are logged: their DNS flows are told by name too.
        var isLoggedDNSClient: (IPAddress) -> Bool
        /// Parts per million that the sensors admit to have lost between two times.
        var lossPerMillion: (Timestamp, Timestamp) -> UInt32
        /// How many transfers are put into words.
        var limit: Int
    }

    struct Pair: Hashable {
        var source: IPAddress
        var destination: IPAddress
        /// Port of the service; 0 where the sensor of the bodies does not log it.
        var port: UInt16
        /// Whether the source answered the connections.
        var answered: Bool
    }

    /// Flows between outside hosts.
    struct Transit {
        var records: UInt64 = 0
        var bytes: UInt64 = 0
        var first = Int64.max
        var last = Int64.min
    }

    /// The largest sums, for words; and all of them added up.
    var sums: [FlowSum] = []
    var rest: [Route: UnlistedFlows] = [:]
    var staging: [FlowSum] = []
    var transit = Transit()
    var unfinished = Transit()
}
