// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEstate
import OutflowRecords

/// The ledger: observes activities, and concludes what left.
///
/// Several threads may observe at the same time. The conclusion is a function of the set of distinct records and the
/// configuration; order, splits, repetitions and threads are of no account, but for what evidence refers to.
public final class Ledger: @unchecked Sendable {
    // Unchecked: `rich` and `bodiesElsewhere` are touched under `lock` only; `flows` guards itself.
    private let flows: FlowLedger
    private let lock = Lock()
    private var rich: RichLedger
    /// Identities of the records of bodies whose connections are not among the flows. Asked once: what tells flows apart is
    /// given back then.
    private var bodiesElsewhere: Set<UInt64>?
    private let finder = RegisteredDomainFinder()

    /// How many network transfers a report lists; the rest is summed. The ledger of a report can be longer by ties and by
    /// transfers of other routes.
    public static let defaultLimit = 10_000

    /// An empty ledger.
    ///
    /// - Parameter keepsDays: whether flows are also summed by day, for a judge.
    public init(keepsDays: Bool = true) {
        flows = FlowLedger(keepsDays: keepsDays)
        let finder = finder
        rich = RichLedger(domainStart: { finder.start(of: $0) })
    }

    /// Adds a batch, whose records come from input number `input`.
    ///
    /// - Parameters:
    ///   - batch: activities of one block of records.
    ///   - input: number of the input that they come from.
    ///   - isNewFlow: called, when given and the batch has flows, with a flag for each of them: whether the ledger
    ///     would be another one without it.
    /// - Returns: how many records had been seen before.
    public func observe(
        _ batch: ActivityBatch, input: UInt32, isNewFlow: ((UnsafeBufferPointer<Bool>) -> Void)? = nil
    ) -> UInt64 {
        var duplicates = flows.observe(batch.flows, input: input, isNew: isNewFlow)
        if batch.hasMoreThanFlows {
            duplicates += lock { rich.observe(batch, input: input) }
        }
        return duplicates
    }

    /// Tells how much of everything was observed so far, 0 to 1: only a matter of speed.
    public func expect(share: Double) { flows.expect(share: share) }

    /// Whether any connection that carried something was observed.
    public var hasConnections: Bool { flows.shards.contains { $0.withTables { $0.groupCount > 0 } } }

    func observeFlows(
        _ batch: [Flow], input: UInt32, isNew: ((UnsafeBufferPointer<Bool>) -> Void)? = nil
    ) -> UInt64 {
        flows.observe(batch, input: input, isNew: isNew)
    }

    func encodeRich(into encoder: inout StateEncoder) { lock { rich.encode(into: &encoder) } }

    /// Adds everything but flows of a partial, whose input `i` is `inputMap[i]` here.
    public func merge(_ decoder: inout StateDecoder, inputMap: [UInt32]) throws(StateError) {
        let finder = finder
        decoder.inputCount = inputMap.count
        let other = try RichLedger(from: &decoder, domainStart: { finder.start(of: $0) })
        lock { rich.merge(other, inputMap: inputMap) }
    }

    /// What everything observed comes to: the last thing that is asked of a ledger.
    ///
    /// - Parameters:
    ///   - estate: networks, sanctions and classes of destinations.
    ///   - inputs: the inputs by their number in `observe`.
    ///   - limit: how many network transfers are listed.
    ///   - threads: how many may work at it.
    public func conclude(
        inputs: [Report.Input], estate: Estate, limit: Int = Ledger.defaultLimit, threads: Int = 1
    ) -> Report {
        var judge = NoJudge()
        return conclude(inputs: inputs, estate: estate, limit: limit, threads: threads, judge: &judge)
    }

    /// What everything observed comes to, with what a judge finds in it: the last thing that is asked of a ledger.
    public func conclude<Judge: LedgerJudge>(
        inputs: [Report.Input], estate: Estate, limit: Int = Ledger.defaultLimit, threads: Int = 1,
        judge: inout Judge
    ) -> Report {
        lock { conclusion(inputs, estate, limit, threads, &judge) }
    }

