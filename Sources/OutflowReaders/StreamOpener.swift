// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Takes one input apart: undoes its compression, and goes through the members of archives, also of archives in them.
final class StreamOpener {
    /// Something that becomes an input of its own.
    enum Opened {
        /// Decompressed bytes. They must be read before the next one is asked for.
        case stream(label: String, bytes: PeekableBytes, isMember: Bool)
        /// Something that cannot be read.
        case unreadable(label: String, reason: String, isMember: Bool)
    }

    private let limits: ReadLimits
    private let budget: DecodingBudget
    private let label: String
    private var root: (any RootBytes)?
    private var archives: [ArchiveWalker] = []
    private var members = 0
    private let isWanted: (String) -> Bool

    /// Takes `root` apart, which the report calls `label`. Members for whose label `isWanted` is false are passed over.
    init(_ root: any RootBytes, label: String, limits: ReadLimits, isWanted: @escaping (String) -> Bool = { _ in true })
    {
        self.root = root
        self.label = label
        self.limits = limits
        self.isWanted = isWanted
        budget = DecodingBudget(limits: limits) { [unowned root] in root.bytesRead }
    }

    /// The next input, nil when there are no more.
    func next() -> Opened? {
        if let root {
            self.root = nil
            if let opened = unpack(root, label: label, isMember: false) { return opened }
        }
        while let archive = archives.last {
            do {
                switch try archive.next() {
                case .end:
                    archives.removeLast()
                    if archive.members == 0 {
                        return .unreadable(
                            label: archive.label, reason: "the archive has no files in it", isMember: !archives.isEmpty)
                    }
                case .unreadable(let name, let reason):
                    members += 1
                    return .unreadable(label: archive.label + "!" + name, reason: reason, isMember: true)
                case .member(let name, let stream):
                    members += 1
                    if members > limits.maxMembers {
                        archives.removeAll()
                        return .unreadable(
                            label: label, reason: "more than \(limits.maxMembers) files in it; the rest is not read",
                            isMember: false)
                    }
                    let label = archive.label + "!" + name
                    if isWanted(label), let opened = unpack(stream, label: label, isMember: true) { return opened }
                }
            } catch {
                archives.removeLast()
                if error.isCancelled { return nil }
                return .unreadable(
                    label: archive.label, reason: "the rest of the archive cannot be read: \(error.reason)",
                    isMember: !archives.isEmpty)
            }
        }
        return nil
    }

    /// Undoes layer after layer of compression; nil if an archive came out, whose members are next.
    private func unpack(_ stream: any ByteStream, label: String, isMember: Bool) -> Opened? {
        var top = PeekableBytes(stream)
        do throws(StreamFailure) {
            for _ in 0...limits.maxDepth {
                switch Signature(of: top.peek(Signature.length)) {
                case .plain: return .stream(label: label, bytes: top, isMember: isMember)
                case .gzip: top = PeekableBytes(GzipBytes(top, budget: budget))
                case .zstd: top = PeekableBytes(ZstdBytes(top, budget: budget))
                case .lz4: top = PeekableBytes(LZ4Bytes(top, budget: budget))
                case .xz: top = PeekableBytes(XzBytes(top, budget: budget))
                case .filter(let kind): top = PeekableBytes(try FilterBytes(kind, top, budget: budget))
                case .archive(let kind):
                    guard archives.count < limits.maxDepth else {
                        throw StreamFailure("archives lie in each other more than \(limits.maxDepth) deep")
                    }
                    var seekable = kind == .tar ? nil : top.takeSeekable()
                    if seekable == nil, kind == .sevenZip { seekable = try hold(top) }
                    archives.append(try ArchiveWalker(kind, top, seekable: seekable, label: label, budget: budget))
                    return nil
                }
            }
            throw StreamFailure("compressed more than \(limits.maxDepth) times over")
        } catch {
            return error.isCancelled ? nil : .unreadable(label: label, reason: error.reason, isMember: isMember)
        }
    }

    /// The whole stream in memory: 7z keeps its directory at the end.
    private func hold(_ stream: PeekableBytes) throws(StreamFailure) -> MemoryBytes {
        var bytes: [UInt8] = []
        let chunk = LayerBuffer(64 << 10)
        while true {
            let count = try stream.read(into: chunk.bytes)
            if count == 0 { return MemoryBytes(bytes) }
            bytes.append(contentsOf: chunk.bytes[0..<count])
            guard bytes.count <= limits.maxHeldBytes else {
                throw StreamFailure(
                    "7z within another archive and larger than \(limits.maxHeldBytes) bytes; unpack it first")
            }
        }
    }
}
