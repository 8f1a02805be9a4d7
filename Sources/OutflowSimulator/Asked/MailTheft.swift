// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A mailbox, read from outside by an application that its owner never used: synchronised as a whole, or message by
/// message (ATT&CK T1114.002, T1550.001).
struct MailTheft: Theft {
    private let estate: EstateModel
    private let person: Person
    private let client: MailClient
    private let address: IPv4
    private let isWhole: Bool
    private let schedule: Schedule
    private let entry: Truth.Entry
    private let label: Int
    var id: String { entry.id }

    /// The thefts that `plan`, number `number` in its file, comes to: one a mailbox.
    static func all(_ plan: TheftPlan, _ number: Int, _ estate: EstateModel) throws(TheftImpossible) -> [any Theft] {
        var random = estate.world.random("theft", number)
        let isWhole = plan.unit == .mailboxes
        var shared = plan
        if isWhole { shared.accounts = max(plan.accounts, min(plan.amount, 1_000)) }
        let hosts = try estate.thieves(shared, &random) { $0.role.isHuman }
        let client = MailClient(
            info: "Client=WebServices;MailHarbor/3.2;", application: GUID(&random).string, session: GUID(&random))
        return hosts.enumerated().map { Self(shared, number, $0, $1, client, estate) }
    }

    private init(
        _ plan: TheftPlan, _ number: Int, _ part: Int, _ host: Host, _ client: MailClient, _ estate: EstateModel
    ) {
        self.estate = estate
        person = estate.person(of: host)
        var random = estate.world.random("theft times", number, part)
        self.client = MailClient(info: client.info, application: client.application, session: GUID(&random))
        address = Outsider(number, estate.world).address
        isWhole = plan.unit == .mailboxes
        label = number * 1_000 + part
        let cap: (Int) -> Int? = {
            EstateModel.belowYesterday(plan, $0) { day in
                var log = AuditLog(daily: estate.world)
                return estate.work(of: host, on: day, to: &log)
            }
        }
        schedule = Schedule(
            plan, estate, total: isWhole ? 1 : plan.part(part), pause: isWhole ? .max : 4 * Calendar.hour,
            most: isWhole ? 1 : max(1, plan.part(part) / 40), cap: cap, &random)
        entry = plan.entry(
            part, what: "A mailbox, read from outside by a new application", source: ("mailbox", person.mail),
            destination: ("address", address.string), addresses: [address.string], state: "accessed")
    }

    func add(day: Int, to logs: inout DayLogs) {
        let acts = schedule.acts(on: day, estate.world.calendar)
        guard !acts.isEmpty else { return }
        var random = estate.world.random("theft day", label, day)
        var entry = entry
        entry.onWire = nil
        entry.distinct = 0
        if isWhole { entry.bytes = ByteBounds(atLeast: 0, atMost: nil) }
        func note(_ id: GUID, at time: Timestamp) {
            entry.records += 1
            entry.identities.append(id.string)
            entry.see(time)
        }
        for act in acts {
            var time = act.time
            OfficeLife(world: estate.world).signIn(
                person, client.application, from: address, at: time, &logs.audit, &random)
            if isWhole {
                let folders: [StaticString] = ["Inbox", "Sent Items", "Archive", "Drafts"]
                for folder in folders {
                    time = time + Int64(random.number(in: 15...50)) * Calendar.second
                    let id = logs.audit.sync(
                        folder: folder, of: person, by: client, from: address, at: time, &random)
                    note(id, at: time)
                }
                entry.add("whole_folders", folders.count)
                continue
            }
            var left = act.amount
            while left > 0 {
                let messages = (0..<min(left, random.number(in: 6...20))).map { _ in Message(&random) }
                left -= messages.count
                time = time + Int64(random.number(in: 10...60)) * Calendar.second
                let id = logs.audit.bind(
                    messages, folder: "Inbox", of: person, by: client, from: address, at: time, &random)
                note(id, at: time)
                entry.distinct? += messages.count
                entry.reads += messages.count
                // A message whose size is not logged has no ceiling.
                let sizes = messages.filter(\.isSizeLogged).reduce(0) { $0 + $1.bytes }
                let isAll = messages.allSatisfy(\.isSizeLogged)
                entry.bytes += ByteBounds(atLeast: UInt64(sizes), atMost: isAll ? UInt64(sizes) : nil)
            }
        }
        logs.truth.thefts.append(entry)
    }
}
