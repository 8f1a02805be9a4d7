// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowReaders

private func utf16(_ text: String, big: Bool, mark: Bool) -> [UInt8] {
    (mark ? [0xFEFF] + Array(text.utf16) : Array(text.utf16)).flatMap { unit in
        let bytes = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
        return big ? bytes : bytes.reversed()
    }
}

@Suite struct Text {
    @Test(arguments: [true, false], [true, false]) func utf16BothWays(_ big: Bool, _ mark: Bool) {
        let text = "first line\r\nzwölf 日本 😀 second\nthird"
        let plain = read(text).records
        for chunk in [1, 2, 3, 7, 1000] {
            let stream = TextStream(PeekableBytes(MemoryBytes(utf16(text, big: big, mark: mark), chunk: chunk)))
            let bytes = stream.bytes.peek(1000)
            #expect(bytes.string == text)
            #expect(stream.converter?.rejections.count == 0)
        }
        let (records, inputs) = read(utf16(text, big: big, mark: mark), limits: limits { $0.blockBytes = 5 })
        #expect(records == plain)
        #expect(inputs[0].rejected.count == 0)
    }

    @Test func halfSurrogatePairsAreTold() {
        var bytes = utf16("plain text ", big: false, mark: true)
        bytes += [0x00, 0xD8, 0x41, 0x00, 0x00, 0xDC, 0x0A, 0x00, 0x00, 0xD8, 0x00]
        let (records, inputs) = read(bytes)
        #expect(records.map(\.text) == ["plain text \u{FFFD}A\u{FFFD}", "\u{FFFD}"])
        #expect(inputs[0].rejected.count == 3)
        #expect(inputs[0].rejected.examples.map(\.offset) == [11, 15, 19])
    }

    @Test func textWithZeroBytesIsNotUTF16() {
        let (records, _) = read("a line with one \u{0} zero byte\nand more\n")
        #expect(records.map(\.text) == ["a line with one \u{0} zero byte", "and more"])
    }

    @Test func emptyAndUnrecognised() {
        let empty = read([])
        #expect(empty.inputs.map(\.format) == ["empty"])
        #expect(empty.inputs[0].sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let strange = read([1, 2, 3])
        #expect(strange.inputs.map(\.format) == ["unrecognised"])
        #expect(
            strange.inputs[0].rejected.examples == [
                Rejection(offset: 0, reason: "format not recognised; see `outflow sources`")
            ])
        #expect(strange.inputs[0].bytes == 3)
        // FIPS 180-4, the one-block message example of NIST.
        #expect(read("abc").inputs[0].sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
