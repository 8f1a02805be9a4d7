// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowSimulator

@Suite("Years: clocks, holidays, terms")
struct CalendarTests {
    private let calendar = Calendar(firstDay: Timestamp.days(year: 2024, month: 1, day: 1), days: 800)

    private func day(_ month: Int, _ day: Int) -> Int {
        Timestamp.days(year: 2024, month: month, day: day) - calendar.firstDay
    }

    @Test("Clocks go forward on 31 March 2024 and back on 27 October: days of 23 and 25 hours")
    func clocks() {
        func hours(_ day: Int) -> Int64 { (calendar.midnight(day + 1) - calendar.midnight(day)) / Calendar.hour }
        #expect(hours(day(3, 31)) == 23 && hours(day(10, 27)) == 25)
        #expect((0..<365).count { hours($0) != 24 } == 2)
        #expect(calendar.at(day: day(7, 1), 12).description == "2024-07-01T10:00:00.000000Z")
        #expect(calendar.at(day: day(12, 1), 12).description == "2024-12-01T11:00:00.000000Z")
        // Hours never go backwards, and all lie within their day.
        for index in [day(3, 31), day(10, 27)] {
            let times = (0..<24).map { calendar.at(day: index, $0) }
            #expect(times == times.sorted() && times[0] == calendar.midnight(index))
            #expect(times[23] + Calendar.hour == calendar.midnight(index + 1))
        }
    }

    @Test(
        "Easter of known years", arguments: [(2000, 4, 23), (2008, 3, 23), (2024, 3, 31), (2025, 4, 20), (2038, 4, 25)])
    func easter(year: Int, month: Int, day: Int) {
        #expect(Season.easter(year) == Timestamp.days(year: year, month: month, day: day))
    }

    @Test("Weekends, holidays, terms and patch days fall where they should")
    func season() {
        let season = Season(.university, calendar)
        #expect(season.days[day(1, 1)] == .holiday && season.days[day(5, 1)] == .holiday)
        #expect(season.days[day(3, 29)] == .holiday && season.days[day(5, 9)] == .holiday)  // Good Friday, Ascension.
        #expect(season.days[day(1, 6)] == .weekend && season.days[day(1, 8)] == .work)
        #expect((0..<366).filter { season.hasUpdates[$0] }.count == 12 && season.hasUpdates[day(1, 9)])
        #expect(season.activity(of: .student, on: day(5, 20)) > 2 * season.activity(of: .student, on: day(8, 20)))
        #expect(season.activity(of: .machine, on: day(12, 27)) == 1000)
    }
}