    private func conclusion<Judge: LedgerJudge>(
        _ inputs: [Report.Input], _ estate: Estate, _ limit: Int, _ threads: Int, _ judge: inout Judge
    ) -> Report {
        var report = Report()
        let dnsClients = rich.queries.clients
        let elsewhere = bodiesElsewhere ?? flows.unseen(rich.uploads.forEachMoment)
        bodiesElsewhere = elsewhere
        let networks = flows.localNetworks(
            estate, clients: dnsClients.union(rich.uploads.clients), threads: threads)
        report.localNetworks = networks.networks
        let end = inputs.compactMap(\.last).max()
        let richConclusion = rich.conclude(
            RichLedger.Context(
                isLocal: networks.contains,
                isOwnDomain: { name in
                    estate.tenants.contains { $0.domains.contains { DomainName.isWithin(name, $0) } }
                },
                isInFlow: { !elsewhere.contains($0) }, end: end))
        let names = richConclusion.names
        let hasNames = !names.isEmpty
        let context = FlowConclusion.Context(
            estate: estate,
            names: { client, address, port, before in
                hasNames ? names.best(client: client, address: address, port: port, before: before) : []
            },
            bodies: richConclusion.uploads.bodies, isLoggedDNSClient: { dnsClients.contains($0) },
            lossPerMillion: { from, to in
                richConclusion.losses.loss(on: .network, from: from, to: to).flatMap(\.perMillion) ?? 0
            },
            limit: limit)
        var concluded = flows.conclude(context, threads: threads, isLocal: networks.contains)
        let wording = FlowWording(
            context: context, evidence: flows.evidence, firstOrigin: flows.firstOrigin,
            hostName: { names.hostName(of: $0, at: $1) })
        var transfers = concluded.sums.map(wording.transfer)
        for transfer in richConclusion.transfers {
            if Self.staysInside(transfer, networks, estate) {
                report.totals.inside.add(transfer)
            } else {
                transfers.append(enriched(transfer, estate, names))
            }
        }
        transfers.sort(by: Self.isBigger)
        report.ledger = transfers
        report.staging = wording.staging(concluded, copies: richConclusion.uploads.copies, ledger: transfers)
        report.gaps = (richConclusion.gaps + flowGaps(concluded, transfers)).sorted(by: Self.isEarlier)
        report.tenants = Set(estate.tenants.map(\.name) + transfers.compactMap(\.source.tenant)).sorted()
        if flows.keepsDays {
            judge.expect(days: flows.shards.reduce(0) { $0 + $1.withTables { $0.days.count } })
            flows.forEachOutboundDay(
                forgets: judge.isLast, names: context.names, isLocal: networks.contains,
                inside: { judge.add(inside: $0) },
                { judge.add($0) })
        }
        let firstOrigin = flows.firstOrigin
        let evidence = flows.evidence
        let span = flows.span
        judge.conclude(
            &report,
            LedgerFacts(
                isLocal: networks.contains, estate: estate, hasNames: hasNames || !dnsClients.isEmpty,
                hostName: { names.hostName(of: $0, at: $1) },
                span: { span($0.member) },
                evidence: { handle, answered in
                    let found = evidence(handle.member, answered)
                    return found.isEmpty ? [firstOrigin(handle.member)] : found.map(\.origin)
                }))
        let named = flows.list(NamedPair.of(report.findings), in: &concluded, context, isLocal: networks.contains)
        if !named.isEmpty {
            report.ledger += named.map(wording.transfer)
            report.ledger.sort(by: Self.isBigger)
            concluded.sums += named
            report.staging = wording.staging(concluded, copies: richConclusion.uploads.copies, ledger: report.ledger)
        }
        for (route, rest) in concluded.rest { report.totals.addUnlisted(rest.total, route: route) }
        for transfer in report.ledger { report.totals.add(transfer) }
        Self.number(inputs, &report)
        return report
    }

    /// Whether who got the data is a host of the local networks, or an account of one of the tenants: then it has not left. A library's documents have left the
    /// publisher wherever the reader sits.
    private static func staysInside(
        _ transfer: Report.Transfer, _ networks: LocalNetworks, _ estate: Estate
    ) -> Bool {
        let destination = transfer.destination
        switch (transfer.route, destination.kind) {
        case (.cloudObject, .address), (.saasFile, .address), (.mail, .address), (.web, .address):
            return IPAddress(destination.id).map(networks.contains) ?? false
        case (.cloudObject, .account), (.snapshot, .account), (.saasFile, .account), (.mail, .account):
            return estate.tenant(ofAccount: destination.id) != nil
        case (.saasFile, .domain), (.mail, .domain):
            return estate.tenants.contains { $0.domains.contains { DomainName.isWithin(destination.id, $0) } }
        default: return false
        }
    }

    /// Class and sanction of a transfer's destination, and the tenant's name.
    private func enriched(_ transfer: Report.Transfer, _ estate: Estate, _ names: NameIndex) -> Report.Transfer {
        var transfer = transfer
        if transfer.source.kind == .host, transfer.source.name == nil, let address = IPAddress(transfer.source.id) {
            transfer.source.name = names.hostName(of: address, at: transfer.last)
        }
        let destination = transfer.destination
        let domain = destination.kind == .domain ? destination.id : nil
        if let domain { transfer.destinationClass = estate.classes.kind(of: domain).rawValue }
        var addresses = destination.addresses.compactMap { IPAddress($0) }
        if destination.kind == .address, let address = IPAddress(destination.id) { addresses.append(address) }
        transfer.isSanctioned =
            estate.sanction(
                domain: domain, addresses: addresses, account: destination.kind == .account ? destination.id : nil,
                route: transfer.route.rawValue) != nil
        return transfer
    }

