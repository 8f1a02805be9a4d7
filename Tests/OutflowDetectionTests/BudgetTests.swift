// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import Testing

@testable import OutflowDetection

/// How the budget is shared, and what is said of a p-value.
@Suite struct BudgetTests {
    static func days(_ features: Int, used: Int, entities: Int, days: Int) -> EntityDays {
        let feature = NetworkFeatures.features[0]
        var table = EntityDays(
            features: .init(repeating: feature, count: features), entityCount: entities,
            activity: (0..<entities).flatMap { entity in
                (0..<days).map { EntityDays.key(UInt32(entity), Int32($0)) }
            })
        for number in 0..<used { table.add(number, of: 0, on: 0, 1) }
        return table
    }

    /// Alarms of all kinds and features together come as often as the budget says.
    @Test func allSharesTogetherAreTheBudget() {
        let kinds = [
            Self.days(9, used: 7, entities: 500, days: 3), Self.days(3, used: 2, entities: 4, days: 3),
            Self.days(2, used: 2, entities: 90, days: 3),
        ]
        let shares = BudgetShares(AlarmBudget(1, per: .month), kinds)
        #expect(shares.features == 11)
        let perDay = kinds.reduce(0) { $0 + $1.entitiesPerDay / shares.runLength($1) }
        #expect(abs(perDay * 30 - 1) < 1e-9)
    }

    @Test func whatNobodyHasHasNoShare() {
        let shares = BudgetShares(.standard, [Self.days(9, used: 0, entities: 5, days: 1)])
        #expect(shares.features == 1)
        #expect(shares.runLength(Self.days(9, used: 1, entities: 5, days: 1)) == 150)
    }

    static func notes(p: Double, among: Int) -> String {
        let alarm = Alarm(
            entity: 0, feature: 0, subject: 0, since: 0, day: 0, last: 0, value: 9, p: p, evidence: 1 / p, past: nil,
            rank: .init(among: among), statistic: 1, threshold: 1, isSingleDay: true)
        let shares = BudgetShares(.standard, [])
        return AlarmWords.notes(alarm, NetworkFeatures.features[0], shares).joined(separator: "\n")
    }

    /// Ranks among n others carry no p-value below 1/(n + 1): a smaller one is said to rest on more.
    @Test func aPValueThatPeersDoNotCarryIsExplained() {
        let few = Self.notes(p: 1e-5, among: 1)
        #expect(few.contains("that alone is a p-value of 0.500"))
        #expect(few.contains("assumed before any log is read"))
        let many = Self.notes(p: 1e-3, among: 5_000)
        #expect(many.contains("p-value 0.00100"))
        #expect(!many.contains("assumed"))
    }
}
