// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Writes matches as JSON lines.
public enum MatchLine {
    /// Adds the line of one match to `out`, with its line end.
    ///
    /// - Parameters:
    ///   - header: the rule's.
    ///   - file: the input's path.
    ///   - offset: where the record begins in the decompressed input.
    ///   - record: the record as its source wrote it; bytes that are not UTF-8 become U+FFFD. Nil for none.
    ///   - time: the record's time; nil if it has none.
    ///   - out: where the line goes.
    public static func append(
        _ header: RuleHeader, file: String, offset: UInt64, record: Bytes?, at time: Timestamp?, to out: inout [UInt8]
    ) {
        out.append(contentsOf: #"{"rule":"#.utf8)
        string(header.key, &out)
        out.append(contentsOf: #","title":"#.utf8)
        string(header.title, &out)
        out.append(contentsOf: #","level":"#.utf8)
        if let level = header.level { string(level, &out) } else { out.append(contentsOf: "null".utf8) }
        out.append(contentsOf: #","file":"#.utf8)
        string(file, &out)
        out.append(contentsOf: #","offset":\#(offset),"record":"#.utf8)
        if let record { string(record, &out) } else { out.append(contentsOf: "null".utf8) }
        out.append(contentsOf: #","at":"#.utf8)
        if let time { string(time.description, &out) } else { out.append(contentsOf: "null".utf8) }
        out.append(contentsOf: #","tags":["#.utf8)
        for (index, tag) in header.tags.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            string(tag, &out)
        }
        out.append(contentsOf: "]}\n".utf8)
    }

    /// Adds the line of one match of a correlation: the same members, of which `file`, `offset` and `at` are those of the
    /// record with which it began to hold and `record` is null; then what the records share, their number and since when.
    public static func append(_ match: CorrelationMatch, file: String, offset: UInt64, to out: inout [UInt8]) {
        append(
            match.header, file: file, offset: offset, record: nil, at: Timestamp(microseconds: match.last), to: &out)
        out.removeLast(2)
        out.append(contentsOf: #","group":{"#.utf8)
        for (index, (name, value)) in zip(match.groupBy, match.group).enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            string(name, &out)
            out.append(UInt8(ascii: ":"))
            string(value, &out)
        }
        out.append(contentsOf: #"},"records":\#(match.records),"from":"#.utf8)
        string(Timestamp(microseconds: match.first).description, &out)
        out.append(contentsOf: "}\n".utf8)
    }

    /// Adds the fields of a record as one JSON object, as the text of records that are kept in no text of their own.
    /// Fields of one name become one member with a list.
    public static func append(_ record: EventFields, to out: inout [UInt8]) {
        let fields = record.fields
        var isFirst = true
        out.append(UInt8(ascii: "{"))
        var at = 0
        while at < fields.count {
            // A list's elements follow each other.
            var end = at + 1
            while end < fields.count, fields[end].name == fields[at].name { end += 1 }
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            string(fields[at].name, &out)
            out.append(UInt8(ascii: ":"))
            if end > at + 1 { out.append(UInt8(ascii: "[")) }
            for index in at..<end {
                if index > at { out.append(UInt8(ascii: ",")) }
                value(fields[index], &out)
            }
            if end > at + 1 { out.append(UInt8(ascii: "]")) }
            at = end
        }
        out.append(UInt8(ascii: "}"))
    }

    private static func value(_ field: EventFields.Field, _ out: inout [UInt8]) {
        switch field.kind {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool, .number: out.append(contentsOf: field.value.array)
        case .string: string(field.value, &out)
        case .escapedString:
            out.append(UInt8(ascii: "\""))
            out.append(contentsOf: field.value.array)
            out.append(UInt8(ascii: "\""))
        }
    }

    /// Adds a JSON string.
    static func string(_ text: String, _ out: inout [UInt8]) { withBytes(of: text) { string($0, &out) } }

    private static let hex = Array("0123456789abcdef".utf8)

    /// Adds a JSON string of bytes; what is not UTF-8 becomes U+FFFD.
    static func string(_ bytes: Bytes, _ out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        var at = 0
        while at < bytes.count {
            let run = plainEnd(bytes, from: at)
            out.append(contentsOf: UnsafeBufferPointer(start: bytes.start + at, count: run - at))
            at = run
            guard at < bytes.count else { break }
            switch bytes[at] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), bytes[at]]
            case UInt8(ascii: "\n"): out.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): out.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): out.append(contentsOf: "\\t".utf8)
            case let byte where byte < 0x80:
                out.append(contentsOf: "\\u00".utf8)
                out += [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: out.append(contentsOf: "\u{FFFD}".utf8)
            }
            at += 1
        }
        out.append(UInt8(ascii: "\""))
    }

    /// Where the text from `at` on ends that stands in a JSON string as it is.
    private static func plainEnd(_ bytes: Bytes, from: Int) -> Int {
        var at = from
        while at < bytes.count {
            let byte = bytes.start[at]
            if byte < 0x80 {
                if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F { break }
                at &+= 1
            } else {
                let length = CaseFolding.scalarLength(bytes, at)
                if length == 0 { break }
                at &+= length
            }
        }
        return at
    }
}
