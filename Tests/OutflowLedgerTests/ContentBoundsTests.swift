// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowLedger

@Suite struct ContentBoundsTests {
    private func bounds(_ reads: [(ReadKind, UInt64, UInt64, UInt64)], size: UInt64? = nil) -> ByteBounds {
        var content = ContentBounds()
        for read in reads { content.add(read.0, read.1, read.2, reads: read.3) }
        return content.bounds(objectSize: size)
    }

    @Test func wholeReadsOfOneSizeAreOneContent() {
        #expect(bounds([(.whole, 89, 0, 2)]) == .exactly(89))
        #expect(bounds([(.whole, 0, 0, 1)]) == .zero)
        #expect(bounds([(.whole, 10, 0, 1), (.whole, 30, 0, 1)]) == ByteBounds(atLeast: 30, atMost: 40))
    }

    @Test func overwrittenObjectsHaveSeveralContents() {
        func bounds(_ reads: [(ReadKind, UInt64, UInt64, UInt64)]) -> ByteBounds {
            var content = ContentBounds(isOverwritten: true)
            for read in reads { content.add(read.0, read.1, read.2, reads: read.3) }
            return content.bounds(objectSize: 10)
        }
        #expect(bounds([(.whole, 10, 0, 3)]) == ByteBounds(atLeast: 10, atMost: 30))
        #expect(bounds([(.range, 0, 4, 2), (.range, 4, 10, 1)]) == ByteBounds(atLeast: 6, atMost: 14))
        #expect(bounds([(.whole, 10, 0, 1)]) == .exactly(10))
    }

    /// Sizes as some servers log them: with the headers of the reply.
    @Test func headersAreNoContentForCertain() {
        #expect(bounds([(.whole, 100_000, 65_536, 1)]) == ByteBounds(atLeast: 34_464, atMost: 100_000))
        #expect(bounds([(.whole, 300, 300, 2)]) == ByteBounds(atLeast: 0, atMost: 300))
        // What another log shows without headers is the content; the reads may be of two versions still.
        #expect(bounds([(.whole, 300, 300, 2), (.whole, 89, 0, 1)]) == ByteBounds(atLeast: 89, atMost: 389))
        #expect(bounds([(.unknownPart, 100, 100, 2)]) == ByteBounds(atLeast: 0, atMost: 200))
        #expect(bounds([(.whole, 300, 300, 1), (.range, 0, 100, 1)]) == ByteBounds(atLeast: 100, atMost: 400))
    }

    @Test func unplacedPartsMayOverlapOrNot() {
        #expect(bounds([(.unknownPart, 10, 0, 3), (.unknownPart, 4, 0, 1)]) == ByteBounds(atLeast: 10, atMost: 34))
        #expect(bounds([(.unknownPart, 10, 0, 3)], size: 25) == ByteBounds(atLeast: 10, atMost: 25))
        // A size that a whole read contradicts is of another version.
        #expect(
            bounds([(.unknownPart, 10, 0, 3), (.whole, 50, 0, 1)], size: 60) == ByteBounds(atLeast: 50, atMost: 80))
    }

    @Test func rangesAddUpToTheirUnion() {
        #expect(bounds([(.range, 0, 10, 1), (.range, 5, 20, 4), (.range, 30, 40, 1)]) == .exactly(30))
        #expect(bounds([(.range, 0, 10, 1), (.whole, 40, 0, 1)]) == .exactly(40))
        #expect(bounds([(.range, 0, 10, 1), (.whole, 5, 0, 1)]) == ByteBounds(atLeast: 10, atMost: 15))
        #expect(bounds([(.rangeAskedFor, 0, 10, 1), (.range, 8, 12, 1)]) == ByteBounds(atLeast: 4, atMost: 12))
    }

    @Test func unknownSizesLiftTheCeiling() {
        #expect(bounds([(.unknownSize, 0, 0, 1), (.whole, 7, 0, 1)]) == ByteBounds(atLeast: 7, atMost: nil))
        #expect(bounds([(.unknownSize, 0, 0, 1)], size: 7) == ByteBounds(atLeast: 0, atMost: 7))
        #expect(bounds([(.unknownPart, .max, 0, 2)]) == ByteBounds(atLeast: .max, atMost: nil))
        #expect(bounds([(.range, 0, .max, 2)]) == .exactly(.max))
    }

    /// An object of versions, each its own bytes; reads that log more or less. The bounds must hold what really left.
    @Test(arguments: propertySeeds) func boundsHoldTheTruth(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let size = UInt64.random(in: 1...60, using: &random)
            var taken: Set<UInt64> = []
            var reads: [(ReadKind, UInt64, UInt64, UInt64)] = []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let from = UInt64.random(in: 0..<size, using: &random)
                let to = UInt64.random(in: from...size, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0:
                    taken.formUnion(0..<size)
                    reads.append((.whole, size, 0, 2))
                case 1:
                    taken.formUnion(from..<to)
                    reads.append((.unknownPart, to - from, 0, 1))
                case 2:
                    taken.formUnion(from..<to)
                    reads.append((.range, from, to, 1))
                case 3:
                    taken.formUnion(from..<min(to, from + 3))
                    reads.append((.rangeAskedFor, from, to, 1))
                default:
                    taken.formUnion(from..<to)
                    reads.append((.unknownSize, 0, 0, 1))
                }
            }
            for known in [nil, size] {
                let bounds = bounds(reads, size: known)
                #expect(bounds.atLeast <= UInt64(taken.count), "seed \(seed) \(reads)")
                #expect(bounds.atMost.map { $0 >= UInt64(taken.count) } ?? true, "seed \(seed) \(reads)")
            }
        }
    }
}
