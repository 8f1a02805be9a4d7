// SPDX-License-Identifier: Apache-2.0

import OutflowEstate
import OutflowRecords

/// A theft that was asked for, by one account or host.
protocol Theft: Sendable {
    /// The id of its entry in the truth.
    var id: String { get }
    /// Adds what it does on day `day`, and the truth of it.
    func add(day: Int, to logs: inout DayLogs)
}

/// Why a theft cannot happen in an estate.
struct TheftImpossible: Error {
    let reason: String
    let hint: String?
}

/// Somewhere outside that nobody of the estate has to do with: where a thief is, one for each theft.
struct Outsider: Sendable {
    let address: IPv4
    let name: String

    init(_ number: Int, _ world: World) {
        var random = world.random("outsider", number)
        // The last blocks of RFC 2544's range, in which no visitors are.
        address = IPv4(198, 19, 250 + number / 250, 2 + number % 250)
        let first = ["cache", "sync", "static", "edge", "metrics", "assets"]
        let second = ["saltmarsh", "ironleaf", "bluecairn", "tallgrass", "redfern", "coldharbor", "millstream"]
        // A registered domain of its own: thieves have nothing to do with each other.
        name = "\(random.pick(first)).\(random.pick(second))\(number).example"
    }

    /// It as a service.
    var service: Service {
        Service(
            number: Int(address.bits & 0xFFFF), name: name, addresses: [address],
            certificate: (0..<8).map { UInt64(address.bits) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64($0 * 5 + 1) },
            lifetime: 60, hasIPv6: address.bits % 2 == 1)
    }
}

extension TheftPlan {
    /// The last day on which it may act, caps aside.
    func lastDay(_ estate: EstateModel) -> Int {
        if cunning.contains(.belowYesterday) { return estate.world.calendar.days - 1 }
        return min(estate.world.calendar.days - 1, startDay + Int(duration / Calendar.day) + 1)
    }

    /// What account number `index` takes of it.
    func part(_ index: Int) -> Int { amount / accounts + (index < amount % accounts ? 1 : 0) }

    /// The truth's entry for account number `index`, without figures.
    func entry(
        _ index: Int, what: String, source: (kind: String, id: String), destination: (kind: String, id: String),
        addresses: [String], state: String = "taken"
    ) -> Truth.Entry {
        var entry = Truth.Entry(
            id: accounts > 1 ? "\(id)/\(index + 1)" : id, route: route.rawValue, state: state, what: what,
            source: source, destination: destination, addresses: addresses)
        if accounts > 1 { entry.group = id }
        entry.cunning = cunning.map(\.rawValue).sorted()
        return entry
    }

    /// Its thefts in `estate`, one an account.
    func thefts(
        _ number: Int, _ estate: EstateModel, _ cloud: CloudLife
    ) throws(ConfigurationErrors) -> [any Theft] {
        do throws(TheftImpossible) {
            switch route {
            case .network: return try NetworkTheft.all(self, number, estate)
            case .dns: return try NameTheft.all(self, number, estate)
            case .cloudObject: return try ObjectTheft.all(self, number, estate, cloud)
            case .mail: return try MailTheft.all(self, number, estate)
            case .library: return try PaperTheft.all(self, number, estate)
            }
        } catch {
            throw ConfigurationErrors([self.error(error.reason, hint: error.hint)])
        }
    }
}

extension EstateModel {
    /// As many hosts as `plan` has accounts, all different, that are there from before the theft to its end.
    func thieves(
        _ plan: TheftPlan, _ random: inout Random, where isFit: (Host) -> Bool
    ) throws(TheftImpossible) -> [Host] {
        let days = max(0, plan.startDay - 1)...plan.lastDay(self)
        var fit = hosts(.desk, on: days).filter(isFit)
        if fit.count < plan.accounts { fit += hosts(.student, on: days).filter(isFit) }
        if fit.count < plan.accounts { fit += hosts(.server, on: days).filter(isFit) }
        guard fit.count >= plan.accounts else {
            throw TheftImpossible(
                reason: "\(plan.accounts) hosts are needed, and \(fit.count) fit",
                hint: "simulate more hosts, or ask for fewer accounts")
        }
        return (0..<plan.accounts).map { _ in fit.remove(at: random.below(fit.count)) }
    }

    /// What `host` sends out by its ordinary life on day `day`.
    func sentOut(by host: Host, on day: Int) -> Int { seen(host, on: day).sentOut }

    /// Bytes of the names that `host` looks up by its ordinary life on day `day`.
    func asked(by host: Host, on day: Int) -> Int { seen(host, on: day).asked }

    private func seen(_ host: Host, on day: Int) -> Sensor {
        var sensor = Sensor()
        var life = HostDay(self, day: day)
        life.add(host, to: &sensor)
        return sensor
    }

    /// The most that a theft below yesterday's may take on day `day`, where `amount` tells how much a day saw by itself.
    static func belowYesterday(_ plan: TheftPlan, _ day: Int, _ amount: (Int) -> Int) -> Int? {
        guard plan.cunning.contains(.belowYesterday) else { return nil }
        return day == 0 ? 0 : amount(day - 1)
    }
}
