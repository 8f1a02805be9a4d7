// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

/// Law 4: what the ledger says is the sum over the distinct records; added up again here, without any of its code.
@Suite("Law 4: conservation")
struct ConservationTests {
    /// A direction between hosts of one service: what flow transfers are compared by, whatever names their destinations have.
    struct Key: Hashable {
        var source: String
        var service: String
    }

    struct Sum: Equatable {
        var lower = 0
        /// nil when no ceiling is known.
        var upper: Int? = 0
        var records = 0
    }

    /// The sums of a world's flows that left, by rules of the formats' documentation.
    static func expected(_ world: SmallWorld, isLocal: (String) -> Bool) -> [Key: Sum] {
        var groups: [[String]: (sums: (Sum, Sum), flow: TrueFlow)] = [:]
        for flow in world.flows {
            let (sent, received) = bounds(flow)
            guard sent.upper != 0 || received.upper != 0 else { continue }
            let key = [flow.source, flow.target, String(flow.port), String(flow.proto)]
            var group = groups[key] ?? ((Sum(), Sum()), flow)
            let isUnbounded = sent.upper == nil || received.upper == nil
            group.sums.0.add(sent, isUnbounded)
            group.sums.1.add(received, isUnbounded)
            groups[key] = group
        }
        var result: [Key: Sum] = [:]
        for (sums, flow) in groups.values {
            for (sum, source, target) in [
                (sums.0, flow.source, flow.target), (sums.1, flow.target, flow.source),
            ] {
                if !isLocal(source) || isLocal(target) || sum.upper == 0 { continue }
                let service = flow.proto == 1 ? "icmp" : "\(flow.port)/\(flow.proto == 6 ? "tcp" : "udp")"
                result[Key(source: source, service: service), default: Sum()].join(sum)
            }
        }
        return result
    }

    /// What all records of one flow prove together: one that saw all of it is right; else each proves its own bounds.
    static func bounds(_ flow: TrueFlow) -> (sent: TrueFlow.Side, received: TrueFlow.Side) {
        if let whole = flow.views.first(where: \.isWhole) { return (whole.sent, whole.received) }
        func widest(_ sides: [TrueFlow.Side]) -> TrueFlow.Side {
            let uppers = sides.map(\.upper)
            return .init(
                lower: sides.map(\.lower).max()!, upper: uppers.contains(nil) ? nil : uppers.compactMap { $0 }.max())
        }
        return (widest(flow.views.map(\.sent)), widest(flow.views.map(\.received)))
    }

    static func isLocal(_ address: String) -> Bool { address.hasPrefix("10.1.") || address.hasPrefix("2001:db8:1:") }

    @Test("flows", arguments: seeds(20))
    func flows(seed: UInt64) throws {
        let world = SmallWorld(seed: seed, kinds: [.zeek, .names, .packets], size: 80)
        var dice = Dice(seed: seed)
        let report = try scanned(world, .random, dice: &dice, threads: 2).report
        var found: [Key: Sum] = [:]
        for transfer in report.ledger where transfer.reads == 0 {
            let service = transfer.service.split(separator: " ").first.map { String($0) } ?? ""
            var sum = Sum()
            sum.lower = Int(transfer.bytes.atLeast)
            sum.upper = transfer.bytes.atMost.map { Int($0) }
            sum.records = Int(transfer.records)
            found[Key(source: transfer.source.id, service: service), default: Sum()].join(sum)
            let isExact = transfer.bytes.atLeast == transfer.bytes.atMost
            #expect(transfer.onWire == (isExact ? transfer.bytes.atMost : nil), "seed \(seed) \(transfer.id)")
        }
        let expected = Self.expected(world, isLocal: Self.isLocal)
        #expect(!expected.isEmpty)
        for (key, sum) in expected {
            let own = try #require(found[key], "seed \(seed) \(key)")
            #expect(own == sum, "seed \(seed) \(key)")
        }
        #expect(Set(found.keys) == Set(expected.keys), "seed \(seed)")
    }

    @Test("totals are the sums of the transfers", arguments: seeds(4))
    func totals(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let report = try scanned(SmallWorld(seed: seed), .random, dice: &dice).report
        for route in Route.allCases {
            let transfers = report.ledger.filter { $0.route == route && !$0.isSanctioned }
            let total = report.totals.byRoute[route] ?? Report.Total()
            #expect(total.transfers == UInt64(transfers.count))
            #expect(total.bytes == transfers.reduce(.zero) { $0 + $1.bytes })
            let isKnown = transfers.allSatisfy { $0.onWire != nil }
            #expect(total.onWire == (isKnown ? transfers.reduce(0) { $0 + ($1.onWire ?? 0) } : nil))
            #expect(total.records == transfers.reduce(0) { $0 + $1.records })
            #expect(total.reads == transfers.reduce(0) { $0 + $1.reads })
        }
    }

