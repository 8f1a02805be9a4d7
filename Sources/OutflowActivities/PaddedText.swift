// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// Numbers, times and addresses of a hot loop, parsed eight bytes at a time and without a branch on their length, which no
/// processor can foresee.
///
/// Every function may read up to 16 bytes from the beginning of its text and 3 behind its end, whatever the length: a ``RecordBlock`` and an
/// ``Arena`` have that many behind any text. None believes what stands there. Each has a plain twin elsewhere
/// (``Bytes/unsigned``, ``IPAddress/parseV4(_:)``, ``Timestamp/init(epochSeconds:)``), which its test compares it with.
enum PaddedText {
    private static let zeros: UInt64 = 0x3030_3030_3030_3030

    @inline(__always)
    private static func load(_ start: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
    }

    /// The number that eight digits show, the first in the lowest byte; nil if one is no digit.
    @inline(__always)
    private static func number(_ digits: UInt64) -> UInt64? {
        let high: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
        guard (digits & high) | ((digits &+ 0x0606_0606_0606_0606) & high) >> 4 == 0x3333_3333_3333_3333 else {
            return nil
        }
        var value = digits & 0x0F0F_0F0F_0F0F_0F0F
        value = (value &* 10 &+ value >> 8) & 0x00FF_00FF_00FF_00FF
        value = (value &* 100 &+ value >> 16) & 0x0000_FFFF_0000_FFFF
        return (value &* 10_000 &+ value >> 32) & 0xFFFF_FFFF
    }

    /// The number that 1 to 8 digits from `start` show; nil if they show anything else.
    @inline(__always)
    private static func number(_ start: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
        let shift = UInt64(truncatingIfNeeded: 8 &- count) &* 8
        return number(load(start) &<< shift | zeros & (1 &<< shift &- 1))
    }

    /// As ``Bytes/unsigned``.
    @inline(__always)
    static func unsigned(_ text: Bytes) -> UInt64? {
        guard text.count > 0, text.count <= 8 else { return text.unsigned }
        return number(text.start, text.count)
    }

    /// The six digits behind the point at `point`, which is not the text's first byte.
    @inline(__always)
    private static func sixDecimals(_ point: UnsafePointer<UInt8>) -> UInt64? {
        number(load(point - 1) & ~0xFFFF | 0x3030)
    }

    /// As ``Timestamp/init(epochSeconds:)``.
    @inline(__always)
    static func epochSeconds(_ text: Bytes) -> Timestamp? {
        // Zeek's own way to write it, 1588205199.824370, is nearly all that comes.
        guard text.count == 17, text.start[10] == UInt8(ascii: "."), let most = number(text.start, 8),
            let two = number(text.start + 8, 2), let fraction = sixDecimals(text.start + 10)
        else { return Timestamp(epochSeconds: text) }
        return Timestamp(microseconds: Int64((most &* 100 &+ two) &* 1_000_000 &+ fraction))
    }

    /// As ``ZeekConn/microseconds(_:)``.
    @inline(__always)
    static func interval(_ text: Bytes) -> Int64 {
        // Six decimals, as Zeek writes them.
        let whole = text.count &- 7
        guard whole >= 1, whole <= 8, text.start[whole] == UInt8(ascii: "."), let seconds = number(text.start, whole),
            let fraction = sixDecimals(text.start + whole)
        else { return ZeekConn.microseconds(text) }
        return Int64(seconds &* 1_000_000 &+ fraction)
    }

    /// One bit for each point among eight bytes, the first in the lowest.
    @inline(__always)
    private static func points(_ bytes: UInt64) -> UInt64 {
        let other = bytes ^ 0x2E2E_2E2E_2E2E_2E2E
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let marks = ~((other & low &+ low) | other | low)
        return ((marks >> 7) &* 0x0102_0408_1020_4080) >> 56
    }

    /// One part of a dotted address, 1 to 3 digits without a leading zero, or something above 255.
    @inline(__always)
    private static func part(_ start: UnsafePointer<UInt8>, _ count: UInt32) -> UInt32 {
        guard count &- 1 < 3 else { return 256 }
        let four = UInt32(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
        let shift = 32 &- count &* 8
        let digits = four &<< shift | 0x3030_3030 & (1 &<< shift &- 1)
        let high: UInt32 = 0xF0F0_F0F0
        let isNumber = (digits & high) | ((digits &+ 0x0606_0606) & high) >> 4 == 0x3333_3333
        let isPadded = count > 1 && four & 0xFF == 0x30
        guard isNumber, !isPadded else { return 256 }
        return (digits >> 8 & 15) &* 100 &+ (digits >> 16 & 15) &* 10 &+ (digits >> 24 & 15)
    }

    /// As ``IPAddress/parseV4(_:)``.
    @inline(__always)
    static func v4(_ text: Bytes) -> UInt32? {
        #if arch(x86_64)
            var address: UInt32 = 0
            return outflow_v4(text.start, text.count, &address) ? address : nil
        #else
            return portableV4(text)
        #endif
    }

    /// The same without the processor's help.
    @inline(__always)
    static func portableV4(_ text: Bytes) -> UInt32? {
        guard text.count >= 7, text.count <= 15 else { return nil }
        var mask = points(load(text.start)) | points(load(text.start + 8)) << 8
        mask &= 1 &<< UInt64(truncatingIfNeeded: text.count) &- 1
        let first = UInt32(truncatingIfNeeded: mask.trailingZeroBitCount)
        mask &= mask &- 1
        let second = UInt32(truncatingIfNeeded: mask.trailingZeroBitCount)
        mask &= mask &- 1
        // Three points: counting bits is no instruction of every processor.
        guard mask != 0, mask & (mask &- 1) == 0 else { return nil }
        let third = UInt32(truncatingIfNeeded: mask.trailingZeroBitCount)
        let a = part(text.start, first)
        let b = part(text.start + Int(first) + 1, second &- first &- 1)
        let c = part(text.start + Int(second) + 1, third &- second &- 1)
        let d = part(text.start + Int(third) + 1, UInt32(truncatingIfNeeded: text.count) &- third &- 1)
        guard max(max(a, b), max(c, d)) < 256 else { return nil }
        return a << 24 | b << 16 | c << 8 | d
    }

    /// A word of at most eight bytes as a number, its first byte lowest; 0 for none and for a longer one.
    @inline(__always)
    static func word(_ text: Bytes) -> UInt64 {
        guard text.count > 0, text.count <= 8 else { return 0 }
        return load(text.start) & (~0 >> (UInt64(truncatingIfNeeded: 8 &- text.count) &* 8))
    }
}
