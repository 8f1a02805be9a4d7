// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowSketches

/// Features of readers, principals, mailboxes and others that are counted in distinct things: how ``Measures`` become
/// figures.
enum AccountFeatures {
    /// How the rows of one entity and day become one figure.
    enum Rule: Sendable {
        /// All subjects together.
        case total
        /// The largest of the subjects that are new to the entity: see ``youth``.
        case newSubject
        /// The largest of all subjects.
        case anySubject
        /// How many subjects have at least so many things each.
        case subjects(least: UInt64)
    }

    /// Days for which a subject is new to an entity.
    static let youth: Int32 = 30

    /// One feature, and what it is made of.
    struct Source: Sendable {
        let feature: Feature
        let measure: Measures.Measure
        let rule: Rule
        /// Whether the things' values are added up, not the things counted.
        var sumsValues = false
        /// In reports, what a subject is; nil where it is not named.
        var subjectKind: String?
        /// In reports, what the entity is.
        var entityKind: String
    }

    static let sources: [Source] = [
        Source(
            feature: Feature(
                "documents", title: "read many documents", unit: "documents", kind: .reader, route: .library,
                techniques: ["T1213"], floor: 5, prior: .init(frequency: 0.5, scale: 5, index: 2.5)),
            measure: .documents, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "publishers", title: "read from many publishers", unit: "publishers", kind: .reader, route: .library,
                techniques: ["T1213"], floor: 3, prior: .init(frequency: 0.3, scale: 3, index: 3)),
            measure: .publishers, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "reader-networks", title: "read from many networks", unit: "networks", kind: .reader, route: .library,
                techniques: ["T1078"], floor: 2, prior: .init(frequency: 0.2, scale: 2, index: 3)),
            measure: .readerNetworks, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "readers-of-network", title: "is a network from which many accounts read much", unit: "accounts",
                kind: .network, route: .library, techniques: ["T1078"], floor: 2,
                prior: .init(frequency: 0.02, scale: 2, index: 2.5)),
            measure: .documentsOfNetwork, rule: .subjects(least: 5), entityKind: "network"),
        Source(
            feature: Feature(
                "objects", title: "fetched many objects", unit: "objects", kind: .principal, route: .cloudObject,
                techniques: ["T1530"], floor: 10, prior: .init(frequency: 0.5, scale: 10, index: 1)),
            measure: .objects, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "new-bucket", title: "fetched objects of a bucket that it never read", unit: "objects",
                kind: .principal, route: .cloudObject, techniques: ["T1530"], floor: 5,
                prior: .init(frequency: 0.1, scale: 5, index: 1)),
            measure: .objects, rule: .newSubject, subjectKind: "store", entityKind: "account"),
        Source(
            feature: Feature(
                "secrets", title: "read many secrets or other things of unknown size", unit: "objects",
                kind: .principal, route: .cloudObject, techniques: ["T1552", "T1555.006"], floor: 3,
                prior: .init(frequency: 0.2, scale: 3, index: 1.5)),
            measure: .secrets, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "instance-credentials",
                title: "is a virtual machine whose credentials fetched objects from a machine that is none",
                unit: "objects", kind: .principal, route: .cloudObject, techniques: ["T1078.004", "T1552.005"],
                floor: 1,
                prior: .init(frequency: 0.001, scale: 1, index: 0.5)),
            measure: .instanceCredentials, rule: .anySubject, subjectKind: "address", entityKind: "account"),
        Source(
            feature: Feature(
                "shares", title: "gave things to somebody outside", unit: "things", kind: .principal,
                route: .cloudObject, techniques: ["T1537"], floor: 1,
                prior: .init(frequency: 0.01, scale: 1, index: 1)),
            measure: .shares, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "new-network", title: "is a bucket whose objects a network fetched that never read it",
                unit: "objects", kind: .store, route: .cloudObject, techniques: ["T1530"], floor: 5,
                prior: .init(frequency: 0.1, scale: 5, index: 1)),
            measure: .objectsOfStore, rule: .newSubject, subjectKind: "network", entityKind: "store"),
        Source(
            feature: Feature(
                "messages", title: "is a mailbox of which many messages were read", unit: "messages", kind: .mailbox,
                route: .mail, techniques: ["T1114.002"], floor: 50,
                prior: .init(frequency: 0.5, scale: 50, index: 1), comparesPeers: false),
            measure: .messages, rule: .total, sumsValues: true, entityKind: "mailbox"),
        Source(
            feature: Feature(
                "new-mail-reader", title: "is a mailbox that an application or network read that never did",
                unit: "messages", kind: .mailbox, route: .mail, techniques: ["T1114.002"], floor: 10,
                prior: .init(frequency: 0.02, scale: 2, index: 1)),
            measure: .messages, rule: .newSubject, sumsValues: true, subjectKind: "session", entityKind: "mailbox"),
        Source(
            feature: Feature(
                "mailboxes", title: "read many mailboxes", unit: "mailboxes", kind: .application, route: .mail,
                techniques: ["T1114.002"], floor: 2, prior: .init(frequency: 0.05, scale: 2, index: 1)),
            measure: .mailboxes, rule: .total, entityKind: "session"),
        Source(
            feature: Feature(
                "files", title: "fetched many files", unit: "files", kind: .account, route: .saasFile,
                techniques: ["T1213.002", "T1530"], floor: 20, prior: .init(frequency: 0.5, scale: 20, index: 1.2)),
            measure: .files, rule: .total, entityKind: "account"),
        Source(
            feature: Feature(
                "new-client", title: "fetched files with a client that it never used", unit: "files", kind: .account,
                route: .saasFile, techniques: ["T1213.002"], floor: 10,
                prior: .init(frequency: 0.1, scale: 5, index: 1.2)),
            measure: .files, rule: .newSubject, entityKind: "account"),
    ]

    /// What a theft by somebody who may read, or who reads as such a one, would raise: for the detection limit.
    private static let probes: [(Feature.Kind, String, sums: String?)] = [
        (.reader, "documents", nil), (.principal, "objects", nil), (.mailbox, "new-mail-reader", "messages"),
        (.account, "files", nil),
    ]

    /// A probe among entities of one kind; nil if there is none.
    static func probe(_ days: EntityDays) -> LimitProbe? {
        for (kind, name, sum) in probes where days.features.first?.kind == kind {
            let sums = days.features.indices.filter { days.features[$0].name == sum }
            if let number = days.features.firstIndex(where: { $0.name == name }) {
                return LimitProbe(number, sums: sums, in: days)
            }
        }
        return nil
    }

    /// The features of a kind of entity, with their figures, and the entities' texts by number.
    struct Table {
        var sources: [Source]
        var days: EntityDays
        /// Number in ``Measures/texts`` of each entity.
        var entities: [UInt32]
        /// Number in ``Measures/texts`` of each subject.
        var subjects: [UInt32]
    }

    /// What one row of measures comes to.
    struct Figure {
        /// Number of the row.
        var group: UInt32
        var row: Measures.Row
        var count: UInt64
        var value: UInt64
    }

    /// The figures of every row, in order of measure, entity, subject and day, texts compared as texts.
    static func figures(_ measures: Measures) -> [Figure] {
        var figures: [Figure] = []
        measures.things.forEachGroup { group, sum in
            figures.append(Figure(group: group, row: measures.rows[Int(group)], count: sum.count, value: sum.value))
        }
        return figures
    }

    /// The figures of all entities of one kind; nil if there is none.
    static func table(_ kind: Feature.Kind, _ figures: [Figure], _ measures: Measures) -> Table? {
        let sources = sources.filter { $0.feature.kind == kind }
        let wanted = Set(sources.map(\.measure))
        let own = figures.filter { wanted.contains($0.row.measure) }
        guard let firstDay = own.lazy.map(\.row.day).min() else { return nil }
        // Entities and subjects get numbers in order of their texts, so that nothing hangs on the order of input.
        let entities = ordered(Set(own.map(\.row.entity)), measures)
        let subjects = ordered(Set(own.map(\.row.subject)), measures)
        let entityRank = Dictionary(uniqueKeysWithValues: entities.enumerated().map { ($1, UInt32($0)) })
        let subjectRank = Dictionary(uniqueKeysWithValues: subjects.enumerated().map { ($1, UInt32($0)) })
        var began: [Pair: Int32] = [:]
        for figure in own {
            began[Pair(figure.row), default: .max] = min(began[Pair(figure.row)] ?? .max, figure.row.day)
        }
        var days = EntityDays(
            features: sources.map(\.feature), entityCount: entities.count,
            activity: own.compactMap { figure in
                entityRank[figure.row.entity].map { EntityDays.key($0, figure.row.day) }
            })
        for (number, source) in sources.enumerated() {
            for figure in own where figure.row.measure == source.measure {
                guard let entity = entityRank[figure.row.entity], let subject = subjectRank[figure.row.subject] else {
                    continue
                }
                let value = source.sumsValues ? figure.value : figure.count
                let day = figure.row.day
                switch source.rule {
                case .total: days.add(number, of: entity, on: day, value)
                case .newSubject:
                    let first = began[Pair(figure.row)] ?? day
                    let isNew =
                        day - firstDay < Int32(Judge.historyNeeded)
                        || (day - first < youth && first - firstDay >= Int32(Judge.historyNeeded))
                    if isNew { days.raise(number, of: entity, on: day, to: value, subject: subject) }
                case .subjects(let least): if value >= least { days.add(number, of: entity, on: day, 1) }
                case .anySubject: days.raise(number, of: entity, on: day, to: value, subject: subject)
                }
            }
        }
        return Table(sources: sources, days: days, entities: entities, subjects: subjects)
    }

    private struct Pair: Hashable {
        var measure: Measures.Measure
        var entity: UInt32
        var subject: UInt32
        init(_ row: Measures.Row) {
            measure = row.measure
            entity = row.entity
            subject = row.subject
        }
    }

    private static func ordered(_ numbers: Set<UInt32>, _ measures: Measures) -> [UInt32] {
        numbers.map { ($0, measures.texts.string($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
}
