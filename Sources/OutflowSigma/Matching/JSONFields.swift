// SPDX-License-Identifier: Apache-2.0

import COutflowScan
import OutflowRecords

/// Walks a JSON record and hands out the values that matter, in place: nothing is unescaped, and strings that do not
/// matter are passed over sixteen bytes at a time.
///
/// Members of nested objects have dotted names; the elements of a list have the list's name. The walk is strict about
/// structure (RFC 8259), not about UTF-8. Depth is bounded, no recursion.
struct JSONFields {
    /// Deepest nesting of a record.
    static let depthLimit = 128

    /// Where the values go.
    enum Wanted {
        /// The fields of the table.
        case fields
        /// All values that are no object, into one slot: what keywords look at.
        case all(slot: Int)
    }

    /// Whether strings of the last record have `\u` escapes.
    private(set) var hasUnicodeEscapes = false
    /// Whether a string of the last record begins an object in JSON and is none: what stands before the damage was looked at.
    private(set) var hasBrokenPart = false
    private let table: FieldTable
    private let names: DottedNames
    private var path: [UInt8] = []
    private var levels: [Level] = []
    private var inner: [Inner] = []

    /// A part of the record that is looked at once more, under other names.
    private struct Inner {
        /// JSON in a string, escaped; or an element of a named list.
        var text: Bytes
        /// The name of the field or list, dotted.
        var name: [UInt8]
        /// The number of the named list; nil for JSON in a string.
        var list: Int?
        /// How many such parts it stands in.
        var depth: Int
    }

    /// Deepest nesting of such parts, and most of them in one record.
    private static let innerDepth = 4
    private static let innerLimit = 4096

    /// An object or list that is open.
    private struct Level {
        var isObject: Bool
        /// Where members' names begin in the path: behind the last object that is looked through.
        var pathBase: Int
        /// Length of the path before its members' names, with the dot.
        var pathLength: Int
        /// For elements of a list: what the list's name is known for.
        var entry: FieldTable.Entry?
        /// Values to be completed with the text of this object: as many from this place on.
        var firstValue: Int
        var valueCount: Int
        var start: Int
        var isEmpty = true
        /// Whether members of the objects in it are named as if they stood outside.
        var seesBelow = false
        /// The number of the named list that the object is an element of; -1 for none.
        var list: Int16 = -1
    }

    init(table: FieldTable, names: DottedNames) {
        self.table = table
        self.names = names
    }

    /// Adds the values of `text` to `fields`. Returns the place where it is no JSON object, nil when it is one.
    mutating func read(_ text: Bytes, _ wanted: Wanted, into fields: RecordFields) -> Int? {
        hasUnicodeEscapes = false
        if case .fields = wanted { hasBrokenPart = false }
        inner.removeAll(keepingCapacity: true)
        path.removeAll(keepingCapacity: true)
        let start = Self.skipBlanks(text.start, 0, text.count)
        guard start < text.count, text[start] == UInt8(ascii: "{") else { return start }
        if let broken = walk(text, from: start, depth: 0, wanted, into: fields) { return broken }
        var next = 0
        while next < inner.count {
            read(inner[next], into: fields)
            next &+= 1
        }
        return nil
    }

    /// Looks at JSON in a string as if it stood there without quotes, and at what an element of a named list is called by its
    /// name. What is broken of it is passed over: the record itself is whole.
    private mutating func read(_ part: Inner, into fields: RecordFields) {
        path = part.name
        guard let list = part.list else {
            // Its own names count, where the field is looked through.
            if table.find(part.name)?.isTransparent == true { path.removeAll() }
            return walkValue(fields.unescaped(part.text), part.depth, into: fields)
        }
        let names = table.lists[list]
        var name: Bytes?
        var value = part.text
        var hasValue = names.value == nil
        members(of: part.text) { key, member in
            if name == nil, Self.isKey(key, names.name), member.hasPrefix("\""), member.count <= 256 {
                name = JSONText.unescape(member[1..<member.count - 1], into: fields.scratch(member.count))
            } else if !hasValue, let wanted = names.value, Self.isKey(key, wanted) {
                value = member
                hasValue = true
            }
        }
        guard let name, hasValue else { return }
        path.append(UInt8(ascii: "."))
        path.append(contentsOf: UnsafeBufferPointer(start: name.start, count: name.count))
        if value.hasPrefix("{") || value.hasPrefix("[") { return walkValue(value, part.depth, into: fields) }
        guard let entry = table.find(path) else { return }
        if value.hasPrefix("\"") {
            let text = value[1..<value.count - 1]
            add(text, text.firstIndex(of: UInt8(ascii: "\\")) == nil ? .string : .escaped, entry, .fields, fields)
        } else if let (kind, _) = Self.word(value.start, 0, value.count) {
            add(value, kind, entry, .fields, fields)
        }
    }

