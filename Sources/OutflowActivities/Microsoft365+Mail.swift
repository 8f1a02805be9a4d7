// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension Microsoft365 {
    /// Reads of mail: `MailItemsAccessed`.
    ///
    /// A Bind lists the messages that were opened within two minutes, a Sync names a folder all of whose items must be
    /// taken as copied. After more than 1,000 records of one mailbox within 24 hours no Bind is recorded for 24 hours,
    /// and the last record says `IsThrottled`.
    /// Source: learn.microsoft.com/purview/audit-log-investigate-accounts.
    ///
    /// - Returns: true; every such record means something.
    static func readMail(_ record: AuditRecord) -> Bool {
        let batch = record.batch
        var isSync = false
        var isThrottled = false
        record.forEachProperty(of: "OperationProperties") { name, value in
            if name == "MailAccessType" { isSync = value == "Sync" }
            if name == "IsThrottled" { isThrottled = value.equalsIgnoringCase("True") }
        }

        let owner = record.text("MailboxOwnerUPN", "UserId", "MailboxGuid")
        let mailbox = EntityView(
            .mailbox, id: record.keepLower(owner.isEmpty ? record.user : owner), tenant: record.tenant)
        let session = record.text("ClientAppId", "SessionId", "AppId")
        var access = MailAccess(
            mark: record.mark, mailbox: mailbox, destination: record.reader, session: record.keepLower(session),
            client: record.keep(record.text("ClientInfoString", "UserAgent")))
        access.isRefused = record.isFailure
        access.isThrottled = isThrottled

        access.firstMessage = batch.messages.count
        if isSync {
            access.wholeFolder = syncedFolder(record)
        } else {
            listMessages(record)
        }
        access.messageCount = batch.messages.count - access.firstMessage
        let count = isSync ? 0 : record.json["OperationCount"]?.count ?? 0
        access.claimed = max(count, UInt64(access.messageCount))
        batch.mail.append(access)

        if isThrottled {
            let from = record.mark.time
            let to = min(from.microseconds + 86_400_000_000, Timestamp.latest.microseconds)
            let what = batch.arena.join(
                Bytes("Exchange Online recorded no opening of messages in "), mailbox.id,
                Bytes(" for 24 hours (IsThrottled)"))
            batch.losses.append(
                LossSeen(from: from, to: Timestamp(microseconds: to), route: .mail, lostPerMillion: nil, what: what))
        }
        return true
    }

    /// Adds the messages that a Bind lists. Two items with one message id are two items.
    private static func listMessages(_ record: AuditRecord) {
        let batch = record.batch
        func add(_ item: JSONValue) {
            let messageID = item.string("InternetMessageId")
            let id = messageID.isEmpty ? item.string("Id") : messageID
            guard !id.isEmpty else { return }
            batch.messages.append(MailAccess.Message(id: batch.arena.copy(id), size: item["SizeInBytes"]?.count))
        }
        record.forEachElement(of: "Folders") { folder in
            if let items = folder["FolderItems"] { for (_, item) in items.elements { add(item) } }
        }
        record.forEachElement(of: "AffectedItems") { add($0) }
        record.forEachElement(of: "Item") { add($0) }
    }

    /// The path of the folder that a Sync copied; of several, the first ten.
    private static func syncedFolder(_ record: AuditRecord) -> Bytes {
        var paths: Bytes = .empty
        var count = 0
        func add(_ path: Bytes) {
            guard !path.isEmpty, count < 10 else { return }
            count += 1
            paths = paths.isEmpty ? record.keep(path) : record.batch.arena.join(paths, Bytes(", "), path)
        }
        record.forEachElement(of: "Folders") { folder in
            add(folder.string.map { AuditRecord.field("Path", of: $0) } ?? folder.string("Path"))
        }
        if paths.isEmpty {
            record.forEachElement(of: "Item") { add($0["ParentFolder"]?.string("Path") ?? .empty) }
        }
        if paths.isEmpty { record.forEachElement(of: "ParentFolder") { add($0.string("Path")) } }
        return paths.isEmpty ? Bytes("a folder whose name is not logged") : paths
    }
}
