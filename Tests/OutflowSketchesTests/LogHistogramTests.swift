// SPDX-License-Identifier: Apache-2.0

import OutflowSketches
import Testing

@Suite struct LogHistogramTests {
    @Test func ranksAgreeWithSortingWithinABucket() {
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        var state = seed
        func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) * 1.7
        }
        let values = (0..<3000).map { _ in next() }
        var histogram = LogHistogram()
        for value in values { histogram.add(bucket: LogHistogram.bucket(of: value)) }
        for probe in values.prefix(200) {
            let bucket = LogHistogram.bucket(of: probe)
            let exact = values.count { LogHistogram.bucket(of: $0) >= bucket }
            #expect(histogram.count(from: bucket) == exact, "seed \(seed)")
        }
        let sorted = values.map { LogHistogram.bucket(of: $0) }.sorted()
        for rank in stride(from: 1, through: 3000, by: 37) {
            #expect(histogram.bucket(rank: rank) == sorted[rank - 1], "seed \(seed)")
        }
    }

    @Test func whatIsTakenAwayIsGone() {
        var histogram = LogHistogram()
        histogram.add(bucket: 10)
        histogram.add(bucket: 500, times: 3)
        histogram.add(bucket: 500, times: -3)
        #expect(histogram.count == 1)
        #expect(histogram.count(from: 11) == 0)
    }

    @Test func extremesFindABucket() {
        #expect(LogHistogram.bucket(of: 0) == 0)
        #expect(LogHistogram.bucket(of: -.infinity) == 0)
        #expect(LogHistogram.bucket(of: .nan) == 0)
        #expect(LogHistogram.bucket(of: .infinity) == LogHistogram.bucketCount - 1)
        #expect(LogHistogram.bucket(of: 1e300) == LogHistogram.bucketCount - 1)
    }
}
