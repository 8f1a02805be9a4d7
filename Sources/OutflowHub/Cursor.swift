// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// A place between two objects of a collection: behind the one added at `date` under the key `object`.
///
/// It names a place, not a count, and the server keeps nothing of it: it survives restarts, and neither insertion nor
/// deletion moves it. The text that clients carry (`next`) is sealed together with the question it belongs to.
struct Cursor: Equatable {
    var date: Int64
    var object: Int64

    /// Before everything.
    static let start = Cursor(date: .min, object: .min)

    /// The text for a client.
    func text(_ question: String, _ key: KeyedHash) -> String {
        var bytes = Array("1".utf8)
        withUnsafeBytes(of: date.bigEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: object.bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: key.seal(bytes + Array(question.utf8)))
        return Base64.encode(bytes)
    }

    /// Reads a client's text; nil if the server did not write it, or wrote it for another question.
    init?(_ text: String, _ question: String, _ key: KeyedHash) {
        guard text.utf8.count < 100, let bytes = Base64.decode(text), bytes.count == 33 else { return nil }
        let body = Array(bytes[..<17])
        guard key.seal(body + Array(question.utf8)) == Array(bytes[17...]) else { return nil }
        func number(_ from: Int) -> Int64 { body[from..<from + 8].reduce(0) { $0 << 8 | Int64($1) } }
        self.init(date: number(1), object: number(9))
    }

    init(date: Int64, object: Int64) {
        self.date = date
        self.object = object
    }
}

/// Base64 (RFC 4648): written in the alphabet for URLs without padding, read in either.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 4 / 3 + 2)
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> count & 63)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << (6 - count) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        var hasEnded = false
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case 0x41...0x5A: value = byte - 0x41
            case 0x61...0x7A: value = byte - 0x61 + 26
            case 0x30...0x39: value = byte - 0x30 + 52
            case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
            case UInt8(ascii: "="):
                hasEnded = true
                continue
            default: return nil
            }
            guard !hasEnded else { return nil }
            bits = (bits << 6 | UInt32(value)) & 0xFF_FFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return bytes
    }
}
