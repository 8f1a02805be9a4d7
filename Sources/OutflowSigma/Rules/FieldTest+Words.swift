// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

extension FieldTest: CustomStringConvertible {
    /// The question in words, as `rules explain` prints it.
    public var description: String { "\(field ?? "any value") \(predicate)" }
}

extension Predicate: CustomStringConvertible {
    /// The question without its field.
    public var description: String {
        switch self {
        case .text(let pattern): "is \(pattern)\(pattern.isCased ? " (case matters)" : "")"
        case .null: "is null"
        case .exists: "is there"
        case .regex(let source): "matches /\(source.pattern)/\(source.flags)"
        case .network(let network): "is in \(network)"
        case .number(let comparison, let bound): "\(comparison.rawValue) \(bound.text)"
        case .field(let name, let relation, let isCased):
            "\(relation) field \(name)\(isCased ? " (case matters)" : "")"
        case .date(let part, let comparison, let bound): "\(part.rawValue) \(comparison.rawValue) \(bound)"
        }
    }
}

extension RegexSource {
    fileprivate var flags: String {
        (ignoresCase ? "i" : "") + (isMultiline ? "m" : "") + (dotMatchesNewline ? "s" : "")
    }
}

extension Pattern: CustomStringConvertible {
    /// The pattern as a rule would write it, in quotes; a dash of any kind is `[-]`.
    public var description: String {
        "'"
            + parts.map { part in
                switch part {
                case .literal(let bytes):
                    String(decoding: bytes, as: UTF8.self).map { "*?\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
                case .any: "*"
                case .one: "?"
                case .dash: "[-]"
                case .placeholder(let name): "%\(name)%"
                }
            }.joined() + "'"
    }
}
