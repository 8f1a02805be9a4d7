// SPDX-License-Identifier: Apache-2.0

/// Which subjects are new to an entity, rare among entities, or outside an entity's habit, on each day.
///
/// A pair of entity and subject is new for ``AccountFeatures/youth`` days. What was there in the first
/// ``Judge/historyNeeded`` days of the logs is as old as the hills from then on, and new until then.
struct SubjectPast {
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

    private struct Owner: Hashable {
        var measure: Measures.Measure
        /// An entity or a subject.
        var number: UInt32
    }

    private let firstDay: Int32
    /// First day of each pair.
    private var began: [Pair: Int32] = [:]
    /// By subject, the days on which entities began to have it, in order, and no more than tell rare from common.
    private var beginnings: [Owner: [Int32]] = [:]
    /// First day of each entity.
    private var entityBegan: [Owner: Int32] = [:]
    /// By entity, the first days of its subjects, and the days on which it was seen, in order.
    private var habits: [Owner: (firsts: [Int32], seen: [Int32])] = [:]
    private var present: Set<Measures.Row> = []

    /// The past that figures tell.
    init(_ figures: [AccountFeatures.Figure]) {
        firstDay = figures.lazy.map(\.row.day).min() ?? 0
        var seen: [Owner: Set<Int32>] = [:]
        for figure in figures {
            let pair = Pair(figure.row)
            began[pair] = min(began[pair] ?? .max, figure.row.day)
            if figure.row.measure == .objectsToNetwork {
                seen[Owner(measure: pair.measure, number: pair.entity), default: []].insert(figure.row.day)
            }
            if figure.row.measure == .listings { present.insert(figure.row) }
        }
        for (pair, day) in began {
            beginnings[Owner(measure: pair.measure, number: pair.subject), default: []].append(day)
            let owner = Owner(measure: pair.measure, number: pair.entity)
            entityBegan[owner] = min(entityBegan[owner] ?? .max, day)
            if let days = seen[owner] {
                habits[owner, default: ([], days.sorted())].firsts.append(day)
            }
        }
        for key in beginnings.keys {
            beginnings[key]?.sort()
            let extra = (beginnings[key]?.count ?? 0) - AccountFeatures.rareEntities - 1
            if extra > 0 { beginnings[key]?.removeLast(extra) }
        }
    }

    /// Whether a day lies in the beginning of the logs, when everything is new.
    func isYoung(_ day: Int32) -> Bool { day - firstDay < Int32(Judge.historyNeeded) }

    func isNew(_ row: Measures.Row) -> Bool {
        let first = began[Pair(row)] ?? row.day
        return isYoung(row.day) || (row.day - first < AccountFeatures.youth && !isYoung(first))
    }

    /// Whether a subject is new to an entity that was known before.
    func isNewToKnown(_ row: Measures.Row) -> Bool {
        let owner = Owner(measure: row.measure, number: row.entity)
        return isNew(row) && began[Pair(row)] ?? row.day > entityBegan[owner] ?? row.day
    }

    /// Whether few entities have a subject so far; in the beginning of the logs, until its end.
    func isRare(_ row: Measures.Row) -> Bool {
        let others = beginnings[Owner(measure: row.measure, number: row.subject)] ?? []
        let end = isYoung(row.day) ? firstDay + Int32(Judge.historyNeeded) : row.day
        return others.prefix { $0 <= end }.count <= AccountFeatures.rareEntities
    }

    /// Whether an entity that kept to few subjects, on days enough to tell, has one more.
    func isStray(_ row: Measures.Row) -> Bool {
        let first = began[Pair(row)] ?? row.day
        guard row.day - first < AccountFeatures.youth,
            let habit = habits[Owner(measure: row.measure, number: row.entity)]
        else { return false }
        return habit.seen.prefix { $0 < first }.count >= AccountFeatures.settledDays
            && habit.firsts.count { $0 < first } <= AccountFeatures.settledSubjects
    }

    /// Whether the same pair has things of another measure on the same day.
    func has(_ other: Measures.Measure, _ row: Measures.Row) -> Bool {
        var twin = row
        twin.measure = other
        return present.contains(twin)
    }
}
