// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Synchronization

/// A block of records, the input that it comes from, and the source that reads it.
public struct SourcedBlock {
    /// Number of the input, see ``InputReader/inputs``.
    public let input: UInt32
    /// The records; they die with the next use of the buffer that they were read into.
    public let block: RecordBlock
    /// What reads them.
    public let source: any LogSource
}

/// A file that lies in memory.
public struct SuppliedFile: Sendable {
    /// How the report calls it.
    public var path: String
    /// What it holds, compressed or not.
    public var bytes: [UInt8]

    /// A file of its parts.
    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

/// Hands out blocks of whole records of all inputs, one input after the other. Several threads may call it at once, each
/// with a buffer of its own.
///
/// ```swift
/// let reader = InputReader(paths: ["logs", "more.tar.gz"])
/// let buffer = BlockBuffer()
/// let batch = ActivityBatch()
/// while let next = reader.next(into: buffer) {
///     batch.clear()
///     next.source.read(next.block, into: batch)
///     reader.account(batch, duplicates: 0, input: next.input)
/// }
/// for input in reader.inputs { print(input.path, input.records, input.rejected.count) }
/// ```
///
/// Whatever the inputs are, memory stays bounded, and what cannot be read is told in ``inputs``: nothing is thrown.
public final class InputReader: @unchecked Sendable {
    // Unchecked: all that changes is used under one of the two locks.

    private let limits: ReadLimits
    private let options: @Sendable (String) -> SourceOptions
    private let recogniser: Recogniser
    private let hashes: Bool
    private let state = ReadProgress()
    private let total: UInt64?

    private let readLock = Lock()
    private var entries: ArraySlice<PathWalker.Entry>
    private var supply: (() -> SuppliedFile?)?
    private var root: (any RootBytes)?
    private var rootInputs: Range<Int> = 0..<0
    private var opener: StreamOpener?
    private var stream: RecordStream?
    private var members: Set<Int> = []  // Inputs of the root that are members of archives in it.

    private let summaryLock = Lock()
    private var summaries: [InputSummary] = []

    /// A reader of all files that `paths` stand for: files, folders with all in them, FIFOs, and `-` for standard input.
    ///
    /// - Parameters:
    ///   - paths: files, folders, FIFOs, and `-`.
    ///   - limits: what keeps hostile input from exhausting memory or time.
    ///   - options: what the estate's configuration says about logs of a path.
    ///   - recogniser: finds the source for the beginning of a stream.
    ///   - hashes: whether files are hashed as they are read; else ``InputSummary/sha256`` is empty.
    public init(
        paths: [String], limits: ReadLimits = .init(),
        options: @escaping @Sendable (_ path: String) -> SourceOptions = { _ in .init() },
        recogniser: @escaping Recogniser = LogSources.source(for:), hashes: Bool = true
    ) {
        self.hashes = hashes
        self.limits = limits
        self.options = options
        self.recogniser = recogniser
        let found = PathWalker.entries(of: paths)
        entries = found[...]
        var sum: UInt64? = 0
        for entry in found {
            switch entry.kind {
            case .file(let size): sum = sum.map { $0 &+ size }
            case .fifo, .standardInput: sum = nil
            case .report, .unreadable: break
            }
        }
        total = sum
    }

    /// A reader of one input that lies in memory, as if it were a file at `path`.
    public convenience init(
        bytes: [UInt8], path: String, limits: ReadLimits = .init(),
        options: @escaping @Sendable (_ path: String) -> SourceOptions = { _ in .init() },
        recogniser: @escaping Recogniser = LogSources.source(for:)
    ) {
        var file: SuppliedFile? = SuppliedFile(path: path, bytes: bytes)
        self.init(
            supply: {
                defer { file = nil }
                return file
            }, total: UInt64(bytes.count), limits: limits, options: options, recogniser: recogniser)
    }

    /// A reader of files that are made while they are read and never lie on disk.
    ///
    /// - Parameters:
    ///   - limits: what keeps hostile input from exhausting memory or time.
    ///   - options: what the estate's configuration says about logs of a path.
    ///   - recogniser: finds the source for the beginning of a stream.
    ///   - supply: called for the next file, by one thread at a time; nil when there are no more.
    ///   - total: bytes of all files; nil when that is not known.
    public init(
        supply: @escaping () -> SuppliedFile?, total: UInt64? = nil, limits: ReadLimits = .init(),
        options: @escaping @Sendable (_ path: String) -> SourceOptions = { _ in .init() },
        recogniser: @escaping Recogniser = LogSources.source(for:)
    ) {
        self.limits = limits
        self.options = options
        self.recogniser = recogniser
        self.supply = supply
        self.total = total
        hashes = true
        entries = []
    }

    /// The next block, read into `buffer`; nil when all inputs are done or ``cancel()`` was called. Blocks of one input
    /// may be parsed by different threads at the same time.
    public func next(into buffer: BlockBuffer) -> SourcedBlock? {
        buffer.settle()
        let next = readLock { locked(into: buffer) }
        buffer.hashing?.hash.work()
        return next
    }

