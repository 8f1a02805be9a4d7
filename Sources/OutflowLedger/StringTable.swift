// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

#if canImport(Glibc)
    import Glibc
#endif

/// Byte strings, each kept once and known by a number: names, ids, sessions. One stretch of memory holds them all.
///
/// Number 0 is the empty string. The other numbers depend on the order in which strings came: never let them into a
/// conclusion, compare strings with ``precedes(_:_:)``.
struct StringTable: Sendable {
    private var bytes: [UInt8] = []
    /// End of each string in `bytes`; a string begins where the one before ends.
    private var ends: [Int] = [0]
    /// Number of a string plus 1, or 0; the length is a power of two.
    private var slots: [UInt32] = []
    private let seed = UInt64.random(in: .min ... .max)

    /// A table with the empty string only.
    init() {}

    /// Number of strings, the empty one among them.
    var count: Int { ends.count }

    private func hash(_ text: Bytes) -> Int {
        var hash = ContentHash(seed: seed)
        hash.combine(text)
        return Int(truncatingIfNeeded: hash.value)
    }

    private func range(_ number: UInt32) -> Range<Int> {
        number == 0 ? 0..<0 : ends[Int(number) - 1]..<ends[Int(number)]
    }

    /// Calls `body` with a view of a string, valid inside of `body` only.
    func with<Result>(_ number: UInt32, _ body: (Bytes) -> Result) -> Result {
        let range = range(number)
        return bytes.withUnsafeBytes { body(Bytes(UnsafeRawBufferPointer(rebasing: $0[range]))) }
    }

    /// The string as text; bytes that are not UTF-8 become U+FFFD.
    func text(_ number: UInt32) -> String { with(number) { $0.string } }

    /// The string as text, or nil if it is empty.
    func name(_ number: UInt32) -> String? { number == 0 ? nil : text(number) }

    /// The number of a string that is in the table, or nil.
    func find(_ text: Bytes) -> UInt32? {
        if text.isEmpty { return 0 }
        if slots.isEmpty { return nil }
        let at = slot(text)
        return slots[at] == 0 ? nil : slots[at] - 1
    }

    private func slot(_ text: Bytes) -> Int {
        let mask = slots.count - 1
        var at = hash(text) & mask
        while slots[at] != 0, !with(slots[at] - 1, { $0 == text }) { at = (at + 1) & mask }
        return at
    }

    /// The number of a string, which is added if it is new.
    mutating func intern(_ text: Bytes) -> UInt32 {
        if text.isEmpty { return 0 }
        if ends.count * 10 >= slots.count * 7 { grow() }
        let at = slot(text)
        if slots[at] != 0 { return slots[at] - 1 }
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.start, count: text.count))
        ends.append(bytes.count)
        slots[at] = UInt32(ends.count)
        return UInt32(ends.count - 1)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: max(64, slots.count * 2))
        let mask = slots.count - 1
        for number in 1..<UInt32(max(1, ends.count)) {
            var at = with(number) { hash($0) } & mask
            while slots[at] != 0 { at = (at + 1) & mask }
            slots[at] = number + 1
        }
    }

    /// Whether one string comes before another in order of bytes.
    func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
        with(left) { a in
            with(right) { b in
                let order = memcmp(a.start, b.start, min(a.count, b.count))
                return order != 0 ? order < 0 : a.count < b.count
            }
        }
    }

    /// The one of two strings that describes better whatever the order in which they come: the first in order of bytes,
    /// an empty one only if the other is empty too.
    func preferred(_ left: UInt32, _ right: UInt32) -> UInt32 {
        if left == right || right == 0 { return left }
        if left == 0 { return right }
        return precedes(right, left) ? right : left
    }

    /// Adds all strings of `other`; returns the number here of each of its numbers.
    mutating func merge(_ other: borrowing StringTable) -> [UInt32] {
        var numbers: [UInt32] = []
        numbers.reserveCapacity(other.count)
        for number in 0..<UInt32(other.count) { numbers.append(other.with(number) { intern($0) }) }
        return numbers
    }

    /// Writes all strings in order of their numbers.
    func encode(into encoder: inout StateEncoder) {
        encoder.write(UInt64(count))
        for number in 0..<UInt32(count) { with(number) { encoder.write($0) } }
    }

    /// Reads what ``encode(into:)`` wrote; numbers stay the same.
    init(from decoder: inout StateDecoder) throws(StateError) {
        let count = try decoder.readCount(bytesEach: 1)
        for number in 0..<count {
            let text = try decoder.readBytes()
            let got = text.withUnsafeBytes { intern(Bytes($0)) }
            guard got == UInt32(number) else { throw decoder.error("a string comes twice") }
        }
        guard count > 0 else { throw decoder.error("the empty string is missing") }
    }
}
