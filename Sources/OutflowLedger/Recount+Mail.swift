// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Counts a transfer of reads of mail: each message once, sizes unknown where the log lists none.
struct MailRecount: RecountPart {
    private struct Read {
        var number: Int
        /// Hash of each listed message's id and of how often it stood before in the same record, and its size.
        var messages: [(id: UInt64, size: UInt64?)]
        var claimed: UInt64
        var isOpen: Bool
    }

    private let transfer: Report.Transfer
    private let mailbox: ReportedText
    private let tenant: ReportedText
    private let destination: ReportedText
    private let session: ReportedText
    private var reads: [UInt64: Read] = [:]
    /// Sizes of messages in all versions of records that came again, by ``MailLedger/key(of:in:)``.
    private var told: [UInt64: AccessLedger.Sizes] = [:]
    private var again: [Int] = []
    private(set) var count = 0

    /// Nil when the id shows that the transfer is of another kind.
    init?(_ transfer: Report.Transfer) {
        guard transfer.route == .mail,
            transfer.id
                == Report.Transfer.id(
                    route: .mail, state: transfer.state, source: transfer.source,
                    destination: transfer.destination.withoutAddresses, session: transfer.session)
        else { return nil }
        self.transfer = transfer
        mailbox = ReportedText(transfer.source.id)
        tenant = ReportedText(transfer.source.tenant)
        destination = ReportedText(transfer.destination.id)
        session = ReportedText(transfer.session)
    }

    mutating func add(_ batch: ActivityBatch, _ context: inout RecountContext) {
        for mail in batch.mail {
            guard mail.isRefused == (transfer.state == .attempted), mail.mailbox.kind == transfer.source.kind,
                mail.destination.kind == transfer.destination.kind, mailbox.matches(mail.mailbox.id),
                tenant.matches(mail.mailbox.tenant), destination.matches(mail.destination.id),
                session.matches(mail.session), context.wants(mail.mark.offset)
            else { continue }
            count += 1
            let range = mail.firstMessage..<mail.firstMessage + mail.messageCount
            let listed = batch.messages[range.clamped(to: 0..<batch.messages.count)]
            var sum = KnownSum()
            for message in listed { sum.add(message.size) }
            let number = context.match(mail.mark.offset, mail.mark.length) {
                .mail(
                    listed: UInt64(listed.count), bytes: listed.isEmpty ? nil : sum.value, claimed: mail.claimed,
                    folder: mail.wholeFolder.map { $0.isEmpty ? "a folder" : $0.shortText },
                    throttled: mail.isThrottled)
            }
            guard let number else { continue }
            var times: [UInt64: UInt64] = [:]
            let messages = listed.map { message in
                let id = ContentHash.of(message.id)
                var hash = ContentHash()
                hash.combine(id)
                hash.combine(times[id] ?? 0)
                times[id, default: 0] += 1
                return (id: hash.value, size: message.size)
            }
            var read = Read(
                number: number, messages: messages, claimed: mail.claimed,
                isOpen: mail.wholeFolder != nil || mail.isThrottled)
            if let known = reads[mail.mark.identity] {
                // Of two versions of a record the one that lists more counts.
                for message in known.messages + read.messages {
                    guard let size = message.size else { continue }
                    let one = AccessLedger.Sizes(low: size, high: size)
                    let key = MailLedger.key(of: message.id, in: mail.mark.identity)
                    told[key] = told[key]?.joined(one) ?? one
                }
                let isBetter = detail(read) > detail(known)
                again.append(isBetter ? known.number : number)
                if !isBetter { (read.messages, read.number) = (known.messages, known.number) }
                read.claimed = max(known.claimed, read.claimed)
                read.isOpen = known.isOpen || read.isOpen
            }
            reads[mail.mark.identity] = read
        }
    }

    private func detail(_ read: Read) -> (Int, Int) { (read.messages.count, read.messages.count { $0.size != nil }) }

    func conclude() -> Recount.Conclusion {
        var standings: [Int: Explanation.Standing] = [:]
        for number in again { standings[number] = .seenAgain }
        var sizes: [UInt64: MessageSizes] = [:]
        var taken: UInt64 = 0
        var unlisted: UInt64 = 0
        var wire: [UInt64]? = []
        for (identity, read) in reads {
            let listed = UInt64(read.messages.count)
            taken += max(listed, read.claimed)
            unlisted += read.claimed - min(read.claimed, listed)
            for message in read.messages {
                let versions = told[MailLedger.key(of: message.id, in: identity)]
                let dispute = message.size == nil ? nil : versions.flatMap { $0.low < $0.high ? $0 : nil }
                sizes[message.id, default: MessageSizes()].add(message.size, dispute)
                if let size = message.size, dispute == nil { wire?.append(size) } else { wire = nil }
            }
        }
        let unsized = UInt64(sizes.values.count { $0.isUnknown })
        let isOpen = reads.values.contains(where: \.isOpen)
        let isComplete = !isOpen && taken > 0 && unlisted == 0 && unsized == 0
        let isRefused = transfer.state == .attempted
        let lower = sizes.values.filter { !$0.isUnknown }.map(\.bounds.atLeast)
        let upper = isComplete ? sizes.values.map { $0.bounds.atMost ?? .max } : nil
        let distinct = unlisted == 0 || reads.count == 1 ? UInt64(sizes.count) + unlisted : nil
        var steps: [Explanation.Step] = [
            Explanation.sum("messages read", reads.values.map { max(UInt64($0.messages.count), $0.claimed) }),
            .remark(
                "\(Wording.count(UInt64(sizes.count), "different message is", "different messages are")) listed"
                    + (unlisted > 0 ? ", \(unlisted) only counted" : "")),
        ]
        if isRefused {
            steps.append(.remark("refused: nothing left"))
        } else {
            if !lower.isEmpty { steps += Explanation.sums(lower, upper, what: "each message once") }
            if unsized > 0 {
                steps.append(.remark("size not logged for \(Wording.count(unsized, "message")): unknown, not zero"))
            }
            if isOpen {
                steps.append(.remark("a whole folder was copied, or records are missing: there is no upper bound"))
            }
        }
        return Recount.Conclusion(
            steps: steps,
            comparisons: [
                .init(
                    "at_least", reported: transfer.bytes.atLeast,
                    recounted: isRefused ? 0 : Explanation.total(Explanation.terms(lower))),
                .init(
                    "at_most", reported: transfer.bytes.atMost,
                    recounted: isRefused ? 0 : upper.flatMap { Explanation.total(Explanation.terms($0)) }),
                .init(
                    "on_wire", reported: transfer.onWire,
                    recounted: isRefused
                        ? 0 : isComplete ? wire.flatMap { Explanation.total(Explanation.terms($0)) } : nil),
                .init("objects", reported: transfer.distinctObjects, recounted: isOpen ? nil : distinct),
                .init("reads", reported: transfer.reads, recounted: taken),
                .init("records", reported: transfer.records, recounted: UInt64(reads.count)),
            ], standings: standings)
    }
}
