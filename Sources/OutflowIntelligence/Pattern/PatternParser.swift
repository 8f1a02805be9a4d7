// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// Reads a pattern by recursive descent. From loose to tight: FOLLOWEDBY, OR, AND between observations, qualifiers behind
/// one; OR and AND inside of one. Nesting is limited, so that no text exhausts the stack.
struct PatternParser {
    private var lexer: PatternLexer
    private var token: PatternToken
    private let version: STIXPattern.Version
    private var depth = 0

    init(_ text: [UInt8], _ version: STIXPattern.Version) throws(PatternError) {
        lexer = PatternLexer(text)
        self.version = version
        token = try lexer.next()
    }

    // MARK: Tokens

    private var bytes: ArraySlice<UInt8> { lexer.text[token.range] }
    private var spelling: String { String(decoding: bytes, as: UTF8.self) }
    /// Line and column of the token. Finding them goes through all text before it: for errors only.
    private var position: PatternError.Position { lexer.position(token.range.lowerBound) }

    private func isAt(_ word: String) -> Bool {
        (token.kind == .keyword || token.kind == .symbol) && bytes.elementsEqual(word.utf8)
    }

    private mutating func advance() throws(PatternError) { token = try lexer.next() }

    private mutating func take(_ word: String) throws(PatternError) -> Bool {
        guard isAt(word) else { return false }
        try advance()
        return true
    }

    private func expected(_ what: String) -> PatternError {
        .syntax(position, "expected \(what), found \(token.kind == .end ? "the end" : "'\(spelling.prefix(40))'")")
    }

    private mutating func need(_ word: String) throws(PatternError) {
        guard try take(word) else { throw expected("'\(word)'") }
    }

    private mutating func deeper() throws(PatternError) {
        depth += 1
        guard depth <= STIXPattern.depthLimit else {
            throw .syntax(position, "nesting deeper than \(STIXPattern.depthLimit)")
        }
    }

    // MARK: Observation expressions

    /// The whole text.
    mutating func pattern() throws(PatternError) -> ObservationExpression {
        let expression = try followedBy()
        guard token.kind == .end else { throw expected("AND, OR, FOLLOWEDBY, a qualifier or the end") }
        return expression
    }

    private mutating func followedBy() throws(PatternError) -> ObservationExpression {
        let outer = depth
        var left = try observationOr()
        while try take("FOLLOWEDBY") {
            // Left-associative: each one more wraps all before it.
            try deeper()
            left = .followedBy(left, try observationOr())
        }
        depth = outer
        return left
    }

    private mutating func observationOr() throws(PatternError) -> ObservationExpression {
        var all = [try observationAnd()]
        while try take("OR") { all.append(try observationAnd()) }
        return all.count == 1 ? all[0] : .any(all)
    }

    private mutating func observationAnd() throws(PatternError) -> ObservationExpression {
        var all = [try observation()]
        while try take("AND") { all.append(try observation()) }
        return all.count == 1 ? all[0] : .and(all)
    }

    private mutating func observation() throws(PatternError) -> ObservationExpression {
        let outer = depth
        var expression: ObservationExpression
        if try take("[") {
            expression = .one(try comparisonOr())
            try need("]")
        } else if isAt("(") {
            try deeper()
            try advance()
            expression = try followedBy()
            try need(")")
        } else {
            throw expected("'[' or '('")
        }
        while let qualified = try qualifier(expression) {
            try deeper()
            expression = qualified
        }
        depth = outer
        return expression
    }

    private mutating func qualifier(_ base: ObservationExpression) throws(PatternError) -> ObservationExpression? {
        let at = token.range.lowerBound
        if try take("REPEATS") {
            guard token.kind == .integer, let count = UInt64(wholeDigits) else { throw expected("how many times") }
            try advance()
            try need("TIMES")
            guard count > 0 else { throw .meaning(lexer.position(at), "REPEATS takes at least 1 TIMES") }
            return .repeats(base, count)
        }
        if try take("WITHIN") {
            guard token.kind == .integer || token.kind == .float, bytes.first != UInt8(ascii: "-"),
                let seconds = Double(spelling)
            else { throw expected("a number of seconds") }
            try advance()
            try need("SECONDS")
            guard seconds > 0 else { throw .meaning(lexer.position(at), "WITHIN takes more than 0 SECONDS") }
            // No two times of a log are further apart than ten thousand years.
            let microseconds = min(seconds * 1e6, 4e17).rounded()
            return .within(base, microseconds: Int64(microseconds))
        }
        if try take("START") {
            let start = try moment()
            try need("STOP")
            return .during(base, start: start, stop: try moment())
        }
        return nil
    }

    /// The digits of a whole number that is not negative; more than 64 bits count as the most there is.
    private var wholeDigits: String {
        var digits = bytes
        if digits.first == UInt8(ascii: "-") { return "" }
        if digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        return digits.count > 19 ? String(UInt64.max) : String(decoding: digits, as: UTF8.self)
    }

    private mutating func moment() throws(PatternError) -> Timestamp {
        let text: ArraySlice<UInt8>
        switch (token.kind, version) {
        case (.timestamp, _): text = bytes.dropFirst(2).dropLast()
        case (.string, .v20): text = bytes.dropFirst().dropLast()
        default: throw expected("a time: t'2016-06-01T00:00:00Z'")
        }
        guard let time = PatternTime.parse(text) else {
            throw .meaning(position, "no time such as 2016-06-01T00:00:00Z: \(spelling.prefix(80))")
        }
        try advance()
        return time
    }

    // MARK: Comparison expressions

