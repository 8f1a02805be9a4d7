// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension SuricataEVE {
    /// A flow that has ended.
    ///
    /// Suricata counts the captured length of every packet, from the link header on. Payload is at most that less the
    /// smallest headers (none on the link, as in the packet filter or a tunnel; IP and transport without options), and
    /// at least that less the largest (Ethernet with two tags, IP and TCP with all options that fit). What TCP sent
    /// twice is counted twice: with full packets the lower bound has room for one repetition in twenty, not for more.
    /// Where the sensor saw a gap in the stream, more passed than it counted: the upper bound is given up.
    ///
    /// Such a flow is regular although its bounds differ: it is whole and undisturbed as its sensor sees it.
    /// Source: docs.suricata.io, "Event type: Flow"; gaps, which it does not name, from Suricata's output-json-flow.c; header lengths from RFC 791, 8200, 9293, 768 and 792, IEEE 802.1Q.
    static func readFlow(_ event: EVEEvent) -> String? {
        let json = event.json
        guard let flow = json["flow"], let toServer = flow["bytes_toserver"]?.count,
            let toClient = flow["bytes_toclient"]?.count
        else { return "flow event without byte counts" }
        let first = Timestamp(iso8601: flow.string("start")) ?? event.mark.time
        let last = Timestamp(iso8601: flow.string("end")) ?? first

        var record = Flow(
            originator: event.source, responder: event.destination, start: first,
            duration: max(0, last.microseconds - first.microseconds), originatorBytes: 0, responderBytes: 0,
            originatorPort: event.sourcePort, responderPort: event.destinationPort, proto: event.proto,
            sensor: .suricata, services: services(json.string("app_proto")), offset: event.mark.offset,
            length: event.mark.length)
        let isV4 = event.source.v4 != nil
        (record.originatorLower, record.originatorUpper) = payload(
            toServer, packets: flow["pkts_toserver"]?.count, isV4: isV4, proto: event.proto)
        (record.responderLower, record.responderUpper) = payload(
            toClient, packets: flow["pkts_toclient"]?.count, isV4: isV4, proto: event.proto)
        if event.proto == 1 || event.proto == 58 {
            record.originatorPort = UInt16(exactly: json["icmp_type"]?.count ?? 0) ?? 0
            record.responderPort = UInt16(exactly: json["icmp_code"]?.count ?? 0) ?? 0
        }
        let reason = flow.string("reason")
        if reason == "shutdown" || reason == "forced" { record.services.insert(.unfinished) }
        if let tcp = json["tcp"] {
            if !sawStart(tcp) {
                record.services.insert(.unfinished)
                record.isRegular = false
            }
            if tcp["ts_gap"]?.bool == true || tcp["tc_gap"]?.bool == true {
                record.services.insert(.unbounded)
                record.isRegular = false
            }
        }
        // Whether the sensor saw the connection begin, only its flags tell: what may be the rest of one is settled at the end.
        if event.proto == 6, json["tcp"] == nil { record.isRegular = false }
        event.batch.flows.append(record)
        event.batch.saw(first)
        event.batch.saw(last)
        return nil
    }

    /// Bounds of the payload of `packets` packets that together have `bytes` bytes.
    static func payload(_ bytes: UInt64, packets: UInt64?, isV4: Bool, proto: UInt8) -> (UInt64, UInt64) {
        // Without a number of packets nothing can be taken off, and all may be headers.
        guard let packets else { return (0, bytes) }
        let transport: (least: UInt64, most: UInt64) =
            proto == 6 ? (20, 60) : proto == 132 ? (12, 12) : proto == 17 ? (8, 8) : (0, 8)
        let network: (least: UInt64, most: UInt64) = isV4 ? (20, 60) : (40, 80)
        func less(_ header: UInt64) -> UInt64 {
            let (headers, overflow) = packets.multipliedReportingOverflow(by: header)
            return overflow || headers > bytes ? 0 : bytes - headers
        }
        return (less(22 + network.most + transport.most), less(network.least + transport.least))
    }

    /// Whether a SYN was among the packets, as far as `tcp_flags` tells.
    private static func sawStart(_ tcp: JSONValue) -> Bool {
        let flags = tcp.string("tcp_flags")
        guard flags.count == 2 else { return true }
        // The low hex digit holds FIN 1, SYN 2, RST 4, PSH 8.
        let digit = flags[1]
        let value = digit <= 0x39 ? digit &- 0x30 : (digit | 0x20) &- 0x61 &+ 10
        return value & 2 != 0 || flags == "00"
    }

    private static func services(_ name: Bytes) -> Flow.Services {
        if name == "tls" { return .tls }
        if name == "http" || name == "http2" { return .http }
        if name == "dns" || name == "doh2" { return .dns }
        if name == "quic" { return .quic }
        if name == "smtp" { return .smtp }
        if name == "ftp" { return .ftp }
        if name == "ftp-data" { return .ftpData }
        if name == "ssh" { return .ssh }
        if name == "smb" { return .smb }
        if name == "rdp" { return .rdp }
        if name == "ike" || name == "ikev2" { return .vpn }
        return []
    }
}
