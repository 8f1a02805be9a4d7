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
    private let table: FieldTable
    private var path: [UInt8] = []
    private var levels: [Level] = []

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
    }

    init(table: FieldTable) { self.table = table }

    /// Adds the values of `text` to `fields`. Returns the place where it is no JSON object, nil when it is one.
    mutating func read(_ text: Bytes, _ wanted: Wanted, into fields: RecordFields) -> Int? {
        hasUnicodeEscapes = false
        levels.removeAll(keepingCapacity: true)
        path.removeAll(keepingCapacity: true)
        let end = text.count
        let bytes = text.start
        var at = Self.skipBlanks(bytes, 0, end)
        guard at < end, bytes[at] == UInt8(ascii: "{") else { return at }
        levels.append(
            Level(isObject: true, pathBase: 0, pathLength: 0, entry: nil, firstValue: 0, valueCount: 0, start: at))
        at &+= 1
        while true {
            guard let level = levels.last else { return nil }
            at = Self.skipBlanks(bytes, at, end)
            guard at < end else { return at }
            // What ends the object or list, or goes on in it.
            if bytes[at] == (level.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                at &+= 1
                close(level, at, text, fields)
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
                    // Needed only if an object follows.
                    if bytes[at] == UInt8(ascii: "{") || bytes[at] == UInt8(ascii: "[") {
                        nameLength = setName(key, false, after: level.pathLength)
                    }
                }
            }
            // The value.
            switch bytes[at] {
            case UInt8(ascii: "\""):
                var hasEscapes = false
                guard let valueEnd = stringEnd(bytes, at &+ 1, end, &hasEscapes) else { return at }
                let value = Bytes(start: bytes + at + 1, count: valueEnd &- at &- 1)
                add(value, hasEscapes ? .escaped : .string, entry, wanted, fields)
                at = valueEnd &+ 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard levels.count < Self.depthLimit else { return at }
                let isObject = bytes[at] == UInt8(ascii: "{")
                open(isObject, at, nameLength, entry, level, wanted, fields)
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

    private mutating func open(
        _ isObject: Bool, _ at: Int, _ nameLength: Int, _ entry: FieldTable.Entry?, _ level: Level, _ wanted: Wanted,
        _ fields: RecordFields
    ) {
        var new = Level(
            isObject: isObject, pathBase: level.pathBase, pathLength: nameLength, entry: isObject ? nil : entry,
            firstValue: fields.valueCount, valueCount: 0, start: at)
        if let entry, case .fields = wanted, isObject || entry.slotCount > 0 {
            if isObject, !entry.isScalar {
                add(.empty, .object, entry, wanted, fields)
                new.valueCount = fields.valueCount &- new.firstValue
            }
            if entry.isTransparent, isObject { new.pathBase = nameLength }
            new.seesBelow = isObject && entry.isTransparentBelow
        }
        if isObject, level.seesBelow { new.pathBase = nameLength }
        if path.count > nameLength { path.removeLast(path.count &- nameLength) }
        if isObject, nameLength > new.pathBase {
            // Members' names go behind a dot.
            path.append(UInt8(ascii: "."))
            new.pathLength &+= 1
        }
        levels.append(new)
    }

    private mutating func close(_ level: Level, _ at: Int, _ text: Bytes, _ fields: RecordFields) {
        levels.removeLast()
        for index in 0..<level.valueCount { fields.complete(level.firstValue &+ index, text[level.start..<at]) }
        if !level.isObject, level.isEmpty, let entry = level.entry {
            for index in 0..<Int(entry.slotCount) {
                fields.add(Int(table.targets[Int(entry.firstSlot) &+ index]), .empty, .emptyList)
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
