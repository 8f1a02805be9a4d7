// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A message in a mailbox.
struct Message: Sendable {
    let id: GUID
    let bytes: Int
    /// Whether the log tells its size: it does for some items only.
    let isSizeLogged: Bool

    /// A message of usual size: a few ten kilobytes, some with attachments.
    init(_ random: inout Random) {
        id = GUID(&random)
        bytes = min(35_000_000, LogNormal(median: 42_000, doublings: 2).sample(&random))
        isSizeLogged = random.chance(perMille: 620)
    }
}

/// A program by which mailboxes are read, in one session.
struct MailClient: Sendable {
    let info: StaticString
    let application: String
    let session: GUID
}

extension AuditLog {
    /// Messages read one by one: a MailItemsAccessed record of type Bind (learn.microsoft.com, "Use MailItemsAccessed to
    /// investigate compromised accounts").
    mutating func bind(
        _ messages: [Message], folder: StaticString, of person: Person, by client: MailClient, from address: IPv4,
        at time: Timestamp, _ random: inout Random
    ) -> GUID {
        let id = GUID(&random)
        access(id, of: person, by: client, from: address, at: time, type: "Bind") { text in
            text.array("Folders") { text in
                text.object { text in
                    text.array("FolderItems") { text in
                        for message in messages {
                            text.object { text in
                                text.field("Id", hex: message.id.low, digits: 16)
                                text.field("InternetMessageId", "<\(message.id.string)@mail.\(World.domain)>")
                                if message.isSizeLogged { text.field("SizeInBytes", message.bytes) }
                            }
                        }
                    }
                    text.field("Id", "LgAAAAC\(person.index)")
                    text.field("Path", "\\\(folder)")
                }
            }
            text.field("OperationCount", messages.count)
        }
        return id
    }

    /// A folder copied as a whole: a MailItemsAccessed record of type Sync, which lists no messages.
    mutating func sync(
        folder: StaticString, of person: Person, by client: MailClient, from address: IPv4, at time: Timestamp,
        _ random: inout Random
    ) -> GUID {
        let id = GUID(&random)
        access(id, of: person, by: client, from: address, at: time, type: "Sync") { text in
            text.object("Item") { text in
                text.field("Id", "LgAAAAC\(person.index)")
                text.object("ParentFolder") { text in
                    text.field("Id", "LgAAAAC\(person.index)")
                    text.field("Name", "\(folder)")
                    text.field("Path", "\\\(folder)")
                }
            }
            text.field("OperationCount", 1)
        }
        return id
    }

    private mutating func access(
        _ id: GUID, of person: Person, by client: MailClient, from address: IPv4, at time: Timestamp,
        type: StaticString, _ detail: (inout ByteText) -> Void
    ) {
        let head = AuditHead(
            time: time, id: id, operation: "MailItemsAccessed", type: 50, workload: "Exchange", person: person,
            address: address)
        add(head) { text in
            text.field("AppId", client.application)
            text.field("ClientAppId", client.application)
            text.field("ClientIPAddress", address)
            text.field("ClientInfoString", literal: client.info)
            text.field("ExternalAccess", false)
            text.field("InternalLogonType", 0)
            text.field("LogonType", 0)
            text.field("LogonUserSid", "S-1-5-21-1801674531-527237240-682003330-\(person.sid)")
            text.field("MailboxGuid", person.mailbox)
            text.field("MailboxOwnerSid", "S-1-5-21-1801674531-527237240-682003330-\(person.sid)")
            text.field("MailboxOwnerUPN", person.mail)
            text.array("OperationProperties") { text in
                text.object { text in
                    text.field("Name", literal: "MailAccessType")
                    text.field("Value", literal: type)
                }
                text.object { text in
                    text.field("Name", literal: "IsThrottled")
                    text.field("Value", literal: "False")
                }
            }
            text.field("OrganizationName", literal: "unilindenberg.onmicrosoft.example")
            text.field("OriginatingServer", literal: "DB9P191MB1402 (15.20.8678.027)\\r\\n")
            text.field("SessionId", client.session)
            detail(&text)
        }
    }
}
