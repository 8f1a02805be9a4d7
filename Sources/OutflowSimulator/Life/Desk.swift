// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A client computer on one day: its resolver cache and its next port. Opens connections as an operating system would,
/// with a look-up before those whose name it does not remember.
struct Desk {
    let client: Client
    var random: Random
    private var known: [String: (until: Timestamp, address: IPv4)] = [:]
    private var port: Int

    /// A day that begins without anything remembered.
    init(_ client: Client, random: Random) {
        self.client = client
        self.random = random
        port = self.random.number(in: 49_152...60_000)
    }

    /// The next ephemeral port.
    mutating func nextPort() -> Int {
        port = port >= 65_535 ? 49_152 : port + 1
        return port
    }

    /// Finds an address of `service`: remembered, or asked of the university's resolver. Returns it and when it was known.
    mutating func resolve(_ service: Service, at time: Timestamp, _ sensor: inout Sensor) -> (IPv4, Timestamp) {
        if let hit = known[service.name], hit.until > time { return (hit.address, time) }
        let address = random.pick(service.addresses)
        let resolver: Server = random.chance(perMille: 850) ? .directory1 : .directory2
        let answered = sensor.lookup(
            at: time, client: client.address, resolver: resolver.address, name: service.name, answer: address,
            lifetime: service.lifetime, &random)
        known[service.name] = (answered + Int64(service.lifetime) * Calendar.second, address)
        return (address, answered)
    }

    /// A connection to `service`, not yet told to the sensor.
    mutating func flow(
        to service: Service, at time: Timestamp, port: Int = 443, protocol name: StaticString? = "ssl", sent: Int,
        received: Int, duration: Int64? = nil, outcome: Flow.Outcome = .finished, _ sensor: inout Sensor
    ) -> Flow {
        let (address, answered) = resolve(service, at: time, &sensor)
        return Flow(
            time: answered + Int64(random.number(in: 200...3000)), uid: ZeekID(&random), originator: client.address,
            originatorPort: nextPort(), responder: address, responderPort: port, service: name,
            duration: duration ?? transferTime(sent: sent, received: received), sent: sent, received: received,
            outcome: outcome)
    }

    /// A TLS connection to `service`, told to the sensor.
    mutating func connect(
        to service: Service, at time: Timestamp, sent: Int, received: Int, duration: Int64? = nil,
        _ sensor: inout Sensor
    ) {
        let flow = flow(to: service, at: time, sent: sent, received: received, duration: duration, &sensor)
        sensor.connection(flow)
        sensor.tls(
            flow, name: service.name, certificate: service.certificate, isResumed: random.chance(perMille: 350),
            isOld: service.certificate[0] % 5 == 0)
    }

    /// How long a transfer takes: some round trips, and the bytes at a rate that varies over two orders of magnitude.
    mutating func transferTime(sent: Int, received: Int) -> Int64 {
        let rate = LogNormal(median: 2_500_000, doublings: 1.3).sample(&random)
        return Int64(random.number(in: 40_000...400_000)) + Int64((sent + received) * 1000 / max(rate, 20_000) * 1000)
    }
}
