// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowDetection
import OutflowIntelligence
import OutflowLedger
import OutflowReaders
import OutflowRecords

/// One pass over all inputs: reads, parses and adds up, on several threads.
///
/// ```swift
/// let scan = Scan(ScanPlan(paths: ["logs"]))
/// try scan.observe()
/// let report = scan.conclude()
/// ```
public final class Scan: InterruptibleReading {
    /// The scan was cancelled before all was read.
    public struct Cancelled: Error {}

    /// What a user learns when it is interrupted.
    public var lostWhenInterrupted: String { "no report was written" }

    private let plan: ScanPlan
    private let reader: InputReader
    private let ledger: Ledger
    private let observations = Guarded(Observations())
    private let isCancelled = Flag()

    /// A scan of a plan; nothing is read yet.
    public init(_ plan: ScanPlan) {
        self.plan = plan
        ledger = Ledger(keepsDays: plan.alarms != nil)
        reader = InputReader(paths: plan.paths, limits: plan.limits, options: plan.sourceOptions)
    }

    /// A scan of files that are made while they are read: everything after the bytes is as for files on disk.
    ///
    /// - Parameters:
    ///   - plan: all but the paths, which are not looked at.
    ///   - supply: called for the next file, by one thread at a time; nil when there are no more.
    public init(_ plan: ScanPlan, supply: @escaping () -> SuppliedFile?) {
        self.plan = plan
        ledger = Ledger(keepsDays: plan.alarms != nil)
        reader = InputReader(supply: supply, limits: plan.limits, options: plan.sourceOptions)
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
    /// - Parameter partial: where the distinct flows are written too; nil for a scan that is concluded at once.
    /// - Throws: ``Cancelled``; ``PartialFile/Failure``.
    public func observe(keeping partial: PartialWriter? = nil) throws {
        let errors = FirstError()
        let threads = (1..<max(plan.threads, 1)).map { _ in
            let thread = Worker { self.work(partial, errors) }
            thread.start()
            return thread
        }
        work(partial, errors)
        for thread in threads { thread.join() }
        if let error = errors.error { throw error }
        if isCancelled.isSet { throw Cancelled() }
    }

    private func work(_ partial: PartialWriter?, _ errors: FirstError) {
        let buffer = BlockBuffer()
        let batch = ActivityBatch()
        let others = OtherRecords()
        let matcher = plan.indicators.map { IndicatorMatcher($0) }
        batch.wantsObservables = matcher != nil
        defer { if let found = matcher?.hits { observations.withLock { $0.hits.merge(found, inputMap: []) } } }
        let rules = plan.rules.map { RuleFinder($0) }
        defer { if let rules { observations.withLock { rules.deliver(into: &$0) } } }
        var blocks = 0
        while !isCancelled.isSet, let next = reader.next(into: buffer) {
            next.source.read(next.block, into: batch)
            others.read(batch, after: next.source)
            var marks: [Bool] = []
            let duplicates = ledger.observe(
                batch, input: next.input, isNewFlow: partial == nil ? nil : { marks = Array($0) })
            matcher?.observe(batch, input: next.input)
            rules?.observe(next, read: batch)
            if plan.alarms != nil, batch.hasMoreThanFlows {
                observations.withLock { $0.detection.observe(batch, input: next.input) }
            }
            reader.account(batch, duplicates: duplicates, input: next.input)
            blocks += 1
            if blocks % 64 == 0, let total = reader.progress.total, total > 0 {
                ledger.expect(share: Double(reader.progress.read) / Double(total))
            }
            if let partial, !marks.isEmpty {
                do {
                    try partial.append(zip(batch.flows, marks).filter(\.1).map(\.0), input: next.input)
                } catch {
                    errors.set(error)
                    cancel()
                }
            }
            batch.clear()
        }
    }

    /// Writes what is not flows as the end of a partial.
    public func finish(_ partial: PartialWriter) throws {
        try partial.finish(ledger, observations.withLock { $0 }, inputs: inputs)
    }

    /// The inputs as they were read, by number.
    public var inputs: [Report.Input] { reader.inputs.map(Report.Input.init) }

    /// What users should know of how records were counted, and what depends on which inputs were given, in sentences.
    public var remarks: [String] { observations.withLock { $0.correlations.remarks } }

    /// What it all comes to.
    public func conclude() -> Report { conclude(as: plan) }

    /// What it would all come to by another plan, of which budget, estate and limit count: what was observed stays.
    public func conclude(as plan: ScanPlan) -> Report {
        observations.withLock { $0 }.conclude(ledger, inputs, plan)
    }
}

extension Report.Input {
    /// An input as the reader summed it up.
    init(_ summary: InputSummary) {
        self.init(
            path: summary.path, format: summary.format, bytes: summary.bytes, sha256: summary.sha256,
            records: summary.records, duplicates: summary.duplicates, first: summary.first, last: summary.last,
            rejected: summary.rejected)
        hours = summary.hours
    }
}
