// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords

/// What requests with bodies and files that passed a sensor come to.
struct UploadConclusion: Sendable {
    /// One body on its way.
    struct Body: Hashable, Sendable {
        /// Bytes that were on the wire for certain: none where it may be another view of a body before it. Decompressed, a
        /// body may be longer than what was sent.
        var wire: UInt64
        /// Bytes that its content counts at least, here or in a body that is proven the same; no fewer than ``wire``.
        var content: UInt64
        var span: Span
        /// Whether the connection that carried it is among the flows: it was then counted with them.
        var isInFlow: Bool

        /// An order that does not depend on that of the input: by time, then by size.
        static func isTakenFirst(_ a: Body, _ b: Body) -> Bool {
            if a.span.first != b.span.first { return a.span.first < b.span.first }
            if a.span.last != b.span.last { return a.span.last < b.span.last }
            if (a.wire, a.content) != (b.wire, b.content) { return (a.wire, a.content) < (b.wire, b.content) }
            return a.isInFlow && !b.isInFlow
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
    var bodies: [FlowConclusion.Pair: [Body]] = [:]
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
            let known = [port == 0 ? nil : "\(port)/tcp", words[carrier]].compactMap(\.self)
            return known.isEmpty ? "file" : known.joined(separator: " ")
        }
    }

    /// Calls `body` with each record of a body, and the connection that it tells of.
    func forEachMoment(_ body: (ConnectionMoment) -> Void) {
        for (key, upload) in zip(uploads.keys, uploads.values) {
            let connection = Connection(
                originator: addresses.keys[Int(upload.originator)], responder: addresses.keys[Int(upload.responder)],
                originatorPort: upload.originatorPort, responderPort: upload.responderPort, proto: upload.proto)
            body(ConnectionMoment(identity: key.identity, connection: connection, time: upload.time))
        }
        for (identity, file) in zip(files.keys, files.values) {
            let ends = (addresses.keys[Int(file.sender)], addresses.keys[Int(file.receiver)])
            let connection = Connection(
                originator: file.fromOriginator ? ends.0 : ends.1, responder: file.fromOriginator ? ends.1 : ends.0,
                originatorPort: file.clientPort, responderPort: file.port)
            body(ConnectionMoment(identity: identity, connection: connection, time: file.time))
        }
    }

    /// All that left local hosts, and copies between them. What comes from outside is no outflow.
    ///
    /// - Parameter isInFlow: whether the connection of a record is among the flows, by the record's identity.
    func conclude(isLocal: (IPAddress) -> Bool, isInFlow: (UInt64) -> Bool) -> UploadConclusion {
        var result = UploadConclusion()
        var groups: [GroupKey: [Sending]] = [:]
        for sending in sendings({ sender, _ in isLocal(sender) }) {
            var key = GroupKey(sending)
            if isLocal(sending.destination) { key.host = 0 }
            groups[key, default: []].append(sending)
            if let body = sending.body(isInFlow) {
                let pair = FlowConclusion.Pair(
                    source: sending.source, destination: sending.destination, port: sending.port,
                    answered: !sending.fromOriginator)
                result.bodies[pair, default: []].append(body)
            }
        }
        for pair in result.bodies.keys { result.bodies[pair]?.sort(by: UploadConclusion.Body.isTakenFirst) }
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

extension Sending {
    /// What the flow that carried it need not count again; nil if nothing.
    fileprivate func body(_ isInFlow: (UInt64) -> Bool) -> UploadConclusion.Body? {
        // Sent again, or seen again, it is the same content still; so may be what nothing tells from content that counts.
        let counted =
            mayRepeat
            ? bounds.atMost ?? .max
            : content == nil || mayBeCounted ? 0 : min(bounds.atLeast, wireBounds.atMost ?? .max)
        guard max(wireBounds.atLeast, counted) > 0 else { return nil }
        return UploadConclusion.Body(
            wire: wireBounds.atLeast, content: max(wireBounds.atLeast, counted), span: span,
            isInFlow: evidence.contains { isInFlow($0.identity) })
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
                "\(Wording.count(uncounted, "file")) may be part of, or the same as, what is counted already: in the upper bound only"
            )
        }
        if sendings.contains(where: \.isUnpacked) {
            notes.append("answers are counted unpacked: how many bytes they took on the wire is not logged")
        }
        let unknown = UInt64(sendings.count { $0.bounds.atMost == nil })
        if unknown > 0 { notes.append("size not logged for \(Wording.count(unknown, "sending"))") }
        let missed = UInt64(sendings.count { $0.missedBytes && $0.bounds.atMost != nil })
        if missed > 0 { notes.append("the sensor missed a part of \(Wording.count(missed, "file"))") }
    }
}
