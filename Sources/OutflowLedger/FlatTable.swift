// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A key of a ``FlatTable``.
protocol TableKey: Equatable, Sendable {
    /// Feeds all that makes the key into a hash.
    func feed(_ hash: inout ContentHash)
}

extension UInt64: TableKey {
    func feed(_ hash: inout ContentHash) { hash.combine(self) }
}

extension IPAddress: TableKey {
    func feed(_ hash: inout ContentHash) { hash.combine(self) }
}

/// Rows found by key, numbered from 0 in the order in which they came: keys and values each lie in one flat array, and
/// an index with open addressing leads from key to row. Rows are never removed.
struct FlatTable<Key: TableKey, Value: Sendable>: Sendable {
    private(set) var keys: [Key] = []
    var values: [Value] = []
    /// Number of a row plus 1, or 0; the length is a power of two.
    private var slots: [UInt32] = []
    private let seed = UInt64.random(in: .min ... .max)

    init() {}

    /// Number of rows.
    var count: Int { keys.count }

    @inline(__always) private func home(_ key: Key, _ mask: Int) -> Int {
        var hash = ContentHash(seed: seed)
        key.feed(&hash)
        return Int(truncatingIfNeeded: hash.value) & mask
    }

    @inline(__always) private func slot(_ key: Key) -> Int {
        let mask = slots.count - 1
        var at = home(key, mask)
        while slots[at] != 0, keys[Int(slots[at] - 1)] != key { at = (at + 1) & mask }
        return at
    }

    /// The row of a key, or nil.
    func find(_ key: Key) -> Int? {
        if slots.isEmpty { return nil }
        let at = slot(key)
        return slots[at] == 0 ? nil : Int(slots[at] - 1)
    }

    /// The row of a key, which is added with `value` if it is new.
    @inline(__always) mutating func row(for key: Key, or value: @autoclosure () -> Value) -> (row: Int, isNew: Bool) {
        if keys.count * 10 >= slots.count * 7 { grow() }
        let at = slot(key)
        if slots[at] != 0 { return (Int(slots[at] - 1), false) }
        keys.append(key)
        values.append(value())
        slots[at] = UInt32(keys.count)
        return (keys.count - 1, true)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: max(16, slots.count * 2))
        let mask = slots.count - 1
        for row in keys.indices {
            var at = home(keys[row], mask)
            while slots[at] != 0 { at = (at + 1) & mask }
            slots[at] = UInt32(row + 1)
        }
    }
}
