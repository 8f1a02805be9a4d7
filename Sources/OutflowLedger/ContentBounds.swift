// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What a read says about how much of one object it took.
enum ReadKind: UInt8, Sendable, CaseIterable {
    /// The whole object, `a` bytes, of which at most `b` may be headers.
    case whole
    /// `a` bytes of it, of which at most `b` may be headers; which, is not logged.
    case unknownPart
    /// `a` bytes of it, of which at most `b` may be headers; which, is not logged, nor how often: equal requests of one moment
    /// are one line of the log.
    case uncountedPart
    /// Its bytes `a` to `b` (exclusive).
    case range
    /// At most its bytes `a` to `b`: they were asked for, how much was sent is not logged.
    case rangeAskedFor
    /// All or part of it, of unknown size.
    case unknownSize
}

/// How much of one object left, from all distinct kinds of reads of it.
///
/// Reads that may have brought the same bytes raise the upper bound only:
/// - whole reads of the same size brought the same content; those of different sizes may share all but their excess;
/// - parts that the log does not place may lie within each other, or side by side;
/// - parts whose number is not known either have no sum;
/// - ranges are placed, so that their union is exact; where a whole read reaches as far, they add nothing;
/// - of a read whose size is disputed, the smallest is sure, and where in the object it lay is not;
/// - of an object that got new content in the meantime, any two reads may have brought different bytes.
struct ContentBounds {
    private var largest: UInt64 = 0
    private var sum = KnownSum()
    /// Sizes of whole reads as logged, with headers or without.
    private var sizes: Set<UInt64> = []
    /// Those without: sizes of the object.
    private var wholeSizes: Set<UInt64> = []
    private var sure: [Range<UInt64>] = []
    private var asked: [Range<UInt64>] = []

    /// Whether the object got new content in the meantime: then equal reads may be of different contents.
    private let isOverwritten: Bool

    /// No reads.
    init(isOverwritten: Bool = false) { self.isOverwritten = isOverwritten }

    /// Adds `reads` reads of one kind.
    mutating func add(_ kind: ReadKind, _ a: UInt64, _ b: UInt64, reads: UInt64) {
        switch kind {
        case .whole:
            largest = max(largest, a - min(a, b))
            if b == 0 { wholeSizes.insert(a) }
            if isOverwritten { sum.add(a, times: reads) } else if sizes.insert(a).inserted { sum.add(a) }
        case .unknownPart:
            largest = max(largest, a - min(a, b))
            sum.add(a, times: reads)
        case .uncountedPart:
            largest = max(largest, a - min(a, b))
            sum.add(nil)
        case .range where isOverwritten && a < b:
            largest = max(largest, b - a)
            sum.add(b - a, times: reads)
        case .range: if a < b { sure.append(a..<b) }
        case .rangeAskedFor where isOverwritten && a < b: sum.add(b - a, times: reads)
        case .rangeAskedFor: if a < b { asked.append(a..<b) }
        case .unknownSize: sum.add(nil)
        }
    }

    /// Adds a read of which versions of its record tell different sizes.
    mutating func add(disputed sizes: AccessLedger.Sizes) {
        largest = max(largest, sizes.low)
        sum.add(sizes.high)
    }

    /// Whether whole reads came in more than one size.
    var hasSeveralSizes: Bool { wholeSizes.count > 1 }

    /// The bounds, given the size of the object where all records that tell it agree.
    func bounds(objectSize: UInt64?) -> ByteBounds {
        let all = sure + asked
        let reach = all.map(\.upperBound).max() ?? 0
        let isCovered = wholeSizes.contains { $0 >= reach }
        var upper = sum
        if !isCovered { upper.add(Self.union(all)) }
        let atLeast = max(largest, Self.union(sure))
        var atMost = upper.value
        if let objectSize, !isOverwritten, objectSize >= atLeast, wholeSizes.allSatisfy({ $0 == objectSize }) {
            atMost = min(atMost ?? objectSize, objectSize)
        }
        return ByteBounds(atLeast: atLeast, atMost: atMost)
    }

    /// Number of bytes that lie in at least one of the ranges.
    static func union(_ ranges: [Range<UInt64>]) -> UInt64 {
        var total: UInt64 = 0
        var end: UInt64 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where range.upperBound > end {
            total += range.upperBound - max(end, range.lowerBound)
            end = range.upperBound
        }
        return total
    }
}
