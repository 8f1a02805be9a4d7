// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The third theft: a mailbox synchronised by an application that its owner never used, from outside. The log says that
/// two folders were copied whole and lists messages read one by one, some with their size (ATT&CK T1114.002, T1550.001).
struct MailboxSync {
    let world: World
    private let address = IPv4(198, 51, 100, 201)

    init(_ world: World) { self.world = world }

    /// Writes the records, and the truth.
    func add(to log: inout AuditLog, _ truth: inout Truth) {
        var random = world.random("mailbox sync")
        let person = world.people[33]
        let client = MailClient(
            info: "Client=WebServices;MailHarbor/3.2;", application: GUID(&random).string, session: GUID(&random))
        var entry = Truth.Entry(
            id: "mailbox-sync", route: "mail", state: "accessed",
            what: "Inbox and Sent Items of a professor, synchronised from outside by a new application",
            source: ("mailbox", person.mail), destination: ("address", address.string), addresses: [address.string])
        entry.onWire = nil
        entry.distinct = 0
        var known = 0
        var listed = Set<GUID>()
        func note(_ id: GUID, _ time: Timestamp, _ messages: [Message]) {
            entry.records += 1
            entry.reads += messages.count
            entry.identities.append(id.string)
            entry.see(time)
            for message in messages where listed.insert(message.id).inserted {
                entry.distinct? += 1
                if message.isSizeLogged { known += message.bytes }
            }
        }

        for (planned, records) in [(3, 24), (4, 9)] {
            var time = world.calendar.at(day: world.calendar.planned(planned), planned == 3 ? 4 : 5, 12)
            OfficeLife(world: world).signIn(person, client.application, from: address, at: time, &log, &random)
            let folders: [StaticString] = ["Inbox", "Sent Items"]
            for folder in folders {
                time = time + Int64(random.number(in: 20...60)) * Calendar.second
                note(log.sync(folder: folder, of: person, by: client, from: address, at: time, &random), time, [])
            }
            var previous: [Message] = []
            for index in 0..<records {
                time = time + Int64(random.number(in: 100...160)) * Calendar.second
                // Some messages are listed once more in the next record.
                let messages =
                    (0..<random.number(in: 6...20)).map { _ in Message(&random) }
                    + (index % 6 == 5 ? Array(previous.prefix(2)) : [])
                let folder: StaticString = index % 4 == 3 ? "Sent Items" : "Inbox"
                note(
                    log.bind(messages, folder: folder, of: person, by: client, from: address, at: time, &random), time,
                    messages)
                previous = messages
            }
        }
        // Two folders were copied whole: what they held beyond the listed messages no record says.
        entry.bytes = ByteBounds(atLeast: UInt64(known), atMost: nil)
        entry.names = ["\\Inbox", "\\Sent Items"]
        entry.details = [("whole_folders", 2), ("bytes_of_listed_sizes", known)]
        truth.thefts.append(entry)
    }
}
