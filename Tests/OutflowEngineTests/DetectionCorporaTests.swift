// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowActivities
import OutflowDetection
import OutflowEstate
import OutflowLedger
import OutflowRecords
import Testing

/// Detection from real logs to cases.
@Suite(.enabled(if: Corpora.path != nil, "OUTFLOW_CORPORA is not set"))
struct DetectionCorporaTests {
    /// All thefts of an emulated intrusion are in cases; copies inside and what came in are not.
    @Test func apt29TheftsAreInCases() throws {
        let report = try scanned([Corpora.file("apt29-day1")], estate: CorporaTests.configured)
        let truth = try Corpora.truth("apt29-day1/truth.json")
        let thefts = truth["thefts"].list
        #expect(thefts.count == 4)
        for theft in thefts {
            let (source, target) = (try #require(theft["src"].text), try #require(theft["dst"].text))
            let service = "\(try #require(theft["dst_port"].number))/tcp"
            let transfers = report.ledger.filter {
                $0.source.id == source && $0.destination.id == target && $0.service.hasPrefix(service)
            }
            #expect(
                !transfers.isEmpty && transfers.allSatisfy { $0.caseID != nil }, "\(source) to \(target) \(service)")
        }
        for decoy in truth["decoys_not_theft"].list {
            guard let source = decoy["src"].text, let target = decoy["dst"].text else { continue }
            #expect(!report.ledger.contains { $0.source.id == source && $0.destination.id == target })
        }
        // Nobody else is accused.
        let hosts = Set(
            report.findings.filter { $0.kind == .detector }.flatMap(\.entities).filter { $0.kind == "host" })
        #expect(hosts.map(\.id).sorted() == ["10.0.1.4", "10.0.1.6"])
    }

    static let libraries = [
        "npg.2012-11-30.log.gz", "sd.2012-11-30.log.gz", "cairn.2013-03-12.log.gz", "edp.2013-01-23.log",
    ]

    /// A day of four publishers' readers: hardly any of them is suspected.
    @Test func ordinaryReadersAreLeftAlone() throws {
        var alarms = 0
        for name in Self.libraries {
            alarms += try scanned([Corpora.file("library/" + name)], estate: Estate()).findings.count
        }
        #expect(alarms <= 2)
    }

    /// What somebody who pulls documents leaves in the log of a publisher's proxy.
    static func pull(accounts: Int, documents: Int, network: (Int) -> String) -> String {
        var lines = ""
        for account in 0..<accounts {
            for number in 0..<documents {
                let paper = account * documents + number
                let time = String(format: "%02d:%02d:%02d", 9 + number % 8, number * 7 % 60, number * 13 % 60)
                lines +=
                    "\(network(account)) - READER_\(account) [30/Nov/2012:\(time) +0100] "
                    + "\"GET http://www.nature.com:80/nature/journal/v491/n\(7000 + paper % 100)/pdf/nature\(10_000 + paper).pdf "
                    + "HTTP/1.1\" 200 \(700_000 + paper)\n"
            }
        }
        return lines
    }

    private func findings(with pull: String, _ budget: AlarmBudget = .standard) throws -> [Report.Finding] {
        let folder = try Folder()
        try folder.write("pull.log", pull)
        let report = try scanned(
            [Corpora.file("library/npg.2012-11-30.log.gz"), folder.path], estate: Estate(), alarms: budget)
        return report.findings
    }

    @Test func anAccountThatPullsHundredsOfPapersIsFound() throws {
        let found = try findings(with: Self.pull(accounts: 1, documents: 300) { _ in "198.51.100.7" })
        #expect(found.contains { $0.entities.contains(.init(kind: "account", id: "READER_0")) })
    }

    @Test func manyAccountsWithFewPapersEachFromOneNetworkAreFound() throws {
        let found = try findings(with: Self.pull(accounts: 20, documents: 15) { _ in "198.51.100.7" })
        #expect(found.contains { $0.entities.contains(.init(kind: "account", id: "READER_3")) })
    }

    /// No history, and each account within what others read: but others open pages.
    @Test func manyAccountsWithFewPapersEachFromManyNetworksAreFound() throws {
        let found = try findings(with: Self.pull(accounts: 20, documents: 15) { "198.51.\($0).7" })
        let accounts = Set(found.flatMap(\.entities).filter { $0.kind == "account" }.map(\.id))
        #expect(accounts.isSuperset(of: (0..<20).map { "READER_\($0)" }))
        #expect(accounts.count <= 22, "few others among them")
    }
}
