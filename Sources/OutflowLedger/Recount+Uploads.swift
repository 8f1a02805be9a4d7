// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Counts a transfer of requests with bodies and of files: each content once, on the wire every sending.
///
/// Which records are one sending, and which sendings repeat another, it asks of ``UploadLedger``; the sums are its own.
struct UploadRecount: RecountPart {
    private let transfer: Report.Transfer
    private let source: IPAddress
    private let destinations: Set<IPAddress>
    private var ledger = UploadLedger()
    private let scratch = ActivityBatch()
    private var requests: [Origin: Int] = [:]
    private var files: [Origin: Int] = [:]
    private var identities: Set<UInt64> = []
    private var standings: [Int: Explanation.Standing] = [:]
    private(set) var count = 0

    /// Nil when the id shows that the transfer is of another kind.
    init?(_ transfer: Report.Transfer) {
        guard let source = IPAddress(transfer.source.id), !transfer.service.isEmpty,
            transfer.id
                == Report.Transfer.id(
                    route: transfer.route, state: .taken, source: transfer.source, destination: transfer.destination,
                    service: transfer.service)
        else { return nil }
        self.transfer = transfer
        self.source = source
        let own = IPAddress(transfer.destination.id)
        destinations = Set(transfer.destination.addresses.compactMap { IPAddress($0) } + (own.map { [$0] } ?? []))
    }

    mutating func add(_ batch: ActivityBatch, _ context: inout RecountContext) {
        scratch.clear()
        for upload in batch.uploads {
            guard upload.connection.originator == source, destinations.contains(upload.connection.responder),
                upload.body != 0 || upload.fileID != nil, context.wants(upload.mark.offset)
            else { continue }
            guard HTTPMethod.carriesContent(upload.method) else {
                // No content, but it accounts for its file.
                scratch.uploads.append(upload)
                continue
            }
            let origin = Origin(input: context.input, offset: upload.mark.offset, length: upload.mark.length)
            if upload.body == 0, requests[origin] != nil {
                // Only one more file of the same record.
                scratch.uploads.append(upload)
                continue
            }
            let number = note(&context, upload.mark) {
                .upload(
                    method: upload.method.shortText, host: upload.host.shortText, uri: upload.uri.shortText,
                    status: upload.status, body: upload.body)
            }
            guard let number else { continue }
            requests[origin] = number
            scratch.uploads.append(upload)
        }
        for file in batch.files {
            guard file.sender == source, destinations.contains(file.receiver), context.wants(file.mark.offset) else {
                continue
            }
            let number = note(&context, file.mark) {
                .file(
                    name: file.name.shortText, bytes: Self.bounds(file), hashed: file.content != nil)
            }
            guard let number else { continue }
            files[Origin(input: context.input, offset: file.mark.offset, length: file.mark.length)] = number
            scratch.files.append(file)
        }
        _ = ledger.observe(scratch, input: context.input)
        scratch.clear()
    }

    private mutating func note(
        _ context: inout RecountContext, _ mark: RecordMark, _ fact: () -> Explanation.Fact
    ) -> Int? {
        count += 1
        guard let number = context.match(mark.offset, mark.length, fact) else { return nil }
        if !identities.insert(mark.identity).inserted { standings[number] = .seenAgain }
        return number
    }

    private static func bounds(_ file: FileSeen) -> ByteBounds {
        if let total = file.total { return ByteBounds(atLeast: file.seen, atMost: max(total, file.seen)) }
        let (sum, overflow) = file.seen.addingReportingOverflow(file.missing)
        return ByteBounds(
            atLeast: file.seen, atMost: overflow || sum == FileSeen.unknownMissing ? nil : sum)
    }

