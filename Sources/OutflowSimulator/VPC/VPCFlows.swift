// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Flow logs of the cloud account's private network, where no sensor is: one record a direction and interval of ten
/// minutes, in a format of one's own (Amazon VPC User Guide, "Flow log records").
struct VPCFlows: Sendable {
    /// Seconds that one record covers at most.
    private static let interval: Int64 = 600
    private var log = TimedLog()

    /// Adds the records of a connection.
    mutating func add(_ flow: Flow) {
        let seconds = flow.duration / Calendar.second
        // A connection of more than a day is cut into a day's records.
        let pieces = Int(min(144, seconds / Self.interval + 1))
        let packets = flow.packets
        let start = flow.time.microseconds / Calendar.second
        for piece in 0..<pieces {
            let from = start + Int64(piece) * seconds / Int64(pieces)
            let to = start + Int64(piece + 1) * seconds / Int64(pieces)
            record(flow, isAnswer: false, Self.share(packets.originator, piece, pieces), from, to)
            record(flow, isAnswer: true, Self.share(packets.responder, piece, pieces), from, to)
        }
    }

    /// Part `piece` of packets and bytes; the parts add up to the whole.
    private static func share(
        _ whole: (count: Int, bytes: Int), _ piece: Int, _ pieces: Int
    ) -> (count: Int, bytes: Int) {
        func part(_ value: Int) -> Int {
            value / pieces + (piece < value % pieces ? 1 : 0)
        }
        return (part(whole.count), part(whole.bytes))
    }

    private mutating func record(
        _ flow: Flow, isAnswer: Bool, _ packets: (count: Int, bytes: Int), _ from: Int64, _ to: Int64
    ) {
        guard packets.count > 0 else { return }
        let (a, b) = isAnswer ? (flow.responder, flow.originator) : (flow.originator, flow.responder)
        let (p, q) =
            isAnswer ? (flow.responderPort, flow.originatorPort) : (flow.originatorPort, flow.responderPort)
        let own = flow.originator.bits >> 16 == World.cloudNetwork ? flow.originator : flow.responder
        log.add(at: Timestamp(microseconds: from * Calendar.second)) { text in
            text.add("5 ")
            text.add(text: CloudTrail.account)
            text.add(" eni-0c41d7")
            text.add(hex: UInt64(own.bits) &* 0x9E37_79B1, digits: 11)
            text.add(" ")
            text.add(a)
            text.add(" ")
            text.add(b)
            for number in [p, q, flow.outcome == .datagrams ? 17 : 6, packets.count, packets.bytes, Int(from), Int(to)]
            {
                text.add(" ")
                text.add(number)
            }
            text.add(" ACCEPT OK ")
            // SYN and FIN of the direction (2, 1), with ACK in the answer (16): OR-ed over the interval.
            text.add(flow.outcome == .datagrams ? 0 : isAnswer ? 19 : 3)
        }
    }

    /// Writes and forgets everything, as the file of day `day`; nothing when there is nothing.
    mutating func write(_ date: String, to folder: inout OutputFolder, gzip: Bool) throws {
        guard !log.isEmpty else { return }
        var file = try folder.file(
            "vpc/\(CloudTrail.account)_vpcflowlogs_\(CloudTrail.region)_\(date).log" + (gzip ? ".gz" : ""))
        file.text.add(
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end ")
        file.text.add("action log-status tcp-flags\n")
        try log.drain(before: .latest) { try file.add(line: $1) }
        try file.close()
    }
}
