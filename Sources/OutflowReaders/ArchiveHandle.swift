// SPDX-License-Identifier: Apache-2.0

import CCodecs
import Glibc

/// A libarchive reader on top of a stream of ours. It never touches the file system.
final class ArchiveHandle {
    /// What the bytes are expected to be. Nothing else is tried on them.
    enum Kind { case bzip2, compress, tar, zip, sevenZip }

    let archive: OpaquePointer
    private let stream: any ByteStream
    private let seekable: (any SeekableBytes)?
    private let buffer = LayerBuffer(64 << 10)
    /// Why the stream below failed, when it did: libarchive only knows that it did.
    private var failure: StreamFailure?
    /// Bytes read of the stream below.
    private(set) var pulled: UInt64 = 0

    init(_ kind: Kind, _ stream: any ByteStream, seekable: (any SeekableBytes)? = nil) throws(StreamFailure) {
        guard let archive = archive_read_new() else { fatalError("out of memory") }
        self.archive = archive
        self.stream = seekable ?? stream
        self.seekable = seekable
        switch kind {
        case .bzip2: archive_read_support_filter_bzip2(archive)
        case .compress: archive_read_support_filter_compress(archive)
        case .tar:
            archive_read_support_format_tar(archive)
            // `cat a.tar b.tar` ends with the first for readers that are not told to go on.
            archive_read_set_options(archive, "tar:read_concatenated_archives")
        case .zip: archive_read_support_format_zip(archive)
        case .sevenZip: archive_read_support_format_7zip(archive)
        }
        switch kind {
        case .bzip2, .compress:
            archive_read_support_format_raw(archive)
            archive_read_support_format_empty(archive)
        case .tar, .zip, .sevenZip: break
        }
        if seekable != nil {
            archive_read_set_seek_callback(archive) { _, context, offset, whence in
                ArchiveHandle.from(context).seek(offset, whence)
            }
        }
        let context = Unmanaged.passUnretained(self).toOpaque()
        let code = archive_read_open2(
            archive, context, nil,
            { _, context, start in ArchiveHandle.from(context).fill(start) }, nil, nil)
        guard code == ARCHIVE_OK else { throw lastFailure() }
    }

    deinit { archive_read_free(archive) }

    private static func from(_ context: UnsafeMutableRawPointer?) -> ArchiveHandle {
        Unmanaged.fromOpaque(context!).takeUnretainedValue()  // It is always the self given to open2.
    }

    /// The read callback: the next bytes of the stream below.
    private func fill(_ start: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
        do {
            let count = try stream.read(into: buffer.bytes)
            pulled &+= UInt64(count)
            start?.pointee = UnsafeRawPointer(buffer.bytes.baseAddress)
            return count
        } catch {
            failure = error
            return Int(ARCHIVE_FATAL)
        }
    }

    /// The seek callback: the new position, or libarchive's code for "cannot".
    private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        guard let seekable else { return Int64(ARCHIVE_FATAL) }
        let origin =
            switch whence {
            case SEEK_SET: Int64(0)
            case SEEK_CUR: Int64(clamping: seekable.position)
            default: Int64(clamping: seekable.size)
            }
        let (target, overflow) = origin.addingReportingOverflow(offset)
        guard !overflow, target >= 0 else { return Int64(ARCHIVE_FATAL) }
        seekable.seek(to: UInt64(target))
        return Int64(clamping: seekable.position)
    }

    /// Why the last call failed.
    func lastFailure() -> StreamFailure {
        if let failure { return failure }
        guard let text = archive_error_string(archive) else { return StreamFailure("damaged archive") }
        let format = archive_format_name(archive).map { String(cString: $0) + ": " } ?? ""
        return StreamFailure("\(format.isEmpty ? "archive: " : format)\(String(cString: text))")
    }

    /// Throws when the stream goes on where what was decompressed has ended: libarchive does not look.
    func expectNoMore() throws(StreamFailure) {
        let used = UInt64(clamping: archive_filter_bytes(archive, -1))
        if used < pulled {
            throw StreamFailure("what lies behind the compressed data, from byte \(used) of it, is not read")
        }
    }

    /// Reads data of the current entry.
    func readData(into buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int {
        let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
        guard count >= 0 else { throw lastFailure() }
        return count
    }
}

/// What a bzip2 or compress(1) stream decompresses to, by libarchive.
final class FilterBytes: ByteStream {
    private let handle: ArchiveHandle
    private let budget: DecodingBudget
    private var yielded: UInt64 = 0
    private var isEmpty = false

    init(_ kind: ArchiveHandle.Kind, _ base: any ByteStream, budget: DecodingBudget) throws(StreamFailure) {
        self.budget = budget
        handle = try ArchiveHandle(kind, base)
        var entry: OpaquePointer?
        switch archive_read_next_header(handle.archive, &entry) {
        case ARCHIVE_EOF: isEmpty = true
        case ARCHIVE_OK, ARCHIVE_WARN: break
        default: throw handle.lastFailure()
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int {
        if isEmpty { return 0 }
        let count = try handle.readData(into: buffer)
        yielded &+= UInt64(count)
        if count > 0 { try budget.spend(count, input: handle.pulled, output: yielded) }
        if count == 0 { try handle.expectNoMore() }
        return count
    }
}
