// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Writes HTML and SVG. Markup comes from literals only, everything else through an escaper: no string of a log can
/// become a tag or leave its attribute, because there is no way to write it unescaped.
public struct HTMLWriter {
    /// What has been written, as UTF-8.
    public var bytes: [UInt8] = []

    /// An empty text.
    public init() {}

    /// Adds markup.
    public mutating func raw(_ literal: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Adds text, also as the value of a quoted attribute: what has a meaning in HTML is escaped, and what cannot be
    /// seen is shown as `\u{..}` (``VisibleText``).
    public mutating func text(_ text: String) {
        for byte in VisibleText.escape(text).utf8 {
            switch byte {
            case UInt8(ascii: "&"): raw("&amp;")
            case UInt8(ascii: "<"): raw("&lt;")
            case UInt8(ascii: ">"): raw("&gt;")
            case UInt8(ascii: "\""): raw("&quot;")
            case UInt8(ascii: "'"): raw("&#39;")
            default: bytes.append(byte)
            }
        }
    }

    /// Adds text from a log: cut to `limit` characters, and kept from reordering what stands around it (a name may be
    /// written from right to left).
    public mutating func log(_ words: String, limit: Int = 240) {
        raw("<bdi>")
        excerpt(words, limit)
        raw("</bdi>")
    }

    /// Adds text from a log without an element around it, as SVG and attributes need it.
    public mutating func excerpt(_ words: String, _ limit: Int) {
        if words.utf8.count <= limit { return text(words) }
        let count = words.unicodeScalars.count
        guard count > limit else { return text(words) }
        text(String(words.unicodeScalars.prefix(limit)))
        text("… (\(Wording.grouped(UInt64(count - limit))) more characters)")
    }

    /// Adds an element with text in it. `tag` is the name with its attributes.
    public mutating func element(_ tag: StaticString, _ name: StaticString, _ words: String) {
        raw("<")
        raw(tag)
        raw(">")
        text(words)
        raw("</")
        raw(name)
        raw(">")
    }

    /// Adds ` name="value"`.
    public mutating func attribute(_ name: StaticString, _ value: String) {
        raw(" ")
        raw(name)
        raw("=\"")
        text(value)
        raw("\"")
    }

    /// Adds ` name="12.3"`: a tenth of a pixel is enough, and the same on every machine.
    mutating func attribute(_ name: StaticString, _ value: Double) { attribute(name, Self.decimal(value)) }

    /// A coordinate with one digit of fraction.
    static func decimal(_ value: Double) -> String {
        let tenths = Int((min(max(value, -1e6), 1e6) * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let digits = tenths.magnitude
        return digits % 10 == 0 ? "\(sign)\(digits / 10)" : "\(sign)\(digits / 10).\(digits % 10)"
    }
}
