// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What partners learn of times and amounts: the hour, and the order of magnitude.
enum Rounding {
    private static let microsecondsPerHour: Int64 = 3_600_000_000

    /// The hour in which a time lies, as STIX writes it.
    static func hour(_ time: Timestamp) -> String { stix(begin(time)) }

    /// The end of the hour in which a time lies.
    static func hourEnd(_ time: Timestamp) -> String {
        stix(Timestamp(microseconds: begin(time).microseconds &+ microsecondsPerHour))
    }

    private static func begin(_ time: Timestamp) -> Timestamp {
        let hours = time.microseconds / microsecondsPerHour - (time.microseconds % microsecondsPerHour < 0 ? 1 : 0)
        return Timestamp(microseconds: hours * microsecondsPerHour)
    }

    /// A time with milliseconds, as `created` and `modified` are written (STIX 2.1 section 3.2).
    static func stix(_ time: Timestamp) -> String { String(time.description.prefix(23)) + "Z" }

    /// The power of ten that is not above a number; 0 for 0.
    static func down(_ number: UInt64) -> UInt64 {
        if number == 0 { return 0 }
        var power: UInt64 = 1
        while number / 10 >= power { power *= 10 }
        return power
    }

    /// The power of ten that is not below a number; nil beyond what 64 bits hold.
    static func up(_ number: UInt64) -> UInt64? {
        let power = down(number)
        if power == number { return power }
        let (next, overflow) = power.multipliedReportingOverflow(by: 10)
        return overflow ? nil : next
    }

    /// Bounds in words, by order of magnitude: "between 1 GB and 100 GB".
    static func words(_ bounds: ByteBounds) -> String {
        let least = down(bounds.atLeast)
        guard let most = bounds.atMost.flatMap(up) else {
            return least == 0 ? "an amount that the logs do not show" : "at least \(bytes(least))"
        }
        return least == 0 ? "at most \(bytes(most))" : "between \(bytes(least)) and \(bytes(most))"
    }

    /// A power of ten in decimal units.
    private static func bytes(_ power: UInt64) -> String {
        let units: [(UInt64, String)] = [
            (1_000_000_000_000_000, "PB"), (1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"),
            (1_000, "kB"),
        ]
        for (size, name) in units where power >= size { return "\(power / size) \(name)" }
        return "\(power) bytes"
    }
}
