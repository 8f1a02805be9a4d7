// SPDX-License-Identifier: Apache-2.0

import Glibc
import OutflowRecords

/// Why records could not be read again.
public enum ReadError: Error, Hashable, CustomStringConvertible {
    /// There is no such file, or it may not be read.
    case unopenable(path: String, reason: String)
    /// The archive has no such member any more.
    case noSuchMember(path: String)
    /// The stream ended, or was damaged, before the record at `offset`.
    case cutOff(path: String, offset: UInt64, reason: String)

    /// What was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .unopenable(let path, let reason): "\(path): \(reason)"
        case .noSuchMember(let path): "\(path): not in the archive; was it changed since the scan?"
        case .cutOff(let path, let offset, let reason): "\(path): no record at offset \(offset): \(reason)"
        }
    }
}

/// Reads the original bytes of records again, by the path and the offsets that a report gives.
public enum RecordFetcher {
    /// Calls `body` for each range, in order, with its index and its bytes, which are valid during the call.
    ///
    /// - Parameters:
    ///   - body: gets the index of a range and its bytes.
    ///   - path: the path of an input as the report has it: a file, or a member like `a.zip!b.log`.
    ///   - ranges: stretches of the input's decompressed stream, sorted by offset; they may overlap.
    ///   - limits: those of the scan. A range longer than a record may be is cut to that length.
    /// - Throws: ``ReadError``. `body` may have been called for some ranges by then.
    public static func fetch(
        path: String, ranges: [(offset: UInt64, length: UInt32)], limits: ReadLimits = .init(),
        body: (_ index: Int, _ record: Bytes) -> Void
    ) throws(ReadError) {
        guard !ranges.isEmpty else { return }
        let file = fileOnDisk(of: path)
        let root: FileBytes
        do throws(StreamFailure) {
            root = try FileBytes(
                path: file.utf8.map { CChar(bitPattern: $0) } + [0], progress: ReadProgress(), hashes: false)
        } catch { throw .unopenable(path: path, reason: error.reason) }
        guard root.isSeekable else { throw .unopenable(path: path, reason: "is not a file that can be read again") }
        // Behind a damaged member, what an archive holds depends on whether that was read or passed over: the scan read it.
        for passesOver in [true, false] {
            root.seek(to: 0)
            let opener = StreamOpener(root, label: file, limits: limits) {
                !passesOver || $0 == path || path.hasPrefix($0 + "!")
            }
            while let opened = opener.next() {
                switch opened {
                case .stream(let label, let bytes, _) where label == path:
                    return try fetch(TextStream(bytes), path: path, ranges: ranges, limits: limits, body: body)
                case .stream(_, let bytes, _) where !passesOver: drain(bytes)
                case .unreadable(let label, let reason, _) where label == path || path.hasPrefix(label + "!"):
                    throw .unopenable(path: path, reason: reason)
                default: continue
                }
            }
        }
        throw .noSuchMember(path: path)
    }

    /// Reads a stream to its end, or as far as it can be read.
    private static func drain(_ stream: any ByteStream) {
        let buffer = BlockBuffer()
        buffer.reserve(64 << 10, keeping: 0)
        while let count = try? stream.read(into: buffer.bytes), count > 0 {}
    }

    /// The part of `path` that is a file: all of it, else the longest part before a `!` that is one.
    private static func fileOnDisk(of path: String) -> String {
        var candidate = path[...]
        while true {
            var status = stat()
            if stat(String(candidate), &status) == 0 { return String(candidate) }
            guard let mark = candidate.lastIndex(of: "!") else { return path }
            candidate = candidate[..<mark]
        }
    }

    private static func fetch(
        _ text: TextStream, path: String, ranges: [(offset: UInt64, length: UInt32)], limits: ReadLimits,
        body: (Int, Bytes) -> Void
    ) throws(ReadError) {
        var stream: any ByteStream = text.bytes
        var start = text.offset
        // A plain file need not be read up to the first record.
        if text.converter == nil, let first = ranges.first?.offset, let file = text.bytes.takeSeekable() {
            file.seek(to: first)
            (stream, start) = (file, first)
        }
        try fetch(stream, from: start, path: path, ranges: ranges, limits: limits, body: body)
    }

    /// Reads on from `offset`, and keeps what the next range needs.
    private static func fetch(
        _ stream: any ByteStream, from offset: UInt64, path: String, ranges: [(offset: UInt64, length: UInt32)],
        limits: ReadLimits, body: (Int, Bytes) -> Void
    ) throws(ReadError) {
        let buffer = BlockBuffer()
        let chunk = 64 << 10
        var start = offset  // Stream offset of the buffer's first byte.
        var count = 0
        for (index, range) in ranges.enumerated() {
            let length = min(Int(range.length), limits.maxRecordBytes)
            guard range.offset >= start, range.offset <= .max - UInt64(range.length) else {
                throw .cutOff(path: path, offset: range.offset, reason: "no record begins there")
            }
            while start &+ UInt64(count) < range.offset &+ UInt64(length) {
                // Bytes before the range are of no more use.
                let useless = Int(min(UInt64(count), range.offset - start))
                if useless > 0 {
                    buffer.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer.bytes[useless..<count]))
                    start += UInt64(useless)
                    count -= useless
                }
                buffer.reserve(count + chunk, keeping: count)
                var got = 0
                var reason = "the input ends before it"
                do throws(StreamFailure) {
                    got = try stream.read(
                        into: UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[count..<count + chunk]))
                } catch { reason = error.reason }
                guard got > 0 else { throw .cutOff(path: path, offset: range.offset, reason: reason) }
                count += got
            }
            let from = Int(range.offset - start)
            body(index, buffer.view(from..<from + length))
        }
    }
}
