// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Identifiers of publishing, found in addresses.
enum DocumentIdentifier {
    /// No DOI in use is longer; an address that holds none costs no more than this.
    private static let longestDOI = 1024

    /// The first DOI in `text` (`10.`, 4 to 9 digits, `/`, suffix; DOI Handbook, section 2.2,
    /// https://www.doi.org/the-identifier/resources/handbook), percent-encoded or not, without what platforms append to it. In lower case, because DOIs are
    /// compared without regard to case (ibid., 2.4).
    static func doi(in text: Bytes, arena: Arena) -> Bytes? {
        var from = 0
        var candidates = 0
        while candidates < 16, let at = text.firstIndex(of: "10.", from: from) {
            from = at + 3
            candidates += 1
            if at > 0, isWord(text[at - 1]), !isEncoded(text, at - 1) { continue }
            var end = at + 3
            while end < text.count, text[end] &- 0x30 <= 9 { end += 1 }
            guard (4...9).contains(end - at - 3), end < text.count else { continue }
            let isSlash = text[end] == UInt8(ascii: "/")
            guard isSlash || isEncodedSlash(text, end) else { continue }
            let decoded = arena.percentDecoded(text[at..<min(text.count, at + longestDOI)])
            let trimmed = trim(decoded)
            guard trimmed.count > end - at + 1 else { continue }
            return arena.lowercased(trimmed)
        }
        return nil
    }

    /// An Elsevier publisher item identifier without its punctuation: `S0092-8674(12)01234-5` as `S0092867412012345`;
    /// `S` or `B`, then 16 to 20 digits, each part's last of which may be an X; the oldest have no letter in front and
    /// any letter last. Nil for anything else.
    static func pii(_ text: Bytes, arena: Arena) -> Bytes? {
        guard text.count >= 16, text.count <= 32 else { return nil }
        var start = 0
        if text.hasPrefix("PII") || text.hasPrefix("pii") { start = 3 }
        let body = text.suffix(from: start)
        var digits = 0
        var marks = 0
        var end = body.count
        if body.hasSuffix(".pdf") { end -= 4 }
        for index in 0..<end {
            let byte = body[index]
            switch byte {
            case 0x30...0x39: digits += 1
            case UInt8(ascii: "S") where index == 0, UInt8(ascii: "B") where index == 0: break
            case UInt8(ascii: "X"), UInt8(ascii: "x"): digits += 1
            case UInt8(ascii: "-"), UInt8(ascii: "("), UInt8(ascii: ")"): marks += 1
            case 0x41...0x5A:
                guard index == end - 1 else { return nil }
                digits += 1
            default: return nil
            }
        }
        guard (16...20).contains(digits) else { return nil }
        if marks == 0 { return body.prefix(upTo: end) }
        let out = arena.allocate(end - marks)
        var count = 0
        for index in 0..<end where body[index] != 0x2D && body[index] != 0x28 && body[index] != 0x29 {
            out[count] = body[index]
            count += 1
        }
        return Bytes(start: out, count: count)
    }

    /// A DOI without what platforms put behind it.
    private static func trim(_ text: Bytes) -> Bytes {
        var text = text
        // ? & # " and blank; not ; and <, which Wiley's old DOIs hold.
        for stop: UInt8 in [0x3F, 0x26, 0x23, 0x22, 0x20] {
            if let at = text.firstIndex(of: stop) { text = text.prefix(upTo: at) }
        }
        var isTrimmed = true
        while isTrimmed {
            isTrimmed = false
            for ending in endings where text.hasSuffix(ending) && text.count > ending.utf8CodeUnitCount {
                text = text.prefix(upTo: text.count - ending.utf8CodeUnitCount)
                isTrimmed = true
            }
        }
        return text
    }

    private static let endings: [StaticString] = [
        "/", ".pdf", ".epub", ".html", ".full", ".abstract", ".long", "/pdf", "/pdfft", "/epdf", "/epub", "/full",
        "/fulltext",
        "/full-text", "/full_html", "/abstract", "/meta", "/html", "/summary", "/references", "/figures", "/article",
        "/download",
    ]

    private static func isWord(_ byte: UInt8) -> Bool {
        byte &- 0x30 <= 9 || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2E
            || byte == 0x2D
    }

    /// Whether the byte at `index` ends a percent-encoded byte, which is no letter of a word.
    private static func isEncoded(_ text: Bytes, _ index: Int) -> Bool {
        index >= 2 && text[index - 2] == UInt8(ascii: "%")
    }

    private static func isEncodedSlash(_ text: Bytes, _ index: Int) -> Bool {
        text.count - index >= 3 && text[index] == UInt8(ascii: "%") && text[index + 1] == UInt8(ascii: "2")
            && text[index + 2] | 0x20 == UInt8(ascii: "f")
    }
}
