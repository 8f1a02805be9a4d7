// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#endif

/// A view of bytes that somebody else owns: a field of a record, a key, a name.
///
/// It is valid only as long as the block or arena it points into, that is until the batch which it came with has been
/// handed back. Copy with ``string`` or ``array`` what must live longer. It is two words and costs nothing to pass.
public struct Bytes: BitwiseCopyable {
    /// First byte. Undefined (but never read) when ``count`` is 0.
    public let start: UnsafePointer<UInt8>
    /// Number of bytes.
    public let count: Int

    /// A view of `count` bytes from `start`.
    @inlinable public init(start: UnsafePointer<UInt8>, count: Int) {
        self.start = start
        self.count = count
    }

    /// A view of a raw buffer. An empty buffer gives the empty view.
    @inlinable public init(_ buffer: UnsafeRawBufferPointer) {
        if let base = buffer.baseAddress {
            self.init(start: base.assumingMemoryBound(to: UInt8.self), count: buffer.count)
        } else {
            self = .empty
        }
    }

    /// The view of no bytes.
    @inlinable public static var empty: Bytes {
        Bytes(start: UnsafePointer(bitPattern: 1).unsafelyUnwrapped, count: 0)
    }

    /// A view of a literal, valid for ever.
    @inlinable public init(_ literal: StaticString) {
        self.init(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    /// Whether there are no bytes.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// The byte at `index`; the caller keeps `index` within bounds (checked in debug builds).
    @inlinable public subscript(index: Int) -> UInt8 {
        assert(index >= 0 && index < count)
        return start[index]
    }

    /// The view of the bytes in `range`; the caller keeps it within bounds (checked in debug builds).
    @inlinable public subscript(range: Range<Int>) -> Bytes {
        assert(range.lowerBound >= 0 && range.upperBound <= count)
        return Bytes(start: start + range.lowerBound, count: range.count)
    }

    /// All bytes from `index` on.
    @inlinable public func suffix(from index: Int) -> Bytes { self[index..<count] }

    /// All bytes before `index`.
    @inlinable public func prefix(upTo index: Int) -> Bytes { self[0..<index] }

    /// Whether both views show the same bytes.
    @inlinable public static func == (left: Bytes, right: Bytes) -> Bool {
        left.count == right.count && (left.count == 0 || memcmp(left.start, right.start, left.count) == 0)
    }

    /// Whether the view shows the bytes of `literal`.
    @inlinable public static func == (left: Bytes, right: StaticString) -> Bool {
        left.count == right.utf8CodeUnitCount
            && (left.count == 0 || memcmp(left.start, right.utf8Start, left.count) == 0)
    }

    /// Whether the view shows other bytes than `literal`.
    @inlinable public static func != (left: Bytes, right: StaticString) -> Bool { !(left == right) }

    /// Whether the view begins with `literal`.
    @inlinable public func hasPrefix(_ literal: StaticString) -> Bool {
        count >= literal.utf8CodeUnitCount && memcmp(start, literal.utf8Start, literal.utf8CodeUnitCount) == 0
    }

    /// Whether the view ends with `literal`.
    @inlinable public func hasSuffix(_ literal: StaticString) -> Bool {
        let length = literal.utf8CodeUnitCount
        return count >= length && memcmp(start + (count - length), literal.utf8Start, length) == 0
    }

    /// Index of the first `byte` at or after `from`, or nil.
    @inlinable public func firstIndex(of byte: UInt8, from: Int = 0) -> Int? {
        guard from < count, let hit = memchr(start + from, Int32(byte), count - from) else { return nil }
        return UnsafePointer(hit.assumingMemoryBound(to: UInt8.self)) - start
    }

    /// Index of the first occurrence of `needle` at or after `from`, or nil.
    @inlinable public func firstIndex(of needle: StaticString, from: Int = 0) -> Int? {
        let length = needle.utf8CodeUnitCount
        guard length > 0 else { return from }
        var at = from
        while count - at >= length, let hit = firstIndex(of: needle.utf8Start[0], from: at) {
            guard count - hit >= length else { return nil }
            if memcmp(start + hit, needle.utf8Start, length) == 0 { return hit }
            at = hit + 1
        }
        return nil
    }

    /// The view without spaces, tabs and line ends at both ends.
    @inlinable public var trimmed: Bytes {
        var low = 0
        var high = count
        while low < high, start[low] <= 0x20 { low += 1 }
        while high > low, start[high - 1] <= 0x20 { high -= 1 }
        return self[low..<high]
    }

    /// A copy as a `String`; bytes that are not UTF-8 become U+FFFD. Allocates: not for the hot path.
    public var string: String {
        String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// A copy as an array.
    public var array: [UInt8] { Array(UnsafeBufferPointer(start: start, count: count)) }

    /// The unsigned decimal number that the view shows, or nil if it shows anything else or overflows 64 bits.
    @inlinable @inline(__always) public var unsigned: UInt64? {
        // Eighteen digits cannot overflow: the common case checks nothing but digits.
        guard count > 0, count <= 18 else { return longUnsigned }
        var value: UInt64 = 0
        var bad: UInt8 = 0
        for index in 0..<count {
            let digit = start[index] &- 0x30
            bad |= digit > 9 ? 1 : 0
            value = value &* 10 &+ UInt64(digit)
        }
        return bad == 0 ? value : nil
    }

    @usableFromInline @inline(never) var longUnsigned: UInt64? {
        guard count > 0, count <= 20 else { return nil }
        var value: UInt64 = 0
        for index in 0..<count {
            let digit = start[index] &- 0x30
            guard digit <= 9 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    /// The byte count that the view shows: decimal digits, with an optional all-zero fraction (`89.0`, as some
    /// exporters write integers). Nil for anything else: negative, fractional, exponent, NaN, more than 2^63 - 1.
    public var byteCount: UInt64? {
        var digits = self
        if let dot = firstIndex(of: UInt8(ascii: ".")) {
            let fraction = suffix(from: dot + 1)
            guard fraction.count > 0 else { return nil }
            for index in 0..<fraction.count where fraction[index] != UInt8(ascii: "0") { return nil }
            digits = prefix(upTo: dot)
        }
        guard let value = digits.unsigned, value <= UInt64(Int64.max) else { return nil }
        return value
    }
}

/// Runs `body` with a view of the string's UTF-8 bytes.
@inlinable public func withBytes<Result>(of string: String, _ body: (Bytes) throws -> Result) rethrows -> Result {
    var copy = string
    return try copy.withUTF8 { try body(Bytes(UnsafeRawBufferPointer($0))) }
}
