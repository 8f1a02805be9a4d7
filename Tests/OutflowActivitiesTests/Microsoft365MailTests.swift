// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowRecords
import Testing

@Suite struct Microsoft365MailTests {
    /// A Bind as the Management Activity API delivers it; the layout is that of Microsoft's documentation.
    static let bind = """
        {"CreationTime":"2024-03-05T09:14:02","Id":"8E4D1C7A-0a11-4c3e-9a55-2f0d6c1b7e10","Operation":"MailItemsAccessed",\
        "OrganizationId":"11111111-2222-3333-4444-555555555555","RecordType":50,"ResultStatus":"Succeeded","UserKey":"1003","UserType":0,\
        "Version":1,"Workload":"Exchange","UserId":"Ada@contoso.example","ClientIPAddress":"[2001:DB8::7]:50123",\
        "ClientInfoString":"Client=OWA;Action=ViaProxy","MailboxGuid":"d0c5f8ae-9ed7-4e46-bfdf-ea1460f5a31b",\
        "MailboxOwnerUPN":"Ada@contoso.example","OrganizationName":"contoso.onmicrosoft.com","SessionId":"7f21",\
        "OperationProperties":[{"Name":"MailAccessType","Value":"Bind"},{"Name":"IsThrottled","Value":"False"}],\
        "Folders":[{"FolderItems":[{"InternetMessageId":"<a@mx.example>","SizeInBytes":5120},{"InternetMessageId":"<b@mx.example>"},\
        {"InternetMessageId":"<b@mx.example>"}],"Id":"LgAAA","Path":"\\\\Inbox"}],"OperationCount":3}
        """

    @Test func bindListsMessages() throws {
        let seen: Void? = StreamSample(Self.bind).read(as: Microsoft365.self) { batch in
            #expect(batch.records == 1 && batch.irrelevant == 0 && batch.rejections.count == 0)
            #expect(batch.mail.count == 1)
            guard let mail = batch.mail.first else { return }
            #expect(mail.mailbox.kind == .mailbox && mail.mailbox.id.string == "ada@contoso.example")
            #expect(mail.mailbox.tenant.string == "11111111-2222-3333-4444-555555555555")
            #expect(mail.destination.kind == .address && mail.destination.id.string == "2001:db8::7")
            #expect(mail.session.string == "7f21")
            #expect(mail.client.string == "Client=OWA;Action=ViaProxy")
            #expect(mail.claimed == 3 && mail.messageCount == 3)
            #expect(batch.messages.map { $0.id.string } == ["<a@mx.example>", "<b@mx.example>", "<b@mx.example>"])
            #expect(batch.messages.map(\.size) == [5120, nil, nil])
            #expect(mail.wholeFolder == nil && !mail.isThrottled && !mail.isRefused)
            #expect(mail.mark.time.description == "2024-03-05T09:14:02.000000Z")
            #expect(batch.losses.isEmpty)
        }
        #expect(seen != nil)
    }

