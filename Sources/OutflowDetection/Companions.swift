// SPDX-License-Identifier: Apache-2.0

import OutflowSketches

/// What else the hosts of alarms did in the same days that is out of the ordinary, and what others sent to the same rare
/// destinations: too little for alarms of their own, but no longer one strange thing among all that an estate does.
///
/// They raise no new case: each joins the case of its alarm. So they cost nothing of the budget, and what is asked of
/// them is ``Judge/suspicious`` only, not the threshold.
struct Companions {
    /// One of them.
    struct Companion {
        var host: UInt32
        var destination: UInt32
        var feature: NetworkFeatures.Number
        /// First and last day, and the largest figure of a day.
        var first: Int32
        var last: Int32
        var value: UInt64
        /// Index of the alarm that it goes with.
        var alarm: Int
        /// Share of the days of hosts with so high a figure.
        var p: Double
    }

    /// How many are named for each alarm, the strangest first.
    static let limit = 8
    /// Days around an alarm that count.
    static let margin: Int32 = 1

    /// Features of what is new to a host; what it always did says nothing about the alarm.
    private static let features: Set<NetworkFeatures.Number> = [
        .unnamed, .newDestination, .newService, .datagram, .tunnel,
    ]

    private let alarms: [Alarm]
    private var byHost: [UInt32: [Int]] = [:]
    private var byDestination: [UInt32: [Int]] = [:]
    private var found: [Key: Companion] = [:]

    private struct Key: Hashable {
        var host: UInt32
        var destination: UInt32
    }

    init(alarms: [Alarm]) {
        self.alarms = alarms
        for (index, alarm) in alarms.enumerated() {
            byHost[alarm.entity, default: []].append(index)
            let isRare = NetworkFeatures.Number(rawValue: alarm.feature).map(Self.rare.contains) ?? false
            if isRare { byDestination[alarm.subject, default: []].append(index) }
        }
    }

    /// Features whose destination few hosts have: another host that sends there is no chance.
    private static let rare: Set<NetworkFeatures.Number> = [.unnamed, .newDestination, .datagram]

    /// Takes a figure, if it goes with an alarm.
    mutating func add(_ piece: Outflows.Piece, _ feature: NetworkFeatures.Number, _ value: UInt64) {
        guard value > 0, Self.features.contains(feature) else { return }
        if let near = byHost[piece.host] {
            // The destination that the alarm itself is about is no companion.
            if near.contains(where: { alarms[$0].subject == piece.destination }) { return }
            if let alarm = near.first(where: { isNear(piece.day, $0) }) { note(piece, feature, value, alarm) }
        } else if let near = byDestination[piece.destination], let alarm = near.first(where: { isNear(piece.day, $0) })
        {
            note(piece, feature, value, alarm)
        }
    }

    private func isNear(_ day: Int32, _ alarm: Int) -> Bool {
        day >= min(alarms[alarm].since, alarms[alarm].day) - Self.margin && day <= alarms[alarm].last + Self.margin
    }

    private mutating func note(
        _ piece: Outflows.Piece, _ feature: NetworkFeatures.Number, _ value: UInt64, _ alarm: Int
    ) {
        let key = Key(host: piece.host, destination: piece.destination)
        guard var known = found[key] else {
            found[key] = Companion(
                host: piece.host, destination: piece.destination, feature: feature, first: piece.day, last: piece.day,
                value: value, alarm: alarm, p: 1)
            return
        }
        known.first = min(known.first, piece.day)
        known.last = max(known.last, piece.day)
        known.alarm = min(known.alarm, alarm)
        if (value, known.feature.rawValue) > (known.value, feature.rawValue) {
            known.value = value
            known.feature = feature
        }
        found[key] = known
    }

    /// Those that are strange enough among all days of all hosts, in order of host and destination.
    func companions(_ days: EntityDays) -> [Companion] {
        guard !found.isEmpty else { return [] }
        let width = days.features.count
        var references: [NetworkFeatures.Number: [UInt64]] = [:]
        for feature in Set(found.values.map(\.feature)) {
            references[feature] = (0..<days.rowCount).map { days.values[$0 * width + feature.rawValue] }.sorted(by: >)
        }
        let judged = found.values.map { companion in
            var companion = companion
            let figures = references[companion.feature] ?? []
            var low = 0
            var high = figures.count
            while low < high {
                let middle = (low + high) / 2
                if figures[middle] >= companion.value { low = middle + 1 } else { high = middle }
            }
            let weight = Judge.priorWeight
            let prior = days.features[companion.feature.rawValue].prior.tail(Double(companion.value))
            companion.p = min(1, (Double(low) + weight * prior) / (Double(figures.count) + weight))
            return companion
        }
        var taken = [Int](repeating: 0, count: alarms.count)
        return judged.filter { $0.p < Judge.suspicious }
            .sorted { ($0.p, $0.host, $0.destination) < ($1.p, $1.host, $1.destination) }
            .filter { companion in
                taken[companion.alarm] += 1
                return taken[companion.alarm] <= Self.limit
            }
            .sorted { ($0.host, $0.destination) < ($1.host, $1.destination) }
    }
}
