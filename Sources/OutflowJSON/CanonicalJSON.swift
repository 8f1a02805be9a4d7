// SPDX-License-Identifier: Apache-2.0

/// The canonical text of JSON values (RFC 8785, JSON Canonicalization Scheme): equal values have equal bytes, so that they
/// can be signed and hashed.
extension JSONTree {
    /// The canonical text: no blanks, members in order of the UTF-16 code units of their names, numbers as ECMAScript writes
    /// them. Of members of one name the last is written (RFC 8785 section 3.1 allows none). Numbers that JSON does not have
    /// (infinite, NaN) become `null`.
    public var canonical: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }

    /// ``canonical`` as a string.
    public var text: String { String(decoding: canonical, as: UTF8.self) }

    private func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let truth): bytes += (truth ? "true" : "false").utf8
        case .integer(let number):
            // RFC 8785 knows doubles only: beyond 2^53 a whole number is written as the nearest of them.
            if number.magnitude <= 1 << 53 {
                bytes += String(number).utf8
            } else {
                bytes += Self.text(of: Double(number)).utf8
            }
        case .float(let number): bytes += Self.text(of: number).utf8
        case .string(let text): Self.write(text, into: &bytes)
        case .list(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            var isFirst = true
            for member in Self.ordered(members) {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                Self.write(member.key, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func ordered(_ members: [Member]) -> [Member] {
        let sorted = members.enumerated().sorted {
            if $0.element.key.utf16.lexicographicallyPrecedes($1.element.key.utf16) { return true }
            if $1.element.key.utf16.lexicographicallyPrecedes($0.element.key.utf16) { return false }
            return $0.offset < $1.offset
        }.map(\.element)
        return sorted.indices.filter {
            $0 + 1 == sorted.count || !sorted[$0].key.isSameText(as: sorted[$0 + 1].key)
        }.map { sorted[$0] }
    }

    private static func write(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes += [UInt8(ascii: "\\"), byte]
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0..<0x20: bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A number as ECMAScript's Number::toString writes it (ECMA-262 section 6.1.6.1.20).
    static func text(of number: Double) -> String {
        guard number.isFinite else { return "null" }
        if number == 0 { return "0" }
        if number < 0 { return "-" + text(of: -number) }
        // Swift's description has the shortest digits that lead back to the number; only their layout differs.
        var digits = ""
        var exponent = 0
        var afterPoint = 0
        var hasPoint = false
        let parts = number.description.split(separator: "e")
        for character in parts[0] {
            if character == "." {
                hasPoint = true
            } else {
                digits.append(character)
                if hasPoint { afterPoint += 1 }
            }
        }
        if parts.count == 2 { exponent = Int(parts[1]) ?? 0 }
        exponent -= afterPoint
        while digits.count > 1, digits.hasPrefix("0") { digits.removeFirst() }
        while digits.count > 1, digits.hasSuffix("0") {
            digits.removeLast()
            exponent += 1
        }
        // The number is 0.digits times ten to the power of `point`.
        let point = digits.count + exponent
        switch point {
        case digits.count...21: return digits + String(repeating: "0", count: point - digits.count)
        case 1..<max(2, digits.count): return digits.prefix(point) + "." + digits.dropFirst(point)
        case -5...0: return "0." + String(repeating: "0", count: -point) + digits
        default:
            let sign = point > 0 ? "+" : "-"
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            return "\(digits.prefix(1))\(fraction)e\(sign)\(abs(point - 1))"
        }
    }
}
