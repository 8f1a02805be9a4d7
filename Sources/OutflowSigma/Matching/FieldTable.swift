// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Which names in records matter, and in which slots their values belong.
struct FieldTable: Sendable {
    /// What is known of a name.
    struct Entry: Sendable {
        fileprivate var start: UInt32 = 0
        fileprivate var length: UInt32 = 0
        /// The slots of the name's values: this many from ``firstSlot`` in ``FieldTable/targets``.
        var slotCount: Int32 = 0
        var firstSlot: Int32 = 0
        /// Whether members of the object of this name are named as if they stood outside it.
        var isTransparent = false
        /// The same for the objects in the object of this name.
        var isTransparentBelow = false
        /// Whether an object of this name is only there, and its text no value of the field.
        var isScalar = false
        /// Whether strings of the field may hold JSON, which is looked into.
        var isEmbedded = false
        /// The number in ``FieldTable/lists`` of what names the field's elements; -1 for none.
        var list: Int16 = -1
        fileprivate var isUsed = false
    }

    private var places: [Entry]
    private let mask: Int
    private var bytes: [UInt8] = []
    /// Slots of the entries, one after the other.
    private(set) var targets: [Int32] = []
    /// By which members the elements of lists are named.
    let lists: [LogSourceMapping.NamedList]

    /// A table of names with their slots, and of objects that are looked through.
    init(
        _ names: [String: [Int]], transparent: TransparentObjects, scalars: Set<String>, embedded: Set<String> = [],
        lists: [LogSourceMapping.NamedList] = []
    ) {
        let lists = Array(lists.prefix(Int(Int16.max)))
        self.lists = lists
        var listOf: [String: Int] = [:]
        for (number, list) in lists.enumerated() where listOf[list.field] == nil { listOf[list.field] = number }
        let (through, below) = (transparent.through, transparent.below)
        var capacity = 64
        while capacity < (names.count + through.count + below.count + embedded.count + lists.count) * 4 {
            capacity *= 2
        }
        mask = capacity - 1
        places = Array(repeating: Entry(), count: capacity)
        for name in Set(names.keys).union(through).union(below).union(embedded).union(listOf.keys).sorted() {
            let key = Array(name.utf8)
            var place = key.withUnsafeBytes { Self.hash(Bytes($0)) } & mask
            while places[place].isUsed { place = (place + 1) & mask }
            let slots = names[name] ?? []
            places[place] = Entry(
                start: UInt32(bytes.count), length: UInt32(key.count), slotCount: Int32(slots.count),
                firstSlot: Int32(targets.count), isTransparent: through.contains(name),
                isTransparentBelow: below.contains(name),
                isScalar: scalars.contains(name), isEmbedded: embedded.contains(name),
                list: listOf[name].map { Int16($0) } ?? -1, isUsed: true)
            bytes += key
            targets += slots.map { Int32($0) }
        }
    }

    /// What is known of a name; nil if it does not matter.
    @inline(__always)
    func find(_ name: Bytes) -> Entry? {
        var place = Self.hash(name) & mask
        return places.withUnsafeBufferPointer { places in
            bytes.withUnsafeBufferPointer { bytes in
                while places[place].isUsed {
                    if Int(places[place].length) == name.count,
                        Bytes(start: bytes.baseAddress! + Int(places[place].start), count: name.count) == name
                    {
                        return places[place]
                    }
                    place = (place &+ 1) & mask
                }
                return nil
            }
        }
    }

    /// The same for a name that is put together.
    func find(_ name: [UInt8]) -> Entry? { name.withUnsafeBytes { find(Bytes($0)) } }

    /// A hash of length, beginning and end: names are short, and the table is filled from rules, so that nobody who
    /// writes a log can crowd it.
    @inline(__always)
    private static func hash(_ name: Bytes) -> Int {
        var hash = UInt64(name.count)
        let raw = UnsafeRawPointer(name.start)
        if name.count >= 8 {
            hash ^= raw.loadUnaligned(as: UInt64.self) &* 0x9E37_79B9_7F4A_7C15
            hash ^= raw.loadUnaligned(fromByteOffset: name.count &- 8, as: UInt64.self) &* 0xC2B2_AE3D_27D4_EB4F
        } else {
            for index in 0..<name.count { hash = (hash ^ UInt64(name.start[index])) &* 0x100_0000_01B3 }
        }
        hash = (hash ^ hash >> 29) &* 0xBF58_476D_1CE4_E5B9
        return Int(truncatingIfNeeded: hash >> 32)
    }
}
