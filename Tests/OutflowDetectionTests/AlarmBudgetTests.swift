// SPDX-License-Identifier: Apache-2.0

import OutflowDetection
import Testing

@Suite struct AlarmBudgetTests {
    @Test(arguments: ["1/month", "2/week", "1/year", "12/day"])
    func budgetsReadAsTheyArePrinted(_ text: String) {
        #expect(AlarmBudget(text)?.description == text)
    }

    @Test(arguments: ["", "1", "month", "0/month", "-1/week", "1/fortnight", "1/month/2", "1.5/week", "99999/week"])
    func otherTextIsNoBudget(_ text: String) { #expect(AlarmBudget(text) == nil) }

    @Test func theRunLengthSharesTheBudgetAmongEntities() {
        #expect(AlarmBudget(1, per: .month).runLength(entities: 500) == 15_000)
        #expect(AlarmBudget(2, per: .week).runLength(entities: 10) == 35)
    }
}
