// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A Zeek log: its name, its fields and their types, as Zeek 6.0 writes them by default (base/protocols/*/main.zeek,
/// base/frameworks/files/main.zeek; policy/misc/capture-loss and policy/protocols/ssl/validate-certs as in the default
/// local.zeek).
enum ZeekLog: Int, CaseIterable, Sendable {
    case conn, dns, ssl, http, files, smbFiles, dhcp, captureLoss

    /// The log's path: the file's name and the `#path` line.
    var path: StaticString {
        switch self {
        case .conn: "conn"
        case .dns: "dns"
        case .ssl: "ssl"
        case .http: "http"
        case .files: "files"
        case .smbFiles: "smb_files"
        case .dhcp: "dhcp"
        case .captureLoss: "capture_loss"
        }
    }

    private static let connection = [
        ("ts", "time"), ("uid", "string"), ("id.orig_h", "addr"), ("id.orig_p", "port"), ("id.resp_h", "addr"),
        ("id.resp_p", "port"),
    ]

    /// Names and types of the columns, in order.
    var fields: [(name: String, type: String)] {
        switch self {
        case .conn:
            Self.connection + [
                ("proto", "enum"), ("service", "string"), ("duration", "interval"), ("orig_bytes", "count"),
                ("resp_bytes", "count"), ("conn_state", "string"), ("local_orig", "bool"), ("local_resp", "bool"),
                ("missed_bytes", "count"), ("history", "string"), ("orig_pkts", "count"), ("orig_ip_bytes", "count"),
                ("resp_pkts", "count"), ("resp_ip_bytes", "count"), ("tunnel_parents", "set[string]"),
            ]
        case .dns:
            Self.connection + [
                ("proto", "enum"), ("trans_id", "count"), ("rtt", "interval"), ("query", "string"), ("qclass", "count"),
                ("qclass_name", "string"), ("qtype", "count"), ("qtype_name", "string"), ("rcode", "count"),
                ("rcode_name", "string"), ("AA", "bool"), ("TC", "bool"), ("RD", "bool"), ("RA", "bool"),
                ("Z", "count"), ("answers", "vector[string]"), ("TTLs", "vector[interval]"), ("rejected", "bool"),
            ]
        case .ssl:
            Self.connection + [
                ("version", "string"), ("cipher", "string"), ("curve", "string"), ("server_name", "string"),
                ("resumed", "bool"), ("last_alert", "string"), ("next_protocol", "string"), ("established", "bool"),
                ("ssl_history", "string"), ("cert_chain_fps", "vector[string]"),
                ("client_cert_chain_fps", "vector[string]"), ("sni_matches_cert", "bool"),
                ("validation_status", "string"),
            ]
        case .http:
            Self.connection + [
                ("trans_depth", "count"), ("method", "string"), ("host", "string"), ("uri", "string"),
                ("referrer", "string"), ("version", "string"), ("user_agent", "string"), ("origin", "string"),
                ("request_body_len", "count"), ("response_body_len", "count"), ("status_code", "count"),
                ("status_msg", "string"), ("info_code", "count"), ("info_msg", "string"), ("tags", "set[enum]"),
                ("username", "string"), ("password", "string"), ("proxied", "set[string]"),
                ("orig_fuids", "vector[string]"), ("orig_filenames", "vector[string]"),
                ("orig_mime_types", "vector[string]"), ("resp_fuids", "vector[string]"),
                ("resp_filenames", "vector[string]"), ("resp_mime_types", "vector[string]"),
            ]
        case .files:
            [("ts", "time"), ("fuid", "string")] + Self.connection.dropFirst() + [
                ("source", "string"), ("depth", "count"), ("analyzers", "set[string]"), ("mime_type", "string"),
                ("filename", "string"), ("duration", "interval"), ("local_orig", "bool"), ("is_orig", "bool"),
                ("seen_bytes", "count"), ("total_bytes", "count"), ("missing_bytes", "count"),
                ("overflow_bytes", "count"), ("timedout", "bool"), ("parent_fuid", "string"), ("md5", "string"),
                ("sha1", "string"), ("sha256", "string"), ("extracted", "string"), ("extracted_cutoff", "bool"),
                ("extracted_size", "count"),
            ]
        case .smbFiles:
            Self.connection + [
                ("fuid", "string"), ("action", "enum"), ("path", "string"), ("name", "string"), ("size", "count"),
                ("prev_name", "string"), ("times.modified", "time"), ("times.accessed", "time"),
                ("times.created", "time"), ("times.changed", "time"),
            ]
        case .dhcp:
            [
                ("ts", "time"), ("uids", "set[string]"), ("client_addr", "addr"), ("server_addr", "addr"),
                ("mac", "string"), ("host_name", "string"), ("client_fqdn", "string"), ("domain", "string"),
                ("requested_addr", "addr"), ("assigned_addr", "addr"), ("lease_time", "interval"),
                ("client_message", "string"), ("server_message", "string"), ("msg_types", "vector[string]"),
                ("duration", "interval"),
            ]
        case .captureLoss:
            [
                ("ts", "time"), ("ts_delta", "interval"), ("peer", "string"), ("gaps", "count"), ("acks", "count"),
                ("percent_lost", "double"),
            ]
        }
    }

    /// The lines before the records (Zeek's ASCII writer, base/frameworks/logging/writers/ascii.zeek).
    func header(opened: String) -> ByteText {
        var text = ByteText()
        text.add("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t")
        text.add(path)
        text.add("\n#open\t")
        text.add(text: opened)
        text.add("\n#fields")
        for field in fields { text.add(text: "\t" + field.name) }
        text.add("\n#types")
        for field in fields { text.add(text: "\t" + field.type) }
        text.add("\n")
        return text
    }
}

/// An identifier that Zeek gives a connection (`C...`) or a file (`F...`): 96 random bits in base 62.
struct ZeekID: Sendable {
    private let high: UInt64
    private let low: UInt64

    /// The next identifier of `random`.
    init(_ random: inout Random) {
        high = random.bits() >> 8
        low = random.bits() >> 24
    }

    /// Appends the identifier after `prefix`.
    func add(to text: inout ByteText, prefix: UInt8) {
        text.add(byte: prefix)
        for part in [high, low] {
            var left = part
            while left > 0 {
                let digit = UInt8(truncatingIfNeeded: left % 62)
                text.add(byte: digit < 10 ? 0x30 + digit : digit < 36 ? 0x37 + digit : 0x3D + digit)
                left /= 62
            }
        }
    }

    /// The identifier as text, after `prefix`.
    func string(_ prefix: UInt8) -> String {
        var text = ByteText()
        add(to: &text, prefix: prefix)
        return text.string
    }
}
