// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The ordinary life of mailboxes and shared files: sign-ins, mail read and synchronised by its owner's programs,
/// documents opened, changed and downloaded.
struct OfficeLife {
    /// Application identifiers as Microsoft publishes them: Outlook, Outlook for phones, Exchange on the web.
    private static let desktop = "d3590ed6-52b3-4102-aeff-aad2292ab01c"
    private static let phone = "27922004-5251-4030-b22d-91ecd9a37ea4"
    private static let web = "00000002-0000-0ff1-ce00-000000000000"

    let world: World

    /// Adds the records of day `day`.
    func add(day: Int, to log: inout AuditLog) {
        for person in world.people {
            var random = world.random("office", person.index, day)
            let isFree = world.calendar.isWeekend(day)
            guard random.chance(perMille: isFree ? 220 : 900) else { continue }
            add(person, day: day, isFree: isFree, to: &log, &random)
        }
    }

    /// Adds the day of somebody who works on it; less when it is a free day.
    ///
    /// - Returns: how many messages were read one by one.
    @discardableResult
    func add(_ person: Person, day: Int, isFree: Bool, to log: inout AuditLog, _ random: inout Random) -> Int {
        let calendar = world.calendar
        let busy = isFree ? 1 : 3
        // Usually on campus, behind the university's exit; some days at home.
        let isHome = isFree || person.isAway || random.chance(perMille: 180)
        let address = isHome ? person.home : world.campusExit
        let desktop = MailClient(info: "Client=MSExchangeRPC", application: Self.desktop, session: GUID(&random))
        let phone = MailClient(
            info: "Client=OutlookService;Outlook-iOS/2.0;", application: Self.phone, session: GUID(&random))
        func time() -> Timestamp { calendar.time(on: day, rhythm: isHome ? .reading : .office, &random) }

        for _ in 0..<random.number(in: 1...2) { signIn(person, Self.web, from: address, at: time(), &log, &random) }
        for _ in 0..<random.number(in: 1...busy) {
            _ = log.sync(
                folder: random.pick(["Inbox", "Inbox", "Sent Items", "Calendar"]), of: person, by: desktop,
                from: address, at: time(), &random)
        }
        var read = 0
        for _ in 0..<random.number(in: 1...(2 * busy)) {
            let isPhone = random.chance(perMille: 350)
            let messages = (0..<random.number(in: 1...5)).map { _ in Message(&random) }
            read += messages.count
            _ = log.bind(
                messages, folder: "Inbox", of: person,
                by: isPhone ? phone : desktop, from: isPhone ? person.home : address, at: time(), &random)
        }
        for _ in 0..<random.number(in: 1...(3 * busy)) { file(person, from: address, at: time(), &log, &random) }
        return read
    }

    /// A sign-in (`AzureActiveDirectoryStsLogon`).
    func signIn(
        _ person: Person, _ application: String, from address: IPv4, at time: Timestamp, _ log: inout AuditLog,
        _ random: inout Random
    ) {
        let head = AuditHead(
            time: time, id: GUID(&random), operation: "UserLoggedIn", type: 15, workload: "AzureActiveDirectory",
            person: person, address: address)
        log.add(head) { text in
            text.field("ObjectId", application)
            text.field("AzureActiveDirectoryEventType", 1)
            text.array("ExtendedProperties") { text in
                text.object { text in
                    text.field("Name", literal: "ResultStatusDetail")
                    text.field("Value", literal: "Success")
                }
            }
            text.field("ActorIpAddress", address)
            text.field("ApplicationId", application)
            text.field("ErrorNumber", literal: "0")
        }
    }

    /// Something done to a document in the person's folder or in a team's site.
    private func file(
        _ person: Person, from address: IPv4, at time: Timestamp, _ log: inout AuditLog, _ random: inout Random
    ) {
        let operations: [StaticString] = [
            "FileAccessed", "FileAccessed", "FileAccessed", "FileModified", "FileDownloaded", "FileSyncDownloadedFull",
        ]
        let operation = random.pick(operations)
        let site =
            random.chance(perMille: 600)
            ? "https://unilindenberg-my.sharepoint.com/personal/\(person.account.map { $0 == "." ? "_" : String($0) }.joined())/"
            : "https://unilindenberg.sharepoint.com/sites/institute-\(person.index % 8)/"
        let name = "notes-\(random.below(300)).docx"
        let size = LogNormal(median: 120_000, doublings: 2.2).sample(&random)
        let head = AuditHead(
            time: time, id: GUID(&random), operation: operation, type: 6, workload: "OneDrive", person: person,
            address: address)
        let unique = GUID(&random)
        let isSizeLogged = random.chance(perMille: 500)
        log.add(head) { text in
            text.field("ObjectId", "\(site)Documents/\(name)")
            text.field("ApplicationDisplayName", literal: "Microsoft Office")
            text.field("EventSource", literal: "SharePoint")
            text.field("ItemType", literal: "File")
            text.field("ListItemUniqueId", unique)
            text.field("UserAgent", literal: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36")
            if isSizeLogged { text.field("FileSizeBytes", size) }
            text.field("SiteUrl", site)
            text.field("SourceFileExtension", literal: "docx")
            text.field("SourceFileName", name)
            text.field("SourceRelativeUrl", literal: "Documents")
        }
    }
}
