// SPDX-License-Identifier: Apache-2.0

import OutflowActivities
import OutflowEVTX
import OutflowRecords

extension Framing {
    /// How the records of a text that begins with `head` stand: JSON that spans lines, lies in an array, or is wrapped in
    /// one object is cut into values, Windows event XML into events; all else into lines.
    ///
    /// - Parameter isWhole: whether `head` is all of the text.
    static func decide(_ head: Bytes, isWhole: Bool) -> Framing {
        // Text has no NULs: only what has some is searched for chunks.
        if head.firstIndex(of: 0) != nil, EventLogScanner.begins(head) || EventLogScanner.holdsAny(head) {
            return .eventLog
        }
        let start = nonBlank(head, from: 0)
        guard start < head.count else { return .lines }
        if head[start] == UInt8(ascii: "<"), holdsEvent(head, from: start) { return .eventXML }
        let second = nonBlank(head, from: start + 1)
        let follower = second < head.count ? head[second] : nil
        if head[start] == UInt8(ascii: "[") {
            // "[28/Nov/2020 ..." begins a line of text.
            switch follower {
            case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "]"): return .jsonElements
            default: return .lines
            }
        }
        guard head[start] == UInt8(ascii: "{"), follower == nil || follower == 0x22 || follower == 0x7D else {
            return .lines
        }
        let lineEnd = head.firstIndex(of: 0x0A, from: start) ?? head.count
        guard let end = valueEnd(head, from: start) else {
            // A damaged first line must not make all lines one value.
            if isOneValue(head, lineAfter: lineEnd) { return .lines }
            return .jsonElements
        }
        if end > lineEnd { return isOneValue(head, lineAfter: lineEnd) ? .lines : .jsonElements }
        let next = nonBlank(head, from: end)
        if next < lineEnd {
            return head[next] == UInt8(ascii: "{") || head[next] == UInt8(ascii: "[") ? .jsonElements : .lines
        }
        return isWhole && next == head.count && isWrapper(head) ? .jsonElements : .lines
    }

    /// Whether an XML element `Event` begins in `head`.
    private static func holdsEvent(_ head: Bytes, from start: Int) -> Bool {
        var at = start
        while let hit = head.firstIndex(of: "<Event", from: at) {
            let rest = head[hit..<min(head.count, hit + 8)]
            if EventXMLScanner.isEvent(rest, withSystem: false) { return true }
            at = hit + 1
        }
        return false
    }

    private static func nonBlank(_ text: Bytes, from: Int) -> Int {
        var at = from
        while at < text.count, text[at] <= 0x20 { at += 1 }
        return at
    }

    /// Whether the line behind `lineEnd` begins with an object and holds nothing else.
    private static func isOneValue(_ text: Bytes, lineAfter lineEnd: Int) -> Bool {
        let start = lineEnd + 1
        guard start + 1 < text.count, text[start] == UInt8(ascii: "{"), text[start + 1] != 0x0A,
            text[start + 1] != 0x0D,
            let end = valueEnd(text, from: start)
        else { return false }
        let next = nonBlank(text, from: end)
        return end <= text.firstIndex(of: 0x0A, from: start) ?? text.count
            && next > (text.firstIndex(of: 0x0A, from: start) ?? text.count - 1)
    }

    /// Where the object that begins at `start` ends, nil if it does not within `text`.
    private static func valueEnd(_ text: Bytes, from start: Int) -> Int? {
        var depth = 0
        var isInString = false
        var at = start
        while at < text.count {
            let byte = text[at]
            if isInString {
                if byte == UInt8(ascii: "\\") { at += 1 }
                if byte == UInt8(ascii: "\"") || byte == 0x0A { isInString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 { return at + 1 }
                default: break
                }
            }
            at += 1
        }
        return nil
    }

    private static func isWrapper(_ text: Bytes) -> Bool {
        var scanner = ElementScanner()
        scanner.scan(text, 0..<text.count) { _ in }
        return scanner.sawWrapper
    }

    /// The records in `head`, at most 20: whole ones, and a last one that the end of the text ends.
    func records(of head: Bytes, isWhole: Bool) -> [Bytes] {
        var records: [Bytes] = []
        switch self {
        case .eventLog: break
        case .eventXML:
            var scanner = EventXMLScanner(maxRecordBytes: head.count)
            scanner.scan(head, isLast: true) { event in
                if case .record(let place) = event, records.count < 20 { records.append(head[place]) }
            }
        case .lines:
            var end = head.count
            while !isWhole, end > 0, head[end - 1] != 0x0A { end -= 1 }
            var at = 0
            while at < end, records.count < 20 {
                let lineEnd = head.firstIndex(of: 0x0A, from: at) ?? end
                let last = lineEnd > at && head[lineEnd - 1] == 0x0D ? lineEnd - 1 : lineEnd
                if last > at { records.append(head[at..<last]) }
                at = lineEnd + 1
            }
        case .jsonElements:
            var scanner = ElementScanner()
            // In pieces, so that not all of 64 KiB is scanned for the first 20 records.
            var at = 0
            while at < head.count, records.count < 20 {
                let end = min(at + 4096, head.count)
                scanner.scan(head, at..<end) { event in
                    if case .record(let place) = event, records.count < 20 { records.append(head[place]) }
                }
                at = end
            }
        }
        return records
    }
}
