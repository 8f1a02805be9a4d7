// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What happens to the estate as a whole, and what looks like theft and is none: backups, moves to another provider,
/// scans for weak spots, large handovers to partners, the Internet's noise.
struct Events: Sendable {
    private let estate: EstateModel
    private var world: World { estate.world }

    init(_ estate: EstateModel) { self.estate = estate }

    /// Adds what happens on day `day`.
    func add(day: Int, to logs: inout DayLogs) {
        var random = world.random("events", day)
        let border = Border(world: world)
        border.scan(day: day, &logs.sensor, &random)
        border.lose(day: day, &logs.sensor, &random)
        border.install(day: day, &logs.sensor, &random)
        backUp(day, &logs, &random)
        if isScanDay(day) { scan(day, &logs, &random) }
        if let move = move(of: day) { self.move(move, day, &logs) }
        handOver(day, &logs)
    }

    /// The nightly backup to a sanctioned host: the estate's largest upload.
    private func backUp(_ day: Int, _ logs: inout DayLogs, _ random: inout Random) {
        let service = world.services.backup
        var entry = Truth.Entry(
            id: "nightly-backup", route: "network", what: "The nightly backup to a sanctioned host",
            source: ("host", Server.backup.address.string), destination: ("domain", service.name),
            addresses: service.addresses.map(\.string))
        var time = world.calendar.at(day: day, 1, random.below(8))
        // On the first of a month everything is saved, else what is new; both grow with the estate.
        let isFull = world.calendar.date(day).day == 1
        let usual = (isFull ? 60_000_000 : 8_000_000) * estate.hosts.count
        for _ in 0..<random.number(in: 2...4) {
            let sent = LogNormal(median: usual, doublings: 0.7).sample(&random)
            let flow = upload(
                from: Server.backup.address, to: service, at: time, sent: sent, rate: 12_000_000, &logs, &random)
            entry.count(flow, seenBy: logs.sensor)
            time = flow.end + 5 * Calendar.second
        }
        logs.truth.lookAlikes.append(entry)
    }

    /// Once a month, in the night after its first Wednesday, a scanner inside tries doors on every host.
    private func isScanDay(_ day: Int) -> Bool {
        world.calendar.weekday(day) == 3 && (2...8).contains(world.calendar.date(day).day)
    }

    private func scan(_ day: Int, _ logs: inout DayLogs, _ random: inout Random) {
        let ports = [22, 80, 135, 139, 443, 445, 3306, 3389, 5900, 8080, 8443, 9200]
        var time = world.calendar.at(day: day, 1, 30)
        var entry = Truth.Entry(
            id: "vulnerability-scan", route: "network", state: "attempted",
            what: "The monthly scan for weak spots: short connections to every host inside",
            source: ("host", Server.monitoring.address.string), destination: ("network", world.localNetworks[0]))
        for host in estate.hosts where host.isThere(on: day) {
            for port in ports {
                time = time + Int64(random.number(in: 200...9_000))
                let isOpen =
                    host.role == .server && (port == 22 || port == 443) || port == 445 && random.chance(perMille: 150)
                let isRefused = random.chance(perMille: 550)
                let flow = Flow(
                    time: time, uid: ZeekID(&random), originator: Server.monitoring.address,
                    originatorPort: random.number(in: 32_768...60_999), responder: host.address, responderPort: port,
                    duration: isOpen ? 210_000 : isRefused ? 400 : 0, sent: isOpen ? 720 : 0,
                    received: isOpen ? 2_100 : 0, outcome: isOpen ? .finished : isRefused ? .refused : .unanswered)
                logs.sensor.connection(flow)
                if logs.sensor.isSeen(time) { entry.records += 1 }
                entry.see(time)
            }
        }
        logs.truth.lookAlikes.append(entry)
    }

