// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
@testable import OutflowReaders
import OutflowRecords

/// One pass over an input, in blocks of a chosen size.
struct Reading {
    var blockBytes = 128 << 10
    /// What stands in the 64 bytes behind a block. Sources may read it, but it must not matter.
    var padding: UInt8 = 0

    /// Limits under which no input takes long.
    var limits: ReadLimits {
        var limits = ReadLimits()
        limits.blockBytes = blockBytes
        limits.freeBytes = 1 << 20
        limits.maxStreamBytes = 8 << 20
        limits.maxHeldBytes = 1 << 20
        limits.maxMembers = 100
        return limits
    }

    /// Blocks of a size, and a padding, that the fuzzer chooses.
    static func chosen(by choices: inout Choices) -> Reading {
        // Small blocks are likelier: 1, 2, 4, ... bytes.
        Reading(
            blockBytes: Int.random(in: 1...1 << Int.random(in: 0...14, using: &choices), using: &choices),
            padding: [0x00, 0x09, 0x20, 0x22, 0x30, 0x39, 0x5C, 0x7D, 0xFF].randomElement(using: &choices) ?? 0)
    }

    /// Calls `body` with every block, which lies in memory that ends 64 bytes behind it: one byte more, and the address
    /// sanitizer tells.
    ///
    /// - Returns: the inputs, as ``InputReader/inputs``.
    func forEachBlock(
        of bytes: [UInt8], recogniser: @escaping Recogniser = LogSources.source(for:),
        options: SourceOptions = SourceOptions(), _ body: (SourcedBlock) -> ActivityBatch?
    ) -> [InputSummary] {
        let reader = InputReader(
            bytes: bytes, path: "log", limits: limits, options: { _ in options }, recogniser: recogniser)
        let buffer = BlockBuffer()
        while let next = reader.next(into: buffer) {
            withCopy(of: next.block.bytes) { copy in
                var block = next.block
                block.bytes = copy
                guard let batch = body(SourcedBlock(input: next.input, block: block, source: next.source)) else {
                    return
                }
                reader.account(batch, duplicates: 0, input: next.input)
                batch.clear()
            }
        }
        return reader.inputs
    }

    /// Calls `body` with a copy of `bytes` and its padding.
    func withCopy<Result>(of bytes: Bytes, _ body: (Bytes) -> Result) -> Result {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + 64)
        defer { copy.deallocate() }
        copy.initialize(from: bytes.start, count: bytes.count)
        (copy + bytes.count).initialize(repeating: padding, count: 64)
        return body(Bytes(start: copy, count: bytes.count))
    }

    /// What all records of `bytes` come to.
    func tally(
        of bytes: [UInt8], recogniser: @escaping Recogniser, options: SourceOptions = SourceOptions(),
        also body: (ActivityBatch) -> Void = { _ in }
    ) -> (Tally, [InputSummary]) {
        let batch = ActivityBatch()
        batch.wantsObservables = true
        var tally = Tally()
        let inputs = forEachBlock(of: bytes, recogniser: recogniser, options: options) { next in
            next.source.read(next.block, into: batch)
            tally.add(batch, of: next.block)
            body(batch)
            return batch
        }
        return (tally, inputs)
    }
}
