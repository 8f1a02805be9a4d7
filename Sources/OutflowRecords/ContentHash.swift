// SPDX-License-Identifier: Apache-2.0

/// A 64-bit hash of content, the same on every machine and in every run: the identity of a record, an object or a
/// transfer. Two different contents share one with probability 2^-64.
///
/// It is built by feeding fields one after the other; each field is closed by its length, so that ("ab","c") and
/// ("a","bc") differ. The mixing step is the 64 x 64 -> 128 bit multiply-and-fold of wyhash (Wang Yi, public domain).
/// It is not cryptographic: who can choose both of two contents can make them collide.
public struct ContentHash {
    @usableFromInline var state: UInt64

    /// An empty hash. `seed` separates uses whose contents might look alike.
    @inlinable public init(seed: UInt64 = 0) { state = seed ^ 0xA076_1D64_78BD_642F }

    @inlinable static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    /// Feeds a number.
    @inlinable public mutating func combine(_ value: UInt64) {
        state = Self.fold(
            state ^ value ^ 0xE703_7ED1_A0B4_28DB, 0x8EBC_6AF0_9C88_C6E3 ^ (value &+ 0x5895_65FE_1A89_3C6D))
    }

    /// Feeds bytes and their number.
    @inlinable public mutating func combine(_ bytes: Bytes) {
        let raw = UnsafeRawPointer(bytes.start)
        var index = 0
        while index + 8 <= bytes.count {
            combine(raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var tail: UInt64 = 0
        var shift: UInt64 = 0
        while index < bytes.count {
            tail |= UInt64(bytes.start[index]) << shift
            shift += 8
            index += 1
        }
        combine(tail)
        combine(UInt64(bytes.count) ^ 0x1D8E_4E27_C47D_124F)
    }

    /// Feeds an address.
    @inlinable public mutating func combine(_ address: IPAddress) {
        combine(address.high)
        combine(address.low)
    }

    /// Feeds text.
    public mutating func combine(_ text: String) { withBytes(of: text) { combine($0) } }

    /// The hash of all that was fed.
    @inlinable public var value: UInt64 { Self.fold(state ^ 0xEB44_ACCA_B455_D165, 0x9E37_79B9_7F4A_7C15 ^ state) }

    /// The hash of some bytes alone.
    @inlinable public static func of(_ bytes: Bytes) -> UInt64 {
        var hash = ContentHash()
        hash.combine(bytes)
        return hash.value
    }
}
