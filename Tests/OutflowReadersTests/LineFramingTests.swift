// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowReaders

/// Lines as they are to be handed out, found the slow and plain way.
private func plainLines(_ text: String, mark: Bool) -> [Found] {
    var found: [Found] = []
    var offset = 0
    var header = ""
    var wasHeader = false
    let bytes = Array(text.utf8)
    while offset < bytes.count {
        let end = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
        var line = bytes[offset..<end]
        if mark, line.first == UInt8(ascii: "#") {
            if !wasHeader { header = "" }
            header += String(decoding: line.filter { $0 != 0x0D }, as: UTF8.self) + "\n"
            wasHeader = true
        } else {
            wasHeader = false
            if line.last == 0x0D { line.removeLast() }
            if !line.isEmpty {
                found.append(
                    Found(
                        path: "log", offset: UInt64(offset), text: String(decoding: line, as: UTF8.self), header: header
                    ))
            }
        }
        offset = end + 1
    }
    return found
}

@Suite struct LineFraming {
    @Test(arguments: [
        "one\ntwo\nthree\n", "one\r\ntwo\r\n", "no line end", "one\n\n\n\ntwo", "\nfirst is empty", "a\r\n\r\nb\r",
        "x\u{0}y\nz\n",
        String(repeating: "long ", count: 40) + "\nshort\n" + String(repeating: "b", count: 77),
    ])
    func everyBlockBorder(_ text: String) {
        let expected = plainLines(text, mark: false)
        for block in 1...90 {
            let (records, inputs) = read(" " + text, limits: limits { $0.blockBytes = block })
            #expect(records == plainLines(" " + text, mark: false), "blocks of \(block)")
            #expect(inputs.map(\.rejected.count) == [0])
        }
        #expect(expected.count > 0)
    }

    @Test(arguments: [
        "#f a b\nx\ny\n", "#f a\nx\n#close\n#f b\ny\nz", "#f a\n#g\nx\n#h\ny\n#h2\n#h3\nz\n#end", "#only\n",
        "#a\nx # y\n#b\n\n#c\nz",
    ])
    func headersMidway(_ text: String) {
        for block in 1...40 {
            let (records, inputs) = read(text, limits: limits { $0.blockBytes = block })
            #expect(records == plainLines(text, mark: true), "blocks of \(block)")
            #expect(inputs.map(\.rejected.count) == [0])
        }
    }

    @Test func randomText() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(state: seed)
        for round in 0..<300 {
            let length = Int(random.next() % 300)
            let alphabet = Array("ab#\n\r\n ".utf8)
            let text = String(decoding: (0..<length).map { _ in alphabet[Int(random.next() % 7)] }, as: UTF8.self)
            for (prefix, mark) in [(" ", false), ("#", true)] {
                let (records, _) = read(prefix + text, limits: limits { $0.blockBytes = 1 + Int(random.next() % 50) })
                #expect(records == plainLines(prefix + text, mark: mark), "seed \(seed), round \(round)")
            }
        }
    }

    @Test func longLinesArePassedOverAndTold() {
        let long = String(repeating: "x", count: 1001)
        let text = "a\n\(long)\nb\n\(long)\n\(long)\nc\n\(long)"
        for block in [1, 7, 100, 999, 1000, 1001, 5000] {
            let (records, inputs) = read(
                text,
                limits: limits {
                    $0.blockBytes = block
                    $0.maxRecordBytes = 1000
                })
            #expect(records.map(\.text) == ["a", "b", "c"])
            #expect(records.map(\.offset) == [0, 1004, 3010])
            #expect(inputs[0].rejected.count == 4)
            #expect(inputs[0].rejected.examples.map(\.offset) == [2, 1006, 2008, 3012])
            #expect(inputs[0].rejected.examples[0].reason == "a line of 1001 bytes is longer than the limit of 1000")
        }
    }

    @Test func aLineOfExactlyTheLimitIsRead() {
        let text = String(repeating: "x", count: 1000) + "\nb"
        for block in [1, 10, 999, 1000] {
            let (records, inputs) = read(
                text,
                limits: limits {
                    $0.blockBytes = block
                    $0.maxRecordBytes = 1000
                })
            #expect(records.map(\.text.utf8.count) == [1000, 1])
            #expect(inputs[0].rejected.count == 0)
        }
    }

    @Test func linesThatEndInCarriageReturnsAloneAreTold() {
        let (_, inputs) = read("one\rtwo\rthree")
        #expect(inputs[0].rejected.examples.map(\.offset) == [3])
        #expect(read("one\r\ntwo\r\n").inputs[0].rejected.count == 0)
        #expect(read("one\r").inputs[0].rejected.count == 0)
    }

    @Test func byteOrderMarkIsPassedOverAndCounted() {
        let (records, _) = read([0xEF, 0xBB, 0xBF] + Array("one\ntwo\n".utf8))
        #expect(records == [Found(path: "log", offset: 3, text: "one"), Found(path: "log", offset: 7, text: "two")])
    }
}

/// A random generator that a printed seed repeats (Steele, Lea, Flood: SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
