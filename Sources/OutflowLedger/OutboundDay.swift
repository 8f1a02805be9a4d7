// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowRecords

/// What one local host sent on one day (UTC) to one address outside, over one port: what network detection judges.
public struct OutboundDay: Sendable {
    /// Leads to the records behind it: see ``LedgerFacts/evidence``.
    public struct Handle: Hashable, Sendable {
        private let packed: UInt64

        /// Leads nowhere.
        public static let none = Handle(FlowSum.Member(shard: 0, group: 0))

        init(_ member: FlowSum.Member) { packed = UInt64(member.shard) << 32 | UInt64(member.group) }

        var member: FlowSum.Member {
            FlowSum.Member(shard: Int(packed >> 32), group: UInt32(truncatingIfNeeded: packed))
        }
    }

    /// The local host that sent.
    public var source: IPAddress
    /// The address outside.
    public var destination: IPAddress
    /// The names that the host, else others, knew the address by: those of the best rank, in order. Empty if no log
    /// tells one.
    public var names: [String]
    /// Port of the service.
    public var port: UInt16
    /// IP protocol number.
    public var proto: UInt8
    /// The kind of sensor that counted: figures of different kinds are never added up.
    public var sensor: Flow.Sensor
    /// What was recognised in any of the flows.
    public var services: Flow.Services
    /// Whether the local host answered connections that the other one opened.
    public var answered: Bool
    /// Days since 1970-01-01.
    public var day: Int32
    /// Hours of the day in which connections began: bit 0 for the first.
    public var hours: UInt32
    /// Seconds that the longest record lasted, to a quarter: of a connection that was still open, so far. 0 if not logged.
    public var longest: UInt64 = 0
    /// Payload that one record sent at most, to a quarter; 0 where the local host ``answered``. A record is a connection, or
    /// an interval of it where the sensor reports those.
    public var largest: UInt64 = 0
    /// Payload sent: the upper bound.
    public var bytes: UInt64
    /// Payload received: the upper bound.
    public var received: UInt64
    /// Distinct flows.
    public var records: UInt32
    /// Leads to the records behind it.
    public var handle: Handle

    /// A day of its parts.
    public init(
        source: IPAddress, destination: IPAddress, names: [String] = [], port: UInt16, proto: UInt8 = 6,
        sensor: Flow.Sensor = .zeek, services: Flow.Services = [], answered: Bool = false, day: Int32,
        hours: UInt32 = 1, bytes: UInt64,
        received: UInt64 = 0, records: UInt32 = 1, handle: Handle = .none
    ) {
        self.source = source
        self.destination = destination
        self.names = names
        self.port = port
        self.proto = proto
        self.sensor = sensor
        self.services = services
        self.answered = answered
        self.day = day
        self.hours = hours
        self.bytes = bytes
        self.received = received
        self.records = records
        self.handle = handle
    }
}

/// What one local host got from another on one day (UTC), over one port: what it may have gathered before it sent it out.
public struct InsideDay: Sendable {
    /// Less than so many bytes a day are not told.
    public static let floor: UInt64 = 100_000

    /// Who got it.
    public var host: IPAddress
    /// Days since 1970-01-01.
    public var day: Int32
    /// The kind of sensor that counted.
    public var sensor: Flow.Sensor
    /// Payload: the upper bound.
    public var bytes: UInt64

    /// A day of its parts.
    public init(host: IPAddress, day: Int32, sensor: Flow.Sensor = .zeek, bytes: UInt64) {
        self.host = host
        self.day = day
        self.sensor = sensor
        self.bytes = bytes
    }
}

