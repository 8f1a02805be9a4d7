// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The folder into which an estate is written, and the list of what was written.
struct OutputFolder {
    /// Path of the folder.
    let path: String
    /// Files written so far, relative to the folder.
    private(set) var files: [String] = []

    /// The folder at `path`.
    init(path: String) { self.path = path }

    /// Begins the file `name`; folders on its way are made. A name ending in `.gz` is written as gzip.
    mutating func file(_ name: String) throws -> OutputFile {
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: url)
        files.append(name)
        return OutputFile(handle: try FileHandle(forWritingTo: url), gzip: name.hasSuffix(".gz") ? GzipStored() : nil)
    }

    /// Writes the whole file `name`.
    mutating func write(_ name: String, _ text: ByteText) throws {
        var file = try file(name)
        file.text = text
        try file.close()
    }
}

/// A file being written, in blocks of a megabyte.
struct OutputFile {
    fileprivate let handle: FileHandle
    fileprivate var gzip: GzipStored?
    /// What has not been written yet: append here, then call ``flushIfLarge()`` now and then.
    var text = ByteText()

    fileprivate init(handle: FileHandle, gzip: GzipStored?) {
        self.handle = handle
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
        try handle.write(contentsOf: gzip?.block(text.bytes[...]) ?? text.bytes)
        text.removeAll()
    }

    /// Writes what is left and closes the file.
    mutating func close() throws {
        try flush()
        if let end = gzip?.end() { try handle.write(contentsOf: end) }
        try handle.close()
    }
}
