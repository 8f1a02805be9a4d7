// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowReaders

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct Archives {
    @Test(arguments: Samples.Format.allCases) func members(_ format: Samples.Format) {
        let archive = Samples.pack(
            [("a.log", bytes("one\ntwo\n")), ("b/c.log", bytes("three")), ("empty", [])], format)
        let (records, inputs) = read(archive)
        #expect(
            records == [
                Found(path: "log!a.log", offset: 0, text: "one"), Found(path: "log!a.log", offset: 4, text: "two"),
                Found(path: "log!b/c.log", offset: 0, text: "three"),
            ])
        #expect(Set(inputs.map(\.path)) == ["log!a.log", "log!b/c.log", "log!empty"])
        #expect(inputs.first { $0.path == "log!a.log" }?.bytes == 8)
        #expect(inputs.first { $0.path == "log!empty" }?.format == "empty")
        // All have the hash of the archive.
        let hash = SHA256()
        archive.withUnsafeBytes { hash.update($0) }
        #expect(Set(inputs.map(\.sha256)) == [hash.finish()])
    }

    @Test(arguments: Samples.Format.allCases) func fromAPipe(_ format: Samples.Format) {
        let archive = Samples.pack([("a.log", bytes("one\n")), ("b.log", bytes("two\n"))], format)
        let opener = StreamOpener(
            MemoryBytes(archive, chunk: 100, isSeekable: false), label: "log", limits: ReadLimits())
        var texts: [String] = []
        while case .stream(let label, let bytes, true) = opener.next() {
            texts.append("\(label) \(bytes.peek(100).string)")
        }
        #expect(texts == ["log!a.log one\n", "log!b.log two\n"])
    }

    @Test func archivesWithinArchives() {
        let gzipped = Samples.compress(bytes("deep\n"), .gzip)
        let tar = Samples.pack([("x.log.gz", gzipped), ("y.log", bytes("flat\n"))], .tar)
        let seven = Samples.pack([("s.log", bytes("seven\n"))], .sevenZip)
        let zip = Samples.pack([("t.tar.xz", Samples.compress(tar, .xz)), ("s.7z", seven)], .zip)
        let outer = Samples.compress(Samples.pack([("in.zip", zip), ("z.log", bytes("last\n"))], .tar), .gzip)
        let (records, inputs) = read(outer)
        #expect(
            records.map { "\($0.path) \($0.text)" } == [
                "log!in.zip!t.tar.xz!x.log.gz deep", "log!in.zip!t.tar.xz!y.log flat", "log!in.zip!s.7z!s.log seven",
                "log!z.log last",
            ])
        #expect(inputs.allSatisfy { $0.rejected.count == 0 })
    }

    /// A member whose header is damaged is told, and those after it are read.
    @Test func damagedHeader() {
        var tar = Samples.pack([("a.log", bytes("one\n")), ("b.log", bytes("two\n")), ("c.log", bytes("3\n"))], .tar)
        for index in 1024 + 100..<1024 + 120 { tar[index] ^= 0x55 }
        let (records, inputs) = read(tar)
        #expect(records.map(\.text) == ["one", "3"])
        #expect(inputs.map(\.path) == ["log!a.log", "log!damaged", "log!c.log"])
        #expect(inputs[1].format == "unreadable" && inputs[1].rejected.count == 1)
    }

    /// `cat a.tar b.tar`: what GNU tar needs --ignore-zeros for.
    @Test func archivesOneAfterTheOther() {
        let two = Samples.pack([("a.log", bytes("one\n"))], .tar) + Samples.pack([("b.log", bytes("two\n"))], .tar)
        #expect(read(two).records.map(\.text) == ["one", "two"])
    }

    @Test func tooDeep() {
        var archive = Samples.pack([("a.log", bytes("bottom\n"))], .tar)
        for level in 0..<4 {
            archive = Samples.pack([("\(level).tar", archive), ("side\(level)", bytes("side\n"))], .tar)
        }
        #expect(read(archive).records.count == 5)
        archive = Samples.pack([("outer.tar", archive), ("side", bytes("side\n"))], .tar)
        let (records, inputs) = read(archive)
        #expect(records.count == 5)
        #expect(
            inputs.first { $0.format == "unreadable" }?.rejected.examples[0].reason
                == "archives lie in each other more than 5 deep")
    }

    @Test func namesAreLabelsOnly() {
        let evil = ["../../x", "/etc/passwd", "a\u{1B}[31mb", "a\u{202E}gol", "..", "c\\..\\d", "same", "same"]
        let archive = Samples.pack(evil.map { ($0, bytes("x\n")) }, .tar)
        let (records, inputs) = read(archive)
        #expect(records.count == 8)
        #expect(
            inputs.map(\.path) == [
                "log!x", "log!etc/passwd", "log!a\u{FFFD}[31mb", "log!a\u{FFFD}gol", "log!unnamed", "log!c/d",
                "log!same",
                "log!same#8",
            ])
    }

    @Test func encrypted() {
        let archive = Samples.pack([("secret.log", bytes("one\n"))], .zip, password: "secret")
        let (records, inputs) = read(archive)
        #expect(records.isEmpty)
        #expect(inputs.map(\.path) == ["log!secret.log"])
        #expect(inputs[0].format == "unreadable")
        #expect(inputs[0].rejected.examples.map(\.reason) == ["encrypted; decrypt it first"])
    }

    @Test func wrongChecksumInAZip() {
        let text = String(repeating: "a line of text\n", count: 100)
        var archive = Samples.pack([("a.log", bytes(text)), ("b.log", bytes("fine\n"))], .zip)
        // Some byte in the compressed data of the first member.
        archive[60] ^= 0xFF
        let (records, inputs) = read(archive)
        #expect(inputs[0].rejected.count == 1)
        #expect(records.last?.text == "fine")
        #expect(inputs.last?.rejected.count == 0)
    }

    @Test(arguments: Samples.Format.allCases) func cutOffAnywhere(_ format: Samples.Format) {
        let text = (0..<200).map { "line \($0)\n" }.joined()
        let archive = Samples.pack([("a.log", bytes(text)), ("b.log", bytes(text))], format)
        let allowed = Set(read(archive).records)
        for length in stride(from: 520, to: archive.count - 1100, by: 61) {
            let (records, inputs) = read(Array(archive.prefix(length)))
            #expect(Set(records).isSubset(of: allowed), "cut to \(length)")
            #expect(inputs.contains { $0.rejected.count > 0 }, "cut to \(length): \(inputs)")
        }
    }

    @Test func tooManyMembers() {
        let archive = Samples.pack((0..<30).map { ("\($0)", bytes("x\n")) }, .tar)
        let (records, inputs) = read(archive, limits: limits { $0.maxMembers = 20 })
        #expect(records.count == 20)
        #expect(inputs.count == 21)
        #expect(inputs.last?.rejected.examples[0].reason == "more than 20 files in it; the rest is not read")
    }

    @Test func flippedBitsNeverTrap() {
        for format in Samples.Format.allCases {
            let archive = Samples.pack([("a.log", bytes("one\n")), ("b.log", bytes("two\n"))], format)
            for at in 0..<archive.count where at % 3 == 0 {
                var damaged = archive
                damaged[at] ^= 1 << UInt8(at % 8)
                let (_, inputs) = read(damaged)
                #expect(inputs.count > 0)
            }
        }
    }

    @Test func anArchiveOfNothing() {
        let (_, inputs) = read(Samples.pack([], .zip))
        #expect(inputs.map(\.path) == ["log"])
        #expect(inputs[0].rejected.count == 1)
    }
}
