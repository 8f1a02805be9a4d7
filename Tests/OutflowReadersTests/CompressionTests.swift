// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowReaders

/// Some 20 KB of lines that no compressor makes trivial.
private let sample: [UInt8] = {
    var random = SplitMix(state: 7)
    return Array((0..<600).map { "line \($0) \(random.next() % 1_000_000) some words that repeat\n" }.joined().utf8)
}()

/// Reads a stream to its end, in pieces of `size`.
private func readAll(_ stream: any ByteStream, size: Int = 1000) -> (bytes: [UInt8], failure: StreamFailure?) {
    var bytes: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
    defer { buffer.deallocate() }
    do throws(StreamFailure) {
        while case let count = try stream.read(into: buffer), count > 0 { bytes.append(contentsOf: buffer[0..<count]) }
    } catch { return (bytes, error) }
    return (bytes, nil)
}

private func unlimited() -> DecodingBudget { DecodingBudget(limits: ReadLimits()) { 0 } }

@Suite struct Compression {
    @Test(arguments: Samples.Filter.allCases) func roundTrip(_ filter: Samples.Filter) {
        let packed = Samples.compress(sample, filter)
        let (records, inputs) = read(packed)
        #expect(records.map(\.text) == read(sample).records.map(\.text))
        #expect(records.map(\.offset) == read(sample).records.map(\.offset))
        #expect(inputs.map(\.path) == ["log"])
        #expect(inputs[0].bytes == UInt64(packed.count))
        #expect(inputs[0].rejected.count == 0)
    }

    @Test(arguments: Samples.Filter.allCases) func severalStreamsInOne(_ filter: Samples.Filter) {
        // compress(1) streams cannot be joined: nothing marks their end.
        guard filter != .compress else { return }
        let packed =
            Samples.compress(Array("one\ntwo\n".utf8), filter) + Samples.compress(Array("three\n".utf8), filter)
        let (records, inputs) = read(packed)
        #expect(records.map(\.text) == ["one", "two", "three"])
        #expect(inputs[0].rejected.count == 0)
    }

    @Test func whatLiesBehindBzip2IsTold() {
        let (records, inputs) = read(Samples.compress(sample, .bzip2) + Array("more\n".utf8))
        #expect(records.count == 600)
        #expect(inputs[0].rejected.examples.contains { $0.reason.contains("behind the compressed data") })
    }

    @Test func gzipMembersAtEveryBorder() {
        let text = Array("a few words, a few words, and a few words more\n".utf8)
        let packed = Samples.compress(text, .gzip) + Samples.compress([], .gzip) + Samples.compress(text, .gzip)
        for chunk in 1...packed.count {
            for size in [1, 2, 3, 10, 1000] {
                let (bytes, failure) = readAll(
                    GzipBytes(MemoryBytes(packed, chunk: chunk), budget: unlimited()), size: size)
                #expect(bytes == text + text, "chunks of \(chunk)")
                #expect(failure == nil)
            }
        }
    }

    @Test func zstdAndLZ4AtEveryBorder() {
        let text = Array("a few words, a few words, and a few words more\n".utf8)
        let zstd = Samples.compress(text, .zstd)
        let lz4 = Samples.compress(text, .lz4)
        for chunk in 1...100 {
            for size in [1, 7, 1000] {
                let some = readAll(ZstdBytes(MemoryBytes(zstd + zstd, chunk: chunk), budget: unlimited()), size: size)
                #expect(some.bytes == text + text && some.failure == nil)
                let others = readAll(LZ4Bytes(MemoryBytes(lz4 + lz4, chunk: chunk), budget: unlimited()), size: size)
                #expect(others.bytes == text + text && others.failure == nil)
            }
        }
    }

