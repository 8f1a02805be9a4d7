// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// Memory in which the text of one event, or the names of one chunk, are put together. It has a fixed size: what does not
/// fit is more than any log holds, and told.
struct TextBuffer: ~Copyable {
    private let base: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    /// Bytes written so far.
    private(set) var count = 0

    /// Room for `capacity` bytes. Pages of it that are never used cost nothing.
    init(capacity: Int) {
        // A little more than is told, for stores that write whole blocks.
        base = .allocate(capacity: capacity + 64)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    /// Forgets what was written behind the first `count` bytes.
    @inline(__always) mutating func cut(to count: Int) { self.count = count }

    /// What was written from `start` on.
    @inline(__always) func text(from start: Int) -> Bytes {
        Bytes(start: UnsafePointer(base + start), count: count &- start)
    }

    /// Makes sure that there is room.
    @inline(__always) mutating func reserve(_ more: Int) throws(EventLogDamage) {
        guard more <= capacity &- count else { throw .tooLarge }
    }

    /// Adds bytes as they are.
    mutating func append(_ bytes: Bytes) throws(EventLogDamage) {
        try reserve(bytes.count)
        (base + count).update(from: bytes.start, count: bytes.count)
        count &+= bytes.count
    }

    /// Adds one byte.
    @inline(__always) mutating func append(_ byte: UInt8) throws(EventLogDamage) {
        try reserve(1)
        base[count] = byte
        count &+= 1
    }

    /// Adds `count` units of UTF-16 text, up to the first NUL, as UTF-8. Half surrogate pairs become U+FFFD.
    @inline(__always) mutating func append(utf16 text: UnsafeRawPointer, count units: Int) throws(EventLogDamage) {
        // A unit becomes three bytes at most (a pair of them four).
        try reserve(units &* 3)
        let done = outflow_utf16_ascii(text.assumingMemoryBound(to: UInt8.self), units, base + count)
        count &+= done
        if done < units { appendRest(text + 2 &* done, units &- done) }
    }

    private mutating func appendRest(_ text: UnsafeRawPointer, _ units: Int) {
        var at = 0
        func unit(_ index: Int) -> UInt32 {
            UInt32(UInt16(littleEndian: (text + 2 &* index).loadUnaligned(as: UInt16.self)))
        }
        while at < units {
            let first = unit(at)
            if first == 0 { return }
            at &+= 1
            if first < 0x80 {
                put(first)
                // Back to the quick way: one accent does not slow down a whole line.
                let done = outflow_utf16_ascii(
                    (text + 2 &* at).assumingMemoryBound(to: UInt8.self), units &- at, base + count)
                count &+= done
                at &+= done
            } else if first >> 11 != 0x1B {
                putScalar(first)
            } else if first >> 10 == 0x36, at < units, unit(at) >> 10 == 0x37 {
                putScalar(0x10000 + (first & 0x3FF) << 10 + (unit(at) & 0x3FF))
                at &+= 1
            } else {
                putScalar(0xFFFD)
            }
        }
    }

    /// Adds a character. The caller has reserved room.
    private mutating func putScalar(_ scalar: UInt32) {
        count &+= UTF8Encoding.write(scalar, to: base + count)
    }

    /// Adds one byte. The caller has reserved room.
    @inline(__always) mutating func put(_ byte: UInt32) {
        base[count] = UInt8(truncatingIfNeeded: byte)
        count &+= 1
    }

    /// Adds a character; what is none becomes U+FFFD.
    mutating func append(scalar: UInt32) throws(EventLogDamage) {
        try reserve(4)
        putScalar(scalar > 0x10FFFF || scalar >> 11 == 0x1B ? 0xFFFD : scalar)
    }

    /// Adds the last `digits` decimal digits of a number. The caller has reserved room.
    @inline(__always) mutating func putDigits(_ value: UInt64, _ digits: Int) {
        var rest = value
        var at = digits
        while at > 0 {
            at &-= 1
            base[count &+ at] = 0x30 | UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count &+= digits
    }
}
