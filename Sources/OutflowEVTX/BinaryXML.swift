// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Tokens of binary XML, without the bit 0x40 for "more follows".
/// Source: [MS-EVEN6] section 2.2.12, libyal's "Windows XML Event Log (EVTX)", section "Token types".
enum Token {
    static let end: UInt8 = 0x00
    static let openStart: UInt8 = 0x01
    static let closeStart: UInt8 = 0x02
    static let closeEmpty: UInt8 = 0x03
    static let closeElement: UInt8 = 0x04
    static let value: UInt8 = 0x05
    static let attribute: UInt8 = 0x06
    static let cdata: UInt8 = 0x07
    static let character: UInt8 = 0x08
    static let entity: UInt8 = 0x09
    static let instructionTarget: UInt8 = 0x0A
    static let instructionData: UInt8 = 0x0B
    static let instance: UInt8 = 0x0C
    static let substitution: UInt8 = 0x0D
    static let optionalSubstitution: UInt8 = 0x0E
    static let fragment: UInt8 = 0x0F
    static let more: UInt8 = 0x40
}

/// Types of values. The bit 0x80 makes an array of one.
/// Source: [MS-EVEN6] section 2.2.12 and libyal's description, section "Value types".
enum ValueType {
    static let null: UInt8 = 0x00
    static let string: UInt8 = 0x01
    static let ansiString: UInt8 = 0x02
    static let int8: UInt8 = 0x03
    static let uint8: UInt8 = 0x04
    static let int16: UInt8 = 0x05
    static let uint16: UInt8 = 0x06
    static let int32: UInt8 = 0x07
    static let uint32: UInt8 = 0x08
    static let int64: UInt8 = 0x09
    static let uint64: UInt8 = 0x0A
    static let real32: UInt8 = 0x0B
    static let real64: UInt8 = 0x0C
    static let bool: UInt8 = 0x0D
    static let binary: UInt8 = 0x0E
    static let guid: UInt8 = 0x0F
    static let size: UInt8 = 0x10
    static let fileTime: UInt8 = 0x11
    static let systemTime: UInt8 = 0x12
    static let sid: UInt8 = 0x13
    static let hex32: UInt8 = 0x14
    static let hex64: UInt8 = 0x15
    static let binaryXML: UInt8 = 0x21
    static let array: UInt8 = 0x80

    /// Bytes that a value takes where nothing else says so; nil where that is not fixed.
    static func width(_ type: UInt8) -> Int? {
        switch type {
        case int8, uint8: 1
        case int16, uint16: 2
        case int32, uint32, real32, bool, hex32: 4
        case int64, uint64, real64, fileTime, hex64: 8
        case guid, systemTime: 16
        default: nil
        }
    }
}

/// A value of a template instance: its type, and where it stands in the chunk.
struct Value {
    var offset: Int
    var size: UInt16
    var type: UInt8
}

/// The names and headers that binary XML is made of, by their offset in the chunk.
extension ChunkBytes {
    /// A name that a token at `offset` refers to, as UTF-16, and where the token goes on: a name that is used for the first
    /// time stands right there.
    func name(at offset: Int) throws(EventLogDamage) -> (text: UnsafeRawPointer, count: Int, next: Int) {
        let place = Int(try number(offset, as: UInt32.self))
        // Offset of the next name with the same hash (4), hash (2), number of characters (2), characters, NUL.
        guard has(8, at: place) else { throw .outside }
        let count = Int(load(place &+ 6, as: UInt16.self))
        guard has(2 &* count, at: place &+ 8) else { throw .outside }
        var next = offset &+ 4
        if place == next { next = place &+ 8 &+ 2 &* count &+ 2 }
        return (pointer(place &+ 8), count, next)
    }

    /// Characters with their number in front, and where they end.
    func countedText(at offset: Int) throws(EventLogDamage) -> (text: UnsafeRawPointer, count: Int, next: Int) {
        let count = Int(try number(offset, as: UInt16.self))
        guard has(2 &* count, at: offset &+ 2) else { throw .outside }
        return (pointer(offset &+ 2), count, offset &+ 2 &+ 2 &* count)
    }

    /// A template instance whose token stands at `offset`.
    struct Instance {
        /// Offset of the definition.
        var template: Int
        /// Whether the definition stands in the instance itself.
        var isInline: Bool
        /// Number of values.
        var count: Int
        /// Offset of the values' descriptors, and of the values behind them.
        var descriptors: Int
        var values: Int
    }

    /// Reads the head of a template instance that ends at `end` at the latest.
    @inline(__always) func instance(at offset: Int, end: Int) throws(EventLogDamage) -> Instance {
        // Token (1), version (1), identifier (4), offset of the definition (4).
        guard end &- offset >= 14, has(14, at: offset) else { throw .outside }
        let template = Int(load(offset &+ 6, as: UInt32.self))
        var at = offset &+ 10
        let isInline = template == at
        if isInline {
            // Next definition (4), GUID (16), size of what follows (4).
            let size = Int(try number(at &+ 20, as: UInt32.self))
            at = at &+ 24 &+ size
        }
        guard end &- at >= 4, has(4, at: at) else { throw .outside }
        let count = Int(load(at, as: UInt32.self))
        at &+= 4
        guard count <= (end &- at) / 4, has(4 &* count, at: at) else { throw .outside }
        return Instance(
            template: template, isInline: isInline, count: count, descriptors: at, values: at &+ 4 &* count)
    }
}
