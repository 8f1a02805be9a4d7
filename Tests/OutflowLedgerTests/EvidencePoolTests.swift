// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowLedger

@Suite struct EvidencePoolTests {
    private struct Addition: Hashable {
        var group: UInt32
        var piece: Evidence
    }

    /// What must be kept, computed from all additions at once.
    private func reference(_ additions: [Addition], capacity: Int) -> [UInt32: [Evidence]] {
        var best: [[UInt64]: Addition] = [:]
        for addition in additions {
            let key = [UInt64(addition.group), addition.piece.identity]
            if let known = best[key] {
                best[key] = Addition(group: addition.group, piece: .stronger(known.piece, addition.piece))
            } else {
                best[key] = addition
            }
        }
        var groups: [UInt32: [Evidence]] = [:]
        for addition in best.values { groups[addition.group, default: []].append(addition.piece) }
        for group in groups.keys {
            groups[group]!.sort { $0.isStronger(than: $1) }
            groups[group] = Array(groups[group]!.prefix(16))
        }
        let all = groups.values.flatMap { $0 }.sorted { $0.isStronger(than: $1) }
        guard all.count > capacity else { return groups }
        return groups.mapValues { $0.filter { $0.isStronger(than: all[capacity]) } }.filter { !$0.value.isEmpty }
    }

    @Test(arguments: propertySeeds) func whatIsKeptIsAFunctionOfTheSet(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let groupCount = UInt32.random(in: 1...40, using: &random)
        let capacity = Int.random(in: 4...60, using: &random)
        var additions = (0..<3000).map { _ in
            Addition(
                group: .random(in: 0..<groupCount, using: &random),
                piece: Evidence(
                    weight: .random(in: 0..<200, using: &random), identity: .random(in: 0..<900, using: &random),
                    origin: Origin(input: 0, offset: .random(in: 0..<5, using: &random), length: 1)))
        }
        let expected = reference(additions, capacity: capacity)
        for _ in 0..<4 {
            additions.shuffle(using: &random)
            var pools = (0..<Int.random(in: 1...5, using: &random)).map { _ in EvidencePool(capacity: capacity) }
            for addition in additions {
                let piece = addition.piece
                pools[Int.random(in: 0..<pools.count, using: &random)].add(
                    group: addition.group, weight: piece.weight, identity: piece.identity, origin: piece.origin)
            }
            let same = Array(0..<groupCount)
            while pools.count > 1 {
                var other = pools.removeLast()
                if Bool.random(using: &random) {
                    var encoder = StateEncoder()
                    encoder.begin(.accesses)
                    other.encode(into: &encoder)
                    encoder.end()
                    var decoder = try StateDecoder(encoder.finish())
                    try decoder.begin(.accesses)
                    other = try EvidencePool(from: &decoder, groups: Int(groupCount), capacity: capacity)
                    try decoder.end()
                }
                pools[Int.random(in: 0..<pools.count, using: &random)].merge(other, groups: same, inputs: [0])
            }
            #expect(pools[0].conclude() == expected, "seed \(seed)")
        }
    }

    @Test func aMergeRenumbersGroupsAndInputs() {
        var left = EvidencePool()
        var right = EvidencePool()
        left.add(group: 0, weight: 1, identity: 1, origin: Origin(input: 0, offset: 0, length: 1))
        right.add(group: 0, weight: 2, identity: 2, origin: Origin(input: 0, offset: 5, length: 1))
        left.merge(right, groups: [3], inputs: [7])
        #expect(
            left.conclude()[3] == [Evidence(weight: 2, identity: 2, origin: Origin(input: 7, offset: 5, length: 1))])
    }
}
