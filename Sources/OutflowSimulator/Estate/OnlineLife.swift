// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What people and programs of the estate do in rented services: objects in the cloud, mail and files, the library.
struct OnlineLife: Sendable {
    private let estate: EstateModel
    /// The cloud account's callers and buckets.
    let cloud: CloudLife

    /// Life of `estate`, whose research bucket holds `objects` objects.
    init(_ estate: EstateModel, objects: Int) {
        self.estate = estate
        cloud = CloudLife(
            estate.world, research: objects, laboratories: Self.laboratories, detail: min(estate.detail, 100))
    }

    /// Pipelines besides the main one.
    static let laboratories = 20

    /// Adds what happens on day `day`.
    func add(day: Int, to logs: inout DayLogs) {
        cloud.add(day: day, to: &logs.trail)
        for host in estate.hosts where host.role.isHuman && host.isThere(on: day) {
            _ = estate.work(of: host, on: day, to: &logs.audit)
            _ = estate.reading(of: host, on: day, to: &logs.proxy)
        }
        guard estate.kind.hasLibrary, estate.season.days[day] == .work else { return }
        var entry = AvidReader.entry(estate.world)
        let reader = AvidReader(estate.world).read(
            day: day, articles: 100_000 + day % 1_400 * 140, to: &logs.proxy, seeing: &entry)
        entry.count(reader)
        logs.truth.lookAlikes.append(entry)
    }
}

extension EstateModel {
    /// Who sits before a host that is for people.
    func person(of host: Host) -> Person { world.people[personOfHost[host.index]] }

    /// Adds what the person before `host` does with mail and shared files on day `day`. Returns how many messages are read
    /// one by one.
    func work(of host: Host, on day: Int, to log: inout AuditLog) -> Int {
        let person = person(of: host, on: day)
        let isFree = season.days[day] != .work
        var random = world.random("office", person.index, day)
        let usual = (isFree ? 220 : 900) * season.activity(of: host.role, on: day) / 1000
        guard random.chance(perMille: usual * min(detail, 100) / 100) else { return 0 }
        return OfficeLife(world: world).add(person, day: day, isFree: isFree, to: &log, &random)
    }

    /// Adds what the person before `host` reads in the library on day `day`. Returns how many papers are fetched.
    func reading(of host: Host, on day: Int, to proxy: inout LibraryProxy) -> Int {
        guard readsPapers(host) else { return 0 }
        let person = person(of: host, on: day)
        var random = world.random("reading", person.index, day)
        let usual = (season.days[day] != .work ? 200 : 400) * season.activity(of: host.role, on: day) / 1000
        guard random.chance(perMille: usual * min(detail, 100) / 100) else { return 0 }
        return ReadingLife(world: world).add(person, day: day, to: &proxy, &random)
    }

    /// Whether the person before `host` uses the library's proxy; the avid reader, who always does, is told of apart.
    func readsPapers(_ host: Host) -> Bool {
        kind.hasLibrary && host.trait % 10 < 3 && personOfHost[host.index] != AvidReader.person
    }
}
