// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension TextBuffer {
    /// Adds a value by its type. What has not the size of its type, or is of no known type, becomes hexadecimal digits: no
    /// byte is lost.
    ///
    /// - Returns: what kind of value it is; `.null` when it is none.
    @inline(__always) mutating func append(_ type: UInt8, _ bytes: Bytes) throws(EventLogDamage) -> EventFields.Kind {
        if type == ValueType.string {
            try append(utf16: UnsafeRawPointer(bytes.start), count: bytes.count / 2)
            return .string
        }
        return try appendOther(type, bytes)
    }

    private mutating func appendOther(_ type: UInt8, _ bytes: Bytes) throws(EventLogDamage) -> EventFields.Kind {
        let raw = UnsafeRawPointer(bytes.start)
        if bytes.isEmpty, type != ValueType.ansiString { return .null }
        switch type {
        case ValueType.null: return .null
        case ValueType.ansiString:
            try append(windows1252: bytes)
            return .string
        case ValueType.uint8, ValueType.uint16, ValueType.uint32, ValueType.uint64:
            guard let value = Self.unsigned(raw, bytes.count) else { break }
            try append(decimal: value)
            return .number
        case ValueType.int8, ValueType.int16, ValueType.int32, ValueType.int64:
            guard let value = Self.unsigned(raw, bytes.count) else { break }
            let unused = 64 &- 8 &* bytes.count
            try append(decimal: Int64(bitPattern: value << UInt64(unused)) >> Int64(unused))
            return .number
        case ValueType.hex32, ValueType.hex64, ValueType.size:
            guard let value = Self.unsigned(raw, bytes.count) else { break }
            try append(hex: value)
            return .string
        case ValueType.bool:
            guard let value = Self.unsigned(raw, bytes.count) else { break }
            try append(value == 0 ? Bytes("false") : Bytes("true"))
            return .bool
        case ValueType.real32, ValueType.real64:
            guard let value = Self.unsigned(raw, bytes.count), bytes.count >= 4 else { break }
            let text =
                bytes.count == 4
                ? Float(bitPattern: UInt32(truncatingIfNeeded: value)).description
                : Double(bitPattern: value).description
            for byte in text.utf8 { try append(byte) }
            return .number
        case ValueType.guid:
            guard bytes.count == 16 else { break }
            try append(guid: raw)
            return .string
        case ValueType.sid:
            if try append(sid: bytes) { return .string }
        case ValueType.fileTime:
            guard bytes.count == 8, let value = Self.unsigned(raw, 8) else { break }
            // What is no time of our calendar stays the number that it is.
            if let time = Timestamp(fileTime: value) { try append(time) } else { try append(decimal: value) }
            return .string
        case ValueType.systemTime:
            guard bytes.count == 16, let time = Timestamp(systemTime: raw) else { break }
            try append(time)
            return .string
        default: break
        }
        try append(hexOf: bytes)
        return .string
    }

    /// The little-endian number of 1, 2, 4 or 8 bytes; nil for other sizes.
    @inline(__always) private static func unsigned(_ raw: UnsafeRawPointer, _ count: Int) -> UInt64? {
        switch count {
        case 1: UInt64(raw.load(as: UInt8.self))
        case 2: UInt64(UInt16(littleEndian: raw.loadUnaligned(as: UInt16.self)))
        case 4: UInt64(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))
        case 8: UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))
        default: nil
        }
    }

    /// Adds text in the code page of western Windows, up to the first NUL: logs do not say which one it is.
    private mutating func append(windows1252 bytes: Bytes) throws(EventLogDamage) {
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if byte == 0 { return }
            if byte & 0xE0 == 0x80 {
                try append(scalar: Self.windows1252[Int(byte & 0x1F)])
            } else {
                try append(scalar: UInt32(byte))
            }
        }
    }

    /// Characters of the bytes 0x80 to 0x9F. Source: unicode.org, MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT.
    private static let windows1252: [UInt32] = [
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD,
        0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0xFFFD, 0x017E, 0x0178,
    ]

    /// The first element of what is left of an array, and how many bytes to go on to the next one: at least 1. Strings stand
    /// one after the other, a NUL behind each. Source: libyal's description of the format, section "Value types".
    static func element(_ type: UInt8, _ rest: Bytes) -> (element: Bytes, step: Int) {
        let type = type & ~ValueType.array
        var size = rest.count
        switch type {
        case ValueType.string:
            var end = 0
            while end &+ 1 < rest.count, rest[end] != 0 || rest[end &+ 1] != 0 { end &+= 2 }
            return (rest.prefix(upTo: end), end &+ 2)
        case ValueType.ansiString:
            let end = rest.firstIndex(of: 0) ?? rest.count
            return (rest.prefix(upTo: end), end &+ 1)
        case ValueType.sid: if rest.count >= 8 { size = 8 &+ 4 &* Int(rest[1]) }
        case ValueType.size: size = rest.count % 8 == 0 ? 8 : 4
        default: size = ValueType.width(type) ?? rest.count
        }
        let end = min(size, rest.count)
        return (rest.prefix(upTo: end), max(end, 1))
    }
}
