// SPDX-License-Identifier: Apache-2.0

/// How many false cases a user can stand: a number for each week, month (30 days) or year (365 days), over the whole estate.
public struct AlarmBudget: Sendable, Hashable, CustomStringConvertible {
    /// Over what the number counts.
    public enum Period: String, Sendable, CaseIterable {
        case day, week, month, year

        /// Length in days.
        public var days: Double {
            switch self {
            case .day: 1
            case .week: 7
            case .month: 30
            case .year: 365
            }
        }
    }

    /// How many alarms.
    public let count: Int
    /// In how long.
    public let period: Period

    /// `count` alarms in each `period`; at least one.
    public init(_ count: Int, per period: Period) {
        self.count = max(1, count)
        self.period = period
    }

    /// One a month.
    public static let standard = AlarmBudget(1, per: .month)

    /// Reads `1/month`, `2/week`, `4/year`; nil for anything else. The number is from 1 to 1,000.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), (1...1000).contains(count),
            let period = Period(rawValue: String(parts[1]))
        else { return nil }
        self.init(count, per: period)
    }

    /// As it is read.
    public var description: String { "\(count)/\(period.rawValue)" }

    /// Alarms a day over the whole estate.
    public var perDay: Double { Double(count) / period.days }

    /// How many days of one entity may pass, on average, before it raises a false alarm, so that `entities` of them
    /// together stay within the budget: the average run length that each one's detector must have.
    public func runLength(entities: Double) -> Double { max(1, entities) / perDay }
}
