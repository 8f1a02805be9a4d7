// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OutflowLedger

/// Selection against sorting.
@Suite struct SelectionTests {
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func selectsAsSortingDoes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...400, using: &random)
        let most = [1, 3, 50, 1_000_000][Int(seed % 4)]
        var elements = (0..<count).map { _ in Int.random(in: 0...most, using: &random) }
        if seed % 5 == 0 { elements.sort() }
        if seed % 7 == 0 { elements.sort(by: >) }
        let sorted = elements.sorted(by: >)
        for rank in [0, count / 2, count - 1, Int.random(in: 0..<count, using: &random)] {
            var shuffled = elements
            let found = selected(rank, of: &shuffled, by: >)
            #expect(found == sorted[rank], "seed \(seed)")
            #expect(shuffled.sorted(by: >) == sorted)
        }
    }
}
