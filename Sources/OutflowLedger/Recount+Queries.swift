// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// Counts a transfer of DNS questions: what distinct names below a domain could have carried.
struct QueryRecount: RecountPart {
    private let transfer: Report.Transfer
    private let client: IPAddress
    private let domain: ReportedText
    private let finder = RegisteredDomainFinder()
    private var identities: Set<UInt64> = []
    private var names: Set<UInt64> = []
    private var lengths: [UInt64] = []
    private var standings: [Int: Explanation.Standing] = [:]
    private(set) var count = 0

    /// Nil when the id shows that the transfer is of another kind.
    init?(_ transfer: Report.Transfer) {
        guard let client = IPAddress(transfer.source.id),
            transfer.id
                == Report.Transfer.id(
                    route: .dns, state: .taken, source: transfer.source,
                    destination: transfer.destination.withoutAddresses, service: "dns")
        else { return nil }
        self.transfer = transfer
        self.client = client
        domain = ReportedText(transfer.destination.id)
    }

    mutating func add(_ batch: ActivityBatch, _ context: inout RecountContext) {
        for query in batch.queries where query.client == client {
            let start = min(max(0, finder.start(of: query.name)), query.name.count)
            guard domain.matches(query.name.suffix(from: start)), context.wants(query.mark.offset) else { continue }
            count += 1
            let carried = UInt64(max(0, start - 1))
            let number = context.match(query.mark.offset, query.mark.length) {
                .question(name: query.name.shortText, carried: carried)
            }
            guard let number else { continue }
            guard identities.insert(query.mark.identity).inserted else {
                standings[number] = .seenAgain
                continue
            }
            guard carried > 0 else { continue }
            if names.insert(ContentHash.of(query.name)).inserted {
                lengths.append(carried)
            } else {
                standings[number] = .repeatsContent
            }
        }
    }

    func conclude() -> Recount.Conclusion {
        let sum = Explanation.sum("at most, the part of each distinct name below the domain", lengths)
        return Recount.Conclusion(
            steps: [
                sum, .remark("names can carry data; whether these do, the log does not say: at least 0"),
            ],
            comparisons: [
                .init("at_least", reported: transfer.bytes.atLeast, recounted: 0),
                .init(
                    "at_most", reported: transfer.bytes.atMost,
                    recounted: Explanation.total(Explanation.terms(lengths))),
                .init("objects", reported: transfer.distinctObjects, recounted: UInt64(lengths.count)),
                .init("reads", reported: transfer.reads, recounted: UInt64(identities.count)),
                .init("records", reported: transfer.records, recounted: UInt64(identities.count)),
            ], standings: standings)
    }
}
