// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension Microsoft365 {
    /// Reads of files in SharePoint and OneDrive.
    ///
    /// `FileDownloaded` and `FileSyncDownloaded...` show content leaving, also when the size is not logged. The sizes
    /// (`FileSizeBytes`, and `FileSyncBytesCommitted` of a whole file) are in real records but not in the schema; what
    /// a partial sync moved is taken as unknown.
    /// `FileAccessed` and `FilePreviewed` show that it was opened in the browser, which may or may not fetch all of it.
    /// Of `FileCopied` nothing leaves: the service copies between its own sites, and nothing reaches the client.
    /// Source: learn.microsoft.com/purview/audit-log-activities (file and page, synchronization activities), and the
    /// SharePoint file operations schema of the Management Activity API.
    ///
    /// `FileModified`, `FileUploaded`, `FileSyncUploaded...` and the like give a name new content, as do copies, moves and
    /// renamings to it, deletions and restorations: reads before and after may be of different contents.
    ///
    /// - Returns: whether the record is such a read or write.
    static func readFile(_ record: AuditRecord) -> Bool {
        let operation = record.operation
        let isPartial = operation == "FileSyncDownloadedPartial"
        let isWhole = operation == "FileDownloaded" || operation == "FileSyncDownloadedFull"
        let isOpened =
            operation == "FileAccessed" || operation == "FileAccessedExtended" || operation == "FilePreviewed"
        let isWritten = changes.contains { operation == $0 }
        guard isPartial || isWhole || isOpened || isWritten else { return false }

        // SharePoint does not tell upper from lower case.
        let object = record.keepLower(record.text("ObjectId", "OfficeObjectId", row: "objectId"))
        guard !object.isEmpty else { return false }
        if isWritten {
            guard !record.isFailure else { return false }
            record.batch.writes.append(ObjectWrite(time: record.mark.time, object: object))
            let target = self.target(of: record)
            if !target.isEmpty { record.batch.writes.append(ObjectWrite(time: record.mark.time, object: target)) }
            return true
        }
        guard !isServiceItself(record) else { return false }
        let size = record.json["FileSizeBytes"]?.count
        let synced = record.json["FileSyncBytesCommitted"]?.count
        let access = ObjectAccess(
            mark: record.mark, route: .saasFile,
            state: record.isFailure ? .attempted : isOpened ? .accessed : .taken,
            source: EntityView(.principal, id: record.keepLower(record.user), tenant: record.tenant),
            store: record.keep(record.text("SiteUrl", "Site_Url")), session: record.keepLower(session(record)),
            destination: record.reader, object: object,
            bytes: record.isFailure || isOpened ? nil : isPartial ? nil : size ?? synced,
            part: isPartial || isOpened ? .unknownPart : .whole, objectSize: size,
            client: record.keep(record.text("UserAgent", "ClientInfoString")))
        record.batch.objects.append(access)
        return true
    }

    /// After these a name may stand for other content.
    private static let changes: [StaticString] = [
        "FileModified", "FileModifiedExtended", "FileUploaded", "FileSyncUploadedFull", "FileSyncUploadedPartial",
        "FileCheckedIn", "FileCopied", "FileMoved", "FileRenamed", "FileRestored", "FileDeleted", "FileRecycled",
        "FileDeletedFirstStageRecycleBin", "FileDeletedSecondStageRecycleBin",
    ]

    /// The name to which a file was copied, moved or renamed, as reads of it give it; empty if there is none.
    private static func target(of record: AuditRecord) -> Bytes {
        let name = record.text("DestinationFileName")
        let folder = record.text("DestinationRelativeUrl")
        let site = record.text("SiteUrl", "Site_Url")
        if name.isEmpty || site.isEmpty { return .empty }
        let arena = record.batch.arena
        let slash = Bytes("/")
        return arena.lowercased(
            arena.join(
                record.keep(site), site.hasSuffix("/") ? .empty : slash, record.keep(folder),
                folder.isEmpty ? .empty : slash, record.keep(name)))
    }

    /// The sign-in session, else the application by which the file was read.
    static func session(_ record: AuditRecord) -> Bytes {
        var session: Bytes = .empty
        record.forEachElement(of: "AppAccessContext") { context in
            session = record.keep(context.string("AADSessionId"))
        }
        return session.isEmpty ? record.text("ApplicationId", "ClientAppId") : session
    }

    /// Whether SharePoint itself did it: indexing, previews, migration run under accounts of the service.
    ///
    /// `app@sharepoint` also stands for applications that customers or intruders registered and that read without a
    /// user. Such a read names the application and comes from an address; the service's own lacks one of both.
    private static func isServiceItself(_ record: AuditRecord) -> Bool {
        let user = record.user
        guard user.equalsIgnoringCase("app@sharepoint") || user.equalsIgnoringCase("SHAREPOINT\\system") else {
            return false
        }
        guard record.address != nil else { return true }
        var application = record.text("ApplicationId", "ClientAppId")
        record.forEachElement(of: "AppAccessContext") { context in
            if application.isEmpty { application = record.keep(context.string("ClientAppId")) }
        }
        return application.isEmpty
    }
}
