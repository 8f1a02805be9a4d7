// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowJSON
import OutflowRecords
import Testing

@Suite("Every file is what it claims to be")
struct FormatTests {
    let estate = Estate.shared
    /// The recording: three days from local midnight (UTC+1) on.
    let from = Timestamp(iso8601: Bytes("2026-03-01T23:00:00Z"))!
    let to = Timestamp(iso8601: Bytes("2026-03-04T23:00:00Z"))!

    @Test("Zeek: headers, as many values as fields, sorted, within the recording")
    func zeek() throws {
        let names = ["conn", "dns", "ssl", "http", "files", "smb_files", "dhcp", "capture_loss"]
        for name in names {
            let files = estate.files("zeek/\(name).")
            #expect(files.count == 3)
            for file in files {
                let text = String(decoding: try estate.bytes(file), as: UTF8.self)
                var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.removeLast() == "", "\(file) ends with a line end")
                #expect(lines[0] == "#separator \\x09")
                #expect(lines[1...3] == ["#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-"])
                #expect(lines[4] == "#path\t\(name)")
                #expect(lines[5].hasPrefix("#open\t2026-03-0"))
                #expect(lines.last?.hasPrefix("#close\t2026-03-0") == true)
                let count = lines[6].split(separator: "\t").count - 1
                #expect(lines[6].hasPrefix("#fields\tts\t") && lines[7].hasPrefix("#types\ttime\t"))
                #expect(lines[7].split(separator: "\t").count - 1 == count)
                var last = from
                for line in lines[8...].dropLast() {
                    let values = line.split(separator: "\t", omittingEmptySubsequences: false)
                    let time = withBytes(of: String(values[0])) { Timestamp(epochSeconds: $0) }
                    guard values.count == count, let time, time >= last, time < to, !values.contains("") else {
                        Issue.record("\(file): \(line)")
                        return
                    }
                    last = time
                }
                #expect(lines.count > 9 || name == "smb_files", "\(file) holds records")
            }
        }
    }

    @Test("Zeek: every TLS and HTTP row belongs to a connection, and names lead to addresses asked for before")
    func relations() throws {
        var connections: [Substring: [Substring: Substring]] = [:]
        for row in try estate.rows("conn") { connections[row["uid"]!] = row }
        var asked: [Substring: Set<Substring>] = [:]
        for row in try estate.rows("dns") { asked[row["query"]!, default: []].insert(row["answers"]!) }
        let files = Dictionary(grouping: try estate.rows("files")) { $0["uid"]! }
        for row in try estate.rows("ssl") {
            let connection = connections[row["uid"]!]
            #expect(connection?["id.resp_h"] == row["id.resp_h"] && connection?["service"] == "ssl")
            guard connection?["local_orig"] == "T" else { continue }
            #expect(asked[row["server_name"]!]?.contains(row["id.resp_h"]!) == true)
        }
        for row in try estate.rows("http") {
            #expect(connections[row["uid"]!]?["service"] == "http")
            let fuids = Set((files[row["uid"]!] ?? []).map { $0["fuid"]! })
            for key: Substring in ["orig_fuids", "resp_fuids"] where row[key] != "-" {
                #expect(fuids.contains(row[key]!))
            }
        }
    }

    @Test("CloudTrail: records in order of time, within the recording; some delivered twice")
    func cloudTrail() throws {
        var seen: Set<[UInt8]> = []
        var repeats = 0
        for file in estate.files("cloudtrail/") {
            var last = from
            try forEachDocument([estate.bytes(file)]) { root in
                for (_, record) in try #require(root["Records"]).elements {
                    let time = try #require(Timestamp(iso8601: record.string("eventTime")))
                    #expect(time >= last && time < to)
                    last = time
                    #expect(!record.string("eventSource").isEmpty && record["userIdentity"]?.kind == .object)
                    if !seen.insert(record.string("eventID").array).inserted { repeats += 1 }
                }
            }
        }
        #expect(seen.count > 2_000)
        #expect(repeats > 0)
    }

    @Test("Unified audit: JSON lines and CSV parse, and one day is in both")
    func unifiedAudit() throws {
        func audit(_ documents: [[UInt8]]) throws -> Set<[UInt8]> {
            var ids: Set<[UInt8]> = []
            var last = from
            try forEachDocument(documents) { record in
                let time = try #require(Timestamp(iso8601: record.string("CreationTime")))
                #expect(time >= last && time < to)
                last = time
                #expect(!record.string("Operation").isEmpty && !record.string("UserId").isEmpty)
                #expect(ids.insert(record.string("Id").array).inserted)
            }
            return ids
        }
        let lines = try estate.files("m365/unified").flatMap { try estate.lines($0) }
        let first = try audit(lines.map { Array($0.utf8) })
        let table = try #require(estate.files("m365/AuditLog").first)
        var rows = String(decoding: try estate.bytes(table), as: UTF8.self).components(separatedBy: "\r\n")
        #expect(rows.removeLast() == "")
        #expect(rows.removeFirst().hasPrefix("\u{FEFF}RecordId,CreationDate,RecordType,Operation,UserId,AuditData,"))
        let second = try audit(
            rows.map { row in
                let start = try #require(row.firstIndex(of: "\""))
                let end = try #require(row.lastIndex(of: "\""))
                return Array(row[row.index(after: start)..<end].replacingOccurrences(of: "\"\"", with: "\"").utf8)
            })
        #expect(!first.isDisjoint(with: second))
        #expect(!second.isSubset(of: first) && !first.isSubset(of: second))
    }

    @Test("Library proxy: every line has the format's seven parts")
    func library() throws {
        let form =
            /^[0-9.]+ [A-Za-z0-9]{15} [a-z]\.[a-z]+ \[(0[2-4])\/Mar\/2026:(\d\d):(\d\d):(\d\d) \+0100\] "GET https:\/\/[^ "]+ HTTP\/1\.1" \d{3} \d+$/
        for file in estate.files("library/") {
            var last = 0
            for line in try estate.lines(file) {
                guard let match = line.wholeMatch(of: form), let day = Int(match.1), let hour = Int(match.2),
                    let minute = Int(match.3), let second = Int(match.4)
                else {
                    Issue.record("\(file): \(line)")
                    return
                }
                let time = ((day * 24 + hour) * 60 + minute) * 60 + second
                #expect(time >= last)
                last = time
            }
            #expect(last > 0)
        }
    }

    @Test("The configuration names the networks and the backup")
    func configuration() throws {
        let text = String(decoding: try estate.bytes("outflow.yaml"), as: UTF8.self)
        #expect(text.contains("networks:\n  local:\n    - 10.20.0.0/16\n"))
        #expect(
            text.contains("sanctioned:\n  - name: Nightly backup\n    domains: [vault3.nordlicht-backup.example]\n"))
    }
}
