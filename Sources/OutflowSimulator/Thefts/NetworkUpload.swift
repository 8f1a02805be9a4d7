// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The first theft: project folders are copied from a file server to a desktop in the evening and uploaded over two
/// nights, by HTTPS, to an address that nobody here has talked to; and one archive goes by WebDAV to another, sent twice
/// because the server asked for a password first (ATT&CK T1039, T1074.001, T1048.002, T1048.003).
struct NetworkUpload {
    let world: World
    private let host = IPv4(198, 51, 100, 62)
    private let name = "assets.harbor-metrics.example"
    private let drop = IPv4(198, 51, 100, 23)
    private let dropName = "dav.willow-share.example"

    init(_ world: World) { self.world = world }

    /// Writes what the sensor saw, and the truth.
    func add(to sensor: inout Sensor, _ truth: inout Truth) {
        var desk = Desk(world.clients[41], random: world.random("network upload"))
        let service = Service(
            number: 0, name: name, addresses: [host], certificate: (0..<8).map { _ in desk.random.bits() }, lifetime: 60
        )
        let calendar = world.calendar
        let copyDay = calendar.planned(1)
        let names = stage(&desk, at: calendar.at(day: copyDay, 19, 42), &sensor)
        var entry = Truth.Entry(
            id: "network-upload", route: "network",
            what:
                "Project folders, copied from \(Server.files1.name) to \(desk.client.name) and uploaded by HTTPS over two nights",
            source: ("host", desk.client.address.string), destination: ("domain", name), addresses: [host.string])
        entry.names = names

        func upload(at time: Timestamp, sent: Int, missed: Int = 0, seconds: Int) {
            var flow = desk.flow(
                to: service, at: time, sent: sent, received: desk.random.number(in: 3_000...9_000) + sent / 900,
                duration: Int64(seconds) * Calendar.second, &sensor)
            flow.missed = missed
            sensor.connection(flow)
            sensor.tls(flow, name: name, certificate: service.certificate, isResumed: false)
            entry.count(flow, seenBy: sensor)
        }
        // The tool asks for work now and then before it is told to send.
        for hour in 0..<5 {
            upload(
                at: calendar.at(day: copyDay, 18 + hour, desk.random.below(50)),
                sent: desk.random.number(in: 900...1_500), seconds: 1)
        }
        for (night, count) in [(2, 6), (3, 5)] {
            var time = calendar.at(day: calendar.planned(night), night == 2 ? 1 : 3, 14)
            for index in 0..<count {
                let sent = desk.random.number(in: 120_000_000...205_000_000)
                let seconds = sent / desk.random.number(in: 280_000...420_000)
                upload(at: time, sent: sent, missed: index == 3 ? sent / 60 : 0, seconds: seconds)
                time = time + Int64(seconds + desk.random.number(in: 20...140)) * Calendar.second
            }
        }
        entry.details = [("staged_files", names.count)]
        truth.thefts.append(entry)
        put(&desk, at: calendar.at(day: calendar.planned(3), 2, 40), &sensor, &truth)
    }

    /// The copy from the file server, which is no outflow. Returns the files' names.
    private func stage(_ desk: inout Desk, at time: Timestamp, _ sensor: inout Sensor) -> [String] {
        let count = 46
        let sizes = (0..<count).map { _ in
            min(160_000_000, 6_000_000 + LogNormal(median: 26_000_000, doublings: 1.1).sample(&desk.random))
        }
        let flow = Flow(
            time: time, uid: ZeekID(&desk.random), originator: desk.client.address, originatorPort: desk.nextPort(),
            responder: Server.files1.address, responderPort: 445, service: "gssapi,smb,krb",
            duration: 640 * Calendar.second, sent: 1_480_000, received: sizes.reduce(2_100_000, +))
        sensor.connection(flow)
        var names: [String] = []
        for (index, size) in sizes.enumerated() {
            let project = ["turbine", "membrane", "alloys"][index % 3]
            names.append("projects\\\(project)\\2026\\measurement-\(100 + index * 7).h5")
            sensor.open(
                share: "\\\\\(Server.files1.name).\(World.domain)\\research", name: names[index], size: size,
                modified: time + -Int64(20 + index) * Calendar.day,
                at: time + Int64(index) * 13 * Calendar.second + 400_000, in: flow)
        }
        return names
    }

    /// One archive, put twice: content once.
    private func put(_ desk: inout Desk, at time: Timestamp, _ sensor: inout Sensor, _ truth: inout Truth) {
        let service = Service(number: 0, name: dropName, addresses: [drop], certificate: [0], lifetime: 60)
        let archive = Content(mime: "application/x-7z-compressed", bytes: 48_231_377, &desk.random)
        let again = Content(again: archive, &desk.random)
        let flow = desk.flow(
            to: service, at: time, port: 80, protocol: "http", sent: 2 * archive.bytes + 731, received: 1_204,
            duration: 74 * Calendar.second, &sensor)
        sensor.connection(flow)
        let uri = "/inbox/q1-reports.7z"
        let agent: StaticString = "Microsoft-WebDAV-MiniRedir/10.0.19045"
        let refusal = Content(mime: "text/html", bytes: 381, &desk.random)
        sensor.exchange(
            Exchange(
                depth: 1, method: "PUT", host: dropName, uri: uri, agent: agent, status: 401, phrase: "Unauthorized",
                upload: archive, download: refusal), at: flow.time + 60_000, in: flow)
        sensor.exchange(
            Exchange(
                depth: 2, method: "PUT", host: dropName, uri: uri, agent: agent, status: 201, phrase: "Created",
                user: "inbox", upload: again), at: flow.time + 37 * Calendar.second, in: flow)
        var entry = Truth.Entry(
            id: "archive-put", route: "web",
            what: "One archive by WebDAV; refused for lack of a password, then sent again: content once, wire twice",
            source: ("host", desk.client.address.string), destination: ("domain", dropName), addresses: [drop.string])
        entry.count(flow, seenBy: sensor)
        // The figures rest on the rows of the two requests and of their bodies; the flow around them is no part of them.
        entry.records = 4
        entry.bytes = .exactly(UInt64(archive.bytes))
        entry.onWire = UInt64(2 * archive.bytes)
        entry.distinct = 1
        entry.reads = 2
        entry.names = ["q1-reports.7z sha1:\(archive.sha1)"]
        entry.details = [("orig_bytes", flow.sent), ("http_records", 2), ("file_records", 2)]
        truth.thefts.append(entry)
    }
}
