// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Turns templates' definitions, and elements that stand in a record without one, into leaves, and holds what was compiled
/// for a chunk. Names of fields are explained at ``EventLogReader``.
struct TemplateCompiler: ~Copyable {
    /// How deep elements may lie in each other, and values with binary XML too. Windows writes less than ten.
    static let depthLimit = 32

    /// An element that was opened. (Not private: the compiler of debug builds fails on private types in noncopyable ones.)
    struct Element {
        var path: Bytes
        var hasAttributes = false
        var hasElements = false
        /// `Data` right in `EventData` or `UserData`, which is called by its attribute `Name`.
        var isData = false
        var isContainer = false
        var renamed = false
    }

    // A chunk of 64 KiB has no room for so many, unless templates are used under many names: such records are rejected.
    private(set) var leaves = FixedStack<Leaf>(capacity: 32_768)
    private(set) var parts = FixedStack<Part>(capacity: 32_768)
    private var names = TextBuffer(capacity: 2 << 20)
    private var elements = FixedStack<Element>(capacity: depthLimit)

    // What is being compiled.
    private var at = 0
    private var firstPart = 0
    private var attribute: Bytes?
    private var isInTag = false

    /// How much was compiled, to come back to.
    typealias Mark = (leaves: Int, parts: Int, names: Int)
    var mark: Mark { (leaves.count, parts.count, names.count) }

    /// Forgets what was compiled since `mark`.
    mutating func restore(_ mark: Mark) {
        leaves.count = mark.leaves
        parts.count = mark.parts
        names.cut(to: mark.names)
    }

    /// Compiles the binary XML in `range` of the chunk, whose fields get `prefix` in front.
    ///
    /// - Parameter isTemplate: whether it is a definition: those hold no further instances.
    /// - Returns: where the leaves are, and where the XML ended.
    mutating func compile(
        _ chunk: ChunkBytes, _ range: Range<Int>, prefix: Bytes, isTemplate: Bool
    ) throws(EventLogDamage) -> (leaves: Range<Int>, end: Int) {
        let before = mark
        elements.count = 0
        at = range.lowerBound
        firstPart = parts.count
        attribute = nil
        isInTag = false
        do throws(EventLogDamage) {
            while at < range.upperBound, try step(chunk, range.upperBound, prefix, isTemplate) {}
            guard elements.count == 0, !isInTag else { throw .unbalanced }
        } catch {
            restore(before)
            throw error
        }
        return (before.leaves..<leaves.count, at)
    }

    /// Takes one token; false after the last one.
    private mutating func step(
        _ chunk: ChunkBytes, _ end: Int, _ prefix: Bytes, _ isTemplate: Bool
    ) throws(EventLogDamage) -> Bool {
        let token = try chunk.number(at, as: UInt8.self)
        switch token & ~Token.more {
        case Token.end:
            at &+= 1
            return false
        case Token.fragment: at &+= 4
        case Token.openStart: try open(chunk, prefix, hasAttributes: token & Token.more != 0)
        case Token.attribute:
            guard isInTag else { throw .unbalanced }
            try finishAttribute()
            let (text, count, next) = try chunk.name(at: at &+ 1)
            attribute = try name(elements.base[elements.count &- 1].path, "#attributes", text, count)
            at = next
        case Token.closeStart:
            guard isInTag else { throw .unbalanced }
            try finishAttribute()
            isInTag = false
            at &+= 1
        case Token.closeEmpty:
            guard isInTag else { throw .unbalanced }
            try finishAttribute()
            isInTag = false
            try close()
        case Token.closeElement:
            guard !isInTag, elements.count > 0 else { throw .unbalanced }
            try close()
        case Token.instructionTarget: at = try chunk.name(at: at &+ 1).next
        case Token.instructionData: at = try chunk.countedText(at: at &+ 1).next
        case Token.instance:
            guard !isTemplate, !isInTag else { throw .unknownToken }
            try instance(chunk, end, prefix)
        default:
            guard isInTag ? attribute != nil : elements.count > 0 else { throw .unbalanced }
            try part(chunk, token & ~Token.more)
        }
        return true
    }

    // MARK: Elements

