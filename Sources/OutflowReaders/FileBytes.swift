// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// What all files of one reading share: how much was read, and whether to stop. Atomic, so that any thread may look.
final class ReadProgress: Sendable {
    let read = Atomic<UInt64>(0)
    let isCancelled = Atomic<Bool>(false)
}

/// An open file (or standard input, or a FIFO) as a stream, hashed as it is read.
///
/// A regular file is read up to its size when it was opened: what is appended meanwhile is left for the next scan. The
/// hash is of all bytes in their order, whatever the order in which they are read.
final class FileBytes: RootBytes {
    private let descriptor: Int32
    private let progress: ReadProgress
    private let isRegular: Bool
    private let ownsDescriptor: Bool
    private let hash: FileHash?
    var destination: BlockBuffer?
    private var hashed: UInt64 = 0  // All bytes before it have been read and hashed.
    private(set) var size: UInt64
    private(set) var position: UInt64 = 0

    /// Opens the file at `path` (bytes of the file system, closed by a NUL).
    init(path: [CChar], progress: ReadProgress, hashes: Bool = true) throws(StreamFailure) {
        // Without O_NONBLOCK, opening a FIFO would wait for a writer where nothing can cancel it.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw StreamFailure("cannot be opened: \(String(cString: strerror(errno)))") }
        var status = stat()
        fstat(descriptor, &status)
        isRegular = status.st_mode & S_IFMT == S_IFREG
        guard isRegular || status.st_mode & S_IFMT == S_IFIFO else {
            close(descriptor)
            throw StreamFailure("is neither a file nor a FIFO any more")
        }
        size = isRegular ? UInt64(max(0, status.st_size)) : .max
        ownsDescriptor = true
        self.progress = progress
        hash = hashes ? FileHash() : nil
        if isRegular { posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
    }

    /// Standard input, read from where it stands to its end.
    init(standardInput progress: ReadProgress) {
        descriptor = STDIN_FILENO
        isRegular = false
        size = .max
        ownsDescriptor = false
        self.progress = progress
        hash = FileHash()
    }

    deinit { if ownsDescriptor { close(descriptor) } }

    var isSeekable: Bool { isRegular }
    var bytesRead: UInt64 { hashed }

    func seek(to position: UInt64) { self.position = min(position, size) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int {
        let wanted = Int(min(UInt64(buffer.count), size - position))
        guard wanted > 0 else { return 0 }
        destination?.settle()
        var count = 0
        repeat {
            if progress.isCancelled.load(ordering: .relaxed) { throw StreamFailure("cancelled", isCancelled: true) }
            if isRegular {
                count = pread(descriptor, buffer.baseAddress, wanted, off_t(position))
            } else {
                var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                // Every 100 ms there is a look at whether to stop.
                guard poll(&poller, 1, 100) != 0 else {
                    count = -1
                    errno = EAGAIN
                    continue
                }
                count = Glibc.read(descriptor, buffer.baseAddress, wanted)
            }
        } while count < 0 && (errno == EINTR || errno == EAGAIN)
        guard count >= 0 else { throw StreamFailure("cannot be read: \(String(cString: strerror(errno)))") }
        if count == 0 {
            guard isRegular else {
                size = position
                return 0
            }
            let missing = size - position
            size = position
            throw StreamFailure("became \(missing) bytes shorter while it was read")
        }
        let start = position
        position += UInt64(count)
        if start <= hashed, hashed < position {
            let new = UnsafeRawBufferPointer(rebasing: buffer[Int(hashed - start)..<count])
            if let hash {
                if let destination, destination.contains(new) {
                    destination.hash(new, with: hash)
                } else {
                    hash.update(new)
                }
            }
            progress.read.add(UInt64(new.count), ordering: .relaxed)
            hashed = position
        }
        return count
    }

    func finish() -> (sha256: String?, failure: StreamFailure?) {
        position = hashed
        do { try drain() } catch { return (error.isCancelled ? nil : hash?.finish(), error) }
        return (hash?.finish(), nil)
    }
}