    private static func isKey(_ key: Bytes, _ name: String) -> Bool {
        key.count == name.utf8.count
            && zip(UnsafeBufferPointer(start: key.start, count: key.count), name.utf8)
                .allSatisfy(==)
    }

    /// Walks an object or a list that has the path as its name; anything else is passed over.
    private mutating func walkValue(_ text: Bytes, _ depth: Int, into fields: RecordFields) {
        let start = Self.skipBlanks(text.start, 0, text.count)
        guard start < text.count, text[start] == UInt8(ascii: "{") || text[start] == UInt8(ascii: "[") else { return }
        if text[start] == UInt8(ascii: "{"), let entry = table.find(path) {
            add(text.suffix(from: start), entry.isScalar ? .bare : .object, entry, .fields, fields)
        }
        let broken = walk(text, from: start, depth: depth, .fields, into: fields)
        if broken != nil, text[start] == UInt8(ascii: "{") { hasBrokenPart = true }
    }

    /// Walks the object or list that begins at `start`, whose name is the path. Returns the place where it is none.
    private mutating func walk(
        _ text: Bytes, from start: Int, depth: Int, _ wanted: Wanted, into fields: RecordFields
    ) -> Int? {
        levels.removeAll(keepingCapacity: true)
        let end = text.count
        let bytes = text.start
        var at = start
        let isObject = bytes[at] == UInt8(ascii: "{")
        let entry = isObject || path.isEmpty ? nil : table.find(path)
        if isObject, !path.isEmpty { path.append(UInt8(ascii: ".")) }  // Members' names go behind a dot.
        levels.append(
            Level(
                isObject: isObject, pathBase: 0, pathLength: path.count, entry: entry, firstValue: 0, valueCount: 0,
                start: at))
        at &+= 1
        while true {
            guard let level = levels.last else { return nil }
            at = Self.skipBlanks(bytes, at, end)
            guard at < end else { return at }
            // What ends the object or list, or goes on in it.
            if bytes[at] == (level.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                at &+= 1
                close(level, at, text, fields)
                if level.list >= 0, level.pathLength > level.pathBase {
                    keep(
                        text[level.start..<at], path[level.pathBase..<level.pathLength &- 1], list: Int(level.list),
                        depth)
                }
                if levels.isEmpty {
                    at = Self.skipBlanks(bytes, at, end)
                    return at == end ? nil : at
                }
                continue
            }
            if !level.isEmpty {
                guard bytes[at] == UInt8(ascii: ",") else { return at }
                at = Self.skipBlanks(bytes, at &+ 1, end)
                guard at < end else { return at }
            } else {
                levels[levels.count &- 1].isEmpty = false
            }
            var entry = level.entry
            var nameLength = level.pathLength
            var pathBase = level.pathBase
            var seesBelow = level.seesBelow
            if level.isObject {
                guard bytes[at] == UInt8(ascii: "\"") else { return at }
                var hasEscapes = false
                let keyStart = at &+ 1
                guard let keyEnd = stringEnd(bytes, keyStart, end, &hasEscapes) else { return at }
                let key = Bytes(start: bytes + keyStart, count: keyEnd &- keyStart)
                at = Self.skipBlanks(bytes, keyEnd &+ 1, end)
                guard at < end, bytes[at] == UInt8(ascii: ":") else { return at }
                at = Self.skipBlanks(bytes, at &+ 1, end)
                guard at < end else { return at }
                if hasEscapes || level.pathLength > level.pathBase {
                    nameLength = setName(key, hasEscapes, after: level.pathLength)
                    entry = path.withUnsafeBytes {
                        table.find(Bytes(UnsafeRawBufferPointer(rebasing: $0[level.pathBase..<nameLength])))
                    }
                } else {
                    entry = table.find(key)
                    // Needed only if something with members follows.
                    if bytes[at] == UInt8(ascii: "{") || bytes[at] == UInt8(ascii: "[") || entry?.isEmbedded == true {
                        nameLength = setName(key, false, after: level.pathLength)
                    }
                }
                // Objects may be written flat: "winlog.event_data.Image".
                if entry == nil, key.firstIndex(of: UInt8(ascii: ".")) != nil {
                    nameLength = setName(key, hasEscapes, after: level.pathLength)
                    let place = path.withUnsafeBytes {
                        names.find(Bytes(UnsafeRawBufferPointer(rebasing: $0[0..<nameLength])))
                    }
                    (entry, pathBase, seesBelow) = (place.entry, place.base, place.seesBelow)
                }
            }
            // The value.
            switch bytes[at] {
            case UInt8(ascii: "\""):
                var hasEscapes = false
                guard let valueEnd = stringEnd(bytes, at &+ 1, end, &hasEscapes) else { return at }
                let value = Bytes(start: bytes + at + 1, count: valueEnd &- at &- 1)
                add(value, hasEscapes ? .escaped : .string, entry, wanted, fields)
                if hasEscapes, let entry, entry.isEmbedded, case .fields = wanted {
                    keep(value, path[pathBase..<nameLength], list: nil, depth)
                }
                at = valueEnd &+ 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard levels.count < Self.depthLimit else { return at }
                let isObject = bytes[at] == UInt8(ascii: "{")
                open(isObject, at, nameLength, entry, pathBase, seesBelow, wanted, fields)
                at &+= 1
            default:
                let from = at
                guard let (kind, wordEnd) = Self.word(bytes, at, end) else { return at }
                at = wordEnd
                add(Bytes(start: bytes + from, count: wordEnd &- from), kind, entry, wanted, fields)
            }
        }
    }

