// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A theft whose bytes are carried in names that a host looks up, below a domain of the thief's (ATT&CK T1048.003,
/// T1071.004). Each name holds at most 100 bytes in base 32 (RFC 4648), in labels of at most 63 characters (RFC 1035).
struct NameTheft: Theft {
    /// Bytes that one name carries.
    private static let bytesEach = 100
    /// More names than this are refused: they would take more memory than the estate.
    private static let mostNames = 2_000_000

    private let estate: EstateModel
    private let host: Host
    private let domain: String
    private let schedule: Schedule
    private let entry: Truth.Entry
    private let label: Int
    var id: String { entry.id }

    /// The thefts that `plan`, number `number` in its file, comes to: one a host.
    static func all(_ plan: TheftPlan, _ number: Int, _ estate: EstateModel) throws(TheftImpossible) -> [any Theft] {
        guard plan.amount / bytesEach <= mostNames else {
            throw TheftImpossible(
                reason: "more than \(mostNames) names would be needed", hint: "names carry \(bytesEach) bytes each")
        }
        var random = estate.world.random("theft", number)
        let hosts = try estate.thieves(plan, &random) { _ in true }
        return hosts.enumerated().map { Self(plan, number, $0, $1, estate) }
    }

    private init(_ plan: TheftPlan, _ number: Int, _ part: Int, _ host: Host, _ estate: EstateModel) {
        self.estate = estate
        self.host = host
        label = number * 1_000 + part
        let name = Outsider(number, estate.world).name
        domain = String(name[name.index(after: name.firstIndex(of: ".") ?? name.startIndex)...])
        var random = estate.world.random("theft times", number, part)
        let total = plan.part(part)
        let names = max(1, total / Self.bytesEach)
        let cap: (Int) -> Int? = {
            EstateModel.belowYesterday(plan, $0) { estate.asked(by: host, on: $0) }
        }
        schedule = Schedule(
            plan, estate, total: total, pause: max(1, plan.duration / Int64(names)), most: names, cap: cap, &random)
        entry = plan.entry(
            part, what: "Bytes in names below \(domain), looked up by a host", source: ("host", host.address.string),
            destination: ("domain", domain), addresses: [])
    }

    func add(day: Int, to logs: inout DayLogs) {
        let acts = schedule.acts(on: day, estate.world.calendar)
        guard !acts.isEmpty else { return }
        var random = estate.world.random("theft day", label, day)
        var entry = entry
        for act in acts {
            var left = act.amount
            var time = act.time
            while left > 0 {
                let bytes = min(left, Self.bytesEach)
                left -= bytes
                logs.sensor.lookup(
                    at: time, client: host.address, resolver: Server.directory1.address,
                    name: name(carrying: bytes, &random), answer: estate.outsideAnswer, lifetime: 1, &random)
                entry.see(time)
                entry.add("stolen_bytes", bytes)
                if logs.sensor.isSeen(time) {
                    entry.records += 1
                    entry.bytes += .exactly(UInt64(bytes))
                } else {
                    entry.add("missed_records", 1)
                }
                time = time + Int64(random.number(in: 40_000...400_000))
            }
        }
        entry.onWire = nil
        entry.distinct = entry.records
        entry.reads = entry.records
        logs.truth.thefts.append(entry)
    }

    private func name(carrying bytes: Int, _ random: inout Random) -> String {
        let digits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var text = ByteText()
        for index in 0..<(bytes * 8 + 4) / 5 {
            if index > 0, index % 60 == 0 { text.add(".") }
            text.add(byte: digits[random.below(32)])
        }
        text.add(".")
        text.add(text: domain)
        return text.string
    }
}
