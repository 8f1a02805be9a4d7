// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Reads events that Windows wrote as XML text (`<Event>…</Event>`): as the event viewer, `wevtutil` and collectors export
/// them.
///
/// Fields have the names that ``EventLogReader`` gives the same event, so that rules need not know which of the two a log
/// is. XML does not tell types: what an event says of itself has the same form as there (GUIDs without braces, times in
/// UTC with six digits), its own data are strings as they are written.
///
/// Only what events are made of is understood: elements, attributes, text, CDATA, comments, and the entities of XML
/// itself. A document type is refused, and nothing is ever expanded or fetched. Memory is bounded. One reader belongs to one
/// thread.
///
/// Source: learn.microsoft.com/windows/win32/wes/eventschema-schema; XML 1.0.
public final class EventXMLReader {
    /// The fields of the last event; they die with the next one, or with the record's bytes.
    public let fields = EventFields()
    /// What the last event says of itself.
    public private(set) var system = EventSystem()
    /// Where in the record the last damage was.
    public private(set) var place = 0

    private struct Element {
        var tag: Bytes
        var path: Bytes
        /// Fields there were before its own.
        var firstField: Int
        var isContainer = false
        var isData = false
        var hasElements = false
    }

    private var record = Bytes.empty
    private var elements = FixedStack<Element>(capacity: TemplateCompiler.depthLimit)
    private var values = TextBuffer(capacity: 1 << 20)
    private var names = TextBuffer(capacity: 1 << 20)
    // Text since the last tag: a view of the record as long as that will do.
    private var pending = Bytes.empty
    private var pendingStart: Int?

    private static let fieldLimit = 1 << 14

    /// A reader for any number of events.
    public init() {}

    /// Reads one event, from `<Event` to `</Event>`. ``fields`` and ``system`` are those that were read until then when it
    /// throws.
    public func read(_ record: Bytes) throws(EventLogDamage) {
        self.record = record
        fields.clear()
        values.cut(to: 0)
        names.cut(to: 0)
        elements.count = 0
        system = EventSystem()
        pending = .empty
        pendingStart = nil
        place = 0
        while place < record.count {
            if record.start[place] == UInt8(ascii: "<") {
                try markup()
            } else {
                let end = record.firstIndex(of: UInt8(ascii: "<"), from: place) ?? record.count
                let piece = record[place..<end]
                if elements.count > 0 {
                    try add(text: piece, isEscaped: true)
                } else if !piece.trimmed.isEmpty {
                    throw .notWellFormed
                }
                place = end
            }
        }
        guard elements.count == 0 else { throw .unbalanced }
        if fields.fields.isEmpty { throw .noEvent }
        system.time = Timestamp(iso8601: system.timeText)
    }

    // MARK: Markup

    private func markup() throws(EventLogDamage) {
        let rest = record.suffix(from: place)
        if rest.hasPrefix("</") { return try closeTag() }
        if rest.hasPrefix("<![CDATA[") {
            guard elements.count > 0, let end = rest.firstIndex(of: "]]>", from: 9) else { throw .notWellFormed }
            try add(text: rest[9..<end], isEscaped: false)
            place += end + 3
        } else if rest.hasPrefix("<!--") {
            guard let end = rest.firstIndex(of: "-->", from: 4) else { throw .notWellFormed }
            place += end + 3
        } else if rest.hasPrefix("<?") {
            guard let end = rest.firstIndex(of: "?>", from: 2) else { throw .notWellFormed }
            place += end + 2
        } else if rest.hasPrefix("<!") {
            throw .notWellFormed
        } else {
            try openTag()
        }
    }

    private func openTag() throws(EventLogDamage) {
        place += 1
        let tag = try name()
        if elements.count > 0 {
            try flushText(isBeforeElement: true)
            elements.base[elements.count - 1].hasElements = true
        } else if !fields.fields.isEmpty {
            throw .unbalanced  // A second event: not what one record holds.
        }
        guard elements.count < elements.capacity else { throw .tooDeep }
        let parent = elements.count > 0 ? elements.base[elements.count - 1] : nil
        var element = Element(
            tag: tag, path: try path(parent?.path ?? .empty, tag), firstField: fields.fields.count)
        element.isContainer = element.path == "Event.EventData" || element.path == "Event.UserData"
        element.isData = parent?.isContainer == true && tag == "Data"
        try elements.push(element)
        while true {
            skipBlanks()
            guard place < record.count else { throw .notWellFormed }
            if record.start[place] == UInt8(ascii: ">") {
                place += 1
                return
            }
            if record.suffix(from: place).hasPrefix("/>") {
                place += 2
                return try close()
            }
            try attribute(parent?.path ?? .empty)
        }
    }

    private func attribute(_ parent: Bytes) throws(EventLogDamage) {
        let key = try name()
        skipBlanks()
        guard place < record.count, record.start[place] == UInt8(ascii: "=") else { throw .notWellFormed }
        place += 1
        skipBlanks()
        guard place < record.count else { throw .notWellFormed }
        let quote = record.start[place]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
            let end = record.firstIndex(of: quote, from: place + 1)
        else { throw .notWellFormed }
        let raw = record[place + 1..<end]
        place = end + 1
        var value = raw
        if raw.firstIndex(of: UInt8(ascii: "&")) != nil {
            let start = values.count
            try append(unescaped: raw)
            value = values.text(from: start)
        }
        let element = elements.base[elements.count - 1]
        if element.isData, key == "Name" {
            elements.base[elements.count - 1].path = try path(parent, value.isEmpty ? Bytes("Data") : value)
        } else if !value.isEmpty {
            try add(try path(element.path, Bytes("#attributes"), key), value, .string)
        }
    }

