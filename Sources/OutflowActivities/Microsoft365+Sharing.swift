// SPDX-License-Identifier: Apache-2.0

import OutflowJSON
import OutflowRecords

extension Microsoft365 {
    /// Sharing of files and sites with people outside, and its end.
    ///
    /// Links for anyone expose to `anyone`; invitations, "specific people" links and grants expose to the guest that
    /// `TargetUserOrGroupName` names, when `TargetUserOrGroupType` is Guest or Partner. Links for the own organisation
    /// (`CompanyLinkCreated`) and grants to members and groups stay inside.
    /// Source: learn.microsoft.com/purview/audit-log-sharing.
    ///
    /// - Returns: whether the record concerns sharing with outside.
    static func readSharing(_ record: AuditRecord) -> Bool {
        let operation = record.operation
        if operation == "AnonymousLinkUsed" { return linkUsed(record) }
        if operation == "AnonymousLinkCreated" || operation == "SharingLinkCreated" && isForAnyone(record) {
            return expose(record, .share, to: anyone)
        }
        if operation == "AnonymousLinkRemoved" || operation == "SharingLinkDeleted" && isForAnyone(record) {
            return expose(record, .unshare, to: anyone)
        }
        if operation == "SharingInvitationCreated" {
            // An invitation goes to someone who is not in the directory yet; the type may be missing.
            return record.text("TargetUserOrGroupType") != "Member" && expose(record, .share, to: guest(record))
        }
        if operation == "SharingInvitationBlocked" { return expose(record, .refused, to: guest(record)) }
        guard isGuest(record) else { return false }
        if operation == "AddedToSecureLink" || operation == "SharingSet" {
            return expose(record, .share, to: guest(record))
        }
        if operation == "RemovedFromSecureLink" || operation == "SharingRevoked"
            || operation == "SharingInvitationRevoked"
        {
            return expose(record, .unshare, to: guest(record))
        }
        return false
    }

    private static var anyone: EntityView { EntityView(.anyone, id: Bytes("anyone")) }

    /// What was reachable by link was opened by somebody who did not sign in: it is taken, to the address if logged.
    private static func linkUsed(_ record: AuditRecord) -> Bool {
        let user = record.address.map { EntityView(.address, id: $0) }
        return expose(record, .taken, to: user ?? anyone)
    }

    private static func isForAnyone(_ record: AuditRecord) -> Bool {
        let scope = record.text("SharingLinkScope")
        // The group that stands for a link: SharingLinks.<file>.AnonymousView.<link>.
        return scope.equalsIgnoringCase("Anyone") || scope.equalsIgnoringCase("Anonymous")
            || record.text("TargetUserOrGroupName").containsIgnoringCase(".Anonymous")
    }

    private static func isGuest(_ record: AuditRecord) -> Bool {
        let type = record.text("TargetUserOrGroupType")
        if type == "Guest" || type == "Partner" { return true }
        let name = record.text("TargetUserOrGroupName")
        return name.containsIgnoringCase("#ext#") || name.containsIgnoringCase("urn:spo:guest#")
    }

    /// The guest's mail address. The directory writes `bob_example.org#EXT#@contoso.onmicrosoft.com` for a guest from
    /// example.org, SharePoint `urn:spo:guest#bob@example.org`.
    private static func guest(_ record: AuditRecord) -> EntityView {
        let name = record.keepLower(record.text("TargetUserOrGroupName"))
        if let mark = name.firstIndex(of: "#ext#") {
            var at = mark - 1
            while at > 0, name[at] != UInt8(ascii: "_") { at -= 1 }
            if at > 0 {
                let address = record.batch.arena.join(name.prefix(upTo: at), Bytes("@"), name[at + 1..<mark])
                return EntityView(.address, id: withoutClaim(address))
            }
        }
        if let mark = name.firstIndex(of: "guest#") { return EntityView(.address, id: name.suffix(from: mark + 6)) }
        var address: Bytes = .empty
        AuditRecord.forEachMailAddress(in: name) { if address.isEmpty { address = $0 } }
        if !address.isEmpty { return EntityView(.address, id: address) }
        return EntityView(.account, id: name.isEmpty ? Bytes("a guest whose name is not logged") : name)
    }

    /// The account behind a claim such as `i:0#.f|membership|`.
    private static func withoutClaim(_ name: Bytes) -> Bytes {
        var from = 0
        while let bar = name.firstIndex(of: UInt8(ascii: "|"), from: from) { from = bar + 1 }
        return name.suffix(from: from)
    }

    private static func expose(_ record: AuditRecord, _ action: ExposureChange.Action, to grantee: EntityView) -> Bool {
        let object = record.text("ObjectId", "OfficeObjectId", row: "objectId")
        let resource = object.isEmpty ? record.text("SiteUrl", "Site_Url") : object
        guard !resource.isEmpty else { return false }
        if record.isFailure, action == .unshare || action == .taken { return false }
        record.batch.exposures.append(
            ExposureChange(
                mark: record.mark, action: record.isFailure ? .refused : action, route: .saasFile,
                resource: EntityView(
                    .store, id: record.keep(resource), name: record.keep(record.text("SourceFileName")),
                    tenant: record.tenant),
                grantee: grantee, principal: record.keepLower(record.user), size: record.json["FileSizeBytes"]?.count))
        return true
    }
}
