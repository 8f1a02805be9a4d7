// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// One connection as a sensor sees it.
struct Flow: Sendable {
    /// How a connection went, with Zeek's `conn_state` and a fitting `history` (base/protocols/conn/main.zeek).
    enum Outcome: Sendable {
        case finished, unanswered, refused, open, datagrams

        var state: StaticString {
            switch self {
            case .finished, .datagrams: "SF"
            case .unanswered: "S0"
            case .refused: "REJ"
            case .open: "S1"
            }
        }

        var history: StaticString {
            switch self {
            case .finished: "ShADadFf"
            case .unanswered: "S"
            case .refused: "Sr"
            case .open: "ShADad"
            case .datagrams: "Dd"
            }
        }
    }

    var time: Timestamp
    var uid: ZeekID
    var originator: IPv4
    var originatorPort: Int
    var responder: IPv4
    var responderPort: Int
    /// What Zeek recognised; nil when nothing.
    var service: StaticString?
    /// Microseconds.
    var duration: Int64
    /// Payload from the originator and from the responder.
    var sent: Int
    var received: Int
    var outcome = Outcome.finished
    /// Bytes that the sensor missed in gaps.
    var missed = 0
    /// Whether it goes by IPv6, between the addresses that belong to those here.
    var isIPv6 = false

    /// When the last packet passed.
    var end: Timestamp { time + duration }

    /// Packets of the originator and of the responder, and their bytes with headers: 1,400 bytes of payload a packet
    /// (1,200 in datagrams), an acknowledgement for every second one received; 40 bytes of headers (28 for UDP).
    var packets: (originator: (count: Int, bytes: Int), responder: (count: Int, bytes: Int)) {
        let seen = max(0, sent - missed)
        return (
            packets(own: seen, other: received, isOriginator: true),
            packets(own: received, other: seen, isOriginator: false)
        )
    }

    private func packets(own: Int, other: Int, isOriginator: Bool) -> (count: Int, bytes: Int) {
        let count =
            switch outcome {
            case .datagrams: (own + 1199) / 1200
            case .unanswered: isOriginator ? 1 : 0
            case .refused: 1
            case .finished, .open: 3 + (own + 1399) / 1400 + (other + 2799) / 2800
            }
        return (count, own + count * (outcome == .datagrams ? 28 : 40))
    }
}

/// The university's Zeek sensor, on a mirror port of the core switch: it sees what crosses the border and what passes
/// between subnets. Things that happen on the network are told to it, and it writes them down as Zeek would.
struct Sensor: Sendable {
    private(set) var logs = Array(repeating: TimedLog(), count: ZeekLog.allCases.count)
    /// When set, only flows are seen, and told to the flow logs of a private network instead of to Zeek.
    var flowLogs: VPCFlows?
    /// When nothing is seen; nil when all is.
    var outage: Outage?
    /// Payload that inside hosts sent to the outside in connections of their own.
    private(set) var sentOut = 0
    /// Bytes of names that were looked up.
    var asked = 0

    /// Writes a record of `log`; `body` appends the fields after `ts`, each led by its tab.
    mutating func record(_ log: ZeekLog, at time: Timestamp, _ body: (inout ByteText) -> Void) {
        guard flowLogs == nil, isSeen(time) else { return }
        logs[log.rawValue].add(at: time) { text in
            text.add(seconds: time.microseconds)
            body(&text)
        }
    }

    /// Hands over and forgets the records of `log` before `end`, earliest first.
    mutating func drain(_ log: ZeekLog, before end: Timestamp, _ body: (ArraySlice<UInt8>) throws -> Void) rethrows {
        try logs[log.rawValue].drain(before: end) { try body($1) }
    }

    /// Whether something that began at `time` is recorded.
    func isSeen(_ time: Timestamp) -> Bool { outage.map { !$0.contains(time) } ?? true }

    /// Whether `log` has no records.
    func isEmpty(_ log: ZeekLog) -> Bool { logs[log.rawValue].isEmpty }

    /// A connection: a row of conn.log.
    mutating func connection(_ flow: Flow) {
        if World.isLocal(flow.originator), !World.isLocal(flow.responder) { sentOut += flow.sent }
        flowLogs?.add(flow)
        record(.conn, at: flow.time) { text in
            text.add(connection: flow)
            let isDatagrams = flow.outcome == .datagrams
            text.add(isDatagrams ? "\tudp\t" : "\ttcp\t")
            text.add(flow.service ?? "-")
            text.add("\t")
            if flow.outcome == .unanswered {
                text.add("-\t-\t-")
            } else {
                text.add(seconds: flow.duration)
                text.add("\t")
                text.add(flow.sent)
                text.add("\t")
                text.add(flow.received)
            }
            text.add("\t")
            text.add(flow.outcome.state)
            text.add(World.isLocal(flow.originator) ? "\tT" : "\tF")
            text.add(World.isLocal(flow.responder) ? "\tT\t" : "\tF\t")
            text.add(flow.missed)
            text.add("\t")
            text.add(flow.missed > 0 ? "ShADadgFf" : flow.outcome.history)
            let packets = flow.packets
            for number in [packets.originator, packets.responder] {
                text.add("\t")
                text.add(number.count)
                text.add("\t")
                text.add(number.bytes)
            }
            text.add("\t-")
        }
    }

    /// A TLS handshake in `flow`: a row of ssl.log shortly after the connection began.
    mutating func tls(_ flow: Flow, name: String, certificate: [UInt64], isResumed: Bool, isOld: Bool = false) {
        record(.ssl, at: flow.time + min(flow.duration / 2, 31_000)) { text in
            text.add(connection: flow)
            if isOld {
                text.add("\tTLSv12\tTLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\tsecp256r1\t")
            } else {
                text.add("\tTLSv13\tTLS_AES_256_GCM_SHA384\tx25519\t")
            }
            text.add(text: name)
            text.add(isResumed ? "\tT" : "\tF")
            text.add(isOld ? "\t-\thttp/1.1\tT\t" : "\t-\th2\tT\t")
            // TLS 1.3 encrypts the certificate: the sensor sees it in older versions only.
            if isOld && !isResumed {
                text.add("CsxknGIi\t")
                for part in certificate.prefix(4) { text.add(hex: part, digits: 16) }
                text.add(",")
                for part in certificate.suffix(4) { text.add(hex: part, digits: 16) }
                text.add("\t(empty)\tT\tok")
            } else {
                text.add("CsiI\t-\t-\t-\t-")
            }
        }
    }
}

extension ByteText {
    /// Appends uid and 5-tuple of `flow`, each led by its tab.
    mutating func add(connection flow: Flow) {
        add("\t")
        flow.uid.add(to: &self, prefix: UInt8(ascii: "C"))
        add("\t")
        add(flow.originator, asIPv6: flow.isIPv6)
        add("\t")
        add(flow.originatorPort)
        add("\t")
        add(flow.responder, asIPv6: flow.isIPv6)
        add("\t")
        add(flow.responderPort)
    }
}
