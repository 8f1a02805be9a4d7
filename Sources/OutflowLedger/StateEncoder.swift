// SPDX-License-Identifier: Apache-2.0

import CCodecs
import OutflowRecords

/// The sections of a partial. A section's number never changes its meaning; a new meaning gets a new number.
public enum StateSection: UInt16, CaseIterable, Sendable {
    /// 1 to 15: what a scan as a whole knows, and network flows. (1, 3 and 5 are free.)
    case inputs = 2
    case flowRecords = 4
    /// From 16 on: one section for each kind of activity.
    case accesses = 16
    case mail, exposures, uploads, names, queries, losses
    /// What was found of indicators.
    case indicatorHits = 48
    /// Records that meet steps of patterns over several records.
    case patternSightings
    /// Records that rules matched, and those that correlations are about.
    case ruleMatches = 56
    case correlations
    /// From 64 on: what other parts of the program keep.
    case measures = 64
}

/// Layout of a partial, shared by ``StateEncoder`` and ``StateDecoder``.
///
/// `OUTFLOWP`, version (UInt16), two zero bytes; then sections, each: number (UInt16), method (UInt8: 0 as it is, 1 a
/// zstd frame with checksum, RFC 8878), a zero byte, length of the payload (UInt64), length as stored (UInt64), bytes;
/// then the number 0xFFFF, so that a file cut short is noticed. All numbers are little-endian.
enum StateLayout {
    static let magic: StaticString = "OUTFLOWP"
    static let version: UInt16 = 3
    static let headLength = 12
    static let sectionHeadLength = 20
    static let end: UInt16 = 0xFFFF
    /// A payload is never more than so many times as long as its stored form. What would compress better is stored as
    /// it is, so that a reader can refuse a decompression bomb before it allocates.
    static let ratio: UInt64 = 64
}

/// Writes a partial: sections, each made of numbers and bytes one after the other.
///
/// ```swift
/// var encoder = StateEncoder()
/// encoder.begin(.losses)
/// encoder.write(42)
/// encoder.end()
/// let file = encoder.finish()
/// ```
public struct StateEncoder {
    private var file: [UInt8] = []
    private var payload: [UInt8] = []
    private var section: StateSection?
    private let isCompressing: Bool

    /// A partial without sections.
    public init() { self.init(isCompressing: true) }

    /// A partial without sections, whose payloads may be stored as they are: tests damage them then.
    init(isCompressing: Bool) {
        self.isCompressing = isCompressing
        withBytes(of: "\(StateLayout.magic)") { file.append(contentsOf: $0.array) }
        append(StateLayout.version)
        append(UInt16(0))
    }

    private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { file.append(contentsOf: $0) }
    }

    /// Begins a section; the one before must have ended.
    public mutating func begin(_ section: StateSection) {
        precondition(self.section == nil)
        self.section = section
        payload.removeAll(keepingCapacity: true)
    }

    /// Ends the section, compressing it where that helps.
    public mutating func end() {
        guard let section else { preconditionFailure("no section to end") }
        let packed = isCompressing ? Self.compress(payload) : nil
        let stored = packed ?? payload
        append(section.rawValue)
        file.append(packed == nil ? 0 : 1)
        file.append(0)
        append(UInt64(payload.count))
        append(UInt64(stored.count))
        file.append(contentsOf: stored)
        payload = []
        self.section = nil
    }

    /// The whole partial.
    public consuming func finish() -> [UInt8] {
        precondition(section == nil)
        append(StateLayout.end)
        return file
    }

    /// A zstd frame of `bytes`, or nil when storing them as they are is better or required by ``StateLayout/ratio``.
    private static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= 64, let context = ZSTD_createCCtx() else { return nil }
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 3)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        let bound = ZSTD_compressBound(bytes.count)
        let packed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            let written = ZSTD_compress2(context, buffer.baseAddress, bound, bytes, bytes.count)
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        guard !packed.isEmpty, packed.count < bytes.count,
            UInt64(bytes.count) <= UInt64(packed.count) * StateLayout.ratio
        else { return nil }
        return packed
    }

    /// Writes a number in 1 to 10 bytes, small ones shorter (LEB128).
    public mutating func write(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            payload.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        payload.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Writes a signed number, small ones of either sign shorter (zigzag).
    public mutating func write(signed value: Int64) {
        write(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// Writes a hash: eight bytes.
    public mutating func write(fixed value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { payload.append(contentsOf: $0) }
    }

    /// Writes a size that may be unknown.
    public mutating func write(size: UInt64?) {
        payload.append(size == nil ? 0 : 1)
        if let size { write(size) }
    }

    /// Writes bytes and their number.
    public mutating func write(_ bytes: Bytes) {
        write(UInt64(bytes.count))
        payload.append(contentsOf: UnsafeBufferPointer(start: bytes.start, count: bytes.count))
    }

    /// Writes one value of each row, all together, which compresses better than row after row.
    public mutating func column<Rows: Collection>(_ rows: Rows, _ value: (Rows.Element) -> UInt64) {
        for row in rows { write(value(row)) }
    }

    /// Writes one address of each row.
    mutating func addressColumn<Rows: Collection>(_ rows: Rows, _ value: (Rows.Element) -> IPAddress) {
        column(rows) { value($0).high }
        column(rows) { value($0).low }
    }

    /// Writes one hash of each row.
    public mutating func fixedColumn<Rows: Collection>(_ rows: Rows, _ value: (Rows.Element) -> UInt64) {
        for row in rows { write(fixed: value(row)) }
    }

    /// Writes one time of each row, as the difference from the row before.
    public mutating func timeColumn<Rows: Collection>(_ rows: Rows, _ value: (Rows.Element) -> Int64) {
        var last: Int64 = 0
        for row in rows {
            let time = value(row)
            write(signed: time &- last)
            last = time
        }
    }

    /// Writes the first and last moment of each row.
    mutating func spanColumn<Rows: Collection>(_ rows: Rows, _ value: (Rows.Element) -> Span) {
        timeColumn(rows) { value($0).first }
        timeColumn(rows) { value($0).last }
    }

    /// Writes one size, known or not, of each row.
    public mutating func sizeColumn<Rows: Collection>(_ rows: Rows, _ value: (Rows.Element) -> UInt64?) {
        for row in rows { write(size: value(row)) }
    }

    /// Writes where each row stands in its input.
    public mutating func originColumn<Rows: Collection>(_ rows: Rows, _ value: (Rows.Element) -> Origin) {
        column(rows) { UInt64(value($0).input) }
        column(rows) { UInt64(value($0).length) }
        timeColumn(rows) { Int64(bitPattern: value($0).offset) }
    }

    /// Writes numbers that never fall, and how many there are.
    public mutating func write(ascending values: [UInt64]) {
        write(UInt64(values.count))
        var last: UInt64 = 0
        for value in values {
            assert(value >= last)
            write(value &- last)
            last = value
        }
    }
}
