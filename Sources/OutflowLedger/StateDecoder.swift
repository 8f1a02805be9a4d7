// SPDX-License-Identifier: Apache-2.0

import CCodecs
import OutflowRecords

/// Why a partial cannot be read.
public struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The section in which it was noticed; nil outside of sections.
    public var section: StateSection?
    /// Offset in the file, or within a section in its decompressed payload.
    public var offset: Int
    /// What is wrong and, where there is something to do, what.
    public var reason: String

    /// An error of its parts.
    public init(section: StateSection? = nil, offset: Int, reason: String) {
        self.section = section
        self.offset = offset
        self.reason = reason
    }

    /// A sentence for people.
    public var description: String {
        "not a readable partial: \(reason) (" + (section.map { "section \($0), " } ?? "") + "offset \(offset))"
    }
}

/// Reads a partial. Whatever the bytes are, it throws ``StateError`` instead of trapping, and allocates no more than in
/// proportion to the bytes that are there.
public struct StateDecoder {
    private struct Entry {
        var isPacked: Bool
        var length: Int
        var stored: Range<Int>
    }

    private let file: [UInt8]
    private var directory: [StateSection: Entry] = [:]
    private var payload: [UInt8] = []
    private var at = 0
    private var section: StateSection?
    /// How many inputs there are: an origin in any other is an error.
    public var inputCount = Int(UInt32.max) + 1

    /// The partial that is in `file`, its section heads read and checked.
    public init(_ file: [UInt8]) throws(StateError) {
        self.file = file
        let head = StateLayout.headLength
        guard file.count >= head, file.starts(with: Self.magic) else {
            throw StateError(offset: 0, reason: "it does not begin with \(StateLayout.magic)")
        }
        let version = Self.number(file, 8, UInt16.self)
        guard version == StateLayout.version else {
            throw StateError(
                offset: 8,
                reason: "version \(version) is not \(StateLayout.version): read it with the Outflow that wrote it")
        }
        guard Self.number(file, 10, UInt16.self) == 0 else {
            throw StateError(offset: 10, reason: "two bytes must be zero")
        }
        var at = head
        while true {
            guard file.count - at >= 2 else { throw StateError(offset: at, reason: "it is cut short") }
            let number = Self.number(file, at, UInt16.self)
            if number == StateLayout.end {
                guard at + 2 == file.count else { throw StateError(offset: at + 2, reason: "bytes follow its end") }
                return
            }
            guard let section = StateSection(rawValue: number) else {
                throw StateError(offset: at, reason: "section \(number) is unknown: a newer Outflow wrote it")
            }
            guard file.count - at >= StateLayout.sectionHeadLength else {
                throw StateError(section: section, offset: at, reason: "it is cut short")
            }
            let method = file[at + 2]
            let length = Self.number(file, at + 4, UInt64.self)
            let stored = Self.number(file, at + 12, UInt64.self)
            let start = at + StateLayout.sectionHeadLength
            guard method <= 1, file[at + 3] == 0 else {
                throw StateError(section: section, offset: at + 2, reason: "compression method \(method) is unknown")
            }
            guard stored <= UInt64(file.count - start) else {
                throw StateError(section: section, offset: at + 12, reason: "it is cut short")
            }
            // `stored` is at most the file's length, so the product cannot overflow.
            guard method == 0 ? length == stored : length <= stored &* StateLayout.ratio else {
                throw StateError(section: section, offset: at + 4, reason: "its lengths contradict each other")
            }
            let entry = Entry(isPacked: method == 1, length: Int(length), stored: start..<start + Int(stored))
            guard directory.updateValue(entry, forKey: section) == nil else {
                throw StateError(section: section, offset: at, reason: "it comes twice")
            }
            at = entry.stored.upperBound
        }
    }

    /// Whether the partial has a section.
    public func contains(_ section: StateSection) -> Bool { directory[section] != nil }

    private static let magic = Array("\(StateLayout.magic)".utf8)

