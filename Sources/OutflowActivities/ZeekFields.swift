// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The columns of Zeek's logs that carry the answer. Raw values are slots of a ``ZeekRow``.
enum ZeekField: Int, CaseIterable {
    case ts, uid, originatorHost, originatorPort, responderHost, responderPort, proto, service, duration
    case originatorBytes, responderBytes, connState, localOriginator, localResponder, missedBytes, history
    case originatorPackets, responderPackets
    case serverName, ja3, ja4, certificateChain
    case transDepth, method, host, uri, userAgent, statusCode, requestBodyLength, originatorFileIDs, responderFileIDs
    case fileID, connectionIDs, txHosts, rxHosts, source, mimeType, filename, isOriginator, seenBytes, totalBytes
    case missingBytes, md5, sha1, sha256
    case query, qtype, rcode, answers, transID
    case clientAddress, assignedAddress, hostName, requestedAddress
    case tsDelta, peer, percentLost
    case mailFrom, mailTo, headerFrom, headerTo
    case path

    /// Names of the column: Zeek's own, with the dot; exporters that write `id_orig_h` are covered by the caller.
    var names: [String] {
        switch self {
        case .ts: ["ts"]
        case .uid: ["uid"]
        case .originatorHost: ["id.orig_h"]
        case .originatorPort: ["id.orig_p"]
        case .responderHost: ["id.resp_h"]
        case .responderPort: ["id.resp_p"]
        case .proto: ["proto"]
        case .service: ["service"]
        case .duration: ["duration"]
        case .originatorBytes: ["orig_bytes"]
        case .responderBytes: ["resp_bytes"]
        case .connState: ["conn_state"]
        case .localOriginator: ["local_orig"]
        case .localResponder: ["local_resp"]
        case .missedBytes: ["missed_bytes"]
        case .history: ["history"]
        case .originatorPackets: ["orig_pkts"]
        case .responderPackets: ["resp_pkts"]
        case .serverName: ["server_name"]
        case .ja3: ["ja3"]
        case .ja4: ["ja4"]
        case .certificateChain: ["cert_chain_fps"]
        case .transDepth: ["trans_depth"]
        case .method: ["method"]
        case .host: ["host"]
        case .uri: ["uri"]
        case .userAgent: ["user_agent"]
        case .statusCode: ["status_code"]
        case .requestBodyLength: ["request_body_len"]
        case .originatorFileIDs: ["orig_fuids"]
        case .responderFileIDs: ["resp_fuids"]
        case .fileID: ["fuid"]
        case .connectionIDs: ["conn_uids"]
        case .txHosts: ["tx_hosts"]
        case .rxHosts: ["rx_hosts"]
        case .source: ["source"]
        case .mimeType: ["mime_type"]
        case .filename: ["filename"]
        case .isOriginator: ["is_orig"]
        case .seenBytes: ["seen_bytes"]
        case .totalBytes: ["total_bytes"]
        case .missingBytes: ["missing_bytes"]
        case .md5: ["md5"]
        case .sha1: ["sha1"]
        case .sha256: ["sha256"]
        case .query: ["query"]
        case .qtype: ["qtype"]
        case .rcode: ["rcode"]
        case .answers: ["answers"]
        case .transID: ["trans_id"]
        case .clientAddress: ["client_addr"]
        case .assignedAddress: ["assigned_addr", "assigned_ip"]
        case .hostName: ["host_name"]
        case .requestedAddress: ["requested_addr"]
        case .tsDelta: ["ts_delta"]
        case .peer: ["peer"]
        case .percentLost: ["percent_lost"]
        case .mailFrom: ["mailfrom"]
        case .mailTo: ["rcptto"]
        case .headerFrom: ["from"]
        case .headerTo: ["to"]
        case .path: ["_path", "@stream"]
        }
    }

    /// Every name that any exporter gives a column, with its slot: dots also written as underscores.
    static let slots: [(name: [UInt8], slot: Int)] = allCases.flatMap { field in
        Set(field.names.flatMap { [$0, $0.replacingDots] }).sorted().map { (Array($0.utf8), field.rawValue) }
    }

    /// The slot of a column's name, or -1.
    static func slot(of name: Bytes) -> Int {
        for (known, slot) in slots where known.count == name.count {
            if known.withUnsafeBytes({ Bytes($0) == name }) { return slot }
        }
        return -1
    }
}

extension String {
    fileprivate var replacingDots: String { String(map { $0 == "." ? "_" : $0 }) }
}

/// Which of Zeek's logs a row is from.
enum ZeekPath {
    case conn, ssl, http, files, dns, smtp, ftp, smbFiles, dhcp, captureLoss
    /// Connections again that conn.log tells of: long ones as they stood midway (`conn_long`), a choice of columns
    /// (`conn_red`), or of rows, by a filter of the site's own (`conn_external`; Zeek, Log::add_filter). Where there is no
    /// conn.log, they are all there is.
    case connAgain
    /// Sums over connections (`conn_agg`), which cannot be told from those of conn.log.
    case connSums
    /// Known to be Zeek, without meaning for the ledger.
    case other

