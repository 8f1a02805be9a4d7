// SPDX-License-Identifier: Apache-2.0

import OutflowEstate
import OutflowLedger
import OutflowRecords
import Testing

/// Law 2: the report is a function of the set of distinct records.
@Suite("Law 2: order, splits, repetitions and threads are of no account")
struct OrderTests {
    @Test("any layout gives the same report", arguments: seeds(12))
    func layouts(seed: UInt64) throws {
        try check(SmallWorld(seed: seed), SmallWorld.estate)
    }

    /// Without a configuration the local networks are found out from the records, which must not depend on order either.
    @Test("also when networks are inferred", arguments: seeds(6))
    func inferred(seed: UInt64) throws {
        try check(SmallWorld(seed: seed, kinds: [.zeek, .uploads, .names, .packets]), Estate())
    }

    /// Few hosts, many views of each flow: where two sensors and retries meet.
    @Test("also where most records are repetitions", arguments: seeds(12))
    func dense(seed: UInt64) throws {
        try check(SmallWorld(seed: 1_000 + seed, kinds: [.zeek, .uploads], size: 6), SmallWorld.estate)
    }

    private func check(_ world: SmallWorld, _ estate: Estate) throws {
        var dice = Dice(seed: world.seed ^ 0xF11E)
        let plain = try scanned(world, .plain, dice: &dice, estate: estate).report
        #expect(plain.inputs.allSatisfy { $0.rejected.count == 0 && $0.format != "unrecognised" })
        #expect(!plain.ledger.isEmpty)
        for round in 0..<4 {
            let threads = [1, 2, 4][round % 3]
            let block = dice.pick([200, 700, 4_096, 262_144])
            let other = try scanned(world, .random, dice: &dice, estate: estate, threads: threads, blockBytes: block)
            #expect(other.report.inputs.allSatisfy { $0.rejected.count == 0 && $0.format != "unrecognised" })
            let (left, right) = (plain.comparable, other.report.comparable)
            let isSame = left == right
            #expect(
                isSame,
                "seed \(world.seed), round \(round), \(threads) threads, blocks of \(block):\n\(difference(left, right))"
            )
        }
    }
}
