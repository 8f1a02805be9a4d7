// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A theft that leaves by connections of a host: to an address that nobody talked to before, into a cloud service that
/// the host uses anyway, or through a provider's tunnel (ATT&CK T1041, T1567.002, T1572).
struct NetworkTheft: Theft {
    private let estate: EstateModel
    private let host: Host
    private let service: Service
    private let schedule: Schedule
    private let entry: Truth.Entry
    private let label: Int
    var id: String { entry.id }
    /// Whether one long connection carries what a session takes.
    private let isTunnel: Bool
    /// Whether it goes by IPv6, as everything does between hosts and services that both have it.
    private let isIPv6: Bool
    /// The longest that a session may last.
    private let longest: Int64

    /// The thefts that `plan`, number `number` in its file, comes to: one a host.
    static func all(_ plan: TheftPlan, _ number: Int, _ estate: EstateModel) throws(TheftImpossible) -> [any Theft] {
        var random = estate.world.random("theft", number)
        let isExisting = plan.cunning.contains(.existingService)
        let hosts = try estate.thieves(plan, &random) { !isExisting || $0.share != nil }
        var thefts: [any Theft] = []
        for (index, host) in hosts.enumerated() {
            let service: Service
            if plan.cunning.contains(.providerTunnel) {
                service = estate.world.services.tunnels[number % estate.world.services.tunnels.count]
            } else if isExisting, let share = host.share {
                service = estate.world.services.shares[share]
            } else {
                service = Outsider(number, estate.world).service
            }
            thefts.append(Self(plan, number, index, host, service, estate))
        }
        return thefts
    }

    private init(
        _ plan: TheftPlan, _ number: Int, _ part: Int, _ host: Host, _ service: Service, _ estate: EstateModel
    ) {
        self.estate = estate
        self.host = host
        self.service = service
        label = number * 1_000 + part
        isTunnel = plan.cunning.contains(.providerTunnel)
        var random = estate.world.random("theft times", number, part)
        let total = plan.part(part)
        let pause: Int64 =
            isTunnel ? Calendar.day : plan.duration <= 2 * Calendar.hour ? 10 * Calendar.minute : 40 * Calendar.minute
        let cap: (Int) -> Int? = {
            EstateModel.belowYesterday(plan, $0) { estate.sentOut(by: host, on: $0) }
        }
        schedule = Schedule(
            plan, estate, total: total, pause: pause, most: isTunnel ? 1 : max(1, total / 20_000), cap: cap, &random)
        longest = min(
            plan.duration, isTunnel ? (plan.cunning.contains(.businessHours) ? 10 : 23) * Calendar.hour : pause)
        let isIPv6 = host.hasIPv6 && service.hasIPv6
        self.isIPv6 = isIPv6
        var entry = plan.entry(
            part, what: "\(isTunnel ? "Through a tunnel" : "Uploads") from a host to \(service.name)",
            source: ("host", host.address.string), destination: ("domain", service.name),
            addresses: service.addresses.map { isIPv6 ? $0.asIPv6 : $0.string })
        if isIPv6 { entry.sourceAddresses = [host.address.asIPv6] }
        self.entry = entry
    }

    func add(day: Int, to logs: inout DayLogs) {
        let acts = schedule.acts(on: day, estate.world.calendar)
        guard !acts.isEmpty else { return }
        var random = estate.world.random("theft day", label, day)
        var entry = entry
        for act in acts {
            let jitter = isTunnel ? Int64(random.below(20 * 60)) * Calendar.second : 0
            let answered = logs.sensor.lookup(
                at: act.time + jitter, client: host.address, resolver: Server.directory1.address, name: service.name,
                answer: service.addresses[0], lifetime: service.lifetime, isIPv6: isIPv6, &random)
            // Framing of TLS and HTTP adds to what was taken: a quarter of a percent, and some requests.
            let sent = act.amount + act.amount / 400 + random.number(in: 600...2_400)
            let rate = LogNormal(median: 2_000_000, doublings: 0.8).sample(&random)
            let needed = Int64(sent / max(1, rate / 1000)) * 1000 + Int64(random.number(in: 90_000...900_000))
            var flow = Flow(
                time: answered + Int64(random.number(in: 500...4000)), uid: ZeekID(&random), originator: host.address,
                originatorPort: random.number(in: 49_152...65_535), responder: service.addresses[0],
                responderPort: 443, service: "ssl", duration: isTunnel ? longest : max(needed, 1),
                sent: sent, received: random.number(in: 2_000...9_000) + sent / 600)
            flow.isIPv6 = isIPv6
            logs.sensor.connection(flow)
            logs.sensor.tls(flow, name: service.name, certificate: service.certificate, isResumed: false)
            entry.count(flow, seenBy: logs.sensor)
            entry.add("stolen_bytes", act.amount)
        }
        logs.truth.thefts.append(entry)
    }
}
