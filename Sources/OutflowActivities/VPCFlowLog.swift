// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// AWS VPC Flow Logs: one line a direction of a connection, interface and interval, in the default format or in one's own
/// whose first line names the fields.
///
/// Bytes are those of IP packets with all their headers, so payload is known within bounds only. A record shows one
/// direction: what came back is another record.
///
/// Source: Amazon VPC User Guide, "Flow log records".
public struct VPCFlowLog: LogSource {
    /// Its row in the table of sources.
    public static let card = SourceCard(
        format: "vpc-flow", title: "AWS VPC Flow Logs", routes: [.network],
        recognisedBy: "a first line of field names with srcaddr and dstaddr, or 14 fields of version 2 with an eni-",
        activities: "flows, one a direction; skipped data as gaps; refused traffic counted only",
        bytes: "yes, within bounds: the log counts packets with their headers",
        switchOn:
            "flow logs for every VPC, all traffic, 1-minute intervals, with the fields tcp-flags and pkt-srcaddr; log one "
            + "interface of each path (traffic through a NAT gateway is logged at the instance and again at the gateway)",
        reference: "https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html")

    private let layout: Layout

    /// 95 with a line of field names, 90 when the first records are of the default format.
    public static func recognise(_ head: StreamHead) -> Int {
        guard head.framing == .lines, let first = head.records.first(where: { !$0.trimmed.isEmpty }) else { return 0 }
        if Layout(header: first.trimmed) != nil { return 95 }
        return Layout(defaultRecord: first.trimmed) != nil ? 90 : 0
    }

    /// A reader for the fields that the first line names, or for the default ones.
    public init?(_ head: StreamHead) {
        guard let first = head.records.first(where: { !$0.trimmed.isEmpty })?.trimmed,
            let layout = Layout(header: first) ?? Layout(defaultRecord: first)
        else { return nil }
        self.layout = layout
    }

    /// Adds what the block's lines mean to `batch`.
    public func read(_ block: RecordBlock, into batch: ActivityBatch) {
        layout.columns.withUnsafeBufferPointer { columns in
            block.forEachRecord { line, offset in
                var record = Record()
                if let problem = record.fill(line, columns) ?? emit(record, line, offset, batch) {
                    batch.reject(offset: offset, problem.rawValue)
                }
            }
        }
    }

    /// Where files were put one after the other, a line names the fields anew, and perhaps in another order.
    public static var headerMark: HeaderMark? { .word("srcaddr") { Layout(header: $0) != nil } }

    /// A reader for the fields that the last of these lines names.
    public func following(header: Bytes) -> any LogSource {
        var layout = layout
        var from = 0
        while from < header.count {
            let end = header.firstIndex(of: 0x0A, from: from) ?? header.count
            layout = Layout(header: header[from..<end].trimmed) ?? layout
            from = end + 1
        }
        return VPCFlowLog(layout: layout)
    }

    private init(layout: Layout) { self.layout = layout }

    /// Adds what a record means; what is wrong with it, or nil.
    private func emit(_ record: Record, _ line: Bytes, _ offset: UInt64, _ batch: ActivityBatch) -> Problem? {
        guard let start = record.start ?? record.end else { return .noTime }
        let end = max(start, record.end ?? start)
        if record.status == "SKIPDATA" {
            batch.records += 1
            batch.saw(start)
            batch.losses.append(
                LossSeen(
                    from: start, to: end, route: .network, lostPerMillion: nil,
                    what: Bytes("VPC Flow Logs skipped records (SKIPDATA: capacity or an error of the service)")))
            return nil
        }
        if record.status == "NODATA" || record.action == "REJECT" {
            // What was refused carried nothing; silence neither.
            batch.records += 1
            batch.saw(start)
            batch.irrelevant += 1
            return nil
        }
        guard let source = IPAddress(record.source), let target = IPAddress(record.target) else {
            return .badAddress
        }
        guard let bytes = record.bytes.byteCount else { return .badBytes }
        batch.records += 1
        batch.saw(start)
        let sender = VPCFlowLog.sender(logged: source, packet: record.packetSource)
        let fromOriginator = record.isFromOriginator(sender, target)
        var flow = Flow(
            originator: fromOriginator ? sender : target, responder: fromOriginator ? target : sender, start: start,
            duration: end.microseconds - start.microseconds, originatorBytes: 0, responderBytes: 0,
            originatorPort: fromOriginator ? record.sourcePort : record.targetPort,
            responderPort: fromOriginator ? record.targetPort : record.sourcePort, proto: record.proto,
            sensor: .netflow, offset: offset, length: UInt32(truncatingIfNeeded: min(line.count, Int(UInt32.max))))
        // Without ports, lines of several connections are alike: nobody can tell how many there were.
        if !layout.hasPorts { flow.services.insert(.unbounded) }
        // A format without the field action tells refused packets like any.
        let isAccepted = record.action == "ACCEPT"
        let lower = isAccepted ? VPCFlowLog.payloadLower(bytes, packets: record.packets.byteCount) : 0
        if fromOriginator {
            flow.originatorLower = lower
            flow.originatorUpper = bytes
        } else {
            flow.responderLower = lower
            flow.responderUpper = bytes
        }
        batch.flows.append(flow)
        return nil
    }

    /// The least payload of so many bytes in packets: an IPv4 and a TCP header are at most 60 bytes each (RFC 791 section
    /// 3.1, RFC 9293 section 3.1); IPv6's 40 leave 20 for extensions. Nothing is certain without the number of packets.
    static func payloadLower(_ bytes: UInt64, packets: UInt64?) -> UInt64 {
        guard let packets, packets > 0 else { return 0 }
        let (headers, overflow) = packets.multipliedReportingOverflow(by: 120)
        return overflow || headers >= bytes ? 0 : bytes - headers
    }

    /// Who sent the packets: `srcaddr` is the interface's first address, `pkt-srcaddr` the one in the packet (of a
    /// container, of a second address). Behind a NAT gateway the two lie on different sides of it, one private and one
    /// public; the gateway logs both legs, and taking the inner leg for the outer one would count traffic twice. That is
    /// also why `pkt-dstaddr` is not used at all.
    static func sender(logged: IPAddress, packet: Bytes) -> IPAddress {
        guard let inner = IPAddress(packet), isPrivate(inner) == isPrivate(logged) else { return logged }
        return inner
    }

    /// RFC 1918, shared address space (RFC 6598), and unique local IPv6 addresses (RFC 4193).
    private static func isPrivate(_ address: IPAddress) -> Bool {
        guard let v4 = address.v4 else { return address.high >> 57 == 0xFC >> 1 }
        return v4 >> 24 == 10 || v4 >> 20 == 0xAC1 || v4 >> 16 == 0xC0A8 || v4 >> 22 == 0x191
    }
}
