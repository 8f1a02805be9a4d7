// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// People at their desks: pages with what they embed, mail, synchronised folders, video calls.
struct Browsing {
    /// What a page sends: sizes of web objects are lognormal with a Pareto tail of shape 1.2 (see ``HeavyTailed``); the
    /// median is that of a page's main connection in the HTTP Archive's reports.
    static let page = HeavyTailed(
        body: LogNormal(median: 95_000, doublings: 1.9),
        tail: Pareto(scale: 1_500_000, shape: 1.2, limit: 3_000_000_000), tailPerMille: 20)
    /// What one embedded host sends.
    static let embedded = HeavyTailed(
        body: LogNormal(median: 28_000, doublings: 1.8),
        tail: Pareto(scale: 800_000, shape: 1.2, limit: 1_000_000_000), tailPerMille: 10)
    /// Requests, with their cookies.
    static let request = LogNormal(median: 3_200, doublings: 0.9)
    /// Files that people hand in, attach and share.
    static let upload = HeavyTailed(
        body: LogNormal(median: 260_000, doublings: 2.2),
        tail: Pareto(scale: 8_000_000, shape: 1.3, limit: 160_000_000), tailPerMille: 60)

    let world: World

    /// Adds what `desk` does on day `day`.
    func add(_ desk: inout Desk, day: Int, to sensor: inout Sensor) {
        let calendar = world.calendar
        let isPresent = desk.random.chance(perMille: calendar.isWeekend(day) ? 130 : 860)
        guard isPresent else { return }
        var pages = desk.client.pagesADay * desk.random.number(in: 50...150) / 100
        if calendar.isWeekend(day) { pages /= 2 }
        let times = (0..<pages).map { _ in calendar.time(on: day, rhythm: .office, &desk.random) }.sorted()
        for time in times { read(&desk, at: time, &sensor) }
        guard let first = times.first, let last = times.last else { return }
        synchronise(&desk, from: first, to: last, &sensor)
        if !calendar.isWeekend(day), desk.random.chance(perMille: 320) { call(&desk, day: day, &sensor) }
    }

    /// One page: its site, then what it embeds from elsewhere.
    private func read(_ desk: inout Desk, at time: Timestamp, _ sensor: inout Sensor) {
        let site = world.services.site(&desk.random)
        var sent = Self.request.sample(&desk.random)
        if desk.random.chance(perMille: 12) { sent += Self.upload.sample(&desk.random) }
        desk.connect(to: site, at: time, sent: sent, received: Self.page.sample(&desk.random), &sensor)
        var moment = time
        for _ in 0..<desk.random.below(5) {
            moment = moment + Int64(desk.random.number(in: 30_000...900_000))
            desk.connect(
                to: desk.random.pick(world.services.embedded), at: moment,
                sent: Self.request.sample(&desk.random) / 2, received: Self.embedded.sample(&desk.random), &sensor)
        }
        // Names mistyped, or asked for in the university's own zone out of habit.
        if desk.random.chance(perMille: 40) {
            sensor.lookup(
                at: moment, client: desk.client.address, resolver: Server.directory1.address,
                name: "wpad.\(World.domain)", answer: nil, lifetime: 0, &desk.random)
        }
    }

    /// Mail and the synchronised folder, while the person is there.
    private func synchronise(_ desk: inout Desk, from first: Timestamp, to last: Timestamp, _ sensor: inout Sensor) {
        var time = first
        while time < last {
            desk.connect(
                to: world.services.mail, at: time, sent: LogNormal(median: 9_000, doublings: 1.6).sample(&desk.random),
                received: LogNormal(median: 30_000, doublings: 1.8).sample(&desk.random),
                duration: Int64(desk.random.number(in: 5...600)) * Calendar.second, &sensor)
            if desk.random.chance(perMille: 300) {
                desk.connect(
                    to: world.services.files, at: time + 5 * Calendar.second,
                    sent: LogNormal(median: 40_000, doublings: 2.4).sample(&desk.random),
                    received: LogNormal(median: 60_000, doublings: 2.2).sample(&desk.random), &sensor)
            }
            time = time + Int64(desk.random.wait(mean: Int(35 * Calendar.minute))) + Calendar.minute
        }
    }

    /// A video call: half an hour to an hour of datagrams both ways, 0.6 to 1.8 Mbit/s up (the bandwidth that Zoom and
    /// its like document for one-to-one and group calls), which makes it one of the day's largest uploads.
    private func call(_ desk: inout Desk, day: Int, _ sensor: inout Sensor) {
        let time = world.calendar.time(on: day, rhythm: .office, &desk.random)
        let seconds = LogNormal(median: 2_100, doublings: 0.6).sample(&desk.random)
        desk.connect(to: world.services.calls, at: time, sent: 24_000, received: 310_000, &sensor)
        var flow = desk.flow(
            to: world.services.calls, at: time + 4 * Calendar.second, port: 8801, protocol: nil,
            sent: seconds * desk.random.number(in: 75_000...225_000),
            received: seconds * desk.random.number(in: 90_000...330_000), duration: Int64(seconds) * Calendar.second,
            outcome: .datagrams, &sensor)
        flow.originatorPort = 8801 + desk.random.below(10)
        sensor.connection(flow)
    }
}
