// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Texts, each kept once, by number. Number 0 is the empty text.
struct TextTable: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = [0]
    private var slots: [UInt32] = []
    private let seed = UInt64.random(in: .min ... .max)

    /// Number of texts.
    var count: Int { ends.count }

    /// The number of a text, which is added if it is new.
    mutating func number(of text: Bytes) -> UInt32 {
        if text.isEmpty { return 0 }
        if ends.count * 10 >= slots.count * 7 { grow() }
        let mask = slots.count - 1
        var at = hash(text) & mask
        while slots[at] != 0 {
            let known = slots[at] - 1
            if with(known, { $0 == text }) { return known }
            at = (at + 1) & mask
        }
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.start, count: text.count))
        ends.append(bytes.count)
        slots[at] = UInt32(ends.count)
        return UInt32(ends.count - 1)
    }

    /// Runs `body` with a view of a text.
    func with<Result>(_ number: UInt32, _ body: (Bytes) -> Result) -> Result {
        let start = number == 0 ? 0 : ends[Int(number) - 1]
        let end = ends[Int(number)]
        return bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, end > start else { return body(.empty) }
            return body(Bytes(start: base + start, count: end - start))
        }
    }

    /// A copy of a text.
    func string(_ number: UInt32) -> String { with(number) { $0.string } }

    private func hash(_ text: Bytes) -> Int {
        var hash = ContentHash(seed: seed)
        hash.combine(text)
        return Int(truncatingIfNeeded: hash.value >> 1)
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
}

/// Finds the number of a row of ``Measures`` by what it is about.
struct RowIndex: Sendable {
    private var slots: [UInt32] = []
    private var count = 0
    private let seed = UInt64.random(in: .min ... .max)

    /// The row's number in `rows`, or their count: then it is expected there next.
    mutating func number(of row: Measures.Row, rows: [Measures.Row]) -> UInt32 {
        if count * 10 >= slots.count * 7 { grow(rows) }
        let mask = slots.count - 1
        var at = hash(row) & mask
        while slots[at] != 0 {
            if rows[Int(slots[at] - 1)] == row { return slots[at] - 1 }
            at = (at + 1) & mask
        }
        count = rows.count + 1
        slots[at] = UInt32(count)
        return UInt32(rows.count)
    }

    private func hash(_ row: Measures.Row) -> Int {
        var hash = ContentHash(seed: seed)
        hash.combine(UInt64(row.entity) << 32 | UInt64(row.subject))
        hash.combine(UInt64(row.measure.rawValue) << 32 | UInt64(UInt32(bitPattern: row.day)))
        return Int(truncatingIfNeeded: hash.value >> 1)
    }

    private mutating func grow(_ rows: [Measures.Row]) {
        slots = [UInt32](repeating: 0, count: max(64, slots.count * 2))
        let mask = slots.count - 1
        for (number, row) in rows.enumerated() {
            var at = hash(row) & mask
            while slots[at] != 0 { at = (at + 1) & mask }
            slots[at] = UInt32(number + 1)
        }
    }
}
