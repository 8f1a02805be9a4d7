// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowLedger
import OutflowRecords
import Testing

/// Law 5: the truth lies within the bounds; what is unknown is not zero.
@Suite("Law 5: bounds hold the truth")
struct BoundsTests {
    @Test("flows, whatever the sensors missed", arguments: seeds(20))
    func flows(seed: UInt64) throws {
        let world = SmallWorld(seed: seed, kinds: [.zeek, .packets], size: 80)
        var dice = Dice(seed: seed)
        let report = try scanned(world, .random, dice: &dice, threads: 2).report
        var truth: [ConservationTests.Key: Int] = [:]
        for flow in world.flows {
            for (bytes, source, target) in [
                (flow.sent, flow.source, flow.target), (flow.received, flow.target, flow.source),
            ]
            where ConservationTests.isLocal(source) && !ConservationTests.isLocal(target) {
                let service = flow.proto == 1 ? "icmp" : "\(flow.port)/\(flow.proto == 6 ? "tcp" : "udp")"
                truth[.init(source: source, service: service), default: 0] += bytes
            }
        }
        for (key, bytes) in truth {
            let bounds = report.ledger.filter {
                $0.source.id == key.source && $0.service.split(separator: " ").first.map { String($0) } == key.service
            }.reduce(ByteBounds.zero) { $0 + $1.bytes }
            #expect(bounds.atLeast <= bytes, "seed \(seed) \(key)")
            #expect(bounds.atMost ?? .max >= bytes, "seed \(seed) \(key)")
        }
        // Two sensors of one kind or a ceiling that is not logged: an unknown figure is null, on the wire too.
        for transfer in report.ledger where transfer.bytes.atMost == nil { #expect(transfer.onWire == nil) }
    }

    @Test("contents of uploads, each once", arguments: seeds(20))
    func uploads(seed: UInt64) throws {
        let world = SmallWorld(seed: seed, kinds: .uploads, size: 60)
        var dice = Dice(seed: seed)
        let report = try scanned(world, .random, dice: &dice).report
        for (pair, sent) in Dictionary(grouping: world.uploads, by: { [$0.source, $0.target] }) {
            let transfers = report.ledger.filter {
                $0.route == .web && $0.source.id == pair[0] && $0.destination.addresses == [pair[1]]
            }
            let bounds = transfers.reduce(ByteBounds.zero) { $0 + $1.bytes }
            let distinct = Dictionary(grouping: sent, by: \.content).values.reduce(0) { $0 + $1[0].size }
            #expect(transfers.count == 1, "seed \(seed)")
            #expect(
                bounds.atLeast <= distinct && bounds.atMost ?? .max >= distinct, "seed \(seed) \(distinct) \(bounds)")
        }
    }

    /// A read may be a part of an object that another read overlaps.
    @Test("cloud objects, each byte once", arguments: seeds(20))
    func cloud(seed: UInt64) throws {
        let world = SmallWorld(seed: seed, kinds: .cloud)
        var dice = Dice(seed: seed)
        let report = try scanned(world, .random, dice: &dice).report
        // Transfers of several sessions may have brought the same object: per transfer each content counts once, so
        // the truth of all lies between that of objects and that of requests.
        let bounds = try #require(report.totals.byRoute[.cloudObject]).bytes
        let distinct = Dictionary(grouping: world.requests, by: \.object).values.reduce(0) {
            $0 + union($1.map(\.range))
        }
        let all = world.requests.reduce(0) { $0 + $1.range.count }
        #expect(bounds.atLeast <= all && bounds.atMost ?? .max >= distinct, "seed \(seed)")
    }

    @Test("library documents, each byte once", arguments: seeds(20))
    func library(seed: UInt64) throws {
        let world = SmallWorld(seed: seed, kinds: .library, size: 80)
        var dice = Dice(seed: seed)
        let report = try scanned(world, .random, dice: &dice).report
        for transfer in report.ledger {
            let answers = world.documents.filter {
                $0.user == transfer.source.id && $0.session == transfer.session && $0.client == transfer.destination.id
            }
            let truth = Dictionary(grouping: answers, by: \.document).values.reduce(0) { $0 + union($1.map(\.range)) }
            #expect(transfer.bytes.atLeast <= truth && transfer.bytes.atMost ?? .max >= truth, "seed \(seed)")
            if answers.contains(where: { $0.logged == nil }) {
                #expect(transfer.onWire == nil && transfer.bytes.atMost == nil, "seed \(seed)")
            }
        }
    }

    /// A size that no record gives is unknown, never zero.
    @Test func unknownIsNotZero() throws {
        var world = SmallWorld(seed: 0, kinds: [], size: 0)
        world.lines = [
            LogLine(
                .conn,
                [
                    "1750000000.000000", "Ca", "10.1.0.5", "50000", "203.0.113.9", "443", "tcp", nil, "1.5", nil, nil,
                    "SF", "0",
                    "ShADadFf", nil, nil, nil, nil,
                ]),
            LogLine(
                .library,
                text:
                    "192.0.2.7 s1 anna [05/Mar/2025:00:07:21 +0100] \"GET http://j.example.org/doi/pdf/10.1234/abc.5 HTTP/1.1\" 200 -"
            ),
            LogLine(
                .audit,
                text: """
                    {"CreationTime":"2025-03-05T09:14:02","Id":"8E4D1C7A-0a11-4c3e-9a55-2f0d6c1b7e10","Operation":"FileDownloaded","RecordType":6,\
                    "OrganizationId":"t","UserId":"a@c.example","ClientIP":"198.51.100.1","Workload":"SharePoint","ObjectId":"https://c.example/a.docx",\
                    "SiteUrl":"https://c.example/","Version":1}
                    """),
        ]
        var dice = Dice(seed: 1)
        let report = try scanned(world, .plain, dice: &dice).report
        #expect(Set(report.ledger.map(\.route)) == [.network, .library, .saasFile])
        for transfer in report.ledger {
            #expect(transfer.bytes == .unknown && transfer.onWire == nil, "\(transfer.route)")
            #expect(transfer.comparableJSON.contains("\"at_least\":0,\"at_most\":null,\"on_wire\":null"))
        }
    }

    /// Number of bytes in at least one of the ranges: walked from border to border.
    private func union(_ ranges: [Range<Int>]) -> Int {
        let borders = Set(ranges.flatMap { [$0.lowerBound, $0.upperBound] }).sorted()
        return zip(borders, borders.dropFirst()).reduce(0) { sum, piece in
            sum + (ranges.contains { $0.contains(piece.0) } ? piece.1 - piece.0 : 0)
        }
    }
}

extension Report.Transfer {
    /// The transfer as `report.json` has it.
    var comparableJSON: String {
        var report = Report()
        report.ledger = [self]
        return report.comparable
    }
}
