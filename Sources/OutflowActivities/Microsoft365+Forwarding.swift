// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension Microsoft365 {
    /// Rules that send mail on to outside, and their end.
    ///
    /// - `New-InboxRule`, `Set-InboxRule` (`ForwardTo`, `RedirectTo`, `ForwardAsAttachmentTo`) and `Set-Mailbox`
    ///   (`ForwardingSmtpAddress`, `ForwardingAddress`) change one mailbox;
    /// - `New-TransportRule`, `Set-TransportRule` (`BlindCopyTo`, `RedirectMessageTo`, `CopyTo`, `AddToRecipients`)
    ///   change all of the organisation;
    /// - `UpdateInboxRules` is what Outlook and the web client write, with the actions as JSON in a property.
    ///
    /// A recipient is outside when its domain is not that of the mailbox, of the user or of the organisation (or above
    /// or below it). A recipient without a mail address is an entry of the directory and is taken as inside.
    ///
    /// Records of removal do not name recipients, and a mailbox may have other rules: their grantee is an address with an
    /// empty id, one that is not known. Rules of a mailbox, its own forwarding and transport rules are three means, of
    /// which none ends another.
    /// Source: learn.microsoft.com/powershell/module/exchange (New-InboxRule, Set-Mailbox, New-TransportRule).
    ///
    /// - Returns: whether the record concerns forwarding.
    static func readForwarding(_ record: AuditRecord) -> Bool {
        let operation = record.operation
        if operation == "UpdateInboxRules" { return readClientRule(record) }
        let isRule = operation == "New-InboxRule" || operation == "Set-InboxRule"
        let isTransport = operation == "New-TransportRule" || operation == "Set-TransportRule"
        let isMailbox = operation == "Set-Mailbox"
        let isRuleEnd = operation == "Remove-InboxRule" || operation == "Disable-InboxRule"
        let isTransportEnd = operation == "Remove-TransportRule" || operation == "Disable-TransportRule"
        guard isRule || isTransport || isMailbox || isRuleEnd || isTransportEnd else { return false }

        var named: Bytes = .empty
        var ruleName: Bytes = .empty
        var recipients: [Bytes] = []
        var isEmptied = false
        record.forEachProperty(of: "Parameters") { name, value in
            let isForward =
                isRule && (name == "ForwardTo" || name == "RedirectTo" || name == "ForwardAsAttachmentTo")
                || isMailbox && (name == "ForwardingSmtpAddress" || name == "ForwardingAddress")
                || isTransport
                    && (name == "BlindCopyTo" || name == "RedirectMessageTo" || name == "CopyTo"
                        || name == "AddToRecipients")
            if isForward {
                if value.trimmed.isEmpty || value == "$null" { isEmptied = true }
                recipients.append(record.keep(value))
            } else if name == "Mailbox" || isMailbox && name == "Identity" {
                named = record.keep(value)
            } else if name == "Name" || !isMailbox && name == "Identity" {
                ruleName = record.keep(value)
            }
        }
        let resource =
            isTransport || isTransportEnd
            ? everyMailbox(record, rule: ruleName) : mailbox(record, named: named, isMailbox: isMailbox)
        let means = Bytes(isTransport || isTransportEnd ? "transport-rule" : isMailbox ? "mailbox" : "inbox-rule")
        if isRuleEnd || isTransportEnd { return endForwarding(record, of: resource, by: means) }
        if share(record, resource, by: means, with: recipients) { return true }
        return isEmptied && endForwarding(record, of: resource, by: means)
    }

    /// The rules that a mail client writes: `OperationProperties` with `RuleOperation` (`AddMailboxRule`,
    /// `ModifyMailboxRule`, `RemoveMailboxRule`) and the actions as JSON, in `RuleActions`
    /// (`[{"ActionType":"Forward","Recipients":[...]}]`) or in `ServerRule` (`{"Actions":[...]}`).
    /// Exchange often leaves the actions of a modified rule out; such a record tells nothing.
    private static func readClientRule(_ record: AuditRecord) -> Bool {
        var actions: Bytes = .empty
        var isRemoval = false
        record.forEachProperty(of: "OperationProperties") { name, value in
            if name == "RuleOperation" { isRemoval = value == "RemoveMailboxRule" }
            if name == "RuleActions" || name == "ServerRule" || name == "Actions" { actions = record.keep(value) }
        }
        let resource = mailbox(record, named: .empty, isMailbox: false)
        let means = Bytes("inbox-rule")
        if isRemoval { return endForwarding(record, of: resource, by: means) }
        return share(record, resource, by: means, with: forwardedTo(actions, record.batch))
    }

    /// The recipients of those of a rule's actions that forward or redirect, in no particular syntax.
    private static func forwardedTo(_ actions: Bytes, _ batch: ActivityBatch) -> [Bytes] {
        func isForward(_ text: Bytes) -> Bool {
            text.containsIgnoringCase("forward") || text.containsIgnoringCase("redirect") || text == "Delegate"
        }
        guard !actions.isEmpty else { return [] }
        guard let root = try? batch.innerJSON.parse(copying: actions) else {
            return isForward(actions) ? [actions] : []
        }
        var found: [Bytes] = []
        for (_, action) in (root["Actions"] ?? root).elements {
            var does = false
            for (key, value) in action.members where key == "ActionType" || key == "Type" || key == "$type" {
                if let text = value.string, isForward(text) { does = true }
            }
            if does, let recipients = action["Recipients"] { collect(recipients, into: &found, batch, depth: 8) }
        }
        return found
    }

    /// Adds all strings below `value`, down to `depth` levels.
    private static func collect(_ value: JSONValue, into texts: inout [Bytes], _ batch: ActivityBatch, depth: Int) {
        if let string = value.string { texts.append(batch.arena.copy(string)) }
        guard depth > 0 else { return }
        for (_, element) in value.elements { collect(element, into: &texts, batch, depth: depth - 1) }
        for (_, member) in value.members { collect(member, into: &texts, batch, depth: depth - 1) }
    }

    /// The mailbox that a command changes: the one it names, else its owner's or the user's own.
    private static func mailbox(_ record: AuditRecord, named: Bytes, isMailbox: Bool) -> EntityView {
        var id = named
        if id.isEmpty { id = isMailbox ? record.text("ObjectId") : record.text("MailboxOwnerUPN") }
        if id.isEmpty { id = record.user }
        return EntityView(.mailbox, id: record.keepLower(id), tenant: record.tenant)
    }

    /// What a transport rule applies to: `*@contoso.onmicrosoft.com`.
    private static func everyMailbox(_ record: AuditRecord, rule: Bytes) -> EntityView {
        let organisation = record.text("OrganizationName", "OrganizationId")
        return EntityView(
            .mailbox, id: record.keepLower(record.batch.arena.join(Bytes("*@"), organisation)),
            name: record.batch.arena.join(Bytes("all mailboxes, by transport rule "), rule), tenant: record.tenant)
    }

    private static func endForwarding(_ record: AuditRecord, of resource: EntityView, by means: Bytes) -> Bool {
        guard !record.isFailure else { return false }
        record.batch.exposures.append(
            ExposureChange(
                mark: record.mark, action: .unshare, route: .mail, resource: resource,
                grantee: EntityView(.address, id: .empty), means: means, principal: record.keepLower(record.user)))
        return true
    }

    /// Adds one exposure for every address outside that stands in `recipients`.
    /// - Returns: whether there was one.
    private static func share(
        _ record: AuditRecord, _ resource: EntityView, by means: Bytes, with recipients: [Bytes]
    ) -> Bool {
        let batch = record.batch
        let homes = [
            AuditRecord.domain(of: resource.id), AuditRecord.domain(of: record.keepLower(record.user)),
            record.keepLower(record.text("OrganizationName")),
        ]
        let first = batch.exposures.count
        let principal = record.keepLower(record.user)
        var known: Set<UInt64> = []
        func add(_ text: Bytes) {
            let address = record.keepLower(text)
            let domain = AuditRecord.domain(of: address)
            guard !homes.contains(where: { AuditRecord.isSameOrganisation($0, domain) }),
                known.insert(ContentHash.of(address)).inserted
            else { return }
            batch.exposures.append(
                ExposureChange(
                    mark: record.mark(part: batch.exposures.count - first, of: address),
                    action: record.isFailure ? .refused : .share, route: .mail, resource: resource,
                    grantee: EntityView(.address, id: address), means: means, principal: principal))
        }
        for text in recipients { AuditRecord.forEachMailAddress(in: text, add) }
        return batch.exposures.count > first
    }
}

