// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowJSON
import OutflowRecords
import Testing

/// The truth is added up while the thefts are written; these tests add up the written records themselves.
@Suite("The truth is what the records add up to")
struct TruthTests {
    let estate = Estate.shared

    private func flows(_ entry: TruthEntry) throws -> [[Substring: Substring]] {
        let ids = Set(entry.identities.map { Substring($0) })
        return try estate.rows("conn").filter { ids.contains($0["uid"]!) }
    }

    private func number(_ row: [Substring: Substring], _ key: Substring) -> Int { Int(row[key] ?? "") ?? -1 }

    @Test("Network flows", arguments: ["network-upload", "nightly-backup", "lecture-video"])
    func network(id: String) throws {
        let entry = try estate.truth(id)
        let rows = try flows(entry)
        #expect(rows.count == entry.records && entry.records > 0)
        #expect(rows.reduce(0) { $0 + number($1, "orig_bytes") } == entry.bytes.at_most)
        #expect(
            rows.reduce(0) { $0 + number($1, "orig_bytes") - number($1, "missed_bytes") } == entry.bytes.at_least)
        #expect(rows.allSatisfy { $0["id.orig_h"]! == entry.source.id && $0["local_orig"] == "T" })
        // These are all flows between the two: nothing else hides in the same pair.
        let addresses = entry.destination.addresses ?? []
        let all = try estate.rows("conn").filter {
            $0["id.orig_h"]! == entry.source.id && addresses.contains(String($0["id.resp_h"]!))
        }
        #expect(all.count == rows.count)
    }

    @Test("The upload is near 1.8 GB, was staged before, and its destination is new")
    func upload() throws {
        let entry = try estate.truth("network-upload")
        #expect((1_300_000_000...2_300_000_000).contains(entry.bytes.at_least))
        #expect(try #require(entry.bytes.at_most) > entry.bytes.at_least)
        let opened = try estate.rows("smb_files").filter { $0["path"]!.hasSuffix("\\research") }
        #expect(opened.map { String($0["name"]!) } == entry.names)
        #expect(opened.allSatisfy { $0["id.orig_h"]! == entry.source.id })
        let visitors = Set(
            try estate.rows("ssl").filter { $0["server_name"]! == entry.destination.id }.map { $0["id.orig_h"]! })
        #expect(visitors == [Substring(entry.source.id)])
    }

    @Test("The archive: two bodies on the wire, one content")
    func put() throws {
        let entry = try estate.truth("archive-put")
        let requests = try estate.rows("http").filter { $0["uid"]! == entry.identities[0] }
        #expect(requests.map { $0["status_code"] } == ["401", "201"])
        #expect(requests.reduce(0) { $0 + number($1, "request_body_len") } == entry.bytes.on_wire)
        let bodies = try estate.rows("files").filter { $0["uid"]! == entry.identities[0] && $0["is_orig"] == "T" }
        #expect(bodies.count == 2 && Set(bodies.map { $0["sha1"]! }).count == 1)
        #expect(entry.names[0].hasSuffix("sha1:\(bodies[0]["sha1"]!)"))
        #expect(number(bodies[0], "seen_bytes") == entry.bytes.at_least && entry.bytes.at_least == entry.bytes.at_most)
        let flow = try #require(try flows(entry).first)
        #expect(number(flow, "orig_bytes") > 2 * entry.bytes.at_least)
    }

    @Test("Objects: each key once in content, every read on the wire, listings and refusals in neither")
    func bucket() throws {
        let entry = try estate.truth("bucket-pull")
        var events: [String: (key: String, bytes: Int)] = [:]
        var others = 0
        for file in estate.files("cloudtrail/") {
            try forEachDocument([estate.bytes(file)]) { root in
                for (_, record) in try #require(root["Records"]).elements
                where record.string("sourceIPAddress").string == entry.destination.id {
                    #expect(record["userIdentity"]?.string("arn").string == entry.source.id)
                    if record.string("eventName") == "GetObject", record["errorCode"] == nil {
                        let bytes = try #require(record["additionalEventData"]?["bytesTransferredOut"]?.count)
                        let key = record["requestParameters"]?.string("key").string ?? ""
                        events[record.string("eventID").string] = (key, Int(bytes))
                    } else {
                        others += 1
                    }
                }
            }
        }
        #expect(Set(events.keys) == Set(entry.identities) && events.count == entry.records)
        #expect(events.values.reduce(0) { $0 + $1.bytes } == entry.bytes.on_wire)
        var content: [String: Int] = [:]
        for event in events.values { content[event.key] = max(content[event.key] ?? 0, event.bytes) }
        #expect(content.values.reduce(0, +) == entry.bytes.at_least && entry.bytes.at_least == entry.bytes.at_most)
        #expect(content.count == entry.objects.distinct && entry.objects.reads > content.count)
        #expect(others >= 10)
    }

    @Test("Mail: distinct messages, sizes only where logged")
    func mailbox() throws {
        let entry = try estate.truth("mailbox-sync")
        let lines = try estate.files("m365/unified").flatMap { try estate.lines($0) }.map { Array($0.utf8) }
        let table = try #require(estate.files("m365/AuditLog").first)
        let rows = String(decoding: try estate.bytes(table), as: UTF8.self).components(separatedBy: "\r\n")
        let cells = rows.filter { $0.contains("MailItemsAccessed") }.compactMap { row -> [UInt8]? in
            guard let start = row.firstIndex(of: "\""), let end = row.lastIndex(of: "\"") else { return nil }
            return Array(row[row.index(after: start)..<end].replacingOccurrences(of: "\"\"", with: "\"").utf8)
        }
        var records: Set<String> = []
        var sizes: [String: Int?] = [:]
        var listed = 0
        var syncs = 0
        try forEachDocument(lines + cells) { record in
            guard record.string("Operation") == "MailItemsAccessed",
                record.string("ClientIPAddress").string == entry.destination.id,
                records.insert(record.string("Id").string).inserted
            else { return }
            #expect(record.string("MailboxOwnerUPN").string == entry.source.id)
            if record["Item"] != nil { syncs += 1 }
            guard let folders = record["Folders"] else { return }
            for (_, folder) in folders.elements {
                for (_, item) in try #require(folder["FolderItems"]).elements {
                    listed += 1
                    let size = item["SizeInBytes"]?.count.map { Int($0) }
                    sizes.updateValue(size, forKey: item.string("InternetMessageId").string)
                }
            }
        }
        #expect(records == Set(entry.identities) && records.count == entry.records)
        #expect(sizes.count == entry.objects.distinct && listed == entry.objects.reads)
        #expect(sizes.values.reduce(0) { $0 + ($1 ?? 0) } == entry.bytes.at_least)
        #expect(sizes.values.contains(nil) && entry.bytes.at_most == nil && entry.bytes.on_wire == nil)
        #expect(syncs == 4)
    }

    @Test("Papers: whole answers are exact, parts have a floor", arguments: ["paper-harvest", "avid-reader"])
    func papers(id: String) throws {
        let entry = try estate.truth(id)
        var whole: [Substring: Int] = [:]
        var parts: [Substring: [Int]] = [:]
        var wire = 0
        var records = 0
        for line in try estate.files("library/").flatMap({ try estate.lines($0) }) {
            let fields = line.split(separator: " ")
            guard entry.identities.contains(String(fields[1])) else { continue }
            #expect(fields[0] == entry.destination.id && fields[2] == entry.source.id)
            let url = fields[6]
            guard url.hasSuffix(".pdf"), let bytes = Int(fields[9]) else { continue }
            records += 1
            wire += bytes
            if fields[8] == "206" { parts[url, default: []].append(bytes) } else { whole[url] = bytes }
        }
        #expect(records == entry.records && wire > 0 && entry.bytes.on_wire == nil)
        #expect(Set(whole.keys).union(parts.keys).count == entry.objects.distinct)
        var least = whole.values.reduce(0, +)
        for (url, pieces) in parts where whole[url] == nil { least += pieces.max() ?? 0 }
        // Equal parts of one second are equal lines, so that their sum is no ceiling.
        #expect(entry.bytes.at_least == least && entry.bytes.at_most == nil && !parts.isEmpty)
        if id == "paper-harvest" { #expect(entry.objects.distinct == 300 && entry.objects.reads > 300) }
    }

    @Test("First and last lie within the recording, in order")
    func times() throws {
        let file = try JSONDecoder().decode(TruthFile.self, from: Data(try estate.bytes("truth.json")))
        #expect(
            file.thefts.map(\.id) == ["network-upload", "archive-put", "bucket-pull", "mailbox-sync", "paper-harvest"])
        #expect(file.look_alikes.map(\.id) == ["nightly-backup", "lecture-video", "avid-reader"])
        #expect(file.local_networks == ["10.20.0.0/16", "10.40.0.0/16", "192.0.2.0/24"])
        for entry in file.thefts + file.look_alikes {
            #expect("2026-03-01T23:00:00.000000Z" <= entry.first && entry.first <= entry.last)
            #expect(entry.last < "2026-03-04T23:00:00.000000Z")
        }
    }
}
