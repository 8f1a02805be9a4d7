// SPDX-License-Identifier: Apache-2.0

/// What is known of a number of bytes: at least so many, at most so many. A size that is unknown is not zero.
public struct ByteBounds: Hashable, Sendable {
    /// No fewer bytes than these.
    public var atLeast: UInt64
    /// No more bytes than these; nil where the log gives no ceiling.
    public var atMost: UInt64?

    /// Bounds of their two ends; an upper end below the lower one is a programmer's error.
    @inlinable public init(atLeast: UInt64, atMost: UInt64?) {
        assert(atMost.map { $0 >= atLeast } ?? true)
        self.atLeast = atLeast
        self.atMost = atMost
    }

    /// Exactly `bytes`.
    @inlinable public static func exactly(_ bytes: UInt64) -> ByteBounds { ByteBounds(atLeast: bytes, atMost: bytes) }
    /// Nothing is known: at least none, no ceiling.
    @inlinable public static var unknown: ByteBounds { ByteBounds(atLeast: 0, atMost: nil) }
    /// No bytes at all.
    @inlinable public static var zero: ByteBounds { .exactly(0) }

    /// The sum of two amounts, each within its own bounds. Sums beyond 2^64 - 1 stay there (below) or become unknown
    /// (above): never wrong, only weaker.
    @inlinable public static func + (left: ByteBounds, right: ByteBounds) -> ByteBounds {
        let (low, lowOverflow) = left.atLeast.addingReportingOverflow(right.atLeast)
        var high: UInt64? = nil
        if let a = left.atMost, let b = right.atMost {
            let (sum, overflow) = a.addingReportingOverflow(b)
            if !overflow { high = sum }
        }
        return ByteBounds(atLeast: lowOverflow ? .max : low, atMost: high)
    }

    /// Adds `right` to `left`.
    @inlinable public static func += (left: inout ByteBounds, right: ByteBounds) { left = left + right }
}