    private mutating func comparisonOr() throws(PatternError) -> ComparisonExpression {
        var all = [try comparisonAnd()]
        while try take("OR") { all.append(try comparisonAnd()) }
        return all.count == 1 ? all[0] : .any(all)
    }

    private mutating func comparisonAnd() throws(PatternError) -> ComparisonExpression {
        var all = [try propertyTest()]
        while try take("AND") { all.append(try propertyTest()) }
        return all.count == 1 ? all[0] : .and(all)
    }

    private mutating func propertyTest() throws(PatternError) -> ComparisonExpression {
        if isAt("(") {
            let outer = depth
            try deeper()
            try advance()
            let inner = try comparisonOr()
            try need(")")
            depth = outer
            return inner
        }
        var isNegated = try take("NOT")
        if isNegated || isAt("EXISTS") {
            try need("EXISTS")
            return .test(PropertyTest(path: try path(), isNegated: isNegated, operation: .exists))
        }
        let path = try path()
        isNegated = try take("NOT")
        return .test(PropertyTest(path: path, isNegated: isNegated, operation: try operation()))
    }

    private mutating func path() throws(PatternError) -> ObjectPath {
        guard token.kind == .name || token.kind == .hyphenName else {
            throw expected("an object's type, as in [type:property = 'value']")
        }
        let type = spelling
        try advance()
        try need(":")
        var steps = [ObjectPath.Step.key(try key())]
        while true {
            if try take(".") {
                steps.append(.key(try key()))
            } else if try take("[") {
                if try take("*") {
                    steps.append(.anyIndex)
                } else {
                    guard token.kind == .integer else { throw expected("an index or '*'") }
                    // An index beyond every list finds nothing, as a negative one.
                    steps.append(.index(Int(wholeDigits) ?? -1))
                    try advance()
                }
                try need("]")
            } else {
                return ObjectPath(type: type, steps: steps)
            }
            guard steps.count <= STIXPattern.depthLimit else {
                throw .syntax(position, "a path of more than \(STIXPattern.depthLimit) steps")
            }
        }
    }

    private mutating func key() throws(PatternError) -> String {
        let name: String
        switch token.kind {
        case .name: name = spelling
        case .string: name = unquoted
        case .hyphenName: throw expected("a property; one with a hyphen stands in quotes: '\(spelling.prefix(40))'")
        default: throw expected("a property")
        }
        try advance()
        return name
    }

    private mutating func operation() throws(PatternError) -> PropertyTest.Operation {
        let at = token.range.lowerBound
        if try take("=") { return .equal(try literal()) }
        if try take("==") { return .equal(try literal()) }
        if try take("!=") { return .notEqual(try literal()) }
        if try take("<>") { return .notEqual(try literal()) }
        if try take("<=") { return .order(.lessOrEqual, try ordered()) }
        if try take(">=") { return .order(.greaterOrEqual, try ordered()) }
        if try take("<") { return .order(.less, try ordered()) }
        if try take(">") { return .order(.greater, try ordered()) }
        if try take("IN") { return .oneOf(LiteralSet(try list())) }
        if try take("LIKE") { return .like(LikePattern(try string())) }
        if try take("MATCHES") { return .matches(try PatternRegex(try string(), lexer.position(at))) }
        if try take("ISSUBSET") { return .isSubset(of: try network()) }
        if try take("ISSUPERSET") { return .isSuperset(of: try network()) }
        throw expected("a comparison: =, !=, <, >, <=, >=, IN, LIKE, MATCHES, ISSUBSET or ISSUPERSET")
    }

    // MARK: Constants

    /// A string without its quotes and escapes.
    private var unquoted: String {
        var result: [UInt8] = []
        var isEscaped = false
        for byte in bytes.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                result.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func string() throws(PatternError) -> String {
        guard token.kind == .string else { throw expected("a string in single quotes") }
        let text = unquoted
        try advance()
        return text
    }

    private mutating func network() throws(PatternError) -> Network {
        let at = token.range.lowerBound
        let text = try string()
        guard let network = Network(loosely: text) else {
            throw .meaning(lexer.position(at), "no address or network such as 198.51.100.0/24: '\(text.prefix(80))'")
        }
        return network
    }

    private mutating func ordered() throws(PatternError) -> PatternLiteral {
        if isAt("true") || isAt("false") { throw expected("a constant that has an order") }
        return try literal()
    }

    private mutating func literal() throws(PatternError) -> PatternLiteral {
        let literal: PatternLiteral
        switch token.kind {
        case .integer: literal = Int64(spelling).map { .integer($0) } ?? .float(Double(spelling) ?? .infinity)
        case .float: literal = .float(Double(spelling) ?? .infinity)
        case .string: literal = .string(unquoted)
        case .hex: literal = .binary(HexText.decode(bytes.dropFirst(2).dropLast()) ?? [])
        case .binary: literal = .binary(Base64Text.decode(bytes.dropFirst(2).dropLast()) ?? [])
        case .timestamp:
            guard let time = PatternTime.parse(bytes.dropFirst(2).dropLast()) else {
                throw .meaning(position, "there is no such day: \(spelling)")
            }
            literal = .timestamp(time)
        default:
            guard isAt("true") || isAt("false") else { throw expected("a constant") }
            literal = .bool(isAt("true"))
        }
        try advance()
        return literal
    }

    private mutating func list() throws(PatternError) -> [PatternLiteral] {
        let at = token.range.lowerBound
        try need("(")
        if try take(")") { return [] }
        var all = [try literal()]
        while try take(",") { all.append(try literal()) }
        try need(")")
        guard all.allSatisfy({ $0.isLike(all[0]) }) else {
            throw .meaning(lexer.position(at), "a list of constants of different types")
        }
        return all
    }
}
