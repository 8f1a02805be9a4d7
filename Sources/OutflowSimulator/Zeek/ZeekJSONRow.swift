// SPDX-License-Identifier: Apache-2.0

/// Turns rows of a Zeek log from tab-separated values into JSON objects as Zeek's JSON writer makes them: numbers and
/// truth values bare, unset fields left out, sets and vectors as arrays (Zeek documentation, "ASCII writer",
/// `LogAscii::use_json`).
struct ZeekJSONRow {
    private enum Shape { case bare, truth, text, list(isNumber: Bool) }

    private let keys: [[UInt8]]
    private let shapes: [Shape]

    init(_ log: ZeekLog) {
        let fields = log.fields
        keys = fields.map { Array("\"\($0.name)\":".utf8) }
        shapes = fields.map { field in
            switch field.type {
            case "time", "count", "port", "interval", "double", "int": .bare
            case "bool": .truth
            case "vector[interval]": .list(isNumber: true)
            default: field.type.hasPrefix("vector") || field.type.hasPrefix("set") ? .list(isNumber: false) : .text
            }
        }
    }

    /// Appends a row, given as tab-separated values, as a line of JSON.
    func add(_ row: ArraySlice<UInt8>, to text: inout ByteText) {
        text.add("{")
        var isFirst = true
        var field = 0
        var at = row.startIndex
        while at <= row.endIndex, field < keys.count {
            let end = row[at...].firstIndex(of: UInt8(ascii: "\t")) ?? row.endIndex
            let value = row[at..<end]
            if !(value.count == 1 && value.first == UInt8(ascii: "-")) {
                if !isFirst { text.add(",") }
                isFirst = false
                text.add(keys[field][...])
                add(value, shapes[field], to: &text)
            }
            field += 1
            at = end + 1
        }
        text.add("}\n")
    }

    private func add(_ value: ArraySlice<UInt8>, _ shape: Shape, to text: inout ByteText) {
        switch shape {
        case .bare: text.add(value)
        case .truth: if value.first == UInt8(ascii: "T") { text.add("true") } else { text.add("false") }
        case .text: addText(value, to: &text)
        case .list(let isNumber):
            text.add("[")
            if !value.elementsEqual("(empty)".utf8) {
                for (index, element) in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                    .enumerated()
                {
                    if index > 0 { text.add(",") }
                    if isNumber { text.add(element) } else { addText(element, to: &text) }
                }
            }
            text.add("]")
        }
    }

    private func addText(_ value: ArraySlice<UInt8>, to text: inout ByteText) {
        text.add("\"")
        if value.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            for byte in value {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text.add("\\") }
                text.add(byte: byte)
            }
        } else {
            text.add(value)
        }
        text.add("\"")
    }
}
