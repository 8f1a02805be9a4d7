// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Turns one item of a detection, a field with modifiers and its values, into an expression.
///
/// Source: Sigma Rules Specification 2.1, sections "Lists", "Maps", "Value Modifiers"; Modifiers Appendix 2.1.
struct ItemReader {
    let key: String
    let field: String?
    let modifiers: [Modifier]
    let placeholders: Placeholders
    let limits: RuleLimits

    /// A value on its way through the modifiers.
    private enum Value {
        case pattern(Pattern)
        case null
        case number(String)
        case regex(RegexSource)
        case network(Network)
        case comparison(Predicate.Comparison, DecimalNumber)
        case date(DatePart, Predicate.Comparison, Int)
        case field(String, Predicate.Relation)
    }

    /// A reader for a key such as `CommandLine|contains|all`; an empty name asks for keywords.
    init(_ key: String, placeholders: Placeholders, limits: RuleLimits) throws(RuleProblem) {
        let (name, modifiers) = try Modifier.split(key)
        self.init(key: key, field: name.isEmpty ? nil : name, modifiers, placeholders, limits)
    }

    /// A reader for keywords without a key.
    init(keywords placeholders: Placeholders, limits: RuleLimits) {
        self.init(key: "keywords", field: nil, [], placeholders, limits)
    }

    private init(
        key: String, field: String?, _ modifiers: [Modifier], _ placeholders: Placeholders, _ limits: RuleLimits
    ) {
        self.key = key
        self.field = field
        self.modifiers = modifiers
        self.placeholders = placeholders
        self.limits = limits
    }

    /// What the item asks.
    func expression(_ node: RuleNode) throws(RuleProblem) -> Expression {
        let scalars: [RuleScalar]
        switch node {
        case .scalar(let scalar): scalars = [scalar]
        case .list(let nodes):
            guard !nodes.isEmpty else { throw .malformed("\(key): an empty list") }
            var found: [RuleScalar] = []
            for node in nodes {
                guard case .scalar(let scalar) = node else {
                    throw .malformed("\(key): a list or map where a value belongs")
                }
                found.append(scalar)
            }
            scalars = found
        case .map: throw .malformed("\(key): a map where a value or a list of values belongs")
        }
        if modifiers.contains(.exists) { return try existence(scalars) }
        var tests: [Expression] = []
        var count = 0
        for scalar in scalars {
            for values in try modified(scalar) {
                count += values.count
                guard count <= limits.expansions else {
                    throw .limit("\(key): more than \(limits.expansions) values")
                }
                // What encodings and dashes make of one value are alternatives, also under `all`.
                let alternatives = try values.map { value throws(RuleProblem) in
                    Expression.test(FieldTest(field, try predicate(value)))
                }
                tests.append(alternatives.count == 1 ? alternatives[0] : .any(alternatives))
            }
        }
        let joined: Expression =
            tests.count == 1 ? tests[0] : modifiers.contains(.all) ? .all(tests) : .any(tests)
        return modifiers.contains(.neq) ? .not(joined) : joined
    }

    private func existence(_ scalars: [RuleScalar]) throws(RuleProblem) -> Expression {
        guard let field, modifiers == [.exists] else { throw .modifier("\(key): exists stands alone behind a field") }
        guard scalars.count == 1, case .bool(let wanted) = scalars[0] else {
            throw .modifier("\(key): exists takes true or false")
        }
        let test = Expression.test(FieldTest(field, .exists))
        return wanted ? test : .not(test)
    }

    /// Whether values are not patterns, in which some characters are special, but text as it is.
    private var isRaw: Bool { modifiers.contains { $0 == .re || $0 == .fieldref || $0 == .cidr } }

