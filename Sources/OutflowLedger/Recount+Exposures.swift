// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Counts a transfer of changes of who can reach a thing: they prove no read, and the thing's size is the ceiling.
struct ExposureRecount: RecountPart {
    private let transfer: Report.Transfer
    private let resource: ReportedText
    private let tenant: ReportedText
    private let grantee: ReportedText
    private var identities: Set<UInt64> = []
    private var sizes: [UInt64] = []
    private var actions: [ExposureChange.Action: UInt64] = [:]
    private var standings: [Int: Explanation.Standing] = [:]
    private(set) var count = 0

    /// Nil when the id shows that the transfer is of another kind.
    init?(_ transfer: Report.Transfer) {
        guard
            transfer.id
                == Report.Transfer.id(
                    route: transfer.route, state: transfer.state, source: transfer.source,
                    destination: transfer.destination.withoutAddresses)
        else { return nil }
        self.transfer = transfer
        resource = ReportedText(transfer.source.id)
        tenant = ReportedText(transfer.source.tenant)
        grantee = ReportedText(transfer.destination.id)
    }

    mutating func add(_ batch: ActivityBatch, _ context: inout RecountContext) {
        var lastNew: (UInt64, UInt64)?
        for change in batch.exposures {
            // Who withdraws from everyone withdraws from this grantee too, and the size is the same for all.
            let isForAll = change.action == .sized || change.action == .unshare && change.grantee.id.isEmpty
            guard change.route == transfer.route, (change.action == .refused) == (transfer.state == .attempted),
                change.resource.kind == transfer.source.kind, resource.matches(change.resource.id),
                tenant.matches(change.resource.tenant),
                isForAll || (change.grantee.kind == transfer.destination.kind && grantee.matches(change.grantee.id)),
                context.wants(change.mark.offset)
            else { continue }
            count += 1
            let number = context.match(change.mark.offset, change.mark.length) {
                .exposure(
                    action: change.action, resource: change.resource.id.shortText, grantee: change.grantee.id.shortText,
                    principal: change.principal.shortText, size: change.size)
            }
            guard let number else { continue }
            // One record may make several changes.
            let place = (change.mark.identity, change.mark.offset)
            if !identities.insert(change.mark.identity).inserted, lastNew.map({ $0 != place }) ?? true {
                standings[number] = .seenAgain
                continue
            }
            lastNew = place
            actions[change.action, default: 0] += 1
            if let size = change.size, change.action != .unshare { sizes.append(size) }
        }
    }

    func conclude() -> Recount.Conclusion {
        var steps: [Explanation.Step] = []
        let words: [(ExposureChange.Action, String, String)] = [
            (.share, "share", "shares"), (.taken, "copy or read from outside", "copies or reads from outside"),
            (.unshare, "withdrawal", "withdrawals"), (.refused, "refused attempt", "refused attempts"),
            (.sized, "record of its size", "records of its size"),
        ]
        let seen = words.compactMap { action, one, many in actions[action].map { Wording.count($0, one, many) } }
        if !seen.isEmpty { steps.append(.remark(seen.joined(separator: ", "))) }
        let isRefused = transfer.state == .attempted
        let ceiling = isRefused ? 0 : sizes.max()
        if isRefused {
            steps.append(.remark("refused: nothing left"))
        } else {
            steps.append(.remark("these records show who could reach it, not how much was read: at least 0"))
            steps.append(
                .remark(
                    ceiling.map { "at most the largest size that they tell: \($0)" }
                        ?? "they do not tell its size: there is no upper bound"))
        }
        return Recount.Conclusion(
            steps: steps,
            comparisons: [
                .init("at_least", reported: transfer.bytes.atLeast, recounted: 0),
                .init("at_most", reported: transfer.bytes.atMost, recounted: ceiling),
                // Withdrawals without a share before them are found here too, and are no part of the transfer.
                .init(
                    "records", reported: transfer.records,
                    recounted: max(
                        min(transfer.records, UInt64(identities.count)),
                        UInt64(identities.count) - min(UInt64(identities.count), actions[.unshare] ?? 0))),
            ], standings: standings)
    }
}
