// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowEngine
import OutflowLedger
import Testing

/// Law 2 over partials: whichever pieces are observed apart and in whatever order they are merged, the report is that of a scan.
@Suite("Law 2: partial and merge against scan")
struct PartialLawTests {
    @Test("merged pieces give the report of a scan", arguments: seeds(8))
    func merged(seed: UInt64) throws {
        let world = SmallWorld(seed: seed, size: 25)
        var dice = Dice(seed: seed ^ 0xFA57)
        let (scan, files, folder) = try scanned(world, .random, dice: &dice, threads: 2)
        // Each file goes into one piece, some into two.
        var pieces = [[String]](repeating: [], count: 3)
        for file in files {
            pieces[dice.number(0...2)].append(folder.path + "/" + file.name)
            if dice.chance(20) { pieces[dice.number(0...2)].append(folder.path + "/" + file.name) }
        }
        var partials = try pieces.filter { !$0.isEmpty }.enumerated().map { number, paths in
            try partial(Array(Set(paths)).sorted(), folder.path + "/\(number).partial")
        }
        partials.shuffle(using: &dice)
        let plan = ScanPlan(paths: [], estate: SmallWorld.estate)
        let merge = Merge()
        for file in partials { try merge.add(file) }
        // And in two steps: what is merged is a partial again.
        let first = Merge()
        let joined = try PartialWriter(path: folder.path + "/joined.partial")
        for file in partials.dropLast() { try first.add(file, keeping: joined) }
        try first.finish(joined)
        let second = Merge()
        for file in [partials.last!, folder.path + "/joined.partial"] { try second.add(file) }
        for report in [merge.conclude(plan), second.conclude(plan)] {
            let isSame = report.comparable == scan.comparable
            #expect(isSame, "seed \(seed):\n\(difference(scan.comparable, report.comparable))")
        }
    }

    private func partial(_ paths: [String], _ output: String) throws -> String {
        let scan = Scan(ScanPlan(paths: paths, estate: SmallWorld.estate, threads: 2))
        let writer = try PartialWriter(path: output)
        try scan.observe(keeping: writer)
        try scan.finish(writer)
        return output
    }
}
