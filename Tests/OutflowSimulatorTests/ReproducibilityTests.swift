// SPDX-License-Identifier: Apache-2.0

import Foundation
import OutflowRecords
import Testing

@testable import OutflowSimulator

@Suite("The same seed gives the same bytes")
struct ReproducibilityTests {
    /// A hash over names and contents of all files.
    private func hash(_ estate: Estate) throws -> UInt64 {
        var hash = ContentHash()
        for file in estate.files {
            hash.combine(file)
            try #require(estate.contents[file]).withUnsafeBytes { hash.combine(Bytes($0)) }
        }
        return hash.value
    }

    @Test("Same seed, same bytes; another seed, others")
    func seeds() throws {
        let once = try hash(Estate(seed: 3, days: 1))
        #expect(try hash(Estate(seed: 3, days: 1)) == once)
        #expect(try hash(Estate(seed: 4, days: 1)) != once)
        // Fixed for ever: whoever changes what is written on purpose changes this number with it.
        #expect(once == 15_057_841_243_593_377_423)
    }

    @Test("A stream repeats itself, and another one differs")
    func generator() {
        var random = Random(seed: 1, "test")
        var again = Random(seed: 1, "test")
        var other = Random(seed: 1, "test", 1)
        let first = (0..<4).map { _ in random.bits() }
        #expect(first == (0..<4).map { _ in again.bits() })
        #expect(first != (0..<4).map { _ in other.bits() })
    }

    @Test("Medians and tails are where the distributions say")
    func distributions() {
        var random = Random(seed: 11, "distributions")
        let sizes = (0..<20_001).map { _ in LogNormal(median: 50_000, doublings: 2).sample(&random) }.sorted()
        #expect((47_000...53_000).contains(sizes[10_000]))
        // One standard deviation up is two doublings: 84.1 % lie below 200,000.
        #expect((185_000...215_000).contains(sizes[16_827]))
        let tail = (0..<20_001).map { _ in Pareto(scale: 1000, shape: 1.2, limit: 1 << 40).sample(&random) }.sorted()
        #expect(tail[0] >= 999)
        // Median of a Pareto distribution: scale times 2^(1/shape) = 1,782.
        #expect((1_740...1_825).contains(tail[10_000]))
        #expect(tail[20_000] > 1_000_000)
        let waits = (0..<20_000).map { _ in random.wait(mean: 1_000_000) }
        #expect((970_000...1_030_000).contains(waits.reduce(0, +) / waits.count))
        #expect((0..<1000).allSatisfy { _ in (3...5).contains(random.number(in: 3...5)) })
    }

    @Test("Numbers of any size are scaled without a trap")
    func scaling() {
        #expect(Fixed.scale(1000, byPowerOfTwo: 0) == 1000)
        #expect(Fixed.scale(1000, byPowerOfTwo: 3 << 16) == 8000)
        #expect(Fixed.scale(1000, byPowerOfTwo: -(1 << 16)) == 500)
        #expect(Fixed.scale(.max, byPowerOfTwo: .max) == Fixed.ceiling)
        #expect(Fixed.scale(1 << 44, byPowerOfTwo: 40 << 16) == Fixed.ceiling)
        #expect(Fixed.scale(5, byPowerOfTwo: .min) == 0)
    }

    @Test("Strange sizes of the world are brought within bounds")
    func bounds() {
        for (hosts, days) in [(0, 0), (-5, -1), (1_000_000, 1)] {
            let world = World(seed: 1, hosts: hosts, days: days)
            #expect((70...2000).contains(world.clients.count))
            #expect(world.calendar.days == 1)
            #expect(Set(world.people.map(\.account)).count == world.people.count)
            #expect(Set(world.clients.map(\.address)).count == world.clients.count)
        }
    }

    @Test("A folder that cannot be made is an error, not a crash")
    func unwritable() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("outflow-\(UUID().uuidString)")
        try Data("in the way".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(throws: (any Error).self) { try Demonstration(seed: 1, days: 1).write(to: file.path) }
    }
}
