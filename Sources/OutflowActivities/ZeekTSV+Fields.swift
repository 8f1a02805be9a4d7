// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Names and types of all columns of a Zeek log, whether or not the ledger cares for them: what rules look at.
final class ZeekColumns: Sendable {
    struct Column: @unchecked Sendable {  // The name never changes.
        /// A view of one of ``names``.
        var name: Bytes
        /// A set or a vector, whose elements are fields of one name.
        var isList = false
        /// A number or a truth value.
        var kind = EventFields.Kind.string
    }

    /// The log's own name, `conn`; empty when it has none.
    let path: StoredBytes
    let columns: [Column]
    private let names: [StoredBytes]

    init(path: Bytes, names: [Bytes], types: [Bytes]) {
        self.path = StoredBytes(path)
        let stored = names.map { StoredBytes($0) }
        self.names = stored
        columns = stored.enumerated().map { index, name in
            var column = Column(name: name.bytes)
            guard index < types.count else { return column }
            let type = types[index]
            column.isList = type.hasPrefix("set[") || type.hasPrefix("vector[")
            // Zeek Script Reference, "Types".
            if ["count", "int", "port", "double", "interval", "time"].contains(type.string) { column.kind = .number }
            if type == "bool" { column.kind = .bool }
            return column
        }
    }
}

/// A copy of bytes that lives as long as this does.
final class StoredBytes: @unchecked Sendable {  // Never written after init.
    /// The bytes; 64 readable bytes follow them.
    let bytes: Bytes
    private let memory: UnsafeMutablePointer<UInt8>

    init(_ text: Bytes) {
        memory = .allocate(capacity: text.count + 64)
        memory.initialize(repeating: 0, count: text.count + 64)
        memory.update(from: text.start, count: text.count)
        bytes = Bytes(start: memory, count: text.count)
    }

    deinit { memory.deallocate() }
}

extension ZeekTSV {
    /// The row's fields by the names of its columns, as Zeek's JSON logs have them: what is unset is no field, elements of
    /// sets and vectors are fields of one name, `T` and `F` are truth values.
    ///
    /// Source: Zeek documentation, "Zeek Log Formats and Inspection".
    public func fields(of record: Bytes, into fields: EventFields, _ batch: ActivityBatch) -> FieldReading {
        if record.hasPrefix("#") { return .noRecord }
        if !columns.path.bytes.isEmpty { fields.add(Bytes("_path"), columns.path.bytes, .string) }
        var at = 0
        var read = 0
        columns.columns.withUnsafeBufferPointer { columns in
            for index in columns.indices {
                guard at <= record.count else { break }
                read += 1
                let end = record.firstIndex(of: separator, from: at) ?? record.count
                add(columns[index], record[at..<end], fields, batch)
                at = end + 1
            }
        }
        return read < columns.columns.count ? .unreadable(tooShort(read)) : .read
    }

    private func add(_ column: ZeekColumns.Column, _ value: Bytes, _ fields: EventFields, _ batch: ActivityBatch) {
        if unset.withUnsafeBytes({ Bytes($0) == value }) { return }
        let name = column.name
        if empty.withUnsafeBytes({ Bytes($0) == value }) {
            if !column.isList { fields.add(name, .empty, .string) }
            return
        }
        if column.isList {
            var at = 0
            while at <= value.count {
                let end = value.firstIndex(of: setSeparator, from: at) ?? value.count
                fields.add(name, unescaped(value[at..<end], batch), .string)
                at = end + 1
            }
        } else if column.kind == .bool {
            fields.add(name, value == "T" ? Bytes("true") : Bytes("false"), .bool)
        } else {
            fields.add(name, unescaped(value, batch), column.kind)
        }
    }

    /// The value without `\x09` and the like, and without doubled backslashes.
    private func unescaped(_ value: Bytes, _ batch: ActivityBatch) -> Bytes {
        guard value.firstIndex(of: UInt8(ascii: "\\")) != nil else { return value }
        let out = batch.arena.allocate(value.count)
        var count = 0
        var at = 0
        while at < value.count {
            var byte = value[at]
            at += 1
            if byte == UInt8(ascii: "\\"), at < value.count {
                if value[at] == UInt8(ascii: "x"), at + 2 < value.count,
                    let decoded = UInt8(value[at + 1..<at + 3].string, radix: 16)
                {
                    byte = decoded
                    at += 3
                } else if value[at] == UInt8(ascii: "\\") {
                    at += 1
                }
            }
            out[count] = byte
            count += 1
        }
        return Bytes(start: UnsafePointer(out), count: count)
    }
}

extension Bytes {
    /// The parts between separators, of which there may be none.
    func parts(between separator: UInt8) -> [Bytes] {
        var parts: [Bytes] = []
        var at = 0
        while at <= count {
            let end = firstIndex(of: separator, from: at) ?? count
            parts.append(self[at..<end])
            at = end + 1
        }
        return parts
    }
}
