// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
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
        /// The largest of the subjects that are new to the entity and that few others have: see ``rareEntities``.
        case rareSubject
        /// The largest of the subjects that are new to the entity and that more than a few others have.
        case commonSubject
        /// The largest of the subjects that are new to an entity that so far kept to few: see ``settledDays``.
        case strayFromHabit
        /// The largest of the new subjects that also have things of another measure on that day.
        case newSubjectWith(Measures.Measure)
        /// How many subjects are new to the entity.
        case newSubjects
        /// All subjects together, beyond what there is of another measure; only on days on which at least every second
        /// entity has something of that.
        case totalBeyond(Measures.Measure)
    }

    /// Days for which a subject is new to an entity.
    static let youth: Int32 = 30

    /// A subject of at most so many entities is rare.
    static let rareEntities = 3
    /// Who was seen on so many days before and had at most ``settledSubjects`` subjects has a habit.
    static let settledDays = 3
    static let settledSubjects = 2

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

    /// What a theft by somebody who may read, or who reads as such a one, would raise: for the detection limit.
    private static let probes: [(Feature.Kind, String, sums: String?)] = [
        (.reader, "documents", nil), (.principal, "objects", nil), (.mailbox, "rare-mail-reader", "messages"),
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
        /// Of figures that count entities of another kind, these.
        var members: [Member] = []
    }

    /// An entity that a figure of a day counts.
    struct Member {
        /// Index of the feature.
        var feature: Int
        var day: Int32
        /// Number in ``Measures/texts``.
        var entity: UInt32
        /// Its own figure.
        var value: UInt64
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
    ///
    /// Readers at an address inside are no many accounts from one network, but a campus.
    static func figures(_ measures: Measures, isLocal: (IPAddress) -> Bool) -> [Figure] {
        var figures: [Figure] = []
        var isCampus: [UInt32: Bool] = [:]
        measures.things.forEachGroup { group, sum in
            let row = measures.rows[Int(group)]
            if row.measure == .documentsOfNetwork {
                let known =
                    isCampus[row.entity] ?? IPAddress(measures.texts.string(row.entity)).map(isLocal) ?? false
                isCampus[row.entity] = known
                if known { return }
            }
            let value = row.measure == .places ? Travel.speed(sum.things.map(\.value)) : sum.value
            figures.append(Figure(group: group, row: row, count: sum.count, value: value))
        }
        return figures
    }

    /// The figures of all entities of one kind; nil if there is none.
    static func table(_ kind: Feature.Kind, _ figures: [Figure], _ measures: Measures) -> Table? {
        let sources = sources.filter { $0.feature.kind == kind }
        var wanted = Set(sources.map(\.measure))
        for source in sources {
            switch source.rule {
            case .newSubjectWith(let other), .totalBeyond(let other): wanted.insert(other)
            default: break
            }
        }
        let own = figures.filter { wanted.contains($0.row.measure) }
        if own.isEmpty { return nil }
        // Entities and subjects get numbers in order of their texts, so that nothing hangs on the order of input.
        let entities = ordered(Set(own.map(\.row.entity)), measures)
        let subjects = ordered(Set(own.map(\.row.subject)), measures)
        let entityRank = Dictionary(uniqueKeysWithValues: entities.enumerated().map { ($1, UInt32($0)) })
        let subjectRank = Dictionary(uniqueKeysWithValues: subjects.enumerated().map { ($1, UInt32($0)) })
        let past = SubjectPast(own)
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
                func raise() { days.raise(number, of: entity, on: day, to: value, subject: subject) }
                switch source.rule {
                case .total, .totalBeyond: days.add(number, of: entity, on: day, value)
                case .anySubject: raise()
                case .subjects(let least): if value >= least { days.add(number, of: entity, on: day, 1) }
                case .newSubject: if past.isNewToKnown(figure.row) { raise() }
                case .newSubjects: if past.isNewToKnown(figure.row) { days.add(number, of: entity, on: day, 1) }
                case .rareSubject: if past.isNew(figure.row), past.isRare(figure.row) { raise() }
                case .commonSubject:
                    // While all is new, what others have too is nothing strange.
                    if past.isNewToKnown(figure.row), !past.isRare(figure.row), !past.isYoung(day) { raise() }
                case .strayFromHabit: if past.isStray(figure.row) { raise() }
                case .newSubjectWith(let other):
                    if past.isNewToKnown(figure.row), past.has(other, figure.row) { raise() }
                }
            }
        }
        for (number, source) in sources.enumerated() {
            guard case .totalBeyond(let other) = source.rule else { continue }
            var counted: [Int32: Int] = [:]
            for figure in own where figure.row.measure == other {
                guard let entity = entityRank[figure.row.entity] else { continue }
                days.subtract(number, of: entity, on: figure.row.day, figure.count)
                counted[figure.row.day, default: 0] += 1
            }
            // A log that holds no such things says nothing by that.
            days.clear(number) { day, rows in 2 * (counted[day] ?? 0) < rows }
        }
        return Table(sources: sources, days: days, entities: entities, subjects: subjects)
    }

    private static func ordered(_ numbers: Set<UInt32>, _ measures: Measures) -> [UInt32] {
        numbers.map { ($0, measures.texts.string($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
}
