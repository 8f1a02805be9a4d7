// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Why something in an event log cannot be read, or can be read only in part.
public enum EventLogDamage: UInt8, Error, Sendable, CaseIterable {
    /// A value, name or template reaches behind the end of the chunk or record.
    case outside
    /// The template's definition does not lie in what is left of the chunk.
    case templateMissing
    /// The same, but what could be told without the template was: an event without names of its data.
    case namesMissing
    /// A byte that is no binary XML token where one must stand.
    case unknownToken
    /// Elements that close what was not opened, or the other way round.
    case unbalanced
    /// Elements, or values with binary XML in them, deeper than any log writes them.
    case tooDeep
    /// The event expands to more than any log writes: templates that use a value again and again.
    case tooLarge
    /// The record has no event in it.
    case noEvent
    /// The size of a record is not one that a record can have.
    case recordSize
    /// Bytes between records that are no record.
    case noRecord
    /// The header of a chunk does not have its checksum.
    case headerChecksum
    /// The records of a chunk do not have their checksum.
    case recordsChecksum
    /// The chunk's header does not know of its last records.
    case headerOutOfDate
    /// The chunk is cut off, or another one begins within it.
    case chunkCutOff
    /// Records stand where no chunk begins: its header is lost.
    case chunkHeaderMissing
    /// Text that is no well-formed XML, or has a document type, which events have not.
    case notWellFormed
}

extension EventLogDamage: CustomStringConvertible {
    /// What was wrong, and what became of the records.
    public var description: String {
        switch self {
        case .outside: "a value, name or template reaches outside of the chunk"
        case .templateMissing: "the template of the event is not in the chunk"
        case .namesMissing: "the template of the event is not in the chunk: its data have no names"
        case .unknownToken: "no binary XML token"
        case .unbalanced: "elements of the event are not closed as they were opened"
        case .tooDeep: "elements lie in each other more than \(TemplateCompiler.depthLimit) deep"
        case .tooLarge: "the event expands to more than an event can hold"
        case .noEvent: "the record has no event in it"
        case .recordSize: "a record of impossible size; reading goes on with the next record in the chunk"
        case .noRecord: "no record where one must begin; reading goes on with the next record in the chunk"
        case .headerChecksum: "the checksum of the chunk's header is wrong; its records are read all the same"
        case .recordsChecksum: "the checksum of the chunk's records is wrong; they are read all the same"
        case .headerOutOfDate: "the chunk's header does not know of its last records; they are read all the same"
        case .chunkCutOff: "the chunk is cut off; what is left of it is read"
        case .chunkHeaderMissing: "records without the header of their chunk; they are read all the same"
        case .notWellFormed: "no well-formed XML, or XML with a document type"
        }
    }

    /// Whether it tells of the state of a chunk, whose records are read all the same.
    public var isRemark: Bool {
        switch self {
        case .headerChecksum, .recordsChecksum, .headerOutOfDate, .chunkCutOff, .chunkHeaderMissing, .namesMissing:
            true
        default: false
        }
    }
}

/// The bytes of a chunk by their offset from its beginning, as names and templates are referred to. What is missing at
/// the front of a chunk, or at its end, is outside.
struct ChunkBytes {
    /// Where offset ``low`` stands.
    private let start: UnsafeRawPointer
    /// The first offset that there is.
    let low: Int
    /// The first offset behind all that there is.
    let high: Int

    /// A chunk of which `bytes` are there, from offset `low` on.
    init(_ bytes: Bytes, low: Int = 0) {
        start = UnsafeRawPointer(bytes.start)
        self.low = low
        high = low &+ bytes.count
    }

    /// Whether `count` bytes are there at `offset`.
    @inline(__always) func has(_ count: Int, at offset: Int) -> Bool {
        offset >= low && count >= 0 && offset <= high && count <= high &- offset
    }

    @inline(__always) func pointer(_ offset: Int) -> UnsafeRawPointer { start + (offset &- low) }

    /// The number at `offset`, which the caller has made sure is there.
    @inline(__always) func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ offset: Int, as type: Value.Type = Value.self
    ) -> Value {
        Value(littleEndian: pointer(offset).loadUnaligned(as: Value.self))
    }

    @inline(__always) func byte(_ offset: Int) -> UInt8 { pointer(offset).load(as: UInt8.self) }

    /// The bytes in a range that the caller has made sure is there.
    @inline(__always) func view(_ offset: Int, _ count: Int) -> Bytes {
        Bytes(start: pointer(offset).assumingMemoryBound(to: UInt8.self), count: count)
    }

    /// The number at `offset`.
    @inline(__always) func number<Value: FixedWidthInteger & BitwiseCopyable>(
        _ offset: Int, as type: Value.Type = Value.self
    ) throws(EventLogDamage) -> Value {
        guard has(MemoryLayout<Value>.size, at: offset) else { throw .outside }
        return load(offset)
    }
}

/// Memory for a limited number of plain values, taken once and used again.
struct FixedStack<Element: BitwiseCopyable>: ~Copyable {
    let base: UnsafeMutablePointer<Element>
    let capacity: Int
    var count = 0

    /// Room for `capacity` values. Pages of it that are never used cost nothing.
    init(capacity: Int) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    /// Adds a value.
    @inline(__always) mutating func push(_ element: Element) throws(EventLogDamage) {
        guard count < capacity else { throw .tooLarge }
        base[count] = element
        count &+= 1
    }
}