    /// What the modifiers make of a value: for each of the values that its placeholders stand for, which are values of the
    /// list like others, the alternatives.
    private func modified(_ scalar: RuleScalar) throws(RuleProblem) -> [[Value]] {
        var values: [Value]
        switch scalar {
        case .null:
            if modifiers.contains(where: { $0 != .neq && $0 != .all }) || field == nil {
                throw .modifier("\(key): null takes no modifier, and needs a field")
            }
            return [[.null]]
        case .bool: values = [.pattern(Pattern(parts: [.literal(Array(scalar.text.utf8))]))]
        case .number(let text, let written):
            // 1.50 is the number 1.5, and the version "1.50".
            values = [.number(modifiers.contains(.re) ? written : text)]
            if written != text, !modifiers.contains(where: { $0 == .re || $0.comparison != nil || $0.datePart != nil })
            {
                values.append(.pattern(Pattern(parts: [.literal(Array(written.utf8))])))
            }
        case .string(let text):
            let wildcards = text.utf8.count { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
            if isRaw {
                values = [.pattern(Pattern(parts: [.literal(Array(text.utf8))]))]
            } else if wildcards > limits.wildcards {
                throw .limit("\(key): \(wildcards) wildcards in one value; at most \(limits.wildcards) are read")
            } else {
                values = [.pattern(modifiers.contains(.expand) ? Pattern(expanding: text) : Pattern(text))]
            }
        }
        // Expressions and networks are made of what placeholders stand for, wherever `expand` is written.
        let place = modifiers.firstIndex(of: .expand)
        let early = isRaw ? modifiers[..<0] : modifiers[..<(place ?? modifiers.count)]
        let late = (isRaw ? modifiers[...] : modifiers[early.count...]).filter { $0 != .expand }
        for modifier in early { values = try apply(modifier, values) }
        guard place != nil, values.count == 1, case .pattern(let pattern) = values[0] else {
            for modifier in late { values = try apply(modifier, values) }
            return [values]
        }
        return try expand(isRaw ? Pattern(placeholdersOf: pattern.literal ?? []) : pattern).map {
            pattern throws(RuleProblem) in
            var values = [Value.pattern(pattern)]
            for modifier in late { values = try apply(modifier, values) }
            return values
        }
    }

    private func apply(_ modifier: Modifier, _ values: [Value]) throws(RuleProblem) -> [Value] {
        var next: [Value] = []
        for value in values { next += try apply(modifier, value) }
        guard next.count <= limits.expansions else {
            throw .limit("\(key): expands to more than \(limits.expansions) values")
        }
        return next
    }

    private func apply(_ modifier: Modifier, _ value: Value) throws(RuleProblem) -> [Value] {
        switch (modifier, value) {
        case (.all, _), (.neq, _), (.exists, _), (.expand, _): return [value]
        case (.contains, .pattern), (.startswith, .pattern), (.endswith, .pattern), (.contains, .number),
            (.startswith, .number), (.endswith, .number):
            return [
                .pattern(
                    try text(modifier, value).padded(before: modifier != .startswith, behind: modifier != .endswith))
            ]
        case (.contains, .regex): return [value]
        case (.startswith, .regex(var source)):
            source.pattern = "\\A(?:\(source.pattern))"
            return [.regex(source)]
        case (.endswith, .regex(var source)):
            source.pattern = "(?:\(source.pattern))\\z"
            return [.regex(source)]
        case (.contains, .field(let name, _)): return [.field(name, .contains)]
        case (.startswith, .field(let name, _)): return [.field(name, .startsWith)]
        case (.endswith, .field(let name, _)): return [.field(name, .endsWith)]
        case (.cased, .pattern(let pattern)): return [.pattern(pattern.cased())]
        case (.cased, .number), (.cased, .field): return [value]
        case (.windash, .pattern(let pattern)): return [.pattern(pattern.withAnyDash())]
        case (.base64, _), (.base64offset, _), (.wide, _), (.utf16, _), (.utf16le, _), (.utf16be, _):
            return try encode(modifier, text(modifier, value))
        case (.re, .pattern(let pattern)):
            // An expression is the value as it is written: what other modifiers made of it would be another expression.
            let earlier = modifiers.prefix { $0 != .re }.filter { $0 != .all && $0 != .neq && $0 != .expand }
            guard earlier.isEmpty, let bytes = pattern.literal else { break }
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.utf8.count <= limits.regexBytes else {
                throw .limit("\(key): a regular expression of \(text.utf8.count) bytes")
            }
            return [.regex(RegexSource(text))]
        case (.re, .number(let text)):
            guard modifiers.prefix(while: { $0 != .re }).allSatisfy({ $0 == .all || $0 == .neq }) else { break }
            return [.regex(RegexSource(text))]
        case (.i, .regex(var source)):
            source.ignoresCase = true
            return [.regex(source)]
        case (.m, .regex(var source)):
            source.isMultiline = true
            return [.regex(source)]
        case (.s, .regex(var source)):
            source.dotMatchesNewline = true
            return [.regex(source)]
        case (.cidr, .pattern(let pattern)):
            let text = String(decoding: pattern.literal ?? [], as: UTF8.self)
            guard let network = Network(text) else {
                throw .modifier("\(key): '\(text)' is no network such as 10.0.0.0/8 or 2001:db8::/32")
            }
            return [.network(network)]
        case (.fieldref, .pattern(let pattern)):
            // The name of a field is no text to be encoded.
            let earlier = modifiers.prefix { $0 != .fieldref }.filter { $0 != .all && $0 != .neq && $0 != .expand }
            guard earlier.isEmpty, let name = pattern.literal else { break }
            return [.field(String(decoding: name, as: UTF8.self), .equals)]
        case (.lt, _), (.lte, _), (.gt, _), (.gte, _):
            guard let comparison = modifier.comparison else { break }
            if case .date(let part, .eq, let number) = value { return [.date(part, comparison, number)] }
            return [.comparison(comparison, try number(value))]
        case (.minute, _), (.hour, _), (.day, _), (.week, _), (.month, _), (.year, _):
            guard let part = modifier.datePart else { break }
            if case .comparison(let comparison, let number) = value, let whole = number.integer {
                return [.date(part, comparison, whole)]
            }
            guard let whole = try number(value).integer else { break }
            return [.date(part, .eq, whole)]
        default: break
        }
        throw .modifier(
            "\(key): modifier '\(modifier.rawValue)' does not go with the value, or with what stands before it")
    }

    /// The value as a pattern.
    private func text(_ modifier: Modifier, _ value: Value) throws(RuleProblem) -> Pattern {
        switch value {
        case .pattern(let pattern): return pattern
        case .number(let text): return Pattern(parts: [.literal(Array(text.utf8))])
        default: throw .modifier("\(key): modifier '\(modifier.rawValue)' takes text")
        }
    }

    private func number(_ value: Value) throws(RuleProblem) -> DecimalNumber {
        var text = ""
        if case .number(let digits) = value { text = digits }
        if case .pattern(let pattern) = value, let bytes = pattern.literal {
            text = String(decoding: bytes, as: UTF8.self)
        }
        guard let number = DecimalNumber(text.utf8) else {
            throw .modifier("\(key): '\(text)' is no number")
        }
        return number
    }

    private func encode(_ modifier: Modifier, _ pattern: Pattern) throws(RuleProblem) -> [Value] {
        var encoded: [Value] = []
        for variant in try dashVariants(pattern) {
            guard let bytes = variant.literal else {
                throw .modifier("\(key): modifier '\(modifier.rawValue)' takes text without wildcards or placeholders")
            }
            let results: [[UInt8]] =
                switch modifier {
                case .base64: [Encoding.base64(bytes)]
                case .base64offset: Encoding.base64Offsets(bytes)
                case .utf16be: [Encoding.utf16(bytes, bigEndian: true, mark: false)]
                case .utf16: [Encoding.utf16(bytes, bigEndian: false, mark: true)]
                default: [Encoding.utf16(bytes, bigEndian: false, mark: false)]
                }
            encoded += results.map { .pattern(Pattern(parts: [.literal($0)], isCased: pattern.isCased)) }
        }
        return encoded
    }

    /// The pattern with each of its dashes written out, all combinations.
    private func dashVariants(_ pattern: Pattern) throws(RuleProblem) -> [Pattern] {
        try product(pattern) { part in part == .dash ? Dash.all.map { [.literal($0)] } : nil }
    }

    /// The pattern with its placeholders replaced by their values, all combinations.
    private func expand(_ pattern: Pattern) throws(RuleProblem) -> [Pattern] {
        let missing = pattern.placeholders.filter { placeholders.values[$0] == nil }
        guard missing.isEmpty || placeholders.unknownMatchAll else { throw .placeholders(missing) }
        return try product(pattern) { part in
            guard case .placeholder(let name) = part else { return nil }
            guard let values = placeholders.values[name] else {
                // Only the expression has a way to say "anything".
                return [modifiers.contains(.re) ? [.literal(Array(".*".utf8))] : [.any]]
            }
            return values.map { isRaw ? [.literal(Array($0.utf8))] : Pattern($0).parts }
        }
    }

    private func product(
        _ pattern: Pattern, _ alternatives: (Pattern.Part) -> [[Pattern.Part]]?
    ) throws(RuleProblem) -> [Pattern] {
        var variants: [[Pattern.Part]] = [[]]
        for part in pattern.parts {
            let choices = alternatives(part) ?? [[part]]
            guard variants.count * choices.count <= limits.expansions else {
                throw .limit("\(key): expands to more than \(limits.expansions) values")
            }
            variants = variants.flatMap { variant in choices.map { variant + $0 } }
        }
        return variants.map { Pattern(parts: $0, isCased: pattern.isCased) }
    }

    private func predicate(_ value: Value) throws(RuleProblem) -> Predicate {
        switch value {
        case .number(let text): return .text(keyword(Pattern(parts: [.literal(Array(text.utf8))])))
        case .pattern(let pattern): return .text(keyword(pattern).folded())
        case .regex(let source): return .regex(source)
        case .null, .network, .comparison, .date, .field:
            guard field != nil else { throw .modifier("\(key): keywords are text or regular expressions") }
        }
        switch value {
        case .network(let network): return .network(network)
        case .comparison(let comparison, let number): return .number(comparison, number)
        case .date(let part, let comparison, let number): return .date(part, comparison, number)
        case .field(let name, let relation): return .field(name, relation, isCased: modifiers.contains(.cased))
        default: return .null
        }
    }

    /// Keywords may stand anywhere in a value.
    private func keyword(_ pattern: Pattern) -> Pattern {
        guard field == nil, !modifiers.contains(.startswith), !modifiers.contains(.endswith) else { return pattern }
        return pattern.padded(before: true, behind: true)
    }
}
