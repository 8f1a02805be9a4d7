// SPDX-License-Identifier: Apache-2.0

/// A log that a small world writes.
enum Log: String, CaseIterable, Hashable {
    case conn, ssl, http, files, dns, cloudtrail, s3, audit, library, vpc, suricata

    /// Whether it is one of Zeek's, which come as TSV or as JSON.
    var isZeek: Bool { columns != nil }

    /// Columns of Zeek's logs in the order of the TSV form, each with its type.
    var columns: [(name: String, type: String)]? {
        let connection = [
            ("ts", "time"), ("uid", "string"), ("id.orig_h", "addr"), ("id.orig_p", "port"), ("id.resp_h", "addr"),
            ("id.resp_p", "port"),
        ]
        switch self {
        case .conn:
            return connection + [
                ("proto", "enum"), ("service", "string"), ("duration", "interval"), ("orig_bytes", "count"),
                ("resp_bytes", "count"), ("conn_state", "string"), ("missed_bytes", "count"), ("history", "string"),
                ("orig_pkts", "count"), ("orig_ip_bytes", "count"), ("resp_pkts", "count"), ("resp_ip_bytes", "count"),
            ]
        case .ssl: return connection + [("version", "string"), ("server_name", "string"), ("established", "bool")]
        case .http:
            return connection + [
                ("trans_depth", "count"), ("method", "string"), ("host", "string"), ("uri", "string"),
                ("request_body_len", "count"), ("response_body_len", "count"), ("status_code", "count"),
                ("orig_fuids", "vector[string]"),
            ]
        case .files:
            return [
                ("ts", "time"), ("fuid", "string"), ("tx_hosts", "set[addr]"), ("rx_hosts", "set[addr]"),
                ("conn_uids", "set[string]"), ("source", "string"), ("is_orig", "bool"), ("seen_bytes", "count"),
                ("total_bytes", "count"), ("missing_bytes", "count"), ("sha1", "string"),
            ]
        case .dns:
            return connection + [
                ("proto", "enum"), ("trans_id", "count"), ("query", "string"), ("qtype", "count"),
                ("answers", "vector[string]"),
            ]
        default: return nil
        }
    }
}

/// One record of a small world: as its log would write it, and what the test knows about it.
struct LogLine {
    var log: Log
    /// The text of the record, but for Zeek's rows, which have values instead.
    var text = ""
    /// Values of Zeek's columns in their order; nil is unset.
    var values: [String?] = []
    /// The Microsoft 365 record as the other export (CSV) has it.
    var isCSV = false

    /// The record of a Zeek log.
    init(_ log: Log, _ values: [String?]) {
        self.log = log
        self.values = values
        precondition(values.count == log.columns?.count)
    }

    /// The record of any other log.
    init(_ log: Log, text: String) {
        self.log = log
        self.text = text
    }

    /// The record as text: a row of TSV or an object, or the line of any other log.
    func text(json: Bool, named: Bool) -> String {
        guard let columns = log.columns else { return text }
        guard json else { return values.map { $0 ?? "-" }.joined(separator: "\t") }
        var members = named ? ["\"_path\":\"\(log.rawValue)\""] : []
        for (column, value) in zip(columns, values) {
            guard let value else { continue }
            switch column.type {
            case "time", "interval", "count", "port": members.append("\"\(column.name)\":\(value)")
            case "bool": members.append("\"\(column.name)\":\(value == "T")")
            case "set[addr]", "set[string]", "vector[string]":
                let list = value.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ",")
                members.append("\"\(column.name)\":[\(list)]")
            default: members.append("\"\(column.name)\":\"\(value)\"")
            }
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// Header lines of a TSV file.
    static func header(_ log: Log) -> String {
        guard let columns = log.columns else { return "" }
        return "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t\(log.rawValue)\n"
            + "#fields\t" + columns.map(\.name).joined(separator: "\t") + "\n"
            + "#types\t" + columns.map(\.type).joined(separator: "\t") + "\n"
    }
}
