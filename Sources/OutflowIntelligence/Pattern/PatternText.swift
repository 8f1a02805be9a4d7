// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Bytes as hexadecimal digits.
enum HexText {
    /// What a digit stands for; nil for any other byte.
    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// The bytes that digits stand for; nil for anything but pairs of digits.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        for byte in text {
            guard let digit = value(byte) else { return nil }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return bytes
    }
}

/// Bytes as base64 (RFC 4648 section 4).
enum Base64Text {
    /// What a letter stands for; nil for any other byte, the padding too.
    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x41...0x5A: byte - 0x41
        case 0x61...0x7A: byte - 0x61 + 26
        case 0x30...0x39: byte - 0x30 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    /// The bytes that letters stand for; nil for anything but whole groups, padded at the end.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var bits = 0
        var padding = 0
        for byte in text {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let digit = value(byte) else { return nil }
            group = group << 6 | UInt32(digit)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return padding <= 2 ? bytes : nil
    }
}

/// Times as patterns and STIX objects write them: RFC 3339 in UTC, `T` and `Z` in capitals (STIX 2.1 section 2.16).
enum PatternTime {
    /// Whether the text is of the form that the grammar asks for; the day may not exist all the same.
    static func isWellFormed(_ text: ArraySlice<UInt8>) -> Bool {
        let text = Array(text)
        let form = Array("dddd-dd-ddTdd:dd:dd".utf8)
        guard text.count > form.count, text.last == UInt8(ascii: "Z") else { return false }
        for (byte, wanted) in zip(text, form) {
            if wanted == UInt8(ascii: "d") ? byte &- 0x30 > 9 : byte != wanted { return false }
        }
        func two(_ at: Int) -> Int { Int(text[at] - 0x30) * 10 + Int(text[at + 1] - 0x30) }
        guard (1...12).contains(two(5)), (1...31).contains(two(8)), two(11) < 24, two(14) < 60, two(17) <= 60 else {
            return false
        }
        let fraction = text[form.count..<text.count - 1]
        if fraction.isEmpty { return true }
        return fraction.first == UInt8(ascii: ".") && fraction.count > 1
            && fraction.dropFirst().allSatisfy { $0 &- 0x30 <= 9 }
    }

    /// The moment, cut to microseconds; nil for anything else.
    static func parse(_ text: some Collection<UInt8>) -> Timestamp? {
        var bytes = Array(text)
        guard bytes.count <= 64, isWellFormed(bytes[...]) else { return nil }
        // `20 digits of fraction` are allowed here, not in a Timestamp: six of them count.
        if bytes.count > 27 { bytes.replaceSubrange(26..<bytes.count - 1, with: []) }
        return bytes.withUnsafeBytes { Timestamp(iso8601: Bytes($0)) }
    }

    /// The moment that a string tells; nil for anything else.
    static func parse(_ text: String) -> Timestamp? { parse(Array(text.utf8)) }
}

extension Network {
    /// Parses an address or a network of which host bits may be set (`198.51.100.7/24`), as patterns allow: the network
    /// that it lies in. Nil for anything else.
    init?(loosely text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.v4 != nil && !parts[0].contains(":") ? 32 : 128
        var bits = width
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ $0 &- 0x30 <= 9 }),
                let value = Int(parts[1]), value <= width
            else { return nil }
            bits = value
        }
        self.init(address, prefixLength: 128 - width + bits)
    }

    /// Whether all addresses of `other` lie in the network.
    func contains(_ other: Network) -> Bool { prefixLength <= other.prefixLength && contains(other.base) }
}
