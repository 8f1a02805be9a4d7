// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Testing

@Suite struct Microsoft365ExposureTests {
    /// Action, resource, grantee's kind and id of every exposure in the log.
    func exposures(_ text: String) -> [String] {
        StreamSample(text).read(as: Microsoft365.self) { batch in
            #expect(batch.rejections.count == 0)
            #expect(batch.irrelevant == (batch.exposures.isEmpty ? 1 : 0))
            return batch.exposures.map {
                "\($0.action) \($0.route.rawValue) \($0.resource.kind.rawValue):\($0.resource.id.string) to "
                    + "\($0.grantee.kind.rawValue):\($0.grantee.id.string)"
            }
        } ?? ["not read"]
    }

    func command(_ operation: String, _ parameters: String, status: String = "True") -> String {
        """
        {"CreationTime":"2024-03-05T11:00:00","Id":"5c","Operation":"\(operation)","OrganizationId":"org","RecordType":1,\
        "ResultStatus":"\(status)","Workload":"Exchange","UserId":"ada@contoso.example","ClientIP":"203.0.113.9:1","ObjectId":"bob",\
        "OrganizationName":"contoso.onmicrosoft.com","Parameters":[\(parameters)]}
        """
    }

    func parameter(_ name: String, _ value: String) -> String { "{\"Name\":\"\(name)\",\"Value\":\"\(value)\"}" }

