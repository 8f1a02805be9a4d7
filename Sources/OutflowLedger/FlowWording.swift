// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowRecords

/// Puts sums of flows into words: entities, service, notes, evidence.
struct FlowWording {
    let context: FlowConclusion.Context
    let evidence: (FlowSum.Member, _ answered: Bool) -> [Evidence]
    let firstOrigin: (FlowSum.Member) -> Origin
    let hostName: (IPAddress, Timestamp) -> String?

    /// What follows the number of bytes in the note on bodies that are counted as content.
    static let bodiesNote = " bytes of bodies seen inside these flows are counted with their content"
    /// The same for bodies that may be elsewhere.
    static let possibleBodiesNote =
        " bytes of bodies, counted with their content, may have gone in these flows: whether they did is not logged, so that "
        + "the lower bound leaves them out and the upper one does not"

    /// The transfer of a sum.
    func transfer(_ sum: FlowSum) -> Report.Transfer {
        let first = Timestamp(microseconds: sum.first)
        let last = Timestamp(microseconds: sum.last)
        let names =
            sum.name == nil && !sum.answered
            ? context.names(sum.source, sum.destination, sum.port, last) : []
        let addresses = sum.addresses.sorted()
        let source = Report.Entity(kind: .host, id: sum.source.description, name: hostName(sum.source, last))
        let destination: Report.Entity
        if let name = sum.name {
            destination = Report.Entity(kind: .domain, id: name, addresses: addresses.map(\.description))
        } else {
            destination = Report.Entity(
                kind: .address, id: sum.destination.description, name: names.isEmpty ? nil : some(names),
                addresses: [sum.destination.description])
        }
        let service = Self.service(sum)
        let route = sum.route
        // The name of a destination may change with what other logs add; the addresses do not identify a named one.
        var identity = destination
        identity.addresses = []
        var transfer = Report.Transfer(
            id: Report.Transfer.id(
                route: route, state: .taken, source: source, destination: identity,
                service: "\(sum.port)/\(sum.proto)\(sum.answered ? " answered" : "")"),
            route: route, state: .taken, source: source, destination: destination, service: service, bytes: sum.bounds,
            onWire: sum.onWire,
            distinctObjects: nil, reads: 0, first: first, last: last, records: sum.records, evidence: origins(sum),
            notes: notes(sum, names))
        transfer.destinationClass = context.estate.classes.kind(of: sum.name ?? names.first ?? "").rawValue
        transfer.isSanctioned =
            context.estate.sanction(
                domain: sum.name, addresses: addresses, account: nil, route: route.rawValue) != nil
        widen(&transfer)
        return transfer
    }

    private func some(_ names: [String]) -> String {
        names.count <= 3
            ? names.joined(separator: ", ") : names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
    }

    /// "443/tcp tls", "53/udp dns", "icmp".
    static func service(_ sum: FlowSum) -> String {
        let proto: String
        switch sum.proto {
        case 6: proto = "tcp"
        case 17: proto = "udp"
        case 1: return "icmp"
        case 58: return "icmp6"
        default: return "ip protocol \(sum.proto)"
        }
        let words: [(Flow.Services, String)] = [
            (.tls, "tls"), (.http, "http"), (.dns, "dns"), (.smtp, "smtp"), (.ftp, "ftp"), (.ftpData, "ftp-data"),
            (.ssh, "ssh"), (.smb, "smb"), (.quic, "quic"), (.rdp, "rdp"), (.vpn, "vpn"),
            (.carrier, "tunnel"),
        ]
        let seen = words.filter { sum.services.contains($0.0) }.map(\.1).joined(separator: ",")
        return "\(sum.port)/\(proto)" + (seen.isEmpty ? "" : " " + seen)
    }

