// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

@testable import OutflowEngine

@Suite("Partials that contradict themselves")
struct DamagedPartialTests {
    @Test("Flows of an input that is not listed are refused (found by fuzzing)", arguments: [0, 1])
    func flowsOfNoInput(listed: Int) throws {
        let flow = Flow(
            originator: try #require(IPAddress("10.0.0.5")), responder: try #require(IPAddress("203.0.113.10")),
            start: Timestamp(microseconds: 1_588_205_400_000_000), duration: 0, originatorBytes: 1000,
            responderBytes: 0,
            originatorPort: 5000, responderPort: 443, proto: 6, sensor: .zeek)
        let inputs = (0..<listed).map { Report.Input(path: "\($0).log", format: "zeek-tsv", bytes: 1, sha256: "") }
        try expectRefusal(FlowRecords.encode([flow], inputs: [UInt32(listed)]), Ledger().encode(inputs: inputs))
    }

    @Test("Evidence in an input that is not listed is refused (found by fuzzing)")
    func evidenceInNoInput() throws {
        let ledger = Ledger()
        let batch = ActivityBatch()
        batch.objects.append(
            ObjectAccess(
                mark: RecordMark(time: Timestamp(microseconds: 0), identity: 1, offset: 0, length: 10), route: .web,
                state: .taken, source: EntityView(.host, id: Bytes("h")),
                destination: EntityView(.address, id: Bytes("203.0.113.10")), object: Bytes("o"), bytes: 1000))
        _ = ledger.observe(batch, input: 1)
        try expectRefusal(
            ledger.encode(inputs: [Report.Input(path: "0.log", format: "squid", bytes: 1, sha256: "")]))
    }

    @Test("A partial with any bit turned is refused")
    func decay() throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).partial")
        defer { try? FileManager.default.removeItem(at: place) }
        let writer = try PartialWriter(path: place.path)
        let flow = Flow(
            originator: IPAddress(v4: 0x0A00_0005), responder: IPAddress(v4: 0xCB00_7109),
            start: Timestamp(microseconds: 1_750_000_000_000_000), duration: 1, originatorBytes: 1_000,
            responderBytes: 5, originatorPort: 50_000, responderPort: 443, proto: 6, sensor: .zeek)
        try writer.append([flow], input: 0)
        let merge = Merge()
        try merge.finish(writer)
        let whole = try Data(contentsOf: place)
        for at in whole.indices {
            var turned = whole
            turned[at] ^= 1 << UInt8(at % 8)
            try turned.write(to: place)
            #expect(throws: PartialFile.Failure.self, "byte \(at)") { try Merge().add(place.path) }
        }
    }

    private func expectRefusal(_ pieces: [UInt8]...) throws {
        var file = Data()
        for piece in pieces {
            withUnsafeBytes(of: UInt64(piece.count).littleEndian) { file.append(contentsOf: $0) }
            file.append(contentsOf: piece)
            withUnsafeBytes(of: PartialFile.checksum(piece).littleEndian) { file.append(contentsOf: $0) }
        }
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).partial")
        defer { try? FileManager.default.removeItem(at: place) }
        try file.write(to: place)
        #expect(throws: PartialFile.Failure.self) { try Merge().add(place.path) }
    }
}
