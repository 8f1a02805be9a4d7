// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowLedger
import OutflowReaders
import OutflowRecords

/// Where distinct activities are kept as they are read: the file of a partial.
public protocol ActivityKeeper: Sendable {
    /// Keeps all activities of a batch, whose records come from input number `input`. Called by several threads.
    func append(_ batch: ActivityBatch, input: UInt32) throws
}

/// One pass over all inputs: reads, parses and adds up, on several threads.
///
/// ```swift
/// let scan = Scan(ScanPlan(paths: ["logs"]))
/// try scan.observe()
/// let report = scan.conclude()
/// ```
public final class Scan: Sendable {
    /// The scan was cancelled before all was read.
    public struct Cancelled: Error {}

    private let plan: ScanPlan
    private let reader: InputReader
    private let ledger = Ledger()
    private let isCancelled = Flag()

    /// A scan of a plan; nothing is read yet.
    public init(_ plan: ScanPlan) {
        self.plan = plan
        reader = InputReader(paths: plan.paths, limits: plan.limits, options: plan.sourceOptions)
    }

    /// Bytes on disk read so far, of all; nil where the total is not known (standard input).
    public var progress: (read: UInt64, total: UInt64?) { reader.progress }

    /// Makes ``observe(keeping:)`` stop soon and throw ``Cancelled``. May be called from any thread.
    public func cancel() {
        isCancelled.set()
        reader.cancel()
    }

    /// Reads everything.
    ///
    /// - Parameter file: where the distinct activities are written too, for a partial; nil for a scan.
    /// - Throws: ``Cancelled``; what `file` throws.
    public func observe(keeping file: (any ActivityKeeper)? = nil) throws {
        let errors = FirstError()
        let threads = (1..<max(plan.threads, 1)).map { _ in
            // The default stack of a secondary thread is too small for nothing here; plain threads keep it simple.
            let thread = Worker { self.work(file, errors) }
            thread.start()
            return thread
        }
        work(file, errors)
        for thread in threads { thread.join() }
        if let error = errors.error { throw error }
        if isCancelled.isSet { throw Cancelled() }
    }

    private func work(_ file: (any ActivityKeeper)?, _ errors: FirstError) {
        let buffer = BlockBuffer()
        let batch = ActivityBatch()
        while !isCancelled.isSet, let next = reader.next(into: buffer) {
            next.source.read(next.block, into: batch)
            var kept: [Bool] = []
            let duplicates = ledger.observe(
                batch, input: next.input, isNewFlow: file == nil ? nil : { kept = Array($0) })
            reader.account(batch, duplicates: duplicates, input: next.input)
            if let file {
                do {
                    if !kept.isEmpty { batch.keepFlows(kept) }
                    try file.append(batch, input: next.input)
                } catch {
                    errors.set(error)
                    cancel()
                }
            }
            batch.clear()
        }
    }

    /// The inputs as they were read, by number.
    public var inputs: [Report.Input] { reader.inputs.map(Report.Input.init) }

    /// What it all comes to.
    public func conclude() -> Report {
        ledger.conclude(inputs: inputs, estate: plan.estate, limit: plan.transferLimit)
    }
}

extension ActivityBatch {
    /// Keeps the flows that are marked.
    fileprivate func keepFlows(_ marks: [Bool]) {
        var number = -1
        flows.removeAll { _ in
            number += 1
            return number < marks.count && !marks[number]
        }
    }
}

extension Report.Input {
    /// An input as the reader summed it up.
    init(_ summary: InputSummary) {
        self.init(
            path: summary.path, format: summary.format, bytes: summary.bytes, sha256: summary.sha256,
            records: summary.records, duplicates: summary.duplicates, first: summary.first, last: summary.last,
            rejected: summary.rejected)
    }
}