    @inline(__always)
    private func add(
        _ value: Bytes, _ kind: RecordFields.Kind, _ entry: FieldTable.Entry?, _ wanted: Wanted,
        _ fields: RecordFields
    ) {
        switch wanted {
        case .fields:
            guard let entry else { return }
            for index in 0..<Int(entry.slotCount) {
                fields.add(Int(table.targets[Int(entry.firstSlot) &+ index]), value, kind)
            }
        case .all(let slot):
            fields.add(slot, value, kind)
        }
    }

    /// Keeps a part for another look.
    private mutating func keep(_ text: Bytes, _ name: ArraySlice<UInt8>, list: Int?, _ depth: Int) {
        guard depth < Self.innerDepth, inner.count < Self.innerLimit else { return }
        inner.append(Inner(text: text, name: Array(name), list: list, depth: depth &+ 1))
    }

    /// Calls `body` with the members of an object that was walked before: key and value as they are written.
    private mutating func members(of object: Bytes, _ body: (_ key: Bytes, _ value: Bytes) -> Void) {
        let bytes = object.start
        let end = object.count
        var hasEscapes = false
        var at = 1
        while true {
            at = Self.skipBlanks(bytes, at, end)
            guard at < end, bytes[at] == UInt8(ascii: "\""),
                let keyEnd = stringEnd(bytes, at &+ 1, end, &hasEscapes)
            else { return }
            let key = object[at &+ 1..<keyEnd]
            at = Self.skipBlanks(bytes, Self.skipBlanks(bytes, keyEnd &+ 1, end) &+ 1, end)
            let start = at
            var depth = 0
            while at < end {
                let byte = bytes[at]
                if byte == UInt8(ascii: "\"") {
                    guard let stringEnd = stringEnd(bytes, at &+ 1, end, &hasEscapes) else { return }
                    at = stringEnd
                } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                    depth &+= 1
                } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                    if depth == 0 { break }
                    depth &-= 1
                } else if byte == UInt8(ascii: ","), depth == 0 {
                    break
                }
                at &+= 1
            }
            guard at < end else { return }
            body(key, object[start..<at].trimmed)
            guard bytes[at] == UInt8(ascii: ",") else { return }
            at &+= 1
        }
    }

    private mutating func open(
        _ isObject: Bool, _ at: Int, _ nameLength: Int, _ entry: FieldTable.Entry?, _ pathBase: Int, _ seesBelow: Bool,
        _ wanted: Wanted, _ fields: RecordFields
    ) {
        var new = Level(
            isObject: isObject, pathBase: pathBase, pathLength: nameLength, entry: isObject ? nil : entry,
            firstValue: fields.valueCount, valueCount: 0, start: at)
        if let entry, case .fields = wanted, isObject || entry.slotCount > 0 {
            if isObject, entry.isScalar {
                add(.empty, .bare, entry, wanted, fields)
            } else if isObject {
                add(.empty, .object, entry, wanted, fields)
                new.valueCount = fields.valueCount &- new.firstValue
            }
            if entry.isTransparent, isObject { new.pathBase = nameLength }
            if isObject { new.list = entry.list }
            new.seesBelow = isObject && entry.isTransparentBelow
        }
        if isObject, seesBelow { new.pathBase = nameLength }
        if path.count > nameLength { path.removeLast(path.count &- nameLength) }
        if isObject, nameLength > 0 {
            // Members' names go behind a dot.
            path.append(UInt8(ascii: "."))
            new.pathLength &+= 1
            if new.pathBase == nameLength { new.pathBase &+= 1 }
        }
        levels.append(new)
    }

    private mutating func close(_ level: Level, _ at: Int, _ text: Bytes, _ fields: RecordFields) {
        levels.removeLast()
        for index in 0..<level.valueCount { fields.complete(level.firstValue &+ index, text[level.start..<at]) }
        if !level.isObject, level.isEmpty, let entry = level.entry {
            for index in 0..<Int(entry.slotCount) {
                fields.add(Int(table.targets[Int(entry.firstSlot) &+ index]), .empty, .bare)
            }
        }
    }

    /// Writes a name behind the first `length` bytes of the path; returns the path's length.
    private mutating func setName(_ key: Bytes, _ hasEscapes: Bool, after length: Int) -> Int {
        if path.count > length { path.removeLast(path.count &- length) }
        if hasEscapes {
            let text = [UInt8](unsafeUninitializedCapacity: key.count + 4) { buffer, count in
                guard let base = buffer.baseAddress else { return }
                count = JSONText.unescape(key, into: base).count
            }
            path.append(contentsOf: text)
        } else {
            path.append(contentsOf: UnsafeBufferPointer(start: key.start, count: key.count))
        }
        return path.count
    }

    @inline(__always)
    private static func skipBlanks(_ bytes: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        var at = from
        while at < end {
            let byte = bytes[at]
            if byte > 0x20 || !(byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09) { return at }
            at &+= 1
        }
        return at
    }

    /// The place of the quote that ends the string whose content begins at `from`; nil if there is none.
    @inline(__always)
    private mutating func stringEnd(
        _ bytes: UnsafePointer<UInt8>, _ from: Int, _ end: Int, _ hasEscapes: inout Bool
    ) -> Int? {
        var at = from
        let limit = bytes + end
        while true {
            at = outflow_json_plain_end(bytes + at, limit) - bytes
            guard at < end else { return nil }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") { return at }
            guard byte == UInt8(ascii: "\\"), at &+ 1 < end else { return nil }
            hasEscapes = true
            if bytes[at &+ 1] == UInt8(ascii: "u") { hasUnicodeEscapes = true }
            at &+= 2
        }
    }

    /// A number, `true`, `false` or `null`, and the place behind it.
    @inline(__always)
    private static func word(_ bytes: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> (RecordFields.Kind, Int)? {
        var at = from
        let first = bytes[at]
        if first &- 0x30 <= 9 || first == UInt8(ascii: "-") {
            at &+= 1
            var digits = first == UInt8(ascii: "-") ? 0 : 1
            while at < end {
                let byte = bytes[at]
                if byte &- 0x30 <= 9 {
                    digits &+= 1
                } else if byte != UInt8(ascii: "."), byte | 0x20 != UInt8(ascii: "e"), byte != UInt8(ascii: "+"),
                    byte != UInt8(ascii: "-")
                {
                    break
                }
                at &+= 1
            }
            return digits > 0 ? (.number, at) : nil
        }
        while at < end, (bytes[at] | 0x20) &- 0x61 < 26 { at &+= 1 }
        let text = Bytes(start: bytes + from, count: at &- from)
        if text == "true" || text == "false" { return (.bool, at) }
        return text == "null" ? (.null, at) : nil
    }
}
