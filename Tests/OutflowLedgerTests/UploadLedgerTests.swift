// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowRecords
import Testing

@testable import OutflowLedger

@Suite struct UploadLedgerTests {
    private func put(
        _ identity: UInt64, at seconds: Double, status: UInt16 = 200, body: UInt64? = 100, file: UInt64? = nil,
        depth: UInt32 = 1, port: UInt16 = 1000, uri: String = "/x", host: String = "drop.test", method: String = "PUT",
        to responder: String = "192.0.2.1"
    ) -> TestRecord {
        TestRecord(identity, at: seconds) { batch, mark in
            batch.uploads.append(
                WebUpload(
                    mark: mark,
                    connection: Connection(
                        originator: address("10.0.0.1"), responder: address(responder), originatorPort: port,
                        responderPort: 80),
                    depth: depth, method: batch.arena.copy(method), host: batch.arena.copy(host),
                    uri: batch.arena.copy(uri), status: status, body: body, fileID: file))
        }
    }

    private func file(
        _ identity: UInt64, id: UInt64, at seconds: Double, content: UInt64? = 7, seen: UInt64 = 100,
        total: UInt64? = 100,
        missing: UInt64 = 0, carrier: FileSeen.Carrier = .http, to receiver: String = "192.0.2.1", name: String = "",
        port: UInt16 = 80, clientPort: UInt16 = 0
    ) -> TestRecord {
        TestRecord(identity, at: seconds) { batch, mark in
            batch.files.append(
                FileSeen(
                    mark: mark, fileID: id, content: content, carrier: carrier, sender: address("10.0.0.1"),
                    receiver: address(receiver), port: port, clientPort: clientPort, fromOriginator: true, seen: seen,
                    total: total, missing: missing, name: batch.arena.copy(name)))
        }
    }

    private func only(_ records: [TestRecord]) throws -> Report.Transfer {
        let transfers = conclude(records).transfers
        try #require(transfers.count == 1)
        return transfers[0]
    }

    @Test func aRetryWithTheSameHashIsOneContent() throws {
        let transfer = try only([
            put(1, at: 1, status: 401, file: 11), put(2, at: 1.02, file: 12, depth: 2),
            file(3, id: 11, at: 1), file(4, id: 12, at: 1.02, name: "a.7z"),
        ])
        #expect(transfer.bytes == .exactly(100) && transfer.onWire == 200)
        #expect(transfer.distinctObjects == 1 && transfer.reads == 2 && transfer.records == 4)
        #expect(transfer.destination.kind == .domain && transfer.destination.id == "drop.test")
        #expect(transfer.destination.addresses == ["192.0.2.1"])
        #expect(transfer.route == .web && transfer.service == "80/tcp http")
        #expect(transfer.notes.last == "named by the log: a.7z")
    }

    @Test func aRetryThatNothingProvesIsOnceAtLeastAndTwiceAtMost() throws {
        let retry = try only([put(1, at: 1, status: 401), put(2, at: 30, depth: 1, port: 1001)])
        #expect(retry.bytes == ByteBounds(atLeast: 100, atMost: 200) && retry.onWire == 200)
        #expect(retry.distinctObjects == nil && retry.reads == 2)
        let two = try only([put(1, at: 1, status: 200), put(2, at: 30, port: 1001)])
        #expect(two.bytes == .exactly(200) && two.distinctObjects == 2)
    }

    @Test func twoSensorsSeeOneRequest() throws {
        // The second lost a part of the body, and its clock is late.
        let transfer = try only([
            put(1, at: 1), put(2, at: 1.8, body: 60, file: 12),
            file(3, id: 12, at: 1.9, content: nil, seen: 60, missing: 40),
        ])
        #expect(transfer.bytes == .exactly(100) && transfer.onWire == 100 && transfer.reads == 1)
        let apart = try only([put(1, at: 1), put(2, at: 2.5)])
        #expect(apart.reads == 2)
    }

    @Test func requestsWithoutAPositionMayBeOne() throws {
        let transfer = try only([put(1, at: 1, depth: 0), put(2, at: 1.5, depth: 0)])
        #expect(transfer.bytes == ByteBounds(atLeast: 100, atMost: 200) && transfer.onWire == nil)
    }

