// SPDX-License-Identifier: Apache-2.0

import OutflowLedger
import OutflowRecords

#if canImport(Glibc)
    import Glibc
#endif

/// A quick pseudo-random source (SplitMix64; Steele, Lea, Flood 2014), the same on every machine.
struct Chance {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 ^ 0x1234_5678_9ABC_DEF0 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
    /// In (0, 1).
    mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) / 9_007_199_254_740_992 }
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }
    mutating func chance(_ share: Double) -> Bool { uniform() < share }
    mutating func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
    mutating func logNormal(median: Double, sigma: Double) -> Double { median * exp(sigma * normal()) }
    mutating func pareto(from low: Double, index: Double) -> Double { low * pow(uniform(), -1 / index) }
    mutating func poisson(_ mean: Double) -> Int {
        var count = 0
        var rest = exp(-mean)
        var u = uniform()
        var sum = rest
        while u > sum, count < 200 {
            count += 1
            rest *= mean / Double(count)
            sum += rest
        }
        u = 0
        return count
    }
}

/// What the hosts of an estate send to outside in ordinary life, by host, destination and day, without a record for each
/// connection: a life without theft, for measuring false alarms.
///
/// Sizes are lognormal with Pareto tails of index 1.1 to 1.3 (Crovella, Bestavros 1997; Downey 2005). Hosts differ by orders of
/// magnitude, most rest on weekends and holidays, some are backed up nightly or weekly, some serve, some make video calls; every
/// host takes up new habits from time to time, a third of them with a destination that nobody else uses; hosts join and leave;
/// once a year everybody moves to another service.
struct OrdinaryLife {
    var hosts = 500
    var days = 365
    var seed: UInt64 = 1
    /// Share of hosts that join during a year.
    var growth = 0.3
    /// Mean number of days between two new habits of a host.
    var habitEvery = 120.0

    private struct Habit {
        var destination: UInt64
        var median: Double
        var until: Int
        var weekday: Int?
        var isDatagram = false
    }

    private struct Host {
        var address: IPAddress
        var joins: Int
        var leaves: Int
        var isServer: Bool
        var scale: Double
        var habits: [Habit]
    }

    /// Calls `body` with everything, day by day.
    func live(_ body: (OutboundDay) -> Void) {
        var chance = Chance(seed)
        var everyone: [Host] = []
        let firstDay: Int32 = 19_700
        var nextSolitary: UInt64 = 1 << 40
        let migration = chance.below(days)
        let holidays = Set((0..<12).map { _ in chance.below(365) })
        for number in 0..<Int(Double(hosts) * (1 + growth * Double(days) / 365)) {
            let joins = number < hosts ? 0 : chance.below(max(1, days))
            let leaves = chance.chance(0.1) ? joins + chance.below(days) : .max
            var host = Host(
                address: IPAddress(v4: 0x0A00_0000 + UInt32(number) + 1), joins: joins, leaves: leaves,
                isServer: chance.chance(0.03), scale: chance.logNormal(median: 1, sigma: 1), habits: [])
            for _ in 0..<8 + chance.below(20) {
                // A service in use: popular ones more often.
                let service = UInt64(200 * chance.uniform() * chance.uniform())
                host.habits.append(
                    Habit(
                        destination: service, median: chance.logNormal(median: 60_000, sigma: 2) * host.scale,
                        until: .max))
            }
            if chance.chance(0.05) {
                host.habits.append(
                    Habit(
                        destination: 201, median: chance.logNormal(median: 2e9, sigma: 1), until: .max,
                        weekday: chance.chance(0.5) ? nil : chance.below(7)))
            }
            if chance.chance(0.3) {
                host.habits.append(
                    Habit(
                        destination: 1 << 30 + UInt64(chance.below(300)),
                        median: chance.logNormal(median: 50e6, sigma: 1.5), until: .max, isDatagram: true))
            }
            everyone.append(host)
        }
        for day in 0..<days {
            let weekday = day % 7
            let isRest = weekday >= 5 || holidays.contains(day % 365)
            for number in everyone.indices {
                if day < everyone[number].joins || day >= everyone[number].leaves { continue }
                let host = everyone[number]
                if !host.isServer, isRest, !chance.chance(0.2) { continue }
                if !host.isServer, chance.chance(0.08) { continue }
                let today = firstDay + Int32(day)
                func send(_ destination: UInt64, _ bytes: Double, datagram: Bool = false, answered: Bool = false) {
                    let bytes = UInt64(min(max(0, bytes), 1e13))
                    if bytes == 0 { return }
                    let address = IPAddress(
                        v4: 0x5000_0000 &+ UInt32(truncatingIfNeeded: destination &* 2_654_435_761) >> 4)
                    let isNamed = !datagram && !answered && destination < 1 << 50
                    body(
                        OutboundDay(
                            source: host.address, destination: address,
                            names: isNamed ? ["d\(destination).example"] : [],
                            port: 443, proto: datagram ? 17 : 6, answered: answered, day: today, bytes: bytes))
                }
                for habit in host.habits where habit.until > day {
                    if let wanted = habit.weekday, wanted != weekday { continue }
                    if habit.weekday == nil, !chance.chance(0.6) { continue }
                    var bytes = chance.logNormal(median: habit.median, sigma: 1)
                    if chance.chance(0.02) { bytes *= chance.pareto(from: 1, index: 1.2) }
                    let moved = habit.destination < 20 && day > migration + number % 14
                    send(moved ? 300 + habit.destination / 10 : habit.destination, bytes, datagram: habit.isDatagram)
                }
                // Sites that are visited once: some that others visit too, most alone.
                for _ in 0..<chance.poisson(6) {
                    var bytes = chance.logNormal(median: 8_000, sigma: 1.3)
                    if chance.chance(0.01) { bytes *= chance.pareto(from: 3, index: 1.2) }
                    if chance.chance(0.4) {
                        send(1000 + UInt64(pow(chance.uniform(), 3) * 30_000), bytes)
                    } else {
                        nextSolitary += 1
                        send(nextSolitary, bytes)
                    }
                }
                // Addresses without a name: small, some of them not.
                if chance.chance(0.05) {
                    nextSolitary += 1
                    send(1 << 50 | nextSolitary, chance.logNormal(median: 600, sigma: 1.5))
                }
                if chance.chance(0.1) {
                    nextSolitary += 1
                    send(nextSolitary, chance.logNormal(median: 3e6, sigma: 2), datagram: true)
                }
                if host.isServer {
                    for _ in 0..<chance.poisson(20) {
                        nextSolitary += 1
                        send(nextSolitary, chance.pareto(from: 20_000 * host.scale, index: 1.1), answered: true)
                    }
                }
                if chance.chance(1 / habitEvery) {
                    let isAlone = chance.chance(1.0 / 3)
                    nextSolitary += 1
                    everyone[number].habits.append(
                        Habit(
                            destination: isAlone ? nextSolitary : UInt64(200 * chance.uniform()),
                            median: chance.logNormal(median: 30_000, sigma: 1.7) * host.scale,
                            until: day + Int(chance.logNormal(median: 20, sigma: 1.5)),
                            weekday: chance.chance(0.3) ? chance.below(7) : nil))
                }
            }
        }
    }
}
