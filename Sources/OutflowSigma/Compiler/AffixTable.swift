// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Finds which of many literals a text is, begins with, or ends with: one hash table, probed at each length that a
/// literal has while the hash grows byte by byte.
struct AffixTable: Sendable {
    /// Longest part of a literal that is hashed; the rest of longer ones is compared.
    private static let longest = 96

    private struct Entry: Sendable {
        var hash: UInt64
        /// First of the literal's bytes in ``bytes``.
        var start: UInt32
        var length: UInt32
        /// The literal's number; -1 for a free place.
        var literal: Int32
    }

    private let isSuffix: Bool
    private let entries: FrozenArray<Entry>
    private let mask: Int
    private let bytes: FrozenArray<UInt8>
    /// Which hashed lengths there are, by length.
    private let lengths: FrozenArray<Bool>
    /// Longest hashed length.
    private let deepest: Int
    /// Whether there are no literals.
    let isEmpty: Bool

    /// A table of literals, by number; the same literal may be there once only.
    init(_ literals: [(bytes: [UInt8], number: Int)], suffixes isSuffix: Bool) {
        self.isSuffix = isSuffix
        isEmpty = literals.isEmpty
        var capacity = 8
        while capacity < literals.count * 2 { capacity *= 2 }
        mask = capacity - 1
        var bytes: [UInt8] = []
        var lengths = [Bool](repeating: false, count: Self.longest + 1)
        var deepest = 0
        var entries = Array(repeating: Entry(hash: 0, start: 0, length: 0, literal: -1), count: capacity)
        for (literal, number) in literals {
            let hashed = min(literal.count, Self.longest)
            lengths[hashed] = true
            deepest = max(deepest, hashed)
            var hash = Self.seed
            for index in 0..<hashed { hash = Self.step(hash, literal[isSuffix ? literal.count - 1 - index : index]) }
            var place = Self.place(hash, mask)
            while entries[place].literal >= 0 { place = (place + 1) & mask }
            entries[place] = Entry(
                hash: hash, start: UInt32(bytes.count), length: UInt32(literal.count), literal: Int32(number))
            bytes += literal
        }
        self.entries = FrozenArray(entries)
        self.bytes = FrozenArray(bytes)
        self.lengths = FrozenArray(lengths)
        self.deepest = deepest
    }

    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    /// FNV-1a: the table is filled from rules, so nobody who writes a log can crowd it.
    @inline(__always)
    private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

    @inline(__always)
    private static func place(_ hash: UInt64, _ mask: Int) -> Int {
        Int(truncatingIfNeeded: hash ^ hash >> 32) & mask
    }

    /// Calls `hit` for each literal that the text begins with (ends with), the whole text among them.
    @inline(__always)
    func scan(_ text: Bytes, _ hit: (_ literal: Int, _ length: Int) -> Void) {
        if isEmpty { return }
        let (entries, lengths, bytes) = (entries.base, lengths.base, bytes.base)
        var hash = Self.seed
        let end = min(text.count, deepest)
        var length = 0
        while true {
            if lengths[length] {
                var place = Self.place(hash, mask)
                while entries[place].literal >= 0 {
                    if entries[place].hash == hash, isThere(entries[place], bytes, text) {
                        hit(Int(entries[place].literal), Int(entries[place].length))
                    }
                    place = (place &+ 1) & mask
                }
            }
            if length == end { return }
            hash = Self.step(hash, text.start[isSuffix ? text.count &- 1 &- length : length])
            length &+= 1
        }
    }

    private func isThere(_ entry: Entry, _ bytes: UnsafePointer<UInt8>, _ text: Bytes) -> Bool {
        let count = Int(entry.length)
        guard count <= text.count else { return false }
        let literal = Bytes(start: bytes + Int(entry.start), count: count)
        return literal == (isSuffix ? text.suffix(from: text.count - count) : text.prefix(upTo: count))
    }
}
