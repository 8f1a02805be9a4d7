// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Finds where JSON values begin and end that are records: values one after the other, the elements of an array, or those
/// of an array in an object that wraps it, as in CloudTrail's `{"Records": [...]}`.
///
/// It looks at brackets and strings only, keeps its state between calls, and never recurses; whether a value is JSON
/// indeed is for its reader to say. A line end in a string, where JSON has none, ends it if the next line begins like JSON:
/// a quote was lost then, and must not turn the rest of the stream inside out. Else it is a line end that nobody escaped.
struct ElementScanner {
    /// Where the scanner is.
    private enum Mode {
        /// Between records.
        case between
        /// In a record that is an object, an array or a string.
        case value
        /// In a record that is a number or a word.
        case scalar
        /// In a top-level object that wraps records, or may turn out to.
        case members
    }

    /// Where it is among the members of an object that may wrap records.
    private enum Slot { case key, colon, value, arrayStart, inside, after }

    private var mode = Mode.between
    private var slot = Slot.key
    private var depth = 0
    private var base = 0  // Depth at which records stand.
    private var memberDepth = 0  // Depth of the members of the object that may wrap records.
    private var isInString = false
    private var isEscaped = false
    private var isAfterLineEnd = false  // In a string, before the first byte of the next line that is no space.
    private var key: [UInt8] = []
    private var isInKey = false
    /// Where the current record began, as an index into the bytes given last; meaningless between records.
    var start = 0
    /// Whether a record, or an object that may turn out to be one, is open.
    private(set) var isOpen = false
    /// The open record is too long: it is not handed out when it ends.
    var isDropped = false
    /// Whether some object turned out to wrap records.
    private(set) var sawWrapper = false

    /// What may be found.
    enum Event {
        case record(Range<Int>)
        /// A bracket that is out of place.
        case stray(Int)
        /// Objects beside the records, in a member whose name is none that holds records: they are passed over.
        case passedOver(Int)
    }

    /// Whether the stream may end here.
    var isBalanced: Bool { depth == 0 && !isInString }

    /// Scans the bytes in `range`.
    mutating func scan(_ bytes: Bytes, _ range: Range<Int>, _ found: (Event) -> Void) {
        var at = range.lowerBound
        let end = range.upperBound
        while at < end {
            if isInString {
                at = string(bytes, at, end, found)
                continue
            }
            let byte = bytes.start[at]
            switch mode {
            case .value:
                at = value(bytes, at, end, found)
                continue
            case .scalar:
                if Self.endsScalar(byte) {
                    finish(at, found)
                    continue
                }
            case .between: between(byte, at, found)
            case .members: if !member(byte, at, found) { continue }
            }
            at += 1
        }
    }

    /// The end of the stream is at `end`: a number or word that stands there alone is whole.
    mutating func finish(at end: Int, _ found: (Event) -> Void) {
        if mode == .scalar, base == 0 { finish(end, found) }
    }

    private mutating func finish(_ end: Int, _ found: (Event) -> Void) {
        if isOpen, !isDropped { found(.record(start..<end)) }
        isOpen = false
        isDropped = false
        mode = .between
    }

    private mutating func open(_ at: Int, _ mode: Mode) {
        start = at
        isOpen = true
        self.mode = mode
    }

