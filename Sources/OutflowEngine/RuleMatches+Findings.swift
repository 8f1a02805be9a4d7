// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords
import OutflowSigma

extension RuleMatches {
    /// Most findings of one rule; what is beyond is one more finding.
    static let findingLimit = 200
    /// Most records that a finding cites.
    static let evidenceLimit = 16
    /// Most entities that a finding names.
    static let entityLimit = 48

    /// The matches as findings: one for each rule and whom its records are about (host and account; where there are
    /// neither, addresses).
    func findings() -> [Report.Finding] {
        rules.sorted { $0.key < $1.key }.flatMap { key, kept -> [Report.Finding] in
            var kept = kept
            kept.prune()
            var groups: [[Report.NamedEntity]: [(UInt64, Match)]] = [:]
            for (identity, match) in kept.matches {
                groups[Self.subjects(match.entities), default: []].append((identity, match))
            }
            // The busiest first.
            let order = groups.keys.sorted {
                let (one, other) = (groups[$0]?.count ?? 0, groups[$1]?.count ?? 0)
                return one != other ? one > other : $0.lexicographicallyPrecedes($1)
            }
            var findings = order.prefix(Self.findingLimit).map { subjects in
                Self.finding(kept, key, subjects, groups[subjects] ?? [], others: 0)
            }
            let rest = order.dropFirst(Self.findingLimit)
            if !rest.isEmpty {
                findings.append(
                    Self.finding(kept, key, [], rest.flatMap { groups[$0] ?? [] }, others: rest.count))
            }
            return findings
        }
    }

    private static func subjects(_ entities: [Report.NamedEntity]) -> [Report.NamedEntity] {
        let people = entities.filter { $0.kind == "host" || $0.kind == "account" }
        return (people.isEmpty ? entities.filter { $0.kind == "address" } : people).sorted()
    }

    private static func finding(
        _ kept: Kept, _ key: String, _ subjects: [Report.NamedEntity], _ matches: [(UInt64, Match)], others: Int
    ) -> Report.Finding {
        let header = kept.header
        let times = matches.compactMap(\.1.time)
        // The earliest records are the evidence; identities decide between those of one time.
        let ordered = matches.sorted { ($0.1.time ?? .max, $0.0) < ($1.1.time ?? .max, $1.0) }
        var notes = ["level \(header.level ?? "not given")", "\(matches.count) distinct records"]
        if others > 0 { notes.append("of \(others) further hosts, accounts or addresses together") }
        if kept.exactUpTo != nil {
            notes.append(
                "the rule matched more than \(Self.limit) distinct records; this rests on \(Self.limit) of them, "
                    + "chosen by their hashes: there are more records, and there may be more hosts and accounts")
        }
        let (first, last) = Self.reach(times, &notes)
        var identity = ContentHash(seed: 0x5249_4D41)
        identity.combine(key)
        for subject in subjects {
            identity.combine(subject.kind)
            identity.combine(subject.id)
        }
        identity.combine(UInt64(others > 0 ? 1 : 0))
        let named = Set(subjects)
        let further = Set(matches.flatMap(\.1.entities)).subtracting(named).sorted()
        return Report.Finding(
            id: Self.findingID(identity), kind: .rule, name: key, title: header.title,
            techniques: header.techniques,
            entities: (subjects + further.prefix(max(0, entityLimit - subjects.count))).sorted(),
            first: first, last: last,
            evidence: ordered.prefix(evidenceLimit).map(\.1.origin), suspicion: header.suspicion, notes: notes)
    }

    /// From when to when the records are. What other logs tell of time says nothing of these.
    private static func reach(_ times: [Int64], _ notes: inout [String]) -> (Timestamp, Timestamp) {
        guard let first = times.min(), let last = times.max() else {
            notes.append("the records tell no time: when it was is not known")
            return (.unknown, .unknown)
        }
        return (Timestamp(microseconds: first), Timestamp(microseconds: last))
    }

    /// `F-` and 16 hex digits.
    static func findingID(_ hash: ContentHash) -> String {
        let digits = String(hash.value, radix: 16)
        return "F-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension RuleHeader {
    /// ATT&CK techniques of the tags, as `T1048.002`, in order.
    ///
    /// Source: Sigma Tags Appendix 2.1: `attack.t1234`, `attack.t1234.001`.
    var techniques: [String] {
        Set(
            tags.compactMap { tag -> String? in
                let name = tag.lowercased()
                guard name.hasPrefix("attack.t") else { return nil }
                let digits = name.dropFirst("attack.t".count)
                guard digits.utf8.count >= 4,
                    digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") })
                else { return nil }
                return "T" + digits
            }
        ).sorted()
    }

    /// How much a match says by itself. A rule sees one record: even `critical` is no proof of theft.
    var suspicion: Suspicion {
        switch level {
        case "informational": .none
        case "high", "critical": .likely
        default: .possible
        }
    }
}

extension CorrelationMatch {
    /// The match as a finding.
    var finding: Report.Finding {
        var identity = ContentHash(seed: 0x434F_5252)
        identity.combine(header.key)
        for value in group { identity.combine(value) }
        identity.combine(UInt64(bitPattern: last))
        let shared = zip(groupBy, group).map { "\($0) \($1)" }.joined(separator: ", ")
        let told = figure == figure.rounded() && abs(figure) < 1e15 ? "\(Int64(figure))" : "\(figure)"
        return Report.Finding(
            id: RuleMatches.findingID(identity), kind: .rule, name: header.key, title: header.title,
            techniques: header.techniques, entities: entities, first: Timestamp(microseconds: first),
            last: Timestamp(microseconds: last), evidence: evidence, suspicion: header.suspicion,
            notes: [
                "level \(header.level ?? "not given")",
                "correlation of \(records) matches" + (shared.isEmpty ? "" : " with \(shared)"), "figure \(told)",
            ])
    }

    /// What the values of `group-by` name, as far as the fields' names tell.
    private var entities: [Report.NamedEntity] {
        zip(groupBy, group).compactMap { field, value in
            let name = field.lowercased()
            if IPAddress(value) != nil { return Report.NamedEntity(kind: "address", id: value) }
            if name.contains("computer") || name.contains("host") {
                return Report.NamedEntity(kind: "host", id: value.lowercased())
            }
            if name.contains("user") || name.contains("account") || name.contains("arn") {
                return Report.NamedEntity(kind: "account", id: value)
            }
            return nil
        }.sorted()
    }
}
