// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowEngine
import OutflowEstate
import OutflowLedger
import OutflowReaders
import OutflowRecords
import OutflowSimulator
import Testing

/// Simulated estates from plan to report: thefts of every route are in the ledger with their figures, and a partial that
/// was made without logs is that of the logs.
@Suite("Simulated estates")
struct EstateTests {
    private static let thefts = """
        thefts:
          - {id: quick, route: network, size: 90 MB, over: 1 hour, start: day 1 02:30}
          - {id: split, route: network, size: 6 MB, over: 1 day, start: day 2, cunning: [split-accounts], accounts: 2}
          - {id: tunnel, route: network, size: 8 MB, over: 1 day, start: day 1, cunning: [provider-tunnel]}
          - {id: names, route: dns, size: 20 KB, over: 1 day, start: day 1}
          - {id: bucket, route: cloud-object, size: 60 objects, over: 1 hour, start: day 1 03:00}
          - {id: messages, route: mail, size: 30 messages, over: 1 day, start: day 1 02:30}
          - {id: papers, route: library, size: 12 papers, over: 1 hour, start: day 1 02:30}
        """

    private func simulation(_ kind: EstateKind, library: Bool = true) throws -> EstateSimulation {
        var plan = EstatePlan(kind: kind, hosts: 60, days: 3, seed: 12)
        plan.detail = 30
        // From Friday before clocks change on.
        plan.firstDay = Timestamp.days(year: 2024, month: 3, day: 29)
        plan.zeek = kind == .operator ? .json : .tsv
        let lines = Self.thefts.split(separator: "\n").filter { library || !$0.contains("library") }
        plan.thefts = try TheftFile.parse(Array(lines.joined(separator: "\n").utf8), file: "t.yaml", for: plan)
        return try EstateSimulation(plan)
    }

    private func logs(_ folder: Folder) -> [String] {
        ["zeek", "vpc", "cloudtrail", "m365", "library"].map { folder.path + "/" + $0 }
            .filter { FileManager.default.fileExists(atPath: $0) }
    }

    @Test("A partial made without logs is that of the logs", arguments: [EstateKind.company, .operator])
    func partial(kind: EstateKind) throws {
        let simulation = try simulation(kind, library: false)
        let folder = try Folder()
        _ = try simulation.write(to: folder.path, threads: 2)
        let estate = try Estate.load(path: folder.path + "/outflow.yaml")
        let scan = try scanned(logs(folder), estate: estate, threads: 2)

        let files = simulation.files()
        let direct = Scan(ScanPlan(paths: [], threads: 2)) {
            files.next().map { SuppliedFile(path: folder.path + "/" + $0.path, bytes: $0.bytes) }
        }
        let writer = try PartialWriter(path: folder.path + "/it.partial")
        try direct.observe(keeping: writer)
        try direct.finish(writer)
        let merge = Merge()
        try merge.add(folder.path + "/it.partial")
        let merged = merge.conclude(ScanPlan(paths: [], estate: estate))

        let isSame = merged.comparable == scan.comparable
        #expect(isSame, "\(difference(scan.comparable, merged.comparable).prefix(2_000))")
        #expect(merged.inputs.map(\.sha256) == scan.inputs.map(\.sha256))
        #expect(scan.ledger.count > 100)
    }

    @Test("Every theft is in the ledger with its figures")
    func found() throws {
        let folder = try Folder()
        _ = try simulation(.university).write(to: folder.path, threads: 2)
        let estate = try Estate.load(path: folder.path + "/outflow.yaml")
        let report = try scanned(logs(folder), estate: estate, threads: 2)
        #expect(report.inputs.allSatisfy { $0.rejected.count == 0 && $0.format != "unrecognised" })
        #expect(Set(report.inputs.map(\.format)).count == 5)
        let truth = try Truth(path: folder.path + "/truth.json")
        #expect(truth["thefts"].list.count == 8)
        for entry in truth["thefts"].list {
            let id = try #require(entry["id"].text)
            let addresses = Set(entry["destination"]["addresses"].list.compactMap(\.text))
            let found = report.ledger.filter {
                $0.route.rawValue == entry["route"].text && $0.state.rawValue == entry["state"].text
                    && $0.source.id == entry["source"]["id"].text
                    && ($0.destination.id == entry["destination"]["id"].text
                        || !addresses.isDisjoint(with: $0.destination.addresses))
            }
            #expect(!found.isEmpty, "\(id)")
            #expect(found.reduce(0) { $0 + Int($1.records) } == entry["records"].number, "\(id)")
            let bounds = found.reduce(ByteBounds.zero) { $0 + $1.bytes }
            let (low, high) = (try #require(entry["bytes"]["at_least"].number), entry["bytes"]["at_most"].number)
            // The law of bounds: at_least <= truth <= at_most.
            #expect(Int(bounds.atLeast) <= high ?? .max && bounds.atMost ?? .max >= UInt64(low), "\(id)")
            if id != "names" { #expect(Int(bounds.atLeast) == low, "\(id)") }
        }
    }
}
