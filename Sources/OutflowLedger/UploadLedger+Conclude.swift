// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// What requests with bodies and files that passed a sensor come to.
struct UploadConclusion: Sendable {
    /// Direction of a connection between two hosts, in which bodies were seen.
    struct Pair: Hashable, Sendable {
        var source: IPAddress
        var destination: IPAddress
        /// Port of the connection's responder.
        var port: UInt16
        /// Whether the source opened the connection.
        var fromOriginator: Bool
    }

    /// Bodies seen in one direction between two hosts.
    struct Bodies: Hashable, Sendable {
        /// Bytes on the wire, each sending counted once. Decompressed bodies may be longer than what was sent.
        var wire: ByteBounds
        var span: Span
        /// Each body by itself: its bytes on the wire at least, and when it was seen.
        var pieces: [Piece] = []

        /// One body.
        struct Piece: Hashable, Sendable {
            var wire: UInt64
            var span: Span
        }
    }

    /// A copy between two local hosts: it may have prepared a transfer, and is none.
    struct Copy: Sendable {
        var source: IPAddress
        var destination: IPAddress
        var service: String
        var bytes: ByteBounds
        /// Hashes of the contents where known, in order.
        var contents: [UInt64]
        var span: Span
        var records: UInt64
        var evidence: [Origin]
    }

    /// In order of id.
    var transfers: [Report.Transfer] = []
    /// Hashes of the contents of each transfer, by id: to link copies to transfers.
    var contents: [String: Set<UInt64>] = [:]
    var copies: [Copy] = []
    /// Bodies by pair, local to outside and local to local: flow figures include them, so they must not be counted again.
    var bodies: [Pair: Bodies] = [:]
}

extension UploadLedger {
    /// What makes sendings one transfer.
    struct GroupKey: Hashable {
        var source: IPAddress
        var destination: IPAddress
        var port: UInt16
        var host: UInt32
        var carrier: FileSeen.Carrier

        init(_ sending: Sending) {
            source = sending.source
            destination = sending.destination
            // FTP opens a data connection per file, on any port.
            port = sending.carrier == .ftp ? 0 : sending.port
            host = sending.host
            carrier = sending.carrier
        }

        var route: Route {
            switch carrier {
            case .http: .web
            case .smtp: .email
            case .ftp, .smb, .other: .network
            }
        }

        var service: String {
            let words: [FileSeen.Carrier: String] = [.http: "http", .smtp: "smtp", .ftp: "ftp", .smb: "smb"]
            return ([port == 0 ? nil : "\(port)/tcp", words[carrier]].compactMap { $0 }).joined(separator: " ")
        }
    }

    /// All that left local hosts, and copies between them. What comes from outside is no outflow.
    func conclude(isLocal: (IPAddress) -> Bool) -> UploadConclusion {
        var result = UploadConclusion()
        var groups: [GroupKey: [Sending]] = [:]
        for sending in sendings({ sender, _ in isLocal(sender) }) {
            var key = GroupKey(sending)
            if isLocal(sending.destination) { key.host = 0 }
            groups[key, default: []].append(sending)
            let pair = UploadConclusion.Pair(
                source: sending.source, destination: sending.destination, port: sending.port,
                fromOriginator: sending.fromOriginator)
            if let known = result.bodies[pair] {
                var span = known.span
                span.add(sending.span)
                result.bodies[pair] = .init(
                    wire: known.wire + sending.wireBounds, span: span, pieces: known.pieces)
            } else {
                result.bodies[pair] = .init(wire: sending.wireBounds, span: sending.span)
            }
            if sending.wireBounds.atLeast > 0 {
                result.bodies[pair]?.pieces.append(.init(wire: sending.wireBounds.atLeast, span: sending.span))
            }
        }
        for (key, sendings) in groups {
            let sum = SendingSum(sendings)
            if isLocal(key.destination) {
                result.copies.append(
                    UploadConclusion.Copy(
                        source: key.source, destination: key.destination, service: key.service, bytes: sum.bytes,
                        contents: sum.contents.keys.sorted(), span: sum.span, records: sum.records,
                        evidence: sum.evidence.origins))
            } else {
                let transfer = transfer(key, sum)
                result.contents[transfer.id] = Set(sum.contents.keys)
                result.transfers.append(transfer)
            }
        }
        result.transfers.sort { $0.id < $1.id }
        result.copies.sort {
            ($0.source, $0.destination, $0.service) < ($1.source, $1.destination, $1.service)
        }
        return result
    }

