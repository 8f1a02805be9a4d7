// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowLedger
import OutflowRecords

#if canImport(Glibc)
    import Glibc
#endif

/// The file of a partial: pieces, each with its length (UInt64, little-endian) before it and a checksum (the same) behind
/// it. All but the last hold flows (`FlowRecords`); the last holds everything else and the inputs. Each piece is a
/// container of its own with its version (`StateEncoder`).
public enum PartialFile {
    /// Why a partial could not be written or read.
    public struct Failure: Error, CustomStringConvertible {
        /// With path, what was wrong, and where.
        public let description: String
    }

    /// The largest piece that is read into memory.
    static let largestPiece: UInt64 = 8 << 30

    /// What a piece is known to be whole by: against decay, not against people.
    static func checksum(_ piece: [UInt8]) -> UInt64 {
        var hash = ContentHash(seed: 0x7069_6563)
        piece.withUnsafeBytes { hash.combine(Bytes($0)) }
        return hash.value
    }
}

/// Writes a partial while logs are read, so that its flows need no memory. Several threads may append.
public final class PartialWriter: Sendable {
    private struct State {
        var descriptor: Int32
        var flows: [Flow] = []
        var inputs: [UInt32] = []
    }

    private let path: String
    private let temporary: String
    private let state: Guarded<State>

    /// A partial at `path`; the file gets its name when it is whole.
    public init(path: String) throws(PartialFile.Failure) {
        self.path = path
        // What is no file would be replaced by one: a device, a pipe, the name of another file.
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            let kind =
                switch status.st_mode & S_IFMT {
                case S_IFDIR: "a folder"
                case S_IFLNK: "a symbolic link"
                default: "no regular file"
                }
            throw PartialFile.Failure(description: "\(path): is \(kind); name a file that is new, or one to replace")
        }
        temporary = path + ".\(ProcessInfo.processInfo.processIdentifier).partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else {
            throw PartialFile.Failure(
                description: "\(temporary): cannot be written: \(String(cString: strerror(errno)))")
        }
        state = Guarded(State(descriptor: descriptor))
    }

    deinit {
        state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
        unlink(temporary)
    }

    /// Keeps distinct flows, which come from input number `input`.
    func append(_ flows: [Flow], input: UInt32) throws {
        try state.withLock { state in
            state.flows.append(contentsOf: flows)
            state.inputs.append(contentsOf: repeatElement(input, count: flows.count))
            while state.flows.count >= FlowRecords.chunk { try flush(&state) }
        }
    }

    private func flush(_ state: inout State) throws {
        let count = min(state.flows.count, FlowRecords.chunk)
        guard count > 0 else { return }
        let piece = FlowRecords.encode(Array(state.flows.prefix(count)), inputs: Array(state.inputs.prefix(count)))
        state.flows.removeFirst(count)
        state.inputs.removeFirst(count)
        try put(piece, &state)
    }

    private func put(_ piece: [UInt8], _ state: inout State) throws {
        let length = withUnsafeBytes(of: UInt64(piece.count).littleEndian) { [UInt8]($0) }
        let checksum = withUnsafeBytes(of: PartialFile.checksum(piece).littleEndian) { [UInt8]($0) }
        for part in [length, piece, checksum] {
            var at = 0
            while at < part.count {
                let count = part[at...].withUnsafeBytes { write(state.descriptor, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw failure() }
                at += count
            }
        }
    }

    private func failure() -> PartialFile.Failure {
        PartialFile.Failure(description: "\(path): cannot be written: \(String(cString: strerror(errno)))")
    }

    /// Writes the rest, and gives the file its name.
    func finish(_ ledger: Ledger, _ observations: Observations, inputs: [Report.Input]) throws {
        try state.withLock { state in
            while !state.flows.isEmpty { try flush(&state) }
            try put(ledger.encode(inputs: inputs) { observations.encode(into: &$0) }, &state)
            guard fsync(state.descriptor) == 0, close(state.descriptor) == 0 else { throw failure() }
            state.descriptor = -1
            guard rename(temporary, path) == 0 else {
                throw PartialFile.Failure(description: "\(path): cannot be given its name")
            }
        }
    }
}

