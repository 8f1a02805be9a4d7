// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Everything about an estate that does not change from day to day: its hosts, its habits, its year.
struct EstateModel: Sendable {
    let kind: EstateKind
    let world: World
    let season: Season
    let hosts: [Host]
    /// Servers in the cloud account's private network, of which flow logs tell.
    let rented: [Host]
    let habits: [Habit]
    /// Indexes of ``habits`` by role.
    let habitsByRole: [[Int]]
    /// Index in the world's people of who sits before a host, by the host's index; -1 before machines.
    let personOfHost: [Int]
    /// What thieves' name servers answer.
    let outsideAnswer = IPv4(198, 19, 249, 1)
    /// How much of ordinary life is written, in percent of what is usual.
    let detail: Int
    /// Names under which the world finds public hosts.
    let publicNames: [String]
    /// The certificate of public hosts.
    let certificate: [UInt64]

    init(_ plan: EstatePlan) {
        kind = plan.kind
        detail = plan.detail
        let calendar = Calendar(firstDay: plan.firstDay, days: plan.days)
        let services = Services(seed: plan.seed, more: 3_000)
        hosts = (0..<plan.hosts).map {
            Host($0, of: plan.kind, days: plan.days, services: services, seed: plan.seed)
        }
        rented = (0..<max(2, plan.hosts * plan.kind.rented / 1000)).map {
            Host($0, of: plan.kind, days: plan.days, services: services, seed: plan.seed, isRented: true)
        }
        var next = -1
        personOfHost = hosts.map { host in
            guard host.role.isHuman else { return -1 }
            next += 1
            return next
        }
        let people = max(hosts.count { $0.role.isHuman }, World.libraryUsers + 10)
        world = World(seed: plan.seed, people: people, calendar: calendar, services: services)
        season = Season(plan.kind, calendar)
        let habits = Habit.all(plan.kind)
        self.habits = habits
        habitsByRole = Role.allCases.map { role in habits.indices.filter { habits[$0].roles.contains(role) } }
        publicNames = ["www", "portal", "shop", "data", "api", "media"].map { "\($0).\(World.domain)" }
        certificate = (0..<8).map { plan.seed ^ 0x5A17 &+ UInt64($0) }
    }

    /// Hosts of a role that are there on all days of `days`, in order.
    func hosts(_ role: Role, on days: ClosedRange<Int>) -> [Host] {
        hosts.filter { $0.role == role && $0.isThere(on: days.lowerBound) && $0.isThere(on: days.upperBound) }
    }
}
