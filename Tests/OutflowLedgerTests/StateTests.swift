// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowLedger

@Suite struct StateTests {
    private func sample() -> [UInt8] {
        var encoder = StateEncoder()
        encoder.begin(.losses)
        for value in [0, 1, 127, 128, .max] as [UInt64] { encoder.write(value) }
        for value in [0, -1, 1, .min, .max] as [Int64] { encoder.write(signed: value) }
        encoder.write(fixed: 0x0123_4567_89AB_CDEF)
        encoder.write(Bytes("name"))
        encoder.write(size: nil)
        encoder.write(size: 89)
        encoder.write(ascending: [3, 3, 9, .max])
        encoder.end()
        encoder.begin(.names)
        encoder.column(Array(0..<5000)) { UInt64($0 % 7) }
        encoder.end()
        return encoder.finish()
    }

    @Test func everyKindOfValueComesBack() throws {
        var decoder = try StateDecoder(sample())
        try decoder.begin(.names)
        #expect(try decoder.column(5000) == (0..<5000).map { UInt64($0 % 7) })
        try decoder.end()
        try decoder.begin(.losses)
        for value in [0, 1, 127, 128, .max] as [UInt64] { #expect(try decoder.read() == value) }
        for value in [0, -1, 1, .min, .max] as [Int64] { #expect(try decoder.readSigned() == value) }
        #expect(try decoder.readFixed() == 0x0123_4567_89AB_CDEF)
        #expect(try decoder.readBytes() == Array("name".utf8))
        #expect(try decoder.readSize() == nil)
        #expect(try decoder.readSize() == 89)
        #expect(try decoder.readAscending() == [3, 3, 9, .max])
        try decoder.end()
    }

    @Test func aPartialCutAnywhereIsRefused() {
        let file = sample()
        for length in 0..<file.count {
            #expect(throws: StateError.self, "cut at \(length)") { _ = try StateDecoder(Array(file[..<length])) }
        }
    }

    @Test func anotherVersionAndAnUnknownSectionAreNamed() throws {
        var newer = sample()
        newer[8] = 200
        var error = #expect(throws: StateError.self) { _ = try StateDecoder(newer) }
        #expect(error?.reason.contains("version 200") == true)
        #expect(error?.offset == 8)
        var strange = sample()
        strange[12] = 77
        strange[13] = 7
        error = #expect(throws: StateError.self) { _ = try StateDecoder(strange) }
        #expect(error?.reason.contains("section \(77 + 7 * 256) is unknown") == true)
    }

    @Test func aSectionThatClaimsMoreThanItsBytesJustifyIsRefused() throws {
        var file = Array("OUTFLOWP".utf8) + [UInt8(StateLayout.version), 0, 0, 0]
        file += [22, 0, 1, 0]  // losses, zstd
        file += withUnsafeBytes(of: UInt64(1 << 40).littleEndian, Array.init)
        file += withUnsafeBytes(of: UInt64(4).littleEndian, Array.init)
        file += [0, 0, 0, 0, 0xFF, 0xFF]
        let error = #expect(throws: StateError.self) { _ = try StateDecoder(file) }
        #expect(error?.reason.contains("contradict") == true)
    }

    @Test func countsThatDoNotFitAreRefusedBeforeMemoryIsTaken() throws {
        var encoder = StateEncoder()
        encoder.begin(.names)
        encoder.write(1 << 50)
        encoder.end()
        var decoder = try StateDecoder(encoder.finish())
        try decoder.begin(.names)
        #expect(throws: StateError.self) { _ = try decoder.readCount(bytesEach: 1) }
        #expect(throws: StateError.self) { _ = try decoder.column(1 << 40) }
        #expect(throws: StateError.self) { _ = try decoder.fixedColumn(1 << 40) }
    }

    @Test(arguments: propertySeeds) func flippedBytesNeverTrap(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var names = StringTable()
        for index in 0..<50 { withBytes(of: "name \(index)") { _ = names.intern($0) } }
        var encoder = StateEncoder()
        encoder.begin(.names)
        names.encode(into: &encoder)
        encoder.end()
        let file = encoder.finish()
        for _ in 0..<500 {
            var damaged = file
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                damaged[Int.random(in: 0..<file.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                var decoder = try StateDecoder(damaged)
                try decoder.begin(.names)
                _ = try StringTable(from: &decoder)
                try decoder.end()
            } catch { #expect(!error.description.isEmpty, "seed \(seed)") }
        }
    }
}
