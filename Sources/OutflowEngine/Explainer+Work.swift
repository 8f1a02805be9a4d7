// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowReaders
import OutflowRecords

extension Explainer {
    /// An explanation in the making.
    struct Work {
        private var result: Explanation
        private var recount: Recount
        private let options: Options
        /// Offsets of cited records by input, and their places among the evidence.
        private var cited: [UInt32: [(origin: Origin, place: Int)]] = [:]
        private var offsets: [UInt32: Set<UInt64>] = [:]
        /// With cited records only: a slot for each.
        private var slots: [Explanation.Record?] = []
        /// Which matches are of which shown record.
        private var matches: [[Int]] = []
        private var textBytes = 0

        init(_ subject: Explanation.Subject, _ report: Report, _ options: Options) {
            result = Explanation(subject: subject, inputs: report.inputs, searchedAll: options.searchesAll)
            recount = Recount(of: subject, in: report)
            self.options = options
            guard !options.searchesAll else { return }
            for (place, origin) in subject.evidence.enumerated() {
                cited[origin.input, default: []].append((origin, place))
                offsets[origin.input, default: []].insert(origin.offset)
            }
            slots = .init(repeating: nil, count: subject.evidence.count)
            matches = .init(repeating: [], count: subject.evidence.count)
        }

        mutating func check(_ input: UInt32, _ state: Explanation.InputState) {
            result.checks.append(.init(number: input, path: result.inputs[Int(input)].path, state: state))
        }

        /// Looks at a block of an input.
        mutating func read(_ next: SourcedBlock, _ input: UInt32, _ batch: ActivityBatch) {
            let end = next.block.offset &+ UInt64(next.block.bytes.count)
            let here = (cited[input] ?? []).filter { $0.origin.offset >= next.block.offset && $0.origin.offset < end }
            if !options.searchesAll, here.isEmpty { return }
            batch.clear()
            next.source.read(next.block, into: batch)
            OtherRecords().read(batch, after: next.source)
            let hasRoom = slots.count < options.recordLimit || !options.searchesAll
            let found = recount.add(
                batch, input: input, wantsFacts: hasRoom, only: options.searchesAll ? nil : offsets[input] ?? [])
            if options.searchesAll { keepAll(found, next.block, input) } else { keep(found, here, next.block, batch) }
            batch.clear()
        }

        private mutating func keepAll(_ found: [Recount.Match], _ block: RecordBlock, _ input: UInt32) {
            var slotOf: [UInt64: Int] = [:]
            for match in found {
                if slotOf[match.offset] == nil {
                    result.found += 1
                    guard slots.count < options.recordLimit else {
                        slotOf[match.offset] = -1
                        continue
                    }
                    slotOf[match.offset] = slots.count
                    let origin = Origin(input: input, offset: match.offset, length: match.length)
                    slots.append(
                        .init(origin: origin, text: text(origin, block), standing: .counted, facts: []))
                    matches.append([])
                }
                guard let slot = slotOf[match.offset], slot >= 0 else { continue }
                add(match, slot)
            }
        }

        private mutating func keep(
            _ found: [Recount.Match], _ here: [(origin: Origin, place: Int)], _ block: RecordBlock,
            _ batch: ActivityBatch
        ) {
            for (origin, place) in here {
                let mine = found.filter { $0.offset == origin.offset }
                var standing = Explanation.Standing.counted
                if !result.subject.hasFigures {
                    result.found += 1
                } else if mine.isEmpty {
                    let rejection = batch.rejections.examples.first { $0.offset == origin.offset }
                    standing = .unrelated(reason: rejection?.reason)
                } else {
                    result.found += 1
                }
                slots[place] = .init(origin: origin, text: text(origin, block), standing: standing, facts: [])
                for match in mine { add(match, place) }
            }
        }

        private mutating func add(_ match: Recount.Match, _ slot: Int) {
            matches[slot].append(match.number)
            if let fact = match.fact { slots[slot]?.facts.append(fact) }
        }

        /// The record's bytes, as many as are wanted and lie in the block; an event of a binary log as JSON.
        private mutating func text(_ origin: Origin, _ block: RecordBlock) -> [UInt8] {
            guard origin.offset >= block.offset, let from = Int(exactly: origin.offset - block.offset),
                from <= block.bytes.count
            else { return [] }
            if block.framing == .eventLog, let json = EventRecordText.json(origin, in: block) {
                let limit = textBytes + json.count > Explainer.textBudget ? 2000 : options.textLimit
                textBytes += min(json.count, limit)
                return Array(json.prefix(limit))
            }
            var count = min(Int(origin.length), block.bytes.count - from, options.textLimit)
            if textBytes + count > Explainer.textBudget { count = min(count, 2000) }
            textBytes += count
            return block.bytes[from..<from + count].array
        }

        /// Adds up, and says how each record enters.
        mutating func finish() -> Explanation {
            let conclusion = recount.conclude()
            result.steps = conclusion.steps
            // Of inputs that cannot be read nothing can be added up.
            let isAnyRead = result.checks.contains { $0.state.isRead }
            result.comparisons = isAnyRead || result.checks.isEmpty ? conclusion.comparisons : []
            for slot in slots.indices {
                guard slots[slot]?.standing == .counted else { continue }
                let standings = matches[slot].map { conclusion.standings[$0] ?? .counted }
                // A record counts if anything in it does.
                if let first = standings.first, !standings.contains(.counted) { slots[slot]?.standing = first }
            }
            for (slot, record) in slots.enumerated() {
                if let record {
                    if options.searchesAll, case .unrelated = record.standing {
                        result.found -= 1
                        continue
                    }
                    result.records.append(record)
                } else if slot < result.subject.evidence.count {
                    let origin = result.subject.evidence[slot]
                    let isRead = result.checks.contains { $0.number == origin.input && $0.state.isRead }
                    result.records.append(
                        .init(
                            origin: origin, text: [],
                            standing: isRead ? .unrelated(reason: "no record stands there") : .unread,
                            facts: []))
                }
            }
            result.checks.sort { $0.number < $1.number }
            if !recount.isPossible, result.subject.hasFigures {
                result.steps.append(
                    .remark("this version of the program cannot tell from the id which kind of records made it"))
            }
            return result
        }
    }
}

extension Explanation.InputState {
    /// Whether the input was read, changed or not.
    fileprivate var isRead: Bool {
        switch self {
        case .unchanged, .unverified, .changed: true
        case .missing, .unreadable: false
        }
    }
}