    private mutating func open(_ chunk: ChunkBytes, _ prefix: Bytes, hasAttributes: Bool) throws(EventLogDamage) {
        guard !isInTag else { throw .unbalanced }
        try flushText(isBeforeElement: true)
        // Token (1), dependency identifier (2), size (4). Elements that are values have no dependency identifier; then these
        // four bytes reach into the offset of the name and are more than any chunk has.
        var place = at &+ 3
        if try chunk.number(place, as: UInt32.self) >= UInt32(EVTXFormat.chunkSize) { place = at &+ 1 }
        let (text, count, next) = try chunk.name(at: place &+ 4)
        let parent = elements.count > 0 ? elements.base[elements.count &- 1] : Element(path: prefix)
        if elements.count > 0 { elements.base[elements.count &- 1].hasElements = true }
        guard elements.count < elements.capacity else { throw .tooDeep }
        let path = try name(parent.path, "", text, count)
        var element = Element(path: path)
        element.isContainer = path == "Event.EventData" || path == "Event.UserData"
        element.isData = parent.isContainer && path.count == parent.path.count &+ 5 && path.hasSuffix(".Data")
        try elements.push(element)
        at = next &+ (hasAttributes ? 4 : 0)
        isInTag = true
        firstPart = parts.count
    }

    /// The end of an element.
    private mutating func close() throws(EventLogDamage) {
        try flushText(isBeforeElement: false)
        elements.count &-= 1
        firstPart = parts.count
        at &+= 1
    }

    /// Adds the leaf of the text that came since the last element began or ended.
    private mutating func flushText(isBeforeElement: Bool) throws(EventLogDamage) {
        guard elements.count > 0 else { return }
        let element = elements.base[elements.count &- 1]
        var leaf = Leaf(kind: .null)
        leaf.name = element.path
        leaf.isData = element.isData
        leaf.renamed = element.renamed
        leaf.isAfterAttributes = element.hasAttributes
        leaf.isAfterElements = element.hasElements || isBeforeElement
        if parts.count > firstPart {
            try addText(leaf)
        } else if !leaf.isAfterElements {
            leaf.kind = element.isData ? .constant : element.hasAttributes ? .nullIfAlone : .null
            try leaves.push(leaf)
        }
    }

    /// The end of an attribute, if there was one.
    private mutating func finishAttribute() throws(EventLogDamage) {
        guard let path = attribute else { return }
        attribute = nil
        defer { firstPart = parts.count }
        guard parts.count > firstPart else { return }
        let element = elements.base[elements.count &- 1]
        var leaf = Leaf(kind: .name)
        if element.isData, path.count == element.path.count &+ 17, path.hasSuffix(".#attributes.Name") {
            let parent = element.path.prefix(upTo: element.path.count &- 5)
            if parts.count == firstPart &+ 1, parts.base[firstPart].value < 0 {
                let start = names.count
                try names.append(parent)
                try names.append(UInt8(ascii: "."))
                try names.append(parts.base[firstPart].constant)
                elements.base[elements.count &- 1].path = names.text(from: start)
                parts.count = firstPart
            } else {
                leaf.name = parent
                try addText(leaf, keepsKind: true)
                elements.base[elements.count &- 1].renamed = true
            }
            return
        }
        if !element.hasAttributes {
            try leaves.push(Leaf(kind: .start))
            elements.base[elements.count &- 1].hasAttributes = true
        }
        leaf.name = path
        leaf.isAttribute = true
        try addText(leaf)
    }

    private mutating func addText(_ like: Leaf, keepsKind: Bool = false) throws(EventLogDamage) {
        var leaf = like
        leaf.role = Leaf.Role(leaf.name)
        if !keepsKind, parts.count == firstPart &+ 1 {
            let part = parts.base[firstPart]
            parts.count = firstPart
            leaf.kind = part.value < 0 ? .constant : .value
            leaf.constant = part.constant
            leaf.value = UInt16(truncatingIfNeeded: part.value)
            if leaf.kind == .constant, leaf.isAttribute, part.constant.isEmpty { return }
        } else {
            if !keepsKind { leaf.kind = .mixed }
            leaf.firstPart = firstPart
            leaf.partCount = UInt16(truncatingIfNeeded: parts.count &- firstPart)
        }
        try leaves.push(leaf)
    }

