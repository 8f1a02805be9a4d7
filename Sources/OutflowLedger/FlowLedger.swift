// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowRecords
import Synchronization

/// The state that flows leave behind: sums by pair of hosts and port, each distinct flow counted once.
///
/// Eight shards, each with its lock: several threads observe at the same time, a batch at a time, so that one set of
/// tables serves them all. What comes out does not depend on order, split, repetition or threads.
public final class FlowLedger: Sendable {
    static let shardCount = 8
    /// Evidence kept in all, by the strongest flows of each group.
    static let evidenceLimit = 65_536

    let shards: [FlowShard]
    let keepsDays: Bool
    private let turn = Atomic<Int>(0)
    private let hasExpected = Atomic<Bool>(false)

    /// An empty ledger. `seed` scrambles hash tables against chosen keys; results do not depend on it.
    ///
    /// - Parameters:
    ///   - seed: of the hash tables.
    ///   - keepsDays: whether flows are also summed by day, which detection needs, in 32 bytes a pair of hosts and day.
    public init(seed: UInt64 = .random(in: 1...UInt64.max), keepsDays: Bool = true) {
        self.keepsDays = keepsDays
        shards = (0..<Self.shardCount).map { _ in FlowShard(seed: seed, keepsDays: keepsDays) }
    }

    /// Identifies a pair of hosts, whichever of them opened a connection; the same on every machine.
    @inline(__always)
    static func pairHash(_ one: IPAddress, _ other: IPAddress) -> UInt64 {
        let (x, y) = one < other ? (one, other) : (other, one)
        let a = (x.low ^ 0xE703_7ED1_A0B4_28DB).multipliedFullWidth(by: y.low ^ 0x8EBC_6AF0_9C88_C6E3)
        let b = (x.high ^ a.high ^ 0x5895_65FE_1A89_3C6D).multipliedFullWidth(
            by: y.high ^ a.low ^ 0x1D8E_4E27_C47D_124F)
        return b.high ^ b.low
    }

    /// Tells that what was observed so far is about this share of everything (0 to 1): room is then made once instead of step by
    /// step. Heeded once, when enough was seen to go by.
    func expect(share: Double) {
        guard share > 0, share < 0.9, !hasExpected.load(ordering: .relaxed), shards[0].withTables({ $0.canExpect }),
            !hasExpected.exchange(true, ordering: .relaxed)
        else { return }
        for shard in shards { shard.withTables { $0.expect(share: share) } }
    }

    /// Makes a flow ready for its shard.
    @inline(__always)
    static func prepare(_ flow: borrowing Flow, _ number: Int) -> FlowTables.Prepared {
        let pair = pairHash(flow.originator, flow.responder)
        let ports =
            UInt64(flow.originatorPort) << 40 | UInt64(flow.responderPort) << 24 | UInt64(flow.proto) << 8
            | UInt64(flow.sensor.rawValue) | (flow.originator < flow.responder ? 1 << 60 : 0)
        let t = (pair ^ ports).multipliedFullWidth(by: 0xC2B2_AE3D_27D4_EB4F)
        // The constants keep a side of 0 bytes from making the whole hash 0.
        let s = (0x2545_F491_4F6C_DD1D ^ flow.originatorUpper ^ flow.originatorLower &* 0x9E37_79B9_7F4A_7C15)
            .multipliedFullWidth(
                by: 0x1656_67B1_9E37_79F9 ^ (flow.responderUpper ^ flow.responderLower &* 0x27D4_EB2F_1656_67C5))
        return FlowTables.Prepared(
            flow: UInt32(truncatingIfNeeded: number), shard: UInt32(truncatingIfNeeded: pair >> 61),
            pair: pair, tuple: t.high ^ t.low, size: s.high ^ s.low)
    }

    /// Whether a flow carries anything: flows without payload leave no trace in the ledger.
    @inline(__always)
    static func carries(_ flow: borrowing Flow) -> Bool { flow.originatorUpper | flow.responderUpper != 0 }

    /// Adds the flows of a batch.
    ///
    /// - Parameters:
    ///   - flows: those of the batch.
    ///   - input: number of the input that they come from.
    ///   - isNew: called, when given, with a flag for every flow: whether the ledger would be another one without
    ///     it. Repetitions, and flows that carry nothing, are not.
    /// - Returns: the number of flows that had been seen before.
    public func observe(
        _ flows: [Flow], input: UInt32, isNew: ((UnsafeBufferPointer<Bool>) -> Void)? = nil
    ) -> UInt64 {
        guard !flows.isEmpty else { return 0 }
        var duplicates: UInt64 = 0
        flows.withUnsafeBufferPointer { flows in
            withUnsafeTemporaryAllocation(of: FlowTables.Prepared.self, capacity: flows.count * 2) { prepared in
                withUnsafeTemporaryAllocation(of: Bool.self, capacity: isNew == nil ? 1 : flows.count) { flags in
                    flags.initialize(repeating: false)
                    let sorted = prepared.baseAddress! + flows.count
                    withUnsafeTemporaryAllocation(of: Int.self, capacity: Self.shardCount + 1) { starts in
                        starts.initialize(repeating: 0)
                        var count = 0
                        for number in 0..<flows.count where Self.carries(flows[number]) {
                            let item = Self.prepare(flows[number], number)
                            prepared[count] = item
                            count &+= 1
                            starts[Int(item.shard) &+ 1] &+= 1
                        }
                        for shard in 0..<Self.shardCount { starts[shard + 1] &+= starts[shard] }
                        for number in 0..<count {
                            let shard = Int(prepared[number].shard)
                            sorted[starts[shard]] = prepared[number]
                            starts[shard] &+= 1
                        }
                        // Each start has moved to the next shard's. Every batch begins with another shard, so that
                        // threads go round one behind the other.
                        let first =
                            Int(truncatingIfNeeded: turn.add(1, ordering: .relaxed).oldValue &* 3)
                            & (Self.shardCount - 1)
                        for step in 0..<Self.shardCount {
                            let shard = (first + step) & (Self.shardCount - 1)
                            let from = shard == 0 ? 0 : starts[shard - 1]
                            guard starts[shard] > from else { continue }
                            let part = UnsafeBufferPointer(start: sorted + from, count: starts[shard] - from)
                            let target = shards[shard]
                            let marks = isNew == nil ? nil : flags.baseAddress!
                            duplicates &+= target.withTables {
                                $0.observe(flows.baseAddress!, part, input: input, isNew: marks)
                            }
                        }
                    }
                    isNew?(UnsafeBufferPointer(rebasing: flags[0..<flows.count]))
                }
            }
        }
        return duplicates
    }
}
