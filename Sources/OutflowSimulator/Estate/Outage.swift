// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A time in which the sensor was not there: a restart, a full disk, a cable. Nothing of it is in any of its logs.
///
/// About one in 60 days has one, of one to eleven hours: chosen, not measured.
struct Outage: Sendable {
    let from: Timestamp
    let to: Timestamp

    /// The outage of day `day`; nil when there is none.
    init?(_ world: World, day: Int) {
        var random = world.random("outage", day)
        guard random.below(60) == 0 else { return nil }
        from = world.calendar.at(day: day, random.below(13), random.below(60))
        to = from + Int64(random.number(in: 60...660)) * Calendar.minute
    }

    /// Whether something that began at `time` was missed.
    func contains(_ time: Timestamp) -> Bool { time >= from && time < to }
}

extension World {
    /// How far the clock of the library's proxy is off on day `day`, in microseconds: it drifts by up to four seconds a
    /// day and is set right every month.
    func proxyClockError(on day: Int) -> Int64 {
        var random = random("proxy clock")
        return Int64(random.number(in: -4_000...4_000)) * 1_000 * Int64(day % 30)
    }
}
