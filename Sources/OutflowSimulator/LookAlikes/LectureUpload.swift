// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A professor uploads the video of a lecture to a public video service, in the middle of a working day: large, once,
/// and no theft.
struct LectureUpload {
    let world: World

    /// Writes what the sensor saw, and the truth.
    func add(to sensor: inout Sensor, _ truth: inout Truth) {
        let calendar = world.calendar
        let service = world.services.video
        var desk = Desk(world.clients[17], random: world.random("lecture upload"))
        var entry = Truth.Entry(
            id: "lecture-video", route: "network", what: "The video of a lecture, uploaded to a public video service",
            source: ("host", desk.client.address.string), destination: ("domain", service.name),
            addresses: service.addresses.map(\.string))
        let sizes = [desk.random.number(in: 880_000_000...930_000_000), 214_000, 61_000]
        for (index, sent) in sizes.enumerated() {
            let flow = desk.flow(
                to: service, at: calendar.at(day: calendar.planned(2), 15, 10 + index), sent: sent,
                received: 40_000 + sent / 700, &sensor)
            sensor.connection(flow)
            sensor.tls(flow, name: service.name, certificate: service.certificate, isResumed: index > 0)
            entry.count(flow, seenBy: sensor)
        }
        truth.lookAlikes.append(entry)
    }
}
