// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension EventFields {
    /// The fields as one line of JSON, for people and for what takes JSON only: objects in each other as in the output of the
    /// `evtx` tool (`{"Event":{"System":{"EventID":4688,…`), text beside attributes as `#text`, several values of one name as
    /// a list. Names in `EventData` are whole, also with dots in them. Not for hot paths.
    ///
    /// - Parameter limit: about as many bytes are written; fields for which there is no more room are left out, and
    ///   `"#cut":true` says so.
    public func nestedJSON(limit: Int = 4 << 20) -> [UInt8] {
        var tree = FieldTree()
        for (index, field) in fields.enumerated() { tree.add(index, field.name) }
        var writer = FieldWriter(fields: self, tree: tree, limit: limit)
        writer.object(0)
        return writer.out
    }
}

/// Which names lie in which, in order of their first coming.
private struct FieldTree {
    struct Node {
        var name: Bytes
        var children: [Int] = []
        /// Fields that are called so.
        var values: [Int] = []
    }
    private struct Key: Hashable {
        var parent: Int
        var name: [UInt8]
    }

    /// The first is the root.
    private(set) var nodes = [Node(name: .empty)]
    private var places: [Key: Int] = [:]

    /// Names split no further.
    private static let depthLimit = 40

    mutating func add(_ field: Int, _ name: Bytes) {
        var (node, rest, depth) = (0, name, 0)
        while depth < Self.depthLimit, let dot = rest.firstIndex(of: UInt8(ascii: ".")) {
            // What stands in EventData are names of the event's own.
            if depth == 2, name.hasPrefix("Event.EventData.") { break }
            node = child(node, rest.prefix(upTo: dot))
            rest = rest.suffix(from: dot + 1)
            depth += 1
        }
        node = child(node, rest)
        nodes[node].values.append(field)
    }

    private mutating func child(_ parent: Int, _ name: Bytes) -> Int {
        // The fields of one element come together.
        if let last = nodes[parent].children.last, nodes[last].name == name { return last }
        let key = Key(parent: parent, name: name.array)
        if let known = places[key] { return known }
        nodes.append(Node(name: name))
        nodes[parent].children.append(nodes.count - 1)
        places[key] = nodes.count - 1
        return nodes.count - 1
    }
}

private struct FieldWriter {
    let fields: EventFields
    let tree: FieldTree
    let limit: Int
    var out: [UInt8] = []

    init(fields: EventFields, tree: FieldTree, limit: Int) {
        self.fields = fields
        self.tree = tree
        self.limit = limit
    }

    mutating func object(_ node: Int) {
        out.append(UInt8(ascii: "{"))
        var isFirst = true
        if !tree.nodes[node].values.isEmpty {
            key(Bytes("#text"), &isFirst)
            values(node)
        }
        for child in tree.nodes[node].children {
            guard out.count < limit else {
                key(Bytes("#cut"), &isFirst)
                out += Array("true".utf8)
                break
            }
            key(tree.nodes[child].name, &isFirst)
            if tree.nodes[child].children.isEmpty { values(child) } else { object(child) }
        }
        out.append(UInt8(ascii: "}"))
    }

    private mutating func key(_ name: Bytes, _ isFirst: inout Bool) {
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        string(name)
        out.append(UInt8(ascii: ":"))
    }

    private mutating func values(_ node: Int) {
        let values = tree.nodes[node].values
        if values.count == 1 { return value(values[0]) }
        out.append(UInt8(ascii: "["))
        for (place, field) in values.enumerated() {
            guard out.count < limit else { break }
            if place > 0 { out.append(UInt8(ascii: ",")) }
            value(field)
        }
        out.append(UInt8(ascii: "]"))
    }

    private mutating func value(_ index: Int) {
        let field = fields.fields[index]
        switch field.kind {
        case .null: out += Array("null".utf8)
        case .bool: out += field.value.array
        case .number:
            // A number may be none of JSON's: inf, nan, 05.
            let digits = field.value.hasPrefix("-") ? field.value.suffix(from: 1) : field.value
            let isPlain = digits.unsigned != nil && (digits.count == 1 || digits[0] != UInt8(ascii: "0"))
            if isPlain { out += field.value.array } else { string(field.value) }
        case .string: string(field.value)
        case .escapedString:
            out.append(UInt8(ascii: "\""))
            out += field.value.array
            out.append(UInt8(ascii: "\""))
        }
    }

    private static let hex = Array("0123456789abcdef".utf8)

    /// A JSON string (RFC 8259 section 7). What is not UTF-8 becomes U+FFFD.
    private mutating func string(_ text: Bytes) {
        out.append(UInt8(ascii: "\""))
        var isASCII = true
        for index in 0..<text.count where text.start[index] >= 0x80 {
            isASCII = false
            break
        }
        if isASCII { put(text) } else { withBytes(of: text.string) { put($0) } }
        out.append(UInt8(ascii: "\""))
    }

    private mutating func put(_ text: Bytes) {
        for index in 0..<text.count {
            let byte = text.start[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case 0x0A: out += Array(#"\n"#.utf8)
            case 0x0D: out += Array(#"\r"#.utf8)
            case 0x09: out += Array(#"\t"#.utf8)
            case 0..<0x20, 0x7F:
                out += Array(#"\u00"#.utf8)
                out += [Self.hex[Int(byte >> 4)], Self.hex[Int(byte & 15)]]
            default: out.append(byte)
            }
        }
    }
}
