// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What comes to the university from outside: readers of its web site, researchers at the compute cluster's jump host,
/// mail, and scanners; and what its servers ask outside.
struct Border {
    /// What the web site sends: pages, and now and then lecture notes, data sets and podcasts.
    static let answer = HeavyTailed(
        body: LogNormal(median: 46_000, doublings: 1.9),
        tail: Pareto(scale: 2_000_000, shape: 1.15, limit: 900_000_000), tailPerMille: 15)

    let world: World

    /// Adds the traffic of day `day`.
    func add(day: Int, to sensor: inout Sensor) {
        var random = world.random("border", day)
        let calendar = world.calendar
        let certificate = (0..<8).map { _ in world.seed ^ 0x5A17 }
        for _ in 0..<(calendar.isWeekend(day) ? 1_100 : 1_700) {
            let flow = visit(
                .web, port: 443, protocol: "ssl", at: calendar.time(on: day, rhythm: .world, &random),
                sent: LogNormal(median: 2_600, doublings: 0.9).sample(&random), received: Self.answer.sample(&random),
                &random)
            sensor.connection(flow)
            sensor.tls(
                flow, name: "www.\(World.domain)", certificate: certificate,
                isResumed: random.chance(perMille: 400))
        }
        for _ in 0..<90 {
            sensor.connection(
                visit(
                    .mailGateway, port: 25, protocol: "smtp", at: calendar.time(on: day, rhythm: .office, &random),
                    sent: LogNormal(median: 60_000, doublings: 2).sample(&random), received: 900, &random))
        }
        for _ in 0..<6 {
            var flow = visit(
                .jumpHost, port: 22, protocol: "ssh", at: calendar.time(on: day, rhythm: .reading, &random),
                sent: LogNormal(median: 70_000, doublings: 1.6).sample(&random),
                received: LogNormal(median: 600_000, doublings: 3).sample(&random), &random)
            flow.originator = random.pick(world.people).home
            flow.duration = Int64(random.number(in: 60...9000)) * Calendar.second
            sensor.connection(flow)
        }
        scan(day: day, &sensor, &random)
        lose(day: day, &sensor, &random)
        install(day: day, &sensor, &random)
    }

    /// A connection from somewhere to `server`.
    func visit(
        _ server: Server, port: Int, protocol name: StaticString, at time: Timestamp, sent: Int, received: Int,
        _ random: inout Random
    ) -> Flow {
        // A few thousand visitors, some of whom come often.
        let visitor = Pareto(scale: 1, shape: 0.5, limit: 16_000).sample(&random) + random.below(40)
        let rate = LogNormal(median: 900, doublings: 1.4).sample(&random)
        return Flow(
            time: time, uid: ZeekID(&random), originator: IPv4(198, 19, visitor / 250 + 1, visitor % 250 + 1),
            originatorPort: random.number(in: 1025...65_535), responder: server.address, responderPort: port,
            service: name,
            duration: Int64(random.number(in: 50_000...900_000)) + Int64((sent + received) / max(rate, 20) * 1000),
            sent: sent, received: received)
    }

    /// The Internet's background noise: single packets to ports that are not open.
    func scan(day: Int, _ sensor: inout Sensor, _ random: inout Random) {
        for _ in 0..<500 {
            let time = world.calendar.time(on: day, rhythm: .even, &random)
            let isRefused = random.chance(perMille: 200)
            sensor.connection(
                Flow(
                    time: time, uid: ZeekID(&random),
                    originator: IPv4(198, 19, 200 + random.below(50), random.number(in: 1...254)),
                    originatorPort: random.number(in: 1025...65_535),
                    responder: IPv4(10, 20, 8, random.number(in: 1...254)),
                    responderPort: random.pick([22, 23, 80, 445, 3389, 5060, 8080, 6379]), duration: isRefused ? 40 : 0,
                    sent: 0, received: 0, outcome: isRefused ? .refused : .unanswered))
        }
    }

    /// What the sensor admits to have missed: little, but for the busiest hours.
    func lose(day: Int, _ sensor: inout Sensor, _ random: inout Random) {
        for quarter in 0..<96 {
            let busy = Rhythm.office.workday[quarter / 4] * (world.calendar.isWeekend(day) ? 1 : 4)
            let acknowledgements = 20_000 + busy * random.number(in: 1_500...2_600)
            let gaps = acknowledgements * random.below(busy > 380 ? 9 : 3) / 10_000
            sensor.captureLoss(
                at: world.calendar.midnight(day) + Int64(quarter) * 15 * Calendar.minute + 14 * Calendar.minute,
                gaps: gaps, acknowledgements: acknowledgements)
        }
    }

    /// The servers' software updates, at six in the morning.
    func install(day: Int, _ sensor: inout Sensor, _ random: inout Random) {
        let service = world.services.packages
        for server in Server.allCases {
            let time = world.calendar.at(day: day, 6, random.below(50))
            let address = random.pick(service.addresses)
            let answered = sensor.lookup(
                at: time, client: server.address, resolver: Server.directory1.address, name: service.name,
                answer: address, lifetime: service.lifetime, &random)
            let packages = (0..<random.number(in: 2...9)).map { _ in
                Content(
                    mime: "application/x-debian-package",
                    bytes: LogNormal(median: 240_000, doublings: 2.4).sample(&random), &random)
            }
            let flow = Flow(
                time: answered + 2000, uid: ZeekID(&random), originator: server.address,
                originatorPort: random.number(in: 32_768...60_999), responder: address, responderPort: 80,
                service: "http", duration: Int64(random.number(in: 3...60)) * Calendar.second,
                sent: packages.count * 190, received: packages.reduce(0) { $0 + $1.bytes + 330 })
            sensor.connection(flow)
            for (index, package) in packages.enumerated() {
                sensor.exchange(
                    Exchange(
                        depth: index + 1, host: service.name,
                        uri: "/debian/pool/main/p/package-\(random.below(900))/package_1.\(index)_amd64.deb",
                        agent: "Debian APT-HTTP/1.3 (2.6.1)", download: package),
                    at: flow.time + Int64(index) * 240_000 + 30_000, in: flow)
            }
        }
    }
}