    /// Servers move to a provider on a weekend, once in 400 days. The number of the move that day `day` is part of.
    private func move(of day: Int) -> Int? {
        let saturday = world.calendar.weekday(day) == 6 ? day - 1 : day
        guard world.calendar.isWeekend(day), saturday >= 0 else { return nil }
        let number = saturday / 400
        var random = world.random("move", number)
        let planned = number * 400 + 60 + random.below(300)
        return saturday == planned + (5 - world.calendar.weekday(planned) + 7) % 7 ? number : nil
    }

    private func move(_ number: Int, _ day: Int, _ logs: inout DayLogs) {
        var random = world.random("move day", day)
        let service = world.services.hosting
        let source = [Server.files1, .files2, .database, .learning][number % 4]
        var entry = Truth.Entry(
            id: "move-\(number + 1)", route: "network", what: "A server's data, moved to a provider on a weekend",
            source: ("host", source.address.string), destination: ("domain", service.name),
            addresses: service.addresses.map(\.string))
        var time = world.calendar.at(day: day, 6, random.below(60))
        while time < world.calendar.at(day: day, 20) {
            let sent = LogNormal(median: 9_000_000_000, doublings: 1).sample(&random)
            let flow = upload(from: source.address, to: service, at: time, sent: sent, rate: 28_000_000, &logs, &random)
            entry.count(flow, seenBy: logs.sensor)
            time = flow.end + Int64(random.number(in: 5...400)) * Calendar.second
        }
        logs.truth.lookAlikes.append(entry)
    }

    /// Now and then somebody hands something large to a partner, or publishes it: a data set, a film, a lecture.
    private func handOver(_ day: Int, _ logs: inout DayLogs) {
        guard estate.season.days[day] == .work else { return }
        var random = world.random("hand over", day)
        let desks = estate.hosts(.desk, on: day...day)
        guard !desks.isEmpty else { return }
        // Twice a month for a hundred desks.
        let mean = desks.count
        for index in 0..<(mean / 1000 + (random.chance(perMille: mean % 1000) ? 1 : 0)) {
            let host = random.pick(desks)
            let isPublished = random.chance(perMille: 400)
            let service = isPublished ? world.services.video : random.pick(world.services.partners)
            let time = world.calendar.time(on: day, rhythm: .office, &random)
            let sent = Pareto(scale: 400_000_000, shape: 1.1, limit: 80_000_000_000).sample(&random)
            var entry = Truth.Entry(
                id: "hand-over-\(day)-\(index)", route: "network",
                what: isPublished ? "A film, published by its makers" : "A data set, handed to a partner",
                source: ("host", host.address.string), destination: ("domain", service.name),
                addresses: service.addresses.map(\.string))
            let flow = upload(
                from: host.address, to: service, at: time, sent: sent, rate: 9_000_000, &logs, &random)
            entry.count(flow, seenBy: logs.sensor)
            logs.truth.lookAlikes.append(entry)
        }
    }

    /// One large connection, with the question for its name.
    private func upload(
        from source: IPv4, to service: Service, at time: Timestamp, sent: Int, rate: Int, _ logs: inout DayLogs,
        _ random: inout Random
    ) -> Flow {
        let address = random.pick(service.addresses)
        let answered = logs.sensor.lookup(
            at: time, client: source, resolver: Server.directory1.address, name: service.name, answer: address,
            lifetime: service.lifetime, &random)
        let seconds = max(1, sent / LogNormal(median: rate, doublings: 0.4).sample(&random))
        let flow = Flow(
            time: answered + Int64(random.number(in: 300...3_000)), uid: ZeekID(&random), originator: source,
            originatorPort: random.number(in: 32_768...60_999), responder: address, responderPort: 443, service: "ssl",
            duration: Int64(seconds) * Calendar.second + Int64(random.below(999_999)), sent: sent,
            received: 5_000 + sent / 1100, missed: random.chance(perMille: 100) ? sent / 4000 : 0)
        logs.sensor.connection(flow)
        logs.sensor.tls(flow, name: service.name, certificate: service.certificate, isResumed: false)
        return flow
    }
}
