// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Finds the files that paths stand for.
///
/// Folders are gone through with all that is in them, by name, but for `.git`; symbolic links are followed. Each file and
/// each folder is taken once, by the first path that leads to it. A folder that holds a report of Outflow's own is told and
/// left out. A FIFO is read only if it was named: one that merely
/// lies in a folder may have nobody who ever writes to it.
struct PathWalker {
    /// Something to read, or to tell that it cannot be read.
    struct Entry {
        /// How the report calls it.
        var path: String
        /// Its path as bytes of the file system, closed by a NUL: names need not be UTF-8.
        var raw: [CChar]
        var kind: Kind
    }

    /// What an entry is.
    enum Kind {
        case file(size: UInt64)
        case fifo
        case standardInput
        /// A folder that an earlier scan wrote its report into.
        case report
        case unreadable(reason: String)
    }

    /// Device and inode: what a file is, whatever it is called.
    private struct Identity: Hashable {
        var device: dev_t
        var inode: ino_t
    }

    /// A folder that is being gone through.
    private struct Folder {
        var identity: Identity
        var path: [UInt8]
        var names: [[UInt8]]  // Last one first.
    }

    private var entries: [Entry] = []
    private var seen: Set<Identity> = []
    private var open: [Folder] = []
    private var hasStandardInput = false

    /// All entries, in the order of `paths`.
    static func entries(of paths: [String]) -> [Entry] {
        var walker = PathWalker()
        for path in paths {
            walker.visit(Array(path.utf8), isNamed: true)
            while let folder = walker.open.last {
                if let name = folder.names.last {
                    walker.open[walker.open.count - 1].names.removeLast()
                    walker.visit(folder.path + name, isNamed: false)
                } else {
                    walker.open.removeLast()
                }
            }
        }
        return walker.entries
    }

    private mutating func visit(_ path: [UInt8], isNamed: Bool) {
        if isNamed, path == [UInt8(ascii: "-")] {
            if !hasStandardInput { add(path, .standardInput) }
            hasStandardInput = true
            return
        }
        let raw = path.map { CChar(bitPattern: $0) } + [0]
        var status = stat()
        guard stat(raw, &status) == 0 else { return add(path, .unreadable(reason: Self.reason())) }
        let identity = Identity(device: status.st_dev, inode: status.st_ino)
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            if open.contains(where: { $0.identity == identity }) {
                return add(path, .unreadable(reason: "a link back to a folder that it lies in; not followed"))
            }
            if seen.insert(identity).inserted { enter(path, raw, identity) }
        case S_IFREG:
            if seen.insert(identity).inserted { add(path, .file(size: UInt64(max(0, status.st_size)))) }
        case S_IFIFO:
            if isNamed {
                if seen.insert(identity).inserted { add(path, .fifo) }
            } else {
                add(path, .unreadable(reason: "a FIFO in a folder; name it to have it read"))
            }
        default: add(path, .unreadable(reason: "neither a file nor a folder nor a FIFO"))
        }
    }

    private mutating func enter(_ path: [UInt8], _ raw: [CChar], _ identity: Identity) {
        guard let directory = opendir(raw) else { return add(path, .unreadable(reason: Self.reason())) }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8), name != Array(".git".utf8) { names.append(name) }
        }
        // What an earlier scan wrote among the logs is no log.
        let report = ["report.json", "report.html", "ledger.csv"].map { Array($0.utf8) }
        if report.allSatisfy(names.contains) { return add(path, .report) }
        names.sort { $1.lexicographicallyPrecedes($0) }
        let slash = path.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
        open.append(Folder(identity: identity, path: path + slash, names: names))
    }

    private mutating func add(_ path: [UInt8], _ kind: Kind) {
        entries.append(
            Entry(
                path: String(decoding: path, as: UTF8.self), raw: path.map { CChar(bitPattern: $0) } + [0], kind: kind))
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
