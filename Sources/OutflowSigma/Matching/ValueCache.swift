// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What tables found in values that came before: numbers (facts, tokens) by table and value. Machines write the same values
/// again and again, and a look here costs less than a walk through thousands of literals. It belongs to one thread.
///
/// Each value has one place, which whoever comes next takes over; nobody who writes a log can do more than miss. When the
/// memory for values is used up, everything is forgotten.
final class ValueCache {
    /// Longer values are not kept.
    static let longest = 4096
    /// Values with more numbers are not kept.
    static let mostNumbers = 1024
    private static let placeCount = 1 << 13
    private static let textCapacity = 2 << 20
    private static let numberCapacity = 1 << 18

    private struct Place {
        var hash: UInt64 = 0
        var table: Int32 = -1
        var kind: UInt8 = 0
        var textLength: UInt32 = 0
        var textStart: UInt32 = 0
        var numberStart: UInt32 = 0
        var numberCount: UInt32 = 0
    }

    private let places: UnsafeMutablePointer<Place>
    private let texts: UnsafeMutablePointer<UInt8>
    private let numbers: UnsafeMutablePointer<UInt32>
    private var textsUsed = 0
    private var numbersUsed = 0

    init() {
        places = .allocate(capacity: Self.placeCount)
        places.initialize(repeating: Place(), count: Self.placeCount)
        texts = .allocate(capacity: Self.textCapacity)
        numbers = .allocate(capacity: Self.numberCapacity)
    }

    deinit {
        places.deallocate()
        texts.deallocate()
        numbers.deallocate()
    }

    /// The hash of a value as it is written, by which it is found and kept.
    @inline(__always)
    static func hash(_ table: Int, _ kind: UInt8, _ text: Bytes) -> UInt64 {
        var hash = ContentHash(seed: UInt64(truncatingIfNeeded: table) << 8 | UInt64(kind))
        hash.combine(text)
        return hash.value
    }

    /// The numbers kept for a value; nil when it is not known. They are valid until the next ``keep(_:_:_:_:_:)``.
    @inline(__always)
    func find(_ hash: UInt64, _ table: Int, _ kind: UInt8, _ text: Bytes) -> UnsafeBufferPointer<UInt32>? {
        let place = places + Int(truncatingIfNeeded: hash) & (Self.placeCount &- 1)
        guard place.pointee.hash == hash, place.pointee.table == Int32(truncatingIfNeeded: table),
            place.pointee.kind == kind, Int(place.pointee.textLength) == text.count,
            Bytes(start: texts + Int(place.pointee.textStart), count: text.count) == text
        else { return nil }
        return UnsafeBufferPointer(
            start: numbers + Int(place.pointee.numberStart), count: Int(place.pointee.numberCount))
    }

    /// Keeps the numbers of a value of ``longest`` bytes at most.
    func keep(_ hash: UInt64, _ table: Int, _ kind: UInt8, _ text: Bytes, _ found: [UInt32]) {
        guard text.count <= Self.longest, found.count <= Self.mostNumbers else { return }
        if textsUsed + text.count > Self.textCapacity || numbersUsed + found.count > Self.numberCapacity {
            places.update(repeating: Place(), count: Self.placeCount)
            textsUsed = 0
            numbersUsed = 0
        }
        (texts + textsUsed).update(from: text.start, count: text.count)
        for (index, number) in found.enumerated() { (numbers + numbersUsed + index).initialize(to: number) }
        places[Int(truncatingIfNeeded: hash) & (Self.placeCount - 1)] = Place(
            hash: hash, table: Int32(truncatingIfNeeded: table), kind: kind, textLength: UInt32(text.count),
            textStart: UInt32(textsUsed), numberStart: UInt32(numbersUsed), numberCount: UInt32(found.count))
        textsUsed += text.count
        numbersUsed += found.count
    }
}
