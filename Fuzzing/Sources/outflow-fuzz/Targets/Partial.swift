// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
@testable import OutflowLedger
import OutflowReaders
import OutflowRecords

extension FuzzTarget {
    /// A piece of a partial from who knows where: it is refused, or merged as ``OutflowEngine`` does it, and then
    /// concluded and written.
    static let partial = FuzzTarget(name: "partial") { input in
        let ledger = Ledger()
        var inputs: [Report.Input] = []
        var inputsNamed = 0
        do throws(StateError) {
            var decoder = try StateDecoder(input)
            if decoder.contains(.flowRecords) {
                let (flows, numbers) = try FlowRecords.decode(&decoder)
                inputsNamed = numbers.max().map { Int($0) + 1 } ?? 0
                ledger.observe(flows, inputs: numbers)
            }
            if decoder.contains(.inputs) {
                inputs = try Ledger.decodeInputs(&decoder)
                try ledger.merge(&decoder, inputMap: inputs.indices.map { UInt32($0) })
            }
        } catch {
            check(!error.description.isEmpty, "an error without words")
            return
        }
        if inputsNamed > inputs.count { return }
        let report = ledger.conclude(inputs: inputs, estate: Estate())
        renderAll(report)
        readBack(report)
    }
}

/// Seeds of partials, not compressed, so that a fuzzer can change what matters.
enum PartialSeed {
    /// All that `log` says, as one piece.
    static func make(of log: [UInt8]) -> [UInt8] {
        let ledger = Ledger()
        let batch = ActivityBatch()
        var flows: [Flow] = []
        _ = Reading().forEachBlock(of: log) { next in
            next.source.read(next.block, into: batch)
            if flows.count < 20 { flows += batch.flows.prefix(20) }
            _ = ledger.observe(batch, input: 0)
            return batch
        }
        var encoder = StateEncoder(isCompressing: false)
        if !flows.isEmpty { FlowRecords.encode(flows, inputs: flows.map { _ in 0 }, into: &encoder) }
        encoder.begin(.inputs)
        encoder.write(1)
        for text in ["log", "zeek-tsv", ""] { withBytes(of: text) { encoder.write($0) } }
        for number in [1, 2, 0] as [UInt64] { encoder.write(number) }
        for _ in 0..<2 {
            encoder.write(0)
            encoder.write(signed: 0)
        }
        for _ in 0..<2 { encoder.write(0) }
        encoder.end()
        ledger.encodeRich(into: &encoder)
        return encoder.finish()
    }
}
