// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What finds objects by their ids.
struct ObjectIndex: Sendable {
    let hash: KeyedHash
    let names: ObjectNames
}

/// Finds the one object of an id that has but one version: a table in memory, from the keyed hash of collection and id
/// to the object's key, 16 bytes a slot.
///
/// An index of random hashes on disk would change a page for nearly each object added, and get slower as it grows; the
/// database keeps the hashes in the order of addition instead, and this is made of them when the hub starts. What it
/// finds are candidates: their rows say whether they are there, and the ones. Objects of several versions are indexed in
/// the database.
final class ObjectNames: Sendable {
    fileprivate struct Table {
        /// Open addressing with linear probing; a key of 0 is an empty slot.
        var slots = [Slot](repeating: Slot(name: 0, object: 0), count: 1 << 12)
        var count = 0
        /// The highest key that was read from the database, or added.
        var last: Int64 = 0
    }

    fileprivate struct Slot {
        var name: Int64
        var object: Int64
    }

    private let table = Mutex(Table())

    /// Takes in what others added to the database since. Inside a transaction of `database`.
    func catchUp(_ database: SQLiteConnection) throws {
        let last = try database.statement("SELECT max(object) FROM object").bind([]).first { $0.integer(0) } ?? 0
        let known = table.withLock { table in
            // What was rolled back is not there; its keys will be given again.
            table.last = min(table.last, last)
            return table.last
        }
        guard known < last else { return }
        let rows = try database.statement(
            "SELECT object, name FROM object INDEXED BY object_names WHERE siblings = 0 AND object > ?1 ORDER BY object"
        )
        var found: [Slot] = []
        try rows.bind(.integer(known)).each { found.append(Slot(name: $0.integer(1), object: $0.integer(0))) }
        table.withLock { table in
            for slot in found { table.insert(slot) }
            table.last = max(table.last, last)
        }
    }

    /// Notes an object that was just added.
    func insert(_ name: Int64, _ object: Int64) {
        table.withLock { table in
            table.insert(Slot(name: name, object: object))
            table.last = max(table.last, object)
        }
    }

    /// Keys of objects that may be the one: mostly one or none.
    func candidates(_ name: Int64) -> [Int64] { table.withLock { $0.candidates(name) } }
}

extension ObjectNames.Table {
    fileprivate mutating func insert(_ slot: ObjectNames.Slot) {
        if (count + 1) * 4 > slots.count * 3 {
            let old = slots
            slots = Array(repeating: ObjectNames.Slot(name: 0, object: 0), count: old.count * 2)
            count = 0
            for slot in old where slot.object != 0 { put(slot) }
        }
        put(slot)
    }

    private mutating func put(_ slot: ObjectNames.Slot) {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: slot.name) & mask
        while slots[index].object != 0 {
            if slots[index].name == slot.name, slots[index].object == slot.object { return }
            index = (index + 1) & mask
        }
        slots[index] = slot
        count += 1
    }

    fileprivate func candidates(_ name: Int64) -> [Int64] {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: name) & mask
        var found: [Int64] = []
        while slots[index].object != 0 {
            if slots[index].name == name { found.append(slots[index].object) }
            index = (index + 1) & mask
        }
        return found
    }
}
