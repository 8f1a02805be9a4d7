// SPDX-License-Identifier: Apache-2.0

import Foundation
import Yams

/// One value of a rule with its modifiers, for the reference evaluator.
struct ReferenceValue {
    let node: Node
    let modifiers: [String]
    let isKeyword: Bool

    init(_ node: Node, _ modifiers: [String], isKeyword: Bool) {
        self.node = node
        self.modifiers = modifiers
        self.isKeyword = isKeyword
    }

    /// A character of a pattern.
    private enum Element: Equatable {
        case character(Unicode.Scalar)
        case one
        case any
        case dash
    }

    private var isPlain: Bool { node.scalar?.style == .plain }
    private var text: String { node.scalar?.string ?? "" }

    func holds(_ value: Event, _ event: Event) throws -> Bool {
        if isPlain, ["null", "~", ""].contains(text) { return value == .null }
        guard let found = value.text else { return false }
        if modifiers.first == "re" {
            var options: NSRegularExpression.Options = []
            if modifiers.contains("i") { options.insert(.caseInsensitive) }
            if modifiers.contains("m") { options.insert(.anchorsMatchLines) }
            if modifiers.contains("s") { options.insert(.dotMatchesLineSeparators) }
            let regex = try NSRegularExpression(pattern: text, options: options)
            return regex.firstMatch(in: found, range: NSRange(found.startIndex..., in: found)) != nil
        }
        if modifiers.first == "cidr" { return Self.network(text, contains: found) }
        if modifiers.first == "fieldref" {
            return event.values(text).contains { other in
                guard let other = other.text else { return false }
                let (left, right) =
                    modifiers.contains("cased") ? (found, other) : (Self.lower(found), Self.lower(other))
                if modifiers.contains("startswith") { return Self.has(left, right, atStart: true, atEnd: false) }
                if modifiers.contains("endswith") { return Self.has(left, right, atStart: false, atEnd: true) }
                if modifiers.contains("contains") { return Self.has(left, right, atStart: false, atEnd: false) }
                return Self.has(left, right, atStart: true, atEnd: true)
            }
        }
        if let comparison = modifiers.last, ["lt", "lte", "gt", "gte"].contains(comparison) {
            guard let bound = Double(text) else { return false }
            let number: Double? =
                modifiers.count == 2 ? Self.part(modifiers[0], of: found).map { Double($0) } : Double(found)
            guard let number else { return false }
            return switch comparison {
            case "lt": number < bound
            case "lte": number <= bound
            case "gt": number > bound
            default: number >= bound
            }
        }
        if let part = modifiers.first, ["minute", "hour", "day", "week", "month", "year"].contains(part) {
            return Self.part(part, of: found) == Int(text)
        }
        let isCased = modifiers.contains("cased")
        return patterns().contains { elements in
            let padded =
                isKeyword && !modifiers.contains("startswith") && !modifiers.contains("endswith")
                ? [.any] + elements + [.any] : elements
            return Self.match(
                padded[...].map { Self.folded($0, isCased) },
                Array((isCased ? found : Self.lower(found)).unicodeScalars))
        }
    }

    // MARK: Patterns

    private func patterns() -> [[Element]] {
        var patterns = [parsed()]
        for modifier in modifiers {
            switch modifier {
            case "contains": patterns = patterns.map { [.any] + $0 + [.any] }
            case "startswith": patterns = patterns.map { $0 + [.any] }
            case "endswith": patterns = patterns.map { [.any] + $0 }
            case "windash":
                let dashes: [Unicode.Scalar] = ["-", "/", "\u{2013}", "\u{2014}", "\u{2015}"]
                patterns = patterns.map { pattern in
                    pattern.map { element in
                        if case .character(let scalar) = element, dashes.contains(scalar) { return .dash }
                        return element
                    }
                }
            case "wide", "utf16le", "utf16be":
                patterns = patterns.map { pattern in
                    Self.characters(of: pattern).flatMap { scalar -> [Element] in
                        modifier == "utf16be"
                            ? [.character("\0"), .character(scalar)] : [.character(scalar), .character("\0")]
                    }
                }
            case "base64":
                patterns = patterns.map { pattern in
                    Self.elements(Data(Self.string(pattern).utf8).base64EncodedString())
                }
            case "base64offset":
                // What stays the same whatever is before and behind: tried out instead of computed.
                patterns = patterns.flatMap { pattern -> [[Element]] in
                    let bytes = Array(Self.string(pattern).utf8)
                    return (0..<3).map { shift in
                        let low = Data([UInt8](repeating: 0x00, count: shift) + bytes + [0x00, 0x00])
                            .base64EncodedString()
                        let high = Data([UInt8](repeating: 0xFF, count: shift) + bytes + [0xFF, 0xFF])
                            .base64EncodedString()
                        let same = zip(low, high).map { $0 == $1 ? $0 : " " }
                        let first = same.firstIndex { $0 != " " } ?? 0
                        let run = same[first...].prefix { $0 != " " }
                        // What is padding or not of the value is no part of it.
                        let count = ((shift + bytes.count) * 8) / 6
                        return Self.elements(String(run.prefix(max(0, count - first))))
                    }
                }
            default: break
            }
        }
        return patterns
    }