extension FlowLedger {
    /// Calls `inside` with what local hosts got from each other, and `body` with what local hosts sent to outside, by day, in no particular order; ``conclude(_:threads:isLocal:)``
    /// comes first.
    ///
    /// - Parameter forgets: whether each part is given back when it was told: nobody may ask again.
    func forEachOutboundDay(
        forgets: Bool,
        names: (_ client: IPAddress, _ address: IPAddress, _ port: UInt16, _ before: Timestamp) -> [String],
        isLocal: (IPAddress) -> Bool, inside: (InsideDay) -> Void, _ body: (OutboundDay) -> Void
    ) {
        for (number, shard) in shards.enumerated() {
            shard.withTables { tables in
                for row in 0..<tables.groupCount {
                    let group = tables.groups.base[row]
                    if group.records == 0 { continue }
                    let ends = tables.pair(of: group)
                    let originatorIsLocal = isLocal(ends.originator)
                    if originatorIsLocal == isLocal(ends.responder) {
                        guard originatorIsLocal, max(group.sent, group.received) >= InsideDay.floor else { continue }
                        let sensor = Flow.Sensor(rawValue: group.kind & 0x7F) ?? .zeek
                        tables.days.forEach(group: row) { day in
                            for (host, bytes) in [(ends.responder, day.sent), (ends.originator, day.received)]
                            where bytes >= InsideDay.floor {
                                inside(InsideDay(host: host, day: day.day, sensor: sensor, bytes: bytes))
                            }
                        }
                        continue
                    }
                    // Who is inside sent it: the originator, or the responder who answered.
                    let answered = !originatorIsLocal
                    let source = answered ? ends.responder : ends.originator
                    let destination = answered ? ends.originator : ends.responder
                    if destination.isLocalOnly || (answered ? group.received : group.sent) == 0 { continue }
                    let known =
                        answered
                        ? [] : names(source, destination, group.port, Timestamp(microseconds: group.last))
                    tables.days.forEach(group: row) { day in
                        var outbound = OutboundDay(
                            source: source, destination: destination, names: known, port: group.port,
                            proto: group.proto, sensor: Flow.Sensor(rawValue: group.kind & 0x7F) ?? .zeek,
                            services: Flow.Services(rawValue: group.services), answered: answered, day: day.day,
                            hours: day.hours, bytes: answered ? day.received : day.sent,
                            received: answered ? day.sent : day.received, records: day.records,
                            handle: OutboundDay.Handle(
                                FlowSum.Member(shard: number, group: UInt32(truncatingIfNeeded: row))))
                        outbound.longest = Magnitude.floor(day.longest)
                        outbound.largest = answered ? 0 : Magnitude.floor(day.largest)
                        body(outbound)
                    }
                }
                if forgets { tables.forgetDays() }
            }
        }
    }
}

/// What a judge may ask the ledger while it concludes.
public struct LedgerFacts {
    /// What is inside, as configured or inferred.
    public var isLocal: (IPAddress) -> Bool
    /// What the configuration says.
    public var estate: Estate
    /// Whether any log gives names to addresses: where none does, an address without a name is nothing strange.
    public var hasNames: Bool
    /// What a host is called at a time; nil if no log says.
    public var hostName: (IPAddress, Timestamp) -> String?
    /// First and last moment of all flows of the hosts and the port of an outbound day, on any day.
    public var span: (_ handle: OutboundDay.Handle) -> (first: Timestamp, last: Timestamp)
    /// Records behind an outbound day, strongest first, at most 16: of its hosts and port on all days.
    public var evidence: (_ handle: OutboundDay.Handle, _ answered: Bool) -> [Origin]

    /// Facts of their parts.
    public init(
        isLocal: @escaping (IPAddress) -> Bool, estate: Estate, hasNames: Bool,
        hostName: @escaping (IPAddress, Timestamp) -> String?,
        span: @escaping (OutboundDay.Handle) -> (first: Timestamp, last: Timestamp),
        evidence: @escaping (OutboundDay.Handle, Bool) -> [Origin]
    ) {
        self.isLocal = isLocal
        self.estate = estate
        self.hasNames = hasNames
        self.hostName = hostName
        self.span = span
        self.evidence = evidence
    }
}

/// Judges what the ledger has added up: detection, as the ledger sees it.
public protocol LedgerJudge {
    /// Whether the ledger is never concluded again, so that it may give back what only the judge needs.
    var isLast: Bool { get }
    /// Says that at most so many days of outflow will come.
    mutating func expect(days: Int)
    /// Takes one host's outflow to one address on one day. They come in no particular order.
    mutating func add(_ day: OutboundDay)
    /// Takes what one local host got from another on one day. They come in no particular order.
    mutating func add(inside day: InsideDay)
    /// Adds what it finds to a report whose ledger is complete but for the totals, and for what is too small for a line:
    /// what a finding names gets one afterwards. Evidence refers to inputs by their number in `observe`.
    mutating func conclude(_ report: inout Report, _ facts: LedgerFacts)
}

extension LedgerJudge {
    /// Others may follow.
    public var isLast: Bool { false }
    /// Makes no use of it.
    public mutating func expect(days: Int) {}
    /// Ignores the day.
    public mutating func add(inside day: InsideDay) {}
}

/// A judge that finds nothing.
public struct NoJudge: LedgerJudge {
    /// The judge.
    public init() {}
    /// Ignores the day.
    public mutating func add(_ day: OutboundDay) {}
    /// Leaves the report as it is.
    public mutating func conclude(_ report: inout Report, _ facts: LedgerFacts) {}
}