/// Adds partials up: the same verbs as a scan, fed from files of partials.
public final class Merge {
    private let ledger = Ledger()
    private var observations = Observations()
    private var inputs: [Report.Input] = []

    /// A merge of nothing.
    public init() {}

    /// Adds the partial at `path`; its flows are written to `partial` too, when given.
    ///
    /// - Throws: ``PartialFile/Failure``. What was added before stays; the merge should be given up.
    public func add(_ path: String, keeping partial: PartialWriter? = nil) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw PartialFile.Failure(description: "\(path): cannot be read")
        }
        defer { try? handle.close() }
        // The inputs' numbers are in the last piece, which the flows before it refer to: number them from here on.
        let base = UInt32(inputs.count)
        var offset: UInt64 = 0
        var inputsNamed = 0
        while true {
            let piece = try next(handle, path, &offset)
            do throws(StateError) {
                var decoder = try StateDecoder(piece)
                if decoder.contains(.flowRecords) {
                    let (flows, numbers) = try FlowRecords.decode(&decoder)
                    inputsNamed = max(inputsNamed, numbers.max().map { Int($0) + 1 } ?? 0)
                    let renumbered = numbers.map { base &+ $0 }
                    if let partial {
                        do { try keep(flows, renumbered, partial) } catch {
                            throw StateError(offset: 0, reason: "\(error)")
                        }
                    } else {
                        ledger.observe(flows, inputs: renumbered)
                    }
                } else {
                    let added = try Ledger.decodeInputs(&decoder)
                    guard inputsNamed <= added.count else {
                        throw StateError(
                            offset: 0, reason: "flows are of input \(inputsNamed), but there are \(added.count)")
                    }
                    let map = added.indices.map { base + UInt32($0) }
                    try ledger.merge(&decoder, inputMap: map)
                    observations.merge(try Observations(from: &decoder), inputMap: map)
                    inputs += added
                    break
                }
            } catch {
                throw PartialFile.Failure(description: "\(path): in the piece that ends at byte \(offset): \(error)")
            }
        }
        if try handle.read(upToCount: 1)?.isEmpty == false {
            throw PartialFile.Failure(description: "\(path): goes on after its end at byte \(offset)")
        }
    }

    private func keep(_ flows: [Flow], _ inputs: [UInt32], _ partial: PartialWriter) throws {
        var from = 0
        while from < flows.count {
            var to = from + 1
            while to < flows.count, inputs[to] == inputs[from] { to += 1 }
            let part = Array(flows[from..<to])
            var marks: [Bool] = []
            ledger.observe(part, input: inputs[from]) { marks = Array($0) }
            try partial.append(zip(part, marks).filter(\.1).map(\.0), input: inputs[from])
            from = to
        }
    }

    private func next(_ handle: FileHandle, _ path: String, _ offset: inout UInt64) throws -> [UInt8] {
        func read(_ count: Int) throws -> Data {
            guard let data = try handle.read(upToCount: count), data.count == count else {
                throw PartialFile.Failure(
                    description: "\(path): ends at byte \(offset) in the middle of a piece: cut short, or no partial")
            }
            return data
        }
        let length = try read(8).withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        let size = try handle.seekToEnd()
        guard length <= PartialFile.largestPiece, offset + 16 + length <= size else {
            throw PartialFile.Failure(
                description: "\(path): no partial, or cut short: a piece of \(length) bytes at byte \(offset)")
        }
        try handle.seek(toOffset: offset + 8)
        let piece = [UInt8](try read(Int(length)))
        let checksum = try read(8).withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard checksum == PartialFile.checksum(piece) else {
            throw PartialFile.Failure(
                description:
                    "\(path): damaged: the checksum of the piece at byte \(offset) does not agree; write it anew")
        }
        offset += 16 + length
        return piece
    }

    /// Writes what is not flows as the end of a partial.
    public func finish(_ partial: PartialWriter) throws { try partial.finish(ledger, observations, inputs: inputs) }

    /// What it all comes to.
    public func conclude(_ plan: ScanPlan) -> Report { observations.conclude(ledger, inputs, plan) }
}
