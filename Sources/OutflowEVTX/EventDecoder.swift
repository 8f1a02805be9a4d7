// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Turns the binary XML of records into fields, and keeps what it learns of a chunk's templates.
struct EventDecoder: ~Copyable {
    /// Where the fields go.
    let fields = EventFields()
    /// Whether a template was missing, so that fields have no names of their own.
    var isNameless = false
    /// What is known of the event's `System` part.
    private(set) var system = EventSystem()

    private var compiler = TemplateCompiler()
    // Texts of one event. The values of a record are 64 KiB at most, thrice as much in hexadecimal or UTF-8.
    private var text = TextBuffer(capacity: 1 << 20)
    // Values of the instances that are being worked on, which lie in each other: each takes 4 bytes of the record.
    var values = FixedStack<Value>(capacity: EVTXFormat.chunkSize / 4)
    // Programs by hash of template and prefix; 0 is none.
    private var programs = FixedStack<Program>(capacity: programLimit)
    private var table = FixedStack<UInt16>(capacity: tableSize)
    private var prefixes = FixedStack<Bytes>(capacity: 64)
    private var chunk = ChunkBytes(.empty)
    private var stepsLeft = 0
    private var fieldsLeft = 0
    private var start = 0
    private var renamed = Bytes.empty

    private static let programLimit = 1024
    private static let tableSize = 4096
    /// Leaves that all events of a chunk may go through. Those of real chunks come to a few thousand.
    private static let stepLimit = 1 << 20
    /// Fields of an event.
    private static let fieldLimit = 1 << 14

    init() {}

    /// Forgets the chunk before, and makes `chunk` the one whose records are decoded.
    mutating func begin(_ chunk: ChunkBytes) {
        self.chunk = chunk
        compiler.restore((0, 0, 0))
        programs.count = 0
        prefixes.count = 0
        table.base.update(repeating: 0, count: Self.tableSize)
        stepsLeft = Self.stepLimit
    }

    /// Decodes the binary XML in a range of the chunk. The fields die with the next call.
    mutating func decode(_ range: Range<Int>) throws(EventLogDamage) {
        fields.clear()
        text.cut(to: 0)
        values.count = 0
        system = EventSystem()
        isNameless = false
        fieldsLeft = Self.fieldLimit
        try run(range.lowerBound, range.upperBound, prefix: .empty, depth: 0)
        if fields.fields.isEmpty { throw .noEvent }
    }

    /// Takes the tokens from `at` to `end`: those of a record, or of a value that is binary XML.
    private mutating func run(_ from: Int, _ end: Int, prefix: Bytes, depth: Int) throws(EventLogDamage) {
        guard depth < TemplateCompiler.depthLimit else { throw .tooDeep }
        var at = from
        while at < end {
            switch try chunk.number(at, as: UInt8.self) {
            case Token.fragment: at &+= 4
            case Token.end: return
            case Token.instance: at = try run(instance: at, end, prefix, depth)
            case Token.openStart, Token.openStart | Token.more:
                at = try run(elements: at, end, prefix, depth)
            case Token.instructionTarget: at = try chunk.name(at: at &+ 1).next
            case Token.instructionData: at = try chunk.countedText(at: at &+ 1).next
            default: throw .unknownToken
            }
        }
    }

    /// Takes elements that stand without a template. Returns where they end.
    private mutating func run(
        elements at: Int, _ end: Int, _ prefix: Bytes, _ depth: Int
    ) throws(EventLogDamage) -> Int {
        let before = (mark: compiler.mark, programs: programs.count, prefixes: prefixes.count)
        stepsLeft &-= (end &- at) / 8
        guard stepsLeft > 0 else { throw .tooLarge }
        let result: Result<Int, EventLogDamage>
        do throws(EventLogDamage) {
            let (leaves, next) = try compiler.compile(chunk, at..<end, prefix: prefix, isTemplate: false)
            try run(leaves, values: 0..<0, end: end, depth)
            result = .success(next)
        } catch { result = .failure(error) }
        // They come once; but programs of templates in them, and names of theirs, stay.
        if before.programs == programs.count, before.prefixes == prefixes.count { compiler.restore(before.mark) }
        return try result.get()
    }

