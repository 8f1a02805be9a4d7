// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@Suite struct Microsoft365FileTests {
    static func file(_ operation: String, _ more: String = "", user: String = "ada@contoso.example") -> String {
        """
        {"CreationTime":"2024-03-05T10:00:00","Id":"0b1c","Operation":"\(operation)","OrganizationId":"ORG","RecordType":6,\
        "UserType":0,"Version":1,"Workload":"OneDrive","ClientIP":"203.0.113.9","UserId":"\(user)",\
        "ApplicationId":"d3590ed6","EventSource":"SharePoint","ItemType":"File","SiteUrl":"https://c.example/personal/ada/",\
        "SourceFileName":"plan.docx","ObjectId":"https://c.example/personal/ada/Documents/plan.docx","UserAgent":"Mozilla/5.0"\(more)}
        """
    }

    @Test func downloadIsTakenWithItsSize() {
        let text = Self.file(
            "FileDownloaded", ",\"FileSizeBytes\":48213,\"AppAccessContext\":{\"AADSessionId\":\"S1\"}")
        let seen: Void? = StreamSample(text).read(as: Microsoft365.self, at: 1000) { batch in
            #expect(batch.objects.count == 1 && batch.irrelevant == 0)
            guard let read = batch.objects.first else { return }
            #expect(read.state == .taken && read.route == .saasFile)
            #expect(read.bytes == 48213 && read.objectSize == 48213 && read.part == .whole)
            #expect(read.source.kind == .principal && read.source.id.string == "ada@contoso.example")
            #expect(read.source.tenant.string == "org")
            #expect(read.store.string == "https://c.example/personal/ada/")
            #expect(read.object.string == "https://c.example/personal/ada/documents/plan.docx")
            #expect(read.session.string == "s1")
            #expect(read.destination.kind == .address && read.destination.id.string == "203.0.113.9")
            #expect(read.client.string == "Mozilla/5.0")
            #expect(read.mark.offset == 1000)
        }
        #expect(seen != nil)
    }

    @Test func unknownSizeStaysUnknown() {
        for operation in ["FileDownloaded", "FileSyncDownloadedFull", "FileSyncDownloadedPartial"] {
            let seen: Void? = StreamSample(Self.file(operation)).read(as: Microsoft365.self) { batch in
                #expect(batch.objects.first?.state == .taken)
                #expect(batch.objects.first?.bytes == nil, "\(operation)")
            }
            #expect(seen != nil)
        }
    }

    @Test func syncedSizes() {
        let text = Self.file("FileSyncDownloadedPartial", ",\"FileSizeBytes\":9000,\"FileSyncBytesCommitted\":\"400\"")
        let seen: Void? = StreamSample(text).read(as: Microsoft365.self) { batch in
            #expect(batch.objects.first?.bytes == nil && batch.objects.first?.objectSize == 9000)
            #expect(batch.objects.first?.part == .unknownPart)
        }
        #expect(seen != nil)
        let whole = Self.file("FileSyncDownloadedFull", ",\"FileSyncBytesCommitted\":\"1344200\"")
        #expect(StreamSample(whole).read(as: Microsoft365.self) { $0.objects.first?.bytes } == 1_344_200)
    }

    @Test func openingIsAccessOfUnknownSize() {
        for operation in ["FileAccessed", "FileAccessedExtended", "FilePreviewed"] {
            let seen: Void? = StreamSample(Self.file(operation, ",\"FileSizeBytes\":5")).read(as: Microsoft365.self) {
                batch in
                #expect(batch.objects.first?.state == .accessed)
                #expect(batch.objects.first?.bytes == nil)
            }
            #expect(seen != nil)
        }
    }

    @Test func newContentIsAWrite() {
        for operation in ["FileUploaded", "FileModified", "FileModifiedExtended", "FileDeleted", "FileRestored"] {
            let seen: Void? = StreamSample(Self.file(operation)).read(as: Microsoft365.self) { batch in
                #expect(batch.writes.count == 1 && batch.irrelevant == 0 && batch.objects.isEmpty, "\(operation)")
            }
            #expect(seen != nil)
        }
    }

    /// Copies and renamings give their target new content, under the name that its reads have.
    @Test(arguments: ["FileCopied", "FileMoved", "FileRenamed"]) func newNames(operation: String) {
        let target = ",\"DestinationRelativeUrl\":\"Shared Documents/Old\",\"DestinationFileName\":\"New.docx\""
        let seen: Void? = StreamSample(Self.file(operation, target)).read(as: Microsoft365.self) { batch in
            #expect(batch.objects.isEmpty && batch.writes.count == 2)
            let name = batch.writes.last?.object.string ?? ""
            #expect(name.hasPrefix("https://") && name.hasSuffix("/shared documents/old/new.docx"), "\(name)")
        }
        #expect(seen != nil)
    }

    @Test func othersAreCountedAsIrrelevant() {
        for operation in ["FolderCreated", "UserLoggedIn", "Send"] {
            let seen: Void? = StreamSample(Self.file(operation)).read(as: Microsoft365.self) { batch in
                #expect(batch.records == 1 && batch.irrelevant == 1 && batch.objects.isEmpty, "\(operation)")
            }
            #expect(seen != nil)
        }
    }

    @Test func failedDownloadIsAnAttempt() {
        let text = Self.file("FileDownloaded", ",\"FileSizeBytes\":7,\"ResultStatus\":\"Failed\"")
        let seen: Void? = StreamSample(text).read(as: Microsoft365.self) { batch in
            #expect(batch.objects.first?.state == .attempted && batch.objects.first?.bytes == nil)
        }
        #expect(seen != nil)
    }

    /// SharePoint's own work has no address or no application; an application that reads without a user has both.
    @Test func theServiceItselfIsNoReader() {
        let own = Self.file("FileAccessed", user: "SHAREPOINT\\\\system").replacing(
            "\"ApplicationId\":\"d3590ed6\",", with: "")
        #expect(StreamSample(own).read(as: Microsoft365.self) { $0.irrelevant } == 1)
        let indexing = Self.file("FileDownloaded", user: "app@sharepoint").replacing(
            "\"ClientIP\":\"203.0.113.9\",", with: "")
        #expect(StreamSample(indexing).read(as: Microsoft365.self) { $0.irrelevant } == 1)
        let application = Self.file("FileDownloaded", user: "app@sharepoint")
        #expect(StreamSample(application).read(as: Microsoft365.self) { $0.objects.count } == 1)
    }

    @Test func sentinelNamesAreUnderstood() {
        let row = """
            {"TenantId":"t","OfficeId":"0B1C","RecordType":"SharePointFileOperation","TimeGenerated":"2024-03-05T10:00:00Z",\
            "Operation":"FileDownloaded","OrganizationId":"ORG","OfficeWorkload":"OneDrive","ClientIP":"203.0.113.9:4711",\
            "UserId":"ada@contoso.example","Site_Url":"https://c.example/","OfficeObjectId":"https://c.example/a.txt","Type":"OfficeActivity"}
            """
        #expect(StreamSample(row).score(as: Microsoft365.self) >= 90)
        let seen: Void? = StreamSample(row).read(as: Microsoft365.self) { batch in
            #expect(batch.objects.first?.store.string == "https://c.example/")
            #expect(batch.objects.first?.object.string == "https://c.example/a.txt")
            #expect(batch.objects.first?.destination.id.string == "203.0.113.9")
        }
        #expect(seen != nil)
        let plain = StreamSample(Self.file("FileDownloaded")).read(as: Microsoft365.self) {
            $0.objects.first?.mark.identity
        }
        let sentinel = StreamSample(row).read(as: Microsoft365.self) { $0.objects.first?.mark.identity }
        #expect(plain != nil && plain == sentinel)
    }

    @Test func graphRecordsAreUnderstood() {
        let row = """
            {"id":"0b1c","createdDateTime":"2024-03-05T10:00:00Z","auditLogRecordType":"sharePointFileOperation",\
            "operation":"FileDownloaded","organizationId":"ORG","userType":"regular","userId":"ada@contoso.example",\
            "service":"OneDrive","objectId":"https://c.example/a.txt","clientIp":"203.0.113.9",\
            "auditData":{"@odata.type":"#microsoft.graph.security.defaultAuditData","SourceFileName":"a.txt"}}
            """
        #expect(StreamSample(row).score(as: Microsoft365.self) >= 90)
        let seen: Void? = StreamSample(row).read(as: Microsoft365.self) { batch in
            #expect(batch.objects.first?.object.string == "https://c.example/a.txt")
            #expect(batch.objects.first?.source.id.string == "ada@contoso.example")
            #expect(batch.objects.first?.source.tenant.string == "org")
            #expect(batch.objects.first?.destination.id.string == "203.0.113.9")
        }
        #expect(seen != nil)
    }
}
