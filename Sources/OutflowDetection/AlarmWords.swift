// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

/// Days in UTC, counted from 1970-01-01.
enum Day {
    /// The day that a moment lies in.
    static func of(_ time: Timestamp) -> Int32 {
        let length: Int64 = 86_400_000_000
        let day = time.microseconds / length
        return Int32(truncatingIfNeeded: time.microseconds % length < 0 ? day - 1 : day)
    }

    /// Beginning of a day.
    static func start(of day: Int32) -> Timestamp {
        let moment = Timestamp(microseconds: Int64(day) * 86_400_000_000)
        return min(max(moment, .earliest), .latest)
    }

    /// `2026-11-23`.
    static func date(_ day: Int32) -> String { String(start(of: day).description.prefix(10)) }
}

/// Ids of findings.
enum FindingIdentity {
    /// `F-` and 16 hex digits, from what was found of whom and when it began.
    static func id(_ feature: String, _ parts: [String], _ day: Int32) -> String {
        var hash = ContentHash(seed: 0xF1)
        hash.combine(feature)
        for part in parts { hash.combine(part) }
        hash.combine(UInt64(bitPattern: Int64(day)))
        let digits = String(hash.value, radix: 16)
        return "F-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// The reasoning of an alarm, in sentences.
enum AlarmWords {
    static func notes(_ alarm: Alarm, _ feature: Feature, _ shares: BudgetShares) -> [String] {
        var notes = ["\(feature.name): \(alarm.value) \(feature.unit) on its strongest day"]
        if let past = alarm.past {
            notes.append(
                "past: on \(past.days) earlier days of the last \(Judge.window) at most \(past.largest), "
                    + "on average \(Int(past.mean.rounded())) \(feature.unit)")
        } else {
            notes.append(
                "past: fewer than \(Judge.historyNeeded) days of history, so that it was judged against its peers only")
        }
        notes.append(
            "peers: \(alarm.rank.higher) of \(alarm.rank.among) figures of other \(feature.kind.rawValue)s in the last "
                + "\(Judge.window) days are as high; \(pValue(alarm, feature)); "
                + "\(alarm.isSingleDay ? "1/p" : "e-value") \(number(alarm.evidence))")
        notes.append(
            "evidence from \(Day.date(alarm.since)) to \(Day.date(alarm.day)): detector statistic "
                + "\(number(alarm.statistic)), threshold \(number(alarm.threshold))")
        notes.append(
            "threshold: \(shares.budget) alarms, shared by \(shares.features) features; a false alarm of one "
                + "\(feature.kind.rawValue) may come once in \(number(alarm.threshold)) of its days")
        return notes
    }

    /// The p-value, and what it rests on: ranks among n others carry none below 1/(n + 1).
    private static func pValue(_ alarm: Alarm, _ feature: Feature) -> String {
        let ofRanks = Double(alarm.rank.higher + 1) / Double(alarm.rank.among + 1)
        if alarm.p >= ofRanks { return "p-value \(number(alarm.p))" }
        let prior = feature.prior
        return
            "that alone is a p-value of \(number(ofRanks)); the \(number(alarm.p)) that counts rests also on what is "
            + "assumed before any log is read, with the weight of \(Int(Judge.priorWeight)) days: one day in "
            + "\(number(1 / prior.frequency)) is above \(number(prior.scale)) \(feature.unit), falling from there as a "
            + "Pareto law of index \(prior.index)"
    }

    /// How much an alarm says by itself: see `docs/detection.md`.
    static func suspicion(_ alarm: Alarm) -> Suspicion {
        alarm.statistic >= alarm.threshold * 100 ? .veryLikely : .likely
    }

    /// A number with three significant digits: `0.000123`, `45600`, `1.23e-09`.
    static func number(_ value: Double) -> String {
        guard value.isFinite, value > 0 else { return "0" }
        var exponent = 0
        var mantissa = value
        while mantissa >= 10 {
            mantissa /= 10
            exponent += 1
        }
        while mantissa < 1 {
            mantissa *= 10
            exponent -= 1
        }
        var digits = Int((mantissa * 100).rounded())
        if digits == 1000 {
            digits = 100
            exponent += 1
        }
        if exponent >= 6 || exponent < -4 {
            let rest = String(digits % 100 + 100).dropFirst()
            return "\(digits / 100).\(rest)e\(exponent)"
        }
        if exponent >= 2 {
            var whole = digits
            for _ in 2..<exponent { whole *= 10 }
            return String(whole)
        }
        // 0.00ddd up to dd.d
        let places = 2 - exponent
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let fraction = String(digits % scale + scale).dropFirst()
        return "\(digits / scale).\(fraction)"
    }
}
