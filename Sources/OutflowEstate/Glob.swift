// SPDX-License-Identifier: Apache-2.0

/// A pattern for paths.
///
/// `*` stands for any characters but `/`, `?` for one of them, `[a-z]` and `[!a-z]` for one of a set (POSIX.1-2017,
/// section 2.13). `**` as a whole component stands for any number of components, also for none. A pattern without `/`
/// is compared with the last component of the path alone. Matching takes time proportional to pattern times path.
public struct Glob: Sendable, Hashable {
    /// Why a text is no pattern.
    public enum Failure: Error, Hashable { case empty, unclosedSet }

    private enum Token: Sendable, Hashable {
        case one(Unicode.Scalar)
        case any
        case set([ClosedRange<Unicode.Scalar>], negated: Bool)
        /// Any number of characters but `/`.
        case star
        /// Any number of characters.
        case everything
        /// Any number of whole folders, each with its `/`.
        case folders
    }

    /// The pattern as it was written.
    public let pattern: String
    private let tokens: [Token]
    private let comparesName: Bool

    /// Reads a pattern.
    public init(_ pattern: String) throws(Failure) {
        guard !pattern.isEmpty else { throw .empty }
        self.pattern = pattern
        comparesName = !pattern.contains("/") && pattern != "**"
        var tokens: [Token] = []
        let text = Array(pattern.unicodeScalars)
        var index = 0
        while index < text.count {
            switch text[index] {
            case "*":
                var end = index
                while end < text.count, text[end] == "*" { end += 1 }
                let isComponent = end - index == 2 && (index == 0 || text[index - 1] == "/")
                if isComponent, end < text.count, text[end] == "/" {
                    tokens.append(.folders)
                    end += 1
                } else {
                    tokens.append(isComponent && end == text.count ? .everything : .star)
                }
                index = end
            case "?":
                tokens.append(.any)
                index += 1
            case "[":
                guard let (token, end) = Self.set(text, from: index + 1) else { throw .unclosedSet }
                tokens.append(token)
                index = end
            default:
                tokens.append(.one(text[index]))
                index += 1
            }
        }
        self.tokens = tokens
    }

    private static func set(_ text: [Unicode.Scalar], from start: Int) -> (Token, end: Int)? {
        var index = start
        var negated = false
        if index < text.count, text[index] == "!" || text[index] == "^" {
            negated = true
            index += 1
        }
        let first = index
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while index < text.count {
            // A bracket that comes first is a member of the set.
            if text[index] == "]", index > first { return (.set(ranges, negated: negated), index + 1) }
            if index + 2 < text.count, text[index + 1] == "-", text[index + 2] != "]" {
                if text[index] <= text[index + 2] { ranges.append(text[index]...text[index + 2]) }
                index += 3
            } else {
                ranges.append(text[index]...text[index])
                index += 1
            }
        }
        return nil
    }

    /// Whether the whole of `path` fits the pattern.
    public func matches(_ path: String) -> Bool {
        var text = path.unicodeScalars[...]
        if comparesName, let slash = text.lastIndex(of: "/") { text = text[text.index(after: slash)...] }
        // All places in the pattern that the characters so far may have led to.
        var places = [Bool](repeating: false, count: tokens.count + 1)
        enter(0, &places)
        for scalar in text {
            var after = [Bool](repeating: false, count: tokens.count + 1)
            for place in tokens.indices where places[place] { step(place, scalar, &after) }
            places = after
        }
        return places[tokens.count]
    }

    /// Comes to a place, and to those behind it that need no character.
    private func enter(_ place: Int, _ places: inout [Bool]) {
        var place = place
        while !places[place] {
            places[place] = true
            guard place < tokens.count else { return }
            switch tokens[place] {
            case .star, .everything, .folders: place += 1
            case .one, .any, .set: return
            }
        }
    }

    /// Where one character leads from a place.
    private func step(_ place: Int, _ scalar: Unicode.Scalar, _ after: inout [Bool]) {
        switch tokens[place] {
        case .one(let wanted): if scalar == wanted { enter(place + 1, &after) }
        case .any: if scalar != "/" { enter(place + 1, &after) }
        case .set(let ranges, let negated):
            if scalar != "/", ranges.contains(where: { $0.contains(scalar) }) != negated { enter(place + 1, &after) }
        case .star: if scalar != "/" { enter(place, &after) }
        case .everything: enter(place, &after)
        case .folders:
            // Inside a folder's name nothing may follow yet.
            after[place] = true
            if scalar == "/" { enter(place + 1, &after) }
        }
    }
}
