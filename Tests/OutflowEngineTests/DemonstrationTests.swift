// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowEstate
import OutflowLedger
import OutflowRecords
import OutflowSimulator
import Testing

/// The demonstration estate from simulation to report: every theft and every look-alike as its truth says.
@Suite("Demonstration")
struct DemonstrationTests {
    /// Optimised builds scan the whole week; others a smaller estate with the same thefts.
    #if DEBUG
        static let extent = (hosts: 70, days: 4)
    #else
        static let extent = (hosts: 120, days: 7)
    #endif

    @Test(arguments: [1, 20_260_302] as [UInt64])
    func ledgerAndTruth(seed: UInt64) throws {
        let folder = try Folder()
        _ = try Demonstration(seed: seed, hosts: Self.extent.hosts, days: Self.extent.days).write(to: folder.path)
        let estate = try Estate.load(
            path: folder.path + "/outflow.yaml",
            vocabulary: Estate.Vocabulary(
                routes: Route.allCases.map(\.rawValue), formats: LogSources.cards.map(\.format)))
        let logs = ["zeek", "cloudtrail", "m365", "library"].map { folder.path + "/" + $0 }
        let report = try scanned(logs, estate: estate, threads: 2)
        #expect(report.inputs.allSatisfy { $0.rejected.count == 0 && $0.format != "unrecognised" })
        let truth = try Truth(path: folder.path + "/truth.json")

        #expect(truth["thefts"].list.count >= 4 && truth["look_alikes"].list.count >= 2)
        for entry in truth["thefts"].list + truth["look_alikes"].list { try check(entry, report, seed) }

        // A host goes by one name, whatever log told of its transfers.
        for (_, transfers) in Dictionary(grouping: report.ledger.filter { $0.source.kind == .host }, by: \.source.id) {
            let uploads = transfers.filter { $0.route == .web }
            let names = Set(transfers.filter { $0.route == .network }.compactMap(\.source.name))
            if names.count == 1 { #expect(uploads.allSatisfy { $0.source.name == names.first }) }
        }

        // What the organisation sanctions is in no total but its own.
        let sanctioned = report.ledger.filter(\.isSanctioned)
        #expect(!sanctioned.isEmpty)
        #expect(report.totals.sanctioned.transfers == UInt64(sanctioned.count))
        #expect(report.totals.sanctioned.bytes.atLeast == sanctioned.reduce(0) { $0 + $1.bytes.atLeast })
        let others = report.totals.byRoute.values.reduce(0) { $0 + $1.transfers }
        #expect(others == UInt64(report.ledger.count - sanctioned.count) + report.totals.unlisted.transfers)
    }

    #if !DEBUG
        /// The week that `script/demo` shows: every theft is in a case, no look-alike is.
        @Test func theftsAreInCasesAndLookAlikesAreNot() throws {
            let folder = try Folder()
            _ = try Demonstration(seed: 7).write(to: folder.path)
            let estate = try Estate.load(path: folder.path + "/outflow.yaml")
            let logs = ["zeek", "cloudtrail", "m365", "library"].map { folder.path + "/" + $0 }
            let report = try scanned(logs, estate: estate, threads: 2)
            let truth = try Truth(path: folder.path + "/truth.json")
            func cases(_ entry: Truth) -> Set<String> {
                Set(
                    report.ledger.filter {
                        $0.source.id == entry["source"]["id"].text
                            && $0.destination.id == entry["destination"]["id"].text
                    }.compactMap(\.caseID))
            }
            for theft in truth["thefts"].list { #expect(!cases(theft).isEmpty, "\(theft["id"].text ?? "?")") }
            for other in truth["look_alikes"].list { #expect(cases(other).isEmpty, "\(other["id"].text ?? "?")") }
        }
    #endif

    private func check(_ entry: Truth, _ report: Report, _ seed: UInt64) throws {
        let name: Comment = "seed \(seed), \(entry["id"].text ?? "?")"
        let source = try #require(entry["source"]["id"].text)
        let target = try #require(entry["destination"]["id"].text)
        let addresses = Set(entry["destination"]["addresses"].list.compactMap(\.text))
        let route = try #require(entry["route"].text)
        let sessions = Set(route == "library" ? entry["identities"].list.compactMap(\.text) : [])
        // Where an entry went over several sessions or publishers, its transfers count together.
        let found = report.ledger.filter {
            $0.route.rawValue == route && $0.state.rawValue == entry["state"].text && $0.source.id == source
                && ($0.destination.id == target || !addresses.isDisjoint(with: $0.destination.addresses))
                && (sessions.isEmpty || sessions.contains($0.session ?? ""))
        }
        #expect(!found.isEmpty, name)
        #expect(found.allSatisfy { !$0.evidence.isEmpty && !$0.id.isEmpty }, name)
        let bounds = found.reduce(ByteBounds.zero) { $0 + $1.bytes }
        let (low, high) = (try #require(entry["bytes"]["at_least"].number), entry["bytes"]["at_most"].number)
        let wire = found.reduce(0) { $0 + ($1.onWire ?? 0) }
        let records = found.reduce(0) { $0 + $1.records }
        let expectedRecords = try #require(entry["records"].number)
        let expectedWire = entry["bytes"]["on_wire"].number
        // Pages that show the whole text of an article are documents too; the truth tells of them apart.
        let isLibrary = route == "library"
        let pages = isLibrary ? entry["details"]["pages"].number ?? 0 : 0
        let pageBytes = isLibrary ? entry["details"]["page_bytes"].number ?? 0 : 0
        if let distinct = entry["objects"]["distinct"].number, found.allSatisfy({ $0.distinctObjects != nil }) {
            let seen = Int(found.reduce(0) { $0 + ($1.distinctObjects ?? 0) })
            #expect((distinct...distinct + pages).contains(seen), name)
        }
        #expect((low...low + pageBytes).contains(Int(bounds.atLeast)), name)
        if isLibrary {
            // Parts of one size that were fetched within one second are equal lines: the log gives requests no id, and
            // equal lines count as one record.
            #expect(records <= UInt64(expectedRecords + pages), name)
            if let expectedWire { #expect(wire <= UInt64(expectedWire + pageBytes), name) }
            #expect(bounds.atMost ?? .max >= UInt64(high ?? 0), name)
            #expect(high != nil || bounds.atMost == nil, name)
            return
        }
        #expect(records == UInt64(expectedRecords), name)
        #expect(found.reduce(0) { $0 + $1.reads } == entry["objects"]["reads"].number.map { UInt64($0) }, name)
        #expect(found.map(\.first).min()?.microseconds ?? 0 >= (try time(entry["first"])), name)
        if let expectedWire, found.allSatisfy({ $0.onWire != nil }) {
            #expect(wire == UInt64(expectedWire), name)
        } else if expectedWire != nil {
            // Where sensors admit to have lost something, what crossed the wire is not known to the byte.
            #expect(found.allSatisfy { $0.onWire != nil || $0.bytes.atLeast != $0.bytes.atMost }, name)
        } else {
            #expect(found.allSatisfy { $0.onWire == nil }, name)
        }
        guard let high else {
            #expect(bounds.atMost == nil, name)
            return
        }
        // The sensor admits to have lost up to 0.1 %: the ceiling is raised by as much, and by no more.
        let most = Int(try #require(bounds.atMost))
        #expect(most >= high && (route == "network" ? most - high <= high / 900 + 1 : most == high), name)
    }

    private func time(_ text: Truth) throws -> Int64 {
        let text = try #require(text.text)
        return try withBytes(of: text) { try #require(Timestamp(iso8601: $0)).microseconds }
    }

    private func withBytes<Result>(of text: String, _ body: (Bytes) throws -> Result) rethrows -> Result {
        var text = text
        return try text.withUTF8 { try body(Bytes(UnsafeRawBufferPointer($0))) }
    }
}
