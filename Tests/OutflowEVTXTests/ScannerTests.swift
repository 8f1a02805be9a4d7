// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowEVTX

@Suite struct ScannerTests {
    /// All stretches in some bytes, and the sum of the gaps.
    private func stretches(_ bytes: [UInt8]) -> (stretches: [Range<Int>], gaps: Int) {
        bytes.withUnsafeBytes { raw in
            let all = Bytes(raw)
            let scanner = EventLogScanner()
            var found: [Range<Int>] = []
            var gaps = 0
            var at = 0
            while at < all.count {
                switch scanner.step(all.suffix(from: at), isLast: true) {
                case .stretch(let size):
                    found.append(at..<at + size)
                    at += size
                case .gap(let size):
                    gaps += size
                    at += size
                }
            }
            return (found, gaps)
        }
    }

    private func writer(_ id: UInt64, _ count: UInt64 = 4) -> EventLogWriter {
        let event = Template.event()
        var writer = EventLogWriter()
        for id in id..<id + count { writer.add(id, [.instance(event, Template.system(1, record: id, []))]) }
        return writer
    }

    @Test func chunksAndRecordsAreFoundAmongOtherBytes() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed)
        let lone = writer(50)
        let other: (Int) -> [UInt8] = { count in (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
        let parts: [[UInt8]] = [
            other(777), writer(1).finished(), other(12_345), writer(9).finished(),
            Array(lone.finished()[lone.records[1].offset..<lone.at]), other(100),
            Array(lone.finished()[lone.records[2].offset..<lone.records[3].offset]), other(5),
        ]
        var at = 0
        var expected: [Range<Int>] = []
        for (index, part) in parts.enumerated() {
            if ![0, 2, 5, 7].contains(index) { expected.append(at..<at + part.count) }
            at += part.count
        }
        #expect(stretches(parts.flatMap { $0 }).stretches == expected, "seed \(seed)")
    }

    @Test func aChunkEndsWhereAnotherBegins() {
        let bytes = writer(1).finished()[..<8192] + writer(100).finished()
        #expect(stretches(Array(bytes)).stretches == [0..<8192, 8192..<8192 + 65_536])
    }

    @Test func aFileWithoutItsHeaderIsItsChunks() {
        let file = EventLogWriter.file([writer(1).finished(), writer(2).finished()])
        #expect(stretches(Array(file[4096...])).stretches == [0..<65_536, 65_536..<131_072])
        #expect(stretches(file).stretches == [4096..<69_632, 69_632..<135_168])
    }

    @Test func textIsNoEventLog() {
        let text = Array("ElfChnk is the mark of a chunk, ** of a record\n".utf8)
        #expect(stretches(text).stretches == [])
        text.withUnsafeBytes { #expect(!EventLogScanner.begins(Bytes($0)) && !EventLogScanner.holdsAny(Bytes($0))) }
    }

    @Test func theFileHeaderSaysHowLongItIs() {
        var file = EventLogWriter.file([])
        file.withUnsafeBytes { bytes in
            let header = EventLogScanner.fileHeader(Bytes(bytes))
            #expect(header?.length == 4096)
            #expect(header?.isSound == true)
        }
        file[20] = 9
        file.withUnsafeBytes { #expect(EventLogScanner.fileHeader(Bytes($0))?.isSound == false) }
    }
}