    private func locked(into buffer: BlockBuffer) -> SourcedBlock? {
        while !state.isCancelled.load(ordering: .relaxed) {
            if stream != nil {
                root?.destination = buffer
                defer { root?.destination = nil }
                if let (block, source) = stream?.next(into: buffer) {
                    return SourcedBlock(input: UInt32(rootInputs.upperBound - 1), block: block, source: source)
                }
                finishStream()
            } else if let opened = opener?.next() {
                begin(opened)
            } else if root != nil {
                finishRoot()
            } else if !openNextRoot() {
                return nil
            }
        }
        return nil
    }

    /// Counts what the records of a block of `input` were, after its source has read it into `batch`. Any thread may
    /// call it.
    public func account(_ batch: ActivityBatch, duplicates: UInt64, input: UInt32) {
        summaryLock { summaries[Int(input)].count(batch, duplicates: duplicates) }
    }

    /// Bytes on disk read so far, and in all; the latter is nil when standard input or a FIFO is among the inputs.
    public var progress: (read: UInt64, total: UInt64?) { (state.read.load(ordering: .relaxed), total) }

    /// Makes ``next(into:)`` return nil soon, in all threads, also where it waits for a FIFO.
    public func cancel() { state.isCancelled.store(true, ordering: .relaxed) }

    /// All inputs by number. It is complete when ``next(into:)`` has returned nil for all threads and each of them has
    /// accounted for its blocks.
    public var inputs: [InputSummary] { summaryLock { summaries } }

    // MARK: Under the read lock

    private func openNextRoot() -> Bool {
        if let supply {
            if let file = supply() {
                begin(MemoryBytes(file.bytes), path: file.path)
                return true
            }
            self.supply = nil
        }
        guard let entry = entries.popFirst() else { return false }
        do throws(StreamFailure) {
            switch entry.kind {
            case .file, .fifo: begin(try FileBytes(path: entry.raw, progress: state, hashes: hashes), path: entry.path)
            case .standardInput: begin(FileBytes(standardInput: state), path: entry.path)
            case .report: addInput(InputSummary(path: entry.path, format: InputSummary.ownReport))
            case .unreadable(let reason): throw StreamFailure(reason)
            }
        } catch {
            var summary = InputSummary.unreadable(label: entry.path, reason: error.reason)
            if case .file(let size) = entry.kind { summary.bytes = size }
            addInput(summary)
        }
        return true
    }

    private func begin(_ root: any RootBytes, path: String) {
        self.root = root
        let next = summaryLock { summaries.count }
        rootInputs = next..<next
        opener = StreamOpener(root, label: path, limits: limits)
    }

    private func begin(_ opened: StreamOpener.Opened) {
        switch opened {
        case .unreadable(let label, let reason, let isMember):
            if isMember { members.insert(rootInputs.upperBound) }
            addInput(.unreadable(label: label, reason: reason))
        case .stream(let label, let bytes, let isMember):
            if isMember { members.insert(rootInputs.upperBound) }
            let begun = RecordStream(bytes, options: options(label), limits: limits, recogniser: recogniser)
            addInput(InputSummary(path: label, format: begun.format))
            stream = begun
        }
        rootInputs = rootInputs.lowerBound..<rootInputs.upperBound + 1
    }

    private func addInput(_ summary: InputSummary) { summaryLock { summaries.append(summary) } }

    private func finishStream() {
        guard let (rejections, bytes) = stream?.finish(), let format = stream?.format else { return }
        summaryLock {
            summaries[rootInputs.upperBound - 1].format = format
            summaries[rootInputs.upperBound - 1].rejected.merge(rejections)
            summaries[rootInputs.upperBound - 1].bytes = bytes
        }
        stream = nil
    }

    /// Everything in the file has been handed out: reads what is left of it, so that its hash is of all its bytes.
    private func finishRoot() {
        guard let root else { return }
        let (sha256, failure) = root.finish()
        summaryLock {
            for index in rootInputs {
                summaries[index].sha256 = sha256 ?? ""
                if !members.contains(index) { summaries[index].bytes = root.bytesRead }
            }
            if let failure, !failure.isCancelled, let index = rootInputs.first {
                summaries[index].rejected.add(Rejection(offset: root.bytesRead, reason: failure.reason))
            }
        }
        members.removeAll()
        opener = nil
        self.root = nil
    }
}

extension InputSummary {
    /// The format of a folder that holds a report of Outflow's own, which is not read.
    static let ownReport = "outflow-report"

    /// An input of which nothing could be read, and why.
    static func unreadable(label: String, reason: String) -> InputSummary {
        var summary = InputSummary(path: label, format: "unreadable")
        summary.rejected.add(Rejection(offset: 0, reason: reason))
        return summary
    }
}
