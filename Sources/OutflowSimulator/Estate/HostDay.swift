// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// One day of one host: what it does by its habits, in order of time, told to the sensor.
///
/// A host's day follows from the seed, the host's number and the day alone, so that hosts and days can be made in any
/// order and one by one.
struct HostDay {
    let world: World
    let estate: EstateModel
    let day: Int
    private let clock: DayClock
    private var visits: [(time: Timestamp, habit: Int)] = []
    /// Until when answers of the resolver are remembered, by the service's number modulo the size.
    private var known: [(service: Int32, address: Int32, until: Int64)] = []
    private var random: Random
    private var port = 49_152

    /// The hosts' day `day`.
    init(_ estate: EstateModel, day: Int) {
        self.estate = estate
        world = estate.world
        self.day = day
        clock = DayClock(estate.world.calendar, day: day)
        random = estate.world.random("host day")
        known = Array(repeating: (-1, 0, 0), count: 128)
    }

    /// Adds what `host` does.
    mutating func add(_ host: Host, to sensor: inout Sensor) {
        guard host.isThere(on: day) else { return }
        plan(host)
        known.withUnsafeMutableBufferPointer { known in
            for index in known.indices { known[index].service = -1 }
        }
        for visit in visits { make(visit.time, estate.habits[visit.habit], host, &sensor) }
    }

    /// When the host does what.
    private mutating func plan(_ host: Host) {
        random = world.random("host day", host.index, day)
        visits.removeAll(keepingCapacity: true)
        port = random.number(in: 49_152...64_000)
        let isWorkday = estate.season.days[day] == .work
        let isAway = host.role.isHuman && estate.person(of: host, on: day).isAway
        let isPresent = random.chance(perMille: estate.season.presence(of: host.role, on: day)) && !isAway
        // Days differ: lognormal around the host's own level.
        let mood = LogNormal(median: 1000, doublings: 0.7).sample(&random)
        let activity = estate.season.activity(of: host.role, on: day) * (isWorkday || !host.role.isHuman ? 2 : 1) / 2
        for index in estate.habitsByRole[host.role.rawValue] {
            let habit = estate.habits[index]
            var mean = habit.perDay * estate.detail / 100
            if habit.isHuman {
                guard isPresent else { continue }
                mean = mean * host.weight / 1000 * mood / 1000 * activity / 1000
            }
            if habit.isUpdate, estate.season.hasUpdates[day] || day > 0 && estate.season.hasUpdates[day - 1] {
                mean *= 4
            }
            if case .visitors = habit.target, !host.isPublic { continue }
            let count = min(mean, 20_000_000) / 1000 + (random.chance(perMille: mean % 1000) ? 1 : 0)
            let table = isWorkday ? habit.hours.workday : habit.hours.other
            for _ in 0..<count { visits.append((clock.time(table, &random), index)) }
        }
        visits.sort { ($0.time, $0.habit) < ($1.time, $1.habit) }
    }

    private mutating func make(_ time: Timestamp, _ habit: Habit, _ host: Host, _ sensor: inout Sensor) {
        switch habit.target {
        case .sites:
            let isFavourite = random.chance(perMille: 780)
            // Favourites are drawn by popularity too, and the first of them are visited most.
            let place = isFavourite ? Int(host.favourites[min(23, random.below(24) * random.below(24) / 23)]) : -1
            let site = place >= 0 ? world.services.sites[place] : world.services.site(&random)
            var sent = habit.sent.sample(&random)
            if random.chance(perMille: habit.uploads) { sent += Browsing.upload.sample(&random) }
            connect(host, site, at: time, habit, sent: sent, received: habit.received.sample(&random), &sensor)
            var moment = time
            for _ in 0..<random.below(5) {
                moment = moment + Int64(random.number(in: 30_000...900_000))
                let other = world.services.embedded[random.below(world.services.embedded.count)]
                connect(
                    host, other, at: moment, habit, sent: habit.sent.sample(&random) / 2,
                    received: Browsing.embedded.sample(&random), &sensor)
            }
        case .service(let choose):
            guard let service = choose(world.services, host) else { return }
            connect(
                host, service, at: time, habit, sent: habit.sent.sample(&random),
                received: habit.received.sample(&random), &sensor)
        case .inside(let servers):
            guard case .plain(let port, let service) = habit.wire else { return }
            let flow = flow(
                from: host.address, to: servers[host.index % servers.count].address, port: port, service: service,
                at: time, habit, sent: habit.sent.sample(&random), received: habit.received.sample(&random))
            sensor.connection(flow)
        case .visitors: visit(host, at: time, habit, &sensor)
        }
    }

