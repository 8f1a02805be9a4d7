// SPDX-License-Identifier: Apache-2.0

/// A value modifier, as rules write it behind a field's name.
///
/// Source: Sigma Modifiers Appendix 2.1.
enum Modifier: String, CaseIterable {
    case all, contains, startswith, endswith, exists, cased, neq
    case windash, base64, base64offset, wide, utf16, utf16le, utf16be
    case re, i, m, s
    case lt, lte, gt, gte
    case minute, hour, day, week, month, year
    case cidr, expand, fieldref

    /// The comparison that it asks for.
    var comparison: Predicate.Comparison? { Predicate.Comparison(rawValue: rawValue) }
    /// The part of a date that it asks for.
    var datePart: DatePart? { DatePart(rawValue: rawValue) }

    /// The field's name and the modifiers of a key like `CommandLine|contains|all`.
    static func split(_ key: String) throws(RuleProblem) -> (field: String, modifiers: [Modifier]) {
        let parts = key.split(separator: "|", omittingEmptySubsequences: false)
        var modifiers: [Modifier] = []
        for name in parts.dropFirst() {
            guard let modifier = Modifier(rawValue: String(name)) else {
                throw .modifier("\(key): unknown modifier '\(name)'")
            }
            modifiers.append(modifier)
        }
        return (String(parts[0]), modifiers)
    }

    /// What is likely a mistake about the modifiers of a key, in a sentence.
    static func remark(on key: String) -> String? {
        let places = key.split(separator: "|").dropFirst().filter {
            ["contains", "startswith", "endswith"].contains($0)
        }
        guard places.count > 1 else { return nil }
        return "\(key): '\(places.joined(separator: "' and '"))' together mean 'contains': one of them is enough"
    }
}

/// Names that stand for values that each site has to give, `%Servers%`.
public struct Placeholders: Hashable, Sendable {
    /// Values by name, without the percent signs; they may hold wildcards.
    public var values: [String: [String]]
    /// Placeholders without values match anything instead of rejecting their rule.
    public var unknownMatchAll = false

    /// Values by name.
    public init(_ values: [String: [String]] = [:]) { self.values = values }

    /// The values of a YAML map: a name, then a value or a list of values.
    public init(yaml text: String) throws(RuleProblem) {
        let documents = try RuleYAML.documents(Array(text.utf8), limits: RuleLimits())
        guard documents.count == 1, case .map(let members)? = documents.first else {
            throw .malformed("placeholders are one map: a name, then a value or a list of values")
        }
        values = [:]
        for member in members {
            guard let texts = member.value.texts, !texts.isEmpty else {
                throw .malformed("\(member.key): a value or a list of values belongs here")
            }
            values[member.key] = texts
        }
    }
}