    /// Bodies that left inside flows are counted as content or as flow, never as both, and nothing gets lost between.
    @Test("uploads and the flows around them", arguments: seeds(12))
    func uploads(seed: UInt64) throws {
        let world = SmallWorld(seed: seed, kinds: [.uploads, .names])
        var dice = Dice(seed: seed)
        let report = try scanned(world, .random, dice: &dice).report
        for source in Set(world.uploads.map(\.source)) {
            let sent = world.flows.filter { $0.source == source }.reduce(0) { $0 + $1.sent }
            let bodies = world.uploads.filter { $0.source == source }.reduce(0) { $0 + $1.size }
            let web = report.ledger.filter { $0.route == .web && $0.source.id == source }
            let around = report.ledger.filter { $0.route == .network && $0.source.id == source }
            #expect(web.reduce(0) { $0 + ($1.onWire ?? 0) } == UInt64(bodies), "seed \(seed)")
            #expect(around.reduce(0) { $0 + ($1.bytes.atMost ?? 0) } == UInt64(sent - bodies), "seed \(seed)")
            #expect(around.allSatisfy { $0.bytes.atLeast == $0.bytes.atMost }, "seed \(seed)")
            #expect(
                web.reduce(0) { $0 + $1.reads } == world.uploads.count { $0.source == source }, "seed \(seed)")
        }
    }

    /// CloudTrail and the bucket's log tell of one request: it counts once, whoever told of it.
    @Test("reads of cloud objects", arguments: seeds(12))
    func cloud(seed: UInt64) throws {
        let world = SmallWorld(seed: seed, kinds: .cloud)
        var dice = Dice(seed: seed)
        let report = try scanned(world, .random, dice: &dice).report
        let total = try #require(report.totals.byRoute[.cloudObject])
        #expect(total.onWire == UInt64(world.requests.reduce(0) { $0 + $1.range.count }), "seed \(seed)")
        #expect(total.records == UInt64(world.requests.count) && total.reads == total.records, "seed \(seed)")
    }

    @Test("documents through the library proxy", arguments: seeds(12))
    func library(seed: UInt64) throws {
        let world = SmallWorld(seed: seed, kinds: .library, size: 80)
        var dice = Dice(seed: seed)
        let report = try scanned(world, .random, dice: &dice).report
        let groups = Dictionary(grouping: world.documents) { [$0.user, $0.session, $0.client] }
        #expect(report.ledger.count == groups.count)
        for transfer in report.ledger {
            let answers = try #require(groups[[transfer.source.id, transfer.session ?? "", transfer.destination.id]])
            #expect(transfer.records == UInt64(answers.count) && transfer.reads == transfer.records, "seed \(seed)")
            #expect(transfer.distinctObjects == UInt64(Set(answers.map(\.document)).count), "seed \(seed)")
            let isKnown = answers.allSatisfy { $0.logged != nil && $0.isWhole }
            #expect(
                transfer.onWire == (isKnown ? UInt64(answers.reduce(0) { $0 + $1.range.count }) : nil), "seed \(seed)")
        }
    }

    @Test("records of the audit log, in one export or in two", arguments: seeds(12))
    func audit(seed: UInt64) throws {
        let world = SmallWorld(seed: seed, kinds: .audit, size: 60)
        var dice = Dice(seed: seed)
        let report = try scanned(world, .random, dice: &dice).report
        #expect(report.ledger.reduce(0) { $0 + $1.records } == UInt64(world.auditRecords), "seed \(seed)")
    }

    @Test("questions to the DNS", arguments: seeds(6))
    func dns(seed: UInt64) throws {
        let world = SmallWorld(seed: seed, kinds: .names, size: 200)
        var dice = Dice(seed: seed)
        let report = try scanned(world, .random, dice: &dice).report
        let tunnels = Dictionary(grouping: world.questions.filter { $0.name.hasSuffix(".t.example.net") }, by: \.client)
        for (client, questions) in tunnels {
            let transfer = try #require(report.ledger.first { $0.route == .dns && $0.source.id == client })
            let names = Set(questions.map(\.name))
            #expect(transfer.destination.id == "example.net")
            #expect(transfer.reads == UInt64(questions.count) && transfer.distinctObjects == UInt64(names.count))
            #expect(transfer.bytes.atMost == UInt64(names.reduce(0) { $0 + $1.utf8.count - ".example.net".utf8.count }))
        }
    }
}

extension ConservationTests.Sum {
    /// Adds one flow's direction to its group. A group in which any flow has no ceiling has none, in either direction.
    mutating func add(_ side: TrueFlow.Side, _ isUnbounded: Bool) {
        lower += side.lower
        upper = isUnbounded ? nil : upper.flatMap { upper in side.upper.map { upper + $0 } }
        records += 1
    }

    mutating func join(_ other: Self) {
        lower += other.lower
        upper = upper.flatMap { upper in other.upper.map { upper + $0 } }
        records += other.records
    }
}
