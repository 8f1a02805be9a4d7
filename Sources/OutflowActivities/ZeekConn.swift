// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What a row of Zeek's conn.log says, before it is judged: numbers and words as logged, absent ones as such.
///
/// Source: Zeek 7 documentation, `base/protocols/conn/main.zeek` (fields of `Conn::Info`).
struct ZeekConn {
    /// A count that may be unset (`-`).
    static let unset = UInt64.max

    /// What `history` tells, as bits.
    struct History: OptionSet, Sendable {
        let rawValue: UInt8
        init(rawValue: UInt8) { self.rawValue = rawValue }
        /// The originator (`D`) sent payload.
        static let originatorData = History(rawValue: 2)
        /// The responder (`d`) sent payload.
        static let responderData = History(rawValue: 4)
        /// The column is there and set.
        static let known = History(rawValue: 8)
        /// Zeek swapped originator and responder by guess (`^`).
        static let flipped = History(rawValue: 16)

        /// The bits of a history text.
        @inline(__always) init(_ text: Bytes) {
            var bits: UInt8 = 8
            for index in 0..<text.count {
                switch text.start[index] {
                case UInt8(ascii: "D"): bits |= 2
                case UInt8(ascii: "d"): bits |= 4
                case UInt8(ascii: "^"): bits |= 16
                default: break
                }
            }
            self.init(rawValue: bits)
        }
    }

    var flow: Flow
    var originatorBytes = unset
    var responderBytes = unset
    var missedBytes = unset
    var originatorPackets = unset
    var responderPackets = unset
    var state = State.other
    var history: History = []

    /// `conn_state`, as far as it matters here.
    enum State: UInt8 {
        /// Established and ended in one of the usual ways: SF, S2, S3, RSTO, RSTR.
        case ended
        /// S1: established, no end seen.
        case open
        /// S0, REJ: nothing was answered, or refused.
        case unanswered
        /// OTH, SH, SHR, RSTOS0, RSTRH, or none: the beginning or one side was not seen.
        case other

        /// The state of Zeek's word for it, which must be ``PaddedText``.
        @inline(__always) init(_ text: Bytes) {
            switch PaddedText.word(text) {
            case 0x4653, 0x3253, 0x3353, 0x4F54_5352, 0x5254_5352: self = .ended  // SF, S2, S3, RSTO, RSTR
            case 0x3153: self = .open  // S1
            case 0x3053, 0x4A_4552: self = .unanswered  // S0, REJ
            default: self = .other
            }
        }
    }

    init(flow: Flow) { self.flow = flow }

    /// The largest number of bytes that one direction of one connection may claim: 2^56, far beyond what any link carries.
    /// More is a broken row, and sums of accepted rows cannot overflow.
    static let largest: UInt64 = 1 << 56

    /// The flow with its bounds.
    ///
    /// - `orig_bytes` counts by TCP sequence numbers, so payload that the sensor missed is in it; `missed_bytes` says how
    ///   much that may be (of both directions together): the truth lies in [orig_bytes - missed_bytes, orig_bytes].
    /// - `orig_ip_bytes` is not used: with segmentation offload it is wrong by up to 99 %.
    /// - TCP payload is only believed as a lower bound when `missed_bytes` is logged, and `history` shows data from that
    ///   side: sequence numbers of resets and of half-seen connections can claim sizes that never crossed the wire. Without
    ///   `history`, a connection that `conn_state` tells to have begun and ended as usual is believed.
    /// - A TCP connection whose beginning was not seen (`conn_state`), and one whose ends Zeek swapped by guess, may be what
    ///   another sensor saw whole.
    /// - What Zeek unpacks out of a tunnel it logs again, as connections with `tunnel_parents`: the tunnel's own bytes raise
    ///   the upper bound only.
    /// - Zeek leaves the sizes unset when a connection is a single packet. TCP without data in its history then carried
    ///   nothing; a datagram carried at most 65,507 bytes (RFC 768 with RFC 791's total length).
    @inline(__always)
    mutating func bounded() -> Flow {
        let isTCP = flow.proto == 6
        var regular = true
        (flow.originatorLower, flow.originatorUpper) = side(
            originatorBytes, originatorPackets, History.originatorData, isTCP, &regular)
        (flow.responderLower, flow.responderUpper) = side(
            responderBytes, responderPackets, History.responderData, isTCP, &regular)
        if missedBytes > 0, isTCP || missedBytes != ZeekConn.unset {
            flow.originatorLower -= min(flow.originatorLower, missedBytes)
            flow.responderLower -= min(flow.responderLower, missedBytes)
            regular = false
        }
        if history.contains(.flipped) {
            flow.services.insert(.flipped)
            regular = false
        }
        switch state {
        case .ended: break
        case .unanswered: if isTCP && flow.originatorUpper | flow.responderUpper != 0 { regular = false }
        case .open: if isTCP { flow.services.insert(.unfinished) }
        case .other:
            if isTCP {
                flow.services.insert(.unfinished)
                regular = false
            }
        }
        if flow.services.contains(.carrier) {
            flow.originatorLower = 0
            flow.responderLower = 0
            regular = false
        }
        flow.isRegular = regular
        return flow
    }