    /// Biggest unexplained outflow first.
    private static func isBigger(_ a: Report.Transfer, _ b: Report.Transfer) -> Bool {
        if a.isSanctioned != b.isSanctioned { return !a.isSanctioned }
        if a.state != b.state { return rank(a.state) < rank(b.state) }
        if a.bytes.atLeast != b.bytes.atLeast { return a.bytes.atLeast > b.bytes.atLeast }
        let (x, y) = (a.bytes.atMost ?? .max, b.bytes.atMost ?? .max)
        return x != y ? x > y : a.id < b.id
    }

    /// What was taken or read comes before what was only exposed or tried.
    private static func rank(_ state: TransferState) -> Int {
        switch state {
        case .taken: 0
        case .accessed: 1
        case .exposed: 2
        case .attempted: 3
        }
    }

    private static func isEarlier(_ a: Report.Gap, _ b: Report.Gap) -> Bool {
        let left = (a.route.code, a.from?.microseconds ?? .min, a.to?.microseconds ?? .min, a.what, a.effect)
        let right = (b.route.code, b.from?.microseconds ?? .min, b.to?.microseconds ?? .min, b.what, b.effect)
        return left < right
    }

    private func flowGaps(_ flows: FlowConclusion, _ transfers: [Report.Transfer]) -> [Report.Gap] {
        var gaps: [Report.Gap] = []
        func time(_ value: Int64) -> Timestamp { Timestamp(microseconds: value) }
        if flows.unfinished.records > 0 {
            gaps.append(
                Report.Gap(
                    route: .network, from: time(flows.unfinished.first), to: time(flows.unfinished.last),
                    what: "connections were still open when their record was written, or their beginning was not seen",
                    effect: "their figures hold for the recorded stretch only; "
                        + "what they carried before or after is not in these logs"))
        }
        if flows.transit.records > 0 {
            gaps.append(
                Report.Gap(
                    route: .network, from: time(flows.transit.first), to: time(flows.transit.last),
                    what: "\(flows.transit.records) flows between addresses that are both outside the local networks",
                    effect: "they are in no figure; "
                        + "if one end is yours, name its network in networks.local or with --local"))
        }
        let sent = transfers.lazy.filter { $0.route == .network }
        if let first = sent.map(\.first).min(), let last = sent.map(\.last).max() {
            gaps.append(
                Report.Gap(
                    route: .network, from: first, to: last, what: Report.Gap.payloadOnly,
                    effect: "how much of a network transfer was stolen content cannot be told from flows; "
                        + "its bytes bound the payload"))
        }
        return gaps
    }

    /// Numbers that inputs have in a report, which has them in order of path, by their numbers in `observe`.
    public static func reportNumbers(_ inputs: [Report.Input]) -> [UInt32] {
        var numbers = [UInt32](repeating: 0, count: inputs.count)
        for (number, index) in reportOrder(inputs).enumerated() { numbers[index] = UInt32(number) }
        return numbers
    }

    private static func reportOrder(_ inputs: [Report.Input]) -> [Int] {
        inputs.indices.sorted { (inputs[$0].path, $0) < (inputs[$1].path, $1) }
    }

    /// Gives inputs their numbers in the report: in order of path.
    private static func number(_ inputs: [Report.Input], _ report: inout Report) {
        let numbers = reportNumbers(inputs)
        report.inputs = reportOrder(inputs).map { inputs[$0] }
        func renumber(_ origins: inout [Origin]) {
            for index in origins.indices where Int(origins[index].input) < numbers.count {
                origins[index].input = numbers[Int(origins[index].input)]
            }
        }
        for index in report.ledger.indices { renumber(&report.ledger[index].evidence) }
        for index in report.staging.indices { renumber(&report.staging[index].evidence) }
        for index in report.findings.indices { renumber(&report.findings[index].evidence) }
    }
}

extension ActivityBatch {
    /// Whether the batch holds anything but flows.
    public var hasMoreThanFlows: Bool {
        !(objects.isEmpty && writes.isEmpty && mail.isEmpty && exposures.isEmpty && uploads.isEmpty && files.isEmpty
            && names.isEmpty
            && queries.isEmpty && failures.isEmpty && identities.isEmpty && listings.isEmpty && pages.isEmpty
            && losses.isEmpty)
    }
}

extension Report.Totals {
    /// Adds a listed transfer.
    mutating func add(_ transfer: Report.Transfer) {
        if transfer.isSanctioned {
            sanctioned.add(transfer)
            return
        }
        byRoute[transfer.route, default: .init()].add(transfer)
        byState[transfer.state, default: .init()].add(transfer)
    }

    /// Adds transfers that are not listed.
    mutating func addUnlisted(_ total: Report.Total, route: Route) {
        byRoute[route, default: .init()].add(total)
        byState[.taken, default: .init()].add(total)
        unlisted.add(total)
    }
}

extension Report.Total {
    /// Adds another sum.
    mutating func add(_ other: Report.Total) {
        transfers += other.transfers
        bytes += other.bytes
        onWire = Self.sum(onWire, other.onWire)
        reads += other.reads
        records += other.records
    }
}
