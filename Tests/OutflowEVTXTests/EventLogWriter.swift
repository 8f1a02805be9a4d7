// SPDX-License-Identifier: Apache-2.0

/// Binary XML as a tree, to be written by ``EventLogWriter``.
indirect enum Node: Sendable {
    case element(String, [(String, [Node])] = [], [Node] = [])
    case text(String)
    case value(Int, optional: Bool = true)
    case entity(String)
    case character(UInt16)
    case cdata(String)
    case instance(Template, [TestValue])
}

/// A template's definition. Instances of the same object share it in a chunk.
final class Template: Sendable {
    let root: Node
    init(_ root: Node) { self.root = root }
}

/// A value of an instance: its type and bytes, or binary XML.
enum TestValue: Sendable {
    case plain(UInt8, [UInt8])
    case xml([Node])

    static var null: TestValue { .plain(0, []) }
    static func string(_ text: String) -> TestValue { .plain(1, utf16(text)) }
    static func number<Number: FixedWidthInteger>(_ type: UInt8, _ value: Number) -> TestValue {
        .plain(type, bytes(value))
    }
    /// Units of UTF-16 one after the other, half pairs too.
    static func units(_ units: [UInt16]) -> TestValue { .plain(1, units.flatMap { bytes($0) }) }
    static func strings(_ texts: [String]) -> TestValue { .plain(0x81, texts.flatMap { utf16($0) + [0, 0] }) }

    static func utf16(_ text: String) -> [UInt8] { text.utf16.flatMap { bytes($0) } }
    static func bytes<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

/// Writes chunks and files as Windows does: names and templates where they are first used, later ones refer to them.
/// Source: libyal, "Windows XML Event Log (EVTX) format".
struct EventLogWriter {
    /// Bytes of the chunk.
    private(set) var chunk = [UInt8](repeating: 0, count: 65_536)
    /// Where the next record goes.
    private(set) var at = 512
    /// Where the records begin.
    private(set) var records: [(offset: Int, size: Int)] = []
    private var names: [String: Int] = [:]
    private var templates: [ObjectIdentifier: Int] = [:]
    private var kept: [Template] = []
    private var first: UInt64?
    private var last: UInt64 = 0

    init() {}

    /// Adds a record; `time` is a FILETIME.
    mutating func add(_ id: UInt64, time: UInt64 = 132_000_000_000_000_000, _ nodes: [Node]) {
        let start = at
        put([0x2A, 0x2A, 0, 0, 0, 0, 0, 0])
        put(id)
        put(time)
        fragment(nodes, dependencies: true)
        put([0])
        let size = UInt32(at - start + 4)
        put(size)
        patch(start + 4, size)
        records.append((start, Int(size)))
        first = first ?? id
        last = id
    }

    /// The chunk, sealed.
    func finished(checksums: Bool = true) -> [UInt8] {
        var copy = self
        for (offset, byte) in Array("ElfChnk\0".utf8).enumerated() { copy.chunk[offset] = byte }
        copy.patch(8, first ?? 0)
        copy.patch(16, last)
        copy.patch(24, first ?? 0)
        copy.patch(32, last)
        copy.patch(40, UInt32(128))
        copy.patch(44, UInt32(records.last?.offset ?? 0))
        copy.patch(48, UInt32(at))
        if checksums {
            copy.patch(52, Self.crc(copy.chunk[512..<at]))
            copy.patch(124, Self.crc(copy.chunk[..<120] + copy.chunk[128..<512]))
        } else {
            copy.patch(120, UInt32(4))
        }
        return copy.chunk
    }

    /// A file of chunks.
    static func file(_ chunks: [[UInt8]]) -> [UInt8] {
        var header = EventLogWriter()
        for (offset, byte) in Array("ElfFile\0".utf8).enumerated() { header.chunk[offset] = byte }
        header.patch(16, UInt64(max(chunks.count, 1) - 1))
        header.patch(32, UInt32(128))
        header.patch(36, UInt16(1))
        header.patch(38, UInt16(3))
        header.patch(40, UInt16(4096))
        header.patch(42, UInt16(chunks.count))
        header.patch(124, crc(header.chunk[..<120]))
        return Array(header.chunk[..<4096]) + chunks.joined()
    }

    /// CRC-32 of RFC 1952, bit by bit.
    static func crc(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc: UInt32 = .max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }

    // MARK: Binary XML

    private mutating func fragment(_ nodes: [Node], dependencies: Bool) {
        put([0x0F, 1, 1, 0])
        for node in nodes { write(node, dependencies) }
    }