    /// Someone from outside comes to the host: visitors' numbers have a long tail, and some come often.
    private mutating func visit(_ host: Host, at time: Timestamp, _ habit: Habit, _ sensor: inout Sensor) {
        let visitor = min(49_000, Pareto(scale: 1, shape: 0.5, limit: 49_000).sample(&random) + random.below(40))
        var flow = flow(
            from: IPv4(198, 19, visitor / 250 + 1, visitor % 250 + 1), to: host.address, port: 443, service: "ssl",
            at: time, habit, sent: habit.sent.sample(&random), received: habit.received.sample(&random))
        flow.originatorPort = random.number(in: 1025...65_535)
        sensor.connection(flow)
        sensor.tls(
            flow, name: estate.publicNames[host.index % estate.publicNames.count], certificate: estate.certificate,
            isResumed: random.chance(perMille: 400))
    }

    /// A connection to a service outside, with the question for its name before it when that is not remembered.
    private mutating func connect(
        _ host: Host, _ service: Service, at time: Timestamp, _ habit: Habit, sent: Int, received: Int,
        _ sensor: inout Sensor
    ) {
        let isIPv6 = host.hasIPv6 && service.hasIPv6
        let (address, answered) = resolve(service, for: host, at: time, isIPv6: isIPv6, &sensor)
        let (port, name): (Int, StaticString?) =
            switch habit.wire {
            case .tls: (443, "ssl")
            case .http: (80, "http")
            case .datagrams(let port, let service), .plain(let port, let service): (port, service)
            }
        var flow = flow(
            from: host.address, to: address, port: port, service: name,
            at: answered + Int64(random.number(in: 200...3000)), habit, sent: sent, received: received)
        flow.isIPv6 = isIPv6
        if case .datagrams = habit.wire { flow.outcome = .datagrams }
        sensor.connection(flow)
        switch habit.wire {
        case .tls:
            sensor.tls(
                flow, name: service.name, certificate: service.certificate, isResumed: random.chance(perMille: 350),
                isOld: service.certificate[0] % 5 == 0)
        case .http(let agent, let mime, let path):
            let content = Content(mime: mime, bytes: max(1, received - 390), &random)
            sensor.exchange(
                Exchange(host: service.name, uri: "\(path)\(random.below(90_000))", agent: agent, download: content),
                at: flow.time + 25_000, in: flow)
        case .datagrams, .plain: break
        }
    }

    private mutating func resolve(
        _ service: Service, for host: Host, at time: Timestamp, isIPv6: Bool, _ sensor: inout Sensor
    ) -> (IPv4, Timestamp) {
        let slot = service.number & 127
        let hit = known[slot]
        if hit.service == service.number, hit.until > time.microseconds {
            return (service.addresses[Int(hit.address)], time)
        }
        let choice = random.below(service.addresses.count)
        let answered = sensor.lookup(
            at: time, client: host.address,
            resolver: (random.chance(perMille: 850) ? Server.directory1 : .directory2).address, name: service.name,
            answer: service.addresses[choice], lifetime: service.lifetime, isIPv6: isIPv6, &random)
        known[slot] = (
            Int32(service.number), Int32(choice),
            answered.microseconds + Int64(service.lifetime) * Calendar.second
        )
        return (service.addresses[choice], answered)
    }

    private mutating func flow(
        from originator: IPv4, to responder: IPv4, port: Int, service: StaticString?, at time: Timestamp,
        _ habit: Habit, sent: Int, received: Int
    ) -> Flow {
        let duration: Int64
        if let seconds = habit.seconds {
            // Up to a second less, so that no two lengths agree by being round.
            duration = max(1000, Int64(seconds.sample(&random)) * Calendar.second - Int64(random.below(999_000)))
        } else {
            let rate = LogNormal(median: 2_500_000, doublings: 1.3).sample(&random)
            let transfer = Int64((sent + received) * 1000 / max(rate, 20_000)) * 1000
            duration = Int64(random.number(in: 40_000...400_000)) + transfer
        }
        self.port = self.port >= 65_535 ? 49_152 : self.port + 1
        return Flow(
            time: time, uid: ZeekID(&random), originator: originator, originatorPort: self.port, responder: responder,
            responderPort: port, service: service, duration: duration, sent: sent, received: received)
    }
}
