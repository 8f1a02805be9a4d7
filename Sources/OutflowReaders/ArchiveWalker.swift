// SPDX-License-Identifier: Apache-2.0

import CCodecs
import Glibc

/// Goes through the members of a tar, zip or 7z archive, in their order.
final class ArchiveWalker {
    /// What comes next.
    enum Step {
        /// A file, whose stream is valid until the next step.
        case member(name: String, stream: any ByteStream)
        /// A file that cannot be read.
        case unreadable(name: String, reason: String)
        /// No more members.
        case end
    }

    /// How the archive is called in the report.
    let label: String
    /// Members that were met.
    private(set) var members = 0
    private let handle: ArchiveHandle
    private let budget: DecodingBudget
    private var names: Set<String> = []
    /// Whether the bytes after a damaged header are being passed over, in search of a whole one.
    private var isSearching = false

    init(
        _ kind: ArchiveHandle.Kind, _ stream: any ByteStream, seekable: (any SeekableBytes)?, label: String,
        budget: DecodingBudget
    ) throws(StreamFailure) {
        self.label = label
        self.budget = budget
        handle = try ArchiveHandle(kind, stream, seekable: seekable)
    }

    /// The next member. Folders, links and devices hold no data and are passed over.
    ///
    /// - Throws: when the rest of the archive cannot be read.
    func next() throws(StreamFailure) -> Step {
        while true {
            var found: OpaquePointer?
            switch archive_read_next_header(handle.archive, &found) {
            case ARCHIVE_EOF: return .end
            case ARCHIVE_OK, ARCHIVE_WARN: isSearching = false
            case ARCHIVE_RETRY:
                if isSearching { continue }
                isSearching = true
                members += 1
                let reason = "\(handle.lastFailure().reason); passed over up to the next member that is whole"
                return .unreadable(name: unique("damaged"), reason: reason)
            case ARCHIVE_FAILED where found != nil:
                members += 1
                return .unreadable(name: unique(Self.name(of: found)), reason: handle.lastFailure().reason)
            default: throw handle.lastFailure()
            }
            guard archive_entry_filetype(found) & S_IFMT == S_IFREG, archive_entry_hardlink(found) == nil else {
                continue
            }
            members += 1
            let name = unique(Self.name(of: found))
            if archive_entry_is_data_encrypted(found) != 0 {
                return .unreadable(name: name, reason: "encrypted; decrypt it first")
            }
            return .member(name: name, stream: MemberBytes(handle, budget: budget))
        }
    }

    /// The name, with a number if an earlier member has it already: each input is to be found again by its path.
    private func unique(_ name: String) -> String {
        var candidate = name
        var number = 2
        while !names.insert(candidate).inserted {
            candidate = "\(name)#\(members)" + (number > 2 ? "#\(number)" : "")
            number += 1
        }
        return candidate
    }

    /// The member's name made fit to be shown: it is a label, never a path of the file system.
    private static func name(of entry: OpaquePointer?) -> String {
        let text = archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry)
        let name = text.map {
            String(
                decoding: UnsafeBufferPointer(start: $0, count: strlen($0)).map { UInt8(bitPattern: $0) }, as: UTF8.self
            )
        }
        return cleaned(name ?? "")
    }

    /// `name` without control characters, bidirectional marks, `.` and `..` steps and leading slashes, at most 1,024
    /// characters long.
    static func cleaned(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars.prefix(1024) {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator:
                text.unicodeScalars.append("\u{FFFD}")
            default: text.unicodeScalars.append(scalar == "\\" ? "/" : scalar)
            }
        }
        let steps = text.split(separator: "/").filter { $0 != "." && $0 != ".." }
        return steps.isEmpty ? "unnamed" : steps.joined(separator: "/")
    }
}

/// The data of the archive's current member.
private final class MemberBytes: ByteStream {
    private let handle: ArchiveHandle
    private let budget: DecodingBudget
    private let before: UInt64
    private var yielded: UInt64 = 0

    init(_ handle: ArchiveHandle, budget: DecodingBudget) {
        self.handle = handle
        self.budget = budget
        // libarchive reads ahead by one of our buffers.
        before = handle.pulled > 64 << 10 ? handle.pulled - 64 << 10 : 0
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StreamFailure) -> Int {
        let count = try handle.readData(into: buffer)
        yielded &+= UInt64(count)
        if count > 0 { try budget.spend(count, input: handle.pulled - before, output: yielded) }
        return count
    }
}