    @Test func controlMethodsEmptyBodiesAndInboundAreNoContent() {
        let records = [
            put(1, at: 1, body: 0), put(2, at: 2, file: 5, method: "PROPPATCH"), file(3, id: 5, at: 2),
            put(4, at: 3, method: "lock"), put(5, at: 4, body: 0, file: 6), file(6, id: 6, at: 4),
        ]
        #expect(conclude(records).transfers.isEmpty)
        #expect(conclude([put(1, at: 1, method: "BREW")]).transfers.count == 1)
        let outsider = TestRecord(1) { batch, mark in
            batch.files.append(
                FileSeen(
                    mark: mark, fileID: 1, content: 1, carrier: .http, sender: address("192.0.2.1"),
                    receiver: address("10.0.0.1"), fromOriginator: false, seen: 5, total: 5, missing: 0))
        }
        #expect(conclude([outsider]).transfers.isEmpty)
    }

    @Test func filesWithoutRequestsCountByThemselves() throws {
        let mail = try only([file(1, id: 1, at: 1, carrier: .smtp)])
        #expect(mail.route == .email && mail.bytes == .exactly(100))
        let ftp = try only([file(1, id: 1, at: 1, content: nil, seen: 90, total: nil, missing: 10, carrier: .ftp)])
        #expect(ftp.route == .network && ftp.bytes == ByteBounds(atLeast: 90, atMost: 100))
        #expect(ftp.service == "ftp")
        let twins = try only([
            file(1, id: 1, at: 1, content: nil, carrier: .ftp), file(2, id: 2, at: 1.5, content: nil, carrier: .ftp),
        ])
        #expect(twins.bytes == ByteBounds(atLeast: 100, atMost: 200) && twins.onWire == nil)
    }

    @Test func otherFilesOfARequestOnlyRaiseTheCeiling() throws {
        let result = conclude([
            put(1, at: 1, body: 1000, file: 11, host: "192.0.2.1"),
            file(2, id: 11, at: 1, content: 5, seen: 400, total: 400),
            file(3, id: 12, at: 5, content: 6, seen: 500, total: 500),
        ])
        let transfer = try #require(result.transfers.first)
        #expect(result.transfers.count == 1)
        #expect(transfer.bytes == ByteBounds(atLeast: 1000, atMost: 1500))
        // Marked as part of the request, it adds nothing.
        let marked = try only([
            put(1, at: 1, body: 1000, file: 11), put(1, at: 1, body: 0, file: 12),
            file(2, id: 11, at: 1, content: 5, seen: 400, total: 400),
            file(3, id: 12, at: 5, content: 6, seen: 500, total: 500),
        ])
        #expect(marked.bytes == .exactly(1000) && marked.reads == 1)
    }

    @Test func aBodyIsAtMostItselfAndAtLeastWhatIsDistinctInIt() throws {
        func parts(_ first: UInt64?, _ second: UInt64?, sizes: (UInt64, UInt64) = (440, 440), body: UInt64? = 900)
            throws
            -> Report.Transfer
        {
            try only([
                put(1, at: 1, body: body, file: 11), put(1, at: 1, body: 0, file: 12),
                file(2, id: 11, at: 1, content: first, seen: sizes.0, total: nil),
                file(3, id: 12, at: 2, content: second, seen: sizes.1, total: nil),
            ])
        }
        #expect(try parts(5, 6).bytes == .exactly(900))
        #expect(try parts(5, 5).bytes == ByteBounds(atLeast: 460, atMost: 900))
        #expect(try parts(5, nil).bytes == ByteBounds(atLeast: 460, atMost: 900))
        #expect(try parts(5, nil, sizes: (440, 441)).bytes == .exactly(900))
        #expect(try parts(5, 6, body: 500).bytes == .exactly(500))
        #expect(try parts(5, 6, body: nil).bytes == .exactly(880))
        #expect(try parts(5, 5, body: nil).bytes == ByteBounds(atLeast: 440, atMost: 880))
        #expect(try [parts(5, 6), parts(5, 5), parts(5, nil)].allSatisfy { $0.onWire == 900 && $0.records == 3 })
    }