    /// A template instance among elements that stand without a template.
    private mutating func instance(_ chunk: ChunkBytes, _ end: Int, _ prefix: Bytes) throws(EventLogDamage) {
        try flushText(isBeforeElement: true)
        let instance = try chunk.instance(at: at, end: end)
        var leaf = Leaf(kind: .instance)
        leaf.name = prefix
        if elements.count > 0 {
            elements.base[elements.count &- 1].hasElements = true
            leaf.name = elements.base[elements.count &- 1].path
        }
        leaf.firstPart = at
        try leaves.push(leaf)
        at = instance.values
        for index in 0..<instance.count {
            at &+= Int(chunk.load(instance.descriptors &+ 4 &* index, as: UInt16.self))
        }
        firstPart = parts.count
    }

    // MARK: Text

    /// A piece of text: a constant, or the number of a value.
    private mutating func part(_ chunk: ChunkBytes, _ token: UInt8) throws(EventLogDamage) {
        var part = Part(constant: .empty, value: -1)
        let start = names.count
        switch token {
        case Token.substitution, Token.optionalSubstitution:
            part.value = Int32(try chunk.number(at &+ 1, as: UInt16.self))
            at &+= 4
        case Token.value:
            let type = try chunk.number(at &+ 1, as: UInt8.self)
            if type == ValueType.string {
                let (text, count, next) = try chunk.countedText(at: at &+ 2)
                try names.append(utf16: text, count: count)
                at = next
            } else {
                guard let width = ValueType.width(type) else { throw .unknownToken }
                guard chunk.has(width, at: at &+ 2) else { throw .outside }
                _ = try names.append(type, chunk.view(at &+ 2, width))
                at &+= 2 &+ width
            }
        case Token.cdata:
            let (text, count, next) = try chunk.countedText(at: at &+ 1)
            try names.append(utf16: text, count: count)
            at = next
        case Token.character:
            try names.append(scalar: UInt32(try chunk.number(at &+ 1, as: UInt16.self)))
            at &+= 3
        case Token.entity:
            let (text, count, next) = try chunk.name(at: at &+ 1)
            try names.append(utf16: text, count: count)
            let name = names.text(from: start)
            if let character = Self.character(of: name) {
                names.cut(to: start)
                try names.append(character)
            } else {
                let unknown = name.array
                names.cut(to: start)
                try names.append(UInt8(ascii: "&"))
                for byte in unknown { try names.append(byte) }
                try names.append(UInt8(ascii: ";"))
            }
            at = next
        default: throw .unknownToken
        }
        if part.value < 0 { part.constant = names.text(from: start) }
        guard parts.count &- firstPart < Int(UInt16.max) else { throw .tooLarge }
        try parts.push(part)
    }

    /// The entities that XML 1.0 knows (section 4.6).
    static func character(of entity: Bytes) -> UInt8? {
        if entity == "amp" { return UInt8(ascii: "&") }
        if entity == "lt" { return UInt8(ascii: "<") }
        if entity == "gt" { return UInt8(ascii: ">") }
        if entity == "quot" { return UInt8(ascii: "\"") }
        if entity == "apos" { return UInt8(ascii: "'") }
        return nil
    }

    /// Puts a dotted name together.
    private mutating func name(
        _ parent: Bytes, _ middle: StaticString, _ text: UnsafeRawPointer, _ count: Int
    ) throws(EventLogDamage) -> Bytes {
        let start = names.count
        if !parent.isEmpty {
            try names.append(parent)
            try names.append(UInt8(ascii: "."))
        }
        if middle.utf8CodeUnitCount > 0 {
            try names.append(Bytes(middle))
            try names.append(UInt8(ascii: "."))
        }
        try names.append(utf16: text, count: count)
        return names.text(from: start)
    }
}

extension Leaf.Role {
    /// The role of the field with a name.
    init(_ name: Bytes) {
        self = .none
        guard name.hasPrefix("Event.System.") else { return }
        let rest = name.suffix(from: 13)
        if rest == "Provider.#attributes.Name" {
            self = .provider
        } else if rest == "EventID" {
            self = .eventID
        } else if rest == "Level" {
            self = .level
        } else if rest == "TimeCreated.#attributes.SystemTime" {
            self = .time
        } else if rest == "EventRecordID" {
            self = .recordID
        } else if rest == "Channel" {
            self = .channel
        } else if rest == "Computer" {
            self = .computer
        }
    }
}
