// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// When a theft does how much: its sessions, spread over the time that it has.
struct Schedule: Sendable {
    /// One session.
    struct Act: Sendable {
        let time: Timestamp
        let amount: Int
    }

    /// In order of time.
    let acts: [Act]

    /// The sessions of day `day`.
    func acts(on day: Int, _ calendar: Calendar) -> ArraySlice<Act> {
        let (from, to) = (calendar.midnight(day), calendar.midnight(day + 1))
        let low = acts.firstIndex { $0.time >= from } ?? acts.count
        return acts[low...].prefix { $0.time < to }
    }

    /// Spreads `total` over the time that `plan` gives.
    ///
    /// - Parameters:
    ///   - pause: about how long lies between sessions.
    ///   - most: how many sessions there may be, so that none is unreasonably small.
    ///   - cap: how much a day may see at most; nil without limit.
    init(
        _ plan: TheftPlan, _ estate: EstateModel, total: Int, pause: Int64, most: Int, cap: (Int) -> Int?,
        _ random: inout Random
    ) {
        let windows = Self.windows(plan, estate)
        let length = windows.reduce(0) { $0 + ($1.to - $1.from) }
        var acts: [Act] = []
        var left = total
        var due = 0
        for (index, window) in windows.enumerated() {
            guard left > 0 else { break }
            // After the time that was asked for come spare days, on which only what caps held back is taken.
            let share = window.isSpare ? left : Self.scale(total, window.to - window.from, max(1, length))
            due = index == windows.count - 1 || window.isSpare ? left : min(left, due + share)
            let amount = min(due, cap(window.day) ?? .max)
            due -= amount
            left -= amount
            guard amount > 0 else { continue }
            let sessions = max(1, min(Int((window.to - window.from) / pause), most, amount))
            acts += Self.divide(amount, over: window, sessions, &random)
        }
        self.acts = acts
    }

    private struct Window {
        let day: Int
        let from: Timestamp
        let to: Timestamp
        var isSpare = false
    }

    /// The stretches in which the theft may act, none longer than a day.
    private static func windows(_ plan: TheftPlan, _ estate: EstateModel) -> [Window] {
        let calendar = estate.world.calendar
        let start = calendar.at(day: plan.startDay, plan.startMinute / 60, plan.startMinute % 60)
        let end = min(start + plan.duration, calendar.end)
        let isOffice = plan.cunning.contains(.businessHours)
        var windows: [Window] = []
        for day in plan.startDay..<calendar.days {
            let isOver = calendar.midnight(day) >= end
            // Time is extended for one who waits for an office day, or for yesterday's traffic to hide in.
            if isOver, !windows.isEmpty, !plan.cunning.contains(.belowYesterday) { break }
            if isOffice, estate.season.days[day] != .work { continue }
            var (from, to) =
                isOffice
                ? (calendar.at(day: day, 8), calendar.at(day: day, 18))
                : (calendar.midnight(day), calendar.midnight(day + 1))
            if !isOver {
                from = max(from, start)
                to = min(to, end)
                guard from < to else { continue }
            } else if windows.isEmpty {
                to = min(to, from + plan.duration)
            }
            windows.append(Window(day: day, from: from, to: to, isSpare: isOver && !windows.isEmpty))
        }
        return windows
    }

    /// `amount` in parts that differ by up to a half, at moments of their own.
    private static func divide(_ amount: Int, over window: Window, _ count: Int, _ random: inout Random) -> [Act] {
        let slot = (window.to - window.from) / Int64(count)
        var left = amount
        return (0..<count).map { index in
            let even = left / (count - index)
            let part =
                index == count - 1
                ? left : max(1, min(left, Self.scale(even, Int64(random.number(in: 600...1400)), 1000)))
            left -= part
            let time =
                window.from + Int64(index) * slot + (count == 1 ? 0 : Int64(random.below(max(1, Int(slot * 4 / 5)))))
            return Act(time: time, amount: part)
        }
    }

    /// `value` times `part` / `whole`, without overflow.
    private static func scale(_ value: Int, _ part: Int64, _ whole: Int64) -> Int {
        let product = value.multipliedFullWidth(by: Int(part))
        return Int(whole).dividingFullWidth(product).quotient
    }
}
