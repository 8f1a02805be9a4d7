// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowLedger

/// The fast table against a plain twin that compares every view with every other.
@Suite struct FlowFingerprintsTests {
    private struct View: Hashable {
        var tuple: UInt64
        var size: UInt64
        var time: Int64
        var duration: Int64

        var key: FlowFingerprints.Key {
            FlowFingerprints.Key(
                tuple: tuple &* 0x9E37_79B9_7F4A_7C15, size: size, sent: size, received: 0,
                time: Timestamp(microseconds: time), duration: duration, isDatagrams: tuple == 1)
        }

        var kind: UInt64 { FlowFingerprints.Lasting.kind(duration) }
        var place: Int64 { FlowFingerprints.units(of: Timestamp(microseconds: time)) }
    }

    /// Number of chains of views with links of at most `reach` places.
    private static func chains(_ views: [View], _ reach: (View) -> Int) -> Int {
        struct Same: Hashable {
            var tuple: UInt64
            var size: UInt64
            var kind: UInt64
        }
        return Dictionary(grouping: views) { Same(tuple: $0.tuple, size: $0.size, kind: min(4, $0.kind)) }.values
            .reduce(0) { sum, views in
                let places = Set(views.map(\.place)).sorted()
                let gaps = zip(places, places.dropFirst()).count { $1 - $0 > Int64(reach(views[0])) }
                return sum + gaps + 1
            }
    }

    /// What is in dispute: of each two views that differ, of which one begins while the other lasts, the smaller.
    private static func disputed(_ views: [View]) -> UInt64 {
        let distinct = Dictionary(grouping: views) { $0.key.entry }.values.map { $0[0] }.sorted { $0.place < $1.place }
        var sum: UInt64 = 0
        for (number, late) in distinct.enumerated() {
            for early in distinct[..<number] where early.tuple == late.tuple {
                if early.size == late.size && min(4, early.kind) == min(4, late.kind) { continue }
                let distance = Int(late.place - early.place)
                // Across the border of a stretch short views are only compared with those near it.
                let near = max(FlowFingerprints.possible, FlowFingerprints.Lasting.certain(min(early.kind, late.kind)))
                let isDatagrams = late.tuple == 1
                let isSeen =
                    early.place >> 12 == late.place >> 12 || distance <= near || isDatagrams && late.kind >= 5
                let reach =
                    isDatagrams
                    ? FlowFingerprints.Lasting.mayLast(early.kind)
                    : max(FlowFingerprints.possible, FlowFingerprints.Lasting.certain(early.kind))
                guard isSeen, distance <= reach else { continue }
                // Both of one order of magnitude.
                sum += 4_096
            }
        }
        return sum
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func countsAsThePlainTwin(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }
        // Near the border of a stretch, and before 1970 too.
        let base = [0, 1_750_000_000_000_000, -1_000_000][Int(seed % 3)] as Int64 / 256_000_000 * 256_000_000
        let views = (0..<60).map { _ in
            View(
                tuple: UInt64(number(1...2)), size: UInt64(number(1...2)) * 1_000,
                time: base + number(-10_000_000...10_000_000),
                duration: [1_000, 700_000, 3_000_000, 20_000_000, 60_000_000, 90_000_000][Int(number(0...5))])
        }
        let upper = Self.chains(views) { FlowFingerprints.Lasting.certain($0.kind) }
        let lower = Self.chains(views) { max(FlowFingerprints.possible, FlowFingerprints.Lasting.certain($0.kind)) }
        for _ in 0..<3 {
            var table = FlowFingerprints(seed: seed)
            var flows = 0
            var least = 0
            var disputed: UInt64 = 0
            for view in (views + views).shuffled(using: &random) {
                let change = table.insert(view.key)
                flows += change.flows
                least += change.leastFlows
                disputed += change.disputedSent
                #expect(change.flows <= 1 && change.flows >= -1)
            }
            #expect(flows == upper && least == lower, "seed \(seed)")
            #expect(disputed == Self.disputed(views), "seed \(seed)")
            #expect(least <= flows)
        }
    }

    /// Very many flows of one size and pair, as beacons and uploads in pieces are: each is a flow of its own. With 33 bits of
    /// a hash alone some nine of these would be lost.
    @Test func manyAlike() {
        var table = FlowFingerprints(seed: 0x9E37_79B9_7F4A_7C15)
        let count: UInt64 = 400_000
        var flows = 0
        var least = 0
        for number in 0..<count {
            let key = FlowFingerprints.Key(
                tuple: (number &+ 1) &* 0xD6E8_FEB8_6659_FD93, size: 5, sent: 1000, received: 200,
                time: Timestamp(microseconds: 1_750_000_000_000_000),
                duration: 60_000_000, isDatagrams: false)
            let change = table.insert(key)
            flows += change.flows
            least += change.leastFlows
        }
        #expect(flows == Int(count) && least == Int(count))
    }

    @Test func tellsWhatItKnowsOfAMoment() {
        var table = FlowFingerprints(seed: 1)
        let start: Int64 = 1_750_000_000_000_000
        let view = View(tuple: 7, size: 100, time: start, duration: 10_000_000)
        _ = table.insert(view.key)
        func know(_ offset: Int64, lasting: Int64 = 0) -> FlowFingerprints.Acquaintance {
            table.acquaintance(
                7 &* 0x9E37_79B9_7F4A_7C15, at: Timestamp(microseconds: start + offset), lasting: lasting,
                isDatagrams: false, sent: 100, received: 0)
        }
        let known = [know(50_000), know(7_900_000), know(20_000_000), know(-400_000), know(-2_000_000)]
        #expect(known == [.same, .same, .none, .mayBeSame, .none])
        let lasting = know(-400_000, lasting: 1_000_000)
        #expect(lasting == .same)
        func mayLast(_ seconds: Int64) -> Bool {
            table.mayLast(7 &* 0x9E37_79B9_7F4A_7C15, at: Timestamp(microseconds: start + seconds * 1_000_000))
        }
        // It lasted 10 s: less than 32.
        let short = [mayLast(30), mayLast(200), mayLast(50_000)]
        #expect(short == [true, false, false])
        _ = table.insert(View(tuple: 7, size: 100, time: start + 1_000_000_000, duration: 3_600_000_000).key)
        let long = [mayLast(50_000), mayLast(400_000)]
        #expect(long == [true, false])
    }
}