extension AuditRecord {
    /// The mark of one of several activities of this record: the first has the record's own identity, the others one
    /// that also depends on `detail`, so that none is taken for a repetition of the first.
    func mark(part: Int, of detail: Bytes) -> RecordMark {
        guard part > 0 else { return mark }
        var hash = ContentHash(seed: mark.identity)
        hash.combine(detail)
        var own = mark
        own.identity = hash.value
        return own
    }

    /// What follows the last `@`; empty if there is none.
    static func domain(of address: Bytes) -> Bytes {
        var at = address.count - 1
        while at >= 0, address.start[at] != UInt8(ascii: "@") { at -= 1 }
        return at < 0 ? .empty : address.suffix(from: at + 1)
    }

    /// Whether two domains in lower case are the same, or one lies below the other.
    static func isSameOrganisation(_ a: Bytes, _ b: Bytes) -> Bool {
        guard !a.isEmpty, !b.isEmpty else { return false }
        let (long, short) = a.count >= b.count ? (a, b) : (b, a)
        guard long.suffix(from: long.count - short.count) == short else { return false }
        return long.count == short.count || long[long.count - short.count - 1] == UInt8(ascii: ".")
    }

    /// Calls `body` for everything in `text` that looks like a mail address, whatever stands around it
    /// (`smtp:bob@example.org`, `"Bob" [SMTP:bob@example.org]`). Only plain (dot-atom) addresses are found.
    static func forEachMailAddress(in text: Bytes, _ body: (Bytes) -> Void) {
        func isAtom(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "%"),
                UInt8(ascii: "&"), UInt8(ascii: "~"), UInt8(ascii: "#"):
                true
            default: false
            }
        }
        var from = 0
        while let at = text.firstIndex(of: UInt8(ascii: "@"), from: from) {
            var low = at
            while low > from, isAtom(text[low - 1]) { low -= 1 }
            var high = at + 1
            while high < text.count, isAtom(text[high]) { high += 1 }
            from = high
            while high > at + 1, text[high - 1] == UInt8(ascii: ".") { high -= 1 }
            let domain = text[at + 1..<high]
            if low < at, let dot = domain.firstIndex(of: UInt8(ascii: ".")), dot > 0 { body(text[low..<high]) }
        }
    }
}
