// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The folder into which an estate is written, and the list of what was written. It may be one that exists in memory
/// only, from which files are taken as they are written.
struct OutputFolder {
    /// Path of the folder; nil for one in memory.
    let path: String?
    /// Files written so far, relative to the folder.
    private(set) var files: [String] = []
    private let count = OutputCount()
    private let isCompressed: Bool

    /// The folder at `path`, whose gzip files are compressed or, as the demonstration's, only stored.
    init(path: String?, isCompressed: Bool = false) {
        self.path = path
        self.isCompressed = isCompressed
    }

    /// Bytes written so far.
    var bytes: Int { count.bytes }

    /// Takes the files out of a folder in memory.
    mutating func takeHeld() -> [(name: String, bytes: [UInt8])] {
        defer { count.held = [] }
        return count.held
    }

    /// Begins the file `name`; folders on its way are made. A name ending in `.gz` is written as gzip.
    mutating func file(_ name: String) throws -> OutputFile {
        let gzip = name.hasSuffix(".gz") ? GzipStream(isCompressed: isCompressed) : nil
        guard let path else {
            files.append(name)
            count.held.append((name, []))
            return OutputFile(handle: nil, count: count, gzip: gzip)
        }
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: url)
        files.append(name)
        return OutputFile(handle: try FileHandle(forWritingTo: url), count: count, gzip: gzip)
    }

    /// Writes the whole file `name`.
    mutating func write(_ name: String, _ text: ByteText) throws {
        var file = try file(name)
        file.text = text
        try file.close()
    }
}

/// What the files of a folder add to it.
private final class OutputCount {
    var bytes = 0
    var held: [(name: String, bytes: [UInt8])] = []
}

/// A file being written, in blocks of a megabyte.
struct OutputFile {
    private let handle: FileHandle?
    private let count: OutputCount
    private var gzip: GzipStream?
    /// What has not been written yet: append here, then call ``flushIfLarge()`` now and then.
    var text = ByteText()

    fileprivate init(handle: FileHandle?, count: OutputCount, gzip: GzipStream?) {
        self.handle = handle
        self.count = count
        self.gzip = gzip
    }

    /// Appends `line` and a line end.
    mutating func add(line: ArraySlice<UInt8>) throws {
        text.add(line)
        text.add("\n")
        try flushIfLarge()
    }

    /// Writes the block out if it has grown to a megabyte.
    mutating func flushIfLarge() throws {
        if text.count >= 1 << 20 { try flush() }
    }

    private mutating func flush() throws {
        if gzip == nil { try put(text.bytes) } else if let block = gzip?.block(text.bytes[...]) { try put(block) }
        text.removeAll()
    }

    private func put(_ bytes: [UInt8]) throws {
        count.bytes += bytes.count
        if let handle {
            try handle.write(contentsOf: bytes)
        } else {
            // A folder in memory has one file open at a time.
            count.held[count.held.count - 1].bytes += bytes
        }
    }

    /// Writes what is left and closes the file.
    mutating func close() throws {
        try flush()
        if let end = gzip?.end() { try put(end) }
        try handle?.close()
    }
}
