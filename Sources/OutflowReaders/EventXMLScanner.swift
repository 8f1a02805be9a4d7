// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Finds `<Event>` elements in a text, piece by piece: where it is cut makes no difference.
///
/// Between them may stand `<Events>`, its end, comments, processing instructions and blanks. All else is told once for
/// each stretch. An event that is not closed before the next one begins (`<Event …><System`) is told, and the next one read.
struct EventXMLScanner {
    /// What was found.
    enum Event {
        /// A whole element.
        case record(Range<Int>)
        /// Something else begins.
        case stray(Int)
        /// The event that begins there is not closed before another one begins.
        case unclosed(Int)
        /// The event that begins there is longer than a record may be.
        case long(Int)
    }

    /// As many bytes as are looked at for what begins with a `<`.
    private static let lookAhead = 1024

    private enum Inside { case nothing, comment, characters, instruction, wrapper }

    private let maxRecordBytes: Int
    private var at = 0
    private var inside = Inside.nothing
    private var isStray = false
    /// Where the open event begins.
    private(set) var start: Int?

    init(maxRecordBytes: Int) { self.maxRecordBytes = maxRecordBytes }

    /// Whether the text ends within something.
    var isOpen: Bool { start != nil || inside != .nothing }
    /// Bytes before this one are of no more use.
    var kept: Int { start ?? at }

    /// Tells that the first `count` bytes, which are not more than ``kept``, are gone.
    mutating func drop(_ count: Int) {
        at -= count
        start = start.map { $0 - count }
    }

    /// Goes on with `bytes`, which are those of before and some more.
    ///
    /// - Parameter isLast: whether the text ends with them.
    mutating func scan(_ all: Bytes, isLast: Bool, _ found: (Event) -> Void) {
        while at < all.count {
            // An event is looked at up to the limit and no further, so that what follows a lost end is found again.
            let limit = start.map { $0 + maxRecordBytes } ?? .max
            let bytes = all.prefix(upTo: min(all.count, limit))
            let isWhole = isLast || bytes.count < all.count
            let before = at
            if step(bytes, isWhole, found) { continue }
            if bytes.count < all.count, let start {
                found(.long(start))
                self.start = nil
                (inside, isStray) = (.nothing, true)
                at = bytes.count
            } else if isLast {
                at = all.count
            } else {
                at = max(at, before)
                return
            }
        }
    }

    /// Goes on by one thing; false when its end is not among `bytes`.
    private mutating func step(_ bytes: Bytes, _ isWhole: Bool, _ found: (Event) -> Void) -> Bool {
        switch inside {
        case .comment: return pass("-->", bytes)
        case .characters: return pass("]]>", bytes)
        case .instruction: return pass("?>", bytes)
        case .wrapper: return pass(">", bytes)
        case .nothing: break
        }
        let tag = bytes.firstIndex(of: UInt8(ascii: "<"), from: at)
        if start == nil, !isStray {
            let end = tag ?? bytes.count
            while at < end, bytes[at] <= 0x20 { at += 1 }
            if at < end { stray(found) }
        }
        guard let tag else {
            at = bytes.count
            return at < bytes.count || start == nil
        }
        at = tag
        guard isWhole || bytes.count - tag >= Self.lookAhead else { return false }
        let view = bytes[tag..<min(bytes.count, tag + Self.lookAhead)]
        if view.hasPrefix("<!--") {
            (inside, at) = (.comment, tag + 4)
        } else if let start {
            if view.hasPrefix("<![CDATA[") {
                (inside, at) = (.characters, tag + 9)
            } else if let length = Self.closing(view) {
                found(.record(start..<tag + length))
                self.start = nil
                at = tag + length
            } else if tag > start, Self.isEvent(view, withSystem: true) {
                found(.unclosed(start))
                self.start = tag
                at = tag + 6
            } else {
                at = tag + 1
            }
        } else if Self.isEvent(view, withSystem: false) {
            isStray = false
            start = tag
            at = tag + 6
        } else if view.hasPrefix("<?") {
            (inside, at) = (.instruction, tag + 2)
        } else if Self.isTag(view, "<Events") || Self.isTag(view, "</Events") {
            isStray = false
            (inside, at) = (.wrapper, tag + 7)
        } else {
            stray(found)
            at = tag + 1
        }
        return true
    }

    private mutating func stray(_ found: (Event) -> Void) {
        if !isStray { found(.stray(at)) }
        isStray = true
    }

    private mutating func pass(_ end: StaticString, _ bytes: Bytes) -> Bool {
        guard let hit = bytes.firstIndex(of: end, from: at) else {
            // Its first bytes may be here already.
            at = max(at, bytes.count - end.utf8CodeUnitCount + 1)
            return false
        }
        at = hit + end.utf8CodeUnitCount
        inside = .nothing
        return true
    }

    /// Length of `</Event>` at the beginning of `view`.
    private static func closing(_ view: Bytes) -> Int? {
        guard view.hasPrefix("</Event") else { return nil }
        var at = 7
        while at < view.count, view[at] <= 0x20 { at += 1 }
        return at < view.count && view[at] == UInt8(ascii: ">") ? at + 1 : nil
    }

    /// Whether a tag of that name begins `view`.
    private static func isTag(_ view: Bytes, _ name: StaticString) -> Bool {
        let length = name.utf8CodeUnitCount
        guard view.hasPrefix(name), view.count > length else { return false }
        return view[length] <= 0x20 || view[length] == UInt8(ascii: ">") || view[length] == UInt8(ascii: "/")
    }

    /// Whether an event begins `view`; if asked for, one with a `System` part right behind.
    static func isEvent(_ view: Bytes, withSystem: Bool) -> Bool {
        guard isTag(view, "<Event") else { return false }
        if !withSystem { return true }
        guard var at = view.firstIndex(of: UInt8(ascii: ">"), from: 6) else { return false }
        at += 1
        while at < view.count, view[at] <= 0x20 { at += 1 }
        return isTag(view.suffix(from: at), "<System")
    }
}