    @Test func identityIsThatOfTheAuditRecordWhateverTheWrapping() throws {
        func identity(_ text: String) throws -> UInt64 {
            try #require(
                StreamSample(text).read(as: Microsoft365.self) { $0.mail.first?.mark.identity } ?? nil,
                "\(text.prefix(80))")
        }
        let plain = try identity(Self.bind)
        let quoted = Self.bind.replacingOccurrences(of: "\"", with: "\"\"")
        #expect(
            try identity(
                "CreationDate,UserIds,Operations,AuditData\n5/3/2024 09:14,ada,MailItemsAccessed,\"\(quoted)\"\n")
                == plain)
        #expect(
            try identity("{\"ActionType\":\"MailItemsAccessed\",\"RawEventData\":\(Self.bind),\"rawData\":null}")
                == plain)
        let escaped = Self.bind.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(
            of: "\"", with: "\\\"")
        #expect(try identity("{\"RecordType\":50,\"AuditData\":\"\(escaped)\"}") == plain)
        #expect(try identity("{\"operation\":\"MailItemsAccessed\",\"id\":\"x\",\"auditData\":\(Self.bind)}") == plain)
        #expect(try identity(Self.bind.replacingOccurrences(of: "8E4D1C7A", with: "8e4d1c7a")) == plain)
        #expect(try identity(Self.bind.replacingOccurrences(of: "8E4D1C7A", with: "8e4d1c7b")) != plain)
    }

    @Test func syncTakesTheWholeFolder() {
        let sync = Self.bind.replacingOccurrences(of: "\"Bind\"", with: "\"Sync\"")
        let seen: Void? = StreamSample(sync).read(as: Microsoft365.self) { batch in
            #expect(batch.mail.first?.wholeFolder?.string == "\\Inbox")
            #expect(batch.mail.first?.messageCount == 0 && batch.mail.first?.claimed == 0)
            #expect(batch.messages.isEmpty)
        }
        #expect(seen != nil)
        let item = """
            {"CreationTime":"2024-03-05T09:14:02","Id":"1","Operation":"MailItemsAccessed","Workload":"Exchange","UserId":"a@b.example",\
            "OperationProperties":"[{\\"Name\\":\\"MailAccessType\\",\\"Value\\":\\"Sync\\"}]",\
            "Item":{"Id":"LgA","ParentFolder":{"Id":"LgA","Name":"Sent","Path":"\\\\Sent Items"}}}
            """
        #expect(StreamSample(item).read(as: Microsoft365.self) { $0.mail.first?.wholeFolder?.string } == "\\Sent Items")
    }

    @Test func throttlingIsALossOfADay() throws {
        let throttled = Self.bind.replacingOccurrences(of: "\"Value\":\"False\"", with: "\"Value\":\"True\"")
        let seen: Void? = StreamSample(throttled).read(as: Microsoft365.self) { batch in
            #expect(batch.mail.first?.isThrottled == true)
            #expect(batch.losses.count == 1)
            #expect(batch.losses.first?.route == .mail)
            #expect(batch.losses.first?.from.description == "2024-03-05T09:14:02.000000Z")
            #expect(batch.losses.first?.to.description == "2024-03-06T09:14:02.000000Z")
            #expect(batch.losses.first?.what.string.contains("ada@contoso.example") == true)
        }
        #expect(seen != nil)
    }

    @Test func failureIsRefused() {
        let failed = Self.bind.replacingOccurrences(of: "Succeeded", with: "Failed")
        #expect(StreamSample(failed).read(as: Microsoft365.self) { $0.mail.first?.isRefused } == true)
    }

    @Test func withoutAddressTheApplicationIsTheReader() {
        let text = Self.bind.replacingOccurrences(
            of: "\"ClientIPAddress\":\"[2001:DB8::7]:50123\"", with: "\"ClientAppId\":\"5A95\"")
        let seen: Void? = StreamSample(text).read(as: Microsoft365.self) { batch in
            #expect(batch.mail.first?.destination.kind == .account)
            #expect(batch.mail.first?.destination.id.string == "5a95")
            #expect(batch.mail.first?.session.string == "5a95")
        }
        #expect(seen != nil)
    }

    static let corpus = ProcessInfo.processInfo.environment["OUTFLOW_CORPORA"]
    static let unzip = ["/usr/bin/unzip", "/bin/unzip"].first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(.enabled(if: corpus != nil && unzip != nil, "needs OUTFLOW_CORPORA and unzip"))
    func theMailTheftIsOneRecordInTwoExports() throws {
        func export(_ name: String) throws -> StreamSample {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(Self.unzip))
            process.arguments = ["-p", "\(try #require(Self.corpus))/m365/goldensaml-\(name).zip"]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return StreamSample([UInt8](data))
        }
        var identities: Set<UInt64> = []
        for name in ["OfficeActivityEvents", "Microsoft365DefenderEvents"] {
            let log = try export(name)
            #expect(log.score(as: Microsoft365.self) >= 90)
            let seen: Void? = log.read(as: Microsoft365.self) { batch in
                #expect(batch.rejections.count == 0)
                #expect(batch.mail.count == 1 && batch.objects.isEmpty && batch.exposures.isEmpty)
                #expect(batch.irrelevant == batch.records - 1)
                guard let mail = batch.mail.first else { return }
                identities.insert(mail.mark.identity)
                #expect(mail.claimed == 7)
                #expect(mail.messageCount == (name == "OfficeActivityEvents" ? 7 : 0))
                #expect(batch.messages.allSatisfy { $0.size == nil })
                #expect(mail.mailbox.id.string == "pgustavo@simulandlabs.com")
                #expect(mail.destination.id.string == "1.2.3.4")
                #expect(mail.session.string == "5a95e683-08ad-424e-a441-1d1aec52c02c")
                #expect(mail.client.string == "Client=REST;;")
                #expect(mail.wholeFolder == nil && !mail.isThrottled && !mail.isRefused)
            }
            #expect(seen != nil)
        }
        #expect(identities.count == 1)
        #expect(try export("AADAuditEvents").score(as: Microsoft365.self) < 50)
    }
}