    func conclude() -> Recount.Conclusion {
        // All sendings of the pair, in order of time; those under other names or ports explain nothing here.
        let all = ledger.sendings { sender, receiver in sender == source && destinations.contains(receiver) }
        let sendings = all.filter(isMine).sorted { ($0.span.first, $0.identity) < ($1.span.first, $1.identity) }
        var standings = standings
        for sending in all where !isMine(sending) {
            for piece in sending.evidence {
                if let number = requests[piece.origin] ?? files[piece.origin] {
                    standings[number] = .unrelated(reason: "part of another transfer between these hosts")
                }
            }
        }
        let sum = SendingSum(sendings)
        var steps: [Explanation.Step] = []
        var seen: Set<UInt64> = []
        var wire: [UInt64]? = []
        for sending in sendings {
            if let bytes = sending.wire { wire?.append(bytes) } else { wire = nil }
            // The request that a file may be part of is cited with it, and counts by itself.
            let numbers = sending.evidence.compactMap {
                files[$0.origin] ?? (sending.mayBeCounted ? nil : requests[$0.origin])
            }
            // A request and its file are one sending; a second request is another sensor's view of it.
            for other in sending.evidence.compactMap({ requests[$0.origin] }).dropFirst() {
                standings[other] = .seenAgain
            }
            if let content = sending.content, !seen.insert(content).inserted {
                for number in numbers where standings[number] == nil { standings[number] = .repeatsContent }
            }
        }
        let contents = sum.contents.values
        if !contents.isEmpty {
            let times = UInt64(sendings.count { $0.content.map { sum.contents[$0] != nil } ?? false })
            steps.append(
                .remark(
                    "\(Wording.count(times, "sending")) of \(Wording.count(UInt64(contents.count), "content")) that a hash "
                        + "identifies; each content counts once"))
            let upper = contents.map(\.atMost)
            steps += Explanation.sums(
                contents.map(\.atLeast), upper.contains(nil) ? nil : upper.compactMap { $0 },
                what: contents.count < sendings.count ? "contents" : "")
        }
        steps += loose(sendings, sum)
        if let wire, !wire.isEmpty { steps.append(Explanation.sum("on the wire, every sending", wire)) }
        for note in sum.notes.dropFirst(sum.notes.first.map { $0.contains("proven the same") } ?? false ? 1 : 0) {
            steps.append(.remark(note))
        }
        return Recount.Conclusion(
            steps: steps,
            comparisons: [
                .init("at_least", reported: transfer.bytes.atLeast, recounted: sum.bytes.atLeast),
                .init("at_most", reported: transfer.bytes.atMost, recounted: sum.bytes.atMost),
                .init(
                    "on_wire", reported: transfer.onWire,
                    recounted: wire.flatMap { Explanation.total(Explanation.terms($0)) }),
                .init("objects", reported: transfer.distinctObjects, recounted: sum.distinct),
                .init("reads", reported: transfer.reads, recounted: sum.reads),
                .init("records", reported: transfer.records, recounted: sum.records),
            ], standings: standings)
    }

    /// What no hash identifies: sendings that may repeat each other stand together, the largest at least, all at most.
    private func loose(_ sendings: [Sending], _ sum: SendingSum) -> [Explanation.Step] {
        let proven = sum.contents.values.reduce(ByteBounds.zero) { $0 + $1 }
        let low = sum.bytes.atLeast - min(sum.bytes.atLeast, proven.atLeast)
        let high = sum.bytes.atMost.flatMap { all in proven.atMost.map { all - min(all, $0) } }
        guard sendings.contains(where: { $0.content == nil || $0.mayBeCounted }), low > 0 || high != 0 else {
            return []
        }
        let alone = sendings.filter { $0.content == nil && !$0.mayBeCounted }
        var steps: [Explanation.Step] = []
        if alone.count == sendings.count, Set(alone.map(\.chain)).count == alone.count {
            let upper = alone.map(\.bounds.atMost)
            steps += Explanation.sums(
                alone.map(\.bounds.atLeast), upper.contains(nil) ? nil : upper.compactMap { $0 })
        } else {
            steps.append(
                .remark(
                    "sendings that no hash identifies: at least \(low)"
                        + (high.map { ", at most \($0)" } ?? ", no upper bound")
                ))
            steps.append(
                .sum(name: "at least", terms: [proven.atLeast, low].map { .init($0) }, total: sum.bytes.atLeast))
            if let high, let known = proven.atMost {
                steps.append(.sum(name: "at most", terms: [known, high].map { .init($0) }, total: sum.bytes.atMost))
            }
        }
        return steps
    }

    /// Whether a sending belongs to the transfer rather than to another one between the same hosts.
    private func isMine(_ sending: Sending) -> Bool {
        let key = UploadLedger.GroupKey(sending)
        guard key.route == transfer.route, key.service == transfer.service else { return false }
        return key.host == 0
            ? transfer.destination.kind == .address
            : transfer.destination.kind == .domain && ledger.strings.text(key.host) == transfer.destination.id
    }
}
