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
        let office = OfficeLife(world: estate.world)
        let reading = ReadingLife(world: estate.world)
        let isFree = estate.season.days[day] != .work
        for host in estate.hosts where host.role.isHuman && host.isThere(on: day) {
            let person = estate.person(of: host)
            let activity = estate.season.activity(of: host.role, on: day) * min(estate.detail, 100) / 100
            var random = estate.world.random("office", person.index, day)
            if random.chance(perMille: (isFree ? 220 : 900) * activity / 1000) {
                office.add(person, day: day, isFree: isFree, to: &logs.audit, &random)
            }
            guard estate.readsPapers(host) else { continue }
            random = estate.world.random("reading", person.index, day)
            if random.chance(perMille: (isFree ? 200 : 400) * activity / 1000) {
                reading.add(person, day: day, to: &logs.proxy, &random)
            }
        }
        guard estate.kind.hasLibrary, !isFree else { return }
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

    /// Whether the person before `host` uses the library's proxy; the avid reader, who always does, is told of apart.
    func readsPapers(_ host: Host) -> Bool {
        kind.hasLibrary && host.trait % 10 < 3 && personOfHost[host.index] != AvidReader.person
    }
}
