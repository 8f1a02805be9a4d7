// SPDX-License-Identifier: Apache-2.0

/// The figures of all entities of one kind, by day: what a ``Judge`` reads. A row for each day on which an entity was seen at
/// all, with a figure for each feature, most of them 0.
struct EntityDays: Sendable {
    /// What is measured.
    let features: [Feature]
    /// Number of entities.
    let entityCount: Int
    /// Rows in order of day, then of entity.
    private(set) var entity: [UInt32] = []
    private(set) var day: [Int32] = []
    /// Figures, and what they are about: row after row.
    private(set) var values: [UInt64]
    private(set) var subjects: [UInt32]
    /// First row of each day, and the end.
    private(set) var dayStarts: [Int] = []

    var rowCount: Int { entity.count }
    var dayCount: Int { max(0, dayStarts.count - 1) }

    /// Stands for no subject.
    static let noSubject = UInt32.max

    /// A day of an entity as a number: in order of day, then of entity.
    static func key(_ entity: UInt32, _ day: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: day) ^ 0x8000_0000) << 32 | UInt64(entity)
    }

    /// Rows without figures.
    ///
    /// - Parameter activity: the ``key(_:_:)`` of each day of an entity, in any order; repetitions count once.
    init(features: [Feature], entityCount: Int, activity: consuming [UInt64]) {
        self.features = features
        self.entityCount = entityCount
        activity.sort()
        var last: UInt64?
        for key in activity where key != last {
            let rowDay = Int32(bitPattern: UInt32(truncatingIfNeeded: key >> 32) ^ 0x8000_0000)
            if rowDay != day.last { dayStarts.append(entity.count) }
            entity.append(UInt32(truncatingIfNeeded: key))
            day.append(rowDay)
            last = key
        }
        dayStarts.append(entity.count)
        values = .init(repeating: 0, count: entity.count * features.count)
        subjects = .init(repeating: Self.noSubject, count: entity.count * features.count)
    }

    /// The row of a day of an entity; nil if there is none.
    func row(_ wantedEntity: UInt32, _ wantedDay: Int32) -> Int? {
        let wanted = Self.key(wantedEntity, wantedDay)
        var low = 0
        var high = entity.count
        while low < high {
            let middle = (low + high) / 2
            if Self.key(entity[middle], day[middle]) < wanted { low = middle + 1 } else { high = middle }
        }
        return low < entity.count && entity[low] == wantedEntity && day[low] == wantedDay ? low : nil
    }

    /// Raises a figure to `value`, which is about `subject`: of several the largest counts, then the lowest subject.
    mutating func raise(_ feature: Int, of entity: UInt32, on day: Int32, to value: UInt64, subject: UInt32) {
        guard value > 0, let row = row(entity, day) else { return }
        let at = row * features.count + feature
        if value > values[at] || (value == values[at] && subject < subjects[at]) {
            values[at] = value
            subjects[at] = subject
        }
    }

    /// Puts in the place of one figure what `body` makes of it and another.
    mutating func replace(_ feature: Int, _ other: Int, _ body: (UInt64, UInt64) -> UInt64) {
        for start in stride(from: 0, to: values.count, by: features.count) {
            values[start + feature] = body(values[start + feature], values[start + other])
        }
    }

    /// Adds to a figure, which is about no single subject.
    mutating func add(_ feature: Int, of entity: UInt32, on day: Int32, _ value: UInt64) {
        guard let row = row(entity, day) else { return }
        let at = row * features.count + feature
        let (sum, overflow) = values[at].addingReportingOverflow(value)
        values[at] = overflow ? .max : sum
    }

    /// Forgets a figure on the days that `isMeant`, which is told each day and its number of rows.
    mutating func clear(_ feature: Int, where isMeant: (Int32, Int) -> Bool) {
        for index in 0..<dayCount {
            let rows = dayStarts[index]..<dayStarts[index + 1]
            guard let first = rows.first, isMeant(day[first], rows.count) else { continue }
            for row in rows { values[row * features.count + feature] = 0 }
        }
    }

    /// Takes from a figure, down to 0.
    mutating func subtract(_ feature: Int, of entity: UInt32, on day: Int32, _ value: UInt64) {
        guard let row = row(entity, day) else { return }
        let at = row * features.count + feature
        values[at] -= min(values[at], value)
    }
}
