// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The university's own backup to a sanctioned host: by far the largest upload of every night, and no theft.
struct NightlyBackup {
    let world: World

    /// Writes what the sensor saw, and the truth.
    func add(to sensor: inout Sensor, _ truth: inout Truth) {
        var random = world.random("nightly backup")
        let service = world.services.backup
        var entry = Truth.Entry(
            id: "nightly-backup", route: "network", what: "The nightly backup to a sanctioned host",
            source: ("host", Server.backup.address.string), destination: ("domain", service.name),
            addresses: service.addresses.map(\.string))
        for day in 0..<world.calendar.days {
            var time = world.calendar.at(day: day, 1, random.below(8))
            for _ in 0..<random.number(in: 3...6) {
                let sent = LogNormal(median: 7_000_000_000, doublings: 0.7).sample(&random)
                let answered = sensor.lookup(
                    at: time, client: Server.backup.address, resolver: Server.directory1.address, name: service.name,
                    answer: service.addresses[0], lifetime: service.lifetime, &random)
                let flow = Flow(
                    time: answered + 900, uid: ZeekID(&random), originator: Server.backup.address,
                    originatorPort: random.number(in: 32_768...60_999), responder: service.addresses[0],
                    responderPort: 443, service: "ssl",
                    duration: Int64(sent / random.number(in: 9_000_000...14_000_000)) * Calendar.second, sent: sent,
                    received: sent / 1100, missed: random.chance(perMille: 200) ? sent / 4000 : 0)
                sensor.connection(flow)
                sensor.tls(flow, name: service.name, certificate: service.certificate, isResumed: false, isOld: true)
                entry.count(flow, seenBy: sensor)
                time = flow.end + 5 * Calendar.second
            }
        }
        truth.lookAlikes.append(entry)
    }
}
