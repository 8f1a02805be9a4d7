// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Papers through the library's proxy with other people's accounts, from an address where none of them ever was (ATT&CK
/// T1078, T1213).
struct PaperTheft: Theft {
    private let estate: EstateModel
    private let person: Person
    private let address: IPv4
    private let schedule: Schedule
    private let entry: Truth.Entry
    private let label: Int
    /// Number of the first article: nobody else reads these.
    private let first: Int
    var id: String { entry.id }

    /// The thefts that `plan`, number `number` in its file, comes to: one an account.
    static func all(_ plan: TheftPlan, _ number: Int, _ estate: EstateModel) throws(TheftImpossible) -> [any Theft] {
        guard estate.kind.hasLibrary else {
            throw TheftImpossible(reason: "a \(estate.kind.rawValue) has no library", hint: "--kind university has one")
        }
        guard plan.amount <= 150_000 else {
            throw TheftImpossible(reason: "there are not so many papers", hint: "150000 are the most")
        }
        var random = estate.world.random("theft", number)
        let hosts = try estate.thieves(plan, &random) { estate.readsPapers($0) }
        return hosts.enumerated().map { Self(plan, number, $0, $1, estate) }
    }

    private init(_ plan: TheftPlan, _ number: Int, _ part: Int, _ host: Host, _ estate: EstateModel) {
        self.estate = estate
        person = estate.person(of: host)
        label = number * 1_000 + part
        address = Outsider(number, estate.world).address
        var random = estate.world.random("theft times", number, part)
        first = 300_000 + random.below(199_999)
        let cap: (Int) -> Int? = {
            EstateModel.belowYesterday(plan, $0) { day in
                var proxy = LibraryProxy(estate.world)
                return estate.reading(of: host, on: day, to: &proxy)
            }
        }
        schedule = Schedule(plan, estate, total: plan.part(part), pause: Calendar.day, most: 1, cap: cap, &random)
        entry = plan.entry(
            part, what: "Papers, fetched through the library's proxy with somebody's account",
            source: ("principal", person.account), destination: ("address", address.string),
            addresses: [address.string])
    }

    func add(day: Int, to logs: inout DayLogs) {
        let acts = schedule.acts(on: day, estate.world.calendar)
        guard let begin = acts.first else { return }
        var random = estate.world.random("theft day", label, day)
        var entry = entry
        var number = first + schedule.acts.prefix { $0.time < begin.time }.reduce(0) { $0 + $1.amount }
        for act in acts {
            let session = LibraryProxy.Session(person.account, at: address, &random)
            var reader = Reader(session, from: act.time, random: random)
            let publisher = random.pick(Publisher.allCases)
            reader.enter(publisher, &logs.proxy)
            for _ in 0..<act.amount {
                let article = Article(publisher, 300_000 + (number - 300_000) % 200_000, seed: estate.world.seed)
                number += 1
                reader.pause(9...38)
                reader.open(article, overview: true, assets: 6...14, &logs.proxy)
                reader.pause(1...4)
                entry.see(reader.time)
                reader.fetch(article, &logs.proxy)
            }
            entry.see(reader.time)
            entry.count(reader)
        }
        logs.truth.thefts.append(entry)
    }
}