    /// Fills a template. Returns where the instance ends.
    private mutating func run(
        instance at: Int, _ end: Int, _ prefix: Bytes, _ depth: Int
    ) throws(EventLogDamage) -> Int {
        let instance = try chunk.instance(at: at, end: end)
        let first = values.count
        guard instance.count <= values.capacity &- first else { throw .tooLarge }
        var offset = instance.values
        for index in 0..<instance.count {
            let descriptor = chunk.load(instance.descriptors &+ 4 &* index, as: UInt32.self)
            let size = Int(descriptor & 0xFFFF)
            values.base[first &+ index] = Value(
                offset: offset, size: UInt16(truncatingIfNeeded: size),
                type: UInt8(truncatingIfNeeded: descriptor >> 16))
            offset &+= size
        }
        guard offset <= end, chunk.has(offset &- instance.values, at: instance.values) else { throw .outside }
        values.count = first &+ instance.count
        var leaves: Range<Int>?
        do throws(EventLogDamage) { leaves = try program(instance.template, prefix) } catch {
            guard error == .templateMissing else { throw error }
        }
        if let leaves {
            try run(leaves, values: first..<values.count, end: end, depth)
        } else {
            try run(nameless: first..<values.count, prefix, depth)
        }
        values.count = first
        return offset
    }

    /// The leaves of a template's definition at an offset of the chunk.
    @inline(__always) private mutating func program(
        _ template: Int, _ prefix: Bytes
    ) throws(EventLogDamage) -> Range<Int> {
        var number = 0
        while number < prefixes.count, !(prefixes.base[number] == prefix) { number &+= 1 }
        let hash =
            (UInt32(truncatingIfNeeded: template) &+ UInt32(truncatingIfNeeded: number) &* 0x01_0000) &* 0x9E37_79B1
        var slot = Int(hash >> 20)
        while table.base[slot] != 0 {
            let program = programs.base[Int(table.base[slot]) &- 1]
            if program.template == template, program.prefix == number {
                return Int(program.firstLeaf)..<Int(program.firstLeaf &+ program.leafCount)
            }
            slot = (slot &+ 1) & (Self.tableSize &- 1)
        }
        return try compile(template, prefix, number, slot)
    }

    @inline(never) private mutating func compile(
        _ template: Int, _ prefix: Bytes, _ number: Int, _ slot: Int
    ) throws(EventLogDamage) -> Range<Int> {
        // Next definition (4), GUID (16), size (4), then the fragment.
        guard chunk.has(24, at: template) else { throw .templateMissing }
        let size = Int(chunk.load(template &+ 20, as: UInt32.self))
        guard chunk.has(size, at: template &+ 24) else { throw .templateMissing }
        guard programs.count < programs.capacity else { throw .tooLarge }
        if number == prefixes.count { try prefixes.push(prefix) }
        // Compiling is work too: templates that end in damage are compiled again for each record.
        stepsLeft &-= size / 8
        guard stepsLeft > 0 else { throw .tooLarge }
        let (leaves, _) = try compiler.compile(
            chunk, (template &+ 24)..<(template &+ 24 &+ size), prefix: prefix, isTemplate: true)
        try programs.push(
            Program(
                template: UInt32(truncatingIfNeeded: template), prefix: UInt32(truncatingIfNeeded: number),
                firstLeaf: Int32(truncatingIfNeeded: leaves.lowerBound),
                leafCount: Int32(truncatingIfNeeded: leaves.count)))
        table.base[slot] = UInt16(truncatingIfNeeded: programs.count)
        return leaves
    }

    // MARK: Leaves

    private mutating func run(
        _ range: Range<Int>, values own: Range<Int>, end: Int, _ depth: Int
    ) throws(EventLogDamage) {
        stepsLeft &-= range.count
        guard stepsLeft > 0 else { throw .tooLarge }
        let leaves = UnsafePointer(compiler.leaves.base)
        for index in range {
            let leaf = leaves + index
            switch leaf.pointee.kind {
            case .value:
                let number = Int(leaf.pointee.value)
                let value =
                    number < own.count ? values.base[own.lowerBound &+ number] : Value(offset: 0, size: 0, type: 0)
                try add(value, leaf, depth)
            case .constant: try add(leaf, leaf.pointee.constant, .string)
            case .start: start = fields.fields.count
            case .null: try add(leaf, .empty, .null)
            case .nullIfAlone: if fields.fields.count == start { try add(leaf, .empty, .null) }
            case .mixed:
                let from = text.count
                try join(leaf.pointee, own)
                let joined = text.text(from: from)
                if joined.isEmpty { try addNothing(leaf) } else { try add(leaf, joined, .string) }
            case .name:
                let from = text.count
                try text.append(leaf.pointee.name)
                try text.append(UInt8(ascii: "."))
                let empty = text.count
                try join(leaf.pointee, own)
                if text.count == empty { try text.append(Bytes("Data")) }
                renamed = text.text(from: from)
            case .instance:
                _ = try run(instance: leaf.pointee.firstPart, end, leaf.pointee.name, depth &+ 1)
            }
        }
    }