    private func closeTag() throws(EventLogDamage) {
        place += 2
        let tag = try name()
        skipBlanks()
        guard place < record.count, record.start[place] == UInt8(ascii: ">") else { throw .notWellFormed }
        guard elements.count > 0, elements.base[elements.count - 1].tag == tag else { throw .unbalanced }
        place += 1
        try close()
    }

    private func close() throws(EventLogDamage) {
        try flushText(isBeforeElement: false)
        elements.count -= 1
    }

    private func skipBlanks() { while place < record.count, record.start[place] <= 0x20 { place += 1 } }

    /// The name that stands here: all up to what cannot be part of one.
    private func name() throws(EventLogDamage) -> Bytes {
        let start = place
        while place < record.count {
            switch record.start[place] {
            case 0...0x20, UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "<"),
                UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "&"):
                guard place > start else { throw .notWellFormed }
                return record[start..<place]
            default: place += 1
            }
        }
        throw .notWellFormed
    }

    // MARK: Text

    private func add(text piece: Bytes, isEscaped: Bool) throws(EventLogDamage) {
        if piece.isEmpty { return }
        let isPlain = !isEscaped || piece.firstIndex(of: UInt8(ascii: "&")) == nil
        if pending.isEmpty, isPlain {
            pending = piece
            return
        }
        let start = pendingStart ?? values.count
        if pendingStart == nil { try values.append(pending) }
        if isPlain { try values.append(piece) } else { try append(unescaped: piece) }
        pendingStart = start
        pending = values.text(from: start)
    }

    /// Adds the field of the text that came since the last tag.
    private func flushText(isBeforeElement: Bool) throws(EventLogDamage) {
        let element = elements.base[elements.count - 1]
        let text = pending
        pending = .empty
        pendingStart = nil
        let isAmongElements = isBeforeElement || element.hasElements
        // Blanks are the value of data, and the layout of all else.
        if !text.isEmpty, element.isData && !isAmongElements || !text.trimmed.isEmpty {
            try add(element.path, isAmongElements ? text.trimmed : text, .string)
        } else if !isAmongElements {
            if element.isData {
                try add(element.path, .empty, .string)
            } else if fields.fields.count == element.firstField {
                try add(element.path, .empty, .null)
            }
        }
    }

    /// Adds text with its entities resolved. What is no entity of XML itself stays as it is.
    private func append(unescaped text: Bytes) throws(EventLogDamage) {
        var at = 0
        while let mark = text.firstIndex(of: UInt8(ascii: "&"), from: at) {
            try values.append(text[at..<mark])
            at = mark + 1
            // The longest is &#x10FFFF; some leading zeros may be.
            let window = text[at..<min(text.count, at + 16)]
            guard let end = window.firstIndex(of: UInt8(ascii: ";")) else {
                try values.append(UInt8(ascii: "&"))
                continue
            }
            let entity = window.prefix(upTo: end)
            if let character = TemplateCompiler.character(of: entity) {
                try values.append(character)
            } else if let scalar = Self.scalar(entity) {
                try values.append(scalar: scalar)
            } else {
                try values.append(UInt8(ascii: "&"))
                continue
            }
            at += end + 1
        }
        try values.append(text.suffix(from: at))
    }

    /// The character of `#65` or `#x41`; nil for anything else. XML 1.0 section 4.1.
    private static func scalar(_ entity: Bytes) -> UInt32? {
        guard entity.count >= 2, entity[0] == UInt8(ascii: "#") else { return nil }
        let isHex = entity[1] == UInt8(ascii: "x")
        let digits = entity.suffix(from: isHex ? 2 : 1)
        guard !digits.isEmpty else { return nil }
        var value: UInt32 = 0
        for index in 0..<digits.count {
            guard let digit = Character(Unicode.Scalar(digits[index])).hexDigitValue, isHex || digit < 10 else {
                return nil
            }
            value = min(value, 0x11_0000) * (isHex ? 16 : 10) + UInt32(digit)
        }
        return value
    }

    // MARK: Fields

    private func path(_ parts: Bytes...) throws(EventLogDamage) -> Bytes {
        let start = names.count
        for part in parts where !part.isEmpty {
            if names.count > start { try names.append(UInt8(ascii: ".")) }
            try names.append(part)
        }
        return names.text(from: start)
    }

    private func add(_ name: Bytes, _ value: Bytes, _ kind: EventFields.Kind) throws(EventLogDamage) {
        guard fields.fields.count < Self.fieldLimit else { throw .tooLarge }
        guard name.hasPrefix("Event.System.") else { return fields.add(name, value, kind) }
        var (value, kind) = (value, kind)
        try normalise(&value, &kind)
        fields.add(name, value, kind)
        switch Leaf.Role(name) {
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

    /// Gives a value of the `System` part the form that it has in binary logs.
    private func normalise(_ value: inout Bytes, _ kind: inout EventFields.Kind) throws(EventLogDamage) {
        if value.unsigned != nil {
            kind = .number
        } else if value.count == 38, value[0] == UInt8(ascii: "{"), value[37] == UInt8(ascii: "}") {
            let start = values.count
            for index in 1..<37 {
                let byte = value[index]
                try values.append((0x61...0x66).contains(byte) ? byte & ~0x20 : byte)
            }
            value = values.text(from: start)
        } else if value.count >= 19, value[4] == UInt8(ascii: "-"), let time = Timestamp(iso8601: value) {
            let start = values.count
            try values.append(time)
            value = values.text(from: start)
        }
    }
}
