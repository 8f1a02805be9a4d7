// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// A flow that waits to be settled, packed: logs of refused or half-seen connections hold millions of them.
struct KeptFlow: BitwiseCopyable {
    /// Addresses, or (``isV6``) their numbers in the table of the shard.
    private var originator: UInt32
    private var responder: UInt32
    private var start: Int64
    private var duration: Int64
    private var originatorLower: UInt64
    private var originatorUpper: UInt64
    private var responderLower: UInt64
    private var responderUpper: UInt64
    private var offset: UInt64
    private var length: UInt32
    private var input: UInt32
    private var originatorPort: UInt16
    private var responderPort: UInt16
    private var services: UInt16
    private var proto: UInt8
    /// Sensor (2 bits), locality of either end (2 bits each), ``isV6``, ``isRegular``.
    private var bits: UInt8

    private static let isV6: UInt8 = 0x40
    private static let isRegular: UInt8 = 0x80

    /// - Parameter number: the number of an address in the shard's table.
    init(_ flow: borrowing Flow, input: UInt32, number: (IPAddress) -> UInt32) {
        bits =
            flow.sensor.rawValue | flow.originatorLocality.rawValue << 2 | flow.responderLocality.rawValue << 4
            | (flow.isRegular ? Self.isRegular : 0)
        if let a = flow.originator.v4, let b = flow.responder.v4 {
            originator = a
            responder = b
        } else {
            originator = number(flow.originator)
            responder = number(flow.responder)
            bits |= Self.isV6
        }
        start = flow.start.microseconds
        duration = flow.duration
        originatorLower = flow.originatorLower
        originatorUpper = flow.originatorUpper
        responderLower = flow.responderLower
        responderUpper = flow.responderUpper
        offset = flow.offset
        length = flow.length
        self.input = input
        originatorPort = flow.originatorPort
        responderPort = flow.responderPort
        services = flow.services.rawValue
        proto = flow.proto
    }

    /// The flow again.
    func unpacked(_ addresses: [IPAddress]) -> IrregularFlow {
        let hasNumbers = bits & Self.isV6 != 0
        var flow = Flow(
            originator: hasNumbers ? addresses[Int(originator)] : IPAddress(v4: originator),
            responder: hasNumbers ? addresses[Int(responder)] : IPAddress(v4: responder),
            start: Timestamp(microseconds: start), duration: duration, originatorBytes: originatorUpper,
            responderBytes: responderUpper, originatorPort: originatorPort, responderPort: responderPort, proto: proto,
            sensor: Flow.Sensor(rawValue: bits & 3) ?? .zeek, services: Flow.Services(rawValue: services),
            offset: offset, length: length)
        flow.originatorLower = originatorLower
        flow.responderLower = responderLower
        flow.originatorLocality = Flow.Locality(rawValue: bits >> 2 & 3) ?? .unsaid
        flow.responderLocality = Flow.Locality(rawValue: bits >> 4 & 3) ?? .unsaid
        flow.isRegular = bits & Self.isRegular != 0
        return IrregularFlow(flow: flow, input: input)
    }
}
