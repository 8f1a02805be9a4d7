// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#endif

/// Files that are there whole, after a crash too, or not at all.
enum DurableFile {
    /// The content of a file; nil if there is none.
    static func read(_ path: String) throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        var about = stat()
        guard fstat(file, &about) == 0, about.st_mode & S_IFMT == S_IFREG else {
            throw TAXIIFailure("\(path): is no plain file")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(about.st_size) + 1)
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = Glibc.read(file, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: piece[..<count])
        }
    }

    /// Writes a file beside its place, and moves it there when the disk has it.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let part = path + ".part"
        let file = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(part) }
        do {
            defer { close(file) }
            try bytes.withUnsafeBytes { all in
                var at = 0
                while at < all.count {
                    let count = Glibc.write(file, all.baseAddress! + at, all.count - at)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { throw failure(part) }
                    at += count
                }
            }
            guard fsync(file) == 0 else { throw failure(part) }
        }
        guard rename(part, path) == 0 else { throw failure(path) }
        // The name must be on disk too.
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure(folder) }
        defer { close(directory) }
        _ = fsync(directory)
    }

    /// Makes a folder, for its owner only, if it is not there.
    static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure(path) }
    }

    static func failure(_ path: String) -> TAXIIFailure { TAXIIFailure("\(path): \(String(cString: strerror(errno)))") }
}

/// Keeps two runs from using one state.
struct FileLock {
    private let file: Int32

    init(_ path: String) throws {
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw DurableFile.failure(path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw TAXIIFailure("\(path): another poll is at work with this state")
        }
    }

    /// Gives the lock up. Closing alone would leave it to a child that another thread has just forked, until it calls exec.
    func release() {
        flock(file, LOCK_UN)
        close(file)
    }
}
