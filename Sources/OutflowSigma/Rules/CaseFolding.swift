// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Makes case go away: by each character's simple lower-case mapping (Unicode Character Database, field 13), so that
/// `Ä` equals `ä`. Characters whose lower case is several characters stay as they are. Bytes that are not UTF-8 stay too.
enum CaseFolding {
    /// The bytes, folded.
    static func fold(_ bytes: [UInt8]) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(bytes.count)
        bytes.withUnsafeBytes { raw in
            forEachScalar(Bytes(raw)) { scalar, range in
                if let scalar {
                    append(lower(scalar), to: &folded)
                } else {
                    folded.append(contentsOf: raw[range])
                }
            }
        }
        return folded
    }

    /// The simple lower-case mapping of a character.
    static func lower(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.value < 0x80 {
            return (0x41...0x5A).contains(scalar.value) ? Unicode.Scalar(UInt8(scalar.value | 0x20)) : scalar
        }
        let mapping = scalar.properties.lowercaseMapping.unicodeScalars
        guard let first = mapping.first, mapping.count == 1 else { return scalar }
        return first
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        if scalar.value < 0x80 {
            bytes.append(UInt8(scalar.value))
        } else if let encoded = UTF8.encode(scalar) {
            bytes.append(contentsOf: encoded)
        }
    }

    /// Calls `body` for each character with its place, with nil for each byte that is not part of one.
    static func forEachScalar(_ bytes: Bytes, _ body: (Unicode.Scalar?, Range<Int>) -> Void) {
        var at = 0
        while at < bytes.count {
            let length = scalarLength(bytes, at)
            if length == 0 {
                body(nil, at..<at + 1)
                at += 1
            } else {
                body(scalar(bytes, at, length), at..<at + length)
                at += length
            }
        }
    }

    private static func scalar(_ bytes: Bytes, _ at: Int, _ length: Int) -> Unicode.Scalar? {
        var value = UInt32(bytes[at])
        switch length {
        case 1: break
        case 2: value &= 0x1F
        case 3: value &= 0x0F
        default: value &= 0x07
        }
        for index in 1..<max(length, 1) { value = value << 6 | UInt32(bytes[at + index] & 0x3F) }
        return Unicode.Scalar(value)
    }

    /// Number of bytes of the character at `at`, 0 when there is none (Unicode Standard, table 3-7).
    static func scalarLength(_ bytes: Bytes, _ at: Int) -> Int {
        let first = bytes[at]
        if first < 0x80 { return 1 }
        func next(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            at + offset < bytes.count && range.contains(bytes[at + offset])
        }
        switch first {
        case 0xC2...0xDF: return next(1) ? 2 : 0
        case 0xE0: return next(1, 0xA0...0xBF) && next(2) ? 3 : 0
        case 0xED: return next(1, 0x80...0x9F) && next(2) ? 3 : 0
        case 0xE1...0xEF: return next(1) && next(2) ? 3 : 0
        case 0xF0: return next(1, 0x90...0xBF) && next(2) && next(3) ? 4 : 0
        case 0xF1...0xF3: return next(1) && next(2) && next(3) ? 4 : 0
        case 0xF4: return next(1, 0x80...0x8F) && next(2) && next(3) ? 4 : 0
        default: return 0
        }
    }
}
