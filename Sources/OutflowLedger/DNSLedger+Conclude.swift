// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

extension DNSLedger {
    /// A client's questions about a domain make a transfer when their distinct names could carry so many bytes,
    static let leastBytes: UInt64 = 1_000
    /// or when there are so many of them. Ordinary names stay below both.
    static let leastNames: UInt64 = 50

    /// The transfers, in order of id, and what was left out of them.
    ///
    /// - Parameters:
    ///   - isLocal: whether an address is inside: only its questions count.
    ///   - isOwn: whether a domain is the organisation's own: what is asked about it stays inside.
    mutating func conclude(
        isLocal: (IPAddress) -> Bool, isOwn: (String) -> Bool
    ) -> (transfers: [Report.Transfer], gaps: [Report.Gap]) {
        let pieces = evidenceByRow()
        let forwarded = forwarded(isLocal)
        var transfers: [Report.Transfer] = []
        var small: (domains: UInt64, bytes: UInt64, span: Span)?
        for (row, key) in rows.keys.enumerated() where key.domain != 0 && isLocal(key.client) {
            let sum = rows.values[row]
            if sum.names == 0 || sum.queries == 0 { continue }
            let domain = strings.text(key.domain)
            if isOwn(domain) { continue }
            let askers = forwarded[UInt32(row)] ?? 0
            // It asked for others; what it asked for itself cannot be told apart, but is none if they asked for as much.
            if askers >= sum.bytes { continue }
            guard sum.bytes >= Self.leastBytes || sum.names >= Self.leastNames else {
                var known = small ?? (0, 0, sum.span)
                known.domains += 1
                known.bytes &+= sum.bytes
                known.span.add(sum.span)
                small = known
                continue
            }
            transfers.append(transfer(key.client, domain, sum, pieces[UInt32(row)] ?? [], isForwarder: askers > 0))
        }
        let gaps = small.map {
            Report.Gap(
                route: .dns, from: $0.span.from, to: $0.span.to,
                what: "\(Wording.count($0.domains, "client's domain", "clients' domains")) with fewer than "
                    + "\(Self.leastNames) distinct names and \(Self.leastBytes) bytes of them",
                effect: "together at most \($0.bytes) bytes could have left in names that are not in the ledger")
        }
        return (transfers.sorted { $0.id < $1.id }, gaps.map { [$0] } ?? [])
    }

    /// Of each row whose client is itself asked as a resolver about the same domain: bytes of the names that local
    /// clients asked it for.
    private func forwarded(_ isLocal: (IPAddress) -> Bool) -> [UInt32: UInt64] {
        var result: [UInt32: UInt64] = [:]
        for asking in resolvers.keys {
            let asker = rows.keys[Int(asking.row)]
            guard asker.client != asking.resolver, isLocal(asker.client),
                let row = rows.find(Key(client: asking.resolver, domain: asker.domain))
            else { continue }
            result[UInt32(row), default: 0] &+= rows.values[Int(asking.row)].bytes
        }
        return result
    }

    private func transfer(
        _ client: IPAddress, _ domain: String, _ sum: Sum, _ pieces: [Evidence], isForwarder: Bool
    ) -> Report.Transfer {
        let source = Report.Entity(kind: .host, id: client.description)
        let destination = Report.Entity(kind: .domain, id: domain)
        var notes = [
            "\(Wording.count(sum.names, "distinct name")) below \(domain) in \(Wording.count(sum.queries, "question")): "
                + "names can carry data; whether these do, the log does not say"
        ]
        if isForwarder { notes.append("this host also asks for others: some of the names are theirs") }
        return Report.Transfer(
            id: Report.Transfer.id(
                route: .dns, state: .taken, source: source, destination: destination, service: "dns"),
            route: .dns, state: .taken, source: source, destination: destination, service: "dns",
            bytes: ByteBounds(atLeast: 0, atMost: sum.bytes), onWire: nil, distinctObjects: sum.names,
            reads: sum.queries,
            first: sum.span.from, last: sum.span.to, records: sum.queries,
            evidence: Evidence.origins(pieces + [sum.best]), notes: notes)
    }
}
