// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What computers do by themselves: leases, clocks, telemetry, software updates, shares of the file servers.
struct Machines {
    let world: World

    /// Adds what `desk`'s computer does on day `day`.
    func add(_ desk: inout Desk, day: Int, to sensor: inout Sensor) {
        let calendar = world.calendar
        let isOn = desk.client.isAlwaysOn || desk.random.chance(perMille: calendar.isWeekend(day) ? 180 : 880)
        guard isOn else { return }
        let from =
            desk.client.isAlwaysOn
            ? calendar.midnight(day) + Int64(desk.random.below(Int(Calendar.hour)))
            : calendar.at(day: day, 7, desk.random.number(in: 10...170))
        let to = desk.client.isAlwaysOn ? calendar.midnight(day + 1) : calendar.at(day: day, 16, desk.random.below(200))
        sensor.lease(at: from, desk.client, isRenewal: desk.client.isAlwaysOn, &desk.random)
        report(&desk, from: from, to: to, &sensor)
        update(&desk, at: from + Int64(desk.random.below(Int(5 * Calendar.hour))), &sensor)
        if !calendar.isWeekend(day) { mount(&desk, from: from, to: to, day: day, &sensor) }
    }

    /// Clocks and telemetry, every half hour or so.
    private func report(_ desk: inout Desk, from: Timestamp, to: Timestamp, _ sensor: inout Sensor) {
        var time = from
        while time < to {
            let clock = desk.flow(
                to: world.services.time, at: time, port: 123, protocol: "ntp", sent: 48, received: 48,
                duration: Int64(desk.random.number(in: 8_000...60_000)), outcome: .datagrams, &sensor)
            sensor.connection(clock)
            desk.connect(
                to: world.services.telemetry, at: time + 7 * Calendar.second,
                sent: LogNormal(median: 7_000, doublings: 1.4).sample(&desk.random), received: 5_400, &sensor)
            time = time + Int64(desk.random.wait(mean: Int(70 * Calendar.minute))) + 10 * Calendar.minute
        }
    }

    /// Operating system updates and certificate checks, which still come over HTTP without encryption.
    private func update(_ desk: inout Desk, at time: Timestamp, _ sensor: inout Sensor) {
        let size = HeavyTailed(
            body: LogNormal(median: 900_000, doublings: 2.6),
            tail: Pareto(scale: 40_000_000, shape: 1.1, limit: 1_500_000_000), tailPerMille: 80)
        var moment = time
        for _ in 0..<desk.random.number(in: 1...4) {
            let name =
                "/d/msdownload/update/software/secu/2026/03/windows-kb\(desk.random.number(in: 5_030_000...5_079_999)).cab"
            fetch(
                &desk, from: world.services.updates, name, agent: "Microsoft-Delivery-Optimization/10.1",
                mime: "application/vnd.ms-cab-compressed", bytes: size.sample(&desk.random), at: moment, &sensor)
            moment = moment + Int64(desk.random.number(in: 1...40)) * Calendar.minute
        }
        for _ in 0..<desk.random.number(in: 1...5) {
            fetch(
                &desk, from: world.services.certificates, "/MFEwTzBNMEswSTAJBgUrDgMCGgUABBQ",
                agent: "Microsoft-CryptoAPI/10.0", mime: "application/ocsp-response", bytes: 471, at: moment, &sensor)
            moment = moment + Int64(desk.random.number(in: 1...90)) * Calendar.minute
        }
    }

    private func fetch(
        _ desk: inout Desk, from service: Service, _ uri: String, agent: StaticString, mime: StaticString, bytes: Int,
        at time: Timestamp, _ sensor: inout Sensor
    ) {
        let flow = desk.flow(
            to: service, at: time, port: 80, protocol: "http", sent: 210 + uri.utf8.count, received: bytes + 390,
            &sensor)
        sensor.connection(flow)
        let content = Content(mime: mime, bytes: bytes, &desk.random)
        sensor.exchange(
            Exchange(host: service.name, uri: uri, agent: agent, download: content), at: flow.time + 25_000, in: flow)
    }

    /// The home directory on a file server: documents read and saved.
    private func mount(_ desk: inout Desk, from: Timestamp, to: Timestamp, day: Int, _ sensor: inout Sensor) {
        let server = desk.client.index % 2 == 0 ? Server.files1 : .files2
        for _ in 0..<desk.random.number(in: 1...4) {
            let span = max(1, Int(to - from))
            let time = from + Int64(desk.random.below(span))
            let flow = Flow(
                time: time, uid: ZeekID(&desk.random), originator: desk.client.address, originatorPort: desk.nextPort(),
                responder: server.address, responderPort: 445, service: "gssapi,smb,krb",
                duration: Int64(desk.random.number(in: 20...4000)) * Calendar.second,
                sent: HeavyTailed(
                    body: LogNormal(median: 350_000, doublings: 2),
                    tail: Pareto(scale: 6_000_000, shape: 1.3, limit: 400_000_000), tailPerMille: 80
                ).sample(&desk.random),
                received: HeavyTailed(
                    body: LogNormal(median: 1_600_000, doublings: 2),
                    tail: Pareto(scale: 20_000_000, shape: 1.3, limit: 700_000_000), tailPerMille: 80
                ).sample(&desk.random))
            sensor.connection(flow)
            for _ in 0..<desk.random.number(in: 1...4) {
                sensor.open(
                    share: "\\\\\(server.name).\(World.domain)\\home",
                    name: "\(world.people[desk.client.index].account)\\Documents\\draft-\(desk.random.below(400)).docx",
                    size: LogNormal(median: 180_000, doublings: 1.8).sample(&desk.random),
                    modified: time + -Int64(desk.random.below(90 * 86_400)) * Calendar.second,
                    at: time + Int64(desk.random.number(in: 60_000...9_000_000)), in: flow)
            }
        }
    }
}