    private func notes(_ sum: FlowSum, _ names: [String]) -> [String] {
        var notes: [String] = []
        notes.append(
            sum.answered
                ? "payload that the source sent in answer, summed over \(sum.records) \(sum.records == 1 ? "flow" : "flows") opened from outside"
                : "payload of \(sum.records) \(sum.records == 1 ? "flow" : "flows"), protocol overhead above TCP or UDP included"
        )
        if sum.bodies > 0 { notes.append("\(sum.bodies)\(FlowWording.bodiesNote)") }
        if sum.possibleBodies > 0 { notes.append("\(sum.possibleBodies)\(FlowWording.possibleBodiesNote)") }
        if sum.services.contains(.dns), context.isLoggedDNSClient(sum.source) {
            notes.append("the names asked in these flows are told by name too, as at most so many bytes")
        }
        if names.count > 1 {
            notes.append("the destination went by \(names.count) names; which of them got the bytes is not logged")
        }
        if let most = sum.bounds.atMost, most &- sum.bounds.atLeast > sum.possibleBodies {
            notes.append(
                sum.sensors > 1
                    ? "several kinds of sensors report these hosts: the lower bound is the largest of them, the upper bound their sum"
                    : "the sensor missed part of the payload, counts headers, or does not log what it missed: the lower bound leaves out what cannot be proven"
            )
        }
        if sum.services.contains(.carrier) {
            notes.append(
                "a tunnel into which the sensor looks: what runs inside is logged, and counted, as connections of its own, so that "
                    + "the tunnel's bytes are in the upper bound only")
        }
        if sum.services.contains(.unfinished) {
            notes.append(
                "a connection was still open, or its beginning was not seen, when its record was written: the figure holds for the recorded stretch"
            )
        }
        if sum.services.contains(.unbounded) {
            notes.append("the size of at least one flow was not logged: there is no upper bound")
        }
        return notes
    }

    private func origins(_ sum: FlowSum) -> [Origin] {
        let pieces = sum.members.flatMap { evidence($0, sum.answered) }
        if pieces.isEmpty, let earliest = sum.members.map(firstOrigin).min() { return [earliest] }
        return Evidence.origins(pieces)
    }

    /// Raises the upper bound by what the sensors admit to have lost in the transfer's time.
    private func widen(_ transfer: inout Report.Transfer) {
        let lost = context.lossPerMillion(transfer.first, transfer.last)
        guard lost > 0, let atMost = transfer.bytes.atMost else { return }
        transfer.onWire = nil
        guard lost < 1_000_000 else {
            transfer.bytes.atMost = nil
            return
        }
        // A share p lost of the whole means that what was seen is 1 - p of it.
        let (product, overflow) = atMost.multipliedReportingOverflow(by: UInt64(lost))
        let extra = overflow ? nil : product / UInt64(1_000_000 - lost) + 1
        transfer.bytes.atMost = extra.flatMap { more in
            let (sum, overflow) = atMost.addingReportingOverflow(more)
            return overflow ? nil : sum
        }
        transfer.notes.append(
            "the sensor admits to have lost up to \(Double(lost) / 10_000) % of its data in this time: the upper bound is raised by as much"
        )
    }

    /// Internal copies, with the transfers out of where they went.
    func staging(
        _ concluded: FlowConclusion, copies: [UploadConclusion.Copy], ledger: [Report.Transfer]
    ) -> [Report.Staging] {
        var concluded = concluded
        concluded.trimStaging()
        var outOf: [String: [Report.Transfer]] = [:]
        for transfer in ledger where transfer.source.kind == .host && transfer.state == .taken {
            outOf[transfer.source.id, default: []].append(transfer)
        }
        return concluded.staging.map { sum in
            let first = Timestamp(microseconds: sum.first)
            let later = (outOf[sum.destination.description] ?? []).filter { $0.last >= first }
            let service = Self.service(sum)
            var hash = ContentHash(seed: 0x5346_4741_7465_6E67)
            for part in [sum.source.description, sum.destination.description, service, sum.answered ? "answered" : ""] {
                hash.combine(part)
            }
            let digits = String(hash.value, radix: 16)
            return Report.Staging(
                id: "S-" + String(repeating: "0", count: 16 - digits.count) + digits, source: sum.source.description,
                destination: sum.destination.description, service: service, bytes: sum.bounds, first: first,
                last: Timestamp(microseconds: sum.last), records: sum.records,
                followedBy: later.prefix(16).map(\.id), evidence: origins(sum))
        }
    }
}