    @Test func bodiesThatShareOnlyTheirFirstFileAreTwoContents() throws {
        let bodies = try only([
            put(1, at: 1, body: 900, file: 11), put(1, at: 1, body: 0, file: 12),
            put(2, at: 9, body: 900, file: 21, depth: 2), put(2, at: 9, body: 0, file: 22, depth: 2),
            file(3, id: 11, at: 1, content: 5, seen: 10), file(4, id: 12, at: 1, content: 6, seen: 800, total: 800),
            file(5, id: 21, at: 9, content: 5, seen: 10), file(6, id: 22, at: 9, content: 7, seen: 800, total: 800),
        ])
        #expect(bodies.bytes == .exactly(1800) && bodies.onWire == 1800 && bodies.distinctObjects == 2)
        let retry = try only([
            put(1, at: 1, status: 401, body: 900, file: 11), put(1, at: 1, status: 401, body: 0, file: 12),
            put(2, at: 1.5, body: 900, file: 21, depth: 2), put(2, at: 1.5, body: 0, file: 22, depth: 2),
            file(3, id: 11, at: 1, content: 6), file(4, id: 12, at: 1, content: 5),
            file(5, id: 21, at: 1.5, content: 6), file(6, id: 22, at: 1.5, content: 5),
        ])
        #expect(retry.onWire == 1800 && retry.distinctObjects == 1 && retry.bytes == .exactly(900))
    }

    /// Zeek before 5.1 does not log the port of a file.
    @Test func aFileWithoutPortBelongsToRequestsOnAnyPort() throws {
        let result = conclude([
            put(1, at: 1, body: 1000, file: 11), file(2, id: 11, at: 1, content: 5, seen: 10, port: 0),
            file(3, id: 12, at: 5, content: 6, seen: 900, total: 900, port: 0),
        ])
        var total = ByteBounds.zero
        for transfer in result.transfers { total += transfer.bytes }
        #expect(total == ByteBounds(atLeast: 1000, atMost: 1900))
        // A sensor without an HTTP log saw the same.
        let seenAgain = try only([put(1, at: 1, file: 11), file(2, id: 11, at: 1), file(3, id: 99, at: 1.4, port: 0)])
        #expect(seenAgain.bytes == .exactly(100) && seenAgain.onWire == 100 && seenAgain.reads == 1)
        let another = try only([put(1, at: 1, file: 11), file(2, id: 11, at: 1), file(3, id: 99, at: 50, port: 0)])
        #expect(another.bytes == .exactly(100) && another.onWire == 200 && another.service == "80/tcp http")
    }

    @Test func aSensorWithoutHTTPLogAddsNothing() throws {
        let transfer = try only([put(1, at: 1, file: 11), file(2, id: 11, at: 1), file(3, id: 99, at: 1.4)])
        #expect(transfer.bytes == .exactly(100) && transfer.onWire == 100 && transfer.reads == 1)
    }

    /// The content is one, but it crossed the wire twice: the flow that carried it again holds nothing new.
    @Test func onAnotherConnectionTheSameContentWasSentAgain() throws {
        func sent(_ clientPort: UInt16) -> [TestRecord] {
            [put(1, at: 1, file: 11), file(2, id: 11, at: 1), file(3, id: 99, at: 1.4, clientPort: clientPort)]
        }
        let pair = FlowConclusion.Pair(
            source: address("10.0.0.1"), destination: address("192.0.2.1"), port: 80, answered: false)
        let again = conclude(sent(1001))
        #expect(again.transfers.map(\.bytes) == [.exactly(100)] && again.transfers.map(\.onWire) == [200])
        #expect(again.uploads.bodies[pair]?.map(\.wire) == [100, 100])
        let view = conclude(sent(1000))
        #expect(view.transfers.map(\.bytes) == [.exactly(100)] && view.transfers.map(\.onWire) == [100])
        #expect(view.uploads.bodies[pair]?.map(\.wire) == [100])
        // Of several requests at once the one on its own connection is meant, also when it is neither the first nor the last.
        let requests = (0..<5).map { put(20 + $0, at: 1 + 0.01 * Double($0), file: 30 + $0, port: 1000 + UInt16($0)) }
        let files = (0..<5).map { file(40 + $0, id: 30 + $0, at: 1 + 0.01 * Double($0)) }
        func wire(_ clientPort: UInt16) -> [UInt64?] {
            conclude(requests + files + [file(3, id: 99, at: 1.4, clientPort: clientPort)]).transfers.map(\.onWire)
        }
        #expect(wire(1002) == [500] && wire(1000) == [500] && wire(1004) == [500] && wire(1005) == [600])
    }

