// SPDX-License-Identifier: Apache-2.0

import OutflowRecords
import Yams

/// A piece of a rule's YAML: what is in it, with scalars resolved by YAML 1.2's core schema (section 10.3.2), by which
/// `yes` is a string and `010` is ten.
public indirect enum RuleNode: Hashable, Sendable {
    /// A scalar.
    case scalar(RuleScalar)
    /// A list.
    case list([RuleNode])
    /// A map, in the order of the file; its keys are distinct.
    case map([Member])

    /// A key of a map and its value.
    public struct Member: Hashable, Sendable {
        /// The key.
        public var key: String
        /// The value.
        public var value: RuleNode
    }

    /// The value of a map's `key`; nil if there is none, or this is no map.
    subscript(key: String) -> RuleNode? {
        guard case .map(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The text of a scalar that is not null; nil for anything else.
    var text: String? {
        guard case .scalar(let scalar) = self, scalar != .null else { return nil }
        return scalar.text
    }

    /// The elements of a list, or the one scalar, as text; nil if there is a map or a list among them.
    var texts: [String]? {
        switch self {
        case .scalar(.null): []
        case .scalar(let scalar): [scalar.text]
        case .list(let nodes):
            nodes.reduce(into: [String]?.some([])) { texts, node in
                if let text = node.text { texts?.append(text) } else { texts = nil }
            }
        case .map: nil
        }
    }
}

/// A scalar of a rule: what type it has matters to matching.
public enum RuleScalar: Hashable, Sendable {
    /// `null`, `~` or nothing at all.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, in its canonical text, `5`, `-1.5`, and as it is written, `0x5`, `-1.50`.
    case number(String, written: String)
    /// A string.
    case string(String)

    /// Its text; of null the empty one.
    public var text: String {
        switch self {
        case .null: ""
        case .bool(let value): value ? "true" : "false"
        case .number(let text, _): text
        case .string(let text): text
        }
    }

    /// A plain (unquoted) scalar, resolved by the core schema.
    init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .bool(true)
        case "false", "False", "FALSE": self = .bool(false)
        default: self = RuleScalar.number(of: text).map { .number($0, written: text) } ?? .string(text)
        }
    }

    /// The canonical text of a number in the core schema's notation; nil if `text` is none.
    private static func number(of text: String) -> String? {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= 64,
            (0x30...0x39).contains(first) || first == 0x2D || first == 0x2B || first == 0x2E
        else { return nil }
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16).map { String($0) } }
        if text.hasPrefix("0o") { return UInt64(text.dropFirst(2), radix: 8).map { String($0) } }
        var digits = bytes[...]
        if first == 0x2D || first == 0x2B { digits = digits.dropFirst() }
        let isWhole = !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
        if isWhole {
            let trimmed = digits.drop { $0 == 0x30 }
            let magnitude = trimmed.isEmpty ? "0" : String(decoding: trimmed, as: UTF8.self)
            return first == 0x2D && magnitude != "0" ? "-" + magnitude : magnitude
        }
        // [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
        return DecimalNumber(bytes)?.text
    }
}

/// Reads the documents of a rule file.
enum RuleYAML {
    /// All documents of a text.
    static func documents(_ bytes: [UInt8], limits: RuleLimits) throws(RuleProblem) -> [RuleNode] {
        let (documents, problem) = try readable(bytes, limits: limits)
        if let problem { throw problem }
        return documents
    }

    /// The documents of a text up to the first that cannot be read, and why that one cannot; nil if all can.
    static func readable(
        _ bytes: [UInt8], limits: RuleLimits
    ) throws(RuleProblem) -> (documents: [RuleNode], problem: RuleProblem?) {
        guard bytes.count <= limits.fileBytes else {
            throw .limit("the file has \(bytes.count) bytes, more than \(limits.fileBytes)")
        }
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else { throw .notYAML("bytes that are not UTF-8") }
        if let line = lineTooDeep(content, limit: limits.depth) {
            throw .limit("line \(line) is nested more than \(limits.depth) deep")
        }
        guard aliases(in: content) <= aliasLimit else {
            throw .notYAML("more than \(aliasLimit) aliases: write the values out")
        }
        var nodes: [Node] = []
        var problem: RuleProblem?
        do {
            // Without rules the resolver leaves every scalar a string, and costs nothing.
            let parser = try Yams.Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
            while let node = try parser.nextRoot() { nodes.append(node) }
        } catch let error as YamlError {
            problem = .notYAML(words(of: error) + behind(nodes.count))
        } catch {
            problem = .notYAML("\(error)" + behind(nodes.count))
        }
        var budget = limits.nodes
        var documents: [RuleNode] = []
        for node in nodes { documents.append(try convert(node, depth: limits.depth, &budget, limits)) }
        return (documents, problem)
    }

