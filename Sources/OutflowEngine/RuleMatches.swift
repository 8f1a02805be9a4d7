// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords
import OutflowSigma

/// Records that rules matched, kept for findings: exact sets, so that neither order nor repetition is of account.
///
/// Each rule keeps ``limit`` distinct records. Of more it keeps those with the smallest identities, which are the same
/// whatever came first, and its findings say so.
struct RuleMatches: Sendable {
    /// Most distinct records that are kept of one rule.
    static let limit = 4096

    /// A record that a rule matched.
    struct Match: Sendable, Hashable {
        /// In microseconds since the epoch; nil if the record tells none.
        var time: Int64?
        /// Where it stands; of several copies the first.
        var origin: Origin
        /// Who and what it is about, in order.
        var entities: [Report.NamedEntity]
    }

    /// The records of one rule.
    struct Kept: Sendable {
        var header: RuleHeader
        /// By the record's identity.
        var matches: [UInt64: Match] = [:]
        /// The largest identity that is surely kept; nil while all are.
        var exactUpTo: UInt64?

        mutating func insert(_ identity: UInt64, _ match: @autoclosure () -> Match, origin: Origin) {
            if let exactUpTo, identity > exactUpTo { return }
            if let known = matches[identity] {
                if origin < known.origin { matches[identity]?.origin = origin }
                return
            }
            matches[identity] = match()
            if matches.count >= 2 * RuleMatches.limit { prune() }
        }

        mutating func prune() {
            guard matches.count > RuleMatches.limit else { return }
            let last = matches.keys.sorted()[RuleMatches.limit - 1]
            exactUpTo = exactUpTo.map { min($0, last) } ?? last
            matches = matches.filter { $0.key <= last }
        }
    }

    /// By the rule's key.
    private(set) var rules: [String: Kept] = [:]

    /// Nothing.
    init() {}

    /// Adds a record that matched; `match` is only made when it is new.
    mutating func add(_ header: RuleHeader, identity: UInt64, origin: Origin, _ match: @autoclosure () -> Match) {
        rules[header.key, default: Kept(header: header)].insert(identity, match(), origin: origin)
    }

    /// Adds those of another, whose input `i` is `inputMap[i]` here; with an empty map numbers stay.
    mutating func merge(_ other: RuleMatches, inputMap: [UInt32]) {
        for (key, theirs) in other.rules {
            var ours = rules[key] ?? Kept(header: theirs.header)
            // Of rules that have one key but differ, the same one is taken whichever comes first.
            if Self.words(theirs.header) < Self.words(ours.header) { ours.header = theirs.header }
            if let limit = theirs.exactUpTo {
                ours.exactUpTo = ours.exactUpTo.map { min($0, limit) } ?? limit
                ours.matches = ours.matches.filter { $0.key <= limit }
            }
            for (identity, match) in theirs.matches {
                var match = match
                if Int(match.origin.input) < inputMap.count { match.origin.input = inputMap[Int(match.origin.input)] }
                ours.insert(identity, match, origin: match.origin)
            }
            rules[key] = ours
        }
    }

    private static func words(_ header: RuleHeader) -> String {
        [header.title, header.level ?? "", header.tags.joined(separator: ","), header.path].joined(separator: "\n")
    }

    // MARK: Partials

    /// Writes everything as a section.
    func encode(into encoder: inout StateEncoder) {
        encoder.begin(.ruleMatches)
        encoder.write(UInt64(rules.count))
        for (_, var kept) in rules.sorted(by: { $0.key < $1.key }) {
            kept.prune()
            let header = kept.header
            for text in [header.path, header.id ?? "", header.name ?? "", header.title, header.level ?? ""] {
                encoder.write(text: text)
            }
            encoder.write(UInt64(header.tags.count))
            for tag in header.tags { encoder.write(text: tag) }
            encoder.write(size: kept.exactUpTo)
            let ordered = kept.matches.sorted { $0.key < $1.key }
            encoder.write(ascending: ordered.map(\.key))
            encoder.column(ordered) { $0.value.time == nil ? 0 : 1 }
            encoder.timeColumn(ordered) { $0.value.time ?? 0 }
            encoder.originColumn(ordered) { $0.value.origin }
            let entities = Set(ordered.flatMap(\.value.entities)).sorted()
            var numbers: [Report.NamedEntity: UInt64] = [:]
            for (number, entity) in entities.enumerated() { numbers[entity] = UInt64(number) }
            encoder.write(UInt64(entities.count))
            for entity in entities {
                encoder.write(text: entity.kind)
                encoder.write(text: entity.id)
            }
            for (_, match) in ordered { encoder.write(ascending: match.entities.map { numbers[$0] ?? 0 }.sorted()) }
        }
        encoder.end()
    }

    /// Reads what ``encode(into:)`` wrote.
    init(from decoder: inout StateDecoder) throws(StateError) {
        try decoder.begin(.ruleMatches)
        for _ in 0..<(try decoder.readCount(bytesEach: 8)) {
            var texts: [String] = []
            for _ in 0..<5 { texts.append(try decoder.readText()) }
            var header = RuleHeader(
                path: texts[0], id: texts[1].isEmpty ? nil : texts[1], name: texts[2].isEmpty ? nil : texts[2],
                title: texts[3], level: texts[4].isEmpty ? nil : texts[4], tags: [])
            for _ in 0..<(try decoder.readCount(bytesEach: 1)) { header.tags.append(try decoder.readText()) }
            var kept = Kept(header: header)
            kept.exactUpTo = try decoder.readSize()
            let identities = try decoder.readAscending()
            guard identities.count <= Self.limit else {
                throw decoder.error("more than \(Self.limit) records of one rule")
            }
            let known = try decoder.column(identities.count, atMost: 1)
            let times = try decoder.timeColumn(identities.count)
            let origins = try decoder.originColumn(identities.count)
            var entities: [Report.NamedEntity] = []
            for _ in 0..<(try decoder.readCount(bytesEach: 2)) {
                entities.append(Report.NamedEntity(kind: try decoder.readText(), id: try decoder.readText()))
            }
            for (row, identity) in identities.enumerated() {
                var named: [Report.NamedEntity] = []
                for number in try decoder.readAscending() {
                    guard number < UInt64(entities.count) else { throw decoder.error("entity \(number) is not there") }
                    named.append(entities[Int(number)])
                }
                if known[row] == 1,
                    !(Timestamp.earliest.microseconds...Timestamp.latest.microseconds).contains(times[row])
                {
                    throw decoder.error("a time that is none")
                }
                kept.matches[identity] = Match(
                    time: known[row] == 1 ? times[row] : nil, origin: origins[row], entities: named)
            }
            guard rules.updateValue(kept, forKey: header.key) == nil else {
                throw decoder.error("rule \(header.key) comes twice")
            }
        }
        try decoder.end()
    }
}

extension StateEncoder {
    /// Writes text.
    mutating func write(text: String) { withBytes(of: text) { write($0) } }
}

extension StateDecoder {
    /// Reads text; bytes that are not UTF-8 become U+FFFD.
    mutating func readText() throws(StateError) -> String { String(decoding: try readBytes(), as: UTF8.self) }
}
