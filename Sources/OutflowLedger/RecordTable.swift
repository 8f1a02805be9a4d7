// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// 64-bit identities, each with a payload, in open addressing with linear probing.
///
/// The identity's first byte chooses one of 256 tables. Each grows on its own by a fifth when it is more than 85 % full,
/// so that memory follows the number of identities closely (8 to 11.5 bytes each plus payload, about 10 on average) and
/// never doubles at once. Where an identity lies within its table depends on a random seed, so that nobody can choose
/// records that all fall onto one spot.
struct RecordTable<Payload: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private struct Part: Sendable {
        /// 0 marks a free slot.
        var keys: [UInt64] = []
        var payloads: [Payload] = []
        var count = 0
    }

    private var parts = [Part](repeating: Part(), count: 256)
    private let seed = UInt64.random(in: .min ... .max)
    /// Number of identities.
    private(set) var count = 0

    init() {}

    /// Stands in for identity 0, which marks free slots: to confuse the two is as improbable as any other false match.
    private static var zero: UInt64 { 0x6A09_E667_F3BC_C908 }

    /// What stands for an identity in the table, and in others beside it.
    @inline(__always) static func key(_ identity: UInt64) -> UInt64 { identity == 0 ? zero : identity }

    @inline(__always) private func home(_ key: UInt64, _ capacity: Int) -> Int {
        let mixed = (key ^ seed).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return Int(truncatingIfNeeded: (mixed.high ^ mixed.low).multipliedFullWidth(by: UInt64(capacity)).high)
    }

    /// The slot that holds `key`, or the free one where it belongs. There is always a free slot.
    @inline(__always) private func slot(_ key: UInt64, in keys: [UInt64]) -> Int {
        keys.withUnsafeBufferPointer { keys in
            var at = home(key, keys.count)
            while keys[at] != key, keys[at] != 0 {
                at += 1
                if at == keys.count { at = 0 }
            }
            return at
        }
    }

    /// Adds an identity. Returns nil if it is new, else the payload that it has already, which stays.
    @inline(__always) mutating func insert(_ identity: UInt64, _ payload: Payload) -> Payload? {
        let key = Self.key(identity)
        let part = Int(key >> 56)
        if parts[part].count &* 20 >= parts[part].keys.count &* 17 { grow(part) }
        let at = slot(key, in: parts[part].keys)
        if parts[part].keys[at] == key { return parts[part].payloads[at] }
        parts[part].keys[at] = key
        parts[part].payloads[at] = payload
        parts[part].count &+= 1
        count &+= 1
        return nil
    }

    /// Gives an identity that is in the table another payload.
    mutating func update(_ identity: UInt64, _ payload: Payload) {
        let key = Self.key(identity)
        let part = Int(key >> 56)
        guard !parts[part].keys.isEmpty else { return }
        let at = slot(key, in: parts[part].keys)
        if parts[part].keys[at] == key { parts[part].payloads[at] = payload }
    }

    /// Whether the identity is in the table.
    func contains(_ identity: UInt64) -> Bool { find(identity) != nil }

    /// The payload of an identity; nil if it is not in the table.
    func find(_ identity: UInt64) -> Payload? {
        let key = Self.key(identity)
        let keys = parts[Int(key >> 56)].keys
        if keys.isEmpty { return nil }
        let at = slot(key, in: keys)
        return keys[at] == key ? parts[Int(key >> 56)].payloads[at] : nil
    }

    private mutating func grow(_ part: Int) {
        let old = parts[part]
        parts[part].keys = []
        let capacity = max(16, old.keys.count + old.keys.count / 5 + 1)
        var keys = [UInt64](repeating: 0, count: capacity)
        var payloads = [Payload](repeating: 0, count: capacity)
        for (index, key) in old.keys.enumerated() where key != 0 {
            let at = slot(key, in: keys)
            keys[at] = key
            payloads[at] = old.payloads[index]
        }
        parts[part].keys = keys
        parts[part].payloads = payloads
    }

    /// Calls `body` with every identity and its payload, in no particular order.
    func forEach(_ body: (UInt64, Payload) -> Void) {
        for part in parts {
            for (index, key) in part.keys.enumerated() where key != 0 {
                body(key, part.payloads[index])
            }
        }
    }

    /// The identities of one of the 256 tables with their payloads, in order of identity.
    private func sorted(part: Int) -> [(UInt64, Payload)] {
        let part = parts[part]
        var rows: [(UInt64, Payload)] = []
        rows.reserveCapacity(part.count)
        for (index, key) in part.keys.enumerated() where key != 0 {
            rows.append((key, part.payloads[index]))
        }
        rows.sort { $0.0 < $1.0 }
        return rows
    }

    /// Writes all identities in order, then their payloads.
    func encode(into encoder: inout StateEncoder) {
        for part in 0..<256 {
            let rows = sorted(part: part)
            encoder.write(ascending: rows.map(\.0))
            encoder.column(rows) { UInt64($0.1) }
        }
    }

    /// Calls `body` with every identity and payload that ``encode(into:)`` wrote.
    static func decode(
        from decoder: inout StateDecoder, _ body: (UInt64, Payload) throws(StateError) -> Void
    ) throws(StateError) {
        for _ in 0..<256 {
            let identities = try decoder.readAscending()
            let payloads = try decoder.column(identities.count, atMost: UInt64(Payload.max))
            for index in identities.indices { try body(identities[index], Payload(payloads[index])) }
        }
    }
}
