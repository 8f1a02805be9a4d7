// SPDX-License-Identifier: Apache-2.0

import CCodecs
import Foundation

/// Logs and archives that tests write.
enum Samples {
    static let connHeader =
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p"
        + "\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tmissed_bytes\thistory\n"

    /// A row of conn.log; each number is a flow of its own.
    static func conn(_ number: Int, from source: String = "10.1.0.5", sent: String = "1000", time: String? = nil)
        -> String
    {
        "\(time ?? "\(1_750_000_000 + number * 10).000000")\tC\(number)\t\(source)\t\(1_024 + number % 60_000)\t203.0.113.9\t443\ttcp"
            + "\t-\t1.5\t\(sent)\t100\tSF\t0\tShADadFf\n"
    }

    /// The same as a JSON line.
    static func json(_ number: Int, sent: String = "1000", time: String? = nil, more: String = "") -> String {
        "{\"ts\":\(time ?? "\(1_750_000_000 + number * 10).0"),\"uid\":\"C\(number)\",\"id.orig_h\":\"10.1.0.5\",\"id.orig_p\":\(1_024 + number),"
            + "\"id.resp_h\":\"203.0.113.9\",\"id.resp_p\":443,\"proto\":\"tcp\",\"orig_bytes\":\(sent),\"resp_bytes\":100,"
            + "\"conn_state\":\"SF\",\"missed_bytes\":0,\"history\":\"ShADadFf\"\(more)}\n"
    }

    /// A log that no damage touches: 4,321 bytes from 10.1.0.99.
    static let witness = connHeader + conn(0, from: "10.1.0.99", sent: "4321")

    /// A conn.log of so many rows.
    static func log(_ rows: Int) -> String { connHeader + (0..<rows).map { conn($0) }.joined() }

    enum Form { case gzip, tar, zip }

    /// Members in an archive, or the one member compressed.
    static func pack(_ members: [(name: String, bytes: [UInt8])], _ form: Form) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: members.reduce(1 << 16) { $0 + $1.bytes.count * 2 + 4_096 })
        var used = 0
        output.withUnsafeMutableBytes { output in
            let archive = archive_write_new()
            archive_write_set_bytes_in_last_block(archive, 1)
            switch form {
            case .gzip:
                archive_write_set_format_raw(archive)
                archive_write_add_filter_gzip(archive)
            case .tar: archive_write_set_format_pax_restricted(archive)
            case .zip: archive_write_set_format_zip(archive)
            }
            precondition(archive_write_open_memory(archive, output.baseAddress, output.count, &used) == ARCHIVE_OK)
            for (name, bytes) in members {
                let entry = archive_entry_new()
                archive_entry_set_pathname(entry, name)
                archive_entry_set_size(entry, Int64(bytes.count))
                archive_entry_set_filetype(entry, 0o100000)
                archive_entry_set_perm(entry, 0o644)
                precondition(archive_write_header(archive, entry) >= ARCHIVE_WARN)
                precondition(archive_write_data(archive, bytes, bytes.count) == bytes.count)
                archive_entry_free(entry)
            }
            precondition(archive_write_close(archive) == ARCHIVE_OK)
            archive_write_free(archive)
        }
        return Array(output.prefix(used))
    }

    static func gzip(_ text: String) -> [UInt8] { pack([("", Array(text.utf8))], .gzip) }
}

/// A report as `report.json` has it, read by Foundation.
struct WrittenReport {
    struct Input {
        var path: String
        var format: String
        var records: Int
        var rejected: Int
        var offsets: [Int]
        var reasons: [String]
    }

    let inputs: [Input]
    /// `at_least` of transfers by source.
    let atLeast: [String: Int]
    /// `records` of transfers by source.
    let records: [String: Int]
    /// Ids of the destinations.
    let destinations: Set<String>

    init(_ folder: Folder, _ name: String = "report") throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/\(name)/report.json"))
        let root = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        inputs = (root["inputs"] as? [[String: Any]] ?? []).map { input in
            let rejected = input["rejected"] as? [String: Any] ?? [:]
            let examples = rejected["examples"] as? [[String: Any]] ?? []
            return Input(
                path: input["path"] as? String ?? "", format: input["format"] as? String ?? "",
                records: input["records"] as? Int ?? -1, rejected: rejected["count"] as? Int ?? -1,
                offsets: examples.compactMap { $0["offset"] as? Int },
                reasons: examples.compactMap { $0["reason"] as? String })
        }
        var atLeast: [String: Int] = [:]
        var records: [String: Int] = [:]
        var destinations: Set<String> = []
        for transfer in root["ledger"] as? [[String: Any]] ?? [] {
            let source = (transfer["source"] as? [String: Any])?["id"] as? String ?? ""
            atLeast[source, default: 0] += (transfer["bytes"] as? [String: Any])?["at_least"] as? Int ?? 0
            records[source, default: 0] += transfer["records"] as? Int ?? 0
            destinations.insert((transfer["destination"] as? [String: Any])?["id"] as? String ?? "")
        }
        self.atLeast = atLeast
        self.records = records
        self.destinations = destinations
    }

    func input(_ suffix: String) -> Input? { inputs.first { $0.path.hasSuffix(suffix) } }
}
