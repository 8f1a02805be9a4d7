// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Undoes the escapes of JSON strings.
enum JSONText {
    /// The text of a JSON string's content, written to `out`, which has room for as many bytes as `raw` has. Lone
    /// surrogates become U+FFFD.
    ///
    /// Source: RFC 8259, section 7.
    static func unescape(_ raw: Bytes, into out: UnsafeMutablePointer<UInt8>) -> Bytes {
        var length = 0
        var at = 0
        let start = raw.start
        while at < raw.count {
            if start[at] != UInt8(ascii: "\\") || at &+ 1 == raw.count {
                let run = max(1, (raw.firstIndex(of: UInt8(ascii: "\\"), from: at) ?? raw.count) &- at)
                (out + length).update(from: start + at, count: run)
                length &+= run
                at &+= run
                continue
            }
            let code = start[at &+ 1]
            at &+= 2
            if code == UInt8(ascii: "u") {
                guard var scalar = hex(raw, at) else {
                    out[length] = code
                    length &+= 1
                    continue
                }
                at &+= 4
                if scalar >> 10 == 0x36, at + 6 <= raw.count, start[at] == UInt8(ascii: "\\"),
                    start[at + 1] == UInt8(ascii: "u"), let low = hex(raw, at + 2), low >> 10 == 0x37
                {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
                    at &+= 6
                }
                // \uXXXX is six bytes, its UTF-8 at most three; of a pair, twelve and four.
                UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}")?.forEach {
                    out[length] = $0
                    length &+= 1
                }
                continue
            }
            switch code {
            case UInt8(ascii: "n"): out[length] = 0x0A
            case UInt8(ascii: "t"): out[length] = 0x09
            case UInt8(ascii: "r"): out[length] = 0x0D
            case UInt8(ascii: "b"): out[length] = 0x08
            case UInt8(ascii: "f"): out[length] = 0x0C
            default: out[length] = code
            }
            length &+= 1
        }
        return Bytes(start: UnsafePointer(out), count: length)
    }

    private static func hex(_ raw: Bytes, _ from: Int) -> UInt32? {
        guard from + 4 <= raw.count else { return nil }
        var value: UInt32 = 0
        for index in from..<from + 4 {
            let byte = raw[index]
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: value = value << 4 | UInt32((byte | 0x20) - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }
}
