// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowEVTX
import OutflowRecords
import Testing

@testable import OutflowReaders

@Suite struct EventLogFramingTests {
    /// A record without an event.
    private func record(_ size: Int, _ fill: UInt8) -> [UInt8] {
        let length = withUnsafeBytes(of: UInt32(size).littleEndian) { Array($0) }
        return [0x2A, 0x2A, 0, 0] + length + [UInt8](repeating: fill, count: size - 12) + length
    }

    private func chunk(_ records: [[UInt8]]) -> [UInt8] {
        var bytes = Array("ElfChnk\0".utf8) + [UInt8](repeating: 0, count: 504)
        bytes[40] = 128
        bytes += records.flatMap { $0 }
        return bytes + [UInt8](repeating: 0, count: 65_536 - bytes.count)
    }

    private var fileHeader: [UInt8] { Array("ElfFile\0".utf8) + [UInt8](repeating: 0, count: 4088) }

    /// Offsets and lengths of what is handed out, and the input.
    private func read(
        _ bytes: [UInt8], blockBytes: Int = 1
    ) -> (stretches: [[UInt64]], input: InputSummary) {
        var limits = ReadLimits()
        limits.blockBytes = blockBytes
        let reader = InputReader(bytes: bytes, path: "log", limits: limits)
        let buffer = BlockBuffer()
        var stretches: [[UInt64]] = []
        while let next = reader.next(into: buffer) {
            #expect(next.block.framing == .eventLog)
            next.block.forEachRecord { stretch, offset in
                stretches.append([offset, UInt64(stretch.count)])
                let from = Int(offset)
                #expect(stretch.array == Array(bytes[from..<from + stretch.count]))
            }
        }
        return (stretches, reader.inputs[0])
    }

    @Test func aFileIsItsChunksWhateverTheBlocks() {
        let file = fileHeader + (1...9).flatMap { chunk([record(100, $0), record(5000, $0)]) }
        for blockBytes in [1, 100_000, 1 << 20, 4 << 20] {
            let (stretches, input) = read(file, blockBytes: blockBytes)
            #expect(stretches == (0..<9).map { [4096 + $0 * 65_536, 65_536] })
            #expect(input.format == "windows-evtx")
            // The header's checksum is wrong.
            #expect(input.rejected.count == 1)
        }
    }

    @Test func whatIsNeitherChunkNorRecordIsToldInAFile() {
        var wrong = chunk([])
        wrong.replaceSubrange(0..<8, with: [UInt8](repeating: 7, count: 8))
        let stray = record(500, 1)
        wrong.replaceSubrange(30_000..<30_500, with: stray)
        let file = fileHeader + chunk([record(100, 1)]) + wrong + chunk([record(100, 2)]) + [0, 0, 0]
        let (stretches, input) = read(file)
        #expect(stretches == [[4096, 65_536], [4096 + 95_536, 500], [4096 + 131_072, 65_536]])
        #expect(
            input.rejected.examples.map(\.reason) == [
                "the checksum of the file's header is wrong; its chunks are read all the same",
                "30000 bytes that are neither a chunk nor a record",
            ])
    }

    @Test func logsAreFoundFarInsideAnImage() {
        let seed = UInt64.random(in: 0 ... .max)
        var state = seed
        let noise: [UInt8] = (0..<700_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        let image = noise + chunk([record(100, 1)]) + noise + record(64, 1) + noise
        for blockBytes in [1, 1 << 20] {
            let (stretches, input) = read(image, blockBytes: blockBytes)
            #expect(stretches == [[700_000, 65_536], [1_465_536, 64]], "seed \(seed)")
            #expect(input.format == "windows-evtx")
        }
        let (none, input) = read(noise)
        #expect(none == [])
        #expect(input.format == "unrecognised")
        #expect(input.rejected.examples.map(\.offset) == [0])
    }

    @Test(arguments: [8, 127, 128, 2000, 4095]) func aFileThatEndsWithinItsHeaderIsTold(count: Int) {
        let (stretches, input) = read(Array(fileHeader[..<count]))
        #expect(stretches == [])
        #expect(input.rejected.count == 1)
        #expect(
            input.rejected.examples.first?.reason.hasPrefix("the file ends within its header, after \(count) of")
                == true)
    }

    @Test func aChunkThatTheStreamCutsOffIsHandedOut() {
        let (stretches, _) = read(Array((fileHeader + chunk([record(100, 1)]))[..<10_000]))
        #expect(stretches == [[4096, 5904]])
    }
}

@Suite(
    .enabled(if: ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"] != nil, "OUTFLOW_CORPORA is not set"))
struct EventRecordTextTests {
    @Test func eventsOfABinaryLogAreShownAsJSON() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"])
        let reader = InputReader(paths: ["\(folder)/evtx/evtx-attack-samples.tar.gz"])
        let buffer = BlockBuffer()
        var shown = 0
        while shown < 100, let next = reader.next(into: buffer) {
            guard next.block.framing == .eventLog, let chunk = next.block.elements.first else { continue }
            var offsets: [UInt64] = []
            let start = next.block.offset + UInt64(chunk.lowerBound)
            EventLogReader().read(next.block.bytes[chunk], at: start) { event in
                offsets.append(event.offset)
            } damaged: { _, _ in
            }
            for offset in offsets.prefix(20) {
                let origin = Origin(input: next.input, offset: offset, length: 1)
                let json = try #require(EventRecordText.json(origin, in: next.block))
                let root = try JSONSerialization.jsonObject(with: Data(json)) as? [String: [String: Any]]
                #expect(root?["Event"]?["System"] is [String: Any])
                #expect(EventRecordText.json(Origin(input: 0, offset: offset + 1, length: 1), in: next.block) == nil)
                shown += 1
            }
        }
        #expect(shown >= 100)
    }
}