    private func parsed() -> [Element] {
        if isPlain {
            if ["true", "True", "TRUE"].contains(text) { return Self.elements("true") }
            if ["false", "False", "FALSE"].contains(text) { return Self.elements("false") }
            if let number = Double(text), text.allSatisfy({ $0.isNumber || $0 == "." || $0 == "-" }) {
                return Self.elements(Event.number("\(number)").text ?? text)
            }
        }
        var elements: [Element] = []
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            if scalar == "\\", let next = scalars.first, next == "*" || next == "?" || next == "\\" {
                elements.append(.character(next))
                scalars.removeFirst()
            } else {
                elements.append(scalar == "*" ? .any : scalar == "?" ? .one : .character(scalar))
            }
        }
        return elements
    }

    private static func elements(_ text: String) -> [Element] { text.unicodeScalars.map { .character($0) } }
    private static func characters(of pattern: [Element]) -> [Unicode.Scalar] {
        pattern.compactMap { if case .character(let scalar) = $0 { scalar } else { nil } }
    }
    private static func string(_ pattern: [Element]) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: characters(of: pattern))
        return text
    }

    private static func folded(_ element: Element, _ isCased: Bool) -> Element {
        guard !isCased, case .character(let scalar) = element else { return element }
        return .character(lower(scalar))
    }

    private static func lower(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let small = String(scalar).lowercased().unicodeScalars
        return small.count == 1 ? small.first ?? scalar : scalar
    }

    private static func lower(_ text: String) -> String {
        var out = ""
        out.unicodeScalars.append(contentsOf: text.unicodeScalars.map { lower($0) })
        return out
    }

    /// Whether the text is what the pattern stands for, by the table of all prefixes of both.
    private static func match(_ pattern: [Element], _ text: [Unicode.Scalar]) -> Bool {
        var reachable = [Bool](repeating: false, count: text.count + 1)
        reachable[0] = true
        for element in pattern {
            var next = [Bool](repeating: false, count: text.count + 1)
            for at in 0...text.count {
                switch element {
                case .any: next[at] = reachable[at] || (at > 0 && next[at - 1])
                case .one: next[at] = at > 0 && reachable[at - 1]
                case .character(let scalar): next[at] = at > 0 && reachable[at - 1] && text[at - 1] == scalar
                case .dash:
                    next[at] =
                        at > 0 && reachable[at - 1]
                        && ["-", "/", "\u{2013}", "\u{2014}", "\u{2015}"].contains(text[at - 1])
                }
            }
            reachable = next
        }
        return reachable[text.count]
    }

    private static func has(_ text: String, _ part: String, atStart: Bool, atEnd: Bool) -> Bool {
        match((atStart ? [] : [.any]) + elements(part) + (atEnd ? [] : [.any]), Array(text.unicodeScalars))
    }

    // MARK: Addresses and dates

    private static func network(_ text: String, contains address: String) -> Bool {
        let parts = text.split(separator: "/")
        func number(_ address: some StringProtocol) -> UInt32? {
            let bytes = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            guard bytes.count == 4, !bytes.contains(nil) else { return nil }
            return bytes.reduce(0) { $0 << 8 | UInt32($1 ?? 0) }
        }
        guard parts.count == 2, let base = number(parts[0]), let bits = Int(parts[1]), let found = number(address)
        else {
            return false
        }
        return bits == 0 || base >> UInt32(32 - bits) == found >> UInt32(32 - bits)
    }

    private static func part(_ name: String, of text: String) -> Int? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'"
        // Numbers are seconds since the epoch.
        let isNumber = text.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
        let moment = isNumber ? Double(text).map { Date(timeIntervalSince1970: $0) } : formatter.date(from: text)
        guard let date = moment else { return nil }
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(identifier: "UTC") ?? .current
        switch name {
        case "minute": return calendar.component(.minute, from: date)
        case "hour": return calendar.component(.hour, from: date)
        case "day": return calendar.component(.day, from: date)
        case "week": return calendar.component(.weekOfYear, from: date)
        case "month": return calendar.component(.month, from: date)
        default: return calendar.component(.year, from: date)
        }
    }
}