    @inline(__always)
    func side(
        _ bytes: UInt64, _ packets: UInt64, _ data: History, _ isTCP: Bool, _ regular: inout Bool
    ) -> (UInt64, UInt64) {
        let sawData = history.contains(.known) ? history.contains(data) : state == .ended || state == .open
        if bytes == ZeekConn.unset {
            if isTCP ? !history.contains(data) : (history.contains(.known) && !history.contains(data)) { return (0, 0) }
            regular = false
            if !isTCP && packets != ZeekConn.unset && packets < 1 << 32 { return (0, packets &* 65_507) }
            return (0, ZeekConn.unset)
        }
        if isTCP && bytes > 0 && !sawData {
            regular = false
            return (0, bytes)
        }
        return (bytes, bytes)
    }

    /// Services of Zeek's `service` column, a comma-separated set, which must be ``PaddedText``.
    @inline(__always)
    static func services(_ text: Bytes) -> Flow.Services {
        switch PaddedText.word(text) {
        case 0x2D: []  // -
        case 0x6C_7373: .tls  // ssl
        case 0x73_6E64: .dns  // dns
        case 0x7074_7468: .http  // http
        default: manyServices(text)
        }
    }

    @inline(never)
    private static func manyServices(_ text: Bytes) -> Flow.Services {
        var result: Flow.Services = []
        var at = 0
        while at < text.count {
            var end = at
            while end < text.count, text.start[end] != UInt8(ascii: ",") { end += 1 }
            result.formUnion(service(text[at..<end]))
            at = end + 1
        }
        return result
    }

    static func service(_ word: Bytes) -> Flow.Services {
        guard word.count >= 3 else { return [] }
        switch word.start[0] {
        case UInt8(ascii: "s"):
            if word == "ssl" { return .tls }
            if word == "smtp" { return .smtp }
            if word == "ssh" { return .ssh }
            if word == "smb" { return .smb }
            return []
        case UInt8(ascii: "d"): return word == "dns" ? .dns : []
        case UInt8(ascii: "h"): return word == "http" ? .http : []
        case UInt8(ascii: "q"): return word == "quic" ? .quic : []
        case UInt8(ascii: "f"): return word == "ftp" ? .ftp : word == "ftp-data" ? .ftpData : []
        case UInt8(ascii: "r"): return word == "rdp" ? .rdp : []
        // Tunnels that Zeek looks into (base/frameworks/tunnels); those of IP in IP and GRE are no connections in its log.
        case UInt8(ascii: "a"): return word == "ayiya" ? .carrier : []
        case UInt8(ascii: "g"): return word == "geneve" || word.hasPrefix("gtpv1") ? .carrier : []
        case UInt8(ascii: "t"): return word == "teredo" ? .carrier : []
        case UInt8(ascii: "v"): return word == "vxlan" ? .carrier : []
        case UInt8(ascii: "i"): return word == "ipsec" ? .vpn : []
        case UInt8(ascii: "o"): return word.hasPrefix("openvpn") ? .vpn : []
        case UInt8(ascii: "w"): return word == "wireguard" ? .vpn : []
        default: return []
        }
    }

    /// IP protocol number of Zeek's `proto`, which must be ``PaddedText``: tcp, udp, icmp; 255 for anything else.
    @inline(__always)
    static func proto(_ text: Bytes) -> UInt8 {
        switch PaddedText.word(text) {
        case 0x70_6374: 6  // tcp
        case 0x70_6475: 17  // udp
        case 0x706D_6369: 1  // icmp
        default: 255
        }
    }

    /// A byte count of a row: unset, a plain number, or a number above what can be (nil). Must be ``PaddedText``.
    @inline(__always)
    static func bytes(_ text: Bytes) -> UInt64? {
        if text.count == 1 && text.start[0] == UInt8(ascii: "-") || text.isEmpty { return unset }
        if let value = PaddedText.unsigned(text) { return value <= largest ? value : nil }
        return rewritten(text)
    }

    /// A byte count that another tool wrote anew, as 1000.0; nil when it is anything else.
    @inline(never)
    static func rewritten(_ text: Bytes) -> UInt64? {
        guard let value = text.byteCount, value <= largest else { return nil }
        return value
    }

    /// Microseconds of an interval such as `0.001528`; 0 when unset or odd. Negative intervals count as 0.
    @inline(__always)
    static func microseconds(_ text: Bytes) -> Int64 {
        var value: Int64 = 0
        var index = 0
        while index < text.count {
            let digit = text.start[index] &- 0x30
            if digit > 9 { break }
            value = value &* 10 &+ Int64(digit)
            index += 1
            if index > 12 { return 0 }
        }
        // A century is no connection's: such a length is broken, and says nothing.
        if value > 3_155_760_000 { return 0 }
        value &*= 1_000_000
        if index < text.count, text.start[index] == UInt8(ascii: ".") {
            var scale: Int64 = 100_000
            index += 1
            while index < text.count, scale > 0 {
                let digit = text.start[index] &- 0x30
                if digit > 9 { break }
                value = value &+ Int64(digit) &* scale
                scale /= 10
                index += 1
            }
        }
        // Scientific notation (`9.5e-07`) is less than a microsecond or absurd: both count as nothing.
        if index < text.count, text.start[index] | 0x20 == UInt8(ascii: "e") { return 0 }
        return value
    }
}