    @Test func copiesBetweenLocalHostsAreApart() throws {
        let result = conclude([
            file(1, id: 1, at: 1, carrier: .smb, to: "10.0.0.9"), put(2, at: 1, to: "10.0.0.9"),
        ])
        #expect(result.transfers.isEmpty)
        #expect(result.uploads.copies.map(\.service) == ["80/tcp http", "80/tcp smb"])
        #expect(result.uploads.copies.map(\.contents) == [[], [7]])
    }

    @Test func bodiesAreToldByPair() throws {
        let result = conclude([put(1, at: 1), put(2, at: 2, body: 50, depth: 2), put(3, at: 3, body: nil, depth: 3)])
        let pair = FlowConclusion.Pair(
            source: address("10.0.0.1"), destination: address("192.0.2.1"), port: 80, answered: false)
        // Of the third, nobody knows the size: no flow is smaller for it.
        #expect(result.uploads.bodies[pair]?.map(\.wire) == [100, 50])
        #expect(result.transfers.map(\.onWire) == [nil])
    }

    /// Contents that are sent once or, after a 401, again; seen by one or two sensors that lose bytes, hashes and whole
    /// logs. The bounds must hold what really left, and figures on the wire must be right or unknown.
    @Test(arguments: propertySeeds) func boundsHoldTheTruth(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            var records: [TestRecord] = []
            var truth: UInt64 = 0
            var wire: UInt64 = 0
            var identity: UInt64 = 1
            let hasSecondSensor = Bool.random(using: &random)
            let secondHasHTTP = Bool.random(using: &random)
            for content in 1...UInt64.random(in: 1...6, using: &random) {
                let size = 100 + content * UInt64.random(in: 0...2, using: &random)
                truth += size
                var time = Double(content) * 100
                let sendings = Int.random(in: 1...2, using: &random)
                for sending in 1...sendings {
                    wire += size
                    for sensor in 0...(hasSecondSensor ? 1 : 0) {
                        let late = Double(sensor) * 0.3
                        let isWhole = Bool.random(using: &random)
                        let hasFile = sensor == 1 && !secondHasHTTP || Bool.random(using: &random)
                        let id = content * 10 + UInt64(sending * 2 + sensor)
                        if sensor == 0 || secondHasHTTP {
                            records.append(
                                put(
                                    identity, at: time + late, status: sending < sendings ? 401 : 200, body: size,
                                    file: hasFile ? id : nil, depth: UInt32(sending), port: UInt16(content),
                                    uri: "/\(content % 2)"))
                        }
                        if hasFile {
                            records.append(
                                file(
                                    identity + 1, id: id, at: time + late + 0.01, content: isWhole ? content : nil,
                                    seen: isWhole ? size : size - 9, total: size, missing: isWhole ? 0 : 9))
                        }
                        identity += 2
                    }
                    time += 0.5
                }
            }
            let transfers = conclude(records.shuffled(using: &random)).transfers
            var total = ByteBounds.zero
            for transfer in transfers { total += transfer.bytes }
            #expect(total.atLeast <= truth && truth <= total.atMost ?? .max, "seed \(seed): \(total), not \(truth)")
            let known = transfers.reduce(UInt64(0)) { $0 + ($1.onWire ?? 0) }
            let isKnown = transfers.allSatisfy { $0.onWire != nil }
            #expect(isKnown ? known == wire : known <= wire, "seed \(seed): \(known) on the wire, not \(wire)")
        }
    }

    /// Forms with several files, some of them the same one twice; seen by one or two sensors that log ports and hashes or
    /// not. Content is what is distinct in each body; on the wire is every body.
    @Test(arguments: propertySeeds) func boundsHoldTheTruthOfForms(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            var records: [TestRecord] = []
            var (truth, wire): (UInt64, UInt64) = (0, 0)
            let sensors = UInt64.random(in: 1...2, using: &random)
            for form in 1...UInt64.random(in: 1...4, using: &random) {
                let contents = (0..<Int.random(in: 2...4, using: &random)).map { _ in
                    form * 10 + UInt64.random(in: 0...2, using: &random)
                }
                let size: (UInt64) -> UInt64 = { 100 + $0 % 2 * 50 }
                let fields = UInt64.random(in: 1...20, using: &random)
                let body = contents.reduce(fields) { $0 + size($1) }
                truth += Set(contents).reduce(fields) { $0 + size($1) }
                wire += body
                for sensor in 0..<sensors {
                    let time = Double(form) * 10 + Double(sensor) * 0.3
                    let first = form * 1000 + sensor * 100
                    for (number, content) in contents.enumerated() {
                        let id = first + UInt64(number)
                        records.append(
                            put(first, at: time, body: number == 0 ? body : 0, file: id, port: UInt16(form)))
                        records.append(
                            file(
                                id + 50, id: id, at: time + 0.1, content: Bool.random(using: &random) ? content : nil,
                                seen: size(content), total: nil, port: Bool.random(using: &random) ? 80 : 0))
                    }
                }
            }
            let transfers = conclude(records.shuffled(using: &random)).transfers
            let total = transfers.reduce(ByteBounds.zero) { $0 + $1.bytes }
            #expect(total.atLeast <= truth && truth <= wire && total.atMost == wire, "seed \(seed): \(total), \(truth)")
            #expect(transfers.map(\.onWire) == [wire], "seed \(seed)")
        }
    }

    static let corpora = ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"]

    /// The WebDAV theft of APT29 day 1: one archive, sent twice because of a 401.
    @Test(.enabled(if: corpora != nil, "set OUTFLOW_CORPORA to run")) func webDAVTheft() throws {
        let folder = try #require(Self.corpora) + "/apt29-day1/"
        let batch = ActivityBatch()
        func lines(_ name: String) throws -> [[String: Any]] {
            try String(contentsOfFile: folder + name, encoding: .utf8).split(separator: "\n").compactMap {
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
        }
        func hash(_ text: String) -> UInt64 { withBytes(of: text) { ContentHash.of($0) } }
        func mark(_ row: [String: Any], _ id: String) -> RecordMark {
            RecordMark(
                time: Timestamp(microseconds: Int64((row["ts"] as? Double ?? 0) * 1_000_000)), identity: hash(id),
                offset: 0,
                length: 1)
        }
        func place(_ value: Any?) -> IPAddress { address(value as? String ?? ((value as? [String])?.first ?? "")) }
        for row in try lines("SCRANTON_http.log") {
            let number = { (key: String) in (row[key] as? NSNumber)?.uint64Value ?? 0 }
            batch.uploads.append(
                WebUpload(
                    mark: mark(row, "\(row["uid"] ?? "") \(number("trans_depth"))"),
                    connection: Connection(
                        originator: place(row["id_orig_h"]), responder: place(row["id_resp_h"]),
                        originatorPort: UInt16(number("id_orig_p")), responderPort: UInt16(number("id_resp_p"))),
                    depth: UInt32(number("trans_depth")), method: batch.arena.copy(row["method"] as? String ?? ""),
                    host: batch.arena.copy(row["host"] as? String ?? ""),
                    uri: batch.arena.copy(row["uri"] as? String ?? ""),
                    status: UInt16(number("status_code")), body: number("request_body_len"),
                    fileID: (row["orig_fuids"] as? [String])?.first.map(hash)))
        }
        for row in try lines("SCRANTON_files.log") where row["source"] as? String != "SSL" {
            let number = { (key: String) in (row[key] as? NSNumber)?.uint64Value }
            let carriers: [String: FileSeen.Carrier] = ["HTTP": .http, "SMB": .smb]
            batch.files.append(
                FileSeen(
                    mark: mark(row, "\(row["fuid"] ?? "") \(row["ts"] ?? "")"),
                    fileID: hash(row["fuid"] as? String ?? ""),
                    content: (row["sha1"] as? String).map(hash),
                    carrier: carriers[row["source"] as? String ?? ""] ?? .other,
                    sender: place(row["tx_hosts"]), receiver: place(row["rx_hosts"]),
                    fromOriginator: row["is_orig"] as? Bool ?? false, seen: number("seen_bytes") ?? 0,
                    total: number("total_bytes"), missing: number("missing_bytes") ?? 0))
        }
        var ledger = RichLedger(domainStart: lastTwoLabels)
        _ = ledger.observe(batch, input: 0)
        let local = Network("10.0.0.0/16")!
        let transfers = ledger.conclude(.init(isLocal: { local.contains($0) })).transfers
        try #require(transfers.count == 1)
        #expect(transfers[0].source.id == "10.0.1.4" && transfers[0].destination.id == "192.168.0.4")
        #expect(transfers[0].service == "80/tcp http")
        #expect(transfers[0].bytes == .exactly(1_082_089))
        #expect(transfers[0].onWire == 2_164_178)
        #expect(transfers[0].distinctObjects == 1 && transfers[0].reads == 2)
    }
}