    init(_ name: Bytes) {
        if name == "conn" {
            self = .conn
        } else if name == "conn_agg" {
            self = .connSums
        } else if name.hasPrefix("conn_") || name.hasPrefix("conn-") {
            self = .connAgain
        } else if name == "ssl" || name == "quic" {
            self = .ssl
        } else if name == "http" {
            self = .http
        } else if name == "files" {
            self = .files
        } else if name == "dns" {
            self = .dns
        } else if name == "smtp" {
            self = .smtp
        } else if name == "ftp" {
            self = .ftp
        } else if name == "smb_files" {
            self = .smbFiles
        } else if name == "dhcp" {
            self = .dhcp
        } else if name == "capture_loss" {
            self = .captureLoss
        } else {
            self = .other
        }
    }

    /// The log that a set of columns belongs to, for exports that do not name it.
    init(columns has: (ZeekField) -> Bool) {
        if has(.connState) || (has(.originatorBytes) && has(.responderBytes) && has(.uid)) {
            self = .conn
        } else if has(.txHosts) || (has(.fileID) && has(.seenBytes)) {
            self = .files
        } else if has(.method) && has(.uri) {
            self = .http
        } else if has(.query) && has(.qtype) {
            self = .dns
        } else if has(.serverName) {
            self = .ssl
        } else if has(.percentLost) {
            self = .captureLoss
        } else if has(.assignedAddress) || has(.requestedAddress) {
            self = .dhcp
        } else {
            self = .other
        }
    }
}

/// One row: the values of the columns that matter, as views; a column that is absent or unset is the empty view.
struct ZeekRow {
    /// How the members of a set or vector are written.
    enum Lists { case separated(by: UInt8), json }

    /// Values by slot.
    let values: UnsafeMutablePointer<Bytes>
    let lists: Lists

    subscript(field: ZeekField) -> Bytes { values[field.rawValue] }

    /// Calls `body` for every member of a set or vector.
    func forEach(_ field: ZeekField, _ body: (Bytes) -> Void) {
        var rest = self[field]
        switch lists {
        case .separated(let separator):
            while !rest.isEmpty {
                let end = rest.firstIndex(of: separator) ?? rest.count
                if end > 0 { body(rest.prefix(upTo: end)) }
                rest = rest.suffix(from: min(end + 1, rest.count))
            }
        case .json:
            guard rest.count >= 2, rest[0] == UInt8(ascii: "[") else {
                if !rest.isEmpty { body(rest) }
                return
            }
            var at = 1
            while at < rest.count {
                if rest[at] == UInt8(ascii: "\"") {
                    var end = at + 1
                    while end < rest.count, rest[end] != UInt8(ascii: "\"") {
                        end += rest[end] == UInt8(ascii: "\\") ? 2 : 1
                    }
                    if end < rest.count { body(rest[at + 1..<end]) }
                    at = end + 1
                } else if rest[at] == UInt8(ascii: ",") || rest[at] <= 0x20 || rest[at] == UInt8(ascii: "]") {
                    at += 1
                } else {
                    var end = at
                    while end < rest.count, rest[end] != UInt8(ascii: ","), rest[end] != UInt8(ascii: "]") { end += 1 }
                    body(rest[at..<end].trimmed)
                    at = end
                }
            }
        }
    }

    /// The first member of a set or vector; empty if there is none.
    func first(_ field: ZeekField) -> Bytes {
        var result = Bytes.empty
        var found = false
        forEach(field) { member in
            if !found {
                result = member
                found = true
            }
        }
        return result
    }

    /// When it happened: seconds since the epoch, or ISO 8601 (Zeek's `LogAscii::json_timestamps`).
    var time: Timestamp? {
        let text = self[.ts]
        // JSON::TS_MILLIS writes milliseconds, thirteen digits; seconds have ten until the year 2286.
        if text.count == 13, let milliseconds = text.unsigned {
            return Timestamp(microseconds: Int64(milliseconds) * 1000)
        }
        if let time = Timestamp(epochSeconds: text) ?? Timestamp(iso8601: text) { return time }
        // Exports by other tools write numbers anew: 1.588205199824e9.
        for index in 0..<text.count {
            switch text[index] {
            case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"),
                UInt8(ascii: "-"):
                continue
            default: return nil
            }
        }
        guard text.count < 40, let seconds = Double(text.string), seconds.magnitude < 1e12 else { return nil }
        let time = Timestamp(microseconds: Int64((seconds * 1_000_000).rounded()))
        return time >= .earliest && time <= .latest ? time : nil
    }

    /// The 5-tuple; nil if an end is no address.
    func connection() -> Connection? {
        guard let originator = IPAddress(self[.originatorHost]), let responder = IPAddress(self[.responderHost]) else {
            return nil
        }
        let proto = self[.proto]
        return Connection(
            originator: originator, responder: responder,
            originatorPort: UInt16(exactly: self[.originatorPort].unsigned ?? 0) ?? 0,
            responderPort: UInt16(exactly: self[.responderPort].unsigned ?? 0) ?? 0,
            proto: proto.isEmpty ? 6 : ZeekConn.proto(proto))
    }
}
