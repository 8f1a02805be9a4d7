// SPDX-License-Identifier: Apache-2.0

/// How the budget is shared: every feature that anything was measured of gets the same share, whosever it is. So a kind
/// of which there are few, such as buckets, need not be as strange as one of thousands of hosts, and all shares together
/// are the budget.
struct BudgetShares {
    let budget: AlarmBudget
    /// Features that share it.
    let features: Int

    /// The shares of all kinds of entities.
    init(_ budget: AlarmBudget, _ kinds: [EntityDays]) {
        self.budget = budget
        features = max(1, kinds.reduce(0) { $0 + $1.usedFeatures.count { $0 } })
    }

    /// How many days of one entity of a kind may pass until a false alarm, so that all of them keep their shares.
    func runLength(_ days: EntityDays) -> Double {
        let used = max(1, days.usedFeatures.count { $0 })
        return budget.runLength(entities: days.entitiesPerDay) * Double(features) / Double(used)
    }
}

extension EntityDays {
    /// Whether anything was measured of each feature.
    var usedFeatures: [Bool] {
        let width = features.count
        var used = [Bool](repeating: false, count: width)
        for index in values.indices where values[index] > 0 { used[index % width] = true }
        return used
    }

    /// Mean number of entities that were seen on a day on which any was.
    var entitiesPerDay: Double { dayCount == 0 ? 0 : Double(rowCount) / Double(dayCount) }
}
