// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import OutflowRecords
import Testing

@testable import OutflowReaders

@Suite struct Fetching {
    @Test func everyRecordIsFoundAgain() throws {
        let folder = TemporaryFolder()
        let text = Array((0..<3000).map { "record \($0) with some text\r\n" }.joined().utf8)
        folder.write("plain.log", text)
        folder.write("mark.log", [0xEF, 0xBB, 0xBF] + text)
        folder.write("packed.log", Samples.compress(text, .gzip))
        folder.write("wide.log", [0xFF, 0xFE] + text.flatMap { [$0, 0] })
        folder.write("array.json", "[" + (0..<500).map { "{\"n\":\($0)}" }.joined(separator: ",\n") + "]")
        let inner = Samples.pack([("x.log", text), ("x.log", text)], .zip)
        folder.write(
            "odd!name.tar", Samples.pack([("in.zip", inner), ("y.log.gz", Samples.compress(text, .xz))], .tar))
        let reader = InputReader(paths: [folder.path], recogniser: anyText)
        let records = Dictionary(grouping: reader.readAll(), by: \.path)
        #expect(records.count == 8)
        for (path, records) in records {
            let some = records.enumerated().filter { $0.offset % 7 == 0 }.map(\.element)
            var fetched: [String] = []
            let ranges = some.map { (offset: $0.offset, length: UInt32($0.text.utf8.count)) }
            try RecordFetcher.fetch(path: path, ranges: ranges) { index, bytes in
                #expect(index == fetched.count)
                fetched.append(bytes.string)
            }
            #expect(fetched == some.map(\.text), "\(path)")
        }
    }

    /// Behind a damaged member, where the next one begins depends on whether the damaged one was read. Found by fuzzing.
    @Test func membersBehindADamagedOne() throws {
        let folder = TemporaryFolder()
        let text = [
            "UEsDBBQAAAAIAAAAIQAJBS58HAAAAB4AAAAFAAAAYS5sb2dLyywqLlHIycxLKk1OS8/O5QGzebm4SjIyi1IAUEsDBBQAAAAIAAAA",
            "IQAYAobQLQAAAC4AAAAIAAAAYi5sb2cuZ3qT7+ZgAAEmZu/TOlp6gSpNTkvPzuUBs3m5uEoyMotSAFBLAwQUAAAACAAAACEAGAKG",
            "0C0AAAAuAAAACAAAAGIubG9nLmd6k+/mYAABJmbv0zpaeoEnTp7xfqrl53vuvDfj5sqdO7yMjLqDGDhZ9WrkgKoAUEsBAhQDFAAA",
            "AAgAAAAhAAkFLnwcAAAAHgAAAC4AAAAAAAAAAAAAAIABAAAAAGEubG9QS2cBAhQDFAAAAAgAAAAhABgChtAtAAAALgAAAAgAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACSAAAAAAA=",
        ].joined()
        folder.write("a.zip", Array(try #require(Data(base64Encoded: text))))
        let found = InputReader(paths: [folder.path], recogniser: anyText).readAll()
        #expect(!found.isEmpty)
        for record in found {
            try RecordFetcher.fetch(path: record.path, ranges: [(record.offset, UInt32(record.text.utf8.count))]) {
                #expect($1.string == record.text)
            }
        }
    }

    @Test func overlapsAndRepeats() throws {
        let folder = TemporaryFolder()
        let path = folder.write("a.log", Samples.compress(Array("0123456789".utf8), .gzip))
        var fetched: [String] = []
        try RecordFetcher.fetch(path: path, ranges: [(2, 3), (2, 3), (3, 5), (3, 1), (9, 1)]) {
            fetched.append($1.string)
        }
        #expect(fetched == ["234", "234", "34567", "3", "9"])
    }

    @Test func whatIsNoLongerThere() {
        let folder = TemporaryFolder()
        let path = folder.write("a.log", "short\n")
        let archive = folder.write("a.zip", Samples.pack([("b.log", Array("x\n".utf8))], .zip))
        let fifo = folder.path + "/fifo"
        mkfifo(fifo, 0o600)
        for (path, offset) in [
            (path, 100), (path, .max), (path, 3), (archive + "!c.log", 0), (folder.path + "/none", 0), (archive, 0),
            (fifo, 0),
        ] as [(String, UInt64)] {
            #expect(throws: ReadError.self) {
                try RecordFetcher.fetch(path: path, ranges: [(offset, 10)]) { _, _ in }
            }
        }
    }
}