    private static func number<Number: FixedWidthInteger>(_ file: [UInt8], _ at: Int, _: Number.Type) -> Number {
        file.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: Number.self)) }
    }

    /// Begins to read a section.
    /// - Throws: when the partial has none, or it is damaged.
    public mutating func begin(_ section: StateSection) throws(StateError) {
        precondition(self.section == nil)
        guard let entry = directory[section] else {
            throw StateError(section: section, offset: 0, reason: "it is missing")
        }
        let stored = file[entry.stored]
        if entry.isPacked {
            let length = entry.length
            let unpacked = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
                let got = stored.withUnsafeBytes {
                    ZSTD_decompress(buffer.baseAddress, length, $0.baseAddress, $0.count)
                }
                count = ZSTD_isError(got) == 0 ? got : 0
            }
            guard unpacked.count == length else {
                throw StateError(section: section, offset: 0, reason: "its compressed bytes are damaged")
            }
            payload = unpacked
        } else {
            payload = Array(stored)
        }
        at = 0
        self.section = section
    }

    /// Ends the section.
    /// - Throws: when something of it was not read.
    public mutating func end() throws(StateError) {
        guard at == payload.count else { throw error("bytes follow its end") }
        section = nil
        payload = []
    }

    /// An error at the place that has been read up to.
    public func error(_ reason: String) -> StateError { StateError(section: section, offset: at, reason: reason) }

    /// Reads a number of 1 to 10 bytes, at most `limit`.
    public mutating func read(atMost limit: UInt64 = .max) throws(StateError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < payload.count {
            let byte = payload[at]
            at += 1
            guard shift < 63 || byte <= 1 else { throw error("a number exceeds 64 bits") }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                guard value <= limit else { throw error("\(value) is more than \(limit)") }
                return value
            }
            shift += 7
        }
        throw error("it is cut short")
    }

    /// Reads a signed number.
    public mutating func readSigned() throws(StateError) -> Int64 {
        let value = try read()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Reads a hash.
    public mutating func readFixed() throws(StateError) -> UInt64 {
        guard payload.count - at >= 8 else { throw error("it is cut short") }
        defer { at += 8 }
        return Self.number(payload, at, UInt64.self)
    }

    /// Reads a size that may be unknown.
    public mutating func readSize() throws(StateError) -> UInt64? {
        try read(atMost: 1) == 1 ? try read() : nil
    }

    /// Reads bytes.
    public mutating func readBytes() throws(StateError) -> [UInt8] {
        let count = try readCount(bytesEach: 1)
        defer { at += count }
        return Array(payload[at..<at + count])
    }

    /// Reads how many things follow, each of which takes at least `bytesEach` bytes: a number that the bytes left cannot
    /// hold is refused before anything is allocated for it.
    public mutating func readCount(bytesEach: Int) throws(StateError) -> Int {
        let count = try read()
        guard count <= UInt64((payload.count - at) / bytesEach) else { throw error("\(count) entries do not fit") }
        return Int(count)
    }

    /// Reads a column of `count` numbers, each at most `limit`.
    public mutating func column(_ count: Int, atMost limit: UInt64 = .max) throws(StateError) -> [UInt64] {
        try check(count)
        var values: [UInt64] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try read(atMost: limit)) }
        return values
    }

    /// Reads a column of `count` numbers of 32 bits, each below `limit`: references to rows of which there are `limit`.
    public mutating func references(_ count: Int, below limit: Int) throws(StateError) -> [UInt32] {
        try check(count)
        var values: [UInt32] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            let value = try read(atMost: UInt64(UInt32.max))
            guard value < UInt64(limit) else { throw error("row \(value) of \(limit) is referred to") }
            values.append(UInt32(value))
        }
        return values
    }

    /// Reads a column of `count` addresses.
    mutating func addressColumn(_ count: Int) throws(StateError) -> [IPAddress] {
        let high = try column(count)
        let low = try column(count)
        return zip(high, low).map { IPAddress(high: $0, low: $1) }
    }

    /// Reads a column of `count` hashes.
    public mutating func fixedColumn(_ count: Int) throws(StateError) -> [UInt64] {
        try check(count, bytesEach: 8)
        var values: [UInt64] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try readFixed()) }
        return values
    }

    /// Reads a column of `count` times.
    public mutating func timeColumn(_ count: Int) throws(StateError) -> [Int64] {
        try check(count)
        var values: [Int64] = []
        values.reserveCapacity(count)
        var last: Int64 = 0
        for _ in 0..<count {
            last = last &+ (try readSigned())
            values.append(last)
        }
        return values
    }

    /// Reads a column of `count` moments, none out of range.
    mutating func momentColumn(_ count: Int) throws(StateError) -> [Timestamp] {
        var moments: [Timestamp] = []
        for time in try timeColumn(count) {
            let moment = Timestamp(microseconds: time)
            guard moment >= .earliest, moment <= .latest else { throw error("a time is out of range") }
            moments.append(moment)
        }
        return moments
    }

    /// Reads a column of `count` spans: first moments, then last ones, none before its first or out of range.
    mutating func spanColumn(_ count: Int) throws(StateError) -> [Span] {
        let firsts = try timeColumn(count)
        let lasts = try timeColumn(count)
        let range = Timestamp.earliest.microseconds...Timestamp.latest.microseconds
        var spans: [Span] = []
        for (first, last) in zip(firsts, lasts) {
            guard first <= last, range.contains(first), range.contains(last) else {
                throw error("a time is out of range")
            }
            spans.append(Span(first: first, last: last))
        }
        return spans
    }

    /// Reads a column of `count` sizes, known or not.
    public mutating func sizeColumn(_ count: Int) throws(StateError) -> [UInt64?] {
        try check(count)
        var values: [UInt64?] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try readSize()) }
        return values
    }

    /// Reads a column of `count` places in inputs.
    public mutating func originColumn(_ count: Int) throws(StateError) -> [Origin] {
        guard count == 0 || inputCount > 0 else { throw error("records of inputs, of which there are none") }
        let inputs = try column(count, atMost: UInt64(max(inputCount, 1) - 1))
        let lengths = try column(count, atMost: UInt64(UInt32.max))
        let offsets = try timeColumn(count)
        return (0..<count).map {
            Origin(input: UInt32(inputs[$0]), offset: UInt64(bitPattern: offsets[$0]), length: UInt32(lengths[$0]))
        }
    }

    /// Reads numbers that never fall.
    public mutating func readAscending() throws(StateError) -> [UInt64] {
        let count = try readCount(bytesEach: 1)
        var values: [UInt64] = []
        values.reserveCapacity(count)
        var last: UInt64 = 0
        for _ in 0..<count {
            let (sum, overflow) = last.addingReportingOverflow(try read())
            guard !overflow else { throw error("a number exceeds 64 bits") }
            last = sum
            values.append(sum)
        }
        return values
    }

    private func check(_ count: Int, bytesEach: Int = 1) throws(StateError) {
        guard count <= (payload.count - at) / bytesEach else { throw error("\(count) entries do not fit") }
    }
}