    @Test(arguments: [Samples.Filter.gzip, .bzip2, .xz, .zstd, .lz4]) func cutOffAnywhere(
        _ filter: Samples.Filter
    ) {
        let packed = Samples.compress(sample, filter)
        let whole = read(sample).records
        for length in stride(from: 12, to: packed.count, by: max(1, packed.count / 60)) {
            let (records, inputs) = read(Array(packed.prefix(length)))
            #expect(records == Array(whole.prefix(records.count)), "cut to \(length) bytes")
            #expect(inputs.count == 1)
            #expect(inputs[0].rejected.count == 1, "cut to \(length) bytes: \(inputs[0])")
            #expect(inputs[0].sha256.count == 64)
        }
        // Not only is nothing wrong read: most of what came before the cut is read.
        let (records, _) = read(Array(packed.dropLast(20)))
        if filter == .gzip { #expect(records.count > 500) }
    }

    @Test func flippedBitsAreToldOrHarmless() {
        let packed = Samples.compress(sample, .gzip)
        // The last eight bytes are checksum and length.
        for at in packed.count - 8..<packed.count {
            var bytes = packed
            bytes[at] ^= 0x10
            let (records, inputs) = read(bytes)
            #expect(records.count == 600)
            #expect(
                inputs[0].rejected.examples.map(\.reason) == ["gzip: the checksum does not fit what was decompressed"])
            #expect(inputs[0].rejected.examples.map(\.offset) == [UInt64(sample.count)])
        }
        for filter in Samples.Filter.allCases {
            let packed = Samples.compress(sample, filter)
            for at in stride(from: 3, to: packed.count, by: 97) {
                var bytes = packed
                bytes[at] ^= 0x04
                _ = read(bytes)
            }
        }
    }

    @Test func whatFollowsAGzipMember() {
        let packed = Samples.compress(Array("one\n".utf8), .gzip)
        let padded = read(packed + [UInt8](repeating: 0, count: 1000))
        #expect(padded.records.map(\.text) == ["one"])
        #expect(padded.inputs[0].rejected.count == 0)
        let dirty = read(packed + Array("dirt".utf8))
        #expect(dirty.records.map(\.text) == ["one"])
        #expect(dirty.inputs[0].rejected.count == 1)
    }

    @Test(arguments: [Samples.Filter.gzip, .bzip2, .xz, .zstd]) func bombs(_ filter: Samples.Filter) {
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 99) + [0x0A]
        let bomb = Samples.compress(Array(repeatElement(line, count: 20_000).joined()), filter)
        #expect(bomb.count < 2_000_000 / 200)
        let few = limits { $0.freeBytes = 1 << 17 }
        let (records, inputs) = read(bomb, limits: few)
        #expect(records.count > 500 && records.count < 20_000)
        #expect(inputs[0].rejected.count == 1)
        #expect(inputs[0].rejected.examples[0].reason.contains("bomb"))
        #expect(inputs[0].sha256.count == 64)
        // Within the free bytes, any ratio is fine.
        #expect(read(bomb).records.count == 20_000)
    }

    @Test func manySmallBombsAreABombToo() {
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 99) + [0x0A]
        let bomb = Array(repeatElement(line, count: 10_000).joined())
        let packed = Samples.pack((0..<40).map { ("log\($0)", bomb) }, .zip)
        let few = limits {
            $0.freeBytes = 1 << 20
            $0.maxRatio = 20
        }
        #expect(read(packed).inputs.allSatisfy { $0.rejected.count == 0 })
        let (records, inputs) = read(packed, limits: few)
        #expect(inputs.count == 40)
        #expect(inputs.last?.rejected.count == 1)
        #expect(records.count < 400_000)
    }

    @Test func xzThatAsksForMuchMemory() {
        // "x\n" by `xz --lzma2=dict=256MiB`.
        let greedy: [UInt8] = [
            0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0x00, 0x04, 0xE6, 0xD6, 0xB4, 0x46, 0x02, 0x00, 0x21, 0x01, 0x20, 0x00,
            0x00,
            0x00, 0x09, 0x88, 0xA5, 0x76, 0x01, 0x00, 0x01, 0x78, 0x0A, 0x00, 0x00, 0x00, 0x37, 0x4A, 0x51, 0xDC, 0x33,
            0xA2,
            0xCA, 0xB0, 0x00, 0x01, 0x1A, 0x02, 0xDC, 0x2E, 0xA5, 0x7E, 0x1F, 0xB6, 0xF3, 0x7D, 0x01, 0x00, 0x00, 0x00,
            0x00,
            0x04, 0x59, 0x5A,
        ]
        let (records, inputs) = read(greedy)
        #expect(records.isEmpty)
        #expect(
            inputs[0].rejected.examples.map(\.reason) == ["xz: needs more than 144 MiB of memory; decompress it first"])
    }

    @Test func layersUponLayers() {
        var bytes = Array("one\n".utf8)
        for _ in 0..<5 { bytes = Samples.compress(bytes, .gzip) }
        #expect(read(bytes).records.map(\.text) == ["one"])
        bytes = Samples.compress(bytes, .zstd)
        let (records, inputs) = read(bytes)
        #expect(records.isEmpty)
        #expect(inputs[0].format == "unreadable")
        #expect(inputs[0].rejected.examples[0].reason == "compressed more than 5 times over")
    }
}
