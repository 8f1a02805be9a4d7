// SPDX-License-Identifier: Apache-2.0

import Glibc
import OutflowActivities
import OutflowRecords
import Testing

@testable import OutflowReaders

private func read(paths: [String], limits: ReadLimits = .init()) -> (records: [Found], inputs: [InputSummary]) {
    let reader = InputReader(paths: paths, limits: limits, recogniser: anyText)
    let records = reader.readAll()
    return (records, reader.inputs)
}

/// Runs `body` in a thread of its own.
private func start(_ body: @escaping @Sendable () -> Void) -> pthread_t {
    final class Box { let body: () -> Void; init(_ body: @escaping () -> Void) { self.body = body } }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { context in
            Unmanaged<Box>.fromOpaque(context!).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    return thread
}

@Suite struct Files {
    @Test func foldersByName() {
        let folder = TemporaryFolder()
        folder.makeFolder("b")
        folder.makeFolder(".git")
        folder.write("b/2.log", "two\n")
        folder.write("b/1.log", "one\n")
        folder.write("a.log", "a\n")
        folder.write(".hidden", "h\n")
        folder.write(".git/config", "g\n")
        let (records, inputs) = read(paths: [folder.path])
        #expect(records.map(\.text) == ["h", "a", "one", "two"])
        #expect(inputs.map(\.path) == [".hidden", "a.log", "b/1.log", "b/2.log"].map { folder.path + "/" + $0 })
        #expect(inputs.map(\.records) == [1, 1, 1, 1])
        let reader = InputReader(paths: [folder.path], recogniser: anyText)
        #expect(reader.progress == (0, 12))
        _ = reader.readAll()
        #expect(reader.progress == (12, 12))
    }

    @Test func sameFileOnceButCopiesTwice() {
        let folder = TemporaryFolder()
        folder.write("a.log", "a\n")
        folder.write("copy.log", "a\n")
        symlink("a.log", folder.path + "/link.log")
        link(folder.path + "/a.log", folder.path + "/hard.log")
        let (records, inputs) = read(paths: [folder.path, folder.path + "/a.log"])
        #expect(records.count == 2)
        #expect(inputs.count == 2)
    }

    @Test func linkLoopsAreTold() {
        let folder = TemporaryFolder()
        folder.makeFolder("in")
        folder.write("in/a.log", "a\n")
        symlink("..", folder.path + "/in/up")
        symlink("self", folder.path + "/self")
        let (records, inputs) = read(paths: [folder.path])
        #expect(records.map(\.text) == ["a"])
        #expect(
            inputs.filter { $0.format == "unreadable" }.map(\.path) == [folder.path + "/in/up", folder.path + "/self"])
        #expect(inputs.allSatisfy { $0.format != "unreadable" || $0.rejected.count == 1 })
    }

    @Test func whatCannotBeRead() {
        let folder = TemporaryFolder()
        folder.write("a.log", "a\n")
        let (records, inputs) = read(paths: [folder.path + "/missing", "/dev/null", folder.path + "/a.log"])
        #expect(records.map(\.text) == ["a"])
        #expect(inputs.map(\.format) == ["unreadable", "unreadable", "plain"])
        #expect(inputs[0].rejected.examples == [Rejection(offset: 0, reason: "No such file or directory")])
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything")) func noPermission() {
        let folder = TemporaryFolder()
        let path = folder.write("secret.log", "a\n")
        chmod(path, 0)
        let (_, inputs) = read(paths: [path])
        #expect(inputs[0].rejected.examples.map(\.reason) == ["cannot be opened: Permission denied"])
    }

    @Test func aFileThatShrinks() throws {
        let folder = TemporaryFolder()
        let path = folder.write("a.log", String(repeating: "a line\n", count: 1000))
        let file = try FileBytes(path: path.utf8.map { CChar(bitPattern: $0) } + [0], progress: ReadProgress())
        truncate(path, 3503)
        var framer = LineFramer(PeekableBytes(file), offset: 0, limits: limits { $0.blockBytes = 100 }, mark: nil)
        let buffer = BlockBuffer()
        var lines = 0
        while case .block(let block) = framer.next(into: buffer) { block.forEachRecord { _, _ in lines += 1 } }
        #expect(lines == 500)
        #expect(
            framer.rejections.examples == [
                Rejection(
                    offset: 3503,
                    reason:
                        "became 3497 bytes shorter while it was read; the unfinished record of 3 bytes before it is not counted"
                )
            ])
        #expect(file.finish().sha256?.count == 64)
    }

    @Test func aFileThatGrowsIsReadUpToItsSizeWhenOpened() throws {
        let folder = TemporaryFolder()
        let path = folder.write("a.log", "one\n")
        let file = try FileBytes(path: path.utf8.map { CChar(bitPattern: $0) } + [0], progress: ReadProgress())
        folder.write("a.log", "one\ntwo\n")
        let stream = PeekableBytes(file)
        #expect(stream.peek(100).string == "one\n")
        #expect(stream.failureAhead == nil)
    }

    @Test func aFIFO() {
        let folder = TemporaryFolder()
        let path = folder.path + "/fifo"
        mkfifo(path, 0o600)
        let writer = start {
            let file = open(path, O_WRONLY)
            for text in ["one\ntw", "o\n", "three"] { _ = text.withCString { Glibc.write(file, $0, strlen($0)) } }
            close(file)
        }
        let reader = InputReader(paths: [path], recogniser: anyText)
        #expect(reader.progress.total == nil)
        #expect(reader.readAll().map(\.text) == ["one", "two", "three"])
        pthread_join(writer, nil)
        #expect(reader.inputs[0].bytes == 13)
        // One that merely lies in a folder may never have a writer.
        let (_, inputs) = read(paths: [folder.path])
        #expect(inputs[0].rejected.examples.map(\.reason) == ["a FIFO in a folder; name it to have it read"])
    }

    @Test func aHugeLineThroughAFIFO() {
        let folder = TemporaryFolder()
        let path = folder.path + "/fifo"
        mkfifo(path, 0o600)
        let writer = start {
            let file = open(path, O_WRONLY)
            let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
            _ = Glibc.write(file, "one\n", 4)
            for _ in 0..<200 {
                var done = 0
                while done < chunk.count {
                    done += chunk.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + done, chunk.count - done) }
                }
            }
            _ = Glibc.write(file, "\ntwo\n", 5)
            close(file)
        }
        let reader = InputReader(paths: [path], limits: limits { $0.maxRecordBytes = 1 << 20 }, recogniser: anyText)
        let buffer = BlockBuffer()
        let records = reader.readAll(through: buffer)
        let inputs = reader.inputs
        pthread_join(writer, nil)
        #expect(records.map(\.text) == ["one", "two"])
        let behind: UInt64 = 5 + 200 << 20  // Typed: left to #expect, Swift 6.3 compares by AnyHashable, out of bounds.
        #expect(records.last?.offset == behind)
        #expect(inputs[0].rejected.count == 1)
        #expect(inputs[0].bytes == 9 + 200 << 20)
        // The buffer never shrinks, so its size is its peak. The memory of the whole program is measured on the program
        // itself, where no other test's memory is mixed in.
        #expect(buffer.bytes.count <= 2 << 20)
    }

    @Test func cancelling() {
        let folder = TemporaryFolder()
        let path = folder.path + "/fifo"
        mkfifo(path, 0o600)
        let reader = InputReader(paths: [path], recogniser: anyText)
        let canceller = start { reader.cancel() }
        // Nobody ever writes to the FIFO.
        #expect(reader.readAll().isEmpty)
        pthread_join(canceller, nil)
    }

    @Test func twoThreadsReadWhatOneReads() {
        let folder = TemporaryFolder()
        var random = SplitMix(state: 3)
        for file in 0..<5 {
            let text = (0..<2000).map { "\(file) \($0) \(random.next())\n" }.joined()
            folder.write("\(file).log", file == 2 ? Samples.compress(Array(text.utf8), .gzip) : Array(text.utf8))
        }
        let small = limits { $0.blockBytes = 4096 }
        let one = read(paths: [folder.path], limits: small)
        let reader = InputReader(paths: [folder.path], limits: small, recogniser: anyText)
        let found = Guarded<[Found]>([])
        let threads = (0..<2).map { _ in
            start {
                let some = reader.readAll()
                found.withLock { $0 += some }
            }
        }
        for thread in threads { pthread_join(thread, nil) }
        #expect(found.withLock { $0.sorted() } == one.records.sorted())
        #expect(one.records.count == 10_000)
        #expect(reader.inputs == one.inputs)
    }
}
