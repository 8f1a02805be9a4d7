// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@Suite struct ActiveHoursTests {
    /// 2026-03-02T00:00Z, a Monday.
    private static let monday: Int64 = 1_772_409_600_000_000

    private func hours(_ count: Int, where isActive: (Int) -> Bool) -> ActiveHours {
        var hours = ActiveHours()
        // Half past: what counts is the hour.
        for hour in (0..<count).shuffled() where isActive(hour) {
            hours.insert(Self.monday + Int64(hour) * ActiveHours.hour + ActiveHours.hour / 2)
        }
        return hours
    }

    private func silences(_ hours: ActiveHours) -> [Range<Int64>] {
        hours.silences.map {
            let from: Int64 = $0.lowerBound.microseconds - Self.monday
            let to: Int64 = $0.upperBound.microseconds - Self.monday
            return from / ActiveHours.hour..<to / ActiveHours.hour
        }
    }

    @Test func aLogThatIsNeverSilent() {
        #expect(silences(hours(100) { _ in true }).isEmpty)
        #expect(silences(hours(100) { !(40..<42).contains($0) }).isEmpty)
        #expect(silences(hours(100) { !(40..<43).contains($0) }) == [40..<43])
        #expect(silences(hours(100) { !(40..<43).contains($0) && !(60..<80).contains($0) }) == [40..<43, 60..<80])
        // Too little to say what is ordinary.
        #expect(silences(hours(30) { $0 < 20 || $0 > 27 }).isEmpty)
    }

    @Test func aLogThatSleepsAtNight() {
        let isWorked = { (hour: Int) in (7..<19).contains(hour % 24) && hour / 24 % 7 < 5 }
        #expect(silences(hours(24 * 28, where: isWorked)).isEmpty)
        let gone = 178..<504
        let seen = hours(24 * 28) { isWorked($0) && !gone.contains($0) }
        #expect(silences(seen) == [178..<511])
    }

    @Test func unionAndNumbers() {
        var left = hours(50) { $0 % 2 == 0 }
        let right = hours(50) { $0 % 2 == 1 }
        left.formUnion(right)
        #expect(left == hours(50) { _ in true } && left.count == 50)
        #expect(ActiveHours(numbers: left.numbers) == left)
    }

    /// Times that no log has do not take up memory.
    @Test func farTimes() {
        var hours = ActiveHours()
        for time in [Int64.min, Int64.max, -1, 0, Timestamp.earliest.microseconds, Timestamp.latest.microseconds] {
            hours.insert(time)
        }
        #expect(hours.count == 0 && hours.silences.isEmpty)
    }
}
