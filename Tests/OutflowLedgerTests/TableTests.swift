// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Testing

@testable import OutflowLedger

@Suite struct TableTests {
    @Test(arguments: propertySeeds) func aRecordTableHoldsWhatADictionaryHolds(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var table = RecordTable<UInt32>()
        var reference: [UInt64: UInt32] = [:]
        for number in 0..<UInt32(20_000) {
            // Few distinct values, 0 among them, some crowded into one of the 256 tables.
            let wide = UInt64.random(in: 0..<5000, using: &random) &* 0x9E37_79B9_7F4A_7C15
            let identity = Bool.random(using: &random) ? wide : wide >> 40
            let known = table.insert(identity, number)
            #expect(known == reference[identity], "seed \(seed)")
            if known == nil { reference[identity] = number }
        }
        #expect(table.count == reference.count)
        #expect(reference.keys.allSatisfy { table.contains($0) })
        var encoder = StateEncoder()
        encoder.begin(.accesses)
        table.encode(into: &encoder)
        encoder.end()
        var decoder = try StateDecoder(encoder.finish())
        try decoder.begin(.accesses)
        var copy = RecordTable<UInt32>()
        try RecordTable<UInt32>.decode(from: &decoder) { (identity, number) throws(StateError) in
            #expect(copy.insert(identity, number) == nil)
            #expect(table.insert(identity, 0) == number)
        }
        try decoder.end()
        #expect(copy.count == reference.count)
    }

    @Test func aRecordTableKeepsTheFirstPayloadUntilUpdated() {
        var table = RecordTable<UInt32>()
        #expect(table.insert(5, 1) == nil)
        #expect(table.insert(5, 2) == 1)
        table.update(5, 3)
        #expect(table.insert(5, 4) == 3)
        table.update(6, 9)
        #expect(!table.contains(6))
        #expect(table.count == 1)
    }

    @Test func stringsAreKeptOnceAndMergeByContent() throws {
        var left = StringTable()
        var right = StringTable()
        let words = (0..<1000).map { "word \($0 % 300)" }
        let numbers = words.map { word in withBytes(of: word) { left.intern($0) } }
        #expect(left.count == 301)
        for (word, number) in zip(words, numbers) { #expect(left.text(number) == word) }
        for word in words.reversed() { withBytes(of: word + "!") { _ = right.intern($0) } }
        let map = left.merge(right)
        for number in 0..<UInt32(right.count) { #expect(left.text(map[Int(number)]) == right.text(number)) }
        #expect(left.count == 601)
        #expect(left.intern(.empty) == 0)
        #expect(left.name(0) == nil)
    }

    @Test func preferredStringsDoNotDependOnOrder() {
        var table = StringTable()
        let b = table.intern(Bytes("b"))
        let a = table.intern(Bytes("a"))
        let ab = table.intern(Bytes("ab"))
        #expect(table.preferred(a, b) == a && table.preferred(b, a) == a)
        #expect(table.preferred(0, b) == b && table.preferred(b, 0) == b)
        #expect(table.precedes(a, ab) && !table.precedes(ab, a))
    }

    @Test func aFlatTableFindsEveryRow() {
        var table = FlatTable<UInt64, Int>()
        for key in 0..<5000 as Range<UInt64> { #expect(table.row(for: key << 32, or: Int(key)).isNew) }
        for key in 0..<5000 as Range<UInt64> { #expect(table.find(key << 32).map { table.values[$0] } == Int(key)) }
        #expect(table.find(1) == nil)
        #expect(!table.row(for: 0, or: 7).isNew)
    }
}