    /// What an error means for a file of several documents.
    private static func behind(_ count: Int) -> String {
        count == 0 ? "" : "; nothing behind document \(count) of the file is read"
    }

    /// Aliases let a small file unfold into a huge one, in keys before anybody can count. So few cannot.
    private static let aliasLimit = 16

    /// How many `*name` there are at most for which there is an `&name`; looks at the bare text, so it may see too many.
    private static func aliases(in text: ArraySlice<UInt8>) -> Int {
        func names(after mark: UInt8) -> [ArraySlice<UInt8>] {
            text.indices.filter { text[$0] == mark }.compactMap { at in
                let name = text[(at + 1)...].prefix {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                        || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
                }
                return name.isEmpty ? nil : name
            }
        }
        guard text.contains(UInt8(ascii: "&")) else { return 0 }
        let anchors = Set(names(after: UInt8(ascii: "&")))
        return anchors.isEmpty ? 0 : names(after: UInt8(ascii: "*")).count { anchors.contains($0) }
    }

    /// The first line whose brackets or indentation open more than `limit` levels: libyaml and what reads its events go
    /// one call deeper a level. Quotes are not looked at, so a bracket in a string may count; only far too many do.
    private static func lineTooDeep(_ text: ArraySlice<UInt8>, limit: Int) -> Int? {
        var line = 1
        var open = 0
        var dashes = 0
        var isIndent = true
        for byte in text {
            switch byte {
            case 0x0A:
                line += 1
                dashes = 0
                isIndent = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                open += 1
                isIndent = false
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                open = max(0, open - 1)
            case 0x20: break
            case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
                if isIndent { dashes += 1 }
            default: isIndent = false
            }
            // A rule's regular expressions hold brackets too: count generously, libyaml itself stops at 1,000.
            if open > limit * 20 || dashes > 200 { return line }
        }
        return nil
    }

    private static func convert(
        _ node: Node, depth: Int, _ budget: inout Int, _ limits: RuleLimits
    ) throws(RuleProblem) -> RuleNode {
        guard depth > 0 else { throw .limit("nested more than \(limits.depth) deep") }
        budget -= 1
        guard budget >= 0 else { throw .limit("more than \(limits.nodes) values in one file") }
        switch node {
        case .scalar(let scalar):
            guard scalar.string.utf8.count <= limits.valueBytes else {
                throw .limit("a value of \(scalar.string.utf8.count) bytes; at most \(limits.valueBytes) are read")
            }
            return .scalar(scalar.style == .plain ? RuleScalar(plain: scalar.string) : .string(scalar.string))
        case .sequence(let sequence):
            var list: [RuleNode] = []
            list.reserveCapacity(sequence.count)
            for element in sequence { list.append(try convert(element, depth: depth - 1, &budget, limits)) }
            return .list(list)
        case .mapping(let mapping):
            var members: [RuleNode.Member] = []
            members.reserveCapacity(mapping.count)
            var merged: [RuleNode] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else { throw .malformed("a key that is a list or a map") }
                let value = try convert(value, depth: depth - 1, &budget, limits)
                if name.style == .plain, name.string == "<<" {
                    merged.append(value)
                } else {
                    members.append(RuleNode.Member(key: name.string, value: value))
                }
            }
            var known = merged.isEmpty ? [] : Set(members.map(\.key))
            for value in merged { try merge(value, into: &members, &known) }
            return .map(members)
        case .alias: throw .notYAML("aliases are not read: write the value out")
        }
    }

    /// The keys of `<<: *other` are those of the map too, unless it has them itself; of several maps the first one's count.
    ///
    /// Source: yaml.org/type/merge.html, which YAML 1.2 no longer has and readers of rules go on reading.
    ///
    /// - Parameter known: the keys of `members`.
    private static func merge(
        _ value: RuleNode, into members: inout [RuleNode.Member], _ known: inout Set<String>
    ) throws(RuleProblem) {
        switch value {
        case .map(let others):
            let new = others.filter { !known.contains($0.key) }
            members += new
            known.formUnion(new.map(\.key))
        case .list(let maps):
            for map in maps {
                guard case .map = map else { throw .malformed("<<: merges a map or a list of maps") }
                try merge(map, into: &members, &known)
            }
        case .scalar: throw .malformed("<<: merges a map or a list of maps")
        }
    }

    private static func words(of error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line): \(problem)"
        case .duplicatedKeysInMapping(let keys, let context):
            "line \(context.mark.line): key given twice: \(keys.prefix(3).joined(separator: ", "))"
        default: "\(error)"
        }
    }
}
