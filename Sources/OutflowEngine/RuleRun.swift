// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowLedger
import OutflowReaders
import OutflowRecords
import OutflowSigma

/// Reads all inputs once and matches every record against the rules of a set, on several threads.
///
/// ```swift
/// let run = RuleRun(plan, rules: set)
/// let summary = try run.run { lines in write(lines) }
/// ```
public final class RuleRun: InterruptibleReading {
    /// What a run came to.
    public struct Summary: Sendable {
        /// The inputs as they were read.
        public var inputs: [Report.Input] = []
        /// Records that rules looked at.
        public var records: UInt64 = 0
        /// Records of no log source that any rule is for.
        public var unmatchable: UInt64 = 0
        /// Matches, by rule number.
        public var matches: [Int: UInt64] = [:]
        /// Matches of correlations.
        public var correlations: UInt64 = 0
        /// Records that rules were not decided on, by rule number: see ``RuleMatcher/undecided``.
        public var undecided: [Int: UInt64] = [:]
        /// What correlations could not look at, in sentences.
        public var remarks: [String] = []
        /// Nanoseconds of all threads; zeros unless that was asked for.
        public var times = Times()
        /// A run over nothing.
        public init() {}
    }

    /// Where time goes, in nanoseconds by the clock, added up over threads.
    public struct Times: Sendable {
        /// Reading, decompressing, and cutting inputs into records.
        public var reading: UInt64 = 0
        /// Taking records apart, and writing those that matched.
        public var parsing: UInt64 = 0
        /// Finding the rules that match.
        public var matching: UInt64 = 0
        /// Nothing yet.
        public init() {}
    }

    private let measures: Bool
    private let plan: ScanPlan
    private let rules: RuleSet
    private let reader: InputReader
    private let isCancelled = Flag()
    private let output: Guarded<Output>

    /// What threads have written for blocks that come after one that is still being worked on.
    private struct Output {
        var nextTicket: UInt64 = 0
        var waiting: [UInt64: [UInt8]] = [:]
        var summary = Summary()
        var correlated = CorrelationRecords(bases: 0)
    }

    /// A run over the paths of a plan.
    ///
    /// - Parameters:
    ///   - plan: paths, limits and threads.
    ///   - rules: what is looked for.
    ///   - measures: whether ``Summary/times`` is measured.
    public init(_ plan: ScanPlan, rules: RuleSet, measures: Bool = false) {
        self.plan = plan
        self.measures = measures
        self.rules = rules
        reader = InputReader(
            paths: plan.paths, limits: plan.limits, options: plan.sourceOptions, recogniser: LogSources.source(for:),
            hashes: false)
        output = Guarded(Output(correlated: CorrelationRecords(bases: rules.correlations.bases.count)))
    }

    /// Bytes on disk read so far, of all; nil where the total is not known.
    public var progress: (read: UInt64, total: UInt64?) { reader.progress }

    /// What a user learns when it is interrupted.
    public var lostWhenInterrupted: String { "not all inputs were read" }

    /// Makes ``run(_:)`` stop soon and throw ``Scan/Cancelled``.
    public func cancel() {
        isCancelled.set()
        reader.cancel()
    }

    /// Reads everything.
    ///
    /// - Parameter write: gets the JSON lines of the matches in the order of the inputs, whatever the number of threads;
    ///   returns false when nobody reads them any more.
    /// - Throws: ``Scan/Cancelled``.
    public func run(_ write: @escaping @Sendable ([UInt8]) -> Bool) throws -> Summary {
        let tickets = Tickets()
        let threads = (1..<max(plan.threads, 1)).map { _ in
            let thread = Worker { self.work(tickets, write) }
            thread.start()
            return thread
        }
        work(tickets, write)
        for thread in threads { thread.join() }
        if isCancelled.isSet { throw Scan.Cancelled() }
        correlate(write)
        return output.withLock { output in
            output.summary.inputs = reader.inputs.map(Report.Input.init)
            return output.summary
        }
    }

