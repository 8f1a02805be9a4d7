// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords
import OutflowSketches

/// Puts alarms of readers, principals, mailboxes and others into findings.
struct AccountWording {
    let measures: Measures
    let shares: BudgetShares
    /// Things of each row of ``measures``, by its number.
    private let groups: [UInt32: ArraySlice<SmallestHashes.Thing>]
    private let rowsOfEntity: [UInt32: [UInt32]]

    init(measures: Measures, shares: BudgetShares) {
        self.measures = measures
        self.shares = shares
        var groups: [UInt32: ArraySlice<SmallestHashes.Thing>] = [:]
        var rowsOfEntity: [UInt32: [UInt32]] = [:]
        measures.things.forEachGroup { group, sum in
            groups[group] = sum.things
            rowsOfEntity[measures.rows[Int(group)].entity, default: []].append(group)
        }
        self.groups = groups
        self.rowsOfEntity = rowsOfEntity
    }

    /// Records behind a row, those of the largest values first.
    func evidence(ofRow row: UInt32) -> [Origin] { Self.evidence(groups[row].map(Array.init) ?? []) }

    private static func evidence(_ things: [SmallestHashes.Thing]) -> [Origin] {
        var evidence: [Origin] = []
        let sorted = things.sorted { $0.value != $1.value ? $0.value > $1.value : $0.hash < $1.hash }
        for thing in sorted where evidence.count < 16 && !evidence.contains(thing.origin) {
            evidence.append(thing.origin)
        }
        return evidence
    }

    func finding(_ alarm: Alarm, _ table: AccountFeatures.Table) -> Report.Finding {
        let source = table.sources[alarm.feature]
        let feature = source.feature
        let entity = table.entities[Int(alarm.entity)]
        let name = measures.texts.string(entity)
        // An address is what transfers know, a network is not.
        let isAddress = source.entityKind == "network" && IPAddress(name) != nil
        var entities: [Report.NamedEntity] = []
        if !name.isEmpty { entities.append(.init(kind: isAddress ? "address" : source.entityKind, id: name)) }
        var title = "\(name.isEmpty ? "the \(source.entityKind)" : name) \(feature.title)"
        var subject: UInt32?
        if Int(alarm.subject) < table.subjects.count {
            subject = table.subjects[Int(alarm.subject)]
            let text = measures.texts.string(table.subjects[Int(alarm.subject)])
            if !text.isEmpty {
                title += ", \(text)"
                if let kind = source.subjectKind { entities.append(.init(kind: kind, id: text)) }
            }
        }
        if case .subjects(let least) = source.rule {
            entities += accounts(rowsOfEntity[entity] ?? [], source, least: least, from: alarm.since, to: alarm.last)
        }
        if source.measure == .objectsOfStore, let subject {
            entities += principals(of: subject, from: min(alarm.since, alarm.day), to: alarm.last)
        }
        let members = strongest(
            table.members.filter {
                $0.feature == alarm.feature && $0.day >= min(alarm.since, alarm.day) && $0.day <= alarm.last
            })
        entities += named(members)
        var things: [SmallestHashes.Thing] = []
        for group in members.flatMap({ rowsOfEntity[$0] ?? [] }) + (rowsOfEntity[entity] ?? []) {
            let row = measures.rows[Int(group)]
            guard row.measure == source.measure, row.day >= min(alarm.since, alarm.day), row.day <= alarm.last,
                subject == nil || row.subject == subject
            else { continue }
            things.append(contentsOf: groups[group] ?? [])
        }
        title += ": \(alarm.value) \(feature.unit) on \(Day.date(alarm.day))"
        return Report.Finding(
            id: FindingIdentity.id(feature.name, entities.map(\.id), alarm.since), kind: .detector, name: feature.name,
            title: title, techniques: feature.techniques, entities: entities.sorted(),
            first: Day.start(of: min(alarm.since, alarm.day)),
            last: Day.start(of: alarm.last + 1), evidence: Self.evidence(things),
            suspicion: AlarmWords.suspicion(alarm),
            notes: AlarmWords.notes(alarm, feature, shares))
    }

    /// So many accounts are named at most.
    private static let mostNamed = 50

    /// The principals that fetched objects from a network: of a bucket alone nobody could tell whose reads are meant.
    private func principals(of network: UInt32, from first: Int32, to last: Int32) -> [Report.NamedEntity] {
        var found: Set<UInt32> = []
        for row in measures.rows
        where row.measure == .objectsToNetwork && row.subject == network && row.day >= first && row.day <= last {
            found.insert(row.entity)
        }
        return named(found)
    }

    /// The accounts that a finding counts.
    private func accounts(
        _ rows: [UInt32], _ source: AccountFeatures.Source, least: UInt64, from first: Int32, to last: Int32
    ) -> [Report.NamedEntity] {
        var found: Set<UInt32> = []
        for group in rows {
            let row = measures.rows[Int(group)]
            guard row.measure == source.measure, row.day >= first, row.day <= last,
                UInt64(groups[group]?.count ?? 0) >= least
            else { continue }
            found.insert(row.subject)
        }
        return named(found)
    }

    /// The entities whose figures come to at least half of the largest: others happen to be among them.
    private func strongest(_ members: [AccountFeatures.Member]) -> Set<UInt32> {
        var sums: [UInt32: UInt64] = [:]
        for member in members { sums[member.entity, default: 0] &+= member.value }
        let largest = sums.values.max() ?? 0
        return Set(sums.filter { $0.value >= largest / 2 }.keys)
    }

    /// Accounts in order of name.
    private func named(_ accounts: Set<UInt32>) -> [Report.NamedEntity] {
        accounts.map(measures.texts.string).sorted().prefix(Self.mostNamed).map { .init(kind: "account", id: $0) }
    }
}
