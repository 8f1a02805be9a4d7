// SPDX-License-Identifier: Apache-2.0

/// Why a pattern cannot be read, or cannot be matched against some observations.
public enum PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A place in a pattern's text.
    public struct Position: Hashable, Sendable {
        /// Line, from 1.
        public var line: Int
        /// Column in Unicode code points, from 1.
        public var column: Int

        /// A place of its parts.
        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    /// The text breaks the grammar of STIX patterning (STIX 2.1 section 9).
    case syntax(Position, String)
    /// The text is within the grammar, but means nothing: `REPEATS 0 TIMES`, a list of several types, a bad expression.
    case meaning(Position, String)
    /// The observations hold what the pattern cannot be compared with, or are no observations.
    case observation(String)
    /// Matching would take more work than any pattern may; see `PatternBudget`.
    case tooCostly(String)

    /// The error in a line. What the grammar forbids is told from the rest by the name that `stix2-matcher` gives it.
    public var description: String {
        switch self {
        case .syntax(let at, let what): "ParseException: line \(at.line), column \(at.column): \(what)"
        case .meaning(let at, let what): "MatcherException: line \(at.line), column \(at.column): \(what)"
        case .observation(let what): "MatcherException: \(what)"
        case .tooCostly(let what): "MatcherException: too costly: \(what)"
        }
    }
}

/// How much work one match may be: elementary steps, so that no pattern takes seconds whatever the observations are.
struct PatternBudget {
    /// Steps that are left.
    private(set) var left: Int

    /// What one match may be: some tenths of a second.
    static let standard = 10_000_000

    /// A budget of some steps.
    init(steps: Int = standard) { left = steps }

    /// Takes some steps.
    mutating func spend(_ steps: Int) throws(PatternError) {
        left -= steps
        if left < 0 { throw .tooCostly("give fewer observations at a time, or a pattern with fewer time constraints") }
    }
}