    private mutating func between(_ byte: UInt8, _ at: Int, _ found: (Event) -> Void) {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","): break
        case UInt8(ascii: "\""):
            open(at, .value)
            isInString = true
        case UInt8(ascii: "["):
            depth += 1
            if base == 0 { base = 1 } else { open(at, .value) }
        case UInt8(ascii: "{"):
            depth += 1
            open(at, base == 0 ? .members : .value)
            if base == 0 { (slot, memberDepth) = (.key, 1) }
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            // Records stand in an array, which a brace does not end.
            if base == 0 || byte == UInt8(ascii: "}") {
                found(.stray(at))
                break
            }
            depth -= 1
            base = 0
            if memberDepth > 0 { (mode, slot) = (.members, .after) }
        default: open(at, .scalar)
        }
    }

    /// Goes on in a record up to its end, the next string, or the end of the bytes: the loop that most bytes see.
    private mutating func value(_ bytes: Bytes, _ from: Int, _ end: Int, _ found: (Event) -> Void) -> Int {
        var at = from
        var level = depth
        defer { depth = level }
        while at < end {
            switch bytes.start[at] {
            case UInt8(ascii: "\""):
                isInString = true
                return at + 1
            case UInt8(ascii: "{"), UInt8(ascii: "["): level += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                level -= 1
                if level == base {
                    finish(at + 1, found)
                    return at + 1
                }
            default: break
            }
            at += 1
        }
        return at
    }

    /// Goes on in a string up to its end.
    private mutating func string(_ bytes: Bytes, _ from: Int, _ end: Int, _ found: (Event) -> Void) -> Int {
        var at = from
        while at < end {
            let byte = bytes.start[at]
            let hasLostQuote = isAfterLineEnd && Self.beginsLine(byte)
            if !hasLostQuote {
                at += 1
                if byte > 0x20 { isAfterLineEnd = false }
                if isEscaped {
                    isEscaped = false
                    if byte != 0x0A { continue }
                }
                if byte == 0x0A { isAfterLineEnd = true }
            }
            if byte == UInt8(ascii: "\"") || hasLostQuote {
                isInString = false
                isAfterLineEnd = false
                if mode == .value, depth == base { finish(at, found) }
                if mode == .members, slot != .inside { slot = isInKey ? .colon : .after }
                isInKey = false
                return at
            }
            if byte == UInt8(ascii: "\\") { isEscaped = true }
            if isInKey, key.count <= 16 { key.append(byte) }
        }
        return at
    }

    /// Takes a byte among the members of an object that may wrap records. False if the byte is to be looked at again.
    private mutating func member(_ byte: UInt8, _ at: Int, _ found: (Event) -> Void) -> Bool {
        if byte <= 0x20 { return true }
        let closes = byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
        let opens = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
        switch slot {
        case .inside:
            if byte == UInt8(ascii: "\"") { isInString = true }
            if opens { depth += 1 }
            if closes {
                depth -= 1
                if depth == memberDepth { slot = .after }
            }
        case .key, .after, .colon:
            if closes {
                close(at, found)
            } else if slot == .key, byte == UInt8(ascii: "\"") {
                key.removeAll(keepingCapacity: true)
                isInKey = true
                isInString = true
            } else if slot == .colon, byte == UInt8(ascii: ":") {
                slot = .value
            } else if slot == .after, byte == UInt8(ascii: ",") {
                slot = .key
            } else if slot != .colon, byte == UInt8(ascii: "["), !isOpen {
                // The array of records was closed too early: what follows are records still.
                found(.stray(at))
                depth += 1
                base = depth
                mode = .between
            } else if opens || byte == UInt8(ascii: "\"") || slot == .colon {
                if !isOpen { found(.passedOver(at)) }
                return giveUp(byte)
            }
        case .value:
            if closes {
                close(at, found)
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if byte == UInt8(ascii: "[") {
                depth += 1
                slot = .arrayStart
            } else if byte == UInt8(ascii: "{") {
                if memberDepth == 1, key.elementsEqual("hits".utf8) {
                    depth += 1
                    (memberDepth, slot) = (2, .key)
                } else if !isOpen || Self.isAboutTheAnswer(key) {
                    depth += 1
                    slot = .inside
                } else {
                    return giveUp(byte)
                }
            } else {
                slot = .after
            }
        case .arrayStart:
            if byte == UInt8(ascii: "{"), Self.wraps(key) {
                isOpen = false
                isDropped = false
                sawWrapper = true
                base = depth
                mode = .between
                return false
            }
            if byte == UInt8(ascii: "{") {
                if isOpen { return giveUp(byte) }
                if !Self.isAboutTheAnswer(key) { found(.passedOver(at)) }
            }
            slot = .inside
            return false
        }
        return true
    }

    /// An object that may wrap records ends.
    private mutating func close(_ at: Int, _ found: (Event) -> Void) {
        depth -= 1
        if memberDepth == 2 {
            (memberDepth, slot) = (1, .after)
        } else {
            memberDepth = 0
            finish(at + 1, found)
        }
    }

    /// The object is a record itself: `byte` is to be looked at again as part of it. In an object that has turned out to
    /// wrap records, whatever comes is passed over.
    private mutating func giveUp(_ byte: UInt8) -> Bool {
        if isOpen {
            mode = .value
            memberDepth = 0
            return false
        }
        if byte == UInt8(ascii: "\"") {
            isInString = true
            slot = .after
        } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
            depth += 1
            slot = .inside
        }
        return true
    }

    /// Names of arrays in which cloud services and search engines hand out records: CloudTrail files; Azure diagnostic
    /// settings; Microsoft Graph and OData; CloudWatch and Google Workspace; CloudTrail look-ups; CloudWatch
    /// subscriptions; Elasticsearch; Google and Microsoft pages; Box.
    private static let wrappers: [StaticString] = [
        "Records", "records", "value", "events", "Events", "logEvents", "data", "hits", "items", "entries", "results",
    ]

    private static func wraps(_ key: [UInt8]) -> Bool { isOne(of: wrappers, key) }

    /// Objects that stand beside the records of an answer and say something about the answer.
    private static func isAboutTheAnswer(_ key: [UInt8]) -> Bool {
        isOne(of: ["_shards", "total", "meta", "metadata", "_links", "links", "ResponseMetadata"], key)
    }

    private static func isOne(of names: [StaticString], _ key: [UInt8]) -> Bool {
        key.withUnsafeBytes { key in names.contains { Bytes(key) == $0 } }
    }

    /// Whether a line of JSON may begin with a byte, other than within a string, a number or a word.
    private static func beginsLine(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: "\""):
            true
        default: false
        }
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
            UInt8(ascii: "}"), UInt8(ascii: "\""):
            true
        default: false
        }
    }
}