    @inline(__always) private mutating func add(
        _ leaf: UnsafePointer<Leaf>, _ value: Bytes, _ kind: EventFields.Kind
    ) throws(EventLogDamage) {
        fieldsLeft &-= 1
        guard fieldsLeft >= 0 else { throw .tooLarge }
        fields.add(leaf.pointee.renamed ? renamed : leaf.pointee.name, value, kind)
        switch leaf.pointee.role {
        case .none: break
        case .provider: system.provider = value
        case .eventID: system.eventID = value
        case .level: system.level = value
        case .time: system.timeText = value
        case .recordID: system.recordID = value
        case .channel: system.channel = value
        case .computer: system.computer = value
        }
    }

    /// Adds what an attribute or text without a value is: see ``EventLogReader``.
    private mutating func addNothing(_ leaf: UnsafePointer<Leaf>) throws(EventLogDamage) {
        if leaf.pointee.isAttribute || leaf.pointee.isAfterElements { return }
        if leaf.pointee.isData { return try add(leaf, .empty, .string) }
        if leaf.pointee.isAfterAttributes, fields.fields.count != start { return }
        try add(leaf, .empty, .null)
    }

    @inline(__always) mutating func add(
        _ value: Value, _ leaf: UnsafePointer<Leaf>, _ depth: Int
    ) throws(EventLogDamage) {
        if value.type == ValueType.binaryXML || value.type & ValueType.array != 0 {
            return try addMany(value, leaf, depth)
        }
        let from = text.count
        let kind = try text.append(value.type, chunk.view(value.offset, Int(value.size)))
        let result = text.text(from: from)
        if kind == .null || (result.isEmpty && leaf.pointee.isAttribute) { return try addNothing(leaf) }
        if leaf.pointee.role == .time, value.type == ValueType.fileTime, value.size == 8 {
            let time: UInt64 = chunk.load(value.offset)
            if time != 0 { system.time = Timestamp(fileTime: time) }
        }
        try add(leaf, result, kind)
    }

    /// Adds binary XML, whose fields lie under the leaf's name, or an array, which is a field for each element.
    private mutating func addMany(
        _ value: Value, _ leaf: UnsafePointer<Leaf>, _ depth: Int
    ) throws(EventLogDamage) {
        let (from, size) = (value.offset, Int(value.size))
        if size == 0 { return try addNothing(leaf) }
        if value.type == ValueType.binaryXML, !leaf.pointee.isAttribute {
            let name = leaf.pointee.renamed ? renamed : leaf.pointee.name
            return try run(from, from &+ size, prefix: name, depth: depth &+ 1)
        }
        var at = from
        while at < from &+ size {
            let (element, next) = TextBuffer.element(value.type, chunk.view(at, from &+ size &- at))
            let begin = text.count
            let kind = try text.append(value.type & ~ValueType.array, element)
            let result = text.text(from: begin)
            if kind == .null { try addNothing(leaf) } else { try add(leaf, result, kind) }
            at &+= next
        }
    }

    /// Appends parts one after the other; the elements of an array with commas between them.
    private mutating func join(_ leaf: Leaf, _ own: Range<Int>) throws(EventLogDamage) {
        stepsLeft &-= Int(leaf.partCount)
        for index in 0..<Int(leaf.partCount) {
            let part = compiler.parts.base[leaf.firstPart &+ index]
            guard part.value >= 0 else {
                try text.append(part.constant)
                continue
            }
            guard Int(part.value) < own.count else { continue }
            let value = values.base[own.lowerBound &+ Int(part.value)]
            let (from, size) = (value.offset, Int(value.size))
            guard value.type & ValueType.array != 0 else {
                _ = try text.append(value.type, chunk.view(from, size))
                continue
            }
            var at = from
            while at < from &+ size {
                if at > from { try text.append(UInt8(ascii: ",")) }
                let (element, next) = TextBuffer.element(value.type, chunk.view(at, from &+ size &- at))
                _ = try text.append(value.type & ~ValueType.array, element)
                at &+= next
            }
        }
    }
}