    /// Writes the matches of correlations, which are known when everything was read.
    private func correlate(_ write: ([UInt8]) -> Bool) {
        guard !rules.correlations.steps.isEmpty else { return }
        var records = output.withLock { $0.correlated }
        records.prune()
        let search = CorrelationSearch(rules.correlations, records)
        let paths = reader.inputs.map(\.path)
        var lines: [UInt8] = []
        for match in search.matches {
            let origin = match.evidence.first
            MatchLine.append(
                match, file: origin.map { paths[Int($0.input)] } ?? "", offset: origin?.offset ?? 0, to: &lines)
        }
        output.withLock { output in
            output.summary.correlations = UInt64(search.matches.count)
            output.summary.remarks =
                records.remarks(rules.correlations) + records.repetitions(rules.correlations) + search.remarks
        }
        if !lines.isEmpty { _ = write(lines) }
    }

    /// Numbers the blocks in the order in which they are handed out.
    private final class Tickets: Sendable {
        private let lock = Lock()
        nonisolated(unsafe) private var next: UInt64 = 0  // Used under the lock only.

        func take(_ reader: InputReader, _ buffer: BlockBuffer) -> (UInt64, SourcedBlock)? {
            lock {
                guard let block = reader.next(into: buffer) else { return nil }
                next += 1
                return (next - 1, block)
            }
        }
    }

    private func work(_ tickets: Tickets, _ write: ([UInt8]) -> Bool) {
        let buffer = BlockBuffer()
        let batch = ActivityBatch()
        let observer = RuleObserver(RuleMatcher(rules, measures: measures))
        var times = Times()
        func now() -> UInt64 { measures ? DispatchTime.now().uptimeNanoseconds : 0 }
        var path = ""
        var input: UInt32?
        var lines: [UInt8] = []
        var correlated = CorrelationRecords(bases: rules.correlations.bases.count)
        defer {
            output.withLock {
                $0.correlated.merge(correlated)
                $0.summary.undecided.merge(observer.matcher.undecided, uniquingKeysWith: +)
                $0.summary.times.reading += times.reading
                $0.summary.times.parsing += times.parsing &- observer.matcher.matchingTime
                $0.summary.times.matching += observer.matcher.matchingTime
            }
        }
        var began = now()
        while !isCancelled.isSet, let (ticket, next) = tickets.take(reader, buffer) {
            let taken = now()
            times.reading += taken - began
            if input != next.input {
                input = next.input
                path = reader.inputs[Int(next.input)].path
            }
            var matched: [Int: UInt64] = [:]
            var unmatchable: UInt64 = 0
            observer.observe(next, batch) { record, matcher in
                if matcher.candidates == 0 { unmatchable += 1 }
                guard !matcher.matches.isEmpty else { return }
                let time = matcher.time
                matcher.forEachCorrelated { base, values in
                    correlated.add(
                        base, time: time?.microseconds, identity: ContentHash.of(record.text),
                        CorrelationRecords.Row(
                            origin: Origin(input: next.input, offset: record.offset, length: record.length),
                            values: values))
                }
                for rule in matcher.matches where rules.isReported(rule) {
                    matched[rule, default: 0] += 1
                    MatchLine.append(
                        rules.rules[rule].header, file: path, offset: record.offset, record: record.text, at: time,
                        to: &lines)
                }
            }
            began = now()
            times.parsing += began - taken
            let isRead = output.withLock { output in
                output.summary.records += batch.records
                output.summary.unmatchable += unmatchable
                for (rule, count) in matched { output.summary.matches[rule, default: 0] += count }
                output.waiting[ticket] = lines
                while let ready = output.waiting.removeValue(forKey: output.nextTicket) {
                    output.nextTicket += 1
                    if !ready.isEmpty, !write(ready) { return false }
                }
                return true
            }
            reader.account(batch, duplicates: 0, input: next.input)
            batch.clear()
            lines.removeAll(keepingCapacity: true)
            if !isRead { cancel() }
        }
    }
}
