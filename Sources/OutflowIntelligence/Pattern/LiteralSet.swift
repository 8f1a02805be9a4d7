// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// The constants of an `IN`, or of a row of `=` about one path, found by hash: a list of any length costs one step a value.
struct LiteralSet: Sendable {
    /// The constants as they were written.
    let literals: [PatternLiteral]
    private var texts: Set<[UInt8]> = []
    private var bytes: Set<[UInt8]> = []
    private var wholes: Set<Int64> = []
    private var fractions: Set<Double> = []
    /// The whole numbers, as a fraction is compared with them.
    private var wholesAsFractions: Set<Double> = []
    private var times: Set<Timestamp> = []
    private var truths: Set<Bool> = []

    init(_ literals: [PatternLiteral]) {
        self.literals = literals
        for literal in literals {
            switch literal {
            case .integer(let number):
                wholes.insert(number)
                wholesAsFractions.insert(Double(number))
            case .float(let number): fractions.insert(number)
            case .bool(let truth): truths.insert(truth)
            case .string(let text): texts.insert(Array(text.utf8))
            case .binary(let part): bytes.insert(part)
            case .timestamp(let time): times.insert(time)
            }
        }
    }

    /// Whether the value equals one of the constants; ``ComparedValue/equals(_:)`` asked for each says the same.
    ///
    /// - Throws: when a string is to be a time, and is none.
    func contains(_ value: ComparedValue) throws(PatternError) -> Bool {
        switch value {
        case .integer(let number): return wholes.contains(number) || fractions.contains(Double(number))
        case .float(let number): return wholesAsFractions.contains(number) || fractions.contains(number)
        case .bool(let truth): return truths.contains(truth)
        case .string(let text):
            if texts.contains(Array(text.utf8)) { return true }
            if !bytes.isEmpty, let latin1 = ComparedValue.latin1(text), bytes.contains(latin1) { return true }
            return times.isEmpty ? false : times.contains(try ComparedValue.time(text))
        case .binary(let part):
            if bytes.contains(part) { return true }
            return !texts.isEmpty && texts.contains(Array(String(part.map { Character(Unicode.Scalar($0)) }).utf8))
        case .other: return false
        }
    }
}

extension ComparisonExpression {
    /// The alternatives as one expression, in which all `=` and `IN` about one path are one look-up.
    static func any(_ all: [ComparisonExpression]) -> ComparisonExpression {
        var kept: [ComparisonExpression] = []
        // Paths are numbered, so that lists grow in place.
        var numbers: [ObjectPath: Int] = [:]
        var rows: [(path: ObjectPath, place: Int)] = []
        var lists: [[PatternLiteral]] = []
        func add(_ path: ObjectPath, _ literals: [PatternLiteral]) {
            if let number = numbers[path] {
                lists[number] += literals
                return
            }
            numbers[path] = rows.count
            rows.append((path, kept.count))
            lists.append(literals)
            kept.append(.or([]))
        }
        func flatten(_ part: ComparisonExpression) {
            switch part {
            case .or(let inner): for one in inner { flatten(one) }
            case .test(let test) where !test.isNegated:
                switch test.operation {
                // A time throws for what is none: it is asked for in its place.
                case .equal(.timestamp): kept.append(part)
                case .equal(let literal): add(test.path, [literal])
                case .oneOf(let set) where !set.literals.isEmpty && !set.hasTimes: add(test.path, set.literals)
                default: kept.append(part)
                }
            default: kept.append(part)
            }
        }
        for part in all { flatten(part) }
        for (row, literals) in zip(rows, lists) {
            let operation: PropertyTest.Operation =
                literals.count == 1 ? .equal(literals[0]) : .oneOf(LiteralSet(literals))
            kept[row.place] = .test(PropertyTest(path: row.path, isNegated: false, operation: operation))
        }
        return kept.count == 1 ? kept[0] : .or(kept)
    }
}

extension LiteralSet {
    /// Whether times are among the constants.
    var hasTimes: Bool { !times.isEmpty }
}

extension ObservationExpression {
    /// The alternatives as one expression, in which all single observations are one: `[a] OR [b]` asks for `[a OR b]`.
    static func any(_ all: [ObservationExpression]) -> ObservationExpression {
        var single: [ComparisonExpression] = []
        var others: [ObservationExpression] = []
        for part in all {
            if case .one(let comparison) = part { single.append(comparison) } else { others.append(part) }
        }
        if !single.isEmpty { others.insert(.one(single.count == 1 ? single[0] : .any(single)), at: 0) }
        return others.count == 1 ? others[0] : .or(others)
    }
}
