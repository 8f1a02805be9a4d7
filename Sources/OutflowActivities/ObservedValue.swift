// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// What the name of a field tells of its values, where these alone would mislead.
struct FieldTraits: OptionSet {
    let rawValue: UInt8

    /// Holds names of hosts.
    static let host = FieldTraits(rawValue: 1)
    /// Holds names of files: `setup.zip` is no host there.
    static let file = FieldTraits(rawValue: 2)
    /// Holds versions of programs: `5.2.1.3` is no address there.
    static let version = FieldTraits(rawValue: 4)
    /// Holds fingerprints of certificates.
    static let certificate = FieldTraits(rawValue: 8)
    /// Holds JA3 fingerprints.
    static let ja3 = FieldTraits(rawValue: 16)
    /// Holds JA4 fingerprints.
    static let ja4 = FieldTraits(rawValue: 32)
    /// Holds User-Agent headers.
    static let agent = FieldTraits(rawValue: 64)
    /// Holds several values in one text: `MD5=...,SHA256=...`, `type:  5 a.example;::ffff:192.0.2.1;`.
    static let list = FieldTraits(rawValue: 128)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Words in names of fields, as Sysmon, Windows' security log, the Elastic Common Schema and others have them.
    private static let words: [(StaticString, FieldTraits)] = [
        ("host", .host), ("domain", .host), ("dns", .host), ("query", [.host, .list]), ("sni", .host), ("fqdn", .host),
        ("server", .host), ("rrname", .host), ("remote", .host), ("dest", .host), ("peer", .host),
        ("workstation", .host), ("file", .file), ("path", .file), ("image", .file), ("module", .file),
        ("version", .version), ("cert", .certificate), ("thumbprint", .certificate), ("fingerprint", .certificate),
        ("x509", .certificate), ("tls", .certificate), ("ja3", .ja3), ("ja4", .ja4), ("user_agent", .agent),
        ("hash", .list),
    ]

    /// Traits by a name; compares letters without regard to case.
    init(_ name: Bytes) {
        self = []
        for (word, trait) in Self.words where Self.contains(name, word) { formUnion(trait) }
    }

    private static func contains(_ name: Bytes, _ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard name.count >= length else { return false }
        let first = word.utf8Start[0]
        for start in 0...(name.count - length) where lower(name.start[start]) == first {
            var index = 1
            while index < length, lower(name.start[start + index]) == word.utf8Start[index] { index += 1 }
            if index == length { return true }
        }
        return false
    }

    private static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Whether a field of this name holds User-Agent headers; cheaper than all traits.
    static func isAgent(_ name: Bytes) -> Bool {
        name.count >= 5 && contains(name.suffix(from: name.count - 5), "agent")
    }
}

/// What a text is by its shape alone.
enum ValueShape {
    case address, mail, digest, name, url

    /// Longest text that is looked at.
    static let limit = 4096

    /// The shape of a whole text; nil for most. Looks no further than to the first byte that fits none.
    init?(_ text: Bytes) {
        guard text.count >= 3, text.count <= Self.limit else { return nil }
        if Self.isURL(text) {
            self = .url
            return
        }
        guard text.count <= 255 else { return nil }
        var (dots, colons, ats, letters, others) = (0, 0, 0, 0, 0)
        for index in 0..<text.count {
            switch text.start[index] {
            case 0x30...0x39: break
            case 0x41...0x46, 0x61...0x66: letters += 1
            case 0x47...0x5A, 0x67...0x7A, 0x2D, 0x5F: (letters, others) = (letters + 1, others + 1)
            case UInt8(ascii: "."): dots += 1
            case UInt8(ascii: ":"): colons += 1
            case UInt8(ascii: "@"): ats += 1
            case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "="):
                others += 1
            default: return nil
            }
        }
        if ats > 0 {
            guard ats == 1, dots > 0 else { return nil }
            self = .mail
        } else if colons > 0 || dots == 3 && letters == 0 && others == 0 {
            let host = URLForm.host(text)
            if IPAddress(host) != nil {
                self = .address
            } else if colons == 1, Self.isName(host) {
                self = .name
            } else {
                return nil
            }
        } else if dots == 0 {
            guard others == 0, [32, 40, 64].contains(text.count) else { return nil }
            self = .digest
        } else if Self.isName(text) {
            self = .name
        } else {
            return nil
        }
    }

    private static func isURL(_ text: Bytes) -> Bool {
        let first = text.start[0] | 0x20
        guard first == UInt8(ascii: "h") || first == UInt8(ascii: "f"),
            let mark = text.prefix(upTo: min(text.count, 9)).firstIndex(of: "://"), mark >= 3
        else { return false }
        for index in 0..<text.count where text.start[index] <= 0x20 { return false }
        return true
    }

    /// Two labels at least, the last not of digits alone.
    private static func isName(_ text: Bytes) -> Bool {
        var end = text.count
        if end > 0, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
        var hasLetter = false
        var index = end - 1
        while index > 0, text[index] != UInt8(ascii: ".") {
            let byte = text[index]
            guard byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x5F else { return false }
            if byte &- 0x30 >= 10 { hasLetter = true }
            index -= 1
        }
        return index > 0 && index < end - 1 && hasLetter
    }
}
