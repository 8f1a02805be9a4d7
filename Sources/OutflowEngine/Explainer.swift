// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowReaders
import OutflowRecords

/// Reads the records behind a transfer, finding or case again, from the original files, and counts a transfer anew.
///
/// Inputs are streamed as a scan streams them, so that archives, headers that change midway and other encodings make no
/// difference; the hash of each file tells on the way whether it is the one that was scanned.
public struct Explainer {
    /// How much to show.
    public struct Options: Sendable {
        /// Search all inputs for all records, not the cited ones only.
        public var searchesAll = false
        /// Most records kept to be shown. All are counted.
        public var recordLimit = 1000
        /// Bytes kept of each record.
        public var textLimit = 2000
        /// Those of the scan.
        public var limits = ReadLimits()
        /// What the configuration of the scan said about logs of a path.
        public var sourceOptions: @Sendable (String) -> SourceOptions = { _ in SourceOptions() }

        /// The cited records, each cut to what is worth reading.
        public init() {}
    }

    /// There is no such transfer, internal copy, finding or case in the report.
    public struct UnknownID: Error, CustomStringConvertible, Hashable {
        /// What was asked for, and what there is.
        public let description: String
    }

    /// All texts together stay below so many bytes.
    static let textBudget = 64 << 20

    private let report: Report
    private let locator: InputLocator
    private let options: Options

    /// An explainer of a report that lies in `folder`.
    public init(_ report: Report, folder: String, options: Options = Options()) {
        self.report = report
        self.options = options
        locator = InputLocator(folder: folder)
    }

    /// The records behind the transfer (`T-…`), internal copy (`S-…`), finding (`F-…`) or case (`C-…`) called `id`, and
    /// what they come to.
    ///
    /// Inputs that are missing or were changed are told in the result; the others are explained all the same. Where the
    /// cited records do not come to what the report says, all inputs are searched: what they are part of, and records that
    /// carried nothing this way but count, are not cited.
    public func explain(_ id: String) throws(UnknownID) -> Explanation {
        let subject = try subject(id)
        // What has no figures cites all that there is to show.
        let searchesAll = (options.searchesAll || subject.needsContext) && subject.hasFigures
        let explanation = explain(subject, searchesAll: searchesAll)
        let isDoubtful =
            !searchesAll && subject.hasFigures && !explanation.agrees && explanation.isComplete
            && explanation.inputsAreSound
        return isDoubtful ? explain(subject, searchesAll: true) : explanation
    }

    private func explain(_ subject: Explanation.Subject, searchesAll: Bool) -> Explanation {
        var options = options
        options.searchesAll = searchesAll
        var work = Work(subject, report, options)
        var wanted = Set(subject.evidence.map(\.input))
        if options.searchesAll {
            for (number, input) in report.inputs.enumerated() where input.records > 0 { wanted.insert(UInt32(number)) }
        }
        // Inputs by their path as the reader will name it. Members of one archive may have the same name.
        var numbers: [String: [UInt32]] = [:]
        var files: [String] = []
        for number in wanted.sorted() where Int(number) < report.inputs.count {
            switch locator.place(of: report.inputs[Int(number)].path) {
            case .found(let file, let path):
                if numbers[path] == nil, !files.contains(file) { files.append(file) }
                numbers[path, default: []].append(number)
            case .missing(let tried): work.check(number, .missing(tried: tried))
            case .unreadable(let reason): work.check(number, .unreadable(reason: reason))
            }
        }
        read(files, numbers, &work)
        return work.finish()
    }

    // MARK: Reading

    private func read(_ files: [String], _ numbers: [String: [UInt32]], _ work: inout Work) {
        guard !files.isEmpty else { return }
        let paths = numbers.mapValues { report.inputs[Int($0[0])].path }
        let sourceOptions = options.sourceOptions
        let reader = InputReader(
            paths: files, limits: options.limits, options: { sourceOptions(paths[$0] ?? $0) })
        let buffer = BlockBuffer()
        let batch = ActivityBatch()
        var rest = numbers
        var known: [UInt32?] = []
        func number(_ input: UInt32, _ inputs: [InputSummary]) -> UInt32? {
            while known.count <= Int(input) {
                let path = inputs[known.count].path
                let next = rest[path]?.first
                if next != nil { rest[path]?.removeFirst() }
                known.append(next)
            }
            return known[Int(input)]
        }
        while let next = reader.next(into: buffer) {
            guard let input = number(next.input, reader.inputs) else { continue }
            work.read(next, input, batch)
        }
        let inputs = reader.inputs
        for (index, input) in inputs.enumerated() {
            guard let number = number(UInt32(index), inputs) else { continue }
            work.check(number, state(of: input, number))
        }
        for number in rest.values.joined() {
            work.check(number, .unreadable(reason: "not in the archive any more"))
        }
    }

    private func state(of input: InputSummary, _ number: UInt32) -> Explanation.InputState {
        let before = report.inputs[Int(number)]
        if input.format == "unreadable" {
            return .unreadable(reason: input.rejected.examples.first?.reason ?? "cannot be read")
        }
        if before.sha256.isEmpty || input.sha256.isEmpty { return .unverified }
        return before.sha256 == input.sha256 && before.bytes == input.bytes
            ? .unchanged : .changed(bytes: input.bytes, sha256: input.sha256)
    }

    // MARK: Ids

    private func subject(_ id: String) throws(UnknownID) -> Explanation.Subject {
        if let transfer = report.ledger.first(where: { $0.id == id }) { return .transfer(transfer) }
        if let copy = report.staging.first(where: { $0.id == id }) { return .staging(copy) }
        if let finding = report.findings.first(where: { $0.id == id }) { return .finding(finding) }
        if let told = report.cases.first(where: { $0.id == id }) { return .story(told) }
        var ids = report.cases.map(\.id) + report.ledger.map(\.id) + report.staging.map(\.id)
        ids += report.findings.map(\.id)
        func common(_ other: String) -> Int { zip(id.utf8, other.utf8).prefix { $0 == $1 }.count }
        // A few digits in common are chance.
        let near = ids.filter { common($0) >= min(4, id.utf8.count) && id.utf8.count > 2 }
            .sorted { (common($1), $0) < (common($0), $1) }.prefix(5)
        var words =
            "\(id): no such transfer among \(report.ledger.count), nor internal copy among \(report.staging.count)"
        if !report.findings.isEmpty {
            words += ", finding among \(report.findings.count) or case among \(report.cases.count)"
        }
        if !near.isEmpty {
            words += "; did you mean \(near.joined(separator: ", "))?"
        } else if !ids.isEmpty {
            words += "; the first are \(ids.prefix(3).joined(separator: ", "))"
        }
        let unlisted = report.totals.unlisted.transfers
        if unlisted > 0 { words += "; \(unlisted) smaller transfers are in the totals only" }
        throw UnknownID(description: words)
    }
}
