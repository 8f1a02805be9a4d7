// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Yams

/// Walks through a configuration's nodes and collects what is wrong, so that a user sees all errors at once.
///
/// The walk follows the keys that exist, so its depth does not depend on the file.
package struct ConfigurationReader {
    package let file: String
    package private(set) var errors: [ConfigurationError] = []

    package init(file: String) { self.file = file }

    /// Notes an error at a node.
    package mutating func fail(_ node: Node, _ message: String, hint: String? = nil) {
        let position = node.mark.map { ConfigurationError.Position(line: $0.line, column: $0.column) }
        errors.append(
            ConfigurationError(
                file: file, position: position ?? .init(line: 1, column: 1), message: message, hint: hint))
    }

    /// The members of a mapping by key. Keys other than `keys` are errors. A value that is left empty counts as absent.
    package mutating func mapping(_ node: Node, of what: String, keys: [String]) -> [String: Node] {
        guard case .mapping(let mapping) = node else {
            fail(
                node, "\(what) is a mapping, not \(Self.kind(node))",
                hint: "its keys are \(keys.joined(separator: ", "))")
            return [:]
        }
        var members: [String: Node] = [:]
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                fail(key, "a key must be plain text")
                continue
            }
            if keys.contains(scalar.string) {
                if !Self.isEmpty(value) { members[scalar.string] = value }
            } else {
                fail(
                    key, "unknown key \(quoted(scalar.string)) in \(what)",
                    hint: suggestion(for: scalar.string, among: keys) ?? "its keys are \(keys.joined(separator: ", "))")
            }
        }
        return members
    }

    /// The elements of a list; none if it is absent.
    package mutating func list(_ node: Node?, of what: String) -> [Node] {
        guard let node else { return [] }
        guard case .sequence(let sequence) = node else {
            fail(node, "\(what) is a list, not \(Self.kind(node))", hint: "write [a, b] or one \"- a\" a line")
            return []
        }
        return Array(sequence)
    }

    /// Text that is not empty; nil if it is absent or not that.
    package mutating func text(_ node: Node?, of what: String) -> String? {
        guard let node else { return nil }
        guard case .scalar(let scalar) = node else {
            fail(node, "\(what) is text, not \(Self.kind(node))")
            return nil
        }
        guard !scalar.string.isEmpty else {
            fail(node, "\(what) is empty")
            return nil
        }
        return scalar.string
    }

    /// The texts of a list, each made into a value; what cannot be made into one says why by an error.
    package mutating func values<Value>(
        _ node: Node?, of what: String, _ make: (inout ConfigurationReader, Node, String) -> Value?
    ) -> [Value] {
        var values: [Value] = []
        for element in list(node, of: what) {
            if let text = text(element, of: "an element of \(what)"), let value = make(&self, element, text) {
                values.append(value)
            }
        }
        return values
    }

    /// One of `choices`, which may be all text there is (nil).
    package mutating func choice(_ node: Node, _ text: String, of what: String, among choices: [String]?) -> String? {
        guard let choices, !choices.contains(text) else { return text }
        fail(
            node, "no \(what) is called \(quoted(text))",
            hint: suggestion(for: text, among: choices) ?? "there are \(choices.joined(separator: ", "))")
        return nil
    }

    /// Whether a value was left out: `key:` with nothing behind it, `~` or `null`.
    package static func isEmpty(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return scalar.string.isEmpty || scalar.string == "~" || scalar.string == "null"
    }

    private static func kind(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): isEmpty(node) ? "nothing" : "the text \(quoted(scalar.string))"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .alias: "an alias"
        }
    }
}