    private mutating func write(_ node: Node, _ dependencies: Bool) {
        switch node {
        case .text(let text):
            put([0x05, 1])
            counted(text)
        case .value(let number, let optional):
            put([optional ? 0x0E : 0x0D])
            put(UInt16(number))
            put([1])
        case .entity(let name):
            put([0x09])
            self.name(name)
        case .character(let unit):
            put([0x08])
            put(unit)
        case .cdata(let text):
            put([0x07])
            counted(text)
        case .instance(let template, let values): write(template, values)
        case .element(let name, let attributes, let content):
            put([attributes.isEmpty ? 0x01 : 0x41])
            if dependencies { put(UInt16.max) }
            let size = at
            put(UInt32(0))
            self.name(name)
            if !attributes.isEmpty {
                let list = at
                put(UInt32(0))
                for (index, attribute) in attributes.enumerated() {
                    put([index == attributes.count - 1 ? 0x06 : 0x46])
                    self.name(attribute.0)
                    for part in attribute.1 { write(part, dependencies) }
                }
                patch(list, UInt32(at - list - 4))
            }
            if content.isEmpty {
                put([0x03])
            } else {
                put([0x02])
                for part in content { write(part, dependencies) }
                put([0x04])
            }
            patch(size, UInt32(at - size - 4))
        }
    }

    private mutating func write(_ template: Template, _ values: [TestValue]) {
        put([0x0C, 1, 0xAA, 0xBB, 0xCC, 0xDD])
        if let known = templates[ObjectIdentifier(template)] {
            put(UInt32(known))
        } else {
            put(UInt32(at + 4))
            templates[ObjectIdentifier(template)] = at
            kept.append(template)
            put(UInt32(0))
            put([UInt8](repeating: UInt8(templates.count), count: 16))
            let size = at
            put(UInt32(0))
            fragment([template.root], dependencies: true)
            put([0])
            patch(size, UInt32(at - size - 4))
        }
        put(UInt32(values.count))
        let descriptors = at
        put([UInt8](repeating: 0, count: 4 * values.count))
        for (index, value) in values.enumerated() {
            let start = at
            var type: UInt8 = 0x21
            switch value {
            case .plain(let plain, let bytes):
                type = plain
                put(bytes)
            case .xml(let nodes):
                fragment(nodes, dependencies: false)
                put([0])
            }
            patch(descriptors + 4 * index, UInt16(at - start))
            chunk[descriptors + 4 * index + 2] = type
        }
    }

    private mutating func name(_ name: String) {
        if let known = names[name] { return put(UInt32(known)) }
        put(UInt32(at + 4))
        names[name] = at
        put(UInt32(0))
        put(UInt16(0))
        counted(name)
        put(UInt16(0))
    }

    private mutating func counted(_ text: String) {
        put(UInt16(text.utf16.count))
        put(TestValue.utf16(text))
    }

    private mutating func put<Number: FixedWidthInteger>(_ value: Number) { put(TestValue.bytes(value)) }

    private mutating func put(_ bytes: [UInt8]) {
        chunk.replaceSubrange(at..<at + bytes.count, with: bytes)
        at += bytes.count
    }

    private mutating func patch<Number: FixedWidthInteger>(_ offset: Int, _ value: Number) {
        let bytes = TestValue.bytes(value)
        chunk.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
}

extension Template {
    /// An event as Windows writes it: the `System` part with the numbers that values have everywhere, and a value that is
    /// the event's own data.
    static func event(computer: String = "HOST-1") -> Template {
        func attribute(_ name: String, _ number: Int) -> (String, [Node]) { (name, [.value(number)]) }
        return Template(
            .element(
                "Event", [("xmlns", [.text("http://schemas.microsoft.com/win/2004/08/events/event")])],
                [
                    .element(
                        "System", [],
                        [
                            .element("Provider", [attribute("Name", 14), attribute("Guid", 15)]),
                            .element("EventID", [attribute("Qualifiers", 4)], [.value(3)]),
                            .element("Version", [], [.value(11)]),
                            .element("Level", [], [.value(0)]),
                            .element("Task", [], [.value(2)]),
                            .element("Opcode", [], [.value(1)]),
                            .element("Keywords", [], [.value(5)]),
                            .element("TimeCreated", [attribute("SystemTime", 6)]),
                            .element("EventRecordID", [], [.value(10)]),
                            .element("Correlation", [attribute("ActivityID", 7), attribute("RelatedActivityID", 13)]),
                            .element("Execution", [attribute("ProcessID", 8), attribute("ThreadID", 9)]),
                            .element("Channel", [], [.value(16)]),
                            .element("Computer", [], [.text(computer)]),
                            .element("Security", [attribute("UserID", 12)]),
                        ]),
                    .value(17),
                ]))
    }

    /// Named data, as manifests of providers make them.
    static func data(_ names: [String]) -> Template {
        Template(
            .element(
                "EventData", [],
                names.enumerated().map { index, name in
                    .element("Data", [("Name", [.text(name)])], [.value(index, optional: false)])
                }))
    }

    /// Values for ``event(computer:)``.
    static func system(
        _ eventID: UInt16, record: UInt64, channel: String = "Security", time: UInt64 = 132_000_000_000_000_000,
        _ data: [Node]
    ) -> [TestValue] {
        [
            .number(4, UInt8(4)), .number(4, UInt8(0)), .number(6, UInt16(12_544)), .number(6, eventID), .null,
            .number(0x15, 0x8020_0000_0000_0000 as UInt64), .number(0x11, time), .null, .number(8, UInt32(456)),
            .number(8, UInt32(460)), .number(0x0A, record), .number(4, UInt8(1)),
            .plain(0x13, [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]), .null, .string("Example-Provider"),
            .plain(0x0F, Array(0..<16)), .string(channel), .xml(data),
        ]
    }
}