    private func transfer(_ key: GroupKey, _ sum: SendingSum) -> Report.Transfer {
        let address = key.destination.description
        let source = Report.Entity(kind: .host, id: key.source.description)
        let destination =
            key.host == 0
            ? Report.Entity(kind: .address, id: address)
            : Report.Entity(kind: .domain, id: strings.text(key.host), addresses: [address])
        var notes = sum.notes
        let names = Set(sum.names.map { strings.text($0) }).sorted()
        if !names.isEmpty {
            notes.append(
                "named by the log: " + names.prefix(5).joined(separator: ", ")
                    + (names.count > 5 ? " and \(names.count - 5) more" : ""))
        }
        return Report.Transfer(
            id: Report.Transfer.id(
                route: key.route, state: .taken, source: source, destination: destination, service: key.service),
            route: key.route, state: .taken, source: source, destination: destination, service: key.service,
            bytes: sum.bytes, onWire: sum.wire.value, distinctObjects: sum.distinct, reads: sum.reads,
            first: sum.span.from, last: sum.span.to, records: sum.records, evidence: sum.evidence.origins, notes: notes)
    }
}

/// Sendings of one transfer added up, each content once.
struct SendingSum {
    private struct Chain {
        var isProven = false
        var lower: UInt64 = 0
        var upper = KnownSum()
        var members: UInt64 = 0
        var uncounted: UInt64 = 0
    }

    /// Proven contents and their sizes.
    private(set) var contents: [UInt64: ByteBounds] = [:]
    private(set) var bytes = ByteBounds.zero
    private(set) var wire = KnownSum()
    private(set) var distinct: UInt64?
    private(set) var reads: UInt64 = 0
    private(set) var records: UInt64 = 0
    private(set) var span: Span
    private(set) var evidence = StrongestRecords()
    private(set) var names: Set<UInt32> = []
    private(set) var notes: [String] = []

    /// The sum of `sendings`, which are not empty.
    init(_ sendings: [Sending]) {
        span = sendings.first?.span ?? Span(first: 0, last: 0)
        var chains: [Int: Chain] = [:]
        var identities: Set<UInt64> = []
        for sending in sendings {
            span.add(sending.span)
            reads += sending.reads
            wire.add(sending.wire)
            for piece in sending.evidence {
                identities.insert(piece.identity)
                evidence.add(piece)
            }
            names.formUnion(sending.names)
            guard let content = sending.content, !sending.mayBeCounted else { continue }
            contents[content] = contents[content]?.and(sending.bounds) ?? sending.bounds
            chains[sending.chain, default: Chain()].isProven = true
        }
        for sending in sendings where sending.mayBeCounted || sending.content == nil {
            if let content = sending.content, contents[content] != nil { continue }
            var chain = chains[sending.chain] ?? Chain()
            if sending.mayBeCounted {
                chain.uncounted += 1
            } else {
                chain.lower = max(chain.lower, sending.bounds.atLeast)
            }
            chain.upper.add(sending.bounds.atMost)
            chain.members += 1
            chains[sending.chain] = chain
        }
        records = UInt64(identities.count)
        for content in contents.values { bytes += content }
        var loose: UInt64 = 0
        var unsure: UInt64 = 0
        var uncounted: UInt64 = 0
        for chain in chains.values where chain.members > 0 {
            bytes += Self.bounds(lower: chain.isProven ? 0 : chain.lower, upper: chain.upper.value)
            loose += 1
            if chain.members > 1 || chain.isProven { unsure += chain.members - (chain.isProven ? 0 : 1) }
            uncounted += chain.uncounted
        }
        distinct = unsure == 0 && uncounted == 0 ? UInt64(contents.count) + loose : nil
        describe(sendings, unsure: unsure, uncounted: uncounted)
    }

    private static func bounds(lower: UInt64, upper: UInt64?) -> ByteBounds {
        ByteBounds(atLeast: lower, atMost: upper.map { max($0, lower) })
    }

    private mutating func describe(_ sendings: [Sending], unsure: UInt64, uncounted: UInt64) {
        if let distinct, reads > distinct {
            notes.append(
                "\(Wording.count(reads, "sending")) of \(Wording.count(distinct, "content")), proven the same by hash; "
                    + "repeats count once")
        }
        if unsure > 0 {
            notes.append(
                "\(Wording.count(unsure, "sending")) may repeat another, which nothing proves: in the upper bound only")
        }
        if uncounted > 0 {
            notes.append(
                "\(Wording.count(uncounted, "file")) may be part of a request that is counted already: in the upper bound only"
            )
        }
        let unknown = UInt64(sendings.count { $0.bounds.atMost == nil })
        if unknown > 0 { notes.append("size not logged for \(Wording.count(unknown, "sending"))") }
        let missed = UInt64(sendings.count { $0.missedBytes && $0.bounds.atMost != nil })
        if missed > 0 { notes.append("the sensor missed a part of \(Wording.count(missed, "file"))") }
    }
}
