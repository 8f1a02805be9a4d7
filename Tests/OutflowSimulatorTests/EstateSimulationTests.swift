// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowRecords
import OutflowSimulator
import Testing

@Suite("Estates of any kind")
struct EstateSimulationTests {
    private static let thefts = """
        thefts:
          - {id: quick, route: network, size: 90 MB, over: 1 hour, start: day 1 02:30}
          - {id: quiet, route: network, size: 5 MB/day, over: 2 days, start: day 1, cunning: [existing-service, business-hours]}
          - {id: split, route: network, size: 6 MB, over: 1 day, start: day 2, cunning: [split-accounts, below-yesterday], accounts: 2}
          - {id: tunnel, route: network, size: 8 MB, over: 1 day, start: day 1, cunning: [provider-tunnel]}
          - {id: names, route: dns, size: 20 KB, over: 1 day, start: day 1}
          - {id: bucket, route: cloud-object, size: 60 objects, over: 1 hour, start: day 1 03:00}
          - {id: box, route: mail, size: 1 mailbox, over: 10 minutes, start: day 1 02:30}
          - {id: messages, route: mail, size: 30 messages, over: 1 day, start: day 1 02:30}
        """

    private func plan(_ kind: EstateKind = .company, hosts: Int = 40, days: Int = 4) throws -> EstatePlan {
        var plan = EstatePlan(kind: kind, hosts: hosts, days: days, seed: 5)
        plan.detail = 40
        plan.thefts = try TheftFile.parse(Array(Self.thefts.utf8), file: "t.yaml", for: plan)
        return plan
    }

    /// All files of a plan, by path.
    private func files(_ plan: EstatePlan) throws -> [String: [UInt8]] {
        let files = try EstateSimulation(plan).files()
        var all: [String: [UInt8]] = [:]
        while let file = files.next() {
            #expect(all.updateValue(file.bytes, forKey: file.path) == nil, "twice: \(file.path)")
        }
        return all
    }

    private func written(_ plan: EstatePlan, threads: Int) throws -> [String: [UInt8]] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let result = try EstateSimulation(plan).write(to: folder.path, threads: threads)
        var all: [String: [UInt8]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            guard let data = FileManager.default.contents(atPath: folder.path + "/" + path), !data.isEmpty else {
                continue
            }
            all[path] = [UInt8](data)
        }
        #expect(result.bytes == all.values.reduce(0) { $0 + $1.count })
        return all
    }

    @Test("The same bytes on one thread, on three, and in memory", arguments: EstateKind.allCases)
    func threads(kind: EstateKind) throws {
        let plan = try plan(kind)
        let one = try written(plan, threads: 1)
        #expect(try written(plan, threads: 3) == one)
        let memory = try files(plan)
        #expect(memory.count == one.count - 2)
        for (path, bytes) in memory { #expect(one[path] == bytes, "\(path)") }
        var other = plan
        other.seed += 1
        #expect(try written(other, threads: 1)["truth.json"] != one["truth.json"])
    }

    @Test("A host's rows do not depend on how many other hosts there are")
    func independence() throws {
        func rows(_ hosts: Int) throws -> [Substring] {
            var plan = EstatePlan(kind: .company, hosts: hosts, days: 1, seed: 9)
            plan.firstDay += 2
            let log = try #require(try files(plan).first { $0.key.hasPrefix("zeek/conn.") }).value
            return String(decoding: log, as: UTF8.self).split(separator: "\n").filter {
                $0.split(separator: "\t").dropFirst(2).first == "10.20.16.30" && !$0.contains("\t198.19.")
            }
        }
        let few = try rows(20)
        #expect(try few.count > 10 && rows(60) == few)
    }

    @Test("JSON says what TSV says")
    func json() throws {
        var plan = try plan(hosts: 20)
        let tsv = try files(plan)
        plan.zeek = .json
        let json = try files(plan)
        #expect(Set(json.keys) == Set(tsv.keys))
        for (path, bytes) in tsv where path.hasPrefix("zeek/") {
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            let names = try #require(lines.first { $0.hasPrefix("#fields") }).split(separator: "\t").dropFirst()
            let objects = String(decoding: try #require(json[path]), as: UTF8.self).split(separator: "\n")
            let rows = lines.filter { !$0.hasPrefix("#") }
            #expect(rows.count == objects.count)
            for (row, object) in zip(rows, objects).prefix(200) {
                let parsed = try #require(try JSONSerialization.jsonObject(with: Data(object.utf8)) as? [String: Any])
                let values = row.split(separator: "\t", omittingEmptySubsequences: false)
                let set = zip(names, values).filter { $1 != "-" }
                #expect(Set(parsed.keys) == Set(set.map { String($0.0) }), "\(path)")
                if let name = parsed["uid"] as? String { #expect(values.contains(Substring(name))) }
            }
        }
    }

    @Test("Thefts are as large as asked for, when asked for")
    func truth() throws {
        let truth = try JSONDecoder().decode(
            TruthFile.self, from: Data(try #require(try written(plan(), threads: 2)["truth.json"])))
        let ids = truth.thefts.map(\.id)
        #expect(ids == ["quick", "quiet", "split/1", "split/2", "tunnel", "names", "bucket", "box", "messages"])
        func entry(_ id: String) throws -> TruthEntry { try #require(truth.thefts.first { $0.id == id }) }
        let sizes = [("quick", 90_000_000), ("quiet", 10_000_000), ("tunnel", 8_000_000)]
        for (id, bytes) in sizes {
            // Framing is a quarter of a percent, and a request's head a connection.
            let found = try entry(id)
            let most = bytes + bytes / 400 + 2_500 * found.records
            #expect(
                (bytes...most).contains(found.bytes.at_least) && found.bytes.at_most == found.bytes.at_least, "\(id)")
        }
        #expect(try entry("split/1").source.id != entry("split/2").source.id)
        #expect(try entry("names").bytes.at_least == 20_000)
        #expect(try entry("bucket").objects.distinct == 60 && entry("bucket").records == 60)
        #expect(try entry("messages").objects.distinct == 30)
        #expect(try entry("box").bytes.at_most == nil)
        #expect(try entry("quick").first >= "2024-01-02T01:30" && entry("quick").last < "2024-01-02T02:30")
        // Office hours are 8 to 18 local time, which is 7 to 17 UTC in January.
        let hours = try [entry("quiet").first, entry("quiet").last].map { Int($0.dropFirst(11).prefix(2)) ?? 0 }
        #expect(hours.allSatisfy { (7..<17).contains($0) })
        #expect(truth.look_alikes.contains { $0.id == "nightly-backup" })
    }
}