    @Test func inboxRuleToOutside() {
        let name = parameter("Name", ".")
        #expect(
            exposures(command("New-InboxRule", "\(name),\(parameter("ForwardTo", "Drop@Evil.example"))"))
                == ["share mail mailbox:ada@contoso.example to address:drop@evil.example"])
        #expect(
            exposures(
                command("Set-InboxRule", parameter("RedirectTo", "\\\"X\\\" [SMTP:x@evil.example];y@mail.example")))
                == [
                    "share mail mailbox:ada@contoso.example to address:x@evil.example",
                    "share mail mailbox:ada@contoso.example to address:y@mail.example",
                ])
        #expect(
            exposures(
                command(
                    "New-InboxRule",
                    "\(parameter("Mailbox", "Bob@contoso.example")),\(parameter("ForwardAsAttachmentTo", "smtp:x@evil.example"))"
                )) == ["share mail mailbox:bob@contoso.example to address:x@evil.example"])
    }

    @Test func inboxRuleInsideIsNothing() {
        for target in [
            "bob@contoso.example", "bob@staff.contoso.example", "bob@contoso.onmicrosoft.com", "Bob Builder", "a@",
            "@b.c",
        ] {
            #expect(exposures(command("New-InboxRule", parameter("ForwardTo", target))) == [], "\(target)")
        }
        #expect(exposures(command("New-InboxRule", parameter("MoveToFolder", "RSS"))) == [])
        #expect(exposures(command("New-InboxRule", parameter("From", "x@evil.example"))) == [])
        // A name that merely ends alike is outside.
        #expect(exposures(command("New-InboxRule", parameter("ForwardTo", "a@notcontoso.example"))).count == 1)
    }

    @Test func refusedAndRemovedRules() {
        #expect(
            exposures(command("New-InboxRule", parameter("ForwardTo", "x@evil.example"), status: "False"))
                == ["refused mail mailbox:ada@contoso.example to address:x@evil.example"])
        for operation in ["Remove-InboxRule", "Disable-InboxRule"] {
            #expect(
                exposures(command(operation, parameter("Identity", "ada\\\\123")))
                    == ["unshare mail mailbox:ada@contoso.example to address:"])
        }
        #expect(exposures(command("Remove-InboxRule", parameter("Identity", "x"), status: "False")) == [])
    }

    @Test func mailboxForwarding() {
        let identity = parameter("Identity", "bob@contoso.example")
        #expect(
            exposures(
                command("Set-Mailbox", "\(identity),\(parameter("ForwardingSmtpAddress", "smtp:drop@evil.example"))"))
                == ["share mail mailbox:bob@contoso.example to address:drop@evil.example"])
        #expect(
            exposures(command("Set-Mailbox", "\(identity),\(parameter("ForwardingSmtpAddress", ""))"))
                == ["unshare mail mailbox:bob@contoso.example to address:"])
        #expect(exposures(command("Set-Mailbox", "\(identity),\(parameter("ForwardingAddress", "Carol"))")) == [])
        #expect(exposures(command("Set-Mailbox", "\(identity),\(parameter("AuditEnabled", "True"))")) == [])
    }

    @Test func transportRule() {
        #expect(
            exposures(
                command(
                    "New-TransportRule", "\(parameter("Name", "n")),\(parameter("BlindCopyTo", "drop@evil.example"))"))
                == ["share mail mailbox:*@contoso.onmicrosoft.com to address:drop@evil.example"])
        #expect(exposures(command("New-TransportRule", parameter("SubjectContainsWords", "x@evil.example"))) == [])
        #expect(
            exposures(command("Remove-TransportRule", parameter("Identity", "n")))
                == ["unshare mail mailbox:*@contoso.onmicrosoft.com to address:"])
    }

    @Test func clientRule() {
        func rule(_ operation: String, _ name: String, _ value: String) -> String {
            """
            {"CreationTime":"2024-03-05T11:00:00","Id":"6d","Operation":"UpdateInboxRules","RecordType":2,"ResultStatus":"Succeeded",\
            "Workload":"Exchange","UserId":"ada@contoso.example","MailboxOwnerUPN":"ada@contoso.example","OperationProperties":[\
            {"Name":"RuleOperation","Value":"\(operation)"},{"Name":"\(name)","Value":"\(value)"}]}
            """
        }
        let forward =
            #"[{\"ActionType\":\"Forward\",\"Recipients\":[\"drop@evil.example\"],\"ForwardFlags\":\"None\"}]"#
        let shared = ["share mail mailbox:ada@contoso.example to address:drop@evil.example"]
        #expect(exposures(rule("AddMailboxRule", "RuleActions", forward)) == shared)
        let server =
            #"{\"Conditions\":[\"x@other.example\"],\"Actions\":[{\"Type\":\"RedirectToRecipientsAction\",\"Recipients\":"#
            + #"[{\"Values\":[{\"Value\":\"drop@evil.example\"}]}]}]}"#
        #expect(exposures(rule("ModifyMailboxRule", "ServerRule", server)) == shared)
        #expect(exposures(rule("AddMailboxRule", "RuleActions", "Forward to drop@evil.example")) == shared)
        let move = #"[{\"ActionType\":\"Move\",\"DestinationFolderId\":\"a@evil.example\"}]"#
        #expect(exposures(rule("AddMailboxRule", "RuleActions", move)) == [])
        #expect(exposures(rule("ModifyMailboxRule", "RuleActions", "")) == [])
        #expect(
            exposures(rule("RemoveMailboxRule", "RuleName", "x")) == [
                "unshare mail mailbox:ada@contoso.example to address:"
            ])
        // Sentinel writes the list of properties as a string, so that the actions are JSON inside JSON inside JSON.
        let sentinel = """
            {"OfficeId":"6d","TimeGenerated":"2024-03-05T11:00:00Z","Operation":"UpdateInboxRules","UserId":"ada@contoso.example",\
            "MailboxOwnerUPN":"ada@contoso.example","OperationProperties":"[{\\"Name\\":\\"RuleActions\\",\\"Value\\":\
            \\"[{\\\\\\"ActionType\\\\\\":\\\\\\"Forward\\\\\\",\\\\\\"Recipients\\\\\\":[\\\\\\"drop@evil.example\\\\\\"]}]\\"}]"}
            """
        #expect(exposures(sentinel) == shared)
    }

    @Test func severalGranteesOfOneRecordAreSeveralChanges() {
        let text = command("New-InboxRule", parameter("ForwardTo", "x@evil.example;y@evil.example;X@evil.example"))
        let identities = StreamSample(text).read(as: Microsoft365.self) { $0.exposures.map(\.mark.identity) } ?? []
        #expect(identities.count == 2 && Set(identities).count == 2)
    }

    /// Cost is linear in the record, however many recipients it names.
    @Test func aHostileNumberOfRecipients() {
        let one = parameter("ForwardTo", "a@evil.example;b@contoso.example;a@evil.example")
        let many = repeatElement(one, count: 20_000).joined(separator: ",")
        #expect(exposures(command("New-InboxRule", many)).count == 1)
        let distinct = (0..<20_000).map { parameter("ForwardTo", "u\($0)@evil.example") }.joined(separator: ",")
        #expect(exposures(command("New-InboxRule", distinct)).count == 20_000)
    }

    @Test func sharing() {
        let file = "store:https://c.example/personal/ada/Documents/plan.docx"
        func changed(_ operation: String, _ more: String = "") -> [String] {
            exposures(Microsoft365FileTests.file(operation, more))
        }
        #expect(changed("AnonymousLinkCreated") == ["share saas-file \(file) to public:anyone"])
        #expect(
            changed("SharingLinkCreated", ",\"SharingLinkScope\":\"Anyone\"") == [
                "share saas-file \(file) to public:anyone"
            ])
        #expect(changed("SharingLinkCreated", ",\"SharingLinkScope\":\"Organization\"") == [])
        #expect(changed("CompanyLinkCreated") == [])
        #expect(changed("AnonymousLinkUsed") == ["taken saas-file \(file) to address:203.0.113.9"])
        #expect(changed("AnonymousLinkRemoved") == ["unshare saas-file \(file) to public:anyone"])
        func target(_ type: String, _ name: String) -> String {
            ",\"TargetUserOrGroupType\":\"\(type)\",\"TargetUserOrGroupName\":\"\(name)\""
        }
        let guest = "address:bob_b@example.org"
        let directory = target("Guest", "bob_b_example.org#EXT#@contoso.onmicrosoft.com")
        #expect(changed("SharingSet", directory) == ["share saas-file \(file) to \(guest)"])
        #expect(
            changed("AddedToSecureLink", target("Guest", "urn:spo:guest#Bob_B@example.org")) == [
                "share saas-file \(file) to \(guest)"
            ])
        #expect(changed("RemovedFromSecureLink", directory) == ["unshare saas-file \(file) to \(guest)"])
        #expect(changed("SharingRevoked", directory) == ["unshare saas-file \(file) to \(guest)"])
        #expect(changed("AddedToSecureLink", target("Member", "carol@contoso.example")) == [])
        #expect(changed("SharingSet", target("SharePointGroup", "Site Members")) == [])
        #expect(
            changed("SharingInvitationCreated", target("Guest", "bob_b@example.org")) == [
                "share saas-file \(file) to \(guest)"
            ])
        #expect(
            changed("SharingInvitationCreated", target("Guest", "bob_b@example.org") + ",\"ResultStatus\":\"Failed\"")
                == ["refused saas-file \(file) to \(guest)"])
    }
}
