// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Distinct flows as they stand in a partial: column by column, one section for up to ``chunk`` of them.
///
/// Sums cannot be merged when both sides counted the same flow: they carry no memory of who was in them. So a partial
/// keeps the flows themselves (some 15 bytes each), and merging adds them up anew.
public enum FlowRecords {
    /// How many flows stand in one section at most.
    public static let chunk = 65_536

    /// A partial of one section with the flows, each with the number of its input.
    public static func encode(_ flows: [Flow], inputs: [UInt32]) -> [UInt8] {
        var encoder = StateEncoder()
        encode(flows, inputs: inputs, into: &encoder)
        return encoder.finish()
    }

    /// Writes the section of `flows`.
    static func encode(_ flows: [Flow], inputs: [UInt32], into encoder: inout StateEncoder) {
        precondition(flows.count == inputs.count && flows.count <= chunk)
        encoder.begin(.flowRecords)
        let addresses = Set(flows.flatMap { [$0.originator, $0.responder] }).sorted()
        var numbers: [IPAddress: UInt64] = [:]
        for (number, address) in addresses.enumerated() { numbers[address] = UInt64(number) }
        encoder.write(UInt64(addresses.count))
        encoder.addressColumn(addresses) { $0 }
        encoder.write(UInt64(flows.count))
        encoder.column(flows) { numbers[$0.originator] ?? 0 }
        encoder.column(flows) { numbers[$0.responder] ?? 0 }
        encoder.timeColumn(flows) { $0.start.microseconds }
        encoder.column(flows) { UInt64(bitPattern: $0.duration) }
        encoder.column(flows) { $0.originatorUpper }
        encoder.column(flows) { $0.originatorUpper &- $0.originatorLower }
        encoder.column(flows) { $0.responderUpper }
        encoder.column(flows) { $0.responderUpper &- $0.responderLower }
        encoder.timeColumn(flows) { Int64(bitPattern: $0.offset) }
        encoder.column(flows) { UInt64($0.length) }
        encoder.column(flows) { UInt64($0.originatorPort) }
        encoder.column(flows) { UInt64($0.responderPort) }
        encoder.column(flows) { UInt64($0.proto) }
        encoder.column(flows) { UInt64($0.services.rawValue) }
        encoder.column(flows) { flags($0) }
        encoder.column(inputs) { UInt64($0) }
        encoder.end()
    }

    private static func flags(_ flow: Flow) -> UInt64 {
        UInt64(flow.sensor.rawValue) | UInt64(flow.originatorLocality.rawValue) << 2
            | UInt64(flow.responderLocality.rawValue) << 4 | (flow.isRegular ? 1 << 6 : 0)
    }

    /// Reads what ``encode(_:inputs:)`` wrote.
    public static func decode(_ decoder: inout StateDecoder) throws(StateError) -> (flows: [Flow], inputs: [UInt32]) {
        try decoder.begin(.flowRecords)
        let addressCount = try decoder.readCount(bytesEach: 2)
        let addresses = try decoder.addressColumn(addressCount)
        let count = try decoder.readCount(bytesEach: 16)
        let originators = try decoder.references(count, below: addressCount)
        let responders = try decoder.references(count, below: addressCount)
        let starts = try decoder.momentColumn(count)
        let durations = try decoder.column(count)
        let sent = try decoder.column(count)
        let sentSlack = try decoder.column(count)
        let received = try decoder.column(count)
        let receivedSlack = try decoder.column(count)
        let offsets = try decoder.timeColumn(count)
        let lengths = try decoder.column(count, atMost: UInt64(UInt32.max))
        let originatorPorts = try decoder.column(count, atMost: 0xFFFF)
        let responderPorts = try decoder.column(count, atMost: 0xFFFF)
        let protos = try decoder.column(count, atMost: 0xFF)
        let services = try decoder.column(count, atMost: 0xFFFF)
        let flags = try decoder.column(count, atMost: 0x7F)
        let inputs = try decoder.column(count, atMost: UInt64(UInt32.max))
        try decoder.end()
        var flows: [Flow] = []
        flows.reserveCapacity(count)
        for row in 0..<count {
            guard let sensor = Flow.Sensor(rawValue: UInt8(flags[row] & 3)),
                let originatorLocality = Flow.Locality(rawValue: UInt8(flags[row] >> 2 & 3)),
                let responderLocality = Flow.Locality(rawValue: UInt8(flags[row] >> 4 & 3)),
                sentSlack[row] <= sent[row], receivedSlack[row] <= received[row],
                durations[row] <= UInt64(Int64.max) / 4
            else { throw decoder.error("flow \(row) has impossible values") }
            var flow = Flow(
                originator: addresses[Int(originators[row])], responder: addresses[Int(responders[row])],
                start: starts[row], duration: Int64(durations[row]), originatorBytes: sent[row],
                responderBytes: received[row], originatorPort: UInt16(originatorPorts[row]),
                responderPort: UInt16(responderPorts[row]), proto: UInt8(protos[row]), sensor: sensor,
                services: Flow.Services(rawValue: UInt16(services[row])), offset: UInt64(bitPattern: offsets[row]),
                length: UInt32(lengths[row]))
            flow.originatorLower = sent[row] - sentSlack[row]
            flow.responderLower = received[row] - receivedSlack[row]
            flow.originatorLocality = originatorLocality
            flow.responderLocality = responderLocality
            flow.isRegular = flags[row] & 1 << 6 != 0
            flows.append(flow)
        }
        return (flows, inputs.map { UInt32($0) })
    }
}
