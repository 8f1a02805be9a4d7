// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Why a stream ended before its end. What came before it counts.
struct StreamFailure: Error {
    let reason: String
    /// Whether it ended because the user wanted so.
    let isCancelled: Bool

    init(_ reason: String, isCancelled: Bool = false) {
        self.reason = reason
        self.isCancelled = isCancelled
    }
}

/// Bytes that come one after the other: a file, or what a layer of decompression makes of another stream.
protocol ByteStream: AnyObject {
    /// Reads at least one byte into `buffer`, which has room for at least one; 0 at the end of the stream.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int
}

/// A stream that can be read from anywhere, if ``isSeekable``.
protocol SeekableBytes: ByteStream {
    /// Whether it can: a FIFO cannot.
    var isSeekable: Bool { get }
    /// Bytes in all.
    var size: UInt64 { get }
    /// Where the next read begins.
    var position: UInt64 { get }
    /// Makes the next read begin at `position`.
    func seek(to position: UInt64)
}

/// The bytes of a whole input: a file, standard input, or bytes in memory.
protocol RootBytes: SeekableBytes {
    /// Bytes read so far, each counted once.
    var bytesRead: UInt64 { get }
    /// The buffer that is being filled, if any: bytes that go there directly may be hashed later.
    var destination: BlockBuffer? { get set }
    /// Reads what has not been read yet. Returns the SHA-256 of all bytes in hex digits, nil when cancelled, and what
    /// was wrong with the bytes that had not been read.
    func finish() -> (sha256: String?, failure: StreamFailure?)
}

/// Bytes in memory, as a stream.
final class MemoryBytes: RootBytes {
    private let bytes: [UInt8]
    private(set) var position: UInt64 = 0
    private(set) var bytesRead: UInt64 = 0
    private let chunk: Int
    let isSeekable: Bool
    var destination: BlockBuffer?

    /// The stream of `bytes`, which yields at most `chunk` at a time.
    init(_ bytes: [UInt8], chunk: Int = .max, isSeekable: Bool = true) {
        self.bytes = bytes
        self.chunk = chunk
        self.isSeekable = isSeekable
    }

    func finish() -> (sha256: String?, failure: StreamFailure?) {
        bytesRead = size
        let hash = SHA256()
        bytes.withUnsafeBytes { hash.update($0) }
        return (hash.finish(), nil)
    }

    var size: UInt64 { UInt64(bytes.count) }

    func seek(to position: UInt64) { self.position = min(position, size) }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let start = Int(position)
        let count = min(buffer.count, bytes.count - start, chunk)
        bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
        position += UInt64(count)
        bytesRead = max(bytesRead, position)
        return count
    }
}

/// A stream whose next bytes can be looked at before they are read.
final class PeekableBytes: ByteStream {
    private let base: any ByteStream
    private var store = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var low = 0
    private var high = 0
    private var isAtEnd = false
    private var failure: StreamFailure?
    /// Bytes taken from the stream below so far.
    private(set) var pulled: UInt64 = 0

    /// `base`, with a look ahead.
    init(_ base: any ByteStream) { self.base = base }

    deinit { store.deallocate() }

    /// The next `count` bytes, fewer at the end of the stream or where it fails. They stay to be read, and the view is
    /// valid until then. 64 readable bytes follow it.
    func peek(_ count: Int) -> Bytes {
        if store.count < count + 64 {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 64, alignment: 64)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: store[low..<high]))
            store.deallocate()
            store = larger
            (low, high) = (0, high - low)
        } else if low > 0, low + count > store.count - 64 {
            store.copyMemory(from: UnsafeRawBufferPointer(rebasing: store[low..<high]))
            (low, high) = (0, high - low)
        }
        while high - low < count, !isAtEnd, failure == nil {
            do {
                let more = try pull(UnsafeMutableRawBufferPointer(rebasing: store[high..<low + count]))
                isAtEnd = more == 0
                high += more
            } catch { failure = error }
        }
        return Bytes(UnsafeRawBufferPointer(rebasing: store[low..<min(high, low + count)]))
    }

    /// Passes over bytes that were looked at.
    func skip(_ count: Int) { low = min(low + count, high) }

    /// What makes the stream end after the bytes looked at so far, if something is known to.
    var failureAhead: StreamFailure? { failure }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int {
        if low < high {
            let count = min(high - low, buffer.count)
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: store[low..<low + count]))
            low += count
            return count
        }
        if let failure { throw failure }
        return isAtEnd ? 0 : try pull(buffer)
    }

    private func pull(_ buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int {
        let count = try base.read(into: buffer)
        pulled += UInt64(count)
        return count
    }

    /// The stream below, if it can be read from anywhere; it is then at its beginning, and this one is of no more use.
    func takeSeekable() -> (any SeekableBytes)? {
        guard let seekable = base as? any SeekableBytes, seekable.isSeekable else { return nil }
        seekable.seek(to: 0)
        return seekable
    }
}

extension ByteStream {
    /// Reads to the end and forgets, so that checksums are verified and bytes are counted.
    func drain() throws(StreamFailure) {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 64)
        defer { scratch.deallocate() }
        while try read(into: scratch) > 0 {}
    }
}
